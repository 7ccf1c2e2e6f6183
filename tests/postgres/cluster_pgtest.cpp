#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "support/postgres_cluster.hpp"

// The servers that tests are run against: are they what the tests take them for?
namespace claimledger::tests {

TEST(Cluster, TheSharedServerAnswers) { EXPECT_EQ(ask_one(shared_server(), "SELECT 6 * 7"), "42"); }

TEST(Cluster, EveryRoadLeadsToItsServer) {
  const Cluster cluster("--tls --replica --bouncer --linguistic");
  if (!cluster) GTEST_SKIP() << "no such server";

  for (const auto* road : {"", "tcp", "tls", "any", "bouncer", "linguistic"})
    EXPECT_EQ(ask_one(cluster.connection(road), "SELECT pg_is_in_recovery()"), "f") << road;
  EXPECT_EQ(ask_one(cluster.connection("standby"), "SELECT pg_is_in_recovery()"), "t");
  EXPECT_EQ(ask_one(cluster.connection("tls"), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "t");
  EXPECT_EQ(ask_one(cluster.connection("bouncer"), "SELECT application_name FROM pg_stat_replication"), "standby");
  EXPECT_EQ(ask_one(cluster.connection("linguistic"), "SELECT 'a' < 'B' AND 'B' < 'c'"), "t");
  EXPECT_EQ(ask_one(cluster.connection(), "SELECT 'a' < 'B'"), "f");
}

// Shows the session features that PgBouncer 1.18 takes away, and that the adapter does without.
TEST(Cluster, TheBouncerGivesConnectionsOutByTransaction) {
  const Cluster cluster("--bouncer");
  if (!cluster) GTEST_SKIP() << "no such server";

  EXPECT_THROW(pqxx::connection(cluster.connection("bouncer") + " options='-c work_mem=1MB'"), pqxx::broken_connection);
  pqxx::connection session(cluster.connection("bouncer"));
  pqxx::connection other(cluster.connection("bouncer"));
  pqxx::nontransaction(session).exec("SET work_mem = '1MB'");
  pqxx::work holder(other);
  EXPECT_EQ(holder.exec1("SHOW work_mem")[0].as<std::string>(), "1MB") << "the next client has the same connection";
}

TEST(Cluster, AKilledServerComesBackWithWhatItHad) {
  const Cluster cluster("");
  if (!cluster) GTEST_SKIP() << "no such server";
  ask(cluster.connection(), "CREATE TABLE kept (number INT)");
  ask(cluster.connection(), "INSERT INTO kept VALUES (7)");

  cluster.kill("primary");
  EXPECT_THROW(ask(cluster.connection(), "SELECT 1"), pqxx::broken_connection);
  cluster.up("primary");

  EXPECT_EQ(ask_one(cluster.connection(), "SELECT number FROM kept"), "7");
}

TEST(Cluster, IsGoneWithTheProcessThatMadeIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const auto child = fork();
  if (child == 0) {
    const Cluster cluster("");
    const auto folder = cluster.folder() + "\n";
    _exit(write(ends[1], folder.data(), folder.size()) > 0 ? pause() : 1);
  }
  close(ends[1]);
  std::string folder;
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) folder += c;
  close(ends[0]);
  if (folder.empty()) GTEST_SKIP() << "no such server";
  std::string guard;
  std::getline(std::ifstream(folder + "/state/guard"), guard);

  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);

  EXPECT_EQ(std::system(("timeout 60 tail --pid=" + guard + " -f /dev/null").c_str()), 0) << "its guard does not end";
  EXPECT_FALSE(std::filesystem::exists(folder)) << folder;
}

}  // namespace claimledger::tests
