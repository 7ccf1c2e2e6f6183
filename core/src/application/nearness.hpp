#pragma once

#include <cstddef>
#include <cstdint>
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
};

// The statements of a ledger up to a position by their nearness to a question. Until it is gone no other search reads
// new vectors of the ledger.
class Nearness {
 public:
  // Failure: StoreFailure.
  Nearness(const Context& context, const AgentId& agent, Position at, const AskedMeaning& asked, const Call& call);

  // Whether the ledger ever had a vector of the model. Without one nothing is near.
  bool there() const { return vectors_.has_value(); }
  Position up_to() const { return there() ? vectors_->model().up_to : Position{}; }
  // How many statements have one.
  std::size_t compared() const { return rows_; }

  // Of one statement up to the position; absent: it has no vector.
  std::optional<std::int32_t> cosine(Position seq) const;
  // No statement that front() has not given yet, at the first look at it, is nearer.
  std::int32_t most_of_others();
  // Those that it gives first, the nearest first.
  std::span<const NearStatement> nearest();
  // Of all, in their order.
  std::vector<NearStatement> all() const;

  // The nearest that pop() has not taken, none farther than the least cosine; nothing: there is no more. Of two as near
  // the newer comes first.
  const NearStatement* front();
  void pop() { ++taken_; }
  // How many of them there may be still.
  std::size_t left() const { return rows_ - taken_; }

 private:
  void read_more();

  const AskedMeaning& asked_;
  Position at_;
  std::optional<VectorCache::InUse> vectors_;
  std::size_t rows_ = 0;
  std::vector<NearStatement> nearest_;
  std::size_t taken_ = 0;
  bool complete_ = false;
};

}  // namespace claimledger::application
