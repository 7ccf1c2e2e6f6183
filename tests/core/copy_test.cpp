#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// Ledgers carried from store to store: where they go on, when they are refused, and how much is held at once.
namespace claimledger {
namespace {

const AgentId ada{"ada"};
const Call unlimited{};

// Counts what is asked of it; a copy is broken off, or overtaken, after so many appends.
class Watched : public conformance::ForwardingStore {
 public:
  Watched() : ForwardingStore(memory::open()) {}

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    auto found = ForwardingStore::batches(agent, after, limit, call);
    std::size_t bytes = 0;
    for (auto& batch : found) {
      if (batch.first == falsified) batch.entries.front().body.back() ^= 1;
      for (const auto& entry : batch.entries) bytes += entry.content.body.size();
    }
    most_bytes = std::max(most_bytes, bytes);
    most_batches = std::max(most_batches, found.size());
    return found;
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (appends_left == 0) throw StoreFailure(FailureKind::unreachable, "append", "the cable was pulled");
    --appends_left;
    if (overtake) std::exchange(overtake, {})();
    return ForwardingStore::append(commits, call);
  }

  bool agents_share_commits() const override { return shared; }

  bool shared = false;
  int appends_left = 1'000'000;
  std::function<void()> overtake;
  Position falsified;
  mutable std::size_t most_bytes = 0, most_batches = 0;
};

struct Side {
  explicit Side(std::uint64_t seed) : Side(seed, std::make_unique<Watched>()) {}
  Side(std::uint64_t seed, std::unique_ptr<Watched> made)
      : clock(std::make_shared<conformance::ManualClock>()),
        store(made.get()),
        engine({.store = std::move(made), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(seed)}) {}

