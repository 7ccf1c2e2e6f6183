#include "application/line_ends.hpp"

#include <iterator>
#include <utility>

namespace claimledger::application {

void LineEnds::begin(const AgentId& agent, const Head& head) {
  const std::scoped_lock lock(mutex_);
  const auto known = heads_.find(agent);
  if (known == heads_.end() || known->second == head) return;
  for (auto place = by_name_.lower_bound({agent, {}}); place != by_name_.end() && place->first.first == agent;) {
    place = drop(place);
  }
}

void LineEnds::end(const AgentId& agent, const Head& head) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = heads_.find(agent); known != heads_.end()) known->second = head;
}

bool LineEnds::has(const AgentId& agent, const LineKey& key) const {
  const std::scoped_lock lock(mutex_);
  return by_name_.contains({agent, key});
}

std::optional<rules::LineEnd> LineEnds::take(const AgentId& agent, const LineKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_name_.find({agent, key});
  if (found == by_name_.end()) return std::nullopt;
  auto end = std::move(found->second->end);
  drop(found);
  return end;
}

void LineEnds::keep(const AgentId& agent, const LineKey& key, rules::LineEnd end) {
  const auto bytes = end.memory() + 2 * (agent.value.size() + key.subject.size() + key.predicate.size()) + 200;
  const std::scoped_lock lock(mutex_);
  if (bytes > most_bytes_) return;
  // Whatever fails for want of memory, none is kept without a head.
  heads_.try_emplace(agent);
  Places fresh;
  fresh.push_front({{agent, key}, std::move(end), bytes});
  const auto [name, inserted] = by_name_.try_emplace(fresh.front().name, fresh.begin());
  if (!inserted) {
    bytes_ -= name->second->bytes;
    places_.erase(std::exchange(name->second, fresh.begin()));
  }
  places_.splice(places_.begin(), fresh);
  bytes_ += bytes;
  while (bytes_ > most_bytes_) drop(by_name_.find(places_.back().name));  // not this one, which is first
}

LineEnds::ByName::iterator LineEnds::drop(ByName::iterator place) {
  const auto agent = std::move(place->second->name.first);
  bytes_ -= place->second->bytes;
  places_.erase(place->second);
  const auto next = by_name_.erase(place);
  const auto is_of_it = [&](ByName::iterator each) { return each->first.first == agent; };
  const bool others =
      (next != by_name_.end() && is_of_it(next)) || (next != by_name_.begin() && is_of_it(std::prev(next)));
  if (!others) heads_.erase(agent);
  return next;
}

}  // namespace claimledger::application
