#include <gtest/gtest.h>

#include <functional>
#include <pqxx/pqxx>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/vectors.hpp"
#include "own_schema.hpp"

// Access to ledgers: scoped tenancy catches a statement that forgot its agent; enforced tenancy holds against a login
// role that writes its own SQL.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};
const AgentId bob{"bob"};
const EmbeddingModel model{"small", 2, "weights of bob"};

// How many of the model an agent has, as a store sees it.
std::uint64_t vectors_of(Store& store, const AgentId& agent) {
  std::uint64_t count = 0;
  store.vectors()->read_vectors(agent, model, 0, 100, [&](const FiledVector&) { ++count; }, {});
  return count;
}

class Tenants : public testing::Test {
 protected:
  Tenants() {
    drop_roles();
    for (const auto* name : {"alice", "bob", "nobody"}) schema_.ask("CREATE ROLE " + login(name) + " LOGIN");
  }
  ~Tenants() override { drop_roles(); }

  // Makes the ledger, lets the three log in as writers, and has something said to both agents.
  void make(Tenancy tenancy, std::size_t partitions = 0) {
    initialise(schema_.options(), {.roles = true, .names = names(), .partitions = partitions, .tenancy = tenancy});
    for (const auto* name : {"alice", "bob", "nobody"}) {
      schema_.ask("GRANT " + names().writer + " TO " + login(name));
    }
    if (tenancy == Tenancy::enforced) {
      admit_tenant(schema_.options(), login("alice"), alice);
      admit_tenant(schema_.options(), login("bob"), bob);
    }
    for (const auto& [name, agent] : {std::pair{"alice", alice}, std::pair{"bob", bob}}) {
      auto engine = engine_over(as(name, tenancy));
      claimledger::Statement secret{.subject = "secret of " + agent.value,
                                    .predicate = "says",
                                    .value = "word of " + agent.value,
                                    .source = "a test"};
      secret.vector = {0.6F, 0.8F};
      engine.ingest({.agent = agent, .statements = {secret}, .model = model});
    }
  }

  std::string login(const std::string& name) const { return "cl_" + name + "_" + schema_.suffix(); }
  Roles names() const { return {login("owner"), login("writer"), login("reader")}; }
  Options as(const std::string& name, Tenancy tenancy) const {
    auto options = schema_.options();
    options.connection += " user=" + login(name);
    options.tenancy = tenancy;
    options.migrate = Migrate::require_current;
    return options;
  }
  // The answer that a login role gets for SQL of its own: the rows, or the error.
  std::string hand_written(const std::string& name, const std::string& sql) const {
    std::string answer;
    try {
      const auto connection = as(name, Tenancy::scoped).connection;
      for (const auto& row : tests::ask(connection, schema_.enter() + sql)) answer += row + "\n";
    } catch (const std::exception& error) {
      return std::string("refused: ") + error.what();
    }
    return answer;
  }
  // A call of the one routine that writes, with nothing in it but a batch of no entries.
  static std::string append_by_hand(const std::string& agent, const std::string& name, const std::string& after) {
    std::string call = "SELECT part FROM append_1('" + agent + "', '" + name +
                       "', sha256('genesis'), '1000', false, false, " + after +
                       ", ARRAY[gen_random_uuid()], '{2}', '{0}', '{alice}', '{1}', '{0}', '{}', '{}', '{}', false, 0";
    for (int i = 0; i < 20; ++i) call += ", '{}'";
    return call + ", 'recipe', '{}', '{}', '{}', '{}', '{}', 'small', 2, '', true, '{}', '{}')";
  }
  std::string key(const AgentId& agent) const { return schema_.ask_one("SELECT agent_key('" + agent.value + "')"); }

  OwnSchema schema_{"tenancy"};

