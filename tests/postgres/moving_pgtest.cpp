#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "own_schema.hpp"

// A ledger that moves house: its schema gets another name, or goes by a dump into another database.
namespace claimledger::postgres::test {

namespace {

using tests::ask;
using tests::ask_one;
using tests::Cluster;

const AgentId alice{"alice"};

Options of(const std::string& connection, const std::string& schema = "claimledger") {
  return {.connection = connection, .schema = schema};
}

std::string refusal(const Options& options) {
  try {
    open(options);
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
    return failure.detail();
  }
  return "opened";
}

Head verified_head(const Options& options) {
  auto engine = engine_over(options);
  const auto verification = engine.verify({.agent = alice});
  EXPECT_TRUE(verification.ok) << verification.problem;
  EXPECT_EQ(verification.entries, engine.head({.agent = alice}).position.value);
  return engine.head({.agent = alice});
}

class Moving : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
    initialise(of(here_), {.roles = true});
    auto engine = engine_over(of(here_));
    for (const auto* word : {"one", "two", "three"}) say(engine, alice, "a", word);
    ask(here_, "CREATE DATABASE other TEMPLATE template0 ENCODING 'UTF8'");
  }
  void rename(const std::string& connection, const std::string& from, const std::string& to) const {
    ask(connection, "ALTER SCHEMA \"" + from + "\" RENAME TO \"" + to + "\"");
  }
  // The folder of the server's programs; empty where a dump cannot be made.
  std::string programs() const {
    std::ifstream file(cluster_.folder() + "/state/bin");
    std::string bin;
    std::getline(file, bin);
    for (const auto* program : {"pg_dump", "pg_restore", "psql"})
      if (access((bin + "/" + program).c_str(), X_OK) != 0) return "";
    return bin + "/";
  }
  static void run(const std::string& command) { EXPECT_EQ(std::system(command.c_str()), 0) << command; }
  // Carries the ledger to the other database as README.md says; false without the programs.
  bool carry(const std::string& how = "") const {
    const auto bin = programs();
    if (bin.empty()) return false;
    const auto dump = cluster_.folder() + "/ledger.dump";
    run(bin + "pg_dump --format=custom --schema=claimledger --file=" + dump + " '" + here_ + "'");
    run(bin + "pg_restore --single-transaction --exit-on-error " + how + " --dbname='" + there_ + "' " + dump);
    return true;
  }
  // … with an edit of the dump's text.
  bool carry_edited(const std::string& edit) const {
    const auto bin = programs();
    if (bin.empty()) return false;
    run(bin + "pg_dump --schema=claimledger '" + here_ + "' | sed '" + edit + "' | " + bin +
        "psql --quiet --no-psqlrc --single-transaction --set=ON_ERROR_STOP=1 '" + there_ + "' >/dev/null");
    return true;
  }

  const Cluster cluster_{""};
  const std::string here_ = cluster_ ? cluster_.connection() : "";
  const std::string there_ = here_ + " dbname=other";
};

}  // namespace

TEST_F(Moving, ARenamedSchemaIsRefusedByBothNamesUntilItIsMigrated) {
  const auto before = verified_head(of(here_));
  rename(here_, "claimledger", "Ledger, old");
  const auto renamed = of(here_, "Ledger, old");

  const auto why = refusal(renamed);
  EXPECT_NE(why.find("schema \"Ledger, old\""), std::string::npos) << why;
  EXPECT_NE(why.find("was made as schema claimledger"), std::string::npos) << why;
  EXPECT_NE(why.find("claimledger migrate"), std::string::npos) << why;
  EXPECT_EQ(pending_migrations(renamed).pending.size(), 1U);
  EXPECT_NE(refusal(renamed), "opened") << "a dry run changes nothing";

  EXPECT_EQ(migrate(renamed).pending, std::vector<std::string>{"its own search_path instead of claimledger"});
  EXPECT_TRUE(migrate(renamed).pending.empty());
  EXPECT_EQ(verified_head(renamed), before);
  auto engine = engine_over(renamed);
  say(engine, alice, "a", "four");
  EXPECT_TRUE(engine.verify({.agent = alice}).ok);
}

