#include <gtest/gtest.h>

#include "own_schema.hpp"

// Rules that the database itself enforces on every connection: keys, guards, partitions.
namespace claimledger::postgres::test {

namespace {

// Those that only grow.
const std::vector<std::string> ledger_tables = {"agent", "entry", "line", "derivation", "served"};

class Schema : public testing::TestWithParam<std::size_t> {
 protected:
  Schema() {
    initialise(schema_.options(), {.partitions = GetParam()});
    auto engine = engine_over(schema_.options());
    for (const auto* member : {"1", "2"}) {
      Statement plain{.subject = "s", .predicate = "p", .value = Value::parse(member, "value"), .source = "a test"};
      plain.cardinality = Cardinality::set_valued;
      engine.ingest({.agent = AgentId{"erin"}, .statements = {plain}});
    }
    for (const auto* agent : {"alice", "bob", "carol", "dave"}) {
      Statement statement{.subject = "s", .predicate = "p", .value = Value::parse("1", "value"), .source = "a test"};
      statement.idempotency_key = "key";
      const auto first = engine.ingest({.agent = AgentId{agent}, .statements = {statement}}).receipts.front();
      engine.recall(RecallRequest{.agent = AgentId{agent}, .line = {"s", "p"}, .serve_to = "a chat"});
      statement.idempotency_key.reset();
      statement.predicate = "q";
      statement.provenance = Provenance::model_derived;
      statement.derived_from = {*first.claim};
      engine.ingest({.agent = AgentId{agent}, .statements = {statement}});
    }
  }

  // Those and their partitions.
  std::vector<std::string> tables() const {
    auto all = ledger_tables;
    const auto partitions = schema_.ask(R"(
        SELECT inhrelid::REGCLASS::TEXT
          FROM pg_inherits AS i
          JOIN pg_class AS c ON c.oid = i.inhparent
         WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND c.relkind = 'p'
           AND c.relname NOT IN ('text_index', 'posting', 'model', 'embedding'))");
    all.insert(all.end(), partitions.begin(), partitions.end());
    return all;
  }
  std::string refusal(const std::string& sql) const {
    try {
      schema_.ask(sql);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "nothing refused it";
  }

  OwnSchema schema_{"schema of " + std::to_string(GetParam())};
};

}  // namespace

TEST_P(Schema, EveryUniqueKeyBeginsWithTheAgent) {
  const auto unique_keys = [&](const std::string& condition) {
    return schema_.ask(R"(
        SELECT pg_get_indexdef(i.indexrelid)
          FROM pg_index AS i
          JOIN pg_class AS c ON c.oid = i.indrelid
          JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND i.indisunique
           AND c.relname NOT IN ('schema_migrations', 'schema_routines') AND )" +
                       condition);
  };