  void say(int from, int until, const std::string& value = "here", std::size_t claims = 1) {
    for (int i = from; i < until; ++i) {
      IngestRequest request{.agent = ada, .statements = {}};
      for (std::size_t n = 0; n < claims; ++n) {
        Statement statement{
            .subject = "s" + std::to_string(i), .predicate = "p" + std::to_string(n), .value = Value(value)};
        statement.idempotency_key = "key " + std::to_string(i) + " " + std::to_string(n);
        statement.source = "diary";
        request.statements.push_back(std::move(statement));
      }
      engine.ingest(request);
    }
  }
  CopyAnswer copy_from(Side& other) { return engine.copy_from({.source = other.engine, .agent = ada}); }
  Head head() { return store->head(ada, unlimited); }
  std::vector<StoredBatch> all() { return store->ForwardingStore::batches(ada, {}, 10'000, unlimited); }

  std::shared_ptr<conformance::ManualClock> clock;
  Watched* store;
  Engine engine;
};

TEST(Copy, HasTheSameBatchesAndIsFoundByTheSameKeys) {
  Side from(1), to(2);
  from.say(0, 20);

  std::vector<std::pair<std::uint64_t, std::uint64_t>> heard;
  const auto answer = to.engine.copy_from(
      {.source = from.engine, .agent = ada, .progress = [&](auto done, auto all) { heard.emplace_back(done, all); }});

  EXPECT_EQ(answer.status, CopyStatus::done);
  EXPECT_EQ(answer.batches, 20U);
  EXPECT_EQ(answer.entries, 20U);
  EXPECT_EQ(answer.head, from.head());
  EXPECT_EQ(to.head(), from.head());
  EXPECT_EQ(to.all(), from.all());
  EXPECT_TRUE(to.engine.verify({.agent = ada}).ok);
  EXPECT_EQ(to.engine.outcome({.agent = ada, .idempotency_key = "key 7 0"}),
            from.engine.outcome({.agent = ada, .idempotency_key = "key 7 0"}));
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back(), std::make_pair(std::uint64_t{20}, std::uint64_t{20}));
}

// The deadline is only met where the copy keeps the turn.
TEST(Copy, LetsOthersOfTheSameFileWriteBetweenItsPages) {
  Side from(1);
  from.say(0, 20);
  auto store = std::make_unique<Watched>();
  store->shared = true;
  Side to(2, std::move(store));
  int written = 0;
  const auto write_beside = [&](auto, auto) {
    const Statement statement{.subject = "bob", .predicate = "page", .value = Value(std::to_string(written))};
    const Call call{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{200}};
    to.engine.ingest({.agent = AgentId{"bob"}, .statements = {statement}, .call = call});
    ++written;
  };

  const auto answer = to.engine.copy_from({.source = from.engine, .agent = ada, .progress = write_beside});

  EXPECT_EQ(answer.status, CopyStatus::done);
  EXPECT_EQ(to.all(), from.all());
  EXPECT_GT(written, 0);
}

TEST(Copy, OfALedgerThatIsThereOrOfNoneDoesNothing) {
  Side from(1), to(2);
  EXPECT_EQ(to.copy_from(from).status, CopyStatus::done);

  from.say(0, 3);
  to.copy_from(from);
  const auto again = to.copy_from(from);

  EXPECT_EQ(again.status, CopyStatus::done);
  EXPECT_EQ(again.batches, 0U);
  EXPECT_EQ(again.head, from.head());
}

TEST(Copy, GoesOnWhereItWasBrokenOff) {
  Side from(1), to(2);
  from.say(0, 300);
  to.store->appends_left = 2;
  EXPECT_THROW(to.copy_from(from), StoreFailure);
  const auto there = to.head().position.value;
  EXPECT_GT(there, 0U);
  EXPECT_TRUE(to.engine.verify({.agent = ada}).ok);

  to.store->appends_left = 1'000;
  from.say(300, 310);
  const auto answer = to.copy_from(from);

  EXPECT_EQ(answer.batches, 310 - there);
  EXPECT_EQ(to.all(), from.all());
}

TEST(Copy, IsRefusedByAnotherHistoryAndSaysWhereItBegins) {
  Side from(1), to(2);
  from.say(0, 40);
  to.copy_from(from);
  from.say(40, 50, "here");
  to.clock->advance(std::chrono::hours{24});
  to.say(40, 60, "there");
  const auto before = to.all();

  const auto answer = to.copy_from(from);

  EXPECT_EQ(answer.status, CopyStatus::diverged);
  EXPECT_NE(answer.reason.find("from entry 41 on"), std::string::npos) << answer.reason;
  EXPECT_EQ(to.all(), before);
}

TEST(Copy, IsRefusedByATargetThatGoesOnBeyondTheSource) {
  Side from(1), to(2);
  from.say(0, 4);
  to.copy_from(from);
  to.clock->advance(std::chrono::hours{24});
  to.say(4, 6);

  const auto answer = to.copy_from(from);

  EXPECT_EQ(answer.status, CopyStatus::diverged);
  EXPECT_NE(answer.reason.find("to entry 6, where the source ends at 4"), std::string::npos) << answer.reason;
}

TEST(Copy, StopsWhereSomebodyElseWritesToTheTarget) {
  Side from(1), to(2);
  from.say(0, 100);
  to.store->overtake = [&] {
    Side other(3);
    other.say(0, 1, "elsewhere");
    const auto batch = other.all().front();
    const Commit commit{to.head(), batch.header, batch.entries};
    to.store->append(std::span(&commit, 1), unlimited);
  };

  const auto answer = to.copy_from(from);

  EXPECT_EQ(answer.status, CopyStatus::conflict);
  EXPECT_EQ(to.head().position.value, 1U);
  EXPECT_EQ(to.copy_from(from).status, CopyStatus::diverged);
}

TEST(Copy, TakesNothingFromASourceThatDoesNotFitItsHashes) {
  Side from(1), to(2);
  from.say(0, 10);
  from.store->falsified = {6};

  try {
    to.copy_from(from);
    FAIL() << "it was taken";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_NE(failure.detail().find("entry 6"), std::string::npos) << failure.detail();
  }
  EXPECT_LT(to.head().position.value, 6U);
  EXPECT_TRUE(to.head().position == Position{} || to.engine.verify({.agent = ada}).ok);
}

TEST(Copy, HoldsFewBatchesWhereTheyAreLargeAndMoreWhereTheyAreSmall) {
  Side small_from(1), small_to(2), large_from(3), large_to(4);
  small_from.say(0, 200);
  large_from.say(0, 12, std::string(1'000'000, 'x'), 5);

  small_to.copy_from(small_from);
  large_to.copy_from(large_from);

  EXPECT_EQ(small_from.store->most_batches, 64U);
  EXPECT_LT(large_from.store->most_bytes, 6'000'000U);
}

}  // namespace
}  // namespace claimledger
