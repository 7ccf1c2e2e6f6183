#include <gtest/gtest.h>

#include <memory>

#include "claimledger/conformance/examples.hpp"
#include "own_schema.hpp"

// What is left of erased content in the files of a database. The name of its line is no content.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};
const EmbeddingModel model{"wide", 64, "1"};
constexpr std::size_t statements = 600;  // more than a page of each index

bool to_go(std::size_t i) { return i % 3 != 0; }

// Half of its bytes are those of a text, which it can be found by.
std::vector<float> vector_of(std::size_t i) {
  std::vector<float> vector(model.dimensions, 1.0F);
  vector[i % model.dimensions] = static_cast<float>(2 + i);
  return vector;
}

// A database of its own: VACUUM leaves what others in the same database may still look at.
class Files {
 public:
  Files() {
    drop();
    tests::ask(tests::shared_server(), "CREATE DATABASE " + name_ + " TEMPLATE template0");
    auto engine = engine_over(options());
    IngestRequest request{.agent = alice, .statements = {}, .model = model};
    for (std::size_t i = 0; i < statements; ++i) {
      const auto word = (to_go(i) ? "gone" : "kept") + std::to_string(i * 7919 % 1'000);
      request.statements.push_back({.subject = std::to_string(i), .predicate = "says", .value = word + " is said"});
      request.statements.back().source = word + " says";
      request.statements.back().vector = vector_of(i);
    }
    engine.ingest(request);
  }
  ~Files() { drop(); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  void erase() const {
    const auto store = open(options());
    std::vector<StoredEntry> tombstones;
    for (std::size_t i = 0; i < statements; ++i)
      if (to_go(i)) tombstones.push_back(conformance::content_erased(Position{i + 1}));
    const auto head = store->head(alice, {});
    const auto later =
        TxTime{store->batches(alice, {}, 1, {}).front().header.recorded_at.value + std::chrono::hours{1}};
    append_one(*store, conformance::commit_after(head, alice, conformance::ExampleIds(1).batch(), later, tombstones));
  }

  // Until nothing has these bytes any more.
  void write_anew(const std::string& bytea) const {
    vacuum_until([&] { on_each_table("VACUUM (FULL, ANALYZE)"); }, [&] { return with(bytea).empty(); });
  }
  // On each table, a message of its own for each: VACUUM takes no transaction.
  void on_each_table(const std::string& command) const {
    for (const auto& table : ask("SELECT format('%I.%I', CURRENT_SCHEMA, relname) FROM pg_class WHERE relkind = "
                                 "'r' AND relnamespace = quote_ident(CURRENT_SCHEMA)::REGNAMESPACE"))
      tests::ask(options().connection, command + " " + table);
  }

  // The files of tables, indexes and what lies out of line that have these bytes.
  std::vector<std::string> with(const std::string& bytea) const {
    ask("CHECKPOINT");
    return ask(
        "WITH ours AS (SELECT oid, reltoastrelid FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        "quote_ident(CURRENT_SCHEMA)::REGNAMESPACE), tables AS (SELECT oid FROM ours UNION SELECT reltoastrelid FROM "
        "ours WHERE "
        "reltoastrelid <> 0), files AS (SELECT oid FROM tables UNION SELECT indexrelid FROM pg_index JOIN tables ON "
        "indrelid = tables.oid) SELECT oid::REGCLASS FROM files WHERE position(" +
        bytea + " IN pg_read_binary_file(pg_relation_filepath(oid))) > 0 ORDER BY 1");
  }
  std::size_t statistics_with(const std::string& text) const {
    return std::stoul(
        ask_one("SELECT COUNT(*) FROM pg_stats WHERE schemaname = CURRENT_SCHEMA AND (most_common_vals::TEXT LIKE '%" +
                text + "%' OR histogram_bounds::TEXT LIKE '%" + text + "%')"));
  }
  // Of the vector of the first that goes.
  std::string bytes_of_vector() const {
    return "'\\x" + ask_one("SELECT encode(substring(vector FOR 40), 'hex') FROM embedding WHERE stream_seq = 2") + "'";
  }

 private:
  Options options() const { return {.connection = tests::shared_server() + " dbname=" + name_}; }
  std::vector<std::string> ask(const std::string& sql) const {
    return tests::ask(options().connection, "SET search_path = claimledger; " + sql);
  }
  std::string ask_one(const std::string& sql) const { return ask(sql).at(0); }
  void drop() const { tests::ask(tests::shared_server(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }

  std::string name_ = "erasure_" + std::to_string(getpid());
};

}  // namespace

// VACUUM alone takes away the rows, and leaves their bytes in the room that they had, and words in the inner pages of
// an index.
TEST(ErasedBytes, AreGoneOnceTheTablesAreWrittenAnew) {
  const Files files;
  files.on_each_table("ANALYZE");
  const auto vector = files.bytes_of_vector();
  EXPECT_EQ(files.with("'gone'"), (std::vector<std::string>{"entry", "entry_by_text", "posting", "posting_pkey"}));
  EXPECT_EQ(files.with(vector), std::vector<std::string>{"embedding"});
  EXPECT_GT(files.statistics_with("gone"), 0U);

  files.erase();
  files.write_anew("'gone'");

  EXPECT_EQ(files.with("'gone'"), std::vector<std::string>{});
  EXPECT_EQ(files.with(vector), std::vector<std::string>{});
  EXPECT_EQ(files.statistics_with("gone"), 0U);
  EXPECT_EQ(files.with("'kept'"), (std::vector<std::string>{"entry", "entry_by_text", "posting", "posting_pkey"}));
}

}  // namespace claimledger::postgres::test
