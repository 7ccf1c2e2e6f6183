#include <gtest/gtest.h>

#include "claimledger/postgres/postgres_store.hpp"
#include "engine_on.hpp"
#include "support/postgres_cluster.hpp"
#include "support/race.hpp"

// Through PgBouncer in transaction mode. The whole kit runs through it too, see tests/conformance.
namespace claimledger::postgres::test {

namespace {

using tests::Cluster;

std::string pooler(const Options& options) {
  for (const auto& [name, value] : open(options)->describe({})) {
    if (name == "pooler") return value;
  }
  return "(not described)";
}

}  // namespace

class Bouncers : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
  }
  const Cluster cluster_{"--bouncer"};
};

TEST_F(Bouncers, AreFoundOutAtConnectOrSet) {
  EXPECT_EQ(pooler({.connection = cluster_.connection("bouncer")}), "by transaction");
  EXPECT_EQ(pooler({.connection = cluster_.connection()}), "none");
  EXPECT_EQ(pooler({.connection = cluster_.connection("bouncer"), .bouncer = Bouncer::yes}), "by transaction");
  EXPECT_EQ(pooler({.connection = cluster_.connection(), .bouncer = Bouncer::yes}), "by transaction");
}

// Behind PgBouncer the next client gets the session settings of the one before.
TEST_F(Bouncers, NothingIsLeftOnAConnectionForTheNextClient) {
  auto engine = engine_on(cluster_.connection("bouncer"));
  engine.remember("alice", "likes", Value("tea"));
  engine.recall("alice", "likes");

  EXPECT_EQ(tests::ask(cluster_.connection("bouncer"),
                       "SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN "
                       "('client_encoding', 'application_name')"),
            std::vector<std::string>{});
}

TEST_F(Bouncers, ARaceThroughOneIsAsSoundWhileItAndTheServerAreKilled) {
  engine_on(cluster_.connection("bouncer"));
  const tests::Race race{.open = opening(cluster_.connection("bouncer")), .seed = 5, .agents = 4, .operations = 8};

  const auto history = run(race, {{race.claims() / 4, "the pooler is killed",
                                   [&] {
                                     cluster_.kill("bouncer");
                                     cluster_.up("bouncer");
                                   }},
                                  {race.claims() / 2, "the server is killed", [&] {
                                     cluster_.kill("primary");
                                     cluster_.up("primary");
                                   }}});

  expect_sound(race, history);
}

}  // namespace claimledger::postgres::test
