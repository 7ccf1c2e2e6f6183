#include "script.hpp"

// The amendment of 2026-11-27: one case for each row of the specification's table "Changed", with the history that led
// to it and the answer that the rules now give. Days count from 2026-01-01.
namespace claimledger {
namespace {

using test::play;

const Config newest{.overturn_policy = OverturnPolicy::newest_first_hand_wins};

TEST(Changed, SuccessionAndEndingsAreDerivedNotStored) {
  play({
      {"a successor, retracted, reopened and ended: one entry each", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          wrote                              => ClaimRecorded
          cuts Berlin                        => none
          holds Berlin                       => 2025-12-23..2026-01-06
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack
          holds Berlin                       => 2025-12-23..
          reopen Munich                      => Reinstated reopened
          holds Berlin                       => 2025-12-23..2026-01-06
          end Munich 2026-01-07              => Invalidated ended
          wrote                              => Ended
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-07..
          state Berlin                       => CommittedCheap)"},
      {"an ending", R"(
          2026-01-01
          say Munich                         => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-27 => CommittedCheap extends
          wrote                              => ClaimRecorded
          cuts Munich                        => none
          holds Munich                       => 2025-12-27..)"},
      {"a set that stops being one: its members follow each other, and nothing of it is written", R"(
          2026-01-01
          say tea since 2025-12-23 set       => CommittedCheap first
          2026-01-07
          say coffee since 2026-01-06 set    => CommittedCheap set_member
          say water since 2025-12-12 until 2025-12-17 functional => CommittedCheap extends
          cuts tea                           => none
          holds tea                          => 2025-12-23..2026-01-06
          retract water                      => Invalidated retracted
          holds tea                          => 2025-12-23..)"},
  });
}

TEST(Changed, RivalsFollowFromTheLine) {
  play({{"an entry names none, and who they are changes with the line", R"(
          say a                              => CommittedCheap first
          say b                              => Contested rivals vs a
          say c                              => Contested rivals vs a b
          wrote                              => ClaimRecorded
          state c                            => Contested vs a b
          retract b                          => Invalidated retracted
          wrote                              => TakenBack
          state c                            => Contested vs a)"}});
}

TEST(Changed, StatementsAreWithdrawnNotClaims) {
  play({
      {"the withdrawn word began the claim: it goes on as the other's", R"(
          2026-01-01
          say Berlin source feed7            => CommittedCheap first
          2026-01-02
          say Berlin source Bob              => CommittedCheap restates = Berlin
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          made Berlin                        => Bob
          said Berlin                        => 2026-01-02 by 0 others
          believe 2026-01-02                 => TimingUncertain Berlin)"},
      {"the withdrawn word restated it", R"(
          2026-01-01
          say Berlin source Bob              => CommittedCheap first
          2026-01-02
          say Berlin source feed7            => CommittedCheap restates = Berlin
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          made Berlin                        => Bob
          said Berlin                        => 2026 by 0 others
          drop feed7                         => nothing_to_do)"},
  });
}

TEST(Changed, RestatementsKeepAndApplyWhatTheyState) {
  play({{"said again as critical, it is not overturned", R"(
          2026-01-01
          say nuts                           => CommittedCheap first
          2026-01-02
          say nuts critical                  => CommittedCheap restates = nuts
          markers                            => Critical
          2026-01-03
          say none                           => Contested rivals vs nuts
          state nuts                         => CommittedCheap vs none)"}},
       newest);
}

TEST(Changed, ARestatedPastIsNoTimeOfSaying) {
  play({{"it corroborates, and makes nothing fresh", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-01-02
          say Munich since 2026-01-04        => CommittedCheap extends
          2026-01-04
          say Berlin until 2025-12-27 source other => CommittedCheap restates = Berlin end_not_applied
          said Berlin                        => 2026 by 1 others
          state Berlin                       => CommittedCheap
          believe 2026-01-04                 => Resolved Munich dissent Berlin
          2026-01-31
          dated 2026-01-03                   => AgingUnconfirmed 2146)"}});
}

TEST(Changed, AnEndingStays) {
  play({{"what the ended value's later word wins does not undo the ending", R"(
          2026-01-01
          say Berlin until 2026-01-01        => CommittedCheap first
          2026-01-04
          say Munich                         => CommittedCheap extends
          holds Munich                       => 2026..
          2026-01-14
          say Berlin since 2026-01-01        => Contested rivals vs Munich
          affirm Berlin'!                    => CommittedCheap affirmed
          holds Munich                       => never
          timeline                           => ..2026 Berlin, 2026.. Berlin)"}});
}

TEST(Changed, TakingBackJudgesTheLineAnew) {
  play({
      {"a winner whose loser is taken back never won", R"(
          2026-01-01
          say A since 2025-12-27 until 2026-01-04 source feed7 => CommittedCheap first
          2026-01-02
          say B                              => Contested rivals vs A
          affirm B!                          => CommittedCheap affirmed
          holds A                            => 2025-12-27..2026-01-02
          holds B                            => 2026-01-02..
          drop feed7                         => dry_run ; Invalidated retracted : A
          drop! feed7                        => Invalidated retracted : A
          holds B                            => ..
          believe 2025-12-29                 => TimingUncertain B)"},
      {"a restatement is heard when what it restated is taken back", R"(
          2026-01-01
          say A since 2026-01-02 source feed7 => CommittedCheap first
          2026-01-04
          say A since 2026-01-04 source Bob  => CommittedCheap restates = A
          2026-01-05
          say C since 2026-01-04 source Ann  => CommittedCheap succession
          holds A                            => 2026-01-02..2026-01-04
          drop feed7                         => dry_run ; CommittedCheap said_by_others vs C : A
          drop! feed7                        => CommittedCheap said_by_others vs C : A
          made A                             => Bob
          holds A                            => 2026-01-04..
          state C                            => Contested vs A
          believe 2026-01-05                 => Contested A C)"},
  });
}

TEST(Changed, JudgedAnewARestatementMayBeginAClaim) {
  play({{"what it restated is hidden again", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-11
          end Munich 2026-01-11              => Invalidated ended
          2026-01-16
          say Berlin                         => CommittedCheap restates = Berlin
          reopen Munich                      => Reinstated reopened vs Berlin*
          holds Berlin                       => 2025-12-23..2026-01-06
          said Berlin                        => 2026 by 0 others
          2026-01-17
          believe 2026-01-05                 => Resolved Berlin
          believe 2026-01-13                 => Resolved Munich dissent Berlin*
          believe 2026-01-16                 => Contested Berlin Munich
          believe                            => Contested Berlin Munich)"}});
}

TEST(Changed, ACorrectionStandsInTheOldPlace) {
  play({{"who follows the old one follows the new one", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-11
          correct Berlin Bonn                => CommittedCheap corrected
          state Munich                       => CommittedCheap
          follows Munich                     => Bonn
          holds Bonn                         => 2025-12-23..2026-01-06
          holds Berlin                       => never
          timeline                           => 2025-12-23..2026-01-06 Bonn, 2026-01-06.. Munich)"}});
}

TEST(Changed, UndatedBesideDatedCountsFromWhenItWasSaid) {
  play({{"the past keeps its answer", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich                         => Contested rivals vs Berlin
          believe 2025-12-27                 => Resolved Berlin dissent Munich
          believe 2026-01-06                 => Resolved Berlin dissent Munich
          believe 2026-01-07                 => Contested Berlin Munich)"}});
}

TEST(Changed, RestatingTheAnswerContestsNothing) {
  play({{"an undated rival of the undated newcomer does not count", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap extends
          2026-01-10
          say Munich                         => CommittedCheap restates = Munich
          believe 2026-01-04                 => TimingUncertain Berlin
          believe                            => Resolved Munich dissent Berlin
          state Berlin                       => CommittedCheap)"}});
}

TEST(Changed, UnknownGoesWithItsLine) {
  play({{"an end stated without a cardinality", R"(
          2026-01-01
          say en set source Ann              => CommittedCheap first
          say de set source Ann              => CommittedCheap set_member
          2026-01-02
          say en until 2026-01-05 source Ann => CommittedCheap ends
          2026-01-03
          believe                            => set de en
          believe 2026-01-05                 => set de
          state en'                          => CommittedCheap)"}});
}

TEST(Changed, WhatChangesNothingSaysSo) {
  play({
      {"reopening what is only succeeded", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          reopen Berlin                      => nothing_to_do
          wrote                              => nothing
          state Berlin                       => CommittedCheap)"},
      {"a later end after an end", R"(
          2026-01-01
          say Berlin since 2020              => CommittedCheap first
          end Berlin 2022                    => Invalidated ended
          end Berlin 2024                    => nothing_to_do
          wrote                              => nothing
          reopen Berlin                      => Reinstated reopened
          end Berlin 2024                    => Invalidated ended
          holds Berlin                       => 2020..2024)"},
      {"an end where a winner has what follows", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Munich since 2025-12-27        => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          end Berlin 2025-12-29              => nothing_to_do
          reopen Berlin                      => nothing_to_do
          state Berlin                       => Superseded)"},
      {"a second retraction", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          retract Berlin                     => nothing_to_do
          wrote                              => nothing)"},
  });
}

TEST(Changed, TakingBackAndReopeningAreInverses) {
  play({
      {"an end before the retraction is there after the reopening", R"(
          2026-01-01
          say Berlin since 2026-01-04        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2026-01-04..2026-01-06)"},
      {"a word withdrawn before the end is not back after the reopening", R"(
          2026-01-01
          say A source feed7                 => CommittedCheap first
          say A source Bob                   => CommittedCheap restates = A
          drop feed7                         => dry_run ; CommittedCheap said_by_others : A
          drop! feed7                        => CommittedCheap said_by_others : A
          2026-01-10
          end A 2026-01-09                   => Invalidated ended
          reopen A                           => Reinstated reopened
          made A                             => Bob
          holds A                            => ..)"},
  });
}

TEST(Changed, AReopeningLeavesAVerdictAlone) {
  play({{"it takes back the end that was a mistake", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Munich since 2025-12-27        => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          end Berlin 2025-12-25              => Invalidated ended
          holds Berlin                       => 2025-12-23..2025-12-25
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2025-12-23..2025-12-27
          holds Munich                       => 2025-12-27..)"}});
}

TEST(Changed, AVerdictIsNotUndoneByWhatItUncovers) {
  play({{"whom the loser followed does not come back against the winner", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-10
          say Ulm                            => Contested rivals vs Munich
          affirm Ulm!                        => CommittedCheap affirmed
          state Ulm                          => CommittedCheap
          believe                            => TimingUncertain Ulm
          believe 2026-01-08                 => Resolved Munich
          holds Berlin                       => 2025-12-23..2026-01-06)"}});
}

TEST(Changed, ARestatementDoesNotSetMembersAgainstEachOther) {
  play({{"its Functional is not applied", R"(
          say en set                         => CommittedCheap first
          say de set                         => CommittedCheap set_member
          say en functional                  => CommittedCheap restates = en cardinality_not_applied
          believe                            => set de en
          state de                           => CommittedCheap)"}});
}

TEST(Changed, AFirstStayIsNotAnEnd) {
  play({{"of a claim that begins after it", R"(
          2026-01-01
          say Berlin since 2026-01-01        => CommittedCheap first
          2026-01-02
          say Berlin until 2025-12-27        => CommittedCheap extends
          holds Berlin                       => 2026..
          timeline                           => ..2025-12-27 Berlin, 2026.. Berlin)"}});
}

TEST(Changed, NoEndOnAWordBelowTheFloor) {
  play({{"it is parked, and says that its end was not applied", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Berlin since 2025-12-23 until 2026-01-04 sure 0.1 timing 1
              => PendingLowConfidence below_floor end_not_applied
          holds Berlin                       => 2025-12-23..
          state Berlin                       => CommittedCheap)"}});
}

TEST(Changed, AWinnerRestatesItself) {
  play({{"up to its own stated end, its trim as a winner aside", R"(
          2026-01-01
          say B                              => CommittedCheap first
          2026-01-02
          say A until 2026-01-04             => Contested rivals vs B
          2026-01-03
          affirm A!                          => CommittedCheap affirmed
          holds A                            => 2026-01-02..2026-01-04
          holds B                            => ..2026-01-02 2026-01-04..
          2026-01-05
          say A until 2026-01-04             => CommittedCheap restates = A
          state B                            => Superseded
          believe 2025-12-27                 => TimingUncertain B)"}});
}

TEST(Changed, ACorrectionOfTheSpellingDecidesNothing) {
  play({{"the challenger waits on", R"(
          2026-01-01
          say Berlin since 2025-12-27        => CommittedCheap first
          2026-01-04
          say Berlin since 2025-12-27        => CommittedCheap restates = Berlin
          2026-01-05
          say Munich since 2026-01-01 source other => Contested rivals vs Berlin
          correct Berlin Bonn                => CommittedCheap corrected vs Munich
          state Munich                       => Contested vs Bonn
          believe 2026-01-05                 => Contested Bonn Munich)"}});
}

TEST(Changed, AWeakWordIsNotPromotedPastAStatedEnd) {
  play({{"the newcomer states less than the parked claim", R"(
          2026-01-01
          say A sure 0.1                     => PendingLowConfidence below_floor
          2026-01-04
          say A until 2026-01-06             => CommittedCheap first
          state A                            => PendingLowConfidence
          believe 2026-01-05                 => TimingUncertain A
          believe 2026-01-31                 => NoBelief)"}});
}

TEST(Changed, UntilRestatesWhatIsUndated) {
  play({{"another's end adds no end", R"(
          2026-01-01
          say Berlin source Ann              => CommittedCheap first
          2026-01-04
          say Berlin until 2025-12-27 source other => CommittedCheap restates = Berlin end_not_applied
          believe 2025-12-29                 => TimingUncertain Berlin)"}});
}

TEST(Changed, WhoWinsIsNotMarkedAndAFallenPremiseIsSeen) {
  play({
      {"the winner's own past was trimmed: what is derived from it is not marked", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-01-02
          say Munich                         => Contested rivals vs Berlin
          say Dachau on near by model from Munich => CommittedInferred inferred
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          affirm Munich!                     => CommittedCheap affirmed marks Potsdam
          state Dachau                       => CommittedInferred
          state Munich                       => CommittedCheap)"},
      {"a premise that was retracted marks in the same batch", R"(
          say q on p1                        => CommittedCheap first
          retract q                          => Invalidated retracted
          say x by model from q              => CommittedInferred inferred
          wrote                              => ClaimRecorded ReviewMarked
          state x                            => PendingReview)"},
      {"one that was corrected", R"(
          say q on p1                        => CommittedCheap first
          line p1
          correct q r                        => CommittedCheap corrected
          line lives_in
          say x by model from q              => CommittedInferred inferred
          state x                            => PendingReview
          say y by model from r on p3        => CommittedInferred inferred
          state y                            => CommittedInferred)"},
      {"one that was denied", R"(
          say q on p1                        => CommittedCheap first
          say r on p1                        => Contested rivals vs q
          deny r!                            => Invalidated denied
          say x from r                       => CommittedCheap first
          state x                            => PendingReview)"},
      {"one that only ended is none", R"(
          2026-01-01
          say q on p1                        => CommittedCheap first
          end q 2025-12-31                   => Invalidated ended
          say x by model from q              => CommittedInferred inferred
          state x                            => CommittedInferred)"},
      {"one that was reopened is none any more", R"(
          say q on p1                        => CommittedCheap first
          retract q                          => Invalidated retracted
          reopen q                           => Reinstated reopened
          say x by model from q              => CommittedInferred inferred
          state x                            => CommittedInferred)"},
  });
}

TEST(Changed, AnEarlierEndByTheSameSourceIsAnEnding) {
  play({{"of a closed window too", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2025-12-31 => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-29 => CommittedCheap ends
          holds Berlin                       => 2025-12-23..2025-12-29
          believe 2025-12-30                 => NoBelief)"}});
}

TEST(Changed, UntilSpeaksAboutItsEnd) {
  play({{"the instant before it", R"(
          2026-01-01
          say Globex since 2025-12-22 until 2025-12-29 => CommittedCheap first
          say Acme until 2025-12-27          => Contested rivals vs Globex
          believe 2025-12-26                 => Contested Acme Globex
          believe 2025-12-28                 => Resolved Globex)"},
        {"an end where the other begins meets nothing", R"(
          2026-01-01
          say Globex since 2025-12-22 until 2025-12-29 => CommittedCheap first
          say Acme until 2025-12-22          => CommittedCheap extends)"}});
}

TEST(Changed, JudgedWithSuccessionsInPlaceAndHidingPassesOn) {
  play({
      {"a newcomer that ends a set meets what does not follow", R"(
          2026-01-01
          say B since 2025-12-24 set         => CommittedCheap first
          2026-01-21
          say A since 2026-01-06             => CommittedCheap set_member
          2026-01-22
          say C functional                   => Contested rivals vs A
          follows A                          => B
          holds B                            => 2025-12-24..2026-01-06
          state C                            => Contested vs A)"},
      {"the middle of a chain is retracted", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-10
          say Ulm since 2026-01-09           => CommittedCheap succession
          follows Ulm                        => Munich
          retract Munich                     => Invalidated retracted
          wrote                              => TakenBack Judged
          follows Ulm                        => Berlin
          state Ulm                          => CommittedCheap
          timeline                           => 2025-12-23..2026-01-09 Berlin, 2026-01-09.. Ulm)"},
      {"the middle of a chain ends where it began: hidden by its follower still", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-10
          say Ulm since 2026-01-09           => CommittedCheap succession
          end Munich 2026-01-06              => Invalidated ended
          follows Ulm                        => Munich
          timeline                           => 2025-12-23..2026-01-09 Berlin, 2026-01-09.. Ulm)"},
  });
}

TEST(Changed, AClaimWinsOnlyOverOlderOnesUnderThePolicyOfItsOwnCall) {
  test::Script one(newest);
  one.play(R"(
          2026-01-01
          say Berlin since 2025-12-23 critical => CommittedCheap first
          say Munich since 2025-12-27        => Contested rivals vs Berlin)");
  // The same ledger goes on under the default policy.
  test::Script two;
  for (const auto& line : one.engine().export_batches({.agent = one.agent()}).lines) {
    two.engine().import_batch({.line = line});
  }
  two.act("2026-01-02");
  EXPECT_EQ(two.act("say Ulm since 2025-12-29"), "Contested rivals vs Berlin* Munich*");
  two.engine().retract({.agent = two.agent(), .claim = one.claim("Berlin")});
  two.play(R"(
          state Ulm                          => Contested vs Munich*
          holds Ulm                          => 2025-12-29..
          timeline                           => 2025-12-27..2025-12-29 Munich, 2025-12-29.. Munich Ulm)");
}

TEST(Changed, NumbersAreNeverChangedSilently) {
  EXPECT_THROW(Value::parse("89014103211118510720"), InvalidInput);
  EXPECT_EQ(Value::parse("18446744073709551615").text(), "18446744073709551615");
  EXPECT_EQ(Value::parse(R"("89014103211118510720")").text(), R"("89014103211118510720")");
}

TEST(Changed, AClaimIsCorrectedAndALineStandsForTheOneThatHolds) {
  play({{"instead of an id", R"(
          say Berlin                         => CommittedCheap first
          correct line Bonn                  => CommittedCheap corrected
          believe                            => TimingUncertain Bonn
          end line 2030                      => Invalidated ended
          holds Bonn                         => ..2030
          retract line                       => Invalidated retracted
          believe                            => TimingUncertain Berlin)"}});
}

// --- Corrections ---------------------------------------------------------------------------------------------------

TEST(Correct, TheNewClaimStandsInThePlaceOfTheOldOne) {
  play({
      {"it is older than those who came after the old one", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          correct Berlin Bonn                => CommittedCheap corrected vs Munich
          state Munich                       => Contested vs Bonn
          say Ulm                            => Contested rivals vs Bonn Munich)"},
      {"and younger than those who came before it", R"(
          say Munich                         => CommittedCheap first
          say Berlin                         => Contested rivals vs Munich
          correct Berlin Bonn                => Contested corrected vs Munich
          state Munich                       => CommittedCheap vs Bonn
          state Berlin                       => Invalidated)"},
      {"in one batch, of which the old one's whole is taken back", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          wrote                              => ClaimRecorded TakenBack
          made Berlin                        => of nothing
          holds Berlin                       => never
          state Berlin                       => Invalidated
          retract Berlin                     => nothing_to_do)"},
      {"it follows whom the old one followed", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-21
          correct Munich Ulm                 => CommittedCheap corrected
          follows Ulm                        => Berlin
          holds Berlin                       => 2025-12-23..2026-01-06)"},
      {"what ended it ends what is undated after it", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2025-12-27 => CommittedCheap first
          say Munich                         => CommittedCheap extends
          correct Berlin Bonn                => CommittedCheap corrected
          holds Bonn                         => 2025-12-23..2025-12-27
          holds Munich                       => 2025-12-27..)"},
      {"another's restatement of the old value goes with it", R"(
          say Berlin source Ann              => CommittedCheap first
          say Berlin source Bob              => CommittedCheap restates = Berlin
          correct Berlin Bonn source Ann     => CommittedCheap corrected
          made Bonn                          => Ann
          made Berlin                        => of nothing
          believe                            => TimingUncertain Bonn)"},
  });
}

TEST(Correct, ItIsSaidWhenTheOldOneWasSaidAndAgainNow) {
  play({
      {"each time", R"(
          2026-01-01
          say Berlin                         => CommittedCheap first
          2026-01-04
          say Berlin                         => CommittedCheap restates = Berlin
          2026-01-11
          correct Berlin Bonn                => CommittedCheap corrected
          said Bonn                          => 2026 2026-01-04 2026-01-11 by 0 others
          dated                              => Fresh 10000)"},
      {"not now when its window has ended", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2026-01-06 => CommittedCheap first
          2026-01-11
          correct Berlin Bonn                => CommittedCheap corrected
          said Bonn                          => 2026 by 0 others)"},
      {"who is judged later finds it said now: no successor from before", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-11
          correct Berlin Bonn                => CommittedCheap corrected
          2026-01-12
          say Munich since 2026-01-06        => Contested rivals vs Bonn
          say Ulm since 2026-01-13           => CommittedCheap succession
          follows Ulm                        => Bonn Munich)"},
      {"who was judged before found it said then", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-11
          correct Berlin Bonn                => CommittedCheap corrected
          state Munich                       => CommittedCheap)"},
  });
}

TEST(Correct, WhatIsNotGivenIsAsTheOldOneHasIt) {
  play({
      {"window", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2026-01-31 => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          holds Bonn                         => 2025-12-23..2026-01-31)"},
      {"a window that is given is all that is left of it", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2026-01-31 => CommittedCheap first
          correct Berlin Bonn since 2025-12-25 => CommittedCheap corrected
          holds Bonn                         => 2025-12-25..)"},
      {"cardinality", R"(
          say tea set                        => CommittedCheap first
          say milk set                       => CommittedCheap set_member
          correct tea coffee                 => CommittedCheap corrected
          believe                            => set coffee milk)"},
      {"cardinality, given", R"(
          say tea set                        => CommittedCheap first
          say milk set                       => CommittedCheap set_member
          correct tea coffee functional      => CommittedCheap corrected vs milk
          state milk                         => Contested vs coffee)"},
      {"criticality", R"(
          say Berlin critical                => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          markers                            => Critical)"},
      {"criticality, given", R"(
          say Berlin critical                => CommittedCheap first
          correct Berlin Bonn low            => CommittedCheap corrected
          markers                            => Low)"},
  });
}

TEST(Correct, WhatWasDecidedAboutTheOldOneIsDecidedAboutTheNew) {
  play({
      {"an end", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2025-12-29              => Invalidated ended
          correct Berlin Bonn                => Invalidated corrected
          holds Bonn                         => 2025-12-23..2025-12-29
          cuts Bonn                          => 2025-12-29.. end)"},
      {"not an end, where a window is given", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2025-12-29              => Invalidated ended
          correct Berlin Bonn since 2025-12-23 => CommittedCheap corrected
          holds Bonn                         => 2025-12-23..)"},
      {"a stated end", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-29 => CommittedCheap ends
          correct Berlin Bonn                => Invalidated corrected vs Berlin'
          cuts Bonn                          => 2025-12-29.. stated_end for Berlin'
          state Berlin'                      => Contested vs Bonn
          holds Bonn                         => 2025-12-23..2025-12-29)"},
      {"not a stated end, where a window is given", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-29 => CommittedCheap ends
          correct Berlin Bonn since 2025-12-31 => CommittedCheap corrected
          holds Bonn                         => 2025-12-31..)"},
      {"an end that it inherited can be taken back", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2025-12-29              => Invalidated ended
          correct Berlin Bonn                => Invalidated corrected
          reopen Bonn                        => Reinstated reopened
          holds Bonn                         => 2025-12-23..)"},
      {"what a partial reopening left taken back", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2025-12-27              => Invalidated ended
          reopen Berlin 2025-12-30           => Reinstated reopened
          correct Berlin Bonn                => Invalidated corrected
          holds Bonn                         => 2025-12-23..2025-12-27 2025-12-30..)"},
      {"what a partial reopening of a retracted one left taken back", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2025-12-30           => Reinstated reopened
          correct Berlin Bonn
          holds Bonn                         => 2025-12-30..)"},
      {"its promotion", R"(
          2026-01-01
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          2026-01-02
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          2026-01-03
          correct Berlin Bonn                => CommittedCheap corrected
          believe                            => TimingUncertain Bonn)"},
      {"a verdict that it won", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Munich since 2025-12-27        => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          correct Munich Ulm                 => CommittedCheap corrected
          cuts Berlin                        => 2025-12-27.. verdict for Ulm
          state Berlin                       => Superseded
          timeline                           => 2025-12-23..2025-12-27 Berlin, 2025-12-27.. Ulm)"},
      {"a verdict that it lost", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Munich since 2025-12-27        => Contested rivals vs Berlin
          affirm Munich!                     => CommittedCheap affirmed
          correct Berlin Bonn                => Superseded corrected
          holds Bonn                         => 2025-12-23..2025-12-27)"},
  });
  play({{"a policy that it won by", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Munich since 2025-12-27        => CommittedCheap newest_wins vs Berlin
          correct Munich Ulm                 => CommittedCheap corrected
          cuts Berlin                        => 2025-12-27.. policy for Ulm)"}},
       newest);
}

TEST(Correct, WhatTakesTheNewOneBackGivesTheOldOneBack) {
  play({
      {"its retraction", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          state Berlin                       => CommittedCheap
          made Berlin                        => -
          made Bonn                          => of nothing
          follows Munich                     => Berlin
          timeline                           => 2025-12-23..2026-01-06 Berlin, 2026-01-06.. Munich)"},
      {"its denial", R"(
          say Munich                         => CommittedCheap first
          say Berlin                         => Contested rivals vs Munich
          correct Berlin Bonn                => Contested corrected vs Munich
          deny Bonn!                         => Invalidated denied
          state Berlin                       => Contested vs Munich)"},
      {"its source", R"(
          say Berlin source Ann              => CommittedCheap first
          correct Berlin Bonn source feed7   => CommittedCheap corrected
          drop feed7                         => dry_run ; Invalidated retracted : Bonn
          drop! feed7                        => Invalidated retracted : Bonn
          state Berlin                       => CommittedCheap
          believe                            => TimingUncertain Berlin)"},
      {"not when the old one's source was withdrawn meanwhile", R"(
          say Berlin source feed7            => CommittedCheap first
          correct Berlin Bonn source Ann     => CommittedCheap corrected
          drop feed7                         => dry_run ; Invalidated retracted : Berlin
          drop! feed7                        => Invalidated retracted : Berlin
          state Bonn                         => CommittedCheap
          retract Bonn                       => Invalidated retracted
          state Berlin                       => Invalidated
          believe                            => NoBelief)"},
      {"reopened, it stands again, and the old one not", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          reopen Bonn                        => Reinstated reopened
          state Berlin                       => Invalidated
          believe                            => TimingUncertain Bonn)"},
  });
}

TEST(Correct, CorrectingInTurnDoesNotGiveTheOldOneBack) {
  play({
      {"the last one stands", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          correct Bonn Ulm                   => CommittedCheap corrected
          state Berlin                       => Invalidated
          state Bonn                         => Invalidated
          believe                            => TimingUncertain Ulm)"},
      {"in the first one's place", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          correct Berlin Bonn                => CommittedCheap corrected
          correct Bonn Ulm                   => CommittedCheap corrected
          follows Munich                     => Ulm
          timeline                           => 2025-12-23..2026-01-06 Ulm, 2026-01-06.. Munich)"},
      {"taken back one by one", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          correct Bonn Ulm                   => CommittedCheap corrected
          retract Ulm                        => Invalidated retracted
          believe                            => TimingUncertain Bonn
          retract Bonn                       => Invalidated retracted
          believe                            => TimingUncertain Berlin)"},
      {"the source of the one in the middle is withdrawn: as if it had never spoken, the first one is back", R"(
          say Berlin source Ann              => CommittedCheap first
          correct Berlin Bonn source feed7   => CommittedCheap corrected
          correct Bonn Ulm source Ann        => CommittedCheap corrected
          drop feed7                         => dry_run ; Invalidated retracted : Bonn
          drop! feed7                        => Invalidated retracted : Bonn
          state Ulm                          => Contested vs Berlin
          state Berlin                       => CommittedCheap vs Ulm)"},
  });
}

TEST(Correct, ReopeningTheOldOneLeavesTheNewOneStanding) {
  play({{"as its rival, and the old one counts as the later", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          reopen Berlin                      => Contested reopened vs Bonn
          state Bonn                         => CommittedCheap vs Berlin
          state Berlin                       => Contested vs Bonn
          retract Bonn                       => Invalidated retracted
          state Berlin                       => Reinstated)"}});
  play({{"somebody is asked", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          reopen Berlin                      => QueuedForAdjudication reopened vs Bonn asks
          pending                            => Berlin vs Bonn)"}},
       {.queue_for_adjudication = true});
}

TEST(Correct, IsForLiveFirstHandClaimsAndFirstHandCallers) {
  play({
      {"a model may not", R"(
          say Berlin                         => CommittedCheap first
          correct Berlin Bonn by model       => Rejected not_allowed
          wrote                              => Rejected
          state Berlin                       => CommittedCheap)"},
      {"an inferred claim", R"(
          say Berlin by model                => CommittedInferred inferred
          correct Berlin Bonn                => Rejected not_applicable
          state Berlin                       => CommittedInferred)"},
      {"a parked one", R"(
          say Berlin sure 0.1                => PendingLowConfidence below_floor
          correct Berlin Bonn                => Rejected not_applicable)"},
      {"what was retracted", R"(
          say Berlin                         => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          correct Berlin Bonn                => nothing_to_do)"},
  });
}

TEST(Correct, MarksWhatWasDerivedFromTheOldOne) {
  play({{"it was never so", R"(
          say Berlin                         => CommittedCheap first
          say Potsdam on near by model from Berlin => CommittedInferred inferred
          correct Berlin Bonn                => CommittedCheap corrected marks Potsdam
          state Potsdam                      => PendingReview)"}});
}

// --- Statements ----------------------------------------------------------------------------------------------------

TEST(Statements, AWithdrawnRestatementNoLongerCounts) {
  play({
      {"for currency and corroboration", R"(
          2026-01-01
          say Berlin source Ann              => CommittedCheap first
          2026-01-10
          say Berlin source feed7            => CommittedCheap restates = Berlin
          said Berlin                        => 2026 2026-01-10 by 1 others
          2026-01-31
          dated                              => Fresh 3406
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          said Berlin                        => 2026 by 0 others
          dated                              => AgingUnconfirmed 2146)"},
      {"for criticality", R"(
          say nuts source Ann                => CommittedCheap first
          say nuts critical source feed7     => CommittedCheap restates = nuts
          markers                            => Critical
          drop feed7                         => dry_run ; CommittedCheap said_by_others : nuts
          drop! feed7                        => CommittedCheap said_by_others : nuts
          markers                            => Medium)"},
      {"for cardinality", R"(
          say tea source Ann                 => CommittedCheap first
          say tea set source feed7           => CommittedCheap restates = tea
          say coffee source Ann              => CommittedCheap set_member
          drop feed7                         => dry_run ; CommittedCheap said_by_others vs coffee : tea
          drop! feed7                        => CommittedCheap said_by_others vs coffee : tea
          state coffee                       => Contested vs tea)"},
      {"as a time at which it was said: a rival becomes a successor", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          2026-01-07
          say Berlin source feed7            => CommittedCheap restates = Berlin
          2026-01-08
          say Munich since 2026-01-06 source Ann => Contested rivals vs Berlin
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          state Munich                       => CommittedCheap
          follows Munich                     => Berlin
          holds Berlin                       => 2025-12-23..2026-01-06)"},
      {"as what promoted another", R"(
          say Berlin sure 0.1 source Ann     => PendingLowConfidence below_floor
          say Berlin sure 0.1 source feed7   => CommittedCheap confirms = Berlin
          drop feed7                         => dry_run ; PendingLowConfidence said_by_others : Berlin
          drop! feed7                        => PendingLowConfidence said_by_others : Berlin
          state Berlin                       => PendingLowConfidence
          believe                            => NoBelief)"},
      {"as what ended another", R"(
          2026-01-01
          say Berlin since 2025-12-23 source feed7 => CommittedCheap first
          say Berlin since 2025-12-23 source Ann => CommittedCheap restates = Berlin
          say Berlin since 2025-12-23 until 2025-12-29 source feed7 => CommittedCheap ends
          holds Berlin                       => 2025-12-23..2025-12-29
          drop feed7
              => dry_run ; CommittedCheap said_by_others ; Invalidated retracted : Berlin Berlin'
          drop! feed7
              => CommittedCheap said_by_others ; Invalidated retracted : Berlin Berlin'
          made Berlin                        => Ann
          holds Berlin                       => 2025-12-23..)"},
  });
}

TEST(Statements, AClaimGoesOnWithTheWordsThatStand) {
  play({
      {"with the window that the other stated", R"(
          2026-01-01
          say Berlin since 2025-12-23 source feed7 => CommittedCheap first
          say Berlin since 2025-12-27 source Ann => CommittedCheap restates = Berlin
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          made Berlin                        => Ann
          holds Berlin                       => 2025-12-27..)"},
      {"under the policy and in the place of the first that stands", R"(
          2026-01-01
          say Berlin source feed7            => CommittedCheap first
          say Munich source Ann              => Contested rivals vs Berlin
          say Berlin source Ann              => CommittedCheap restates = Berlin vs Munich
          drop feed7                         => dry_run ; Contested said_by_others vs Munich : Berlin
          drop! feed7                        => Contested said_by_others vs Munich : Berlin
          state Munich                       => CommittedCheap vs Berlin
          state Berlin                       => Contested vs Munich)"},
      {"retracted as a whole, it is made of nothing", R"(
          say Berlin source feed7            => CommittedCheap first
          say Berlin source Ann              => CommittedCheap restates = Berlin
          made Berlin                        => feed7 Ann
          retract Berlin                     => Invalidated retracted
          made Berlin                        => of nothing
          reopen Berlin                      => Reinstated reopened
          made Berlin                        => feed7 Ann)"},
      {"one that would now only restate another stays a claim", R"(
          2026-01-01
          say Berlin source Ann              => CommittedCheap first
          2026-01-03
          say Munich since 2026-01-02 source feed7 => CommittedCheap extends
          2026-01-04
          say Berlin source Ann              => Contested rivals vs Munich
          drop feed7                         => dry_run ; Invalidated retracted : Munich
          drop! feed7                        => Invalidated retracted : Munich
          state Berlin'                      => CommittedCheap
          made Berlin'                       => Ann
          believe                            => TimingUncertain Berlin)"},
      {"none is left: retracted", R"(
          say Berlin source feed7            => CommittedCheap first
          say Berlin source feed7            => CommittedCheap restates = Berlin
          drop feed7                         => dry_run ; Invalidated retracted : Berlin
          drop! feed7                        => Invalidated retracted : Berlin
          made Berlin                        => of nothing
          reopen Berlin                      => Reinstated reopened
          made Berlin                        => feed7 feed7)"},
  });
}

// --- Ids of what is judged anew ------------------------------------------------------------------------------------

// The id of the claim of this value that is believed at day 15, the last of them.
ClaimId believed(test::Script& script, const char* value, const char* at) {
  const auto belief = script.engine().recall(
      {.agent = script.agent(), .line = script.line(), .valid_at = parse_valid_time(at, "at").at});
  ClaimId found;
  for (const auto& slot : belief.alternatives) {
    if (slot.value == Value(value)) found = slot.claim;
  }
  if (belief.primary && belief.primary->value == Value(value)) found = belief.primary->claim;
  return found;
}

const char* const restated_while_munich_had_ended = R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          2026-01-11
          end Munich 2026-01-11              => Invalidated ended
          2026-01-16
          say Berlin source Ann              => CommittedCheap restates = Berlin
          made Berlin                        => - Ann
          reopen Munich                      => Reinstated reopened vs Berlin*
          made Berlin                        => -
          2026-01-17
)";

TEST(JudgedAnew, AStatementThatMovesBeginsAClaimOfANewIdAndLaterOfThatIdAgain) {
  test::Script script;
  script.play(restated_while_munich_had_ended);
  const auto began = believed(script, "Berlin", "2026-01-17");
  EXPECT_NE(began, script.claim("Berlin"));

  script.play(R"(
          end Munich 2026-01-11              => Invalidated ended
          made Berlin                        => -
          retract Munich                     => Invalidated retracted
          made Berlin                        => - Ann)");
  EXPECT_EQ(believed(script, "Berlin", "2026-01-17"), script.claim("Berlin"));
  const auto moved = script.engine().claim({.agent = script.agent(), .claim = began});
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->slot.disposition, Disposition::invalidated);
  EXPECT_TRUE(moved->statements.empty());
  EXPECT_EQ(moved->statements_went_to, std::vector{script.claim("Berlin")});

  script.play(R"(
          reopen Munich                      => Reinstated reopened
          end Munich 2026-01-12              => nothing_to_do
          reopen Munich                      => Reinstated reopened vs Berlin*
          made Berlin                        => -)");
  EXPECT_EQ(believed(script, "Berlin", "2026-01-17"), began);
}

TEST(JudgedAnew, AVerbOnAClaimWhoseStatementsMovedNamesTheClaimsThatHaveThem) {
  test::Script script;
  script.play(restated_while_munich_had_ended);
  const auto began = believed(script, "Berlin", "2026-01-17");
  script.play("retract Munich => Invalidated retracted\nmade Berlin => - Ann");
  const auto answer = script.engine().retract({.agent = script.agent(), .claim = began});
  EXPECT_EQ(answer.status, WriteStatus::nothing_to_do);
  EXPECT_NE(answer.reason.find(to_text(script.claim("Berlin").value)), std::string::npos) << answer.reason;
}

TEST(JudgedAnew, UnderTheIdOfWhatItRestatedWhereThatHasNoOtherBeginning) {
  play({{"the first word is withdrawn", R"(
          say Berlin source feed7            => CommittedCheap first
          say Berlin source Ann              => CommittedCheap restates = Berlin
          drop feed7                         => dry_run ; CommittedCheap said_by_others : Berlin
          drop! feed7                        => CommittedCheap said_by_others : Berlin
          made Berlin                        => Ann
          state Berlin                       => CommittedCheap)"}});
}

// --- Every taking back can be undone -------------------------------------------------------------------------------

TEST(Reopen, UndoesACorrectionThatStandsAgain) {
  play({
      {"the correction retracted and reopened", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          reopen Bonn                        => Reinstated reopened
          state Berlin                       => Invalidated
          reopen Berlin                      => Contested reopened vs Bonn
          state Bonn                         => Reinstated vs Berlin
          retract Bonn                       => Invalidated retracted
          reopen Bonn                        => Reinstated reopened vs Berlin)"},
      {"denied and reopened", R"(
          say Munich since 2025-12           => CommittedCheap first
          say Berlin since 2025-12           => Contested rivals vs Munich
          correct Berlin Bonn                => Contested corrected vs Munich
          deny Bonn!                         => Invalidated denied
          reopen Bonn                        => Contested reopened vs Munich
          reopen Berlin                      => Contested reopened vs Munich Bonn)"},
      {"by its source, and reopened", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn source feed7   => CommittedCheap corrected
          drop feed7                         => dry_run ; Invalidated retracted : Bonn
          drop! feed7                        => Invalidated retracted : Bonn
          reopen Bonn                        => Reinstated reopened
          reopen Berlin                      => Contested reopened vs Bonn)"},
      {"a correction of a correction", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          correct Bonn Ulm                   => CommittedCheap corrected
          retract Ulm                        => Invalidated retracted
          reopen Ulm                         => Reinstated reopened
          reopen Bonn                        => Contested reopened vs Ulm
          reopen Berlin                      => Contested reopened vs Ulm Bonn)"},
      {"two corrections at once", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          correct Berlin Ulm                 => CommittedCheap corrected
          reopen Bonn                        => Reinstated reopened vs Ulm
          reopen Berlin                      => Contested reopened vs Bonn Ulm)"},
      {"the old one retracted before the correction stood again", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          retract Berlin                     => Invalidated retracted
          reopen Bonn                        => Reinstated reopened
          reopen Berlin                      => Contested reopened vs Bonn)"},
      {"from an instant on", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          reopen Bonn                        => Reinstated reopened
          reopen Berlin 2026-02              => Contested reopened vs Bonn
          holds Berlin                       => 2026-02..
          retract Bonn                       => Invalidated retracted
          holds Berlin                       => 2025-12..)"},
      {"… what an earlier retraction took is no matter", R"(
          say Berlin since 2025-12           => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          retract Berlin                     => Invalidated retracted
          reopen Berlin                      => Reinstated reopened
          reopen Bonn                        => Reinstated reopened
          reopen Berlin 2026-02              => Contested reopened vs Bonn
          retract Bonn                       => Invalidated retracted
          holds Berlin                       => 2025-12..)"},
      {"with a word that restated it", R"(
          say Berlin since 2025-12 source a  => CommittedCheap first
          correct Berlin Bonn                => CommittedCheap corrected
          retract Bonn                       => Invalidated retracted
          say Berlin source b                => CommittedCheap restates = Berlin
          reopen Bonn                        => Reinstated reopened vs Berlin
          made Berlin                        => b
          reopen Berlin                      => Contested reopened vs Bonn
          made Berlin                        => a b)"},
  });
}

// A claim's statement is retracted, and another word begins the claim in the same batch.
constexpr const char* goes_on_as_ys = R"(
          2026-01-01
          say A since 2026-01-01 sure 0.1 timing 1 as C0 => PendingLowConfidence below_floor
          2026-01-02
          say A since 2025-12-01 source x as C1 => CommittedCheap first
          end C0 2026-01-03                  => Invalidated ended
          2026-01-05
          say A source y                     => CommittedCheap restates = C1
          reopen C0                          => Reinstated reopened
          made C0                            => - y
          made C1                            => x)";

TEST(Reopen, GivesBackWhatWasRetractedAlsoWhereOthersStateTheClaimByNow) {
  const std::vector<test::Case> cases{
      {"the statement comes back, and the other one goes to where it was", R"(
          retract C1                         => CommittedCheap said_by_others
          made C1                            => y
          state C0                           => PendingLowConfidence
          reopen C1                          => Reinstated reopened
          made C1                            => x
          made C0                            => - y
          holds C1                           => 2025-12..
          reopen C1                          => nothing_to_do)"},
      {"corrected instead", R"(
          correct C1 B                       => CommittedCheap corrected vs C1
          made C1                            => y
          reopen C1                          => Contested reopened vs B
          made C1                            => x)"},
      {"retracted twice: the last one first", R"(
          retract C1                         => CommittedCheap said_by_others
          retract C1                         => Invalidated retracted
          reopen C1                          => Reinstated reopened
          made C1                            => y
          reopen C1                          => Reinstated reopened
          made C1                            => x)"},
      {"an end said since is lifted first", R"(
          retract C1                         => CommittedCheap said_by_others
          end C1 2026-01-04T12:00:00Z        => Invalidated ended
          reopen C1                          => Reinstated reopened
          made C1                            => y
          reopen C1                          => Reinstated reopened
          made C1                            => x)"},
      {"from an instant on", R"(
          retract C1                         => CommittedCheap said_by_others
          reopen C1 2026-01-04               => Reinstated reopened
          made C1                            => x y
          holds C1                           => 2026-01-04..)"},
  };
  for (const auto& [why, rest] : cases) {
    SCOPED_TRACE(why);
    test::Script().play(std::string(goes_on_as_ys) + rest);
  }
  test::Script script;
  script.play(goes_on_as_ys);
  const auto answer = script.engine().retract({.agent = script.agent(), .claim = script.claim("C1")});
  EXPECT_EQ(answer.receipts.at(0).reason, "also said by 'y': it goes on as theirs");
}

TEST(Reopen, AWithdrawalThatLeftTheClaimStandingStays) {
  play({
      {"of its source", R"(
          say A source x                     => CommittedCheap first
          say A source y                     => CommittedCheap restates = A
          drop x                             => dry_run ; CommittedCheap said_by_others : A
          drop! x                            => CommittedCheap said_by_others : A
          reopen A                           => nothing_to_do
          retract A                          => Invalidated retracted
          reopen A                           => Reinstated reopened
          made A                             => y
          reopen A                           => nothing_to_do)"},
      {"of the source of a claim that was corrected", R"(
          say A source x                     => CommittedCheap first
          say A source y                     => CommittedCheap restates = A
          correct A B                        => CommittedCheap corrected
          drop x                             => dry_run ; Invalidated retracted : A
          drop! x                            => Invalidated retracted : A
          reopen A                           => Contested reopened vs B
          made A                             => y)"},
  });
}

TEST(Reopen, IsOpenToAClaimThatCountedOnce) {
  play({{"until what promoted it was corrected", R"(
          say B since 2025-12 sure 0.1 timing 1 => PendingLowConfidence below_floor
          say B since 2025-11 as B2          => CommittedCheap first
          state B                            => CommittedCheap
          correct B2 A since 2025-11         => CommittedCheap corrected
          state B                            => PendingLowConfidence
          end B 2026-02                      => nothing_to_do
          state B                            => PendingLowConfidence
          retract B                          => Invalidated retracted
          reopen B                           => PendingLowConfidence reopened
          made B                             => -)"}});
}

TEST(Reopen, SaysTrulyWhyNothingComesBack) {
  const auto reason = [](const std::string& story) {
    test::Script script;
    script.play(story);
    return script.engine().reopen({.agent = script.agent(), .claim = script.claim("A")}).reason;
  };
  EXPECT_EQ(reason("say A source x\ncorrect A B\ndrop x\ndrop! x"),
            "what was said of it was retracted with its source after it had been corrected");
  EXPECT_EQ(reason("say A source x"), "nothing of it was ended or taken back");
}

// --- Reopening from an instant on ----------------------------------------------------------------------------------

TEST(ReopenAt, OfAnEndLeavesWhatLiesBeforeTheInstantCut) {
  play({
      {"ended at 5, reopened at 8", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-09           => Reinstated reopened
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-09..
          cuts Berlin                        => 2026-01-06..2026-01-09 end)"},
      {"the rest later", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-09           => Reinstated reopened
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2025-12-23..
          cuts Berlin                        => none)"},
      {"earlier later", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-09           => Reinstated reopened
          reopen Berlin 2026-01-07           => Reinstated reopened
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-07..)"},
      {"again at the same instant, or later: nothing to do", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-09           => Reinstated reopened
          reopen Berlin 2026-01-09           => nothing_to_do
          reopen Berlin 2026-01-10           => nothing_to_do
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-09..)"},
      {"after the end of the window: nothing to do", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2026-01-10 => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-10           => nothing_to_do
          state Berlin                       => Invalidated)"},
      {"a stated end", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          say Berlin since 2025-12-23 until 2026-01-06 => CommittedCheap ends
          reopen Berlin 2026-01-09           => Reinstated reopened
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-09..
          cuts Berlin                        => 2026-01-06..2026-01-09 stated_end for Berlin')"},
      {"ended again in what was reopened", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-06              => Invalidated ended
          reopen Berlin 2026-01-09           => Reinstated reopened
          end Berlin 2026-01-11              => Invalidated ended
          holds Berlin                       => 2025-12-23..2026-01-06 2026-01-09..2026-01-11
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2025-12-23..)"},
  });
}

TEST(ReopenAt, OfARetractionItsStatementsHoldFromThen) {
  play({
      {"retracted, reopened at 8", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2026-01-09           => Reinstated reopened
          holds Berlin                       => 2026-01-09..
          made Berlin                        => -)"},
      {"the rest later", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2026-01-09           => Reinstated reopened
          reopen Berlin                      => Reinstated reopened
          holds Berlin                       => 2025-12-23..)"},
      {"an end of before is there", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end Berlin 2026-01-10              => Invalidated ended
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2026-01-09           => Reinstated reopened
          holds Berlin                       => 2026-01-09..2026-01-10)"},
      {"nothing of its window lies from there on: nothing to do", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2026-01-06 => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2026-01-06           => nothing_to_do
          state Berlin                       => Invalidated)"},
      {"all its statements, whichever claims they begin", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          2026-01-02
          say Berlin source Bob              => CommittedCheap restates = Berlin
          retract Berlin                     => Invalidated retracted
          reopen Berlin 2026-01-09           => Reinstated reopened
          timeline                           => 2026-01-09.. Berlin)"},
      {"rivals are met only from there on", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          retract Berlin                     => Invalidated retracted
          say Munich since 2025-12-23 until 2026-01-09 => CommittedCheap first
          reopen Berlin 2026-01-09           => Reinstated reopened
          state Munich                       => CommittedCheap)"},
  });
}

// --- A line in place of a claim ------------------------------------------------------------------------------------

TEST(LineTarget, IsTheOneLiveFirstHandClaimThatHoldsNow) {
  play({
      {"end", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          end line 2025-12-30                => Invalidated ended
          holds Berlin                       => 2025-12-23..2025-12-30)"},
      {"retract", R"(
          say Berlin                         => CommittedCheap first
          retract line                       => Invalidated retracted
          state Berlin                       => Invalidated)"},
      {"correct", R"(
          say Berlin                         => CommittedCheap first
          correct line Bonn                  => CommittedCheap corrected
          state Berlin                       => Invalidated
          believe                            => TimingUncertain Bonn)"},
      {"the one that follows", R"(
          2026-01-01
          say Berlin since 2025-12-23        => CommittedCheap first
          2026-01-07
          say Munich since 2026-01-06        => CommittedCheap succession
          retract line                       => Invalidated retracted
          state Munich                       => Invalidated
          state Berlin                       => CommittedCheap
          retract line                       => Invalidated retracted
          state Berlin                       => Invalidated)"},
      {"an inferred one beside it does not count", R"(
          say Berlin                         => CommittedCheap first
          say Munich by model                => PendingConflict contradicts vs Berlin
          retract line                       => Invalidated retracted
          state Berlin                       => Invalidated)"},
  });
}

TEST(LineTarget, OfNoneOrSeveralIsRefusedAndListsThem) {
  play({
      {"two rivals", R"(
          say Berlin                         => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          retract line
              => ambiguous ; CommittedCheap holds_now vs Munich ; Contested holds_now vs Berlin
          wrote                              => nothing
          end line 2030
              => ambiguous ; CommittedCheap holds_now vs Munich ; Contested holds_now vs Berlin
          correct line Bonn
              => ambiguous ; CommittedCheap holds_now vs Munich ; Contested holds_now vs Berlin
          wrote                              => nothing)"},
      {"two members", R"(
          say tea set                        => CommittedCheap first
          say milk set                       => CommittedCheap set_member
          retract line                       => ambiguous ; CommittedCheap holds_now ; CommittedCheap holds_now)"},
      {"none at all", R"(
          retract line                       => ambiguous
          end line 2030                      => ambiguous
          correct line Bonn                  => ambiguous
          wrote                              => nothing)"},
      {"none that holds now", R"(
          2026-01-01
          say Berlin since 2025-12-23 until 2025-12-29 => CommittedCheap first
          retract line                       => ambiguous
          state Berlin                       => CommittedCheap)"},
      {"none that is first-hand", R"(
          say Berlin by model                => CommittedInferred inferred
          retract line                       => ambiguous)"},
  });
}

// --- Parts of a statement that are not applied ---------------------------------------------------------------------

TEST(NotApplied, IsNamedInTheReceipt) {
  play({
      {"another source's end", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-29 source Bob => CommittedCheap restates = Berlin end_not_applied
          holds Berlin                       => 2025-12-23..)"},
      {"another source's end that is not covered: a claim of its own", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          say Berlin since 2025-12-23 until 2026-01-10 source Bob => CommittedCheap extends end_not_applied
          holds Berlin                       => 2025-12-23..)"},
      {"the same source's end is applied", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          say Berlin since 2025-12-23 until 2026-01-10 source Ann => CommittedCheap ends)"},
      {"a restatement's Functional beside another member", R"(
          say tea set                        => CommittedCheap first
          say milk set                       => CommittedCheap set_member
          say tea functional                 => CommittedCheap restates = tea cardinality_not_applied)"},
      {"a member's Functional is applied where it is alone", R"(
          say tea set                        => CommittedCheap first
          say tea functional                 => CommittedCheap restates = tea
          say milk                           => Contested rivals vs tea)"},
      {"a confirmation's Functional beside another member", R"(
          say milk set                       => CommittedCheap first
          say tea set sure 0.1               => PendingLowConfidence below_floor
          say tea functional sure 0.1        => CommittedCheap confirms = tea cardinality_not_applied
          believe                            => set milk tea)"},
      {"both", R"(
          2026-01-01
          say tea set source Ann             => CommittedCheap first
          say milk set source Ann            => CommittedCheap set_member
          say tea functional until 2025-12-29 source Bob
              => CommittedCheap restates = tea end_not_applied cardinality_not_applied)"},
      {"once more, in the receipt again of the same word", R"(
          2026-01-01
          say Berlin since 2025-12-23 source Ann => CommittedCheap first
          say Berlin since 2025-12-23 until 2025-12-29 source Bob key k
              => CommittedCheap restates = Berlin end_not_applied
          say Berlin since 2025-12-23 until 2025-12-29 source Bob key k
              => CommittedCheap restates = Berlin end_not_applied replayed
          wrote                              => nothing)"},
  });
}

}  // namespace
}  // namespace claimledger
