#include "adapters/sqlite/support.hpp"
#include "claimledger/migrations/migration.hpp"
#include "claimledger/ports/vectors.hpp"

// Every version a database can be at is brought to exactly the schema of a fresh one.
namespace claimledger::sqlite::test {

namespace {

std::vector<std::string> schema(const std::string& path) {
  return Raw(path).rows(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name");
}

// A database as the program of that version left it.
void make(const std::string& path, std::size_t version) {
  Raw raw(path);
  raw.run("PRAGMA application_id = 1129072466");
  raw.run(
      "CREATE TABLE schema_migrations (\n  version    INTEGER PRIMARY KEY,\n  name       TEXT    NOT NULL,\n"
      "  checksum   TEXT    NOT NULL,\n  applied_at INTEGER NOT NULL\n) STRICT");
  for (const auto& migration : migrations::sqlite().first(version)) {
    raw.run(std::string(migration.sql));
    raw.run("INSERT INTO schema_migrations VALUES (" + std::to_string(migration.version) + ", '" +
            std::string(migration.name) + "', '" + migrations::checksum(migration.sql) + "', 0)");
  }
  raw.run("PRAGMA journal_mode = WAL");
}

}  // namespace

TEST(Upgrade, EveryVersionBecomesTheFreshSchema) {
  const Folder folder;
  open({.path = folder / "fresh.db"});
  const auto fresh = schema(folder / "fresh.db");
  ASSERT_GT(fresh.size(), 20U);

  for (std::size_t version = 0; version <= migrations::sqlite().size(); ++version) {
    SCOPED_TRACE(version);
    const auto path = folder / ("old" + std::to_string(version) + ".db");
    make(path, version);

    write(*open({.path = path}), alice, one_of_each(1));

    EXPECT_EQ(schema(path), fresh);
    EXPECT_TRUE(pending_migrations(path).pending.empty());
  }
}

// What the first program wrote stays, and gets vectors.
TEST(Upgrade, ALedgerOfTheVersionBeforeVectorsGetsThem) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const EmbeddingModel model{"small", 1, "weights 1"};
  write(*open({.path = path}), alice, one_of_each(1));
  Raw(path).run("DROP TABLE model; DROP TABLE embedding; DELETE FROM schema_migrations WHERE version = 3");
  EXPECT_EQ(pending_migrations(path).pending, std::vector<std::string>{"0003_vectors"});

  const auto store = open({.path = path});

  EXPECT_EQ(store->head(alice, unlimited).position, Position{4});
  EXPECT_EQ(standing(*store, alice, model), "none");
  const std::vector<NewVector> first = {{{1}, "ashe"}};
  EXPECT_TRUE(store->vectors()->file_vectors(alice, model, {}, {4}, first, unlimited));
  const auto entry = with_vector(with_content(claim_entry(50), "content"), "elms");
  EXPECT_EQ(append(*store, made_by(commit_after(store->head(alice, unlimited), alice, {entry}), model)), Outcome{});
  EXPECT_EQ(standing(*store, alice, model), "up to 5, 2 filed, 0 erased");
  EXPECT_EQ(vectors(*store, alice, model), (std::vector<std::string>{"1 1 ashe", "2 5 elms"}));
}

}  // namespace claimledger::sqlite::test
