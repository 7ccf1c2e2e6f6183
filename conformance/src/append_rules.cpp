#include <algorithm>

#include "claimledger/conformance/store_contract.hpp"

// Rules of append: effects of a batch that lands, and no trace of one that does not.
namespace claimledger::conformance {

TEST_P(StoreContract, A01_AnAgentNeverHeardOfHasAnEmptyLedgerWithAHashOfItsOwn) {
  const auto unheard = store().head(agent(), unlimited);
  const auto other = store().head(other_agent(), unlimited);

  EXPECT_EQ(unheard.position, Position{0});
  EXPECT_EQ(unheard.recorded_at, TxTime{});
  EXPECT_NE(unheard.hash, Digest{});
  EXPECT_NE(unheard.hash, other.hash);
  EXPECT_TRUE(all_batches().empty());
  EXPECT_TRUE(store().agents({}, 10, unlimited).empty()) << "asking does not make a ledger";
}

TEST_P(StoreContract, A02_ABatchIsReadBackAsItWasAppended) {
  const auto claim = ids().claim();

  const auto commit =
      write({claim_recorded(line(), claim), about_claim(kind_number<Corroborated>, line(), claim), attempt_rejected()});

  const auto read = all_batches();
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].header, commit.header);
  EXPECT_EQ(read[0].first, Position{1});
  EXPECT_EQ(read[0].entries, as_read(commit.entries)) << entries_text(read[0].entries) << "wanted\n"
                                                      << entries_text(commit.entries);
}

TEST_P(StoreContract, A03_TheHeadIsTheEndOfTheLastBatch) {
  write({claim_recorded(line(), ids().claim()), claim_recorded(line(), ids().claim())});
  const auto last = write({claim_recorded(line(), ids().claim())});

  EXPECT_EQ(head(), head_of(last));
}

TEST_P(StoreContract, A04_EntriesAreNumberedWithoutGapsAcrossBatches) {
  for (std::size_t size : {1U, 3U, 2U, 5U}) {
    std::vector<StoredEntry> entries;
    while (entries.size() < size) entries.push_back(claim_recorded(line(), ids().claim()));
    write(std::move(entries));
  }

  std::uint64_t expected = 0;
  for (const auto& entry : all_entries()) EXPECT_EQ(entry.seq, Position{++expected});
  EXPECT_EQ(expected, 11U);
}

TEST_P(StoreContract, A05_ABatchWhoseLastEntryBreaksARuleLeavesNothingBehind) {
  write({claim_recorded(line(), ids().claim())});
  const auto good = ids().claim();
  const auto key = ids().key();
  auto entries = std::vector{with_key(claim_recorded(line("torn"), good), key), claims_served({good}, "torn context"),
                             question_opened(line("torn"), good, ids().handle())};
  for (int i = 0; i < 20; ++i) entries.push_back(claim_recorded(line("torn"), ids().claim(), {good}));
  entries.push_back(claim_recorded(line("torn"), good));

  expect_refused(draft(std::move(entries)));

  EXPECT_TRUE(store().line(agent(), line("torn"), anywhere, unlimited).empty());
  EXPECT_EQ(store().claims(agent(), std::vector{good}, anywhere, unlimited), std::vector<std::optional<ClaimPlace>>(1));
  EXPECT_FALSE(store().by_idempotency_key(agent(), key, anywhere, unlimited));
  EXPECT_TRUE(store().dependants(agent(), std::vector{good}, anywhere, unlimited).empty());
  EXPECT_TRUE(all_entries({.key = key::Text{"torn context"}}).empty());
  EXPECT_TRUE(all_entries({.key = key::ServedClaim{good}}).empty());
}

TEST_P(StoreContract, A06_EntriesWithEqualKeysKeepTheOrderOfTheirBatch) {
  const auto claim = ids().claim();
  auto entries = std::vector{claim_recorded(line(), claim)};
  for (int i = 0; i < 50; ++i) {
    entries.push_back(
        with_body(about_claim(kind_number<ReviewSettled>, line(), claim), "step " + std::to_string((i * 7) % 50)));
  }

  const auto commit = write(std::move(entries));

  EXPECT_EQ(store().line(agent(), line(), anywhere, unlimited), as_read(commit.entries));
  EXPECT_EQ(all_entries(), as_read(commit.entries));
}

