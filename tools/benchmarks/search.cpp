#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "benchmarks/database.hpp"
#include "benchmarks/language.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/recorded_rows.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

const AgentId agent{"searched"};
constexpr std::size_t batch = 1'000;
constexpr std::size_t answers = 10;

// Each has one claim of a hundred.
std::string some_predicate(Language& language) { return "topic " + std::to_string(language.below(100)); }

Statement say(Language& language, std::size_t number, std::size_t subjects) {
  Statement statement{.subject = "user " + std::to_string(number % subjects),
                      .predicate = some_predicate(language),
                      .value = language.words(14)};
  statement.cardinality = Cardinality::set_valued;
  statement.source = "chat " + std::to_string(number / 50);
  return statement;
}

// The rival: SQLite's own index of full text with its bm25, over the same fields. It gives numbers of rows, where ours
// gives lines of the ledger with their beliefs.
class FullText {
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

  void add(const std::vector<Statement>& statements) {
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

  // `only`: a subject or a predicate.
  std::size_t find(const std::string& words, const std::string& only) {
    auto* statement = only.empty() ? find_.get() : of_some_.get();
    std::string any;
    for (std::size_t begin = 0; begin < words.size();) {
      const auto end = std::min(words.find(' ', begin), words.size());
      any += (any.empty() ? "\"" : " OR \"") + words.substr(begin, end - begin) + "\"";
      begin = end + 1;
    }
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

// What of the ledger a question is about: all, a subject or a predicate.
enum class About { all, subject, predicate };

// Ours and the rival's time for each question, a turn each.
void ask(const char* title, const Engine& engine, FullText& rival, const std::vector<std::string>& questions,
         About about, const std::vector<std::string>& of) {
  std::vector<double> ours, theirs;
  std::size_t found = 0;
  std::size_t found_there = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    SearchRequest request{.agent = agent, .text = questions[i]};
    request.limit = answers;
    const auto only = about == About::all ? "" : of[i];
    if (about == About::subject) request.filter.subject = only;
    if (about == About::predicate) request.filter.predicate = only;
    const auto we = [&] { ours.push_back(seconds([&] { found += engine.search(request).lines.size(); })); };
    const auto they = [&] { theirs.push_back(seconds([&] { found_there += rival.find(questions[i], only); })); };
    if (i % 2 == 0) we(), they();
    if (i % 2 == 1) they(), we();
  }
  if (found == 0 || found_there == 0) throw std::runtime_error("search: nothing was found");
  rows_of_turns("fts5, bm25, " + std::string(title), theirs, "search, " + std::string(title), ours);
}

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
    const auto subjects = std::max<std::size_t>(claims / 20, 1);
    FullText rival(beside);
    double with_words = 0, no_words = 0, rivals = 0, hand = 0;
    {
      auto engine = engine_on_file(path, {});
      auto plain = engine_on_file(without);
      Recorder recorder(recorded, {});
      HandWritten floor(by_hand);
      Progress progress("writing", claims);
      for (std::size_t said = 0; said < claims;) {
        std::vector<Statement> statements;
        for (std::size_t i = 0; i < batch && said < claims; ++i) statements.push_back(say(language, said++, subjects));
        rivals += seconds([&] { rival.add(statements); });
        IngestRequest request{.agent = agent, .statements = std::move(statements)};
        no_words += seconds([&] { plain.ingest(request); });
        with_words += seconds([&] { engine.ingest(request); });
        recorder.engine().ingest(request);
        const auto rows = recorder.rows();
        hand += seconds([&] { floor.write(rows); });
        progress.at(said);
      }
    }
    const auto each = [&](double all) { return 1e6 * all / static_cast<double>(claims); };
    row("ingest, no words filed", each(no_words), "us a claim");
    row("ingest, words filed", each(with_words), "us a claim", with_words / no_words, "of that");
    row("… those rows by hand", each(hand), "us a claim", hand / with_words, "of that");
    row("insert into fts5", each(rivals), "us a row");
    row("file, no words filed", database_mib(without), "MiB");
    row("file, words filed", database_mib(path), "MiB", database_mib(path) / database_mib(without), "of that");
    row("file of fts5", database_mib(beside), "MiB");
    std::vector<std::string> questions, subject, predicate;
    for (int i = 0; i < scale.calls; ++i) {
      questions.push_back(language.words(2 + language.below(4)));
      subject.push_back("user " + std::to_string(language.below(subjects)));
      predicate.push_back(some_predicate(language));
    }
    if (row_counts(by_hand) != row_counts(path))
      throw std::runtime_error("by hand were written " + row_counts(by_hand) + "not " + row_counts(path));
    const auto engine = engine_on_file(path, {});
    ask("any of 2 to 5 words", engine, rival, questions, About::all, {});
    ask("… of one subject", engine, rival, questions, About::subject, subject);
    ask("… of one claim in 100", engine, rival, questions, About::predicate, predicate);
  });
  for (const auto& each : {path, without, beside, recorded, by_hand}) remove_database(each);
}

}  // namespace claimledger::benchmarks