  EXPECT_EQ(unique_keys("a.attname <> 'agent_id'"), std::vector<std::string>{});
  EXPECT_GE(unique_keys("a.attname = 'agent_id'").size(), ledger_tables.size()) << "each table has one";
}

TEST_P(Schema, NoRowIsChangedDeletedOrTruncatedByAnybody) {
  for (const auto& table : tables()) {
    const auto there = schema_.ask_one("SELECT count(*) FROM " + table);
    EXPECT_NE(refusal("TRUNCATE " + table + " CASCADE").find("only grows"), std::string::npos) << table;
    if (there != "0") {
      EXPECT_NE(refusal("DELETE FROM " + table).find("only grows"), std::string::npos) << table;
      const auto update = refusal("UPDATE " + table + " SET agent_id = agent_id");
      EXPECT_TRUE(update.find("only grows") != std::string::npos || update.find("may go") != std::string::npos)
          << table << ": " << update;
    }
    EXPECT_EQ(schema_.ask_one("SELECT count(*) FROM " + table), there) << table;
  }
}

TEST_P(Schema, EveryTableAndPartitionHasItsGuardsAndItsPolicy) {
  // Bits of tgtype: 1 for each row, 2 before, 8 delete, 16 update, 32 truncate.
  const auto unguarded = schema_.ask(R"(
      SELECT format('%s has no guard of %s', c.relname, w.what)
        FROM pg_class AS c
       CROSS JOIN (VALUES ('update', 19), ('delete', 11), ('truncate', 34)) AS w (what, bits)
       WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND c.relkind IN ('r', 'p')
         AND c.relname NOT IN ('schema_migrations', 'schema_routines', 'tenant')
         AND c.relname !~ '^(text_index|posting|model|embedding)(_[0-9]+)?$'
         AND NOT EXISTS (SELECT FROM pg_trigger AS t
                          WHERE t.tgrelid = c.oid AND t.tgtype = w.bits AND t.tgenabled = 'O' AND t.tgqual IS NULL)
       UNION ALL
      SELECT format('%s shows its rows to everybody', c.relname)
        FROM pg_class AS c
       WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND c.relkind IN ('r', 'p')
         AND c.relname NOT IN ('schema_migrations', 'schema_routines', 'tenant')
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                  AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)))");
  EXPECT_EQ(unguarded, std::vector<std::string>{});
  EXPECT_EQ(schema_.ask_one("SELECT read_guards_1()"), "");
}

TEST_P(Schema, APlainClaimEntersFiveIndexes) {
  // Erin's first claim is on a new line, her second on the same.
  const auto entered = schema_.ask(R"(
      SELECT pg_get_expr(i.indpred, i.indrelid)
        FROM pg_index AS i
       WHERE i.indrelid = 'entry'::REGCLASS AND i.indpred IS NOT NULL)");
  for (const auto* claim : {"1", "2"}) {
    // The primary key, and that of line.
    int count = 1 + std::stoi(schema_.ask_one("SELECT COUNT(*) FROM line WHERE agent_id = agent_key('erin') AND "
                                              "first_seq = " +
                                              std::string(claim)));
    for (const auto& condition : entered) {
      count +=
          std::stoi(schema_.ask_one("SELECT COUNT(*) FROM entry WHERE agent_id = agent_key('erin') AND stream_seq = " +
                                    std::string(claim) + " AND " + condition));
    }
    EXPECT_EQ(count, 5) << claim;
  }
  EXPECT_EQ(schema_.ask_one("SELECT COUNT(*) FROM pg_index WHERE indrelid = 'entry'::REGCLASS AND indpred IS NULL"),
            "1")
      << "the primary key; every other index holds only what is looked for by it";
}

TEST_P(Schema, OnlyWhatATombstoneTakesMayGoAndNothingElse) {
  const auto of_alice = std::string(" WHERE agent_id = agent_key('alice') AND stream_seq = ");
  const auto erase = std::string(
      "UPDATE entry SET erased_by = 9, salt = NULL, content = NULL, search_text = NULL, "
      "key_digest = NULL");
  const auto grows = [&](const std::string& sql) { return refusal(sql).find("only grows") != std::string::npos; };

  EXPECT_TRUE(grows(erase + of_alice + "1")) << "there is no tombstone";
  schema_.ask(
      "INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, erases, kind, begins, body, hash, "
      "batch_id, batch_entries, clock, actor, format) SELECT agent_id, 9, 9, recorded_at, 1, 31, false, body, "
      "hash, agent_key('batch'), 1, 0, '', 1 FROM entry" +
      of_alice + "3");
  EXPECT_TRUE(grows(erase + of_alice + "3")) << "it is another one's";
  EXPECT_TRUE(grows(erase + ", recorded_at = 0" + of_alice + "1")) << "more than content";
  EXPECT_TRUE(grows("UPDATE entry SET subject = NULL, predicate = NULL" + of_alice + "1")) << "has content still";
  EXPECT_EQ(schema_.ask(erase + of_alice + "1 RETURNING 'erased'"), std::vector<std::string>{"erased"});
  EXPECT_TRUE(grows(erase + of_alice + "1")) << "a second time";
  EXPECT_EQ(schema_.ask("UPDATE entry SET subject = NULL, predicate = NULL" + of_alice + "1 RETURNING 'nameless'"),
            std::vector<std::string>{"nameless"});
  EXPECT_EQ(schema_.ask("DELETE FROM line WHERE agent_id = agent_key('alice') AND first_seq = 1 RETURNING 'forgotten'"),
            std::vector<std::string>{"forgotten"});
  EXPECT_TRUE(grows("DELETE FROM line WHERE agent_id = agent_key('alice')")) << "another line has its name still";
}

