#include <gtest/gtest.h>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <functional>
#include <sstream>
#include <thread>

#include "own_schema.hpp"

// libpq prints what a server says unasked, if nobody else listens: when it ends sessions, for example, or while it lets
// one begin. A library does not write to the terminal of its program; what a server warns of is for the log.
namespace claimledger::postgres::test {

namespace {

std::string printed_by(const std::function<void()>& work) {
  std::FILE* file = std::tmpfile();
  std::fflush(stderr);
  const int err = dup(2);
  dup2(fileno(file), 2);
  work();
  std::fflush(stderr);
  dup2(err, 2);
  close(err);
  std::string text(1 << 16, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

const AgentId alice{"alice"};

class Quiet : public testing::Test {
 protected:
  Options named() const {
    auto options = schema_.options();
    options.application_name = name_;
    return options;
  }
  // Ends all sessions of the store, and waits until they are gone.
  void end_sessions() const {
    const auto whose = " FROM pg_stat_activity WHERE application_name = '" + name_ + "'";
    schema_.ask("SELECT pg_terminate_backend(pid)" + whose);
    while (schema_.ask_one("SELECT count(*)" + whose) != "0") std::this_thread::yield();
  }

  OwnSchema schema_{"quiet"};
  const std::string name_ = "quiet " + std::to_string(getpid());
};

}  // namespace

TEST_F(Quiet, WhenSessionsAreEndedWhileNobodyUsesThem) {
  const auto said = printed_by([&] {
    auto store = open(named());
    store->head(alice, {});
    end_sessions();
    store->head(alice, {});
    end_sessions();
    store.reset();
  });

  EXPECT_EQ(said, "");
}

TEST_F(Quiet, WhenSessionsAreEndedWhileTheyListen) {
  const auto said = printed_by([&] {
    const auto store = open(named());
    for (int i = 0; i < 3; ++i) {
      store->await_append({}, 0, {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1}});
      std::this_thread::sleep_for(std::chrono::milliseconds{300});  // it listens by now
      end_sessions();
    }
  });

  EXPECT_EQ(said, "");
}

namespace {

// What is logged by a store on that connection that reads, writes, and waits for appends, on several connections.
std::string logged_by(const std::string& connection, spdlog::level::level_enum level) {
  std::ostringstream log;
  auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  logger->set_level(level);
  {
    const auto store = open({.connection = connection, .log = logger});
    std::uint64_t seen = 0;
    for (int look = 0; look < 3; ++look) seen = store->await_append({}, seen, {});
    store->head(alice, {});
  }
  return log.str();
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST(Notices, OfASessionThatBeginsAreLoggedOnceAndNotPrinted) {
  const tests::Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  const auto quietly = "SET client_min_messages = error; ";
  migrate({.connection = cluster.connection()});
  tests::ask(cluster.connection(), "CREATE ROLE loud LOGIN SUPERUSER");
  tests::ask(cluster.connection(), std::string(quietly) + "ALTER ROLE loud SET role = 'not there'");
  // As after a change of the system's C library.
  tests::ask(cluster.connection(), "UPDATE pg_database SET datcollversion = '0' WHERE datname = 'postgres'");
  std::string log;

  const auto said = printed_by([&] { log = logged_by(cluster.connection() + " user=loud", spdlog::level::warn); });

  EXPECT_EQ(said, "");
  EXPECT_EQ(times(log, "collation version"), 1U) << log;
  EXPECT_EQ(times(log, "\"not there\""), 1U) << log;
}

TEST(Notices, OfARoleThatWantsToHearEverythingAreForTheLogThatDoes) {
  const tests::Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  migrate({.connection = cluster.connection()});
  tests::ask(cluster.connection(), "CREATE ROLE loud LOGIN SUPERUSER");
  tests::ask(cluster.connection(), "ALTER ROLE loud SET client_min_messages = debug5");
  std::string log, more;

  const auto said = printed_by([&] {
    log = logged_by(cluster.connection() + " user=loud", spdlog::level::warn);
    more = logged_by(cluster.connection() + " user=loud", spdlog::level::trace);
  });

  EXPECT_EQ(said, "");
  EXPECT_EQ(log, "");
  EXPECT_NE(more.find("the server says: "), std::string::npos);
}

}  // namespace claimledger::postgres::test