 private:
  void drop_roles() const {
    for (const auto* name : {"alice", "bob", "nobody", "owner", "writer", "reader"}) {
      const auto role = login(name);
      if (tests::ask_one(tests::shared_server(), "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'").empty()) {
        continue;
      }
      tests::ask(tests::shared_server(), "SET client_min_messages = error; DROP OWNED BY " + role + " CASCADE");
      tests::ask(tests::shared_server(), "DROP ROLE " + role);
    }
  }
};

class Wall : public Tenants, public testing::WithParamInterface<std::size_t> {};

const std::vector<std::string> ledger_tables = {"agent",      "entry",   "line",  "derivation", "served",
                                                "text_index", "posting", "model", "embedding",  "whole_entry"};

}  // namespace

TEST_F(Tenants, ScopedAStatementThatForgetsItsAgentSeesNothing) {
  make(Tenancy::scoped);

  for (const auto& table : ledger_tables) {
    EXPECT_EQ(hand_written("alice", "SELECT count(*) FROM " + table), "0\n") << table;
  }
  EXPECT_EQ(hand_written("alice", "SELECT set_config('claimledger.agent_id', '" + key(alice) +
                                      "', false); SELECT count(*) FROM entry"),
            "1\n");
}

TEST_F(Tenants, NobodyButTheFunctionWrites) {
  make(Tenancy::scoped);
  const auto aim = "SELECT set_config('claimledger.agent_id', '" + key(alice) + "', false); ";

  for (const auto& table : ledger_tables) {
    EXPECT_TRUE(hand_written("alice", aim + "DELETE FROM " + table).starts_with("refused")) << table;
    EXPECT_TRUE(hand_written("alice", aim + "TRUNCATE " + table).starts_with("refused")) << table;
    EXPECT_TRUE(hand_written("alice", aim + "UPDATE " + table + " SET agent_id = agent_id").starts_with("refused"))
        << table;
    EXPECT_TRUE(hand_written("alice", aim + "INSERT INTO " + table + " SELECT * FROM " + table).starts_with("refused"))
        << table;
  }
}

TEST_F(Tenants, NobodyWritesUnderANameThatIsNotTheAgents) {
  make(Tenancy::scoped);
  const AgentId unheard{"zed"};
  const auto refused_to = [&](const std::string& agent, const std::string& name, const std::string& after) {
    const auto got = hand_written("alice", append_by_hand(agent, name, after));
    EXPECT_TRUE(got.starts_with("refused")) << got;
    return got;
  };
  EXPECT_NE(refused_to(key(unheard), "another", "0, 0, sha256('genesis')").find("agent_key"), std::string::npos);
  EXPECT_EQ(hand_written("alice", append_by_hand(key(alice), "zed", "0, 0, sha256('genesis')")), "conflict\n");
  const auto head = schema_.ask_one(
      "SELECT format('1, %s, %L', recorded_at, hash) FROM entry WHERE agent_id = "
      "agent_key('alice')");
  EXPECT_NE(refused_to(key(alice), "alice", head).find("recorded later"), std::string::npos);

  auto engine = engine_over(as("alice", Tenancy::scoped));
  say(engine, unheard, "the name", "is free");
  EXPECT_EQ(engine.head({.agent = unheard}).position, Position{1});
}

TEST_F(Tenants, AReaderReadsAndDoesNotWrite) {
  make(Tenancy::scoped);
  schema_.ask("REVOKE " + names().writer + " FROM " + login("nobody") + "; GRANT " + names().reader + " TO " +
              login("nobody"));
  auto engine = engine_over(as("nobody", Tenancy::scoped));

  EXPECT_EQ(engine.recall(RecallRequest{.agent = alice, .line = {"secret of alice", "says"}}).status,
            BeliefStatus::timing_uncertain);
  EXPECT_THROW(say(engine, alice, "anything", "at all"), StoreFailure);
  EXPECT_EQ(engine.head({.agent = alice}).position, Position{1});
}

