#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "application/near_source.hpp"

namespace claimledger::application {

// The statements of a ledger up to a position by their nearness to a question.
class Nearness {
 public:
  // `all`: that of all is asked for. Failure: StoreFailure.
  Nearness(const Context& context, const NearRequest& request, bool all);

  // Whether the ledger ever had a vector of the model. Without one nothing is near.
  bool there() const { return source_->model() != nullptr; }
  Position up_to() const { return there() ? source_->model()->up_to : Position{}; }
  // How many statements have one.
  std::size_t compared() const { return compared_; }

  // Of one statement up to the position; absent: it has no vector.
  std::optional<std::int32_t> cosine(Position seq) const { return source_->cosine(seq); }
  // Makes those of these known together, where that is cheaper than one by one; so many are worth it.
  void prepare(std::span<const Position> seqs) const { source_->prepare(seqs); }
  std::size_t worth_preparing() const { return source_->worth_preparing(); }
  // No statement that front() has not given yet, at the first look at it, is nearer.
  std::int32_t most_of_others();
  // Those that it gives first, the nearest first.
  std::span<const NearStatement> nearest();
  // Of all, in their order.
  std::vector<NearStatement> all() const { return source_->all(); }

  // The nearest that pop() has not taken, none farther than the least cosine; nothing: there is no more. Of two as near
  // the newer comes first.
  const NearStatement* front();
  void pop();
  // How many of them there may be still.
  std::size_t left() const { return compared_ - std::min(taken_, compared_); }

 private:
  void read_more();

  NearRequest request_;
  std::unique_ptr<NearSource> source_;
  std::size_t compared_;
  std::size_t most_ = 0;                // that the source was asked for
  std::vector<NearStatement> nearest_;  // the next
  std::size_t next_ = 0;                // of these
  std::optional<NearStatement> last_;   // that was taken
  std::size_t taken_ = 0;
  std::int32_t others_at_most_ = 0;
  bool complete_ = false;
};

}  // namespace claimledger::application