TEST_P(StoreContract, A07_TheSameBatchTwiceIsOnce) {
  const auto first = write({claim_recorded(line(), ids().claim())});
  EXPECT_EQ(append(first).outcome, AppendOutcome::already_there);

  const auto second = write({claim_recorded(line(), ids().claim())});
  EXPECT_EQ(append(first).outcome, AppendOutcome::already_there) << "also after others";
  EXPECT_EQ(append(second).outcome, AppendOutcome::already_there);

  EXPECT_EQ(all_batches(), (std::vector{batch_of(first), batch_of(second)}));
}

TEST_P(StoreContract, A08_TheSameBatchTwiceInOneAppendIsOnce) {
  const auto commit = draft({claim_recorded(line(), ids().claim())});

  const auto outcomes = store().append(std::vector{commit, commit}, unlimited);

  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].outcome, AppendOutcome::done);
  EXPECT_EQ(outcomes[1].outcome, AppendOutcome::already_there);
  EXPECT_EQ(all_batches(), std::vector{batch_of(commit)});
}

TEST_P(StoreContract, A09_AStaleHeadIsAConflictAndNothingIsWritten) {
  const auto stale = draft({claim_recorded(line("stale"), ids().claim())});
  const auto winner = write({claim_recorded(line(), ids().claim())});

  EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);

  EXPECT_EQ(all_batches(), std::vector{batch_of(winner)});
  EXPECT_TRUE(store().line(agent(), line("stale"), anywhere, unlimited).empty());
}

TEST_P(StoreContract, A10_AHeadFurtherThanTheLedgerIsAConflict) {
  const auto first = draft({claim_recorded(line(), ids().claim())});
  const auto early = commit_after(head_of(first), agent(), ids().batch(), example_time(1), {attempt_rejected()});

  EXPECT_EQ(append(early).outcome, AppendOutcome::conflict);
  EXPECT_EQ(head().position, Position{0});
}

TEST_P(StoreContract, A11_AHeadWithAnotherHashIsAConflict) {
  write({claim_recorded(line(), ids().claim())});
  auto head_of_a_fork = head();
  head_of_a_fork.hash.bytes[31] ^= 1;

  const auto forked =
      commit_after(head_of_a_fork, agent(), ids().batch(), example_time(9'000'000), {attempt_rejected()});

  EXPECT_EQ(append(forked).outcome, AppendOutcome::conflict);
  EXPECT_EQ(head().position, Position{1});
}

TEST_P(StoreContract, A12_CommitsOfOneAppendLandInTheirOrder) {
  const auto first = draft({claim_recorded(line(), ids().claim())});
  const auto second = commit_after(head_of(first), agent(), ids().batch(), example_time(1),
                                   {claim_recorded(line(), ids().claim()), attempt_rejected()});
  const auto third = commit_after(head_of(second), agent(), ids().batch(), example_time(2), {attempt_rejected()});

  const auto outcomes = store().append(std::vector{first, second, third}, unlimited);

  EXPECT_EQ(outcomes, std::vector<Outcome>(3));
  EXPECT_EQ(all_batches(), (std::vector{batch_of(first), batch_of(second), batch_of(third)}));
}

TEST_P(StoreContract, A13_SeveralAgentsMayShareOneAppend) {
  const auto mine = draft({claim_recorded(line(), ids().claim())});
  const auto theirs = draft_for(other_agent(), {claim_recorded(line(), ids().claim()), attempt_rejected()});

  EXPECT_EQ(store().append(std::vector{mine, theirs}, unlimited), std::vector<Outcome>(2));

  EXPECT_EQ(all_batches(), std::vector{batch_of(mine)});
  EXPECT_EQ(all_batches(other_agent()), std::vector{batch_of(theirs)});
}

TEST_P(StoreContract, A14_ACommitThatFailsDoesNotUndoTheOthersOfItsAppend) {
  const auto claim = ids().claim();
  const auto first = draft({claim_recorded(line(), claim)});
  const auto refused = commit_after(head_of(first), agent(), ids().batch(), example_time(1),
                                    {claim_recorded(line("refused"), ids().claim()), claim_recorded(line(), claim)});
  const auto after_refused =
      commit_after(head_of(refused), agent(), ids().batch(), example_time(2), {attempt_rejected()});
  const auto second = commit_after(head_of(first), agent(), ids().batch(), example_time(3), {attempt_rejected()});
  const auto theirs = draft_for(other_agent(), {attempt_rejected()});

  const auto outcomes = store().append(std::vector{first, refused, after_refused, second, theirs}, unlimited);

  ASSERT_EQ(outcomes.size(), 5U);
  EXPECT_EQ(outcomes[0].outcome, AppendOutcome::done);
  EXPECT_EQ(outcomes[1].outcome, AppendOutcome::refused);
  EXPECT_EQ(outcomes[2].outcome, AppendOutcome::conflict);
  EXPECT_EQ(outcomes[3].outcome, AppendOutcome::done);
  EXPECT_EQ(outcomes[4].outcome, AppendOutcome::done);
  EXPECT_EQ(all_batches(), (std::vector{batch_of(first), batch_of(second)}));
  EXPECT_EQ(all_batches(other_agent()), std::vector{batch_of(theirs)});
  EXPECT_TRUE(store().line(agent(), line("refused"), anywhere, unlimited).empty());
}

