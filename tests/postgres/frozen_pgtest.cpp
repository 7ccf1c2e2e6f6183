#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <thread>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/postgres/postgres_store.hpp"
#include "support/postgres_cluster.hpp"

// A server that stands still: it takes connections and data and says nothing, as one does that can't be reached any
// more. A test that fails here may not come back.
namespace claimledger::postgres::test {

namespace {

using std::chrono::milliseconds;

const AgentId alice{"alice"};

Commit commit_of(std::uint64_t seed) {
  conformance::ExampleIds ids(seed);
  return conformance::commit_after({{}, {}, genesis_hash(alice)}, alice, ids.batch(), conformance::example_time(),
                                   {conformance::claim_recorded({"alice", "likes"}, ids.claim())});
}

class Frozen : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
    migrate(options(milliseconds{30'000}));
  }
  ~Frozen() override { thaw(); }

  // With a claim of Alice's, and connections that have been used, that which tells of appends among them.
  std::unique_ptr<Store> store(milliseconds statement_timeout = milliseconds{30'000}) const {
    auto made = open(options(statement_timeout));
    const auto first = commit_of(1);
    made->append(std::span(&first, 1), {});
    // Until it has told, the connection is lent, and another one would have to be made.
    const auto told = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_notify%' AND state = 'idle'";
    for (int i = 0; i < 3'000 && tests::ask_one(cluster_.connection(), told) != "t"; ++i) std::this_thread::yield();
    return made;
  }
  Options options(milliseconds statement_timeout) const {
    Options made;
    made.connection = cluster_.connection();
    made.acquire_timeout = milliseconds{100};
    made.statement_timeout = statement_timeout;
    return made;
  }
  void freeze() {
    for (const auto* of : {"SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)",
                           "SELECT pid::TEXT FROM pg_stat_activity WHERE pid <> pg_backend_pid()"}) {
      for (const auto& pid : tests::ask(cluster_.connection(), of)) frozen_.push_back(std::stoi(pid));
    }
    for (const auto pid : frozen_) kill(pid, SIGSTOP);
  }
  void thaw() {
    for (const auto pid : frozen_) kill(pid, SIGCONT);
    frozen_.clear();
  }
  template <class Work>
  static std::string failure_of(Work work) {
    try {
      work();
      return "none";
    } catch (const StoreFailure& failure) {
      return std::string(text(failure.kind()));
    }
  }
  static Call within(milliseconds time) { return {.deadline = std::chrono::steady_clock::now() + time}; }

  const tests::Cluster cluster_{""};
  std::vector<pid_t> frozen_;
};

}  // namespace

TEST_F(Frozen, NobodyWaitsLongerThanTheOptionsSayAndTheStoreCloses) {
  auto made = store(milliseconds{100});
  freeze();
  EXPECT_EQ(failure_of([&] { made->head(alice, {}); }), "busy");
  EXPECT_EQ(failure_of([&] { made->head(alice, {}); }), "unreachable") << "it lets nobody in";
  EXPECT_EQ(failure_of([&] { open(options(milliseconds{100})); }), "unreachable");
  made.reset();
}

TEST_F(Frozen, ADeadlineIsKept) {
  const auto made = store();
  freeze();
  EXPECT_EQ(failure_of([&] { made->head(alice, within(milliseconds{50})); }), "timeout");
}

TEST_F(Frozen, WhoAsksToStopIsHeard) {
  const auto made = store();
  freeze();
  std::stop_source stop;
  auto asked = std::async(std::launch::async,
                          [&] { return failure_of([&] { made->head(alice, {.stop = stop.get_token()}); }); });
  stop.request_stop();
  EXPECT_EQ(asked.get(), "cancelled");
}

TEST_F(Frozen, AWriteThatItMayHaveTakenIsInDoubt) {
  const auto made = store();
  auto second = commit_of(2);
  second.after = made->head(alice, {});
  second.header.recorded_at = {second.after.recorded_at.value + milliseconds{1}};
  second.entries[0].seq = {2};
  second.entries[0].recorded_at = second.header.recorded_at;
  freeze();
  const auto outcome = made->append(std::span(&second, 1), within(milliseconds{50})).front();
  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::in_doubt) << outcome.detail;
}

}  // namespace claimledger::postgres::test
