#include "script.hpp"

// Belief about one line at one instant: section 4.
namespace claimledger {
namespace {

using test::play;

TEST(Belief, CandidatesHoldAtTheInstantAskedAbout) {
  play({
      {"also where there is just one", R"(
          say Berlin since 2020 until 2022   => CommittedCheap first
          believe 2019-12-31T23:59:59.999999Z => NoBelief
          believe 2020                       => Resolved Berlin
          believe 2021-12-31T23:59:59.999999Z => Resolved Berlin
          believe 2022                       => NoBelief)"},
      {"nothing is known", "believe => NoBelief\nmarkers =>\ndated => stale"},
      {"by default at the time of asking", R"(
          2026-01-15
          say Berlin since 2020 until 2026-02 => CommittedCheap first
          believe                            => Resolved Berlin
          2026-02
          believe                            => NoBelief)"},
      {"a conflict is local", R"(
          2026-01-15
          say Berlin since 2020 until 2022   => CommittedCheap first
          say Munich since 2021 until 2023   => Contested rivals vs Berlin
          timeline                           => 2020..2021 Berlin, 2021..2022 Berlin Munich, 2022..2023 Munich)"},
  });
}

TEST(Belief, InferredClaimsDoNotDecideBesideFirstHand) {
  play({
      {"of another value: dissent", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Munich since 2021              => CommittedCheap first
          believe 2020                       => Resolved Berlin
          believe                            => Resolved Munich dissent Berlin)"},
      {"of the same value: nothing to say", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Berlin since 2021              => CommittedCheap first
          believe                            => Resolved Berlin)"},
      {"an undated first-hand one decides beside a dated inferred one", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Munich                         => CommittedCheap first
          believe                            => TimingUncertain Munich dissent Berlin)"},
      {"pending conflicts are dissent where they would hold", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021 until 2022 by model => PendingConflict contradicts vs Berlin
          believe 2020                       => Resolved Berlin
          believe 2021                       => Resolved Berlin dissent Munich
          believe 2022                       => Resolved Berlin)"},
      {"dissent alone is no belief", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2019 by model     => PendingConflict contradicts vs Berlin
          believe 2019                       => NoBelief dissent Munich)"},
      {"dissent never has the answer's value, any alternative's", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021 by model     => PendingConflict contradicts vs Berlin
          say Munich since 2022              => Contested rivals vs Berlin
          believe 2021                       => Resolved Berlin dissent Munich
          believe                            => Contested Berlin Munich)"},
      {"oldest first, one a claim", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Rome since 2021 by model       => PendingConflict contradicts vs Berlin
          say Munich since 2021 by model     => PendingConflict contradicts vs Berlin
          say Rome since 2020 by model as R  => PendingConflict contradicts vs Berlin
          believe                            => Resolved Berlin dissent Rome Munich R)"},
  });
}

TEST(Belief, AnUndatedValueThatRivalsNoTrustedOneIsSetAside) {
  play({
      {"dissent", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich since 2026-03           => CommittedCheap extends
          believe                            => Resolved Munich dissent Berlin)"},
      {"of a value that a trusted candidate has: one group, trusted", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin since 2020              => CommittedCheap extends
          believe                            => Resolved Berlin
          believe 2019                       => TimingUncertain Berlin)"},
      {"a rival of a trusted candidate stays", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich since 2020              => Contested rivals vs Berlin
          +1s
          believe                            => Contested Berlin Munich
          believe 2019                       => TimingUncertain Berlin)"},
      {"… but not before it was first said", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich since 2020              => Contested rivals vs Berlin
          believe 2021                       => Resolved Munich dissent Berlin
          believe 2026-01-14T23:59:59.999999Z => Resolved Munich dissent Berlin
          believe 2026-01-15                 => Contested Berlin Munich)"},
      {"… unless its stated end was not after that: it speaks about the past", R"(
          2026-01-15
          say Berlin until 2022              => CommittedCheap first
          say Munich since 2020              => Contested rivals vs Berlin
          believe 2021                       => Contested Berlin Munich
          believe 2023                       => Resolved Munich)"},
      {"without trusted candidates nothing is set aside", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          believe 2019                       => Contested Berlin Munich)"},
      {"inferred claims have no rivals", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Munich by model                => CommittedInferred inferred
          believe                            => Resolved Berlin dissent Munich)"},
  });
}

TEST(Belief, TheSurestThenTheOldestSpeaksForItsGroup) {
  play({
      {"the surest", R"(
          2026-01-15
          say Berlin since 2020 sure 0.8     => CommittedCheap first
          say Berlin since 2019 sure 0.9     => CommittedCheap extends
          slot Berlin                        => Berlin' said 2026-01-15T00:00:00.000001Z by 0 others, CommittedCheap)"},
      {"the oldest of equals; restatements of all count", R"(
          2026-01-15
          say Berlin since 2020 source a     => CommittedCheap first
          say Berlin since 2019 source a     => CommittedCheap extends
          say Berlin since 2020 source b     => CommittedCheap restates = Berlin
          say Berlin since 2019 source b     => CommittedCheap restates = Berlin'
          slot Berlin                        => Berlin said 2026-01-15T00:00:00.000003Z by 2 others, CommittedCheap)"},
      {"an undated one belongs to the group of a trusted one", R"(
          2026-01-15
          say Berlin sure 0.9                => CommittedCheap first
          say Berlin since 2020 sure 0.8     => CommittedCheap extends
          slot Berlin                        => Berlin said 2026-01-15T00:00:00.000001Z by 0 others, CommittedCheap)"},
      {"only those that hold then", R"(
          2026-01-15
          say Berlin since 2020 sure 0.8     => CommittedCheap first
          say Berlin since 2019 sure 0.9     => CommittedCheap extends
          end Berlin' 2024                   => Invalidated ended
          slot Berlin 2023                   => Berlin' said 2026-01-15T00:00:00.000001Z by 0 others, Invalidated
          slot Berlin                        => Berlin said 2026-01-15 by 0 others, CommittedCheap)"},
      {"a correction is older than what it corrects, as everywhere on the line", R"(
          2026-01-15
          say Berlin since 2020 as old       => CommittedCheap first
          2026-01-16
          correct old Berlin since 2021 source b as new => CommittedCheap corrected
          reopen old                         => Reinstated reopened
          2026-01-17
          slot Berlin                        => new said 2026-01-16 by 0 others, CommittedCheap
          say Berlin since 2022              => CommittedCheap restates = new
          say Berlin since 2022 by model     => CommittedCheap echo = new
          say Berlin by recall               => CommittedCheap recall_reentry = new)"},
      {"… also where none decides", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          reopen Berlin                      => Contested reopened vs Bonn
          2026-01-17
          say Munich since 2026-01-16        => CommittedCheap extends
          believe 2026-01-16T12:00:00Z       => Resolved Munich dissent Bonn Berlin)"},
  });
}

TEST(Belief, AgesFromWhenItWasLastSaid) {
  play({
      {"to the microsecond", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          dated                              => Fresh 10000
          2026-01-02
          dated                              => Fresh 9500
          2026-01-02T12:00:00Z
          dated                              => Fresh 9259
          2026-01-30T23:59:59.999999Z
          dated                              => Fresh 2146
          2026-01-31
          dated                              => AgingUnconfirmed 2146
          2026-03-31T23:59:59.999999Z
          dated                              => AgingUnconfirmed 99
          2026-04-01
          dated                              => Decayed 99 stale)"},
      {"said again it is fresh", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Berlin                         => CommittedCheap restates = Berlin
          dated                              => Fresh 10000)"},
      {"an echo does not make it so", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Berlin by model                => CommittedCheap echo = Berlin
          say Berlin by recall               => CommittedCheap recall_reentry = Berlin
          dated                              => Decayed 99 stale)"},
      {"of several groups, the one said last", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-04-01
          say Munich                         => Contested rivals vs Berlin
          dated                              => Fresh 10000)"},
      {"of a group, the claim said last", R"(
          2026-01-01
          say Berlin since 2020              => CommittedCheap first
          2026-04-01
          say Berlin since 2019              => CommittedCheap extends
          dated                              => Fresh 10000)"},
      {"before it was said it has no age", R"(
          2026-01-01
          say Berlin since 2020              => CommittedCheap first
          2025-12-01
          dated                              => Fresh 10000)"},
  });
  play({{"as configured", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          +1h
          dated                              => AgingUnconfirmed 9979
          +1h
          dated                              => Decayed 9957 stale)"}},
       {.aging_after = std::chrono::hours{1}, .decayed_after = std::chrono::hours{2}});
}

TEST(Belief, CarriesItsMarkers) {
  play({
      {"none", "say Berlin => CommittedCheap first\nmarkers => Medium"},
      {"Contested, and the highest criticality", R"(
          say Berlin low                     => CommittedCheap first
          say Munich critical                => Contested rivals vs Berlin
          markers                            => Contested Critical)"},
      {"PendingConflict and Dissent", R"(
          say Berlin low                     => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          markers                            => PendingConflict Dissent Low)"},
      {"Dissent alone: an inferred claim set aside, whose criticality counts", R"(
          2026-01-15
          say Berlin since 2020 by model high => CommittedInferred inferred
          say Munich since 2020 low          => CommittedCheap first
          markers                            => Dissent High)"},
      {"PendingReview", R"(
          say a on p1                        => CommittedCheap first
          say Berlin by model from a         => CommittedInferred inferred
          retract a                          => Invalidated retracted marks Berlin
          believe                            => TimingUncertain Berlin
          markers                            => PendingReview Medium)"},
      {"RecallTainted: what came back and repeats nothing that stands", R"(
          say Berlin by recall               => CommittedInferred inferred
          markers                            => RecallTainted Medium)"},
      {"RecallTainted by dissent", R"(
          say Berlin                         => CommittedCheap first
          say Munich by recall               => PendingConflict contradicts vs Berlin
          markers                            => PendingConflict RecallTainted Dissent Medium)"},
  });
  play({{"LowDerivationAnchor: over three steps, whatever the cap", R"(
          say a on p1 by model               => CommittedInferred inferred
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say d on p4 by model from c        => CommittedInferred inferred
          line p3
          markers                            => Medium
          line p4
          markers                            => LowDerivationAnchor Medium)"}},
       {.derivation_depth_cap = 5});
}

TEST(Recall, AReentryIsRecordedAtTheClaimItRepeats) {
  play({
      {"the live claim with that value", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Berlin by recall               => CommittedCheap recall_reentry = Berlin
          wrote                              => RecallReEntryDetected
          said Berlin                        => 2026-01-15 by 0 others)"},
      {"the oldest of them", R"(
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2010              => CommittedCheap extends
          say Berlin by recall               => CommittedCheap recall_reentry = Berlin)"},
      {"not one of which nothing is left", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Berlin as again                => CommittedCheap first
          say Berlin by recall               => CommittedCheap recall_reentry = again)"},
      {"nothing is left of any: it goes on as derived", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Berlin by recall               => CommittedInferred inferred)"},
      {"first of all what it is derived from, whatever that says", R"(
          say Paris on born_in               => CommittedCheap first
          say Berlin                         => CommittedCheap first
          say Berlin by recall from Paris,Berlin => CommittedCheap recall_reentry = Paris)"},
      {"nothing that stands: it goes on as derived", R"(
          say Berlin                         => CommittedCheap first
          say Munich by recall               => PendingConflict contradicts vs Berlin
          retract Berlin                     => Invalidated retracted
          say Rome by recall                 => CommittedInferred inferred)"},
  });
}

TEST(Recall, DerivedContentEqualToWhatWasServedIsAReentry) {
  play({
      {"within a day, to the microsecond", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-16
          serve chat                         => TimingUncertain
          wrote                              => Served
          2026-01-17
          say Berlin by model                => CommittedCheap recall_reentry = Berlin)"},
      {"a microsecond later it is an echo", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-16
          serve chat                         => TimingUncertain
          2026-01-17T00:00:00.000001Z
          say Berlin by model                => CommittedCheap echo = Berlin)"},
      {"the last serving counts", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          serve chat                         => TimingUncertain
          2026-01-16
          serve chat                         => TimingUncertain
          2026-01-17
          say Berlin by model                => CommittedCheap recall_reentry = Berlin)"},
      {"not served: an echo", R"(
          say Berlin                         => CommittedCheap first
          say Berlin by model                => CommittedCheap echo = Berlin)"},
      {"first-hand content is never one", R"(
          say Berlin                         => CommittedCheap first
          serve chat                         => TimingUncertain
          say Berlin                         => CommittedCheap restates = Berlin)"},
      {"every side of a contest is served", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          serve chat                         => Contested
          say Munich by model                => Contested recall_reentry = Munich
          say Berlin by model                => CommittedCheap recall_reentry = Berlin)"},
      {"so is dissent", R"(
          2026-01-15
          say Berlin since 2020 by model     => CommittedInferred inferred
          say Munich since 2020              => CommittedCheap first
          serve chat                         => Resolved
          say Berlin by model                => CommittedInferred recall_reentry = Berlin)"},
      {"no belief: nothing is served, nothing written", R"(
          say Berlin since 2020 until 2021   => CommittedCheap first
          serve chat                         => NoBelief
          wrote                              => nothing)"},
      {"served and retracted since: it goes on as derived", R"(
          say Berlin                         => CommittedCheap first
          serve chat                         => TimingUncertain
          retract Berlin                     => Invalidated retracted
          say Rome by model                  => CommittedInferred inferred)"},
  });
}

TEST(Recall, TenReentriesInAMinuteAreRecordedAndTheEleventhIsABurst) {
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "say Berlin by recall => CommittedCheap recall_reentry = Berlin\n";
  const auto start = "2026-01-15\nsay Berlin => CommittedCheap first\n2026-02-01\n" + ten;
  const auto burst = start + "say Berlin by recall => Quarantined recall_burst = Berlin\nwrote => RecallBurst\n";
  test::Script().play(burst + R"(
          say Berlin by recall               => Quarantined recall_burst = Berlin
          wrote                              => nothing
          state Berlin                       => CommittedCheap
          say Munich on other                => CommittedCheap first
          2026-02-01T00:01:00.000009Z
          say Berlin by recall               => Quarantined recall_burst = Berlin
          wrote                              => nothing
          2026-02-01T00:01:00.000010Z
          say Berlin by recall               => CommittedCheap recall_reentry = Berlin
          wrote                              => RecallReEntryDetected)");
  // The first of the ten was recorded at midnight sharp.
  test::Script().play(start + R"(
          2026-02-01T00:00:59.999999Z
          say Berlin by recall               => Quarantined recall_burst = Berlin)");
  test::Script().play(start + R"(
          2026-02-01T00:01:00Z
          say Berlin by recall               => CommittedCheap recall_reentry = Berlin)");
  test::Script().play(start + R"(
          line other
          say Rome                           => CommittedCheap first
          say Rome by recall                 => CommittedCheap recall_reentry = Rome)");
}

TEST(Reconcile, InferredClaimsThatNothingContradictsReturn) {
  play({
      {"once what they contradicted is gone", R"(
          say Berlin                         => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          reconcile                          => lives_in returned opened 0 contested 0
          wrote                              => nothing
          retract Berlin                     => Invalidated retracted
          state Munich                       => PendingConflict
          reconcile                          => lives_in returned Munich opened 0 contested 0
          wrote                              => Judged
          state Munich                       => CommittedInferred
          reconcile                          => lives_in returned opened 0 contested 0
          wrote                              => nothing)"},
      {"depth does not go away", R"(
          say a on p1 by model               => CommittedInferred inferred
          say b on p2 by model from a        => CommittedInferred inferred
          say c on p3 by model from b        => CommittedInferred inferred
          say Berlin by model from c         => PendingConflict too_deep
          reconcile                          => lives_in returned opened 0 contested 0)"},
      {"from where what it contradicted ended, it weighs as if it were said then", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          end Berlin 2025                    => Invalidated ended
          reconcile                          => lives_in returned Munich opened 0 contested 0)"},
      {"not because time passed: it weighs as of when it was said", R"(
          2026-01-01
          say Berlin since 2025-12 until 2026-01-05 => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          2026-01-10
          reconcile                          => lives_in returned opened 0 contested 0
          wrote                              => nothing
          believe 2026-01-06                 => NoBelief dissent Munich
          retract Berlin                     => Invalidated retracted
          reconcile                          => lives_in returned Munich opened 0 contested 0)"},
      {"a dated one succeeds as of when it was said, too", R"(
          2026-01-15
          say Berlin since 2025-12           => CommittedCheap first
          2026-01-20
          say Ulm since 2026-01-17           => CommittedCheap succession
          say Munich since 2026-01-18 by model => PendingConflict contradicts vs Ulm
          2026-01-30
          retract Ulm                        => Invalidated retracted
          say Berlin since 2025-12           => CommittedCheap restates = Berlin
          reconcile                          => lives_in returned Munich opened 0 contested 0)"},
      {"no winner is picked", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          reconcile                          => lives_in returned opened 0 contested 1
          wrote                              => nothing
          state Munich                       => Contested vs Berlin)"},
      {"every line that has something open, and no other", R"(
          say calm on a                      => CommittedCheap first
          say Berlin on b                    => CommittedCheap first
          say Munich on b                    => Contested rivals vs Berlin
          say x on c                         => CommittedCheap first
          say y on c by model                => PendingConflict contradicts vs x
          reconcile all                      => b returned opened 0 contested 1 ; c returned opened 0 contested 0)"},
      {"a line that is asked for is looked at", "reconcile => lives_in returned opened 0 contested 0"},
  });
}

TEST(Reconcile, AsksAboutContestedLinesWithoutAQuestion) {
  play({{"one a line, for the oldest, once", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          reconcile                          => lives_in returned opened 0 contested 1
          unknown Munich                     => Contested unsettled vs Berlin
          say Rome sure 0.9                  => QueuedForAdjudication rivals vs Berlin Munich asks
          reconcile                          => lives_in returned opened 0 contested 2
          unknown Rome                       => Contested unsettled vs Berlin Munich
          reconcile                          => lives_in returned opened 1 contested 2
          state Munich                       => QueuedForAdjudication vs Berlin Rome asks
          reconcile                          => lives_in returned opened 0 contested 2
          wrote                              => nothing
          affirm Munich                      => CommittedCheap affirmed)"}},
       {.queue_for_adjudication = true});
  play({{"also where the newest would win by now: it never picks a winner", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Paris since 2020 critical      => QueuedForAdjudication rivals vs Berlin asks
          say Munich since 2021              => QueuedForAdjudication rivals vs Berlin Paris asks
          end Paris 2020                     => Invalidated ended
          unknown Munich                     => Contested unsettled vs Berlin
          reconcile                          => lives_in returned opened 1 contested 1
          state Munich                       => QueuedForAdjudication vs Berlin asks
          holds Berlin                       => 2020..)"}},
       {.overturn_policy = OverturnPolicy::newest_first_hand_wins, .queue_for_adjudication = true});
}

}  // namespace
}  // namespace claimledger