TEST_F(Tenants, AWriterFilesWordsAndAReaderFindsThem) {
  make(Tenancy::scoped);
  auto writer = engine_over(as("alice", Tenancy::scoped));
  schema_.ask("TRUNCATE posting");
  EXPECT_EQ(writer.reindex({.agent = alice}).statements, 1U);
  EXPECT_EQ(hand_written("alice", "SELECT COUNT(*) FROM posting"), "0\n") << "without saying whose";
  schema_.ask("REVOKE " + names().writer + " FROM " + login("nobody") + "; GRANT " + names().reader + " TO " +
              login("nobody"));
  auto reader = engine_over(as("nobody", Tenancy::scoped));

  const auto answer = reader.search({.agent = alice, .text = "secret"});

  EXPECT_EQ(answer.lines.size(), 1U);
  EXPECT_EQ(answer.ledgers.front().scanned, 0U);
  EXPECT_THROW(reader.reindex({.agent = alice, .anew = true}), StoreFailure);
}

TEST_F(Tenants, AWriterFilesVectorsAndAReaderFindsThem) {
  make(Tenancy::scoped);
  const auto writer = open(as("alice", Tenancy::scoped));
  EXPECT_EQ(vectors_of(*writer, alice), 1U);
  schema_.ask("TRUNCATE embedding");
  const std::vector<NewVector> late = {{{1}, "late"}};
  EXPECT_TRUE(writer->vectors()->file_vectors(alice, model, {}, {1}, late, {}));
  for (const auto* table : {"embedding", "model"})
    EXPECT_EQ(hand_written("alice", "SELECT COUNT(*) FROM " + std::string(table)), "0\n") << "without saying whose";
  schema_.ask("REVOKE " + names().writer + " FROM " + login("nobody") + "; GRANT " + names().reader + " TO " +
              login("nobody"));
  const auto reader = open(as("nobody", Tenancy::scoped));

  EXPECT_EQ(vectors_of(*reader, alice), 1U);
  EXPECT_EQ(reader->vectors()->models(alice, {}).size(), 1U);
  const std::vector<std::uint8_t> kinds = {kind_number<ClaimRecorded>};
  EXPECT_EQ(reader->vectors()->without_vector(alice, model, kinds, {}, {9}, 9, {}), std::vector<Position>{});
  EXPECT_THROW(reader->vectors()->file_vectors(alice, model, {}, {1}, late, {}), StoreFailure);
  EXPECT_THROW(reader->vectors()->drop_vectors(alice, model, {}), StoreFailure);
  EXPECT_EQ(vectors_of(*writer, alice), 1U);
}

TEST_F(Tenants, EnforcedEachSeesItsOwnVectors) {
  make(Tenancy::enforced);
  const auto store = open(as("alice", Tenancy::enforced));
  const std::vector<NewVector> lie = {{{1}, "a lie"}};

  EXPECT_EQ(vectors_of(*store, alice), 1U);
  EXPECT_EQ(vectors_of(*store, bob), 0U);
  EXPECT_TRUE(store->vectors()->models(bob, {}).empty());
  EXPECT_FALSE(store->vectors()->file_vectors(bob, model, {}, {1}, lie, {})) << "as if he had no ledger";
  EXPECT_FALSE(store->vectors()->file_vectors(bob, {"another", 2, ""}, {}, {1}, lie, {}));
  store->vectors()->drop_vectors(bob, model, {});

  const auto other = open(as("bob", Tenancy::enforced));
  EXPECT_EQ(vectors_of(*other, bob), 1U);
  EXPECT_EQ(other->vectors()->models(bob, {}).size(), 1U);
}

