#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <random>
#include <thread>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/postgres/postgres_store.hpp"
#include "engine_on.hpp"
#include "support/postgres_cluster.hpp"
#include "support/race.hpp"

// A standby that every commit waits for.
namespace claimledger::postgres::test {

namespace {

using tests::ask;
using tests::ask_one;
using tests::Cluster;

const AgentId alice{"alice"};

// A batch of one claim behind the head; the same number gives the same batch.
Commit commit_after(const Head& head, std::uint8_t number) {
  StoredEntry entry;
  entry.kind = kind_number<ClaimRecorded>;
  entry.disposition = disposition_number(Disposition::committed_cheap);
  entry.body = "claim " + std::to_string(number);
  entry.line = LineKey{"alice", "likes"};
  entry.claim = ClaimId{};
  entry.begins = true;
  entry.claim->value.data[0] = number;
  entry.seq = {head.position.value + 1};
  entry.recorded_at = {Instant{std::chrono::seconds{1'000'000 + number}}};
  entry.content_state = ContentState::present;
  entry.content.body = entry.body;
  entry.hash = sha256({entry.body});
  Commit commit{.after = head, .header = {}, .entries = {entry}};
  commit.header.agent = alice;
  commit.header.id.value.data[0] = number;
  commit.header.recorded_at = entry.recorded_at;
  commit.header.actor = "test";
  commit.header.entries = 1;
  return commit;
}

// The outcome of a commit: the name of the failure, or "done", or "already_there".
std::string outcome_of(Store& store, const Commit& commit, const Call& call = {}) {
  const auto outcome = store.append(std::span(&commit, 1), call).at(0);
  if (outcome.outcome == AppendOutcome::failed) return std::string(text(outcome.failure));
  if (outcome.outcome == AppendOutcome::done) return "done";
  return outcome.outcome == AppendOutcome::already_there ? "already_there" : "no";
}

// The session that waits for the standby, once there is one, and one other than `before`. Other than by asking again it
// cannot be known.
std::string waiting_session(const Cluster& cluster, const std::string& before = "0") {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (std::chrono::steady_clock::now() < until) {
    const auto pid = ask_one(cluster.connection(),
                             "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> " + before);
    if (!pid.empty()) return pid;
    std::this_thread::yield();
  }
  ADD_FAILURE() << "nobody waits for the standby";
  return "0";
}

std::string call_on(const Cluster& cluster, const std::string& function, const std::string& pid) {
  return ask_one(cluster.connection(), "SELECT " + function + "(" + pid + ")");
}

std::string rows(const Cluster& cluster) {
  return ask_one(cluster.connection(), "SELECT count(*) FROM claimledger.entry");
}

}  // namespace

TEST(Failover, NothingAcknowledgedIsLostWhenTheStandbyIsPromoted) {
  const Cluster cluster("--replica");
  if (!cluster) GTEST_SKIP() << "no such server";
  engine_on(cluster.connection("any"));
  const bool run_long = std::getenv("CLAIMLEDGER_LONG") != nullptr;
  const tests::Race race{.open = opening(cluster.connection("any")),
                         .seed = 1,
                         .processes = 2,
                         .agents = 4,
                         .operations = run_long ? 200 : 16};
  std::mt19937 random(race.seed);
  const auto moment = std::uniform_int_distribution<std::uint64_t>(race.claims() / 4, race.claims() / 2)(random);

  const auto history = run(race, {{moment, "the primary is killed and the standby promoted", [&] {
                                     cluster.kill("primary");
                                     cluster.promote();
                                   }}});

  expect_sound(race, history);
  EXPECT_EQ(ask_one(cluster.connection("standby"), "SELECT pg_is_in_recovery()"), "f");
}

class CutShort : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
    store_ = open({.connection = cluster_.connection(), .acquire_timeout = std::chrono::seconds{60}});
    commit_ = commit_after(store_->head(alice, {}), 1);
    cluster_.down("standby");
  }

  // Appends in a thread of its own.
  std::future<std::string> append_beside() {
    return std::async(std::launch::async, [&] { return outcome_of(*store_, commit_); });
  }

  const Cluster cluster_{"--replica"};
  std::unique_ptr<Store> store_;
  Commit commit_;
};

