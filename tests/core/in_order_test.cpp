#include "claimledger/in_order.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "claimledger/memory/memory_store.hpp"
#include "crowd.hpp"
#include "random_writes.hpp"
#include "watched_store.hpp"

// Ingests that several threads make in one order: the ledger stands as if one thread had made them, and nothing is
// behind one that failed.
namespace claimledger::application {
namespace {

using test::Crowd;
using test::ledger;
using test::Watched;

const AgentId alice{"alice"};

IngestRequest saying(const std::vector<std::string>& values) {
  IngestRequest request{.agent = alice, .statements = {}};
  for (const auto& value : values)
    request.statements.push_back({.subject = "ada", .predicate = "said", .value = Value(value)});
  return request;
}

std::vector<IngestRequest> sayings(int number) {
  std::vector<IngestRequest> requests;
  for (int i = 0; i < number; ++i) requests.push_back(saying({std::to_string(i)}));
  return requests;
}

// By so many threads, each of which makes the next one that nobody has begun. What each was told: "" where it was
// written, or why not.
std::vector<std::string> ingest_all(Context& context, std::vector<IngestRequest> requests, std::uint64_t threads) {
  InOrder order;
  std::vector<std::string> told(requests.size(), "not begun");
  std::mutex mutex;
  std::size_t given = 0;
  const auto work = [&] {
    while (true) {
      std::unique_lock lock(mutex);
      if (given == requests.size()) return;
      const auto mine = given++;
      auto place = order.next();
      lock.unlock();
      requests[mine].place = &place;
      std::string what;
      try {
        const auto answer = ingest(context, requests[mine]);
        if (answer.status != WriteStatus::done) what = text(answer.status);
      } catch (const std::exception& failure) {
        what = failure.what();
      }
      lock.lock();
      told[mine] = what;
    }
  };
  std::vector<std::jthread> workers;
  for (std::uint64_t i = 0; i < threads; ++i) workers.emplace_back(work);
  workers.clear();
  return told;
}

class Order : public testing::Test {
 protected:
  std::shared_ptr<Watched> store_ = std::make_shared<Watched>(memory::open());
  Crowd crowd_{store_};

  // So many were written, the next one was told this, and those behind it that it failed.
  void expect_first(std::size_t written, const std::vector<std::string>& told, const std::string& why) {
    EXPECT_EQ(ledger(*store_, alice).size(), written);
    for (std::size_t i = 0; i < told.size(); ++i) {
      const auto* expected = i < written ? "" : i == written ? why.c_str() : "the write before it, in order, failed";
      EXPECT_NE(told[i].find(expected), std::string::npos) << i << ": " << told[i];
      EXPECT_EQ(told[i].empty(), i < written) << i << ": " << told[i];
    }
    EXPECT_TRUE(crowd_.context.writers.idle());
  }
};

}  // namespace

TEST_F(Order, IsThatOfOneThread) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<IngestRequest> requests(60);
    for (auto& request : requests) {
      std::vector<std::string> values(1 + random() % 5);
      for (auto& value : values) value = "v" + std::to_string(random() % 9);
      request = saying(values);
      for (auto& statement : request.statements)
        if (random() % 4 == 0) statement.idempotency_key = "key " + statement.value.text();
    }
    const auto alone = std::make_shared<Watched>(memory::open());
    const auto shared = std::make_shared<Watched>(memory::open());
    Crowd one{alone};
    Crowd many{shared};

    EXPECT_EQ(ingest_all(many.context, requests, 2 + seed % 3), ingest_all(one.context, requests, 1));

    EXPECT_TRUE(ledger(*shared, alice) == ledger(*alone, alice));
    EXPECT_TRUE(many.context.writers.idle());
  }
}

TEST_F(Order, NothingIsBehindOneThatIsRefused) {
  auto requests = sayings(20);
  requests[7].statements.front().subject = "";

  expect_first(7, ingest_all(crowd_.context, requests, 3), "subject");
}

TEST_F(Order, NothingIsBehindOneThatMeetsAnotherHead) {
  auto requests = sayings(20);
  requests[7].expected_position = Position{99};

  expect_first(7, ingest_all(crowd_.context, requests, 3), "conflict");
}

// The store fails once: what comes next would land.
TEST_F(Order, NothingIsBehindOneThatTheStoreFails) {
  std::atomic<int> appends = 0;
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    if (++appends != 8) return store_->landing(commits);
    return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "full", FailureKind::exhausted});
  };

  expect_first(7, ingest_all(crowd_.context, sayings(20), 3), "full");
}

TEST_F(Order, NothingIsBehindAPlaceThatIsGivenUp) {
  InOrder order;
  { const auto unused = order.next(); }
  auto place = order.next();
  auto request = saying({"x"});
  request.place = &place;
  request.call.deadline = std::chrono::steady_clock::now() + std::chrono::minutes{1};  // should nobody tell it

  try {
    ingest(crowd_.context, request);
    FAIL() << "it was written";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::cancelled);
  }
  EXPECT_TRUE(ledger(*store_, alice).empty());
}

// Whoever loses against another process is written again, and those behind it wait for that.
TEST_F(Order, IsKeptWhereOthersWriteInBetween) {
  std::atomic<int> appends = 0;
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    if (++appends % 5 == 0) return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
    return store_->landing(commits);
  };

  const auto told = ingest_all(crowd_.context, sayings(40), 3);

  for (const auto& each : told) EXPECT_EQ(each, "");
  const auto batches = ledger(*store_, alice);
  ASSERT_EQ(batches.size(), 40U);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const auto& body = batches[i].entries.front().content.body;
    const std::string_view read(reinterpret_cast<const char*>(body.data()), body.size());
    EXPECT_NE(read.find('"' + std::to_string(i) + '"'), std::string_view::npos) << i;
  }
}

TEST_F(Order, AWaitIsOverWithItsCall) {
  InOrder order;
  const auto first = order.next();
  auto place = order.next();
  auto request = saying({"x"});
  request.place = &place;
  std::stop_source stop;
  stop.request_stop();
  const auto kind_of = [&](const Call& call) {
    request.call = call;
    try {
      ingest(crowd_.context, request);
    } catch (const StoreFailure& failure) {
      return std::optional(failure.kind());
    }
    return std::optional<FailureKind>();
  };

  EXPECT_EQ(kind_of({.deadline = std::chrono::steady_clock::now()}), FailureKind::timeout);
  EXPECT_EQ(kind_of({.stop = stop.get_token()}), FailureKind::cancelled);
}

}  // namespace claimledger::application
