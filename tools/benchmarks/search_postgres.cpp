#include <memory>
#include <pqxx/pqxx>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/words.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "wiring/open_store.hpp"

namespace claimledger::benchmarks {

namespace {

// Postgres's own search of text with its ts_rank, over the same fields.
class TextSearch : public WordIndex {
 public:
  TextSearch(const Rival& at) : connection_(at.connection), table_(connection_.quote_name(at.schema) + ".said") {
    pqxx::work work(connection_);
    work.exec("CREATE TABLE " + table_ +
              " (subject text, predicate text, value text, source text, words tsvector GENERATED ALWAYS AS "
              "(to_tsvector('english', subject || ' ' || predicate || ' ' || value || ' ' || source)) STORED)");
    work.exec("CREATE INDEX ON " + table_ + " USING gin (words)");
    work.exec("CREATE INDEX ON " + table_ + " (subject)");
    work.exec("CREATE INDEX ON " + table_ + " (predicate)");
    work.commit();
    const auto best = [&](const char* only) {
      return "SELECT ctid FROM " + table_ + ", to_tsquery('english', $1) question WHERE words @@ question" + only +
             " ORDER BY ts_rank(words, question) DESC LIMIT " + std::to_string(answers);
    };
    connection_.prepare("find", best(""));
    connection_.prepare("of_some", best(" AND (subject = $2 OR predicate = $2)"));
  }

  void add(const std::vector<Statement>& statements) override {
    pqxx::work work(connection_);
    pqxx::stream_to rows(work, table_, std::vector<std::string>{"subject", "predicate", "value", "source"});
    for (const auto& each : statements)
      rows << std::make_tuple(each.subject, each.predicate, each.value.text(), *each.source);
    rows.complete();
    work.commit();
  }

  std::size_t find(const std::vector<std::string>& words, const std::string& only) override {
    std::string any;
    for (const auto& word : words) any += (any.empty() ? "" : " | ") + word;
    pqxx::nontransaction work(connection_);
    return only.empty() ? work.exec_prepared("find", any).size() : work.exec_prepared("of_some", any, only).size();
  }

 private:
  pqxx::connection connection_;
  std::string table_;
};

// Statistics, and indexes without a part that is still to be merged, for both.
void put_in_order(const Rival& at) {
  pqxx::connection connection(at.connection);
  pqxx::nontransaction(connection).exec("VACUUM ANALYZE");
}

Engine engine_over(const Rival& at, bool index_words) {
  wiring::PostgresSettings settings;
  settings.schema = at.schema;
  return Engine({.store = wiring::open_store("postgres:" + at.connection, wiring::Opening::make, nullptr, settings),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()},
                {.index_words = index_words});
}

}  // namespace

void text_search_on_postgres(const Rival& at, const Scale& scale) {
  const auto claims = static_cast<std::size_t>(scale.claims);
  heading("Found by words in " + std::to_string(scale.claims) + " claims of 14 words, on Postgres, beside its ts_rank");
  auto engine = engine_over(at, true);
  auto plain = engine_over(at, false);
  TextSearch rival(at);
  Language language(30'000);
  double with_words = 0, no_words = 0, rivals = 0;
  write_in_batches(claims, language, [&](const std::vector<Statement>& statements) {
    rivals += seconds([&] { rival.add(statements); });
    no_words += seconds([&] { plain.ingest({.agent = AgentId{"without"}, .statements = statements}); });
    with_words += seconds([&] { engine.ingest({.agent = searched_agent, .statements = statements}); });
  });
  const auto each = [&](double all) { return 1e6 * all / static_cast<double>(claims); };
  row("ingest, no words filed", each(no_words), "us a claim");
  row("ingest, words filed", each(with_words), "us a claim", with_words / no_words, "of that");
  row("copy to a table with tsvector", each(rivals), "us a row");
  put_in_order(at);
  ask_all("ts_rank", engine, rival, language, scale);
}

}  // namespace claimledger::benchmarks