TEST_P(StoreContract, A15_AppendingNothingGivesNoOutcome) { EXPECT_TRUE(store().append({}, unlimited).empty()); }

TEST_P(StoreContract, A16_AClaimBeginsOnce) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim)});

  expect_refused(draft({attempt_rejected(), claim_recorded(line("again"), claim)}));
  const auto twin = ids().claim();
  expect_refused(draft({claim_recorded(line("twins"), twin), claim_recorded(line("twins"), twin)}));
}

TEST_P(StoreContract, A17_AnIdempotencyKeyBelongsToOneEntry) {
  const auto key = ids().key();
  write({with_key(claim_recorded(line(), ids().claim()), key)});

  expect_refused(draft({attempt_rejected(), with_key(claim_recorded(line("again"), ids().claim()), key)}));
  const auto twin = ids().key();
  expect_refused(draft({with_key(claim_recorded(line("twins"), ids().claim()), twin),
                        with_key(claim_recorded(line("twins"), ids().claim()), twin)}));
}

TEST_P(StoreContract, A18_AQuestionIsOpenedOnceAndClosedOnce) {
  const auto claim = ids().claim();
  const auto handle = ids().handle();
  write({claim_recorded(line(), claim), question_opened(line(), claim, handle)});

  expect_refused(draft({question_opened(line(), claim, handle)}));
  write({question_closed(line(), claim, handle)});
  expect_refused(draft({question_closed(line(), claim, handle)}));
  expect_refused(draft({question_opened(line(), claim, handle)}));
}

TEST_P(StoreContract, A19_ABatchMayReferToItsOwnEarlierEntries) {
  const auto parent = ids().claim();
  const auto child = ids().claim();
  const auto handle = ids().handle();

  const auto commit =
      write({claim_recorded(line(), parent), claim_recorded(line("mood"), child, {parent}),
             about_claim(kind_number<Corroborated>, line(), parent), question_opened(line("mood"), child, handle),
             question_closed(line("mood"), child, handle), claims_served({child, parent}, "context")});

  EXPECT_EQ(all_batches(), std::vector{batch_of(commit)});
  EXPECT_EQ(store().dependants(agent(), std::vector{parent}, anywhere, unlimited),
            (std::vector<Derivation>{{parent, {2}, child}}));
}

TEST_P(StoreContract, A20_ACommitThatDoesNotCountOnFromItsHeadIsRefused) {
  write({claim_recorded(line(), ids().claim())});
  auto gap = draft({claim_recorded(line("gap"), ids().claim()), claim_recorded(line("gap"), ids().claim())});
  gap.entries[1].seq = Position{4};
  auto repeated = draft({claim_recorded(line("gap"), ids().claim()), claim_recorded(line("gap"), ids().claim())});
  repeated.entries[1].seq = repeated.entries[0].seq;
  auto late = draft({claim_recorded(line("gap"), ids().claim())});
  late.entries[0].seq = Position{3};

  expect_refused(gap);
  expect_refused(repeated);
  expect_refused(late);
}

TEST_P(StoreContract, A21_RecordedTimeNeverRunsBackwards) {
  write_at(example_time(1'000), {attempt_rejected()});

  expect_refused(commit_after(head(), agent(), ids().batch(), example_time(1'000), {attempt_rejected()}));
  expect_refused(commit_after(head(), agent(), ids().batch(), example_time(999), {attempt_rejected()}));
  write_at(example_time(1'001), {attempt_rejected()});
}

TEST_P(StoreContract, A22_ARefusedBatchMayBeAppendedOnceItIsRight) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim)});
  auto refused = draft({claim_recorded(line(), claim)});
  expect_refused(refused);

  refused.entries[0].claim = ids().claim();

  EXPECT_EQ(append(refused).outcome, AppendOutcome::done);
}

}  // namespace claimledger::conformance
