#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/ports/embedder.hpp"
#include "claimledger/ports/vectors.hpp"
#include "own_schema.hpp"
#include "searching.hpp"

// Ledgers with vectors that are told alike to a database with pgvector and to memory, which is the model.
namespace claimledger::postgres::test {

// Each word points somewhere among the dimensions, each text a little elsewhere.
class SprayedEmbedder : public Embedder {
 public:
  explicit SprayedEmbedder(const std::string& name, std::uint32_t dimensions = 48) : model_{name, dimensions, "1"} {}

  const EmbeddingModel& model() const override { return model_; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText, const Call&) override {
    std::vector<std::vector<float>> vectors;
    for (const auto& text : texts) {
      auto vector = anywhere(text, 0.3F);
      for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(' ', begin), text.size());
        const auto word = anywhere(text.substr(begin, end - begin), 1);
        for (std::size_t i = 0; i < vector.size(); ++i) vector[i] += word[i];
        begin = end + 1;
      }
      vectors.push_back(std::move(vector));
    }
    return vectors;
  }

 private:
  std::vector<float> anywhere(const std::string& text, float length) const {
    std::mt19937_64 random(std::hash<std::string>{}(model_.name + text));
    std::vector<float> vector(model_.dimensions);
    for (auto& number : vector) number = length * (static_cast<float>(random() % 2'000) / 1'000 - 0.999F);
    return vector;
  }

  EmbeddingModel model_;
};

// A ledger told to a store: by one clock and one row of ids, whatever store it is.
class Told {
 public:
  Told(std::shared_ptr<Store> store, std::uint64_t seed)
      : store_(std::move(store)), ids_(std::make_shared<conformance::SeededIds>(seed)), life_(seed), erasing_(seed) {}

  Engine engine(std::shared_ptr<Embedder> embedder, const Config& config = {}) const {
    return Engine({.store = std::make_unique<conformance::ForwardingStore>(store_),
                   .clock = clock,
                   .ids = ids_,
                   .embedder = std::move(embedder)},
                  config);
  }
  void live(std::shared_ptr<Embedder> embedder, int steps) {
    auto writer = engine(std::move(embedder));
    life_.go_on(writer, *clock, agent, steps);
  }
  void embed(std::shared_ptr<Embedder> embedder) const { engine(std::move(embedder)).embed({.agent = agent}); }
  // Every so many-th content.
  void erase(std::uint64_t every) {
    std::vector<StoredEntry> tombstones;
    const auto head = store_->head(agent, {});
    for (std::uint64_t seq = 1; seq <= head.position.value; seq += every) {
      const EntryQuery query{.from = Position{seq}, .to = Position{seq}};
      const auto found = store_->entries(agent, query, head.position, {});
      if (found.front().content_state == ContentState::present)
        tombstones.push_back(conformance::content_erased(Position{seq}));
    }
    clock->advance(std::chrono::hours{24});
    const auto commit = conformance::commit_after(head, agent, erasing_.batch(), TxTime{clock->now()}, tombstones);
    append_one(*store_, commit);
  }
  // Statements with these vectors, each on a line of its own.
  void say(const EmbeddingModel& model, const std::vector<std::vector<float>>& vectors) {
    IngestRequest request{.agent = agent, .statements = {}, .model = model};
    for (const auto& vector : vectors) {
      const auto name = std::to_string(++said_);
      request.statements.push_back({.subject = "line " + name, .predicate = "says", .value = "said " + name});
      request.statements.back().vector = vector;
    }
    engine(nullptr).ingest(request);
  }

  const AgentId agent{"alice"};
  const std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();

 private:
  std::shared_ptr<Store> store_;
  std::shared_ptr<conformance::SeededIds> ids_;
  conformance::Life life_;
  conformance::ExampleIds erasing_;
  std::uint64_t said_ = 0;
};

}  // namespace claimledger::postgres::test
