#pragma once

#include <map>
#include <vector>

#include "claimledger/ports/vectors.hpp"

namespace claimledger::adapter {

// The vectors of one agent's ledger in memory: the reads answer as the port specifies.
// Threads: as a value.
class LedgerVectors {
 public:
  // What a batch brings, and what it erases.
  void add(const Commit& commit);

  std::vector<FiledModel> models() const;
  std::optional<FiledModel> read(const EmbeddingModel& model, std::uint64_t after, std::size_t limit,
                                 const std::function<void(const FiledVector&)>& visit) const;
  bool has(const EmbeddingModel& model, Position seq) const;
  // `has_content`: of an entry that a vector is for.
  bool file(const EmbeddingModel& model, Position before, Position up_to, std::span<const NewVector> vectors,
            const std::function<bool(Position)>& has_content);
  void drop(const EmbeddingModel& model);

 private:
  struct Numbered {
    Position seq;
    Bytes vector;
  };
  struct OfModel {
    FiledModel filed;
    std::map<std::uint64_t, Numbered> vectors;
    std::map<Position, std::uint64_t> numbers;  // of the vectors of entries
    void add(Position seq, const Bytes& vector);
    void erase(Position seq);
  };
  OfModel& of(const EmbeddingModel& model);
  const OfModel* find(const EmbeddingModel& model) const;

  std::vector<OfModel> models_;
};

}  // namespace claimledger::adapter
