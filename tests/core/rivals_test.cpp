#include "script.hpp"

// Rivals, followers, and the start of an undated claim: section 3.
namespace claimledger {
namespace {

using test::play;

TEST(Rivals, TwoTrustedClaimsAreRivalsWhereTheirValiditiesOverlap) {
  play({
      {"both said on one day", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => Contested rivals vs Berlin
          state Berlin                       => CommittedCheap vs Munich
          state Munich                       => Contested vs Berlin
          believe 2019                       => NoBelief
          believe 2020                       => Resolved Berlin
          believe 2020-12-31T23:59:59.999999Z => Resolved Berlin
          believe 2021                       => Contested Berlin Munich
          believe                            => Contested Berlin Munich)"},
      {"windows that touch share no instant", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich since 2022              => CommittedCheap extends
          believe 2021-12-31T23:59:59.999999Z => Resolved Berlin
          believe 2022                       => Resolved Munich)"},
      {"one microsecond is an overlap", R"(
          say Berlin since 2020 until 2022-01-01T00:00:00.000001Z => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin)"},
      {"a back-dated claim has the old segment as its rival, not what holds now", R"(
          say Berlin since 2010 until 2015   => CommittedCheap first
          say Paris since 2015               => CommittedCheap extends
          say Rome since 2012 until 2013     => Contested rivals vs Berlin
          believe                            => Resolved Paris
          believe 2012                       => Contested Berlin Rome
          believe 2014                       => Resolved Berlin)"},
      {"all of them, oldest first", R"(
          say Berlin since 2010 until 2015   => CommittedCheap first
          say Paris since 2015               => CommittedCheap extends
          say Rome since 2012                => Contested rivals vs Berlin Paris)"},
      {"the same value never is", R"(
          say Berlin since 2010 until 2015   => CommittedCheap first
          say Berlin since 2012              => CommittedCheap extends)"},
      {"another line never is", R"(
          say Berlin since 2010 on born_in   => CommittedCheap first
          say Paris since 2010               => CommittedCheap first)"},
  });
}

TEST(Rivals, OnlyLiveFirstHandClaimsCount) {
  play({
      {"an inferred one does not", R"(
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Munich since 2020              => CommittedCheap first)"},
      {"a parked one does not", R"(
          say Berlin since 2020 sure 0.1     => PendingLowConfidence below_floor
          say Munich since 2020              => CommittedCheap first)"},
      {"a quarantined one does not", R"(
          say Berlin since 2020 until 2019   => Quarantined incoherent_window
          say Munich since 2018              => CommittedCheap first)"},
      {"a retracted one does not", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2020              => CommittedCheap first)"},
      {"what an ended one still holds does", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2024                    => Invalidated ended
          say Munich since 2023              => Contested rivals vs Berlin
          believe 2023-06                    => Contested Berlin Munich
          believe 2024                       => Resolved Munich)"},
      {"both kinds of first hand do", R"(
          say Berlin since 2020 by world     => CommittedCheap first
          say Munich since 2020 by user      => Contested rivals vs Berlin)"},
  });
}

TEST(Rivals, AnUndatedStatementSpeaksAboutTheTimesItWasMade) {
  play({
      {"undated newcomer, dated incumbent that holds now", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          +1s
          believe                            => Contested Berlin Munich)"},
      {"dated newcomer over the time the undated one was said", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich since 2026              => Contested rivals vs Berlin)"},
      {"dated newcomer that begins after it was said", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2026-03           => CommittedCheap extends
          believe 2026-02                    => TimingUncertain Berlin
          believe 2026-05                    => Resolved Munich dissent Berlin)"},
      {"… exactly when it was said", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2026-01-15        => Contested rivals vs Berlin)"},
      {"… a microsecond later", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2026-01-15T00:00:00.000001Z => CommittedCheap extends)"},
      {"dated newcomer that ends just when it was said", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2020 until 2026-01-15 => CommittedCheap extends
          holds Berlin                       => 2026-01-15..)"},
      {"said again in between", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Berlin                         => CommittedCheap restates = Berlin
          2026-04-02
          say Munich since 2026-03           => Contested rivals vs Berlin)"},
      {"both undated", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          believe                            => Contested Berlin Munich)"},
      {"undated, up to ends that do not matter", R"(
          2026-01-15
          say Berlin until 2030              => CommittedCheap first
          say Munich until 2029              => Contested rivals vs Berlin
          believe 2029                       => TimingUncertain Berlin)"},
  });
}

TEST(Rivals, AWindowIsTrustedFromTheFloorOn) {
  play({
      {"at the floor", R"(
          say Berlin since 2020 timing 0.7   => CommittedCheap first
          holds Berlin                       => 2020..)"},
      {"just below: its start counts for nothing", R"(
          say Berlin since 2020 timing 0.6999 => CommittedCheap first
          holds Berlin                       => ..
          believe 1999                       => TimingUncertain Berlin)"},
      {"an end without a start counts as an end", R"(
          say Berlin until 2030              => CommittedCheap first
          holds Berlin                       => ..2030
          believe 2029                       => TimingUncertain Berlin
          believe 2030                       => NoBelief)"},
      {"as sure of the timing as of the value, where nothing else is said", R"(
          say Berlin since 2020 sure 0.69    => CommittedCheap first
          holds Berlin                       => ..)"},
  });
}

TEST(Succession, ANewcomerFollowsAnOpenEndThatWasOnlyPresumed) {
  play({
      {"said in January, followed in June", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          wrote                              => ClaimRecorded
          follows Munich                     => Berlin
          follows Berlin                     => nobody
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..2026-05
          cuts Berlin                        => none
          believe 2026-04-30                 => Resolved Berlin
          believe 2026-05                    => Resolved Munich)"},
      {"afterwards the incumbent is presumed again", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05 until 2026-08 => CommittedCheap succession
          holds Berlin                       => 2020..2026-05 2026-08..
          believe 2026-08                    => Resolved Berlin)"},
      {"exactly when the incumbent was last said", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-01-15        => CommittedCheap succession)"},
      {"a microsecond before", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-01-14T23:59:59.999999Z => Contested rivals vs Berlin
          holds Berlin                       => 2020..)"},
      {"said again in between: it was known to hold then", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-01
          say Berlin since 2020              => CommittedCheap restates = Berlin
          2026-06-15
          say Munich since 2026-05           => Contested rivals vs Berlin)"},
      {"an echo says nothing first-hand", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-01
          say Berlin since 2020 by model     => CommittedCheap echo = Berlin
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession)"},
      {"the same start", R"(
          2026-01-15
          say Berlin since 2026-05           => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => Contested rivals vs Berlin)"},
      {"a start a microsecond later", R"(
          2026-01-15
          say Berlin since 2026-05           => CommittedCheap first
          2026-06-15
          say Munich since 2026-05-01T00:00:00.000001Z => CommittedCheap succession)"},
      {"an earlier start", R"(
          2026-01-15
          say Berlin since 2026-05           => CommittedCheap first
          2026-06-15
          say Munich since 2026-04           => Contested rivals vs Berlin)"},
      {"a closed end was stated, not presumed", R"(
          2026-01-15
          say Berlin since 2020 until 2030   => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => Contested rivals vs Berlin)"},
      {"an end that was taken back to before it leaves nothing to follow", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2026-04                 => Invalidated ended
          2026-06-15
          say Munich since 2026-05           => CommittedCheap extends)"},
      {"both have to be dated", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich                         => Contested rivals vs Berlin)"},
      {"the ledger's time decides, in one batch too", R"(
          2026-01-15
          say Berlin since 2020 ; Munich since 2026-01-15 => CommittedCheap first ; CommittedCheap succession
          holds Berlin                       => 2020..2026-01-15)"},
  });
}

TEST(Succession, OnlyTheOpenEndMayBeMet) {
  play({
      {"what lies before a gap was stated", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2027                    => Invalidated ended
          reopen Berlin 2028                 => Reinstated reopened
          holds Berlin                       => 2020..2027 2028..
          say Munich since 2026-06           => Contested rivals vs Berlin)"},
      {"what lies after it is presumed", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2027                    => Invalidated ended
          reopen Berlin 2028                 => Reinstated reopened
          say Munich since 2027-06           => CommittedCheap succession
          holds Berlin                       => 2020..2027)"},
      {"a successor does not close an open end: after it", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05 until 2026-08 => CommittedCheap succession
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          holds Berlin                       => 2020..2026-05 2026-08..2026-09)"},
      {"… and before it", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          2026-10-01
          say Rome since 2026-03 until 2026-04 => CommittedCheap succession
          holds Berlin                       => 2020..2026-03 2026-04..2026-05)"},
      {"rivals elsewhere: what it succeeds is hidden all the same", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05 until 2026-08 => CommittedCheap succession
          2026-10-01
          say Rome since 2026-06             => Contested rivals vs Munich
          follows Rome                       => Berlin
          holds Berlin                       => 2020..2026-05
          believe 2026-07                    => Contested Munich Rome
          believe 2026-09                    => Resolved Rome)"},
  });
}

TEST(Succession, HidesAsLongAsTheSuccessorStands) {
  const std::string start = R"(
      2026-01-15
      say Berlin since 2020                  => CommittedCheap first
      2026-06-15
      say Munich since 2026-05               => CommittedCheap succession
      2026-07-01
)";
  const struct {
    const char* why;
    const char* script;
  } rows[] = {
      {"retracted", R"(
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack
          holds Berlin                       => 2020..
          state Berlin                       => CommittedCheap)"},
      {"ended at its start", R"(
          end Munich 2026-05                 => Invalidated ended
          holds Berlin                       => 2020..)"},
      {"ended later: shortened", R"(
          end Munich 2026-07                 => Invalidated ended
          wrote                              => Ended
          holds Munich                       => 2026-05..2026-07
          holds Berlin                       => 2020..2026-05 2026-07..)"},
      {"ended and reopened: hides again", R"(
          end Munich 2026-07                 => Invalidated ended
          reopen Munich                      => Reinstated reopened
          holds Munich                       => 2026-05..
          holds Berlin                       => 2020..2026-05)"},
      {"ended and reopened later: in the gap the incumbent is presumed", R"(
          end Munich 2026-08                 => Invalidated ended
          reopen Munich 2027                 => Reinstated reopened
          holds Munich                       => 2026-05..2026-08 2027..
          holds Berlin                       => 2020..2026-05 2026-08..2027
          reopen Munich                      => Reinstated reopened
          holds Berlin                       => 2020..2026-05)"},
      {"a part of it is lost: the incumbent is not presumed against who won it", R"(
          2026-11-01
          say Munich                         => CommittedCheap restates = Munich
          say Rome since 2026-08 until 2026-10 => Contested rivals vs Munich
          affirm Rome!                       => CommittedCheap affirmed
          holds Munich                       => 2026-05..2026-08 2026-10..
          holds Berlin                       => 2020..2026-05
          timeline
              => 2020..2026-05 Berlin, 2026-05..2026-08 Munich, 2026-08..2026-10 Rome, 2026-10.. Munich)"},
      {"retracted and reopened: hides again", R"(
          retract Munich                     => Invalidated retracted
          reopen Munich                      => Reinstated reopened
          holds Berlin                       => 2020..2026-05
          believe                            => Resolved Munich)"},
      {"the incumbent ended before and reopened: hidden again", R"(
          end Berlin 2026-03                 => Invalidated ended
          holds Berlin                       => 2020..2026-03
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2020..2026-05)"},
      {"the incumbent retracted and reopened", R"(
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Reinstated reopened
          state Munich                       => CommittedCheap
          holds Berlin                       => 2020..2026-05)"},
      {"said again later: hidden still", R"(
          say Berlin since 2021 until 2025   => CommittedCheap restates = Berlin
          holds Berlin                       => 2020..2026-05
          state Munich                       => CommittedCheap)"},
      {"a chain", R"(
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          holds Munich                       => 2026-05..2026-09
          holds Berlin                       => 2020..2026-05)"},
      {"the end of a chain goes", R"(
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          retract Rome                       => Invalidated retracted
          holds Munich                       => 2026-05..
          holds Berlin                       => 2020..2026-05)"},
      {"the middle of a chain goes: the next takes its place", R"(
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          retract Munich                     => Invalidated retracted
          holds Berlin                       => 2020..2026-09
          state Rome                         => CommittedCheap)"},
      {"the middle of a chain ends early: the incumbent is presumed up to the next", R"(
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          end Munich 2026-07                 => Invalidated ended
          timeline
              => 2020..2026-05 Berlin, 2026-05..2026-07 Munich, 2026-07..2026-09 Berlin, 2026-09.. Rome)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    test::Script().play(start + row.script);
  }
}

TEST(Succession, NobodyIsMarkedForReviewOnItsAccount) {
  play({{"a follower takes nothing that was stated", R"(
      2026-01-15
      say Berlin since 2020                  => CommittedCheap first
      line near
      say Potsdam by model from Berlin       => CommittedInferred inferred
      line lives_in
      2026-06-15
      say Munich since 2026-05               => CommittedCheap succession
      state Potsdam                          => CommittedInferred)"}});
}

TEST(Succession, ADeniedSuccessorGivesTheTailBack) {
  play({{"a successor that is denied gives back the tail", R"(
      2026-01-15
      say Berlin since 2020                  => CommittedCheap first
      2026-06-15
      say Munich since 2026-05 until 2026-08 => CommittedCheap succession
      2026-10-01
      say Rome since 2026-06                 => QueuedForAdjudication rivals vs Munich asks
      holds Berlin                           => 2020..2026-05
      deny Rome                              => Invalidated denied
      holds Rome                             => never
      holds Berlin                           => 2020..2026-05 2026-08..)"}},
       {.queue_for_adjudication = true});
}

TEST(Endings, AnUndatedClaimHoldsFromTheLastEndingBeforeItWasSaid) {
  play({
      {"another value had ended", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich                         => CommittedCheap extends
          wrote                              => ClaimRecorded
          cuts Munich                        => none
          holds Munich                       => 2022..
          state Munich                       => CommittedCheap
          believe 2021                       => Resolved Berlin
          believe 2023                       => TimingUncertain Munich)"},
      {"the latest of them", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Paris since 2022 until 2024    => CommittedCheap extends
          say Munich                         => CommittedCheap extends
          holds Munich                       => 2024..)"},
      {"exactly when it was said", R"(
          2026-01-15
          say Berlin since 2020 until 2026-01-15T00:00:00.000001Z => CommittedCheap first
          say Munich                         => CommittedCheap extends
          holds Munich                       => 2026-01-15T00:00:00.000001Z..)"},
      {"a microsecond after it was said", R"(
          2026-01-15
          say Berlin since 2020 until 2026-01-15T00:00:00.000002Z => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          holds Munich                       => ..)"},
      {"ended by the verb", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          end Berlin 2026-03                 => Invalidated ended
          say Munich                         => CommittedCheap extends
          holds Munich                       => 2026-03..
          believe 2026-02                    => TimingUncertain Berlin)"},
      {"ended by the verb after it was said: they meet", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-20
          say Munich                         => Contested rivals vs Berlin
          2026-04-01
          end Berlin 2026-03                 => Invalidated ended vs Munich
          state Munich                       => Contested vs Berlin
          holds Munich                       => ..)"},
      {"ended by the verb before it was said: the contest is over", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-20
          say Munich                         => Contested rivals vs Berlin
          2026-04-01
          end Berlin 2026-01-18              => Invalidated ended
          wrote                              => Ended Judged
          state Munich                       => CommittedCheap
          holds Munich                       => 2026-01-18..)"},
      {"retracted whole: that never held, so it never ended", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich                         => CommittedCheap first
          holds Munich                       => ..)"},
      {"the same value: from when it was said", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          2026-02-01
          say Berlin                         => CommittedCheap extends
          holds Berlin'                      => 2026-02..)"},
      {"the same value, after its own stated end: it speaks about the past", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin until 2025              => CommittedCheap extends
          holds Berlin'                      => ..2025)"},
      {"the same value, that did not count before", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020 until 2022   => CommittedCheap extends
          holds Berlin                       => ..)"},
      {"an inferred value", R"(
          say Berlin since 2020 until 2022 by model => CommittedInferred inferred
          say Munich                         => CommittedCheap first
          holds Munich                       => ..)"},
      {"being followed is no ending", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          2026-07-01
          say Rome                           => Contested rivals vs Munich
          holds Rome                         => ..)"},
      {"where an end stands does not depend on followers", R"(
          2026-01-15
          say Paris since 2026-05-10 until 2026-05-15 => CommittedCheap first
          say Berlin since 2020              => Contested rivals vs Paris
          2026-06-15
          say Munich since 2026-05           => Contested rivals vs Paris
          end Berlin 2026-06                 => Invalidated ended
          holds Berlin                       => 2020..2026-05
          2026-07-01
          say Rome                           => Contested rivals vs Munich
          holds Rome                         => 2026-06..)"},
      {"a set has none", R"(
          say tea since 2020 until 2022 set  => CommittedCheap first
          say coffee set                     => CommittedCheap set_member
          holds coffee                       => ..)"},
      {"an inferred undated claim weighs as if it had it", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich by model                => CommittedInferred inferred)"},
      {"a newcomer is judged as if its ending were in place, whoever its rival would be", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          end Berlin 2018                    => Invalidated ended
          reopen Berlin 2026-06              => Reinstated reopened
          holds Berlin                       => ..2018 2026-06..
          say Berlin since 2020 until 2022   => CommittedCheap extends
          say Munich until 2026-03           => CommittedCheap extends
          holds Munich                       => 2022..2026-03)"},
      {"… also one that states an end", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          end Berlin 2018                    => Invalidated ended
          reopen Berlin 2026-06              => Reinstated reopened
          say Berlin since 2020 until 2022   => CommittedCheap extends
          say Munich since 2024              => CommittedCheap extends
          say Munich until 2026-03           => CommittedCheap ends
          holds Munich'                      => 2022..2026-03)"},
  });
}

TEST(Endings, FollowFromTheLineAndAreWrittenNowhere) {
  play({
      {"made by what is said later about earlier", R"(
          2026-01-15
          say Munich                         => CommittedCheap first
          say Berlin since 2020 until 2022   => CommittedCheap extends
          wrote                              => ClaimRecorded
          holds Munich                       => 2022..)"},
      {"made by an undated claim that had ended: then they are no rivals", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich until 2025              => CommittedCheap extends
          holds Berlin                       => 2025..
          state Munich                       => CommittedCheap)"},
      {"never the last validity: an end at or after its own end is none for it", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich until 2022              => Contested rivals vs Berlin
          holds Munich                       => ..2022
          say Rome until 2022-01-01T00:00:00.000001Z => CommittedCheap extends
          holds Rome                         => 2022..2022-01-01T00:00:00.000001Z)"},
      {"moved by a later end", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich                         => CommittedCheap extends
          holds Munich                       => 2022..
          say Paris since 2022 until 2024    => CommittedCheap extends
          wrote                              => ClaimRecorded
          holds Munich                       => 2024..)"},
      {"gone when no end is left", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich                         => CommittedCheap extends
          retract Berlin                     => Invalidated retracted
          wrote                              => TakenBack
          holds Munich                       => ..)"},
      {"back to the earlier one", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Paris since 2022 until 2024    => CommittedCheap extends
          say Munich                         => CommittedCheap extends
          retract Paris                      => Invalidated retracted
          holds Munich                       => 2022..)"},
      {"gone when what had ended is reopened, and then they are rivals", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          say Munich                         => CommittedCheap extends
          reopen Berlin                      => Reinstated reopened vs Munich
          state Munich                       => Contested vs Berlin
          holds Munich                       => ..)"},
      {"a line that becomes a set by retraction", R"(
          2026-01-15
          say tea since 2020 until 2022 functional => CommittedCheap first
          say coffee since 2022 until 2024 functional => CommittedCheap extends
          say water set                      => CommittedCheap extends
          holds water                        => 2024..
          retract tea                        => Invalidated retracted
          retract coffee                     => Invalidated retracted
          holds water                        => ..)"},
      {"nobody is marked for review on its account", R"(
          2026-01-15
          say Munich                         => CommittedCheap first
          line near
          say Dachau by model from Munich    => CommittedInferred inferred
          line lives_in
          say Berlin since 2020 until 2022   => CommittedCheap extends
          state Dachau                       => CommittedInferred)"},
  });
}

TEST(Sets, MembersAreNoRivals) {
  play({
      {"two members", R"(
          say tea set                        => CommittedCheap first
          say coffee set                     => CommittedCheap set_member
          believe                            => set coffee tea)"},
      {"one member is a set too", R"(
          say tea set                        => CommittedCheap first
          believe                            => set tea)"},
      {"dated members follow nobody", R"(
          2026-01-15
          say tea since 2020 set             => CommittedCheap first
          2026-06-15
          say coffee since 2026-05 set       => CommittedCheap set_member
          holds tea                          => 2020..
          believe                            => set coffee tea)"},
      {"outside its window a member is none", R"(
          say tea since 2020 until 2022 set  => CommittedCheap first
          say coffee since 2021 set          => CommittedCheap set_member
          believe 2020                       => set tea
          believe 2021                       => set coffee tea
          believe 2022                       => set coffee
          believe 2019                       => set)"},
      {"inferred ones are members", R"(
          say tea set                        => CommittedCheap first
          say coffee set by model            => CommittedInferred inferred
          believe                            => set coffee tea)"},
  });
}

TEST(Sets, ALineIsASetWhenAllThatCountsSaysSo) {
  play({
      {"a functional newcomer is the rival of every member", R"(
          say tea set                        => CommittedCheap first
          say coffee set                     => CommittedCheap set_member
          say water functional               => Contested rivals vs tea coffee
          believe                            => Contested coffee tea water)"},
      {"a newcomer that does not say goes with its line", R"(
          say tea set                        => CommittedCheap first
          say water                          => CommittedCheap set_member
          believe                            => set tea water)"},
      {"a line where nobody says is none", R"(
          say tea                            => CommittedCheap first
          say water                          => Contested rivals vs tea)"},
      {"who never said goes with the line, also when it becomes a set", R"(
          say tea                            => CommittedCheap first
          say water set                      => CommittedCheap set_member
          believe                            => set tea water)"},
      {"a set member on a functional line", R"(
          say water functional               => CommittedCheap first
          say tea set                        => Contested rivals vs water)"},
      {"a set again once the functional claim has no validity left", R"(
          say tea set                        => CommittedCheap first
          say coffee set                     => CommittedCheap set_member
          say water functional               => Contested rivals vs tea coffee
          retract water                      => Invalidated retracted
          believe                            => set coffee tea
          say milk set                       => CommittedCheap set_member)"},
      {"a set again: its members follow each other no longer", R"(
          2025-01-15
          say tea since 2020 set             => CommittedCheap first
          2026-01-15
          say coffee since 2026 set          => CommittedCheap set_member
          say water since 2010 until 2012 functional => CommittedCheap extends
          holds tea                          => 2020..2026
          believe                            => Resolved coffee
          retract water                      => Invalidated retracted
          holds tea                          => 2020..
          believe                            => set coffee tea)"},
      {"a contested member returns once the functional claim is gone", R"(
          say water functional               => CommittedCheap first
          say tea set                        => Contested rivals vs water
          retract water                      => Invalidated retracted
          state tea                          => CommittedCheap
          believe                            => set tea)"},
      {"judged over the whole line: a functional claim of another time counts", R"(
          say tea since 2020 set             => CommittedCheap first
          say coffee since 2020 set          => CommittedCheap set_member
          say water since 2010 until 2012 functional => CommittedCheap extends
          believe                            => Contested coffee tea)"},
      {"inferred claims are asked only where nothing first-hand is left", R"(
          say tea set                        => CommittedCheap first
          say coffee functional by model     => PendingConflict contradicts vs tea
          believe                            => set tea dissent coffee
          retract tea                        => Invalidated retracted
          say milk set by model              => CommittedInferred inferred
          say water functional by model      => CommittedInferred inferred
          believe                            => Contested milk water dissent coffee)"},
      {"inferred ones alone", R"(
          say tea set by model               => CommittedInferred inferred
          say coffee set by model            => CommittedInferred inferred
          believe                            => set coffee tea)"},
      {"inferred ones alone, one functional", R"(
          say tea set by model               => CommittedInferred inferred
          say coffee functional by model     => CommittedInferred inferred
          believe                            => Contested coffee tea)"},
      {"inferred ones alone, one of which does not say", R"(
          say tea set by model               => CommittedInferred inferred
          say coffee by model                => CommittedInferred inferred
          believe                            => set coffee tea)"},
  });
}

}  // namespace
}  // namespace claimledger
