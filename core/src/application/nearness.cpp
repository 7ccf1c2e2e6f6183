#include "application/nearness.hpp"

#include <algorithm>

#include "claimledger/ports/vectors.hpp"

namespace claimledger::application {

Nearness::Nearness(const Context& context, const AgentId& agent, Position at, const AskedMeaning& asked,
                   const Call& call)
    : asked_(asked), at_(at), vectors_(context.vectors.use(*context.store().vectors(), agent, asked.model, call)) {
  if (!there()) return;
  const auto& matrix = vectors_->matrix();
  rows_ = matrix.rows();
  // Nearly always all: most questions are about now.
  while (rows_ > 0 && matrix.position(rows_ - 1) > at) --rows_;
}

std::optional<std::int32_t> Nearness::cosine(Position seq) const {
  if (!there()) return std::nullopt;
  const auto row = vectors_->matrix().row_at(seq);
  if (!row) return std::nullopt;
  return vectors_->matrix().cosine(asked_.question, *row);
}

std::vector<NearStatement> Nearness::all() const {
  std::vector<NearStatement> statements;
  if (!there()) return statements;
  std::vector<std::int32_t> cosines;
  vectors_->matrix().cosines(asked_.question, cosines);
  for (std::size_t row = 0; row < rows_; ++row) statements.push_back({vectors_->matrix().position(row), cosines[row]});
  return statements;
}

const NearStatement* Nearness::front() {
  if (taken_ == nearest_.size() && !complete_) read_more();
  return taken_ < nearest_.size() ? &nearest_[taken_] : nullptr;
}

std::span<const NearStatement> Nearness::nearest() {
  front();
  return nearest_;
}

std::int32_t Nearness::most_of_others() {
  front();
  return complete_ ? std::max(asked_.least_cosine, 1) : nearest_.back().cosine;
}

// Few at first: most searches need no more.
void Nearness::read_more() {
  constexpr std::size_t at_first = 256;
  constexpr std::size_t times = 8;
  if (!there()) {
    complete_ = true;
    return;
  }
  const auto most = std::max(at_first, times * nearest_.size());
  const auto& matrix = vectors_->matrix();
  nearest_.clear();
  for (const auto& [row, cosine] : matrix.nearest(asked_.question, {.most = most, .at = at_})) {
    if (cosine < std::max(asked_.least_cosine, 1)) break;
    nearest_.push_back({matrix.position(row), cosine});
  }
  complete_ = nearest_.size() < most;
}

}  // namespace claimledger::application
