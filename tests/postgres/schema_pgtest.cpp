#include <gtest/gtest.h>

#include "own_schema.hpp"

// What the database itself keeps, whoever connects: keys, guards, partitions.
namespace claimledger::postgres::test {

namespace {

const std::vector<std::string> ledger_tables = {"agent",   "batch", "line",        "claim",  "entry",
                                                "content", "edge",  "idempotency", "served", "erased"};

class Schema : public testing::TestWithParam<std::size_t> {
 protected:
  Schema() {
    initialise(schema_.options(), {.partitions = GetParam()});
    auto engine = engine_over(schema_.options());
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

  // Every table with rows of a ledger: those named, or their partitions.
  std::vector<std::string> tables() const {
    auto all = ledger_tables;
    const auto partitions = schema_.ask(R"(
        SELECT inhrelid::REGCLASS::TEXT
          FROM pg_inherits AS i
          JOIN pg_class AS c ON c.oid = i.inhparent
         WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND c.relkind = 'p')");
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
           AND c.relname <> 'schema_migrations' AND )" +
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

TEST_P(Schema, NoTableIsLeftUnguarded) {
  const auto unguarded = schema_.ask(R"(
      SELECT c.relname
        FROM pg_class AS c
       WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND c.relkind IN ('r', 'p')
         AND c.relname NOT IN ('schema_migrations', 'tenant')
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                  AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)
                  AND EXISTS (SELECT FROM pg_trigger AS t
                               WHERE t.tgrelid = c.oid AND t.tgname LIKE '%truncate')))");
  EXPECT_EQ(unguarded, std::vector<std::string>{});
}

TEST_P(Schema, HoldsALedgerLikeAnyOther) {
  auto engine = engine_over(schema_.options());

  EXPECT_EQ(engine.agents({}).items.size(), 4U);
  for (const auto& agent : engine.agents({}).items) {
    const auto verification = engine.verify(agent);
    EXPECT_TRUE(verification.ok) << verification.problem;
    EXPECT_EQ(verification.entries, 3U);
  }
  EXPECT_EQ(schema_.ask_one("SELECT count(*) FROM pg_inherits AS i WHERE i.inhparent = 'entry'::REGCLASS"),
            std::to_string(GetParam()));
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

INSTANTIATE_TEST_SUITE_P(Partitions, Schema, testing::Values(0, 16),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

}  // namespace claimledger::postgres::test
