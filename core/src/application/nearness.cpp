#include "application/nearness.hpp"

#include <algorithm>

namespace claimledger::application {

Nearness::Nearness(const Context& context, const NearRequest& request, bool all)
    : request_(request),
      source_(all ? NearSource::of_vectors(context, request) : NearSource::of(context, request)),
      compared_(source_->compared()) {}

const NearStatement* Nearness::front() {
  while (next_ == nearest_.size() && !complete_) read_more();
  return next_ < nearest_.size() ? &nearest_[next_] : nullptr;
}

void Nearness::pop() {
  last_ = nearest_[next_++];
  ++taken_;
}

std::span<const NearStatement> Nearness::nearest() {
  front();
  return nearest_;
}

std::int32_t Nearness::most_of_others() {
  front();
  return others_at_most_;
}

// Few at first: most searches need no more.
void Nearness::read_more() {
  constexpr std::size_t at_first = 256;
  constexpr std::size_t times = 8;
  most_ = std::max(at_first, times * most_);
  auto [statements, others_at_most, all] = source_->nearest(most_);
  const auto least = std::max(request_.asked.least_cosine, 1);
  const auto is_near = [&](const NearStatement& each) { return each.cosine >= least; };
  // What was taken is not given again. It is known by its place: others may have filed vectors since.
  auto begin = last_ ? std::upper_bound(statements.begin(), statements.end(), *last_) : statements.begin();
  const auto end = std::partition_point(begin, statements.end(), is_near);
  complete_ = all || others_at_most < least || end != statements.end();
  others_at_most_ = complete_ ? least : others_at_most;
  nearest_.assign(begin, end);
  next_ = 0;
}

}  // namespace claimledger::application
