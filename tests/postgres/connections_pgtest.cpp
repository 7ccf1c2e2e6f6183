#include <gtest/gtest.h>

#include <sys/mman.h>

#include <future>
#include <thread>

#include "claimledger/conformance/matchers.hpp"
#include "connection_pool.hpp"
#include "errors.hpp"
#include "support/postgres_cluster.hpp"

// The pool by itself, below a store: which connection it hands out, and what an error leaves of one.
namespace claimledger::postgres::test {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class Connections : public testing::Test {
 protected:
  ConnectionPool make(std::size_t size, milliseconds acquire_timeout) {
    return {[this](const Call&, milliseconds, const char* operation) {
              ++connected_;
              return std::make_unique<Session>(ConnectionString(tests::shared_server(), operation), operation);
            },
            size, acquire_timeout};
  }
  static std::string pid(Session& session) {
    auto row = session.run("SELECT pg_backend_pid()", Parameters(), "test");
    row.next();
    return std::string(row.text(0));
  }
  // The failure of acquiring a connection, and the time that it took.
  static std::pair<std::string_view, milliseconds> refusal(ConnectionPool& pool, const Call& call) {
    const auto begun = Clock::now();
    try {
      pool.acquire(call, "test");
    } catch (const StoreFailure& failure) {
      return {text(failure.kind()), std::chrono::duration_cast<milliseconds>(Clock::now() - begun)};
    }
    return {"none", {}};
  }

  std::atomic<int> connected_ = 0;
};

}  // namespace

TEST_F(Connections, ConnectsWhenNeededAndUsesTheWarmOneAgain) {
  auto pool = make(4, milliseconds{100});
  EXPECT_EQ(connected_, 0);

  const auto first = pid(*pool.acquire({}, "test"));

  EXPECT_EQ(pid(*pool.acquire({}, "test")), first);
  EXPECT_EQ(connected_, 1);
  EXPECT_EQ(pool.count().open, 1U);
}

TEST_F(Connections, OneThatIsLentForAMomentIsAwaitedRatherThanMadeAgain) {
  auto pool = make(4, std::chrono::minutes{1});
  EXPECT_FALSE(pool.borrow()) << "none is made for that";
  const auto first = pid(*pool.acquire({}, "test"));
  auto lent = pool.borrow();
  ASSERT_TRUE(lent);
  EXPECT_EQ(pid(**lent), first);

  auto asked = std::async(std::launch::async, [&] { return pid(*pool.acquire({}, "test")); });
  lent.reset();

  EXPECT_EQ(asked.get(), first);
  EXPECT_EQ(connected_, 1);
}

TEST_F(Connections, IsBoundedAndWhoeverWaitsTooLongIsToldSo) {
  auto pool = make(2, milliseconds{50});
  const auto one = pool.acquire({}, "test"), two = pool.acquire({}, "test");

  const auto [kind, waited] = refusal(pool, {});

  EXPECT_EQ(kind, "busy");
  EXPECT_GE(waited, milliseconds{50});
  EXPECT_EQ(pool.count().open, 2U);
}

TEST_F(Connections, WhoeverWaitsHeedsItsCall) {
  auto pool = make(1, std::chrono::minutes{1});
  const auto held = pool.acquire({}, "test");

  EXPECT_EQ(refusal(pool, {.deadline = Clock::now() + milliseconds{30}}).first, "timeout");
  std::stop_source stop;
  const std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds{30});
    stop.request_stop();
  });
  const auto [kind, waited] = refusal(pool, {.stop = stop.get_token()});
  EXPECT_EQ(kind, "cancelled");
  EXPECT_LT(waited, std::chrono::seconds{30});
}

TEST_F(Connections, AConnectionGivenBackGoesToWhoeverWaits) {
  auto pool = make(1, std::chrono::minutes{1});
  auto held = std::make_unique<ConnectionPool::Lease>(pool.acquire({}, "test"));
  const auto mine = pid(**held);
  std::string theirs;
  std::jthread waiting([&] { theirs = pid(*pool.acquire({}, "test")); });

  std::this_thread::sleep_for(milliseconds{30});
  held.reset();
  waiting.join();

  EXPECT_EQ(theirs, mine);
}

TEST_F(Connections, ABrokenConnectionIsDroppedAndTheIdleOnesWithIt) {
  auto pool = make(3, milliseconds{100});
  { const auto one = pool.acquire({}, "test"), two = pool.acquire({}, "test"), three = pool.acquire({}, "test"); }
  ASSERT_EQ(pool.count().idle, 3U);
  {
    const auto broken = pool.acquire({}, "test");
    tests::ask(tests::shared_server(), "SELECT pg_terminate_backend(" + std::to_string(broken->backend()) + ", 5000)");
    EXPECT_THROW(pid(*broken), StoreFailure);
  }

  EXPECT_EQ(pool.count().open, 0U) << "what broke one has broken the others too";
  EXPECT_FALSE(pid(*pool.acquire({}, "test")).empty());
  EXPECT_EQ(connected_, 4);
}

