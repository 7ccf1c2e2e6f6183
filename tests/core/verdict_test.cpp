#include <sstream>

#include "script.hpp"

// Verdicts, and questions that end without one: section 6.
namespace claimledger {
namespace {

using test::play;

const Config asking{.queue_for_adjudication = true};

TEST(Affirm, WhatTheWinnerHoldsIsCutOutOfTheRivalsThatTheItemIsAbout) {
  play(
      {
          {"nothing is left after it", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          wrote                              => AdjudicationClosed
          state Berlin                       => Superseded
          cuts Berlin                        => 2022.. verdict for Munich
          believe 2021                       => Resolved Berlin
          believe 2022                       => Resolved Munich
          pending                            => none
          closed                             => Munich Affirmed)"},
          {"a part", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022 until 2023   => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          cuts Berlin                        => 2022..2023 verdict for Munich
          holds Berlin                       => 2020..2022 2023..)"},
          {"up to the very end of the rival", R"(
          say Berlin since 2020 until 2023   => CommittedCheap first
          say Munich since 2022 until 2023   => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          cuts Berlin                        => 2022..2023 verdict for Munich)"},
          {"a microsecond is left", R"(
          say Berlin since 2020 until 2023-01-01T00:00:00.000001Z => CommittedCheap first
          say Munich since 2022 until 2023   => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          holds Berlin                       => 2020..2022 2023..2023-01-01T00:00:00.000001Z)"},
          {"all of it", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2019              => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          cuts Berlin                        => 2019.. verdict for Munich
          holds Berlin                       => never
          believe                            => Resolved Munich)"},
          {"stretch by stretch", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          end Munich 2023                    => QueuedForAdjudication ended vs Berlin asks
          reopen Munich 2024                 => QueuedForAdjudication reopened vs Berlin asks
          end Munich 2026                    => QueuedForAdjudication ended vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          holds Berlin                       => 2020..2022 2023..2024 2026..)"},
          {"what shares nothing with it is not touched", R"(
          2026-01-15
          say Berlin since 2020 until 2024   => CommittedCheap first
          say Paris since 2024               => CommittedCheap extends
          say Rome since 2023                => QueuedForAdjudication rivals vs Berlin Paris asks
          end Berlin 2022                    => Invalidated ended
          affirm Rome                        => CommittedCheap affirmed
          cuts Berlin                        => 2022.. end
          state Berlin                       => Invalidated
          cuts Paris                         => 2023.. verdict for Rome)"},
          {"a tail that a follower hides was not judged: it comes back when the follower goes", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          say Rome since 2024 until 2026-05  => QueuedForAdjudication rivals vs Berlin asks
          affirm Rome                        => CommittedCheap affirmed
          state Berlin                       => Superseded
          holds Berlin                       => 2020..2024
          retract Munich                     => Invalidated retracted
          holds Berlin                       => 2020..2024 2026-05..)"},
          {"all that it is about", R"(
          2026-01-15
          say Berlin since 2020 until 2024   => CommittedCheap first
          say Paris since 2024               => CommittedCheap extends
          say Rome since 2023                => QueuedForAdjudication rivals vs Berlin Paris asks
          affirm Rome                        => CommittedCheap affirmed
          holds Berlin                       => 2020..2023
          holds Paris                        => never)"},
      },
      asking);
}

TEST(Affirm, AnUndatedChallengerHoldsFromWhenItWasSaid) {
  play(
      {
          {"the past keeps its answer", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-02-01
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          2026-03-01
          affirm Munich                      => CommittedCheap affirmed
          cuts Munich                        => ..2026-02 verdict for Munich
          cuts Berlin                        => 2026-02.. verdict for Munich
          believe 2026-01-31                 => Resolved Berlin
          believe                            => TimingUncertain Munich)"},
          {"against an undated one", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-02-01
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          holds Berlin                       => ..2026-02
          holds Munich                       => 2026-02..)"},
          {"its end was before it was said: nothing to lose", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-03-01
          say Munich until 2026-02           => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          holds Munich                       => ..2026-02
          holds Berlin                       => 2026-02..)"},
          {"not even a gap around when it was said changes the past", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-02-01
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          end Munich 2026                    => Invalidated ended
          reopen Munich 2026-03              => QueuedForAdjudication reopened vs Berlin asks
          holds Munich                       => ..2026 2026-03..
          affirm Munich                      => CommittedCheap affirmed
          cuts Berlin                        => 2026-03.. verdict for Munich
          holds Munich                       => 2026-03..
          believe 2025                       => TimingUncertain Berlin)"},
          {"a later undated claim holds from where the loser ended", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-02-01
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          2026-03-01
          say Rome                           => QueuedForAdjudication rivals vs Munich asks
          holds Rome                         => 2026-02..)"},
      },
      asking);
}

TEST(Affirm, WhatTheItemIsNotAboutWasNotJudged) {
  play({{"a claim said since stays a rival", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => QueuedForAdjudication rivals vs Berlin asks
          say Rome since 2022                => QueuedForAdjudication rivals vs Berlin Munich asks
          affirm Munich                      => CommittedCheap affirmed vs Rome
          state Munich                       => CommittedCheap vs Rome
          state Rome                         => QueuedForAdjudication vs Munich asks
          holds Berlin                       => 2020..2021
          holds Rome                         => 2022..
          believe                            => Contested Munich Rome
          affirm Rome                        => CommittedCheap affirmed
          timeline                           => 2020..2021 Berlin, 2021..2022 Munich, 2022.. Rome)"}},
       asking);
}

TEST(Affirm, WhoWouldComeBackOnlyByItLosesToo) {
  play(
      {
          {"whom the loser had followed", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          2026-11-01
          say Kyoto                          => QueuedForAdjudication rivals vs Munich asks
          affirm Kyoto                       => CommittedCheap affirmed
          holds Kyoto                        => 2026-11..
          holds Munich                       => 2026-05..2026-11
          holds Berlin                       => 2020..2026-05
          believe                            => TimingUncertain Kyoto
          pending                            => none
          state Potsdam                      => CommittedInferred
          retract Kyoto                      => Invalidated retracted
          holds Berlin                       => 2020..2026-05
          believe                            => Resolved Munich)"},
          {"only what came back: what it had stays its own", R"(
          2020-06-01
          say Berlin since 2020              => CommittedCheap first
          2023-12-01
          say Munich since 2024 until 2028   => CommittedCheap succession
          holds Berlin                       => 2020..2024 2028..
          2026-11-01
          say Paris                          => QueuedForAdjudication rivals vs Munich asks
          affirm Paris                       => CommittedCheap affirmed
          holds Munich                       => 2024..2026-11
          holds Berlin                       => 2020..2024 2028..
          believe 2027                       => TimingUncertain Paris
          believe 2029                       => Resolved Berlin dissent Paris)"},
          {"along a chain", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          2026-06-15
          say Munich since 2026-05           => CommittedCheap succession
          2026-10-01
          say Rome since 2026-09             => CommittedCheap succession
          2026-11-01
          say Kyoto                          => QueuedForAdjudication rivals vs Rome asks
          affirm Kyoto                       => CommittedCheap affirmed
          believe                            => TimingUncertain Kyoto
          retract Kyoto                      => Invalidated retracted
          believe                            => Resolved Rome
          believe 2026-08                    => Resolved Munich)"},
          {"who began to count after the item was opened stays a rival", R"(
          2026-01-15
          say Munich since 2020              => CommittedCheap first
          say Kyoto                          => QueuedForAdjudication rivals vs Munich asks
          say Rome since 2019                => QueuedForAdjudication rivals vs Munich Kyoto asks
          affirm Kyoto                       => CommittedCheap affirmed vs Rome
          believe 2026-02                    => Contested Kyoto Rome)"},
      },
      asking);
}

TEST(Affirm, ReturnsThoseWhoseLastRivalItWas) {
  play({{"the other challenger's rival is gone", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          say Rome since 2021 until 2022     => QueuedForAdjudication rivals vs Berlin asks
          affirm Rome                        => CommittedCheap affirmed
          state Munich                       => QueuedForAdjudication vs Berlin asks
          say Paris since 2020 until 2030    => QueuedForAdjudication rivals vs Berlin Munich Rome asks
          affirm Munich                      => CommittedCheap affirmed vs Paris
          deny Paris                         => Invalidated denied
          closed                             => Rome Affirmed, Munich Affirmed, Paris Denied
          timeline                           => 2020..2021 Berlin, 2021..2022 Rome, 2022.. Munich)"},
        {"its open item closes as moot", R"(
          2026-01-15
          say Berlin since 2020 until 2021   => CommittedCheap first
          say Munich since 2020 until 2021   => QueuedForAdjudication rivals vs Berlin asks
          say Rome since 2019 until 2021     => QueuedForAdjudication rivals vs Berlin Munich asks
          affirm Rome                        => CommittedCheap affirmed
          state Munich                       => Superseded
          closed                             => Rome Affirmed, Munich Moot
          pending                            => none)"}},
       asking);
}

TEST(Deny, TheChallengerNeverHeld) {
  play({{"rivals are untouched", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          deny Munich                        => Invalidated denied
          wrote                              => AdjudicationClosed TakenBack
          cuts Munich                        => none
          holds Munich                       => never
          state Berlin                       => CommittedCheap
          holds Berlin                       => 2020..
          believe                            => Resolved Berlin
          closed                             => Munich Denied)"},
        {"what was derived from it is marked", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          say Dachau on near by model from Munich => CommittedInferred inferred
          deny Munich                        => Invalidated denied marks Dachau)"}},
       asking);
}

TEST(Unknown, LeavesTheClaimContested) {
  play({{"and nobody is asked any more, until somebody asks again", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          unknown Munich                     => Contested unsettled vs Berlin
          wrote                              => AdjudicationClosed
          pending                            => none
          believe                            => Contested Berlin Munich
          affirm Munich                      => not_found
          affirm Munich!                     => CommittedCheap affirmed
          wrote                              => AdjudicationOpened AdjudicationClosed
          closed                             => Munich Unknown, Munich Affirmed)"}},
       asking);
}

TEST(Questions, AHandleSettlesExactlyOnce) {
  play(
      {
          {"after Affirm", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          affirm Munich                      => not_found
          deny Munich                        => not_found
          wrote                              => nothing)"},
          {"after Deny", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          deny Munich                        => Invalidated denied
          affirm Munich                      => not_found)"},
          {"closed as moot", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          retract Berlin                     => Invalidated retracted
          affirm Munich                      => not_found)"},
      },
      asking);
}

TEST(Questions, AreAskedByTheClaimToo) {
  play({{"contested without an oracle", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin
          deny Munich!                       => Invalidated denied
          wrote                              => AdjudicationOpened AdjudicationClosed TakenBack)"},
        {"unknown, by the claim", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          unknown Munich!                    => Contested unsettled vs Berlin
          pending                            => none)"},
        {"an incumbent may be in question too; undated, it wins over younger rivals as a whole", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          affirm Berlin!                     => CommittedCheap affirmed
          wrote                              => AdjudicationOpened AdjudicationClosed Judged
          state Munich                       => Superseded
          holds Munich                       => never
          holds Berlin                       => ..)"},
        {"an incumbent that is denied leaves the field to its challenger", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          deny Berlin!                       => Invalidated denied
          state Munich                       => CommittedCheap
          holds Berlin                       => never)"},
        {"an incumbent about which nobody knows keeps its own: its challenger waits", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          unknown Berlin!                    => CommittedCheap unsettled vs Munich
          state Munich                       => Contested vs Berlin)"},
        {"an incumbent that is judged wins over its rivals of that moment", R"(
          2026-01-15
          say Berlin since 2020 until 2024   => CommittedCheap first
          say Munich since 2022              => Contested rivals vs Berlin
          affirm Berlin!                     => CommittedCheap affirmed
          state Munich                       => Superseded
          holds Munich                       => 2024..
          say Rome since 2023 until 2024     => Contested rivals vs Berlin)"},
        {"the later of two may be, also when it was ended", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => Contested rivals vs Berlin
          end Munich 2023                    => Contested ended vs Berlin
          believe 2022                       => Contested Berlin Munich
          affirm Munich!                     => CommittedCheap affirmed
          wrote                              => AdjudicationOpened AdjudicationClosed
          believe 2022                       => Resolved Munich
          believe 2024                       => Resolved Berlin)"},
        {"and when it lost elsewhere", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021 until 2024   => Contested rivals vs Berlin
          say Paris since 2022               => Contested rivals vs Berlin Munich
          affirm Paris!                      => CommittedCheap affirmed
          state Munich                       => Contested vs Berlin
          believe 2021                       => Contested Berlin Munich
          deny Munich!                       => Invalidated denied
          believe 2021                       => Resolved Berlin)"},
        {"and when the line was a set that is none any more", R"(
          2026-01-15
          say red set                        => CommittedCheap first
          say blue set                       => CommittedCheap set_member
          say green since 2010 until 2011 functional => CommittedCheap extends
          2026-01-16
          believe                            => Contested blue red
          affirm blue!                       => CommittedCheap affirmed
          believe                            => TimingUncertain blue)"},
        {"also one that is gone on with when the first to wait waits no longer", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => Contested rivals vs Berlin
          say Paris since 2022               => Contested rivals vs Berlin Munich
          end Paris 2023                     => Contested ended vs Berlin Munich
          retract Berlin                     => Invalidated retracted
          state Munich                       => CommittedCheap vs Paris
          affirm Paris!                      => CommittedCheap affirmed
          believe 2022                       => Resolved Paris
          believe 2024                       => Resolved Munich)"},
        {"nor is what nobody contests", R"(
          say Berlin                         => CommittedCheap first
          affirm Berlin!                     => not_found)"},
        {"nor what does not count", R"(
          say Berlin                         => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          affirm Munich!                     => not_found)"}});
  play({{"the open question is taken", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich!                     => CommittedCheap affirmed
          wrote                              => AdjudicationClosed)"}},
       asking);
}

TEST(Questions, AreOpenedByReconcilingForWhateverContests) {
  play({{"an ended challenger", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2021              => QueuedForAdjudication rivals vs Berlin asks
          unknown Munich                     => Contested unsettled vs Berlin
          end Munich 2023                    => Contested ended vs Berlin
          reconcile all                      => lives_in returned opened 1 contested 1
          pending                            => Munich vs Berlin
          reconcile all                      => lives_in returned opened 0 contested 1
          affirm Munich                      => CommittedCheap affirmed
          reconcile all                      => none)"},
        {"not for members of what is a set no longer: these were asked about at once", R"(
          2026-01-15
          say red set                        => CommittedCheap first
          say blue set                       => CommittedCheap set_member
          say green since 2010 until 2011 functional => CommittedCheap extends
          wrote                              => ClaimRecorded Judged AdjudicationOpened
          pending                            => blue vs red
          reconcile all                      => lives_in returned opened 0 contested 1)"}},
       asking);
}

TEST(Questions, EvidenceHasToBeFirstHand) {
  play({{"derived evidence is an attempt", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich by model             => Rejected not_allowed
          wrote                              => Rejected
          state Munich                       => QueuedForAdjudication vs Berlin asks
          affirm Munich by recall            => Rejected not_allowed
          affirm Munich by world             => CommittedCheap affirmed)"},
        {"so is that of a caller who may not judge", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich mute                 => Rejected not_allowed
          pending                            => Munich vs Berlin)"}},
       asking);
}

TEST(Questions, ThatAreSettledAreNotFoundWhoeverAsks) {
  play({{"evidence that is not first-hand", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          affirm Munich                      => CommittedCheap affirmed
          deny Munich by model               => not_found
          wrote                              => nothing)"}},
       asking);
}

TEST(Questions, AreMootWhenNothingIsLeftToJudge) {
  play(
      {
          {"the last rival is retracted", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          retract Berlin                     => Invalidated retracted
          wrote                              => TakenBack Judged AdjudicationClosed
          state Munich                       => CommittedCheap
          closed                             => Munich Moot)"},
          {"the last rival ends before", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          end Berlin 2022                    => Invalidated ended
          state Munich                       => CommittedCheap
          closed                             => Munich Moot)"},
          {"a microsecond of it is left", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          end Berlin 2022-01-01T00:00:00.000001Z => Invalidated ended vs Munich
          state Munich                       => QueuedForAdjudication vs Berlin asks)"},
          {"the challenger is retracted", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          retract Munich                     => Invalidated retracted
          closed                             => Munich Moot
          pending                            => none)"},
          {"the challenger ends at its start", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          end Munich 2022                    => Invalidated ended
          closed                             => Munich Moot)"},
          {"the challenger ends, and is contested still", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Munich since 2022              => QueuedForAdjudication rivals vs Berlin asks
          end Munich 2023                    => QueuedForAdjudication ended vs Berlin asks
          pending                            => Munich vs Berlin)"},
          {"one of two rivals is left", R"(
          2026-01-15
          say Berlin since 2020 until 2024   => CommittedCheap first
          say Paris since 2024               => CommittedCheap extends
          say Rome since 2023                => QueuedForAdjudication rivals vs Berlin Paris asks
          retract Berlin                     => Invalidated retracted
          state Rome                         => QueuedForAdjudication vs Paris asks
          closed                             => none)"},
      },
      asking);
  play({{"contested without a question returns as well", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          retract Berlin                     => Invalidated retracted
          wrote                              => TakenBack Judged
          state Munich                       => CommittedCheap)"}});
}

TEST(Expiry, IsReachedToTheMicrosecond) {
  const std::string asked = R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-16
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
)";
  const struct {
    const char* why;
    const char* script;
  } rows[] = {
      {"a microsecond before: open", R"(
          2026-01-16T00:59:59.999999Z
          state Munich                       => QueuedForAdjudication vs Berlin asks
          pending                            => Munich vs Berlin
          sweep                              => nothing_to_do
          affirm Munich                      => CommittedCheap affirmed)"},
      {"at that instant: read as Contested, nothing written yet", R"(
          2026-01-16T01:00:00Z
          state Munich                       => Contested vs Berlin
          pending                            => none
          closed                             => none)"},
      {"at that instant: recorded by sweep, once", R"(
          2026-01-16T01:00:00Z
          sweep                              => Contested expired vs Berlin
          wrote                              => AdjudicationClosed
          closed                             => Munich Expired
          sweep                              => nothing_to_do
          wrote                              => nothing
          believe                            => Contested Berlin Munich
          state Berlin                       => CommittedCheap vs Munich)"},
      {"at that instant: recorded by use, and not judged", R"(
          2026-01-16T01:00:00Z
          affirm Munich                      => not_found
          closed                             => Munich Expired
          state Munich                       => Contested vs Berlin)"},
      {"a microsecond after: the same", R"(
          2026-01-16T01:00:00.000001Z
          pending                            => none
          deny Munich                        => not_found
          closed                             => Munich Expired)"},
      {"after: asked again by the claim", R"(
          2026-01-16T02:00:00Z
          affirm Munich!                     => CommittedCheap affirmed
          closed                             => Munich Expired, Munich Affirmed)"},
      {"after: the last rival goes; the question had expired", R"(
          2026-01-16T02:00:00Z
          retract Berlin                     => Invalidated retracted
          closed                             => Munich Expired
          state Munich                       => CommittedCheap)"},
      {"after: a receipt that restates says Contested", R"(
          2026-01-16T02:00:00Z
          say Munich                         => Contested restates = Munich vs Berlin)"},
      {"after: reconcile records it and asks again", R"(
          2026-01-16T02:00:00Z
          reconcile                          => lives_in returned opened 1 contested 1
          closed                             => Munich Expired
          pending                            => Munich vs Berlin)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    test::Script({.queue_for_adjudication = true, .adjudication_ttl = std::chrono::hours{1}}).play(asked + row.script);
  }
}

TEST(Expiry, TheRequestsOwnTimeGoesBeforeTheConfiguration) {
  play({{"longer", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          2026-01-16
          say Munich ttl 2h                  => QueuedForAdjudication rivals vs Berlin asks
          2026-01-16T01:59:59.999999Z
          pending                            => Munich vs Berlin
          2026-01-16T02:00:00Z
          pending                            => none)"}},
       {.queue_for_adjudication = true, .adjudication_ttl = std::chrono::hours{1}});
  play({{"without either it never expires", R"(
          2026-01-15
          say Berlin                         => CommittedCheap first
          say Munich                         => QueuedForAdjudication rivals vs Berlin asks
          9000
          pending                            => Munich vs Berlin)"}},
       asking);
}

// --- A handle settles once -----------------------------------------------------------------------------------------

std::string why_not(test::Script& script, AdjudicationId handle) {
  const auto answer = script.engine().adjudicate(
      {.agent = script.agent(), .question = handle, .verdict = Verdict::affirm, .evidence = "lease"});
  EXPECT_EQ(answer.status, WriteStatus::not_found);
  return answer.reason;
}

TEST(Handle, ThatIsOpenNoMoreSaysWhatBecameOfIt) {
  const struct {
    const char* script;
    const char* fate;
  } rows[] = {
      {"affirm Munich", "the question under this handle was settled already: affirmed at 2026-01-16T00:00:00.000001Z"},
      {"deny Munich", "the question under this handle was settled already: denied at 2026-01-16T00:00:00.000001Z"},
      {"unknown Munich", "the question under this handle was settled already: unknown at 2026-01-16T00:00:00.000001Z"},
      {"retract Berlin", "the question under this handle became moot at 2026-01-16T00:00:00.000001Z"},
      {"2026-01-20", "the question under this handle expired at 2026-01-16T01:00:00Z"},
      {"2026-01-20\nsweep", "the question under this handle expired at 2026-01-16T01:00:00Z"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.script);
    test::Script script({.queue_for_adjudication = true, .adjudication_ttl = std::chrono::hours{1}});
    script.act("2026-01-15");
    script.act("say Berlin");
    script.act("2026-01-16");
    script.act("say Munich");
    const auto handle = script.handle("Munich");
    std::istringstream lines(row.script);
    for (std::string line; std::getline(lines, line);) script.act(line);

    EXPECT_EQ(why_not(script, handle), row.fate);
    EXPECT_EQ(why_not(script, handle), row.fate) << "the second time";
    EXPECT_EQ(why_not(script, AdjudicationId{}), "no question under this handle");
  }
}

// --- What is left of a claim ---------------------------------------------------------------------------------------

TEST(AClaimWithoutStatements, SaysWhatBecameOfItWhateverIsAskedOfIt) {
  const struct {
    const char* why;
    const char* script;
    const char* asked;  // about
    const char* fate;   // with the id of
    const char* instead;
  } rows[] = {
      {"corrected", "say Berlin\ncorrect Berlin Bonn", "Berlin",
       "it was corrected: claim % stands in its place; name that one", "Bonn"},
      {"corrected twice", "say Berlin\ncorrect Berlin Bonn\ncorrect Bonn Ulm", "Berlin",
       "it was corrected: claim % stands in its place; name that one", "Ulm"},
      {"retracted", "say Berlin\nretract Berlin", "Berlin",
       "all that was said of it has been taken back already; reopen it first", nullptr},
      {"with its source", "say Berlin source feed\ndrop feed\ndrop! feed", "Berlin",
       "all that was said of it has been taken back already; reopen it first", nullptr},
      {"denied", "say Berlin\nsay Munich\ndeny Munich!", "Munich",
       "all that was said of it has been taken back already; reopen it first", nullptr},
      {"derived, and retracted", "say Berlin by model\nretract Berlin", "Berlin",
       "all that was said of it has been taken back already; reopen it first", nullptr},
      {"parked, and retracted: it was never live", "say Berlin sure 0.1\nretract Berlin", "Berlin",
       "all that was said of it has been taken back already", nullptr},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    test::Script script;
    std::istringstream lines(row.script);
    for (std::string line; std::getline(lines, line);) script.act(line);
    std::string fate = row.fate;
    if (row.instead) fate.replace(fate.find('%'), 1, to_text(script.claim(row.instead).value));
    const auto id = script.claim(row.asked);
    const auto& agent = script.agent();
    auto& engine = script.engine();

    for (const auto verdict : {Verdict::affirm, Verdict::deny, Verdict::unknown}) {
      const auto judged = engine.adjudicate({.agent = agent, .question = id, .verdict = verdict, .evidence = "lease"});
      EXPECT_EQ(judged.status, WriteStatus::not_found);
      EXPECT_EQ(judged.reason, "there is nothing to judge: " + fate);
    }
    for (const auto verdict : {ReviewVerdict::keep, ReviewVerdict::retract}) {
      const auto reviewed = engine.review({.agent = agent, .claim = id, .verdict = verdict});
      EXPECT_EQ(reviewed.status, WriteStatus::nothing_to_do);
      EXPECT_EQ(reviewed.reason, fate);
    }
    const auto ended = engine.end_validity({.agent = agent, .claim = id, .at = parse_valid_time("2024", "time")});
    EXPECT_TRUE(ended.reason == fate || ended.receipts.front().rationale == Rationale::not_applicable);
    const auto retracted = engine.retract({.agent = agent, .claim = id});
    EXPECT_EQ(retracted.status, WriteStatus::nothing_to_do);
    EXPECT_TRUE(fate.starts_with(retracted.reason)) << retracted.reason;
  }
}

}  // namespace
}  // namespace claimledger
