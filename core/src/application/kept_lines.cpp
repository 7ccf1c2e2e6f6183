#include "application/kept_lines.hpp"

#include <iterator>

namespace claimledger::application {

namespace {

constexpr std::size_t long_line = CLAIMLEDGER_LONG_LINE;  // entries: below, a look into the ledger costs as much

}  // namespace

bool KeptLines::wants(const FoldedLine& line) const { return line.entries >= times_ * long_line && most_bytes_ > 0; }

bool KeptLines::has(const AgentId& agent, const LineKey& key) {
  const std::scoped_lock lock(mutex_);
  return !places_.empty() && by_name_.contains({agent, key});
}

std::shared_ptr<KeptLines::Kept> KeptLines::find(const AgentId& agent, const LineKey& key) {
  const std::scoped_lock lock(mutex_);
  if (places_.empty()) return nullptr;
  const auto found = by_name_.find({agent, key});
  if (found == by_name_.end()) return nullptr;
  places_.splice(places_.begin(), places_, found->second);
  return found->second->kept;
}

std::optional<FoldedLine> KeptLines::take(const AgentId& agent, const LineKey& key) {
  const std::scoped_lock lock(mutex_);
  if (places_.empty()) return std::nullopt;
  const auto found = by_name_.find({agent, key});
  if (found == by_name_.end()) return std::nullopt;
  auto line = std::move(found->second->kept->line);
  drop(found->second);
  return line;
}

void KeptLines::keep(const AgentId& agent, const LineKey& key, FoldedLine line) {
  if (!wants(line)) return;
  const auto bytes = line.memory();
  auto kept = std::make_shared<Kept>();
  kept->line = std::move(line);
  const std::scoped_lock lock(mutex_);
  const auto [name, fresh] = by_name_.try_emplace({agent, key});
  if (!fresh) {
    bytes_ -= name->second->bytes;
    places_.erase(name->second);
  }
  places_.push_front({name->first, std::move(kept), bytes});
  name->second = places_.begin();
  bytes_ += bytes;
  make_room();
}

void KeptLines::weigh(const AgentId& agent, const LineKey& key, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_name_.find({agent, key});
  if (found == by_name_.end()) return;
  bytes_ += bytes - std::exchange(found->second->bytes, bytes);
  make_room();
}

void KeptLines::make_room() {
  while (bytes_ > most_bytes_ && places_.size() > 1) drop(std::prev(places_.end()));
}

void KeptLines::drop(Places::iterator place) {
  bytes_ -= place->bytes;
  by_name_.erase(place->name);
  places_.erase(place);
}

}  // namespace claimledger::application
