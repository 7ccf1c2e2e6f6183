#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <pqxx/pqxx>

#include "own_schema.hpp"

// What an operator is told where a server, a pooler or a network refuses: the cause, and what helps against it.
namespace claimledger::postgres::test {

namespace {

using tests::ask;
using tests::Cluster;

const AgentId alice{"alice"};

std::string told_by(const std::function<void()>& work) {
  try {
    work();
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.detail().find('\n'), std::string::npos) << "more than a line";
    return std::string(text(failure.kind())) + " during " + failure.operation() + ": " + failure.detail();
  }
  return "nothing refused it";
}

void expect_told(const std::function<void()>& work, const std::string& kind, const std::string& words) {
  const auto told = told_by(work);
  EXPECT_TRUE(told.starts_with(kind) && told.find(words) != std::string::npos) << told;
}

// A port of this machine that takes connections and says nothing.
class Mute {
 public:
  Mute() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* const address = reinterpret_cast<sockaddr*>(&here);
    if (bind(socket_, address, size) != 0 || listen(socket_, 16) != 0 || getsockname(socket_, address, &size) != 0)
      throw std::runtime_error("no port");
    port_ = std::to_string(ntohs(here.sin_port));
  }
  ~Mute() { close(socket_); }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  const std::string& port() const { return port_; }

 private:
  int socket_;
  std::string port_;
};

}  // namespace

class Hints : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
    ask(here_, "CREATE ROLE plain LOGIN");
  }
  Options as(const std::string& more) const { return {.connection = here_ + " " + more}; }

  const Cluster cluster_{""};
  const std::string here_ = cluster_ ? cluster_.connection() : "";
};

TEST_F(Hints, WhoMayNotMakeTheLedgerIsTold) {
  expect_told([&] { open(as("user=plain")); }, "unreachable during open", "grant it CREATE on the database");
  migrate(as(""));
  expect_told([&] { migrate(as("user=plain")); }, "unreachable during migrate", "its owner's work");
  expect_told([&] { open(as("user=plain")); }, "unreachable during open", "grant it the writer's or the reader's role");
}

TEST_F(Hints, AForeignTenantIsTold) {
  initialise(as(""), {.roles = true, .tenancy = Tenancy::enforced});
  ask(here_, "GRANT claimledger_writer TO plain");
  auto engine = engine_over(as("user=plain"));

  expect_told([&] { say(engine, alice, "a", "word"); }, "unreachable during append", "has no such agent");
  initialise(as(""), {.tenants = {{"plain", alice}}});
  EXPECT_EQ(say(engine, alice, "a", "word").position, Position{1});
}

TEST_F(Hints, WhoseSettingsHideNoRowsIsTold) {
  initialise(as(""), {.roles = true});
  ask(here_, "GRANT claimledger_writer TO plain");
  ask(here_, "ALTER ROLE plain SET row_security = off");
  const auto store = open(as("user=plain"));

  expect_told([&] { store->head(alice, {}); }, "unreachable during snapshot", "SET row_security = on");
}

TEST_F(Hints, WhoIsNotLetInIsTold) {
  ask(here_, "ALTER ROLE plain CONNECTION LIMIT 0");
  expect_told([&] { open(as("dbname=absent")); }, "unreachable during open", "(3D000); there is no such database");
  expect_told([&] { open(as("user=absent")); }, "unreachable during open", "(28000); there is no such role");
  expect_told([&] { open(as("user=plain")); }, "unreachable during open", "(53300); the server has no connection left");
}

TEST_F(Hints, ALedgerOfAnotherBuildIsNotOpenedRatherThanNotMigrated) {
  migrate(as(""));
  ask(here_, "UPDATE claimledger.schema_migrations SET checksum = 'of another text'");

  expect_told([&] { open_existing(as("")); }, "incompatible during open", "another text");
}

TEST_F(Hints, ALedgerThatACrashWouldEmptyIsNotDurable) {
  const auto why_not = [&] { return open(as("options='-c synchronous_commit=off'"))->capabilities().front().reason; };
  EXPECT_EQ(why_not(), "fsync is off on this server; synchronous_commit is off for this role or database");

  ask(here_, "ALTER TABLE claimledger.served SET UNLOGGED");

  EXPECT_EQ(why_not(),
            "fsync is off on this server; synchronous_commit is off for this role or database; tables of this ledger "
            "are UNLOGGED, and a crash of the server empties them");
}

TEST_F(Hints, OfSeveralServersOneThatSaysNothingIsPassedOver) {
  const Mute mute;
  const auto port = tests::ask_one(here_, "SHOW port");
  const auto both = " host=127.0.0.1," + cluster_.folder() + " port=" + mute.port() + "," + port + " connect_timeout=2";

  EXPECT_EQ(open(as(both))->head(alice, {}).position, Position{});
  expect_told([&] { open(as("host=127.0.0.1 connect_timeout=2 port=" + mute.port())); }, "unreachable during open",
              "timeout expired; nobody answered in time");
}

TEST(HintsOfAPooler, ThatHasNoServerAreTold) {
  const Cluster cluster{"--bouncer"};
  if (!cluster) GTEST_SKIP() << "no such server";
  std::ofstream(cluster.folder() + "/bouncer/pgbouncer.ini", std::ios::app) << "query_wait_timeout = 1\n";
  cluster.restart("bouncer");
  const Options options{.connection = cluster.connection("bouncer")};
  migrate(options);
  const auto store = open(options);
  {
    std::vector<std::unique_ptr<pqxx::connection>> others;
    std::vector<std::unique_ptr<pqxx::work>> held;
    for (int i = 0; i < 4; ++i) {
      others.push_back(std::make_unique<pqxx::connection>(options.connection));
      held.push_back(std::make_unique<pqxx::work>(*others.back()));
      held.back()->exec("SELECT 1");
    }
    expect_told([&] { open(options); }, "unreachable during open", "the pooler had no server connection in time");
    expect_told([&] { store->head(alice, {}); }, "unreachable during snapshot",
                "the pooler had no server connection in time");
  }
  EXPECT_EQ(store->head(alice, {}).position, Position{});
}

}  // namespace claimledger::postgres::test