TEST_F(Tenants, EnforcedEachSeesItsOwnLedger) {
  make(Tenancy::enforced);
  auto engine = engine_over(as("alice", Tenancy::enforced));

  ASSERT_EQ(engine.agents({}).items.size(), 1U);
  EXPECT_EQ(engine.agents({}).items.front().agent, alice);
  EXPECT_EQ(engine.head({.agent = alice}).position, Position{1});
  EXPECT_EQ(engine.head({.agent = bob}).position, Position{0}) << "as if nobody had ever said a word to bob";
  EXPECT_EQ(engine.recall(RecallRequest{.agent = bob, .line = {"secret of bob", "says"}}).status,
            BeliefStatus::no_belief);
  try {
    say(engine, bob, "a lie", "told to bob");
    FAIL() << "said";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    EXPECT_EQ(failure.detail().find('\n'), std::string::npos) << "no statements of ours, no rows: " << failure.what();
  }
  EXPECT_TRUE(engine.verify({.agent = alice}).ok);

  auto other = engine_over(as("bob", Tenancy::enforced));
  EXPECT_EQ(other.head({.agent = bob}).position, Position{1}) << "nothing of the lie landed";
}

TEST_F(Tenants, EnforcedWhoeverHasNoAgentDoesNotGetIn) {
  make(Tenancy::enforced);

  try {
    open(as("nobody", Tenancy::enforced));
    FAIL() << "opened";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
  }
  dismiss_tenant(schema_.options(), login("bob"), bob);
  EXPECT_THROW(open(as("bob", Tenancy::enforced)), StoreFailure);
}

TEST_F(Tenants, AWallThatIsNotThereIsNotTakenForOne) {
  make(Tenancy::scoped);

  try {
    open(as("alice", Tenancy::enforced));
    FAIL() << "opened";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::incompatible);
    EXPECT_NE(std::string(failure.what()).find("--tenancy enforced"), std::string::npos) << failure.what();
  }
}

