#include <algorithm>
#include <mutex>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"
#include "story.hpp"

// Engines that decide at the same time.
namespace claimledger::conformance {

namespace {

// Says each value from a thread of its own, again while the world is busy; the receipts in the order of the ledger.
template <class EngineOf>
std::vector<Receipt> race(int threads, const AgentId& agent, EngineOf engine_of, auto statement_of) {
  std::mutex mutex;
  std::vector<Receipt> receipts;
  std::vector<std::thread> racers;
  for (int i = 0; i < threads; ++i) {
    racers.emplace_back([&, i] {
      for (;;) {
        try {
          const auto answer = say(engine_of(i), agent, {statement_of(i)});
          const std::scoped_lock lock(mutex);
          receipts.push_back(answer.receipts.at(0));
          return;
        } catch (const StoreFailure& failure) {
          if (failure.kind() != FailureKind::conflict && failure.kind() != FailureKind::busy) throw;
        }
      }
    });
  }
  for (auto& racer : racers) racer.join();
  std::sort(receipts.begin(), receipts.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  return receipts;
}

// One commits; every later one is contested with all before it, oldest first.
void expect_one_winner(const std::vector<Receipt>& receipts, int threads) {
  ASSERT_EQ(receipts.size(), static_cast<std::size_t>(threads));
  std::vector<ClaimId> earlier;
  for (const auto& receipt : receipts) {
    EXPECT_EQ(receipt.disposition, earlier.empty() ? Disposition::committed_cheap : Disposition::contested);
    EXPECT_EQ(receipt.contested_with, earlier);
    earlier.push_back(receipt.claim.value());
  }
}

}  // namespace

TEST_P(StoreContract, J01_OfManyValuesRacingForALineOneCommitsAndTheOthersNameTheirRivals) {
  auto bench = Bench::over(store());

  const auto receipts = race(
      8, agent(), [&](int) -> Engine& { return bench.engine; },
      [](int i) { return stated("alice", "lives_in", "city " + std::to_string(i)); });

  expect_one_winner(receipts, 8);
  EXPECT_TRUE(bench.engine.verify({.agent = agent()}).ok);
  EXPECT_EQ(bench.engine.history({.agent = agent(), .line = {"alice", "lives_in"}}).claims.size(), 8U);
}

TEST_P(StoreContract, J02_EnginesOnTwoHandlesRaceAsOne) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  auto mine = Bench::over(store(), {}, 1);
  auto theirs = Bench::over(second_handle(), {}, 2);

  const auto receipts = race(
      6, agent(), [&](int i) -> Engine& { return i % 2 == 0 ? mine.engine : theirs.engine; },
      [](int i) { return stated("alice", "lives_in", "city " + std::to_string(i)); });

  expect_one_winner(receipts, 6);
  EXPECT_TRUE(mine.engine.verify({.agent = agent()}).ok);
  const At at{.asked_at = TxTime{mine.clock->now()}};
  EXPECT_EQ(text_of(mine.engine.history({.agent = agent(), .line = {"alice", "lives_in"}, .at = at})),
            text_of(theirs.engine.history({.agent = agent(), .line = {"alice", "lives_in"}, .at = at})));
}

TEST_P(StoreContract, J03_OneKeyRacingGivesOneClaim) {
  auto bench = Bench::over(store());

  const auto receipts = race(
      6, agent(), [&](int) -> Engine& { return bench.engine; },
      [](int) { return with_idempotency(stated("alice", "lives_in", "Berlin"), "key"); });

  std::size_t written = 0;
  for (const auto& receipt : receipts) {
    EXPECT_EQ(given_again(receipt), given_again(receipts.front()));
    written += receipt.replayed ? 0 : 1;
  }
  EXPECT_EQ(written, 1U) << "everybody else is told that it was written before";
  EXPECT_EQ(bench.engine.history({.agent = agent(), .line = {"alice", "lives_in"}}).claims.size(), 1U);
  EXPECT_EQ(all_batches().size(), 1U);
}

TEST_P(StoreContract, J04_DifferentAgentsRaceWithoutMeeting) {
  auto bench = Bench::over(store());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 10; ++j)
        say(bench.engine, AgentId{"agent " + std::to_string(i)}, {stated("s", std::to_string(j), i)});
    });
  }
  for (auto& thread : threads) thread.join();

  for (int i = 0; i < 4; ++i) {
    const AgentId who{"agent " + std::to_string(i)};
    EXPECT_TRUE(bench.engine.verify({.agent = who}).ok);
    EXPECT_EQ(store().head(who, unlimited).position, Position{10});
  }
}

TEST_P(StoreContract, J05_AnAnswerByWhichNothingIsWrittenIsOfWhatIsThere) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  auto mine = Bench::over(store(), {}, 1);
  auto theirs = Bench::over(second_handle(), {}, 2);
  const auto say = [&](Bench& by, const std::string& predicate, const std::string& value) {
    by.engine.ingest({.agent = agent(), .statements = {stated("alice", predicate, value)}});
  };
  say(mine, "lives_in", "Berlin");
  say(theirs, "likes", "tea");
  say(theirs, "drinks", "tea");

  const auto belief =
      mine.engine.recall({.agent = agent(), .line = {"alice", "drinks"}, .serve_to = std::string("a prompt")});
  const auto taken_back = mine.engine.retract({.agent = agent(), .claim = LineKey{"alice", "likes"}});

  EXPECT_NE(belief.status, BeliefStatus::no_belief);
  EXPECT_EQ(taken_back.status, WriteStatus::done) << taken_back.reason;
}

}  // namespace claimledger::conformance