TEST_F(Moving, BackUnderItsNameItIsAsItWas) {
  const auto before = verified_head(of(here_));
  rename(here_, "claimledger", "elsewhere");
  rename(here_, "elsewhere", "claimledger");

  EXPECT_EQ(verified_head(of(here_)), before);
}

// Blue and green: what the old ledger's functions name is there, but is another ledger.
TEST_F(Moving, ANewLedgerUnderTheOldNameIsNeitherReadNorWrittenByTheOldOne) {
  const auto before = verified_head(of(here_));
  auto early = engine_over(of(here_));
  early.head({.agent = alice});
  rename(here_, "claimledger", "blue");
  auto green = engine_over(of(here_));
  say(green, alice, "b", "another");
  const auto after = green.head({.agent = alice});

  EXPECT_NE(refusal(of(here_, "blue")).find("was made as schema claimledger"), std::string::npos);
  EXPECT_EQ(early.head({.agent = alice}), after) << "who was there before asks the schema by its name";
  EXPECT_EQ(green.head({.agent = alice}), after);
  migrate(of(here_, "blue"));
  EXPECT_EQ(verified_head(of(here_, "blue")), before);
  auto blue = engine_over(of(here_, "blue"));
  say(blue, alice, "a", "four");

  EXPECT_EQ(verified_head(of(here_)), after);
  EXPECT_EQ(verified_head(of(here_, "blue")).position.value, before.position.value + 1);
}

TEST_F(Moving, ADumpIsTheSameLedgerInAnotherDatabase) {
  const auto before = verified_head(of(here_));
  if (!carry()) GTEST_SKIP() << "no pg_dump";

  EXPECT_EQ(verified_head(of(there_)), before);
  auto engine = engine_over(of(there_));
  EXPECT_EQ(ask_one(there_, "SELECT claimledger.read_guards_1()"), "");
  say(engine, alice, "a", "four");
  EXPECT_TRUE(engine.verify({.agent = alice}).ok);
}

TEST_F(Moving, ADumpWithoutItsRolesIsGivenThemAfterwards) {
  const auto before = verified_head(of(here_));
  if (!carry("--no-owner --no-acl")) GTEST_SKIP() << "no pg_dump";

  initialise(of(there_), {.roles = true});

  EXPECT_EQ(verified_head(of(there_)), before);
  EXPECT_EQ(ask(there_, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'claimledger'"),
            std::vector<std::string>{"claimledger_owner"});
  EXPECT_EQ(ask_one(there_, "SELECT has_schema_privilege('claimledger_writer', 'claimledger', 'USAGE')"), "t");
}

TEST_F(Moving, ADumpIsTheSameLedgerUnderAnotherName) {
  const auto before = verified_head(of(here_));
  if (!carry()) GTEST_SKIP() << "no pg_dump";
  rename(there_, "claimledger", "restored");

  EXPECT_NE(refusal(of(there_, "restored")).find("was made as schema claimledger"), std::string::npos);
  migrate(of(there_, "restored"));

  EXPECT_EQ(verified_head(of(there_, "restored")), before);
  EXPECT_EQ(verified_head(of(here_)), before);
}

// The name stands in the dump in more places than where the schema is made.
TEST_F(Moving, AnEditedDumpIsMendedAlike) {
  const auto before = verified_head(of(here_));
  if (!carry_edited("s/claimledger\\./edited./g; s/SCHEMA claimledger/SCHEMA edited/")) GTEST_SKIP() << "no pg_dump";

  EXPECT_NE(refusal(of(there_, "edited")).find("was made as schema claimledger"), std::string::npos);
  migrate(of(there_, "edited"));

  EXPECT_EQ(verified_head(of(there_, "edited")), before);
}

}  // namespace claimledger::postgres::test
