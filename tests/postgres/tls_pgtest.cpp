#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "claimledger/postgres/postgres_store.hpp"
#include "engine_on.hpp"
#include "support/postgres_cluster.hpp"

// The identity of the server: certificates, and the choice among several hosts.
namespace claimledger::postgres::test {

namespace {

using tests::ask;
using tests::ask_one;
using tests::Cluster;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

// Opening has to fail as unreachable, in these words.
void expect_unreachable(const std::string& connection, const std::string& words) {
  try {
    open({.connection = connection});
    ADD_FAILURE() << "opened: " << connection;
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    EXPECT_NE(failure.detail().find(words), std::string::npos) << failure.what();
  }
}

std::string described(const Store& store, const std::string& name) {
  for (const auto& [key, value] : store.describe({})) {
    if (key == name) return value;
  }
  return "(not described)";
}

}  // namespace

TEST(Tls, ACertificateIsVerifiedInFull) {
  const Cluster cluster("--tls");
  if (!cluster) GTEST_SKIP() << "no such server";
  const auto right = cluster.connection("tls");

  auto engine = engine_on(right);
  engine.remember("alice", "likes", Value("tea"));

  EXPECT_EQ(engine.recall("alice", "likes").primary.value().value, Value("tea"));
  EXPECT_EQ(ask(cluster.connection(),
                "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                "WHERE application_name = 'claimledger'"),
            std::vector<std::string>{"t"});
  // Another authority; another host; a server that wants TLS, and a client that does not.
  expect_unreachable(replaced(right, "/ca.pem", "/other-ca.pem"), "certificate verify failed");
  expect_unreachable(replaced(right, "host=localhost", "host=elsewhere hostaddr=127.0.0.1"), "elsewhere");
  expect_unreachable(replaced(right, "verify-full", "disable"), "no encryption");
}

TEST(Hosts, OfSeveralThePrimaryIsFound) {
  const Cluster cluster("--replica");
  if (!cluster) GTEST_SKIP() << "no such server";

  const auto store = open({.connection = cluster.connection("any")});

  EXPECT_EQ(described(*store, "standby"), "no");
  expect_unreachable(cluster.connection("standby") + " target_session_attrs=read-write", "read-only");
}

TEST(Hosts, AStandbyCanBeReadButNotWritten) {
  const Cluster cluster("--replica");
  if (!cluster) GTEST_SKIP() << "no such server";
  engine_on(cluster.connection()).remember("alice", "likes", Value("tea"));
  // The standby has it on disk; it may still be about to show it.
  cluster.restart("standby");

  auto engine = engine_on(cluster.connection("standby"));

  EXPECT_EQ(engine.recall("alice", "likes").primary.value().value, Value("tea"));
  try {
    engine.remember("alice", "likes", Value("coffee"));
    ADD_FAILURE() << "written on a standby";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    EXPECT_NE(failure.detail().find("standby"), std::string::npos) << failure.what();
  }
}

TEST(Hosts, AStandbyIsNotAskedToTellOfAppends) {
  const Cluster cluster("--replica");
  if (!cluster) GTEST_SKIP() << "no such server";
  engine_on(cluster.connection()).remember("alice", "likes", Value("tea"));
  cluster.restart("standby");
  const auto store = open({.connection = cluster.connection("standby")});

  std::uint64_t seen = 0;
  for (int look = 0; look < 10; ++look) seen = store->await_append({}, seen, {});

  std::ifstream log(cluster.folder() + "/standby.log");
  const std::string lines{std::istreambuf_iterator<char>(log), {}};
  EXPECT_NE(lines.find("ready to accept"), std::string::npos);
  EXPECT_EQ(lines.find("LISTEN"), std::string::npos) << lines;
}

}  // namespace claimledger::postgres::test
