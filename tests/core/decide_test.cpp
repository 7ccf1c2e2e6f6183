#include "script.hpp"

// Decisions about a statement: section 5, in its order.
namespace claimledger {
namespace {

using test::play;

TEST(Ingest, EveryDispositionOfANewcomerIsReached) {
  play({
      {"CommittedCheap: nothing stood on the line", "say Berlin => CommittedCheap first"},
      {"CommittedInferred: derived, contradicts nothing", "say Berlin by model => CommittedInferred inferred"},
      {"Contested: rivals, no oracle", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin)"},
      {"PendingConflict: derived, contradicts first hand", R"(
          say Berlin                         => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          believe                            => TimingUncertain Berlin dissent Munich)"},
      {"PendingLowConfidence: below the floor", "say Berlin sure 0.1999 => PendingLowConfidence below_floor"},
      {"Quarantined: ends before it starts", R"(
          say Berlin since 2020 until 2019   => Quarantined incoherent_window
          believe 2019-06                    => NoBelief
          state Berlin                       => Quarantined)"},
  });
  play({{"QueuedForAdjudication: rivals, and somebody is asked", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          state Munich                       => QueuedForAdjudication vs Berlin asks
          pending                            => Munich vs Berlin)"}},
       {.queue_for_adjudication = true});
}

TEST(Ingest, ThePositionInTheOrderDecides) {
  play({
      {"3 before 4: served content comes back with an incoherent window", R"(
          say Berlin                         => CommittedCheap first
          say Berlin since 2020 until 2019 by recall => CommittedCheap recall_reentry = Berlin)"},
      {"4 before 5: incoherent and derived", R"(
          say Berlin since 2020 until 2019 by model => Quarantined incoherent_window)"},
      {"4 before 6: incoherent, of a value that holds", R"(
          say Berlin since 2010              => CommittedCheap first
          say Berlin since 2020 until 2019   => Quarantined incoherent_window)"},
      {"4 before 7: incoherent and below the floor", R"(
          say Berlin since 2020 until 2019 sure 0.1 timing 1 => Quarantined incoherent_window)"},
      {"5 before 7: derived and below the floor", R"(
          say Berlin sure 0.1 by model       => CommittedInferred inferred)"},
      {"6 before 7: restated below the floor", R"(
          say Berlin                         => CommittedCheap first
          say Berlin sure 0.1                => CommittedCheap restates = Berlin)"},
      {"6 before 9: what holds is contested already, saying it again contests nothing", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          say Munich                         => Contested restates = Munich vs Berlin
          say Berlin                         => CommittedCheap restates = Berlin vs Munich)"},
      {"7 before 9: below the floor it contests nobody", R"(
          say Berlin                         => CommittedCheap first
          say Munich sure 0.1                => PendingLowConfidence below_floor
          state Berlin                       => CommittedCheap)"},
      {"an untrusted start is compared with nothing", R"(
          say Berlin since 2020 until 2019 timing 0.5 => CommittedCheap first
          holds Berlin                       => ..2019)"},
      {"an end equal to the start is incoherent", "say Berlin since 2020 until 2020 => Quarantined incoherent_window"},
      {"an end a microsecond after it is not", R"(
          say Berlin since 2020 until 2020-01-01T00:00:00.000001Z => CommittedCheap first
          believe 2020                       => Resolved Berlin)"},
  });
}

TEST(Ingest, AStartInTheFutureIsParkedOnlyByConfiguration) {
  const auto future = "2026-01-15\nsay Berlin since 2026-01-15T00:00:00.000001Z => ";
  const auto now = "2026-01-15\nsay Berlin since 2026-01-15 => CommittedCheap first";
  test::Script().play(future + std::string("CommittedCheap first"));
  test::Script({.quarantine_future_starts = true}).play(future + std::string("Quarantined future_start"));
  test::Script({.quarantine_future_starts = true}).play(now);
  test::Script({.quarantine_future_starts = true})
      .play("2026-01-15\nsay Berlin since 2027 timing 0.1 => CommittedCheap first");
}

TEST(Ingest, TheRationaleOfAnUncontestedNewcomerIsTheFirstThatApplies) {
  play({
      {"first: what stood there was retracted", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2020              => CommittedCheap first)"},
      {"first: what stands there is parked or derived", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Munich by model                => CommittedInferred inferred
          say Rome                           => CommittedCheap first)"},
      {"first goes before set_member", "say tea set => CommittedCheap first"},
      {"set_member goes before succession", R"(
          2026-01-15
          say tea since 2020 set             => CommittedCheap first
          2026-06-15
          say coffee since 2026-05 set       => CommittedCheap set_member)"},
      {"set_member goes before extends", R"(
          say tea since 2020 until 2021 set  => CommittedCheap first
          say tea since 2022 set             => CommittedCheap set_member)"},
      {"ends goes before all", R"(
          say tea since 2020 set             => CommittedCheap first
          say tea since 2020 until 2021 set  => CommittedCheap ends)"},
      {"extends: another window of the same value", R"(
          say Berlin since 2020 until 2021   => CommittedCheap first
          say Berlin since 2023              => CommittedCheap extends)"},
      {"extends: another window of another value", R"(
          say Berlin since 2020 until 2021   => CommittedCheap first
          say Munich since 2018 until 2020   => CommittedCheap extends)"},
  });
}

TEST(Ingest, ABatchIsDecidedOneByOne) {
  play({
      {"rivals in one batch", R"(
          say Berlin ; Munich ; Berlin
              => CommittedCheap first ; Contested rivals vs Berlin ; CommittedCheap restates = Berlin vs Munich)"},
      {"derived from a claim of the same batch is judged by it", R"(
          say Berlin ; Berlin by model       => CommittedCheap first ; CommittedCheap echo = Berlin)"},
      {"over several lines", R"(
          say Berlin ; Paris on born_in ; Munich
              => CommittedCheap first ; CommittedCheap first ; Contested rivals vs Berlin)"},
      {"all or nothing", R"(
          say Berlin ; Munich key k ; Rome key k => InvalidInput statements[2].idempotency_key
          wrote                              => nothing
          believe                            => NoBelief)"},
  });
}

TEST(Inferred, WhatHoldsIsEchoed) {
  play({
      {"first hand, undated", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin by model                => CommittedCheap echo = Berlin
          wrote                              => Echoed
          said Berlin                        => 2026-01-15 by 0 others)"},
      {"inferred", R"(
          say Berlin by model                => CommittedInferred inferred
          say Berlin by model                => CommittedInferred echo = Berlin)"},
      {"the oldest that covers it", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2010              => CommittedCheap extends
          say Berlin since 2021 by model     => CommittedCheap echo = Berlin
          say Berlin since 2015 by model     => CommittedCheap echo = Berlin')"},
      {"a dated one is covered by an undated claim, and presumed time counts", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020 until 2030 by model => CommittedCheap echo = Berlin)"},
      {"an undated one with an end is not covered by a dated claim", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin until 2030 by model     => CommittedInferred inferred)"},
      {"a wider window is no echo", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2019 by model     => CommittedInferred inferred)"},
      {"an undated one echoes what holds now", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin by model                => CommittedInferred inferred)"},
      {"another value is none", R"(
          say Berlin                         => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin)"},
      {"what is parked is not echoed", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin by model                => CommittedInferred inferred)"},
      {"a contested value can be echoed: a receipt says how it stands", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          say Munich by model                => Contested echo = Munich)"},
  });
}

TEST(Inferred, ContradictsWhatItWouldRivalWereItFirstHand) {
  play({
      {"an inferred value is no match for another", R"(
          say Berlin by model                => CommittedInferred inferred
          say Munich by model                => CommittedInferred inferred
          believe                            => Contested Berlin Munich)"},
      {"a dated one elsewhere contradicts nothing", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich since 2022 by model     => CommittedInferred inferred)"},
      {"a successor contradicts nothing, and carves nothing", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05 by model  => CommittedInferred inferred
          holds Berlin                       => 2020..
          believe                            => Resolved Berlin dissent Munich)"},
      {"all it contradicts, oldest first", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Paris since 2022               => CommittedCheap extends
          say Rome since 2021 by model       => PendingConflict contradicts vs Berlin Paris)"},
  });
}

TEST(Inferred, ThreeStepsFromFirstHandAreNotTooDeep) {
  play({
      {"one step more than the deepest parent", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say d on p4 by model from a,c      => CommittedInferred inferred
          say e on p5 by model from d        => PendingConflict too_deep
          line p5
          believe                            => NoBelief dissent e)"},
      {"without parents it is one step", R"(
          say a on p1 by model               => CommittedInferred inferred
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say d on p4 by model from c        => PendingConflict too_deep)"},
      {"contradicting goes before too deep", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say d on p4 by model from c        => CommittedInferred inferred
          say Berlin                         => CommittedCheap first
          say Munich by model from d         => PendingConflict contradicts vs Berlin)"},
      {"a first-hand claim is never deep", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say d on p4 by model from c        => CommittedInferred inferred
          say Berlin from d                  => CommittedCheap first
          say Munich on p6 by model from Berlin => CommittedInferred inferred)"},
  });
}

TEST(Restatement, WhatHoldsIsRecordedAtTheClaimThatStands) {
  play({
      {"undated, and the undated claim holds now", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-02-01
          say Berlin                         => CommittedCheap restates = Berlin
          wrote                              => Corroborated
          said Berlin                        => 2026-01-15 2026-02 by 0 others)"},
      {"undated, and the dated claim holds now", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin                         => CommittedCheap restates = Berlin)"},
      {"undated, and the dated claim has ended: another stretch, from nothing said", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin                         => CommittedCheap extends)"},
      {"undated, at the very end of the dated claim", R"(
          2026-01-15
          say Berlin since 2020 until 2026-01-15T00:00:00.000001Z => CommittedCheap first
          say Berlin                         => CommittedCheap extends)"},
      {"undated, a microsecond before that", R"(
          2026-01-15
          say Berlin since 2020 until 2026-01-15T00:00:00.000002Z => CommittedCheap first
          say Berlin                         => CommittedCheap restates = Berlin)"},
      {"dated, the same window", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin since 2020 until 2022   => CommittedCheap restates = Berlin)"},
      {"dated, within", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin since 2021 until 2021-06 => CommittedCheap restates = Berlin)"},
      {"dated, a microsecond more", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin since 2020 until 2022-01-01T00:00:00.000001Z => CommittedCheap extends)"},
      {"dated, an open end said again", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020              => CommittedCheap restates = Berlin
          say Berlin since 2021              => CommittedCheap restates = Berlin)"},
      {"dated, and the claim is undated: both have to be dated", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020              => CommittedCheap extends)"},
      {"undated with an end: an undated claim that holds up to then", R"(
          2026-01-15
          say Berlin until 2025              => CommittedCheap first
          say Berlin until 2024 source diary => CommittedCheap restates = Berlin end_not_applied
          say Berlin until 2026              => CommittedCheap extends)"},
      {"undated with an end: not by a dated claim", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Berlin until 2021 source diary => CommittedCheap extends end_not_applied)"},
      {"the oldest of several", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2010 until 2030   => CommittedCheap extends
          say Berlin                         => CommittedCheap restates = Berlin)"},
      {"a member of a set, and the set stays one", R"(
          say a set                          => CommittedCheap first
          say b set                          => CommittedCheap set_member
          say a                              => CommittedCheap restates = a
          say b functional sure 0.1          => CommittedCheap restates = b cardinality_not_applied
          believe                            => set a b)"},
      {"not of a derived claim", R"(
          say Berlin by model                => CommittedInferred inferred
          say Berlin                         => CommittedCheap first)"},
      {"not of a claim that was retracted", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Berlin                         => CommittedCheap first)"},
  });
}

TEST(Restatement, AClosedWindowIsCoveredByWhatIsStatedNotByWhatIsPresumed) {
  play({
      {"up to when it was last said; a past restated is no time of saying", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Berlin since 2021 until 2026-01-15 => CommittedCheap restates = Berlin
          said Berlin                        => 2026-01-15 by 0 others)"},
      {"a microsecond more is news", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Berlin since 2021 until 2026-01-15T00:00:00.000001Z => CommittedCheap extends)"},
      {"saying it again makes more of it stated", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Berlin                         => CommittedCheap restates = Berlin
          said Berlin                        => 2026-01-15 2026-06-15 by 0 others
          say Berlin since 2021 until 2026-06 => CommittedCheap restates = Berlin)"},
  });
}

TEST(Restatement, ItMustNotHaveARivalThatTheClaimLacks) {
  play({
      {"said over a rival that the claim does not meet", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2026-03           => CommittedCheap extends
          say Berlin                         => Contested rivals vs Munich)"},
      {"the claim has that rival too", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => Contested rivals vs Berlin
          say Berlin since 2021 until 2024   => CommittedCheap restates = Berlin vs Munich)"},
      {"a tail that is presumed, said over a follower", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05 until 2026-08 => CommittedCheap succession
          2026-09-01
          say Berlin since 2026-04           => Contested rivals vs Munich)"},
  });
}

TEST(Restatement, CountsWhoElseSaysSo) {
  play({
      {"the same speaker", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin source diary            => CommittedCheap restates = Berlin
          slot Berlin                        => Berlin said 2026-01-01T00:00:00.000001Z by 0 others, CommittedCheap)"},
      {"another source", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin source friend           => CommittedCheap restates = Berlin
          say Berlin                         => CommittedCheap restates = Berlin
          slot Berlin                        => Berlin said 2026-01-01T00:00:00.000002Z by 2 others, CommittedCheap)"},
      {"another kind", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin source diary by world   => CommittedCheap restates = Berlin
          slot Berlin                        => Berlin said 2026-01-01T00:00:00.000001Z by 1 others, CommittedCheap)"},
      {"an echo is nobody", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin source model by model   => CommittedCheap echo = Berlin
          slot Berlin                        => Berlin said 2026 by 0 others, CommittedCheap)"},
  });
}

TEST(StatedEnds, TheSameSourceClosesWhatItLeftOpen) {
  play({
      {"the same start", R"(
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2020 until 2024 source diary => CommittedCheap ends
          wrote                              => ClaimRecorded
          state Berlin                       => Invalidated
          cuts Berlin                        => 2024.. stated_end for Berlin'
          holds Berlin'                      => 2020..2024
          believe 2023                       => Resolved Berlin
          believe 2024                       => NoBelief)"},
      {"no start", R"(
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin until 2024 source diary => CommittedCheap ends
          holds Berlin                       => 2020..2024
          holds Berlin'                      => ..2024)"},
      {"undated, with no start", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin until 2024 source diary => CommittedCheap ends
          holds Berlin                       => ..2024)"},
      {"without a source: nobody is the same source as nobody", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2024   => CommittedCheap ends)"},
      {"another kind of the same source", R"(
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2020 until 2024 source diary by world => CommittedCheap ends)"},
      {"another start", R"(
          2026-01-15
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2021 until 2024 source diary => CommittedCheap restates = Berlin
          holds Berlin                       => 2020..)"},
      {"a start, where the open claim has none", R"(
          say Berlin source diary            => CommittedCheap first
          say Berlin since 2020 until 2024 source diary => CommittedCheap extends
          holds Berlin                       => ..)"},
      {"another value", R"(
          say Berlin since 2020 source diary => CommittedCheap first
          say Munich since 2020 until 2024 source diary => Contested rivals vs Berlin)"},
      {"an end there was, and this one is earlier", R"(
          say Berlin since 2020 until 2026 source diary => CommittedCheap first
          say Berlin since 2020 until 2024 source diary => CommittedCheap ends)"},
      {"a follower's cut does not close the open end", R"(
          2026-01-15
          say Berlin since 2020 source diary => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          say Berlin since 2020 until 2026-04 source diary => CommittedCheap ends
          holds Berlin                       => 2020..2026-04)"},
      {"what is derived is not ended", R"(
          say Berlin since 2020 source diary by model => CommittedInferred inferred
          say Berlin since 2020 until 2024 source diary => CommittedCheap first)"},
      {"the newcomer is judged by its rivals", R"(
          say Berlin since 2020 source diary => CommittedCheap first
          say Munich since 2023 source other => Contested rivals vs Berlin
          say Berlin since 2020 until 2024 source diary => Contested rivals vs Munich
          holds Berlin                       => 2020..2024
          state Munich                       => Contested vs Berlin Berlin')"},
  });
}

TEST(StatedEnds, AnotherSourceIsToldThatItsEndWasNotApplied) {
  play({
      {"covered by what was stated: recorded there", R"(
          2026-01-15
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2020 until 2024 source friend => CommittedCheap restates = Berlin end_not_applied
          holds Berlin                       => 2020..)"},
      {"more than was stated: a claim of its own", R"(
          2026-01-15
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2020 until 2028 source friend => CommittedCheap extends end_not_applied
          holds Berlin                       => 2020..)"},
      {"no source is another source", R"(
          2026-01-15
          say Berlin since 2020 source diary => CommittedCheap first
          say Berlin since 2020 until 2028   => CommittedCheap extends end_not_applied)"},
      {"one of both: the same source's end is applied, so the receipt says nothing", R"(
          2026-01-15
          say Berlin since 2020 source friend => CommittedCheap first
          say Berlin since 2019 source diary => CommittedCheap extends
          say Berlin since 2019 until 2028 source diary => CommittedCheap ends
          holds Berlin                       => 2020..
          holds Berlin'                      => 2019..2028)"},
      {"contested", R"(
          2026-01-15
          say Berlin source diary            => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          say Berlin until 2028 source friend => CommittedCheap restates = Berlin vs Munich end_not_applied)"},
  });
}

TEST(StatedEnds, BelowTheFloorNothingEnds) {
  play({{"nor confirms it what goes on past the end that it states", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2028 sure 0.1 timing 1
              => PendingLowConfidence below_floor end_not_applied
          holds Berlin                       => 2020..)"},
        {"what nobody said is parked", R"(
          2026-01-15
          say Berlin until 2020              => CommittedCheap first
          say Berlin until 2028 sure 0.1     => PendingLowConfidence below_floor
          holds Berlin                       => ..2020)"}});
}

TEST(StatedEnds, WithoutAStartCloseAllThatTheSourceLeftOpen) {
  play({{"two claims of one speaker", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020              => CommittedCheap extends
          say Berlin until 2024              => CommittedCheap ends
          cuts Berlin                        => 2024.. stated_end for Berlin''
          cuts Berlin'                       => 2024.. stated_end for Berlin''
          believe 2025                       => NoBelief
          retract Berlin''                   => Invalidated retracted
          wrote                              => TakenBack Judged Judged)"},
        {"with a start, the one that starts there", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020              => CommittedCheap extends
          say Berlin since 2020 until 2024   => CommittedCheap ends
          cuts Berlin                        => none
          cuts Berlin'                       => 2024.. stated_end for Berlin'')"}});
}

TEST(StatedEnds, RetractingTheStatementLiftsTheEnd) {
  play({{"open again", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2024   => CommittedCheap ends
          retract Berlin'                    => Invalidated retracted
          wrote                              => TakenBack Judged
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..
          cuts Berlin                        => none)"},
        {"rivals it gets back are judged again", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2024   => CommittedCheap ends
          say Munich since 2024              => CommittedCheap extends
          retract Berlin'                    => Invalidated retracted
          state Munich                       => Contested vs Berlin)"}});
}

TEST(StatedEnds, MarkWhatWasDerived) {
  play({{"the end took validity", R"(
          say Berlin since 2020              => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          say Berlin since 2020 until 2024   => CommittedCheap ends marks Potsdam
          state Potsdam                      => PendingReview)"}});
}

TEST(Floor, ClaimsBelowItWaitUntilTheValueIsStatedAgain) {
  play({
      {"at the floor it counts", "say Berlin sure 0.2 => CommittedCheap first"},
      {"below it is parked, and is no candidate", R"(
          say Berlin sure 0.1999             => PendingLowConfidence below_floor
          believe                            => NoBelief)"},
      {"confirmed below the floor: promoted", R"(
          2026-01-15
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          wrote                              => Corroborated
          state Berlin                       => CommittedCheap
          believe                            => TimingUncertain Berlin)"},
      {"stated above the floor: both count", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin                         => CommittedCheap first
          state Berlin                       => CommittedCheap
          state Berlin'                      => CommittedCheap)"},
      {"another value promotes nothing", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Munich sure 0.1                => PendingLowConfidence below_floor
          say Rome                           => CommittedCheap first
          state Berlin                       => PendingLowConfidence)"},
      {"a derived claim promotes nothing", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin by model                => CommittedInferred inferred
          state Berlin                       => PendingLowConfidence)"},
      {"only where its whole time is stated", R"(
          say Berlin since 2020 until 2024 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2021              => CommittedCheap first
          state Berlin                       => PendingLowConfidence
          say Berlin since 2020 until 2024   => CommittedCheap extends
          state Berlin                       => CommittedCheap)"},
      {"below the floor, up to an end that the parked claim goes on past", R"(
          say Berlin since 2020 until 2024 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2021 until 2022 sure 0.1 timing 1 => PendingLowConfidence below_floor
          state Berlin                       => PendingLowConfidence)"},
      {"… up to its very end", R"(
          say Berlin since 2020 until 2024 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2021 until 2024 sure 0.1 timing 1 => CommittedCheap confirms = Berlin)"},
      {"below the floor, over more", R"(
          say Berlin since 2020 until 2024 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2019 until 2022 sure 0.1 timing 1 => PendingLowConfidence below_floor)"},
      {"the oldest parked one, before any live one", R"(
          2026-01-15
          say Berlin since 2020 until 2024   => CommittedCheap first
          say Berlin since 2010 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2011 sure 0.1 timing 1 => CommittedCheap confirms = Berlin')"},
      {"else the oldest live one: presumed time and undated claims confirm", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020 sure 0.1 timing 1 => CommittedCheap confirms = Berlin
          said Berlin                        => 2026-01-15 2026-01-15T00:00:00.000001Z by 0 others)"},
      {"promoted into rivals", R"(
          say Munich                         => CommittedCheap first
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin sure 0.1                => Contested confirms = Berlin vs Munich
          state Berlin                       => Contested vs Munich)"},
      {"promoted by a newcomer into rivals, after the newcomer itself", R"(
          say Munich                         => CommittedCheap first
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin                         => Contested rivals vs Munich
          state Berlin                       => Contested vs Munich
          state Berlin'                      => Contested vs Munich)"},
      {"promoted, it follows what it follows", R"(
          2026-01-15
          say Munich since 2020              => CommittedCheap first
          2026-06-15
          say Berlin since 2026-05 sure 0.1 timing 1 => PendingLowConfidence below_floor
          holds Munich                       => 2020..
          say Berlin since 2026-05 sure 0.1 timing 1 => CommittedCheap confirms = Berlin
          holds Munich                       => 2020..2026-05)"},
      {"promoted, it holds from the ending before it", R"(
          2026-01-15
          say Munich since 2020 until 2022   => CommittedCheap first
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          holds Berlin                       => never
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          holds Berlin                       => 2022..)"},
  });
  play({{"promoted with rivals, somebody is asked", R"(
          say Munich                         => CommittedCheap first
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin sure 0.1                => QueuedForAdjudication confirms = Berlin vs Munich asks
          pending                            => Berlin vs Munich)"}},
       {.queue_for_adjudication = true});
  play({{"promoted, the newest wins", R"(
          2026-01-15
          say Munich since 2020              => CommittedCheap first
          say Berlin since 2021 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say Berlin since 2021 sure 0.1 timing 1 => CommittedCheap confirms = Berlin vs Munich
          state Munich                       => Superseded
          holds Munich                       => 2020..2021)"}},
       {.overturn_policy = OverturnPolicy::newest_first_hand_wins});
}

TEST(NewestWins, BelowTheCriticalityFloorTheNewcomerCommitsAsIfAffirmed) {
  const Config config{.overturn_policy = OverturnPolicy::newest_first_hand_wins};
  play(
      {
          {"over everything after its start", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => CommittedCheap newest_wins vs Berlin
          state Munich                       => CommittedCheap
          state Berlin                       => Superseded
          holds Berlin                       => 2020..2022
          cuts Berlin                        => 2022.. policy for Munich
          believe 2021                       => Resolved Berlin
          believe                            => Resolved Munich)"},
          {"over whom the loser had followed", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          2026-11-01
          say Kyoto                          => CommittedCheap newest_wins vs Berlin Munich
          believe                            => TimingUncertain Kyoto
          believe 2026-04                    => Resolved Berlin)"},
          {"over a part", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022 until 2023   => CommittedCheap newest_wins vs Berlin
          cuts Berlin                        => 2022..2023 policy for Munich
          holds Berlin                       => 2020..2022 2023..)"},
          {"undated: from when it was said", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-02-01
          say Munich                         => CommittedCheap newest_wins vs Berlin
          holds Munich                       => 2026-02..
          holds Berlin                       => 2020..2026-02
          believe 2026-01-31                 => Resolved Berlin
          believe                            => TimingUncertain Munich)"},
          {"what it ends as well gives the loser its tail back", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-02-01
          say Munich since 2026-05           => CommittedCheap succession
          2026-02-02
          say Munich until 2026-08           => CommittedCheap newest_wins vs Berlin
          holds Munich                       => 2026-05..2026-08
          holds Munich'                      => 2026-02-02..2026-08
          holds Berlin                       => 2020..2026-02-02 2026-08..)"},
          {"the newcomer is critical", R"(
          say Berlin                         => CommittedCheap first
          say Munich high                    => Contested rivals vs Berlin)"},
          {"a rival is critical", R"(
          say Berlin critical                => CommittedCheap first
          say Munich low                     => Contested rivals vs Berlin)"},
          {"medium is below high", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-16
          say Munich                         => CommittedCheap newest_wins vs Berlin)"},
          {"what was derived from the loser is marked", R"(
          say Berlin                         => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          say Munich                         => CommittedCheap newest_wins vs Berlin marks Potsdam)"},
          {"retracting the winner restores the loser", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => CommittedCheap newest_wins vs Berlin
          retract Munich                     => Invalidated retracted
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..)"},
          {"reopened, it is judged and wins: it stays Reinstated", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => CommittedCheap newest_wins vs Berlin
          retract Munich                     => Invalidated retracted
          reopen Munich                      => Reinstated reopened
          state Munich                       => Reinstated
          state Berlin                       => Superseded)"},
      },
      config);
  auto low_floor = config;
  low_floor.criticality_overturn_floor = Criticality::medium;
  play({{"the floor itself is not below it", R"(
          say Berlin low                     => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin)"},
        {"below it", R"(
          say Berlin low                     => CommittedCheap first
          say Munich low                     => CommittedCheap newest_wins vs Berlin)"}},
       low_floor);
  auto asking = config;
  asking.queue_for_adjudication = true;
  play({{"at the floor somebody is asked", R"(
          say Berlin high                    => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks)"},
        {"what is promoted by a winner is asked about with all its rivals", R"(
          2026-01-15
          say Berlin sure 0.1 critical       => PendingLowConfidence below_floor
          2026-05-01
          say Munich                         => CommittedCheap first
          2026-05-02
          say Rome until 2026-04-15          => CommittedCheap extends
          holds Munich                       => 2026-04-15..
          say Berlin as B                    => CommittedCheap newest_wins vs Munich
          holds Munich                       => 2026-04-15..2026-05-02T00:00:00.000001Z
          state Berlin                       => QueuedForAdjudication vs Munich Rome asks
          pending                            => Berlin vs Munich Rome)"},
        {"a word of another kind of time promotes nothing", R"(
          2026-01-15
          say Berlin sure 0.1 critical       => PendingLowConfidence below_floor
          say Munich                         => CommittedCheap first
          say Berlin since 2020              => CommittedCheap newest_wins vs Munich
          state Berlin                       => PendingLowConfidence)"}},
       asking);
}

// The policy is stored with the statement: no later configuration changes what it decides.
TEST(Policy, OfAClaimIsThatOfItsFirstStandingStatement) {
  test::Script newest({.overturn_policy = OverturnPolicy::newest_first_hand_wins});
  newest.play("2026-01-15\nsay Berlin sure 0.1 low => PendingLowConfidence below_floor");
  const auto lines = newest.engine().export_batches({.agent = newest.agent()}).lines;

  test::Script contested;
  for (const auto& line : lines) contested.engine().import_batch({.line = line, .future_times = FutureTimes::allowed});
  contested.play(R"(
      2026-02-15
      say Munich low                         => CommittedCheap first
      2026-03-15
      say Berlin sure 0.1                    => CommittedCheap confirms = Berlin vs Munich
      believe                                => TimingUncertain Berlin)");
}

}  // namespace
}  // namespace claimledger
