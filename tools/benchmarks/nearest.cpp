#include <memory>
#include <stdexcept>
#include <utility>

#include "benchmarks/language.hpp"
#include "benchmarks/made_vectors.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/ports/embedder.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "wiring/open_store.hpp"

// The search by meaning of a process that asks once: vectors read from Postgres, and compared there by pgvector.
namespace claimledger::benchmarks {

namespace {

const AgentId agent{"searched"};
constexpr std::size_t batch = 1'000;

// Brings no vector: all come with their statements.
class NoEmbedder : public Embedder {
 public:
  explicit NoEmbedder(EmbeddingModel model) : model_(std::move(model)) {}
  const EmbeddingModel& model() const override { return model_; }
  std::vector<std::vector<float>> embed(std::span<const std::string>, EmbeddedText, const Call&) override {
    throw std::runtime_error("nearest: a statement has no vector");
  }

 private:
  EmbeddingModel model_;
};

// As a process begins: nothing is kept yet.
Engine engine_over(const Rival& at, const std::string& pgvector, std::shared_ptr<Embedder> embedder = nullptr) {
  wiring::PostgresSettings settings;
  settings.schema = at.schema;
  settings.pgvector = pgvector;
  return Engine({.store = wiring::open_store("postgres:" + at.connection, wiring::Opening::make, nullptr, settings),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>(),
                 .embedder = std::move(embedder)},
                {.index_words = true, .embed_writes = false});
}

IngestRequest some(const EmbeddingModel& model, Language& language, MadeVectors& vectors, std::size_t said,
                   std::size_t count) {
  IngestRequest request{.agent = agent, .statements = {}, .model = model};
  for (const auto end = said + count; said < end; ++said) {
    Statement statement{.subject = "user " + std::to_string(said), .predicate = "said", .value = language.words(14)};
    const auto vector = vectors.about(said / about_a_centre);
    statement.vector.assign(vector.values().begin(), vector.values().end());
    request.statements.push_back(std::move(statement));
  }
  return request;
}

void first_searches(const char* title, const Rival& at, SearchBy by, const EmbeddingModel& model, std::size_t claims,
                    int turns) {
  Language language(30'000);
  MadeVectors vectors(model.dimensions);
  std::vector<double> read, compared;
  for (int turn = 0; turn < turns; ++turn) {
    SearchRequest request{.agent = agent, .text = language.words(3), .by = by, .model = model};
    const auto vector = vectors.about(static_cast<std::size_t>(turn * 7) % (claims / about_a_centre + 1));
    request.vector.assign(vector.values().begin(), vector.values().end());
    const auto first = [&](const std::string& pgvector) {
      const auto engine = engine_over(at, pgvector);
      return seconds([&] {
        if (engine.search(request).lines.empty()) throw std::runtime_error("nearest: nothing was found");
      });
    };
    read.push_back(first("never"));
    compared.push_back(first("automatic"));
  }
  rows_of_turns("vectors read", read, std::string("pgvector, ") + title, compared);
}

}  // namespace

void nearest(const Rival& at, const Scale& scale) {
  const auto claims = static_cast<std::size_t>(scale.rows);
  const EmbeddingModel model{"made", static_cast<std::uint32_t>(scale.dimensions), "1"};
  heading("The first search of a process in " + std::to_string(claims) + " claims, vectors of " +
          std::to_string(model.dimensions) + " dimensions");
  auto engine = engine_over(at, "automatic", std::make_shared<NoEmbedder>(model));
  Language language(30'000);
  MadeVectors vectors(model.dimensions);
  double unready = 0, ready = 0;
  {
    Progress progress("writing", claims);
    for (std::size_t said = 0; said < claims; said += batch) {
      const auto request = some(model, language, vectors, said, std::min(batch, claims - said));
      unready += seconds([&] { engine.ingest(request); });
      progress.at(said);
    }
  }
  row("ingest, words and vectors filed", 1e6 * unready / static_cast<double>(claims), "us a claim");
  const auto embedding = seconds([&] { engine.embed({.agent = agent}); });
  row("embed, which makes them ready", 1e6 * embedding / static_cast<double>(claims), "us a claim");
  const auto one_more = some(model, language, vectors, claims, batch);
  ready = seconds([&] { engine.ingest(one_more); });
  row("ingest, ready at once", 1e6 * ready / batch, "us a claim", ready * static_cast<double>(claims) / unready / batch,
      "of that before");
  const auto status = engine.status({.agent = agent});
  const auto& comparing = status.models.at(0).comparing;
  if (!comparing || !comparing->in_store) {
    std::printf("  %s\n", comparing ? comparing->detail.c_str() : "");
    return;
  }
  const auto turns = std::max(scale.calls / 40, 2);
  first_searches("by meaning", at, SearchBy::meaning, model, claims, turns);
  first_searches("by both", at, SearchBy::blend, model, claims, turns);
}

}  // namespace claimledger::benchmarks
