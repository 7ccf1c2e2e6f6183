#include <filesystem>
#include <stdexcept>

#include "benchmarks/language.hpp"
#include "benchmarks/made_vectors.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "search/vector_matrix.hpp"

namespace claimledger::benchmarks {

namespace {

const AgentId agent{"searched"};
constexpr std::size_t batch = 1'000;
constexpr std::size_t answers = 10;

Engine engine_with_words(const std::string& path) {
  return Engine({.store = sqlite::open({.path = path}),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()});
}

Statement say(Language& language, std::size_t number) {
  Statement statement{.subject = "user " + std::to_string(number), .predicate = "said", .value = language.words(14)};
  statement.cardinality = Cardinality::set_valued;
  return statement;
}

// A question, by words and by where it points.
struct Question {
  std::string text;
  search::UnitVector vector;
};

// The whole of a search beside the scan of all vectors, a turn each.
Ratios ask(const char* title, const Engine& engine, const SearchRequest& how, const search::VectorMatrix& matrix,
           const std::vector<Question>& questions) {
  std::vector<double> ours, scans;
  std::size_t found = 0;
  for (const auto& question : questions) {
    auto request = how;
    request.text = question.text;
    request.vector.assign(question.vector.values().begin(), question.vector.values().end());
    request.limit = answers;
    scans.push_back(seconds([&] {
      matrix.nearest(question.vector,
                     {.most = answers, .at = matrix.position(matrix.rows() - 1), .scan = search::Scan::floats});
    }));
    ours.push_back(seconds([&] { found += engine.search(request).lines.size(); }));
  }
  if (found == 0) throw std::runtime_error("meaning: nothing was found");
  return rows_of_turns("scan of floats alone", scans, "search, " + std::string(title), ours);
}

}  // namespace

void meaning_search(const std::string& folder, const Scale& scale) {
  const auto claims = static_cast<std::size_t>(scale.rows);
  const auto dimensions = static_cast<std::size_t>(scale.dimensions);
  heading("Found by meaning in " + std::to_string(claims) + " claims of 14 words, vectors of " +
          std::to_string(dimensions) + " dimensions, on SQLite");
  const auto path = (std::filesystem::path(folder) / "meaning.db").string();
  const auto without = (std::filesystem::path(folder) / "words.db").string();
  in_child([&] {
    const EmbeddingModel model{"made", static_cast<std::uint32_t>(dimensions), "1"};
    Language language(30'000);
    MadeVectors vectors(dimensions);
    search::VectorMatrix matrix(model.dimensions);
    double with_vectors = 0, with_words = 0;
    {
      auto engine = engine_with_words(path);
      auto words = engine_with_words(without);
      Progress progress("writing", claims);
      for (std::size_t said = 0; said < claims;) {
        IngestRequest request{.agent = agent, .statements = {}};
        std::vector<search::UnitVector> points;
        for (std::size_t i = 0; i < batch && said < claims; ++i, ++said) {
          request.statements.push_back(say(language, said));
          points.push_back(vectors.about(said / about_a_centre));
          matrix.append(Position{said + 1}, points.back());
        }
        with_words += seconds([&] { words.ingest(request); });
        request.model = model;
        for (std::size_t i = 0; i < points.size(); ++i)
          request.statements[i].vector.assign(points[i].values().begin(), points[i].values().end());
        with_vectors += seconds([&] { engine.ingest(request); });
        progress.at(said);
      }
    }
    const auto each = [&](double all) { return 1e6 * all / static_cast<double>(claims); };
    row("ingest, words filed", each(with_words), "us a claim");
    row("ingest, vectors filed, too", each(with_vectors), "us a claim", with_vectors / with_words, "of that");
    row("file, words filed", database_mib(without), "MiB");
    row("file, vectors filed, too", database_mib(path), "MiB", database_mib(path) / database_mib(without), "of that");

    std::vector<Question> questions;
    for (int i = 0; i < std::max(scale.calls / 10, 2); ++i)
      questions.push_back({language.words(2 + language.below(4)), vectors.about(language.below(claims / 50 + 1))});
    const auto engine = engine_with_words(path);
    SearchRequest how{.agent = agent, .text = "any", .by = SearchBy::meaning, .model = model};
    how.vector.assign(questions[0].vector.values().begin(), questions[0].vector.values().end());
    row("the first search, which reads all vectors", 1e3 * seconds([&] { engine.search(how); }), "ms");
    const auto ratios = ask("by meaning", engine, how, matrix, questions);
    goal("search by meaning, p50, to a scan of all vectors as floats", ratios.of.p50, Goal::at_most, 0.5);
    how.by = SearchBy::blend;
    ask("by both", engine, how, matrix, questions);
    how.filter.subject_prefix = "user 7";  // one in nine
    ask("by both, of one claim in nine", engine, how, matrix, questions);
    how.filter.subject_prefix = "user 77";  // one in a hundred
    ask("by both, of one claim in a hundred", engine, how, matrix, questions);
    how.filter = {.subject = "user 77"};
    ask("by both, of one subject", engine, how, matrix, questions);
  });
  for (const auto& each : {path, without}) remove_database(each);
}

}  // namespace claimledger::benchmarks