TEST_F(CutShort, AWaitForTheStandbyThatIsCancelledIsInDoubtAndTheSameBatchMayBeAppendedAgain) {
  auto first = append_beside();
  EXPECT_EQ(call_on(cluster_, "pg_cancel_backend", waiting_session(cluster_)), "t");
  EXPECT_EQ(first.get(), "in_doubt");
  EXPECT_EQ(rows(cluster_), "1") << "it is on the primary, and there alone";

  auto again = append_beside();
  waiting_session(cluster_);
  EXPECT_EQ(again.wait_for(std::chrono::seconds{0}), std::future_status::timeout) << "it waits for the standby again";
  cluster_.up("standby");

  EXPECT_EQ(again.get(), "already_there");
  EXPECT_EQ(rows(cluster_), "1");
  EXPECT_EQ(ask_one(cluster_.connection("standby"), "SELECT count(*) FROM claimledger.entry"), "1");
}

TEST_F(CutShort, WhoAsksForItsKeyWaitsForTheStandbyToo) {
  const Digest key = sha256({"key"});
  commit_.entries[0].idempotency_key = key;
  auto first = append_beside();
  EXPECT_EQ(call_on(cluster_, "pg_cancel_backend", waiting_session(cluster_)), "t");
  EXPECT_EQ(first.get(), "in_doubt");
  EXPECT_TRUE(store_->snapshot(alice, AtHead{}, {.keys = {sha256({"another"})}}, {}).keys.at(0) == std::nullopt)
      << "a key that nobody used is answered at once";

  const auto ask_beside = [&] {
    return std::async(std::launch::async, [&] {
      try {
        return store_->snapshot(alice, AtHead{}, {.keys = {key}}, {}).keys.at(0) ? "found" : "nothing";
      } catch (const StoreFailure& failure) {
        return failure.kind() == FailureKind::in_doubt ? "in_doubt" : "another failure";
      }
    });
  };
  auto cut_short = ask_beside();
  EXPECT_EQ(call_on(cluster_, "pg_cancel_backend", waiting_session(cluster_)), "t");
  EXPECT_EQ(std::string(cut_short.get()), "in_doubt");

  auto asked = ask_beside();
  waiting_session(cluster_);
  cluster_.up("standby");
  EXPECT_EQ(std::string(asked.get()), "found");
  EXPECT_EQ(
      ask_one(cluster_.connection("standby"), "SELECT count(*) FROM claimledger.entry WHERE key_digest IS NOT NULL"),
      "1");
}

TEST_F(CutShort, ASessionThatIsTerminatedWhileItWaitsIsSettledByAnother) {
  auto first = append_beside();
  const auto session = waiting_session(cluster_);
  EXPECT_EQ(call_on(cluster_, "pg_terminate_backend", session), "t");
  waiting_session(cluster_, session);
  cluster_.up("standby");

  EXPECT_EQ(first.get(), "done");
  EXPECT_EQ(rows(cluster_), "1");
}

TEST_F(CutShort, ACallThatIsStoppedWhileItWaitsIsInDoubt) {
  std::stop_source stop;
  auto first = std::async(std::launch::async, [&] { return outcome_of(*store_, commit_, {.stop = stop.get_token()}); });
  waiting_session(cluster_);
  stop.request_stop();

  EXPECT_EQ(first.get(), "in_doubt");
  EXPECT_EQ(rows(cluster_), "1");
  cluster_.up("standby");
  EXPECT_EQ(outcome_of(*store_, commit_), "already_there");
}

// The primary dies while the standby has nothing: what was never acknowledged may go, and the same batch may be
// appended to what comes after.
TEST_F(CutShort, WhatIsInDoubtMayBeAppendedAgainAfterTheStandbyTookOver) {
  const auto both = open({.connection = cluster_.connection("any"), .acquire_timeout = std::chrono::milliseconds{200}});
  auto first = std::async(std::launch::async, [&] { return outcome_of(*both, commit_); });
  waiting_session(cluster_);
  cluster_.kill("primary");
  EXPECT_EQ(first.get(), "in_doubt");
  cluster_.up("standby");
  cluster_.promote();

  EXPECT_EQ(outcome_of(*both, commit_), "done");
  EXPECT_EQ(both->head(alice, {}).position.value, 1U);
}

}  // namespace claimledger::postgres::test
