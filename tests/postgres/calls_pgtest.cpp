#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <pqxx/pqxx>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/matchers.hpp"
#include "own_schema.hpp"

// Calls that have to wait, that are given up, and that lose their connection.
namespace claimledger::postgres::test {

namespace {

using conformance::fails_with;
using std::chrono::milliseconds;

const Call unlimited;
const AgentId alice{"alice"};

Call within(milliseconds time) { return {.deadline = std::chrono::steady_clock::now() + time}; }

class Calls : public testing::Test {
 protected:
  Calls() { migrate(schema_.options()); }

  Options options() const {
    auto made = schema_.options();
    made.application_name = "calls " + schema_.suffix();
    made.notify = false;
    return made;
  }

  // Keeps writers waiting, readers too if asked, until it goes.
  std::unique_ptr<pqxx::work> hold(const std::string& mode) {
    holder_ = std::make_unique<pqxx::connection>(tests::shared_server());
    auto work = std::make_unique<pqxx::work>(*holder_);
    work->exec(schema_.enter() + "LOCK TABLE entry IN " + mode + " MODE");
    return work;
  }

  // How many of our connections wait for something.
  int waiting() const { return count(" AND wait_event_type = 'Lock'"); }
  int connections() const { return count(""); }
  void await_waiting() const {
    while (waiting() == 0) std::this_thread::sleep_for(milliseconds{2});
  }
  void terminate() const {
    schema_.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" +
                options().application_name + "'");
    while (connections() > 0) std::this_thread::sleep_for(milliseconds{2});
  }

  Commit first_batch() {
    conformance::ExampleIds ids(1);
    return conformance::commit_after({{}, {}, genesis_hash(alice)}, alice, ids.batch(), conformance::example_time(),
                                     {conformance::claim_recorded({"alice", "likes"}, ids.claim())});
  }
  static Outcome append(Store& store, const Commit& commit, const Call& call = unlimited) {
    return append_one(store, commit, call);
  }

  // Has the first so many commits of a batch end with the connection, before they are there.
  void die_at_commit(int times) {
    schema_.ask(
        "CREATE SEQUENCE deaths; "
        "CREATE FUNCTION die() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN "
        "  IF nextval('deaths') <= " +
        std::to_string(times) +
        "  THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); END IF; "
        "  RETURN NULL; END $$; "
        "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED "
        "  FOR EACH ROW EXECUTE FUNCTION die()");
  }

  OwnSchema schema_{"calls"};

 private:
  int count(const std::string& which) const {
    return std::stoi(schema_.ask_one("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '" +
                                     options().application_name + "'" + which));
  }

  std::unique_ptr<pqxx::connection> holder_;
};

}  // namespace

TEST_F(Calls, WaitForAConnectionOnlySoLong) {
  auto one = options();
  one.pool_size = 1;
  one.acquire_timeout = milliseconds{100};
  const auto store = open(one);
  const auto commit = first_batch();
  auto held = hold("SHARE");
  auto writer = std::async(std::launch::async, [&] { return append(*store, commit); });
  await_waiting();
  std::stop_source stop;
  stop.request_stop();

  EXPECT_TRUE(fails_with(FailureKind::busy, [&] { store->head(alice, unlimited); }));
  EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { store->head(alice, within(milliseconds{20})); }));
  EXPECT_TRUE(fails_with(FailureKind::cancelled, [&] { store->head(alice, {.stop = stop.get_token()}); }));
  held.reset();

  EXPECT_EQ(writer.get(), Outcome{});
  EXPECT_EQ(store->head(alice, unlimited).position, Position{1});
}

TEST_F(Calls, NeverUseMoreConnectionsThanThePoolHas) {
  auto three = options();
  three.pool_size = 3;
  const auto store = open(three);

  std::vector<std::thread> readers;
  for (int i = 0; i < 12; ++i) {
    readers.emplace_back([&] {
      for (int j = 0; j < 100; ++j) store->head(alice, unlimited);
    });
  }
  int most = 0;
  for (int look = 0; look < 10; ++look) most = std::max(most, connections());
  for (auto& reader : readers) reader.join();

  EXPECT_LE(most, 3);
}

TEST_F(Calls, FindAConnectionThatEndedReplaced) {
  const auto store = open(options());
  const auto commit = first_batch();
  store->head(alice, unlimited);

  terminate();
  EXPECT_EQ(store->head(alice, unlimited).position, Position{0});
  terminate();
  EXPECT_EQ(append(*store, commit), Outcome{});
  terminate();
  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);  // it can't tell who wrote it
}

TEST_F(Calls, WhoseDeadlineComesLeaveNothingBehind) {
  const auto store = open(options());
  const auto commit = first_batch();
  auto held = hold("SHARE");

  EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { append(*store, commit, within(milliseconds{60})); }));
  EXPECT_EQ(waiting(), 0);
  held.reset();

  EXPECT_EQ(store->head(alice, unlimited).position, Position{0});
  EXPECT_EQ(append(*store, commit), Outcome{});
}

TEST_F(Calls, ThatAreStoppedLeaveNothingBehind) {
  const auto store = open(options());
  const auto commit = first_batch();
  auto held = hold("SHARE");
  std::stop_source stop;
  auto writer = std::async(std::launch::async, [&] { append(*store, commit, {.stop = stop.get_token()}); });
  await_waiting();

  stop.request_stop();

  EXPECT_TRUE(fails_with(FailureKind::cancelled, [&] { writer.get(); }));
  held.reset();
  EXPECT_EQ(store->head(alice, unlimited).position, Position{0});
}

TEST_F(Calls, HaveTheTimeThatTheOptionsGiveThem) {
  auto impatient = options();
  impatient.lock_timeout = milliseconds{50};
  impatient.statement_timeout = milliseconds{200};
  const auto store = open(impatient);
  store->head(alice, unlimited);

  auto held = hold("SHARE");
  EXPECT_TRUE(fails_with(FailureKind::busy, [&] { append(*store, first_batch()); }));
  held.reset();
  held = hold("ACCESS EXCLUSIVE");
  EXPECT_TRUE(fails_with(FailureKind::busy, [&] { store->head(alice, unlimited); }));
  held.reset();

  EXPECT_EQ(store->head(alice, unlimited).position, Position{0});
}

TEST_F(Calls, ThatLoseTheirConnectionAtCommitAreSettledOnAnother) {
  const auto store = open(options());
  const auto commit = first_batch();
  die_at_commit(1);

  EXPECT_EQ(append(*store, commit), Outcome{});

  EXPECT_EQ(schema_.ask_one("SELECT last_value FROM deaths"), "2");
  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::already_there);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{1});
}

TEST_F(Calls, ThatNobodyCanSettleAreInDoubtAndMayBeRepeated) {
  auto impatient = options();
  impatient.acquire_timeout = milliseconds{300};
  const auto store = open(impatient);
  const auto commit = first_batch();
  die_at_commit(1'000);

  EXPECT_TRUE(fails_with(FailureKind::in_doubt, [&] { append(*store, commit); }));
  schema_.ask("DROP TRIGGER dies ON entry");

  EXPECT_EQ(append(*store, commit), Outcome{});
}

TEST_F(Calls, OfASchemaWithoutANameOrWithTooLongAOneAreRefused) {
  for (const auto& name : {std::string(), std::string(64, 'x'), std::string("a\0b", 3)}) {
    auto odd = options();
    odd.schema = name;
    EXPECT_TRUE(fails_with(FailureKind::incompatible, [&] { open(odd); }));
  }
}

}  // namespace claimledger::postgres::test
