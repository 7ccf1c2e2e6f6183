#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "engine_on.hpp"
#include "support/postgres_cluster.hpp"
#include "support/race.hpp"

namespace claimledger::postgres::test {

namespace {

using tests::Cluster;
using tests::Fault;
using tests::Race;

bool run_long() { return std::getenv("CLAIMLEDGER_LONG") != nullptr; }

// A few sessions lose their connection, wherever they are.
void terminate_some(const Cluster& cluster, std::uint32_t seed) {
  tests::ask(cluster.connection(),
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'claimledger' "
             "ORDER BY md5(pid || '" +
                 std::to_string(seed) + "') LIMIT 6");
}

// Of every kind some, at moments that the seed chooses.
std::vector<Fault> faults_of(const Cluster& cluster, const Race& race, int rounds) {
  std::mt19937 random(race.seed);
  std::uniform_int_distribution<std::uint64_t> moment(race.claims() / 20, race.claims() * 9 / 10);
  std::vector<Fault> faults;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 3; ++i) {
      const auto seed = random();
      faults.push_back({moment(random), "backends are terminated",
                        [&cluster, seed] { terminate_some(cluster, static_cast<std::uint32_t>(seed)); }});
    }
    faults.push_back({moment(random), "the server is restarted", [&cluster] { cluster.restart("primary"); }});
    faults.push_back({moment(random), "the server is killed", [&cluster] {
                        cluster.kill("primary");
                        cluster.up("primary");
                      }});
    faults.push_back(tests::killed(moment(random), static_cast<int>(random() % 4)));
  }
  return faults;
}

}  // namespace

TEST(Race, WhatIsAcknowledgedStandsOnceAndInOrderWhateverFails) {
  for (const std::uint32_t seed : run_long() ? std::vector<std::uint32_t>{1, 2, 3} : std::vector<std::uint32_t>{1}) {
    const Cluster cluster("");
    if (!cluster) GTEST_SKIP() << "no such server";
    engine_on(cluster.connection());
    const Race race{.open = opening(cluster.connection()), .seed = seed, .operations = run_long() ? 60 : 12};

    const auto history = run(race, faults_of(cluster, race, run_long() ? 4 : 1));

    expect_sound(race, history);
  }
}

// Writers of one agent in one process come in groups.
TEST(Race, IsAsSoundWhereManyWritersShareAnAgent) {
  const Cluster cluster("");
  if (!cluster) GTEST_SKIP() << "no such server";
  engine_on(cluster.connection());
  const Race race{.open = opening(cluster.connection()),
                  .seed = 11,
                  .writers = run_long() ? 64 : 16,
                  .agents = 2,
                  .lines = 4,
                  .operations = run_long() ? 30 : 8};

  expect_sound(race, run(race, faults_of(cluster, race, run_long() ? 3 : 1)));
}

// Sessions of this database begin as serializable ones. Behind a pooler the adapter cannot change that for good: a
// writer then sees an old head, and its batch must stumble over the unique keys.
TEST(Race, IsAsSoundWhereEachTransactionSeesAnOldHead) {
  const Cluster cluster("--linguistic --bouncer");
  if (!cluster) GTEST_SKIP() << "no such server";
  auto connection = cluster.connection("bouncer");
  const std::string plain = "dbname=postgres";
  connection.replace(connection.find(plain), plain.size(), "dbname=linguistic");
  engine_on(connection);
  const Race race{.open = opening(connection), .seed = 7, .agents = 2, .operations = run_long() ? 40 : 4};

  expect_sound(race, run(race, {}));
}

}  // namespace claimledger::postgres::test
