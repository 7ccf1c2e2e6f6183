#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/migrations/migration.hpp"
#include "own_schema.hpp"

// A ledger of an earlier version is brought to exactly the schema of a fresh one, with its partitions, its tenancy and
// whoever may read it.
namespace claimledger::postgres::test {

namespace {

struct Kind {
  std::size_t partitions;
  Tenancy tenancy;
};

class Upgrade : public testing::TestWithParam<Kind> {
 protected:
  Upgrade() {
    drop_roles();
    for (const auto& role : {writer_, reader_}) tests::ask(tests::shared_server(), "CREATE ROLE " + role);
  }
  ~Upgrade() override { drop_roles(); }

  // As a program that knew so many migrations left it.
  void make_old(const OwnSchema& schema, std::size_t version) const {
    std::string sql = "CREATE SCHEMA \"" + schema.name() +
                      "\"; SET claimledger.partitions = " + std::to_string(GetParam().partitions) +
                      "; CREATE TABLE schema_migrations (version INTEGER NOT NULL, name TEXT COLLATE \"C\" NOT NULL, "
                      "checksum TEXT COLLATE \"C\" NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (version)); "
                      "CREATE TABLE schema_routines (revision INTEGER NOT NULL, checksum TEXT COLLATE \"C\" NOT NULL, "
                      "applied_at BIGINT NOT NULL, PRIMARY KEY (revision)); ";
    schema.ask(sql);
    sql = "SET claimledger.partitions = " + std::to_string(GetParam().partitions) + "; SET search_path = \"" +
          schema.name() + "\", pg_temp; ";
    for (const auto& migration : migrations::postgres().first(version)) {
      sql += std::string(migration.sql) + "; INSERT INTO schema_migrations VALUES (" +
             std::to_string(migration.version) + ", '" + std::string(migration.name) + "', '" +
             migrations::checksum(migration.sql) + "', 0); ";
    }
    schema.ask(sql);
  }
  void settle(const OwnSchema& schema) const {
    schema.ask("SELECT enforce_tenancy(" + std::string(GetParam().tenancy == Tenancy::enforced ? "true" : "false") +
               "); SELECT grant_roles('" + writer_ + "', '" + reader_ + "')");
  }

  // All that a schema is made of but who may call its routines.
  static std::vector<std::string> describe(const OwnSchema& schema) {
    return schema.ask(R"(
        WITH c AS (SELECT * FROM pg_class WHERE relnamespace = quote_ident(current_schema())::REGNAMESPACE)
        SELECT replace(t.line, quote_ident(current_schema()), 'the schema')
          FROM (SELECT format('%s %s: %s %s %s of %s, to %s', c.relkind, c.relname, c.relrowsecurity,
                              c.relforcerowsecurity, pg_get_expr(c.relpartbound, c.oid), c.relpartbound IS NOT NULL,
                              ARRAY(SELECT a::TEXT FROM unnest(c.relacl) AS a ORDER BY 1)) AS line
                  FROM c
                 UNION ALL
                SELECT format('%s has %s: %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                              a.attnotnull, a.attcollation::REGCOLLATION)
                  FROM c JOIN pg_attribute AS a ON a.attrelid = c.oid
                 WHERE a.attnum > 0
                 UNION ALL
                SELECT format('%s: %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
                  FROM c JOIN pg_constraint AS k ON k.conrelid = c.oid
                 UNION ALL
                SELECT pg_get_indexdef(i.indexrelid) FROM c JOIN pg_index AS i ON i.indrelid = c.oid
                 UNION ALL
                SELECT pg_get_triggerdef(t.oid) FROM c JOIN pg_trigger AS t ON t.tgrelid = c.oid
                 UNION ALL
                SELECT format('%s: %s %s %s %s', c.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, c.oid),
                              pg_get_expr(p.polwithcheck, c.oid))
                  FROM c JOIN pg_policy AS p ON p.polrelid = c.oid
                 UNION ALL
                SELECT format('%s %s %s %s', p.oid::REGPROCEDURE, p.prosecdef, array_to_string(p.proconfig, ' '),
                              p.prosrc)
                  FROM pg_proc AS p
                 WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE) AS t
         ORDER BY 1)");
  }
  static std::vector<std::string> without(std::vector<std::string> lines, const std::vector<std::string>& others) {
    std::erase_if(lines, [&](const auto& line) { return std::ranges::find(others, line) != others.end(); });
    return lines;
  }

 private:
  void drop_roles() const {
    for (const auto& role : {writer_, reader_}) {
      if (tests::ask_one(tests::shared_server(), "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'").empty()) {
        continue;
      }
      tests::ask(tests::shared_server(), "SET client_min_messages = error; DROP OWNED BY " + role + " CASCADE");
      tests::ask(tests::shared_server(), "DROP ROLE " + role);
    }
  }

  std::string writer_ = "cl_upgrade_writer_" + std::to_string(getpid());
  std::string reader_ = "cl_upgrade_reader_" + std::to_string(getpid());
};

}  // namespace

TEST_P(Upgrade, LeavesTheSchemaOfAFreshLedger) {
  constexpr std::size_t before_terms = 3;
  const OwnSchema fresh("upgrade fresh");
  initialise(fresh.options(), {.partitions = GetParam().partitions});
  settle(fresh);
  const auto wanted = describe(fresh);
  EXPECT_GT(wanted.size(), 100U);
  for (auto version = before_terms; version < migrations::postgres().size(); ++version) {
    SCOPED_TRACE(version);
    const OwnSchema old("upgrade old");
    make_old(old, version);
    settle(old);

    migrate(old.options());

    const auto got = describe(old);
    EXPECT_EQ(without(got, wanted), std::vector<std::string>{});
    EXPECT_EQ(without(wanted, got), std::vector<std::string>{});
    EXPECT_EQ(old.ask_one("SELECT read_guards_1()"), "");
  }
}

// As the superuser, whom no wall holds.
TEST_P(Upgrade, OfALedgerBeforeVectorsTakesThem) {
  constexpr std::size_t before_vectors = 4;
  const OwnSchema old("upgrade to vectors");
  make_old(old, before_vectors);
  settle(old);
  migrate(old.options());
  const AgentId alice{"alice"};
  const EmbeddingModel model{"small", 2, "weights 1"};
  auto engine = engine_over(old.options());
  claimledger::Statement statement{.subject = "ada", .predicate = "city", .value = "Berlin", .source = "a test"};
  statement.vector = {0.6F, 0.8F};

  engine.ingest({.agent = alice, .statements = {statement}, .model = model});

  EXPECT_EQ(old.ask("SELECT up_to FROM model"), std::vector<std::string>{"1"});
  EXPECT_TRUE(engine.verify({.agent = alice}).ok) << engine.verify({.agent = alice}).problem;
  old.ask("TRUNCATE embedding");
  EXPECT_EQ(old.ask_one("SELECT COUNT(*) FROM model"), "0");
}

INSTANTIATE_TEST_SUITE_P(Postgres, Upgrade,
                         testing::Values(Kind{0, Tenancy::scoped}, Kind{0, Tenancy::enforced}, Kind{4, Tenancy::scoped},
                                         Kind{4, Tenancy::enforced}),
                         [](const auto& each) {
                           return std::string(each.param.tenancy == Tenancy::scoped ? "scoped" : "enforced") + "_of_" +
                                  std::to_string(each.param.partitions);
                         });

}  // namespace claimledger::postgres::test
