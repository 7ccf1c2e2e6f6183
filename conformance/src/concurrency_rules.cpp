#include <atomic>
#include <set>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"
#include "survey.hpp"

// Many threads and several handles on one place.
namespace claimledger::conformance {

namespace {

// Appends `rounds` batches of two entries, each after the head it sees, again on conflict; returns what landed.
std::vector<ClaimId> write_in_turn(Store& store, const AgentId& agent, std::uint64_t seed, int rounds) {
  const Call call;
  ExampleIds ids(seed);
  std::vector<ClaimId> written;
  while (rounds > 0) {
    const auto head = store.head(agent, call);
    const auto claim = ids.claim();
    const LineKey line{"writer " + std::to_string(seed), "p"};
    const auto commit =
        commit_after(head, agent, ids.batch(), TxTime{head.recorded_at.value + std::chrono::microseconds{1}},
                     {claim_recorded(line, claim), about_claim(kind_number<Corroborated>, line, claim)});
    const auto outcome = store.append(std::span(&commit, 1), call).at(0);
    if (outcome.outcome == AppendOutcome::conflict) continue;
    if (outcome.outcome == AppendOutcome::failed && outcome.failure == FailureKind::busy) continue;
    EXPECT_EQ(outcome, Outcome{}) << outcome.detail;
    written.push_back(claim);
    --rounds;
  }
  return written;
}

// Positions count without gaps, times increase, the chain follows, and each batch has both its entries.
void expect_whole(const std::vector<StoredBatch>& batches, const Head& genesis) {
  Head at = genesis;
  for (const auto& batch : batches) {
    EXPECT_EQ(batch.first.value, at.position.value + 1);
    EXPECT_GT(batch.header.recorded_at, at.recorded_at);
    ASSERT_EQ(batch.entries.size(), batch.header.entries);
    for (const auto& entry : batch.entries) {
      EXPECT_EQ(entry.seq.value, at.position.value + 1);
      EXPECT_EQ(entry.hash, sha256({at.hash.view(), entry.body}));
      at = {entry.seq, batch.header.recorded_at, entry.hash};
    }
  }
}

}  // namespace

TEST_P(StoreContract, C01_WritersInSeveralThreadsLeaveOneChainAndLoseNothing) {
  const auto genesis = head();
  constexpr int writers = 4;
  constexpr int rounds = 15;
  std::vector<std::vector<ClaimId>> written(writers);
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) {
    threads.emplace_back([&, i] {
      written[static_cast<std::size_t>(i)] =
          write_in_turn(store(), agent(), static_cast<std::uint64_t>(100 + i), rounds);
    });
  }
  for (auto& thread : threads) thread.join();

  const auto batches = all_batches();
  EXPECT_EQ(batches.size(), static_cast<std::size_t>(writers * rounds));
  expect_whole(batches, genesis);
  for (const auto& claims : written) {
    for (const auto& place : store().claims(agent(), claims, anywhere, unlimited)) EXPECT_TRUE(place);
  }
}

TEST_P(StoreContract, C02_WritersOfDifferentAgentsDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { write_in_turn(store(), AgentId{"agent " + std::to_string(i)}, 200 + i, 15); });
  }
  for (auto& thread : threads) thread.join();

  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all_batches(AgentId{"agent " + std::to_string(i)}).size(), 15U);
  }
}