TEST_P(Wall, NoSqlOfOnesOwnGetsThrough) {
  make(Tenancy::enforced, GetParam());
  const auto of_bob = key(bob);
  const auto pose = "SELECT set_config('claimledger.agent_id', '" + of_bob +
                    "', false); SELECT set_config('claimledger.every_agent', 'on', false); ";
  std::vector<std::string> ways;
  for (const auto& table : ledger_tables) {
    const auto where = " FROM " + table + " AS t WHERE t.agent_id = '" + of_bob + "'";
    ways.push_back("SELECT t::TEXT" + where);
    ways.push_back(pose + "SELECT t::TEXT" + where);
    ways.push_back("SET row_security = off; SELECT t::TEXT" + where);
    ways.push_back("CREATE TEMP VIEW peep AS SELECT *" + where + "; SELECT p::TEXT FROM peep AS p");
    ways.push_back("COPY " + table + " TO STDOUT");
    ways.push_back("COPY " + table + " FROM STDIN");
    ways.push_back("COPY " + table + " TO PROGRAM 'cat'");
    ways.push_back(pose + "SELECT t::TEXT" + where + " FOR UPDATE");
    ways.push_back(pose + "INSERT INTO " + table + " SELECT *" + where);
    ways.push_back("LOCK TABLE " + table + " IN ROW EXCLUSIVE MODE; SELECT 'locked'");
    ways.push_back("CREATE TEMP TABLE heir () INHERITS (" + table + "); SELECT 'inherits'");
    ways.push_back("CREATE TRIGGER spy BEFORE INSERT ON " + table + " EXECUTE FUNCTION only_grows(); SELECT 'spies'");
    ways.push_back("CREATE RULE spy AS ON INSERT TO " + table + " DO ALSO NOTIFY spy; SELECT 'spies'");
    // A function of one's own that is cheaper than the policy, and so might be asked first.
    ways.push_back(
        "CREATE FUNCTION pg_temp.peep(row_seen TEXT) RETURNS BOOLEAN COST 0.0000001 LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = 'peeped ' || row_seen; END $$; "
        "SELECT t::TEXT" +
        where + " AND pg_temp.peep(t::TEXT)");
    ways.push_back(pose + "DELETE" + where);
    ways.push_back(pose + "TRUNCATE " + table);
    ways.push_back("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY");
    ways.push_back("ALTER TABLE " + table + " DISABLE TRIGGER ALL");
    ways.push_back("DROP POLICY tenant_agents ON " + table);
    ways.push_back("SELECT most_common_vals::TEXT FROM pg_stats WHERE tablename = '" + table + "'");
  }
  for (const auto& partition : schema_.ask("SELECT inhrelid::REGCLASS::TEXT FROM pg_inherits AS i JOIN pg_class AS c "
                                           "ON c.oid = i.inhparent WHERE c.relnamespace = "
                                           "quote_ident(current_schema())::REGNAMESPACE AND c.relkind = 'p'")) {
    ways.push_back(pose + "SELECT t::TEXT FROM " + partition + " AS t");
    ways.push_back(pose + "DELETE FROM " + partition);
    ways.push_back(pose + "TRUNCATE " + partition);
  }
  for (const auto& role : {names().owner, login("bob"), std::string("postgres")}) {
    ways.push_back("SET ROLE " + role + "; " + pose + "SELECT t::TEXT FROM entry AS t");
    ways.push_back("SET SESSION AUTHORIZATION " + role + "; SELECT t::TEXT FROM entry AS t");
  }
  // As the writer, of which the role is a member: the wall looks at who logged in.
  ways.push_back("SET ROLE " + names().writer + "; " + pose + "SELECT t::TEXT FROM entry AS t WHERE agent_id = '" +
                 of_bob + "'");
  ways.push_back("SELECT t::TEXT FROM read_batches_1('" + of_bob + "', 0, 10) AS t");
  ways.push_back("SELECT t::TEXT FROM read_agents_1('', 10) AS t WHERE name = 'bob'");
  ways.push_back(
      "SELECT t::TEXT FROM read_snapshot_1('" + of_bob +
      "', 'position', 5, ARRAY['secret of bob'], ARRAY['says'], '{0}', '{}', '{}') AS t WHERE part <> 'head'");
  ways.push_back("SELECT t::TEXT FROM read_postings_1('" + of_bob +
                 "', (SELECT max(recipe) FROM text_index), '{true}', " +
                 "'{\"\"}', 0, 10) AS t WHERE seq > 0 OR place > 0");
  ways.push_back("SELECT append_no_terms_1('" + of_bob + "', '{1}')");
  ways.push_back("SELECT append_terms_1('" + of_bob +
                 "', '1000', '', 0, 'r', 1, '{a lie}', '{1}', '{1}', '{NULL}', '{NULL}', '{1}') WHERE false");
  const auto model_of_bob = "'" + of_bob + "', 'small', 2, 'weights of bob'";
  ways.push_back("SELECT m::TEXT FROM read_models_1('" + of_bob + "') AS m");
  ways.push_back("SELECT m.name FROM read_model_1(" + model_of_bob + ") AS m WHERE m.model_no IS NOT NULL");
  ways.push_back("SELECT v::TEXT FROM read_vectors_1(" + model_of_bob + ", 0, 10) AS v");
  ways.push_back("SELECT s::TEXT FROM read_without_vector_1('" + of_bob + "', '', 0, '', '{16}', 0, 10, 10) AS s");
  ways.push_back("INSERT INTO tenant VALUES ('" + of_bob + "', '" + login("alice") + "')");
  ways.push_back("SELECT t::TEXT FROM tenant AS t WHERE role <> '" + login("alice") + "'");
  ways.push_back("DELETE FROM tenant; UPDATE tenant SET agent_id = '" + of_bob + "'");
  ways.push_back("SELECT t::TEXT FROM read_size_1() AS t WHERE agents > 1 OR entries > 1");
  const std::string at_start = "0, 0, sha256('genesis')";
  ways.push_back(append_by_hand(of_bob, "bob", at_start));
  ways.push_back(append_by_hand(of_bob, "bob", "1, 1, sha256('head')") + " WHERE part <> 'conflict'");
  ways.push_back("SELECT enforce_tenancy(false)");
  ways.push_back("SELECT grant_roles('" + login("alice") + "', '" + login("alice") + "')");
  ways.push_back("CREATE FUNCTION agent_key(name TEXT, x INT) RETURNS TEXT LANGUAGE sql AS 'SELECT 1'");
  ways.push_back("CREATE TEMP TABLE tenant (agent_id UUID, role TEXT); INSERT INTO pg_temp.tenant VALUES ('" + of_bob +
                 "', '" + login("alice") + "'); SET search_path = pg_temp, \"" + schema_.name() + "\"; " + pose +
                 "SELECT t::TEXT FROM entry AS t WHERE agent_id = '" + of_bob + "'");

  EXPECT_EQ(hand_written("alice", append_by_hand(key(alice), "alice", at_start)), "conflict\n")
      << "is called as it should be";
  EXPECT_NE(hand_written("alice", append_by_hand(of_bob, "bob", at_start)).find("row-level security"),
            std::string::npos);
  for (const auto& way : ways) {
    const auto got = hand_written("alice", way);
    EXPECT_TRUE(got.empty() || got.starts_with("refused")) << way << "\n  gave " << got;
    EXPECT_EQ(got.find("peeped"), std::string::npos) << got;
    EXPECT_EQ(got.find("secret of bob"), std::string::npos) << got;
  }

  for (const auto* before : {"'', 0", "(SELECT max(recipe) FROM text_index), 1"}) {
    EXPECT_EQ(hand_written("alice", "SELECT append_terms_1('" + of_bob + "', '1000', " + before +
                                        ", 'r', 1, '{a lie}', '{1}', '{1}', '{NULL}', '{NULL}', '{1}')"),
              "f\n");
  }

  for (const auto* by : {"small", "another"}) {
    EXPECT_EQ(hand_written("alice", "SELECT append_vectors_1('" + of_bob + "', '1000', '" + by +
                                        "', 2, 'weights of bob', 0, 1, '{a lie}', '{1}')"),
              "f\n");
  }

  EXPECT_EQ(hand_written("alice", "SELECT append_no_vectors_1('" + of_bob + "', '1000', 'small', 2, 'weights of bob')"),
            "\n");

  EXPECT_EQ(vectors_of(*open(as("bob", Tenancy::enforced)), bob), 1U) << "his vector is filed still";
  auto engine = engine_over(as("bob", Tenancy::enforced));
  EXPECT_EQ(engine.head({.agent = bob}).position, Position{1});
  EXPECT_TRUE(engine.verify({.agent = bob}).ok);
  EXPECT_EQ(engine.search({.agent = bob, .text = "secret"}).ledgers.front().scanned, 0U) << "his words are filed still";
  EXPECT_EQ(engine.search({.agent = bob, .text = "secret"}).lines.size(), 1U);
  EXPECT_EQ(schema_.ask_one("SELECT count(*) FROM tenant"), "2");
}

INSTANTIATE_TEST_SUITE_P(Partitions, Wall, testing::Values(0, 16),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

// Every role that may connect may listen, so a notification says only that something was appended.
TEST_F(Tenants, WhatIsToldOfAnAppendNamesNobody) {
  make(Tenancy::enforced);
  class Ear : public pqxx::notification_receiver {
   public:
    using notification_receiver::notification_receiver;
    void operator()(const std::string& payload, int) override { heard.push_back(payload); }
    std::vector<std::string> heard;
  };
  pqxx::connection session(as("alice", Tenancy::enforced).connection);
  Ear ear(session, tests::ask_one(tests::shared_server(), "SELECT 'claimledger_' || substr(encode(sha256(convert_to('" +
                                                              schema_.name() + "', 'UTF8')), 'hex'), 1, 16)"));
  session.get_notifs();

  auto engine = engine_over(as("bob", Tenancy::enforced));
  say(engine, bob, "another secret", "word");
  session.await_notification(10, 0);

  EXPECT_EQ(ear.heard, std::vector<std::string>{""});
}

}  // namespace claimledger::postgres::test
