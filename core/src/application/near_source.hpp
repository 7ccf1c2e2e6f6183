#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "application/context.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::application {

// How a question is put to the vectors of a ledger.
struct AskedMeaning {
  EmbeddingModel model;
  search::UnitVector question;
  std::uint32_t share = 0;        // of a blend, in millionths
  std::int32_t least_cosine = 0;  // in millionths; of what has no word of the question
};

// A statement, and the cosine of the angle between what it and a question say, in millionths.
struct NearStatement {
  Position seq;
  std::int32_t cosine = 0;
  // Of two the nearer one; of two as near the newer.
  friend bool operator<(const NearStatement& a, const NearStatement& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : a.seq > b.seq;
  }
};

// What is asked of a source, and of which ledger.
struct NearRequest {
  const AgentId& agent;
  Position at;
  const AskedMeaning& asked;
  const Call& call;
};

// Where the statements of a ledger up to a position are compared with a question: with vectors that were read, or in
// the store. All sources give the same, to the last bit. As the ledger was at the first look.
// Failure: StoreFailure.
class NearSource {
 public:
  virtual ~NearSource() = default;

  // Absent: the ledger never had a vector of the model, and nothing is near.
  virtual const FiledModel* model() const = 0;
  // How many statements up to the position have one.
  virtual std::size_t compared() const = 0;

  struct Nearest {
    std::vector<NearStatement> statements;  // in their order, and none is missing between two of them
    std::int32_t others_at_most;            // no other is nearer than that
    bool all = false;                       // there is no other
  };
  // About as many as asked for, fewer where it costs more to be sure of the order.
  virtual Nearest nearest(std::size_t most) = 0;

  // Of one statement up to the position; absent: it has no vector.
  virtual std::optional<std::int32_t> cosine(Position seq) = 0;
  // Makes these known, so that cosine() of them costs nothing; about how many at once are worth it.
  virtual void prepare(std::span<const Position> /*seqs*/) {}
  virtual std::size_t worth_preparing() const { return 1; }
  // Of all, in their order.
  virtual std::vector<NearStatement> all() = 0;

  // One that compares vectors which were read, or are read now.
  static std::unique_ptr<NearSource> of_vectors(const Context& context, const NearRequest& request);
  // The one that answers sooner. Where the cache has the vectors, those. Else, where the store can compare, the store
  // for the first question of a model and a ledger, and again where the cache has no room; whoever asks a second time
  // asks a third.
  static std::unique_ptr<NearSource> of(const Context& context, const NearRequest& request);
};

}  // namespace claimledger::application