TEST_P(StoreContract, C03_ReadersSeeWholeBatchesWhileOthersWrite) {
  const auto genesis = head();
  std::atomic<bool> writing = true;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      do {
        const auto seen = store().head(agent(), unlimited);
        EXPECT_EQ(seen.position.value % 2, 0U) << "half a batch";
        EXPECT_GE(seen.position.value, last);
        last = seen.position.value;
        const auto entries = store().entries(agent(), {.limit = 10'000}, seen.position, unlimited);
        EXPECT_EQ(entries.size(), seen.position.value);
        const auto unbounded = store().entries(agent(), {.limit = 10'000}, anywhere, unlimited);
        EXPECT_EQ(unbounded.size() % 2, 0U) << "half a batch";
        expect_whole(store().batches(agent(), Position{0}, 10'000, unlimited), genesis);
      } while (writing);
    });
  }

  write_in_turn(store(), agent(), 300, 40);
  writing = false;
  for (auto& reader : readers) reader.join();

  EXPECT_EQ(head().position, Position{80});
}

TEST_P(StoreContract, C04_ALongBatchIsSeenWholeOrNotAtAll) {
  std::vector<StoredEntry> entries;
  for (int i = 0; i < 3'000; ++i) entries.push_back(claim_recorded(line(), ids().claim()));
  const auto commit = draft(std::move(entries));
  std::atomic<bool> written = false;
  std::thread writer([&] {
    EXPECT_EQ(append(commit), Outcome{});
    written = true;
  });

  bool last = false;
  do {
    last = written;
    const auto size = store().line(agent(), line(), anywhere, unlimited).size();
    EXPECT_TRUE(size == 0 || size == 3'000) << size;
    const auto seen = store().head(agent(), unlimited).position.value;
    EXPECT_TRUE(seen == 0 || seen == 3'000) << seen;
  } while (!last);
  writer.join();
}

TEST_P(StoreContract, C05_ASecondHandleSeesWhatTheFirstWrote) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  const auto second = second_handle();
  const auto commits = sample_ledger(head(), agent());

  for (const auto& commit : commits) {
    ASSERT_EQ(append(commit), Outcome{});
    EXPECT_EQ(second->head(agent(), unlimited), head_of(commit));
  }

  EXPECT_EQ(survey(*second, agent(), commits, anywhere), survey(store(), agent(), commits, anywhere));
  EXPECT_EQ(append(*second, commits.front()).outcome, AppendOutcome::already_there);
}

TEST_P(StoreContract, C06_WritersOnTwoHandlesLeaveOneChainAndLoseNothing) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  const auto genesis = head();
  const auto second = second_handle();

  std::thread other([&] { write_in_turn(*second, agent(), 400, 15); });
  write_in_turn(store(), agent(), 401, 15);
  other.join();

  expect_whole(all_batches(), genesis);
  EXPECT_EQ(all_batches().size(), 30U);
  EXPECT_EQ(second->head(agent(), unlimited), head());
}

TEST_P(StoreContract, C07_AStaleHeadIsAConflictOnTheOtherHandleToo) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  const auto second = second_handle();
  const auto stale = draft({claim_recorded(line("stale"), ids().claim())});
  const auto winner = write({claim_recorded(line(), ids().claim())});

  EXPECT_EQ(append(*second, stale).outcome, AppendOutcome::conflict);
  EXPECT_EQ(all_batches(), std::vector{batch_of(winner)});
}

TEST_P(StoreContract, C08_ReadersAnswerWhileAWriteIsHeldOpen) {
  if (!backend().cannot_hold_a_write.empty()) GTEST_SKIP() << backend().cannot_hold_a_write;
  const auto commits = sample_ledger(head(), agent());
  for (const auto& commit : commits) ASSERT_EQ(append(commit), Outcome{});
  const auto before = survey(store(), agent(), commits, anywhere);

  const auto held = backend().hold_write(place());

  EXPECT_EQ(survey(store(), agent(), commits, anywhere), before);
  EXPECT_EQ(head(), head_of(commits.back()));
  EXPECT_EQ(all_batches().size(), commits.size());
}

TEST_P(StoreContract, C09_AWriteThatWaitsForAnotherGivesUpWithNothingWritten) {
  if (!backend().cannot_hold_a_write.empty()) GTEST_SKIP() << backend().cannot_hold_a_write;
  const auto commit = draft({claim_recorded(line(), ids().claim())});
  auto held = backend().hold_write(place());
  const Call impatient{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{50}};

  const auto outcome = store().append(std::span(&commit, 1), impatient).at(0);
  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::timeout);
  EXPECT_EQ(head().position, Position{0});
  held.reset();

  EXPECT_EQ(append(commit), Outcome{});
}

}  // namespace claimledger::conformance
