#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <thread>

#include "own_schema.hpp"

// Connections are few and shared: who finds none waits no longer than allowed, and one that broke is not handed on.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};

class Pool : public testing::Test {
 protected:
  Pool() {
    auto engine = engine_over(schema_.options());
    say(engine, alice, "a", "word");
  }

  Options of_one() const {
    auto options = schema_.options();
    options.pool_size = 1;
    options.acquire_timeout = std::chrono::milliseconds{50};
    options.application_name = "pool " + schema_.suffix();
    options.notify = false;
    return options;
  }
  // Returns once a session of ours waits for the lock of an agent.
  void await_waiter() const {
    const auto name = of_one().application_name;
    const auto waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '" + name + "'";
    while (schema_.ask_one(waiting) != "1") {
    }
  }

  OwnSchema schema_{"pool"};
};

FailureKind kind_of_failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const StoreFailure& failure) {
    return failure.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return FailureKind::refused;
}

}  // namespace

TEST_F(Pool, WhoFindsNoConnectionIsToldSoAfterAWhile) {
  auto engine = engine_over(of_one());
  pqxx::connection other(tests::shared_server());
  auto held = std::make_unique<pqxx::work>(other);
  held->exec(schema_.enter() + "SELECT pg_advisory_xact_lock(agent_lock(agent_key('alice')))");
  std::thread writer([&] { say(engine, alice, "a", "another word"); });
  await_waiter();

  EXPECT_EQ(kind_of_failure([&] { engine.status({.agent = AgentId{"bob"}}); }), FailureKind::busy);
  const Call hurried{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{5}};
  EXPECT_EQ(kind_of_failure([&] { engine.status({.agent = AgentId{"bob"}, .call = hurried}); }), FailureKind::timeout);
  std::stop_source stop;
  stop.request_stop();
  const Call stopped{.stop = stop.get_token()};
  EXPECT_EQ(kind_of_failure([&] { engine.status({.agent = AgentId{"bob"}, .call = stopped}); }),
            FailureKind::cancelled);

  held.reset();
  writer.join();
  EXPECT_EQ(engine.head({.agent = alice}).position, Position{2}) << "who had waited for the lock has written";
}

TEST_F(Pool, AWriterThatWaitsTooLongForAnotherIsBusyAndHasWrittenNothing) {
  auto options = of_one();
  options.lock_timeout = std::chrono::milliseconds{50};
  auto engine = engine_over(options);
  pqxx::connection other(tests::shared_server());
  pqxx::work held(other);
  held.exec(schema_.enter() + "SELECT pg_advisory_xact_lock(agent_lock(agent_key('alice')))");

  EXPECT_EQ(kind_of_failure([&] { say(engine, alice, "a", "another word"); }), FailureKind::busy);

  EXPECT_EQ(engine.head({.agent = alice}).position, Position{1});
  say(engine, AgentId{"bob"}, "a", "word");  // other agents never wait for alice's lock
}

TEST_F(Pool, AConnectionThatBrokeIsNotHandedOn) {
  auto engine = engine_over(of_one());
  EXPECT_EQ(engine.head({.agent = alice}).position, Position{1});

  for (int round = 0; round < 3; ++round) {
    schema_.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" +
                of_one().application_name + "'");
    try {
      engine.status({.agent = alice});
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    }
    EXPECT_EQ(engine.head({.agent = alice}).position, Position{1}) << "the next one is a new one";
  }
}

}  // namespace claimledger::postgres::test
