#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

#include "claimledger/ports/vectors.hpp"
#include "search/vector_matrix.hpp"

namespace claimledger::application {

// The vectors that searches have read. Before each use those that were filed since are read; where some were taken away
// since, all are read again. Those that were used last are kept, as many as there is room for.
//
// Threads: any. Several use the vectors of one ledger at once; whoever has to read new ones waits for them.
class VectorCache {
  struct Kept {
    Kept(AgentId of, EmbeddingModel by) : agent(std::move(of)), model(std::move(by)) {}

    AgentId agent;
    EmbeddingModel model;
    std::shared_mutex mutex;  // of what follows
    FiledModel read = {};     // as it was when the last of the matrix were read
    std::unique_ptr<search::VectorMatrix> matrix = {};
    std::size_t bytes = 0;  // of the matrix; under the mutex of the cache
  };

 public:
  explicit VectorCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // The vectors of a model in a ledger, and how it stood when they were read. They stay as they are meanwhile.
  class InUse {
   public:
    const FiledModel& model() const { return kept_->read; }
    const search::VectorMatrix& matrix() const { return *kept_->matrix; }

   private:
    friend class VectorCache;
    InUse(std::shared_ptr<const Kept> kept, std::shared_lock<std::shared_mutex> lock)
        : kept_(std::move(kept)), lock_(std::move(lock)) {}
    std::shared_ptr<const Kept> kept_;
    std::shared_lock<std::shared_mutex> lock_;  // goes first
  };

  // As they are now. Absent: the ledger never had one. Whoever uses them uses no others of the same ledger and model.
  // Failure: StoreFailure.
  std::optional<InUse> use(const Vectors& store, const AgentId& agent, const EmbeddingModel& model, const Call& call);

  // Notes that the vectors of a model, which stands so in a ledger, were asked about and not read.
  void note_asked(const AgentId& agent, const FiledModel& filed);
  // Whether they are here, or better read than asked about once more: they were before, and there is room for them.
  bool wants(const AgentId& agent, const EmbeddingModel& model) const;

 private:
  struct AskedAbout {
    AgentId agent;
    EmbeddingModel model;
    bool fits;
  };

  std::shared_ptr<Kept> kept(const AgentId& agent, const EmbeddingModel& model);
  bool bring_up_to_date(Kept& place, const Vectors& store, const Call& call);
  void make_room(Kept& used);

  std::size_t most_bytes_;
  mutable std::mutex mutex_;               // of what follows
  std::list<std::shared_ptr<Kept>> kept_;  // what was used last is first
  std::list<AskedAbout> asked_;            // what was asked last is first
};

}  // namespace claimledger::application
