#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "benchmarks/database.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/recorded_rows.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/words.hpp"

namespace claimledger::benchmarks {

namespace {

// SQLite's own index of full text with its bm25, over the same fields.
class FullText : public WordIndex {
 public:
  explicit FullText(const std::string& path) {
    std::ofstream(path).flush();  // an empty file is an empty database
    database_ = open_database(path);
    execute(database_.get(), "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
    execute(database_.get(),
            "CREATE VIRTUAL TABLE said USING fts5 (subject, predicate, value, source, tokenize = 'porter unicode61')");
    add_ = prepare(database_.get(), "INSERT INTO said VALUES (?1, ?2, ?3, ?4)");
    find_ = prepare(database_.get(), "SELECT rowid FROM said WHERE said MATCH ?1 ORDER BY rank LIMIT ?2");
    of_some_ = prepare(database_.get(),
                       "SELECT rowid FROM said WHERE said MATCH ?1 AND (subject = ?3 OR predicate = ?3) "
                       "ORDER BY rank LIMIT ?2");
  }

  void add(const std::vector<Statement>& statements) override {
    execute(database_.get(), "BEGIN IMMEDIATE");
    for (const auto& each : statements) {
      bind(add_.get(), 1, each.subject);
      bind(add_.get(), 2, each.predicate);
      bind(add_.get(), 3, each.value.text());
      bind(add_.get(), 4, *each.source);
      run(database_.get(), add_.get());
    }
    execute(database_.get(), "COMMIT");
  }

  std::size_t find(const std::vector<std::string>& words, const std::string& only) override {
    auto* statement = only.empty() ? find_.get() : of_some_.get();
    std::string any;
    for (const auto& word : words) any += (any.empty() ? "\"" : " OR \"") + word + "\"";
    bind(statement, 1, any);
    check(sqlite3_bind_int64(statement, 2, static_cast<std::int64_t>(answers)), database_.get());
    if (!only.empty()) bind(statement, 3, only);
    std::size_t found = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) ++found;
    check(sqlite3_reset(statement), database_.get());
    return found;
  }

 private:
  void bind(sqlite3_stmt* statement, int place, const std::string& text) {
    check(sqlite3_bind_text(statement, place, text.c_str(), -1, SQLITE_TRANSIENT), database_.get());
  }

  Database database_;
  Prepared add_, find_, of_some_;
};

}  // namespace

void text_search(const std::string& folder, const Scale& scale) {
  const auto claims = static_cast<std::size_t>(scale.claims);
  heading("Found by words in " + std::to_string(scale.claims) + " claims of 14 words, on SQLite, beside its FTS5");
  const auto path = (std::filesystem::path(folder) / "words.db").string();
  const auto without = (std::filesystem::path(folder) / "without.db").string();
  const auto beside = (std::filesystem::path(folder) / "fts5.db").string();
  const auto recorded = (std::filesystem::path(folder) / "recorded.db").string();
  const auto by_hand = (std::filesystem::path(folder) / "by_hand.db").string();
  in_child([&] {
    Language language(30'000);
    FullText rival(beside);
    double with_words = 0, no_words = 0, rivals = 0, hand = 0;
    {
      auto engine = engine_on_file(path, {});
      auto plain = engine_on_file(without);
      Recorder recorder(recorded, {});
      HandWritten floor(by_hand);
      write_in_batches(claims, language, [&](const std::vector<Statement>& statements) {
        const IngestRequest request{.agent = searched_agent, .statements = statements};
        rivals += seconds([&] { rival.add(statements); });
        no_words += seconds([&] { plain.ingest(request); });
        with_words += seconds([&] { engine.ingest(request); });
        recorder.engine().ingest(request);
        const auto rows = recorder.rows();
        hand += seconds([&] { floor.write(rows); });
      });
    }
    const auto each = [&](double all) { return 1e6 * all / static_cast<double>(claims); };
    row("ingest, no words filed", each(no_words), "us a claim");
    row("ingest, words filed", each(with_words), "us a claim", with_words / no_words, "of that");
    row("… those rows by hand", each(hand), "us a claim", hand / with_words, "of that");
    goal("ingest with words, to the same rows by hand", hand / with_words, Goal::at_least, 0.8);
    goal("ingest with words, to ingest without", no_words / with_words, Goal::at_least, 0.6);
    row("insert into fts5", each(rivals), "us a row");
    row("file, no words filed", database_mib(without), "MiB");
    row("file, words filed", database_mib(path), "MiB", database_mib(path) / database_mib(without), "of that");
    row("file of fts5", database_mib(beside), "MiB");
    if (row_counts(by_hand) != row_counts(path))
      throw std::runtime_error("by hand were written " + row_counts(by_hand) + "not " + row_counts(path));
    const auto engine = engine_on_file(path, {});
    ask_all("fts5, bm25", engine, rival, language, scale);
  });
  for (const auto& each : {path, without, beside, recorded, by_hand}) remove_database(each);
}

}  // namespace claimledger::benchmarks
