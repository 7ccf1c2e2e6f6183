#include <gtest/gtest.h>

#include <future>
#include <pqxx/pqxx>

#include "own_schema.hpp"

// Databases as operators leave them before there is a ledger: names that need quotes, schemas with other objects,
// sessions with verbose messages, servers that refuse a login.
namespace claimledger::postgres::test {

namespace {

class Operators : public testing::Test {
 protected:
  Operators() { drop_roles(); }
  ~Operators() override { drop_roles(); }

  Roles names() const { return {role("Owner"), role("Writer"), role("Reader")}; }
  std::string role(const std::string& name) const { return "cl-\"" + name + "\" " + schema_.suffix(); }
  static std::string quoted(const std::string& name) {
    std::string out;
    for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
    return '"' + out + '"';
  }
  std::string refusal(const std::function<void()>& work) const {
    try {
      work();
    } catch (const StoreFailure& failure) {
      return std::string(text(failure.kind())) + ": " + failure.detail();
    }
    return "nothing refused it";
  }

  OwnSchema schema_{"operators"};

 private:
  void drop_roles() const {
    for (const auto* name : {"Owner", "Writer", "Reader"}) {
      const auto each = role(name);
      if (schema_.ask("SELECT 1 FROM pg_roles WHERE rolname = '" + each + "'").empty()) continue;
      schema_.ask("SET client_min_messages = error; DROP OWNED BY " + quoted(each) + " CASCADE");
      schema_.ask("DROP ROLE " + quoted(each));
    }
  }
};

}  // namespace

TEST_F(Operators, MayGiveRolesNamesThatNeedQuotes) {
  const Initialisation what{.roles = true, .names = names(), .partitions = 2};
  initialise(schema_.options(), what);

  initialise(schema_.options(), what);

  EXPECT_TRUE(migrate(schema_.options()).pending.empty());
  EXPECT_EQ(schema_.ask_one("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '" + schema_.name() + "'"),
            names().owner);
}

TEST_F(Operators, MayMakeTheSameRolesForTwoLedgersAtOnce) {
  pqxx::connection other(tests::shared_server());
  pqxx::work elsewhere(other);
  elsewhere.exec("CREATE ROLE " + quoted(names().owner));

  auto here = std::async(std::launch::async, [&] { initialise(schema_.options(), {.roles = true, .names = names()}); });
  EXPECT_EQ(here.wait_for(std::chrono::milliseconds{500}), std::future_status::timeout) << "waits for the other";
  elsewhere.commit();

  EXPECT_NO_THROW(here.get());
}

TEST_F(Operators, KeepWhatElseASchemaHoldsBesideALedger) {
  const auto make = "CREATE SCHEMA " + quoted(schema_.name()) + "; CREATE ";
  for (const auto* stranger : {"TABLE accounts (secret TEXT)", "VIEW accounts AS SELECT 1", "SEQUENCE accounts",
                               "FUNCTION accounts() RETURNS INTEGER LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"}) {
    schema_.ask("DROP SCHEMA IF EXISTS " + quoted(schema_.name()) + " CASCADE");
    schema_.ask(make + stranger);
    const auto owner =
        "SELECT n.nspowner::REGROLE::TEXT || COALESCE((SELECT c.relowner::REGROLE::TEXT FROM pg_class AS c"
        " WHERE c.relname = 'accounts'), '') FROM pg_namespace AS n WHERE n.nspname = '" +
        schema_.name() + "'";
    const auto before = schema_.ask_one(owner);

    const auto why = refusal([&] { initialise(schema_.options(), {.roles = true, .names = names()}); });

    EXPECT_TRUE(why.starts_with("refused") && why.find("accounts") != std::string::npos) << stranger << ": " << why;
    EXPECT_EQ(schema_.ask_one(owner), before) << stranger;
  }
}

TEST_F(Operators, KeepWhatWasAddedToTheSchemaOfALedger) {
  initialise(schema_.options(), {.partitions = 2});
  struct Stranger {
    const char *made, *named, *gone;
  };
  for (const auto& each : {
           Stranger{"CREATE FUNCTION read_accounts() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'", "read_accounts",
                    "DROP FUNCTION read_accounts"},
           // Under the name of one of ours, and one of ours that would act for its owner.
           Stranger{"CREATE FUNCTION agent_key(INTEGER) RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'", "agent_key",
                    "DROP FUNCTION agent_key(INTEGER)"},
           Stranger{"ALTER FUNCTION agent_lock SECURITY DEFINER", "agent_lock",
                    "ALTER FUNCTION agent_lock SECURITY INVOKER"},
       }) {
    schema_.ask(each.made);

    const auto why = refusal([&] { initialise(schema_.options(), {.roles = true, .names = names()}); });

    EXPECT_NE(why.find(each.named), std::string::npos) << each.made << ": " << why;
    schema_.ask(each.gone);
  }

  initialise(schema_.options(), {.roles = true, .names = names()});
  EXPECT_EQ(schema_.ask_one("SELECT count(DISTINCT proowner) FROM pg_proc WHERE pronamespace = "
                            "quote_ident(current_schema())::REGNAMESPACE"),
            "1");
}

TEST_F(Operators, WhoWantToHearEverythingAreNotToldThatABatchIsInDoubt) {
  initialise(schema_.options(), {});
  auto options = schema_.options();
  options.connection += " options='-c client_min_messages=debug5'";
  auto engine = engine_over(options);

  EXPECT_EQ(say(engine, AgentId{"alice"}, "s", "hello").position, Position{1});
}

TEST_F(Operators, AreNotToldOfALostConnectionThatNeverWas) {
  auto options = schema_.options();
  options.connection += " dbname=absent";

  const auto why = refusal([&] { open(options); });

  EXPECT_NE(why.find("absent"), std::string::npos) << why;
  EXPECT_EQ(why.find("connection was lost"), std::string::npos) << why;
}

}  // namespace claimledger::postgres::test