TEST_P(Schema, HoldsALedgerLikeAnyOther) {
  auto engine = engine_over(schema_.options());

  EXPECT_EQ(engine.agents({}).items.size(), 5U);
  for (const auto& [agent, position, problem] : engine.agents({}).items) {
    const auto verification = engine.verify({.agent = agent});
    EXPECT_TRUE(verification.ok) << verification.problem;
    EXPECT_EQ(verification.entries, agent.value == "erin" ? 2U : 3U);
  }
  for (const auto& table : schema_.ask("SELECT unnest(ledger_tables())")) {
    EXPECT_EQ(schema_.ask_one("SELECT count(*) FROM pg_inherits AS i WHERE i.inhparent = '" + table + "'::REGCLASS"),
              std::to_string(GetParam()))
        << table;
  }
}

TEST_P(Schema, IsMadeOnceAndThenLeftAsItIs) {
  const auto again = initialise(schema_.options(), {.partitions = GetParam()});
  EXPECT_TRUE(again.pending.empty());
  EXPECT_FALSE(again.applied.empty());

  try {
    initialise(schema_.options(), {.partitions = 3});
    FAIL() << "other partitions were promised";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::refused);
  }
}

TEST_P(Schema, OfANewerVersionIsRefusedAndLeftAlone) {
  schema_.ask("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (99, 'later', 'x', 0)");

  try {
    open(schema_.options());
    FAIL() << "opened";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
  }
  EXPECT_EQ(schema_.ask_one("SELECT max(version) FROM schema_migrations"), "99");
}

TEST_P(Schema, OfAnEarlierBuildIsRefusedAndSaysSo) {
  schema_.ask("UPDATE schema_migrations SET name = 'ledger', checksum = 'of another text' WHERE version = 1");

  try {
    open(schema_.options());
    FAIL() << "opened";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
    EXPECT_NE(failure.detail().find("another text"), std::string::npos) << failure.what();
  }
}

// A service's role makes no functions: an older program uses those of a newer one.
TEST_P(Schema, RoutinesAreMadeAnewByANewerProgramOnly) {
  schema_.ask("UPDATE schema_routines SET revision = revision + 1, checksum = 'of a later text'");
  const auto made = schema_.ask_one("SELECT xmin FROM pg_proc WHERE oid = 'append_1'::REGPROC");
  auto engine = engine_over(schema_.options());
  say(engine, AgentId{"frank"}, "s", "word");
  EXPECT_EQ(schema_.ask_one("SELECT xmin FROM pg_proc WHERE oid = 'append_1'::REGPROC"), made) << "left as they are";

  schema_.ask("DELETE FROM schema_routines");
  auto strict = schema_.options();
  strict.migrate = Migrate::require_current;
  EXPECT_THROW(open(strict), StoreFailure);
  migrate(schema_.options());
  EXPECT_NE(schema_.ask_one("SELECT xmin FROM pg_proc WHERE oid = 'append_1'::REGPROC"), made) << "made anew";
  say(engine, AgentId{"frank"}, "t", "word");
  EXPECT_TRUE(engine.verify({.agent = AgentId{"frank"}}).ok);
}

INSTANTIATE_TEST_SUITE_P(Partitions, Schema, testing::Values(0, 16),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

}  // namespace claimledger::postgres::test