TEST_F(Connections, AFailedStatementBreaksNoConnection) {
  auto pool = make(1, milliseconds{100});

  EXPECT_THROW(pool.acquire({}, "test")->run("SELECT 1 / 0", Parameters(), "test"), StoreFailure);
  pid(*pool.acquire({}, "test"));

  EXPECT_EQ(connected_, 1);
}

// Which would end the connection, and with it the answer.
TEST_F(Connections, WhatAServerDoesNotTakeIsNotSent) {
  auto pool = make(1, milliseconds{100});
  const auto session = pool.acquire({}, "test");
  pid(*session);
  const auto sent = session->sent();
  constexpr std::size_t size = std::size_t{1} << 30;
  void* const nothing = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(nothing, MAP_FAILED);
  Parameters parameters;
  parameters.borrow({static_cast<const char*>(nothing), size});

  EXPECT_TRUE(conformance::fails_with(FailureKind::unsupported,
                                      [&] { session->run("SELECT length($1::BYTEA)", parameters, "test"); }));

  EXPECT_EQ(session->sent(), sent);
  EXPECT_FALSE(pid(*session).empty());
  munmap(nothing, size);
}

TEST_F(Connections, APlaceIsNotLostWhenConnectingFails) {
  int attempts = 0;
  ConnectionPool pool(
      [&](const Call&, milliseconds, const char* operation) -> std::unique_ptr<Session> {
        ++attempts;
        throw StoreFailure(FailureKind::unreachable, operation, "nobody there");
      },
      1, milliseconds{20});

  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(pool, {}).first, "unreachable");

  EXPECT_EQ(attempts, 3);
}

// Every SQLSTATE has a failure kind that a caller can act on; see the table in errors.cpp.
TEST(Errors, EveryStateHasItsKind) {
  using Kind = FailureKind;
  const std::vector<std::pair<std::string_view, Kind>> expected = {
      {"", Kind::unreachable},       {"08006", Kind::unreachable},  {"3D000", Kind::unreachable},
      {"28P01", Kind::unreachable},  {"28000", Kind::unreachable},  {"42501", Kind::unreachable},
      {"25006", Kind::unreachable},  {"57P01", Kind::unreachable},  {"57P02", Kind::unreachable},
      {"57P03", Kind::unreachable},  {"57P05", Kind::unreachable},  {"57014", Kind::busy},
      {"55P03", Kind::busy},         {"40001", Kind::busy},         {"40P01", Kind::busy},
      {"55006", Kind::busy},         {"23505", Kind::conflict},     {"53100", Kind::exhausted},
      {"53200", Kind::exhausted},    {"53300", Kind::exhausted},    {"54000", Kind::exhausted},
      {"58030", Kind::exhausted},    {"XX001", Kind::corrupt},      {"XX002", Kind::corrupt},
      {"3F000", Kind::incompatible}, {"42P01", Kind::incompatible}, {"42883", Kind::incompatible},
      {"23001", Kind::refused},      {"22012", Kind::refused},      {"XX000", Kind::refused},
  };
  for (const auto& [state, kind] : expected) EXPECT_EQ(kind_of(state), kind) << state;
}

// … as servers really report it, each with its advice. Only what ends a connection ends it: an append that fails
// otherwise is not in doubt.
TEST_F(Connections, WhatAServerReportsIsToldWithAdvice) {
  auto pool = make(1, milliseconds{100});
  const auto session = pool.acquire({}, "test");
  for (const auto* state :
       {"3D000", "28P01", "28000", "42501", "25006", "57014", "55P03", "40001", "40P01", "55006", "23505",
        "53100", "53200", "53300", "54000", "58030", "XX001", "XX002", "3F000", "42P01", "42883", "57P01"}) {
    try {
      session->run(std::string("DO $$ BEGIN RAISE 'no' USING ERRCODE = '") + state + "'; END $$", Parameters(), "test");
      ADD_FAILURE() << state;
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(text(failure.kind()), text(kind_of(state))) << failure.what();
      EXPECT_NE(failure.detail().find(std::string("(") + state + "); "), std::string::npos) << failure.what();
      EXPECT_EQ(session->sqlstate(), state);
      EXPECT_EQ(session->lost(), ends_connection(state)) << state;
    }
  }
}

}  // namespace claimledger::postgres::test
