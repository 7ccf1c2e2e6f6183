#include <algorithm>

#include "claimledger/limits.hpp"
#include "script.hpp"

// Acts that take validity or restore it: end, retract, reopen, retracting a source as a whole; and the review marks
// that follow.
namespace claimledger {
namespace {

using test::play;

TEST(End, BoundsTheClaim) {
  play({
      {"no longer holds since then", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2024                    => Invalidated ended
          wrote                              => Ended
          cuts Berlin                        => 2024.. end
          state Berlin                       => Invalidated
          believe 2023-12-31T23:59:59.999999Z => Resolved Berlin
          believe 2024                       => NoBelief)"},
      {"at its start nothing is left", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2020                    => Invalidated ended
          holds Berlin                       => never)"},
      {"before its start nothing is left", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2010                    => Invalidated ended
          holds Berlin                       => never)"},
      {"at or after its end there is nothing to do", R"(
          say Berlin since 2020 until 2024   => CommittedCheap first
          end Berlin 2024                    => nothing_to_do
          end Berlin 2030                    => nothing_to_do
          wrote                              => nothing
          state Berlin                       => CommittedCheap)"},
      {"again, later: reopen comes first", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          end Berlin 2024                    => nothing_to_do
          holds Berlin                       => 2020..2022)"},
      {"again, earlier", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2024                    => Invalidated ended
          end Berlin 2022                    => Invalidated ended
          holds Berlin                       => 2020..2022)"},
      {"an inferred claim", R"(
          say Berlin since 2020 by model     => CommittedInferred inferred
          end Berlin 2024                    => Invalidated ended
          holds Berlin                       => 2020..2024)"},
  });
}

TEST(Withdrawing, IsForFirstHandCallersOnly) {
  for (const std::string verb : {"end Berlin 2024", "retract Berlin", "reopen Berlin", "review Berlin keep"}) {
    SCOPED_TRACE(verb);
    for (const std::string by : {"by model", "by recall", "mute", "by world mute"}) {
      SCOPED_TRACE(by);
      test::Script script;
      script.play("say Berlin since 2020 => CommittedCheap first\n" + verb + ' ' + by + R"( => Rejected not_allowed
          wrote                              => Rejected
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..)");
    }
  }
  play({{"both first-hand kinds may", R"(
          say Berlin                         => CommittedCheap first
          end Berlin 2024 by world           => Invalidated ended
          reopen Berlin by user              => Reinstated reopened)"}});
}

TEST(Withdrawing, WhatNeverCountedCanBeNeitherEndedNorReopened) {
  const struct {
    const char* why;
    const char* said;
    const char* state;
  } rows[] = {
      {"parked for its confidence", "say Berlin sure 0.1", "PendingLowConfidence"},
      {"parked for its window", "say Berlin since 2020 until 2019", "Quarantined"},
      {"dissent", "say Munich on lives_in\nsay Berlin by model", "PendingConflict"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    test::Script script;
    script.play(std::string(row.said) + "\nend Berlin 2024 => Rejected not_applicable\nwrote => Rejected" +
                "\nreopen Berlin => Rejected not_applicable\nwrote => Rejected\nstate Berlin => " + row.state +
                "\nend Berlin 2024 by model => Rejected not_allowed");
  }
  play({{"what was promoted may be", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          end Berlin 2030                    => Invalidated ended)"},
        {"what was retracted may be: it was live", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          end Berlin 2024                    => nothing_to_do
          wrote                              => nothing
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => ..)"}});
}

TEST(Retract, TheClaimNeverHeld) {
  play({
      {"at no instant", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          wrote                              => TakenBack
          made Berlin                        => of nothing
          cuts Berlin                        => none
          holds Berlin                       => never
          believe                            => NoBelief)"},
      {"twice changes nothing", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          retract Berlin                     => nothing_to_do
          wrote                              => nothing)"},
      {"ended before: still something to take", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2024                    => Invalidated ended
          retract Berlin                     => Invalidated retracted
          holds Berlin                       => never)"},
      {"reopened in part: can be retracted again", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2024                 => Reinstated reopened
          holds Berlin                       => 2024..
          retract Berlin                     => Invalidated retracted
          holds Berlin                       => never)"},
      {"reopened and ended since: can be retracted again", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Reinstated reopened
          end Berlin 2024                    => Invalidated ended
          retract Berlin                     => Invalidated retracted
          holds Berlin                       => never)"},
      {"a parked claim never counted, so it cannot be reopened", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Rejected not_applicable
          reopen Berlin                      => Rejected not_applicable
          end Berlin 2030                    => Rejected not_applicable
          believe                            => NoBelief)"},
      {"a parked claim is no candidate for promotion any more", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          retract Berlin                     => Invalidated retracted
          say Berlin sure 0.1                => PendingLowConfidence below_floor)"},
  });
}

TEST(Retract, WhatItHadWonIsGivenBack) {
  play({
      {"by verdict", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack Judged
          cuts Berlin                        => none
          state Berlin                       => CommittedCheap
          believe                            => Resolved Berlin)"},
      {"stretch by stretch", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          reopen Berlin 2023                 => Reinstated reopened
          say Munich since 2021              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          holds Berlin                       => 2020..2021
          retract Munich                     => Invalidated retracted
          holds Berlin                       => 2020..2022 2023..)"},
      {"the loser is what it was: ended", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2025                    => Invalidated ended
          say Munich since 2022 until 2023   => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          state Berlin                       => Superseded
          retract Munich                     => Invalidated retracted
          state Berlin                       => Invalidated
          holds Berlin                       => 2020..2025)"},
      {"… superseded by another", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022 until 2023   => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          say Rome since 2024 until 2025     => Contested rivals vs Berlin
          affirm Rome!                       => CommittedCheap affirmed
          retract Munich                     => Invalidated retracted
          state Berlin                       => Superseded
          holds Berlin                       => 2020..2024 2025..
          retract Rome                       => Invalidated retracted
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..)"},
      {"what was derived from the loser is not marked on that account", R"(
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          retract Munich                     => Invalidated retracted
          state Potsdam                      => CommittedInferred)"},
      {"an undated winner that holds nothing gives it all back", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-02-01
          say Munich                         => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          retract Munich                     => Invalidated retracted
          holds Munich                       => never
          holds Berlin                       => ..)"},
      {"ended, it keeps what it had won", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          end Munich 2023                    => Invalidated ended
          holds Berlin                       => 2020..2022)"},
      {"denied by review: given back too", R"(
          2026-01-15
          say note on notes                  => CommittedCheap first
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022 from note    => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          retract note                       => Invalidated retracted marks Munich
          review Munich retract              => Invalidated retracted
          holds Berlin                       => 2020..)"},
  });
}

TEST(Retract, TheLosersRivalsAreJudgedAgain) {
  const char* script = R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => %s
          affirm Munich!                     => CommittedCheap affirmed
          end Munich 2022                    => Invalidated ended
          say Paris since 2022               => CommittedCheap extends
)";
  const auto start = [&](std::string_view munich) {
    std::string text = script;
    text.replace(text.find("%s"), 2, munich);
    return text;
  };
  test::Script().play(start("Contested rivals vs Berlin") + R"(
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack Judged Judged
          state Berlin                       => CommittedCheap vs Paris
          state Paris                        => Contested vs Berlin)");
  test::Script({.queue_for_adjudication = true}).play(start("QueuedForAdjudication rivals vs Berlin asks") + R"(
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack Judged Judged AdjudicationOpened
          state Paris                        => QueuedForAdjudication vs Berlin asks
          pending                            => Paris vs Berlin)");
  play({{"the newest wins", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => CommittedCheap newest_wins vs Berlin
          end Munich 2022                    => Invalidated ended
          say Paris since 2022               => CommittedCheap extends
          retract Munich                     => Invalidated retracted
          state Paris                        => CommittedCheap
          state Berlin                       => Superseded
          holds Berlin                       => 2020..2022)"}},
       {.overturn_policy = OverturnPolicy::newest_first_hand_wins});
  play({{"a loser said later than its rival is the newcomer", R"(
          2026-01-15
          say Paris since 2022 until 2024    => CommittedCheap first
          say Berlin since 2020 until 2022   => CommittedCheap extends
          say Berlin since 2020 until 2023 as B => Contested rivals vs Paris
          say Munich since 2020 until 2024   => Contested rivals vs Paris Berlin B
          affirm Munich!                     => CommittedCheap affirmed
          retract Munich                     => Invalidated retracted
          state Paris                        => CommittedCheap vs B
          state Berlin                       => CommittedCheap
          state B                            => Contested vs Paris)"},
        {"a follower of the loser follows it again", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          end Munich 2022                    => Invalidated ended
          2026-06-15
          say Paris since 2026-05            => CommittedCheap extends
          retract Munich                     => Invalidated retracted
          state Paris                        => CommittedCheap
          holds Berlin                       => 2020..2026-05)"}});
  play({{"a question goes on, about those of its rivals that counted before it was asked", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          say Paris since 2022               => QueuedForAdjudication rivals vs Munich asks
          say Rome since 2023                => QueuedForAdjudication rivals vs Munich Paris asks
          retract Munich                     => Invalidated retracted
          closed                             => Munich Affirmed
          pending                            => Paris vs Berlin ; Rome vs Berlin Paris)"}},
       {.queue_for_adjudication = true});
}

TEST(Retract, ThoseWhoMeetTheLoserAreJudgedInTheOrderInWhichTheyBeganToCount) {
  play({{"who was promoted after the other was said comes after it, and finds the loser gone", R"(
          2026-07-20
          say Munich                         => CommittedCheap first
          2026-08-10
          say Berlin until 2027 sure 0.1 critical => PendingLowConfidence below_floor
          2026-08-13
          say Berlin since 2026-06 source rumour => CommittedCheap newest_wins vs Munich
          2027-03-03
          say Berlin until 2027-03           => CommittedCheap extends end_not_applied
          state Berlin                       => CommittedCheap
          retract Berlin'                    => Invalidated retracted
          holds Munich                       => 2027-03..
          state Berlin                       => CommittedCheap
          closed                             => none)"}},
       {.overturn_policy = OverturnPolicy::newest_first_hand_wins, .queue_for_adjudication = true});
}

TEST(Reopen, TakesBackTheEndsInForceFromAnInstantOn) {
  play({
      {"without an instant: nothing of it", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          reopen Berlin                      => Reinstated reopened
          wrote                              => Reopened Judged
          cuts Berlin                        => none
          state Berlin                       => Reinstated
          holds Berlin                       => 2020..)"},
      {"from an instant on", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          reopen Berlin 2024                 => Reinstated reopened
          holds Berlin                       => 2020..2022 2024..
          cuts Berlin                        => 2022..2024 end)"},
      {"from the end on", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          reopen Berlin 2022                 => Reinstated reopened
          holds Berlin                       => 2020..
          cuts Berlin                        => none)"},
      {"of what was retracted", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2024                 => Reinstated reopened
          holds Berlin                       => 2024..)"},
      {"not what a winner took", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021 until 2022   => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          end Berlin 2025                    => Invalidated ended
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2020..2021 2022..)"},
      {"never beyond the window", R"(
          say Berlin since 2020 until 2023   => CommittedCheap first
          end Berlin 2021                    => Invalidated ended
          reopen Berlin 2022                 => Reinstated reopened
          holds Berlin                       => 2020..2021 2022..2023)"},
      {"an inferred claim has no rivals", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          end Berlin 2024                    => Invalidated ended
          say Munich since 2020              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened
          believe                            => Resolved Munich dissent Berlin)"},
      {"where nothing was cut", R"(
          say Berlin since 2020              => CommittedCheap first
          reopen Berlin                      => nothing_to_do)"},
  });
}

TEST(Reopen, RivalsAreJudged) {
  play({{"the later of the two waits", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2021              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened vs Munich
          state Munich                       => Contested vs Berlin)"},
        {"only over what holds again", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2021 until 2022   => CommittedCheap first
          reopen Berlin 2022                 => Reinstated reopened)"},
        {"another of the same value is none", R"(
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Berlin since 2021              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened)"},
        {"the reopened one, when it was said later", R"(
          2026-01-15
          say Munich since 2021              => CommittedCheap first
          say Berlin since 2020              => Contested rivals vs Munich
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Contested reopened vs Munich
          retract Munich                     => Invalidated retracted
          state Berlin                       => Reinstated)"},
        {"then its rival goes", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2021              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened vs Munich
          retract Munich                     => Invalidated retracted
          state Berlin                       => Reinstated)"}});
  play({{"somebody is asked", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2021              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened vs Munich
          state Munich                       => QueuedForAdjudication vs Berlin asks
          pending                            => Munich vs Berlin
          affirm Berlin!                     => CommittedCheap affirmed
          holds Munich                       => never)"}},
       {.queue_for_adjudication = true});
  play({{"by policy the later of the two wins, as at its own time", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2021              => CommittedCheap first
          reopen Berlin                      => Reinstated reopened
          state Munich                       => CommittedCheap
          holds Berlin                       => 2020..2021)"}},
       {.overturn_policy = OverturnPolicy::newest_first_hand_wins});
}

TEST(Source, EveryStatementOfItIsWithdrawnInOneBatch) {
  play({
      {"looked at first, then done", R"(
          say Berlin source rumour           => CommittedCheap first
          say tea on likes source rumour     => CommittedCheap first
          say milk on likes source diary     => Contested rivals vs tea
          drop rumour
              => dry_run ; Invalidated retracted ; Invalidated retracted : tea Berlin
          wrote                              => nothing
          drop! rumour                       => Invalidated retracted ; Invalidated retracted : tea Berlin
          wrote                              => TakenBack Judged TakenBack
          state milk                         => CommittedCheap
          drop rumour                        => nothing_to_do
          drop! rumour                       => nothing_to_do)"},
      {"exact text", R"(
          say Berlin source rumour           => CommittedCheap first
          drop Rumour                        => nothing_to_do
          drop rumou                         => nothing_to_do)"},
      {"parked ones too", R"(
          say Berlin source rumour sure 0.1  => PendingLowConfidence below_floor
          say Paris since 2020 until 2019 source rumour => Quarantined incoherent_window
          drop rumour
              => dry_run ; Invalidated retracted ; Invalidated retracted : Berlin Paris
          drop! rumour                       => Invalidated retracted ; Invalidated retracted : Berlin Paris)"},
      {"derived ones are", R"(
          say Berlin by model source rumour  => CommittedInferred inferred
          drop rumour                        => dry_run ; Invalidated retracted : Berlin
          drop! rumour                       => Invalidated retracted : Berlin)"},
      {"those without validity too: they could get it back", R"(
          2026-01-15
          say Berlin since 2020 source rumour => CommittedCheap first
          say Munich since 2020 source rumour => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          holds Berlin                       => never
          drop rumour
              => dry_run ; Invalidated retracted ; Invalidated retracted : Berlin Munich
          drop! rumour                       => Invalidated retracted ; Invalidated retracted : Berlin Munich
          holds Berlin                       => never
          timeline                           => nothing)"},
      {"what was derived from them is marked", R"(
          say Berlin source rumour           => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          drop rumour                        => dry_run ; Invalidated retracted : Berlin
          drop! rumour                       => Invalidated retracted marks Potsdam : Berlin)"},
      {"the head has moved since", R"(
          say Berlin source rumour           => CommittedCheap first
          drop rumour                        => dry_run ; Invalidated retracted : Berlin
          say Paris on born_in               => CommittedCheap first
          drop! rumour                       => conflict
          wrote                              => nothing
          state Berlin                       => CommittedCheap)"},
      {"without a dry run", R"(
          say Berlin source rumour           => CommittedCheap first
          drop! rumour                       => InvalidInput expected_position)"},
      {"by a model", R"(
          say Berlin source rumour           => CommittedCheap first
          drop rumour                        => dry_run ; Invalidated retracted : Berlin
          drop! rumour by model              => Rejected not_allowed
          state Berlin                       => CommittedCheap)"},
  });
  play({{"a question is not closed for want of a rival that comes back in the same batch", R"(
          2026-01-15
          say Rome since 2020 source rumour  => CommittedCheap first
          say Berlin since 2020 until 2022   => QueuedForAdjudication rivals vs Rome asks
          say Munich since 2020              => QueuedForAdjudication rivals vs Rome Berlin asks
          say Paris since 2020 until 2025 source rumour => QueuedForAdjudication rivals vs Rome Berlin Munich asks
          affirm Paris                       => CommittedCheap affirmed
          drop rumour
              => dry_run ; Invalidated retracted ; Invalidated retracted : Rome Paris
          drop! rumour                       => Invalidated retracted ; Invalidated retracted : Rome Paris
          closed                             => Paris Affirmed, Berlin Moot
          state Munich                       => QueuedForAdjudication vs Berlin asks)"}},
       {.queue_for_adjudication = true});
}

TEST(Review, EverythingDerivedIsMarkedOnce) {
  play({
      {"over several steps", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          retract a                          => Invalidated retracted marks b c
          wrote                              => TakenBack ReviewMarked ReviewMarked
          state b                            => PendingReview
          state c                            => PendingReview)"},
      {"a diamond", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from a        => CommittedInferred inferred
          say d on p4 by model from b,c      => CommittedInferred inferred
          retract a                          => Invalidated retracted marks b c d
          wrote                              => TakenBack ReviewMarked ReviewMarked ReviewMarked)"},
      {"what is marked already is not marked again", R"(
          say a on p1                        => CommittedCheap first
          say b on p2                        => CommittedCheap first
          say c on p3 by model from a,b      => CommittedInferred inferred
          retract a                          => Invalidated retracted marks c
          retract b                          => Invalidated retracted
          wrote                              => TakenBack)"},
      {"through what is not live, which is not marked", R"(
          say a on p1                        => CommittedCheap first
          say Berlin                         => CommittedCheap first
          say Munich by model from a         => PendingConflict contradicts vs Berlin
          say c on p3 by model from Munich   => CommittedInferred inferred
          retract a                          => Invalidated retracted marks c
          state Munich                       => PendingConflict)"},
      {"first-hand claims too", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 from a                 => CommittedCheap first
          retract a                          => Invalidated retracted marks b)"},
      {"not what was retracted", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          retract b                          => Invalidated retracted
          retract a                          => Invalidated retracted
          state b                            => Invalidated)"},
      {"what lost all to another, who may lose it again", R"(
          say a on p1                        => CommittedCheap first
          say Berlin since 2024 from a       => CommittedCheap first
          say Munich since 2024              => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          retract a                          => Invalidated retracted marks Berlin
          state Berlin                       => Superseded
          retract Munich                     => Invalidated retracted
          state Berlin                       => PendingReview)"},
      {"not what falls in the same batch", R"(
          say a on p1 source bad             => CommittedCheap first
          say b on p2 by model from a source bad => CommittedInferred inferred
          drop bad
              => dry_run ; Invalidated retracted ; Invalidated retracted : a b
          drop! bad                          => Invalidated retracted ; Invalidated retracted : a b
          state b                            => Invalidated)"},
      {"not the parents", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          retract b                          => Invalidated retracted)"},
  });
}

TEST(Review, WhatTakesValidityMarks) {
  play({
      {"an end", R"(
          say Berlin since 2020              => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          end Berlin 2024                    => Invalidated ended marks Potsdam)"},
      {"an end of what a successor hides takes nothing and marks nobody", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          end Berlin 2026-08                 => Invalidated ended
          state Potsdam                      => CommittedInferred)"},
      {"losing by a verdict", R"(
          say Berlin                         => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          say Munich                         => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed marks Potsdam)"},
      {"a verdict that leaves things as they are marks nobody", R"(
          say Berlin                         => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          say Munich                         => Contested rivals vs Berlin
          unknown Munich!                    => Contested unsettled vs Berlin)"},
      {"reopening marks nobody", R"(
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2024                    => Invalidated ended
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          reopen Berlin                      => Reinstated reopened)"},
  });
}

TEST(Review, SettlesTheMark) {
  play({
      {"keep", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          retract a                          => Invalidated retracted marks b
          review b keep                      => CommittedInferred reviewed
          wrote                              => ReviewSettled
          state b                            => CommittedInferred
          review b keep                      => nothing_to_do)"},
      {"retract, which marks in turn", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          retract a                          => Invalidated retracted marks b
          say c on p3 by model from b        => CommittedInferred inferred
          review b retract                   => Invalidated retracted marks c
          wrote                              => ReviewSettled TakenBack ReviewMarked
          state b                            => Invalidated
          state c                            => PendingReview)"},
      {"kept, it can be marked again", R"(
          say a on p1                        => CommittedCheap first
          say b on p2                        => CommittedCheap first
          say c on p3 by model from a,b      => CommittedInferred inferred
          retract a                          => Invalidated retracted marks c
          review c keep                      => CommittedInferred reviewed
          retract b                          => Invalidated retracted marks c)"},
      {"retracting it is an answer too", R"(
          say a on p1                        => CommittedCheap first
          say b on p2 by model from a        => CommittedInferred inferred
          retract a                          => Invalidated retracted marks b
          retract b                          => Invalidated retracted
          state b                            => Invalidated
          review b keep                      => nothing_to_do
          reopen b                           => PendingReview reopened)"},
      {"nothing to look at", R"(
          say a on p1                        => CommittedCheap first
          review a keep                      => nothing_to_do
          review a retract                   => nothing_to_do
          wrote                              => nothing
          state a                            => CommittedCheap)"},
      {"a marked claim that is contested says that it waits for review", R"(
          say a on p1                        => CommittedCheap first
          say Berlin                         => CommittedCheap first
          say Munich from a                  => Contested rivals vs Berlin
          retract a                          => Invalidated retracted marks Munich
          state Munich                       => PendingReview vs Berlin
          say Munich                         => PendingReview restates = Munich vs Berlin
          believe                            => Contested Berlin Munich
          markers                            => Contested PendingReview Medium
          review Munich keep                 => Contested reviewed vs Berlin)"},
  });
}

TEST(RetractingASource, NamesWhoElseSaidTheSame) {
  test::Script script;
  script.act("say Berlin source feed");
  script.act("say Berlin source zoe");
  script.act("say Berlin source bob");
  script.act("say Berlin");
  script.act("say Berlin source bob since 2020");
  script.act("say Munich on job source feed");
  const auto look = [&](const std::string& source) {
    return script.engine().retract_source({.agent = script.agent(), .source = source, .dry_run = true}).receipts;
  };

  const auto receipts = look("feed");
  ASSERT_EQ(receipts.size(), 2U);
  const auto& falls = receipts[receipts[0].claim == script.claim("Munich") ? 0 : 1];
  const auto& stays = receipts[receipts[0].claim == script.claim("Munich") ? 1 : 0];
  EXPECT_EQ(stays.also_said_by, (std::vector<std::string>{"bob", "zoe"}));
  EXPECT_EQ(stays.others, 3U) << "and somebody without a name";
  EXPECT_EQ(stays.rationale, Rationale::said_by_others);
  EXPECT_EQ(stays.reason, "also said by 'bob', 'zoe', nobody by name: it goes on as theirs");
  EXPECT_EQ(stays.disposition, Disposition::committed_cheap);
  EXPECT_EQ(falls.also_said_by, std::vector<std::string>{});
  EXPECT_EQ(falls.others, 0U);
  EXPECT_EQ(falls.rationale, Rationale::retracted);
  EXPECT_EQ(falls.disposition, Disposition::invalidated);
  EXPECT_EQ(script.engine().head({.agent = script.agent()}).position, Position{6}) << "nothing is written";

  for (std::size_t i = 0; i < limits::rivals_shown; ++i) script.act("say Berlin source s" + std::to_string(i));
  const auto many = look("feed");
  const auto& bounded = many[many[0].claim == script.claim("Munich") ? 1 : 0];
  EXPECT_EQ(bounded.also_said_by.size(), limits::rivals_shown);
  EXPECT_TRUE(std::is_sorted(bounded.also_said_by.begin(), bounded.also_said_by.end()));
  EXPECT_EQ(bounded.others, limits::rivals_shown + 3);
  EXPECT_TRUE(bounded.reason.ends_with(", nobody by name and 2 more: it goes on as theirs")) << bounded.reason;
}

TEST(RetractingASource, ADryRunNamesNoQuestionThatItWouldOpen) {
  test::Script script({.queue_for_adjudication = true});
  script.act("say Berlin since 2020 source feed");
  script.act("say Berlin since 2022 source bob");
  script.act("say Munich since 2021 source bob");
  const auto dry = script.engine().retract_source({.agent = script.agent(), .source = "feed", .dry_run = true});
  for (const auto& receipt : dry.receipts) EXPECT_FALSE(receipt.handle && receipt.handle != script.handle("Munich"));
  EXPECT_TRUE(dry.marked_for_review.empty());
}

TEST(Receipts, OfWhatWasNotWrittenHaveNoPlaceInTheLedger) {
  test::Script script;
  script.act("say Berlin since 2020");
  script.act("say Munich since 2020");
  const auto ambiguous = script.engine().retract({.agent = script.agent(), .claim = script.line()});
  EXPECT_EQ(ambiguous.status, WriteStatus::ambiguous);
  ASSERT_EQ(ambiguous.receipts.size(), 2U);
  for (const auto& receipt : ambiguous.receipts) {
    EXPECT_EQ(receipt.position, Position{});
    EXPECT_EQ(receipt.recorded_at, TxTime{});
  }
  EXPECT_EQ(ambiguous.position, Position{2}) << "the head that it was judged at";
}

}  // namespace
}  // namespace claimledger
