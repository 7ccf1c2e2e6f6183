#include "recent_ledgers.hpp"

#include <algorithm>

namespace claimledger::postgres {

namespace {

// Some 20 MB of plain claims. A line longer than a fraction of it is not kept: it would only drive out the others.
constexpr std::size_t most_kept = 20'000;
constexpr std::size_t most_of_a_line = most_kept / 10;
constexpr std::size_t most_agents = 10'000;

// As it is read again: the keys that only an append brings are left out.
StoredEntry as_read(const StoredEntry& entry) {
  auto kept = entry;
  kept.idempotency_key.reset();
  kept.derived_from.clear();
  kept.served.clear();
  kept.erases.reset();
  return kept;
}

Position last_of(const std::vector<StoredEntry>& entries) { return entries.empty() ? Position{} : entries.back().seq; }

}  // namespace

std::optional<Guess> RecentLedgers::guess(const AgentId& agent, const Wanted& wanted) {
  if (!wanted.claims.empty()) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto found = ledgers_.find(agent);
  if (found == ledgers_.end()) return std::nullopt;
  auto& ledger = found->second;
  Guess guess;
  guess.snapshot.head = ledger.head;
  guess.snapshot.keys.resize(wanted.keys.size());
  for (const auto& line : wanted.lines) {
    auto& entries = guess.snapshot.lines.emplace_back();
    auto& last = guess.last_seqs.emplace_back();
    const auto known = ledger.lines.find(line.key);
    if (known == ledger.lines.end()) continue;
    lines_.splice(lines_.begin(), lines_, known->second);
    const auto& all = known->second->entries;
    last = last_of(all);
    std::copy_if(all.begin(), all.end(), std::back_inserter(entries),
                 [&](const StoredEntry& entry) { return entry.seq > line.after; });
  }
  return guess;
}

void RecentLedgers::read(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot,
                         Position last_tombstone) {
  const std::scoped_lock lock(mutex_);
  take(agent, wanted, snapshot, last_tombstone);
}

void RecentLedgers::read_if_known(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot,
                                  Position last_tombstone) {
  const std::scoped_lock lock(mutex_);
  if (ledgers_.contains(agent)) take(agent, wanted, snapshot, last_tombstone);
}

void RecentLedgers::take(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot,
                         Position last_tombstone) {
  auto& ledger = ledgers_[agent];
  if (snapshot.head.position < ledger.head.position) return;
  if (last_tombstone > ledger.head.position) drop_lines(ledger);
  ledger.head = snapshot.head;
  for (std::size_t i = 0; i < wanted.lines.size(); ++i) {
    if (wanted.lines[i].after == Position{}) keep(ledger, {agent, wanted.lines[i].key}, snapshot.lines[i]);
  }
  make_room();
}

void RecentLedgers::note_written(std::span<const Commit> commits, const Wanted& wanted, const Snapshot& before) {
  const auto& agent = commits.front().header.agent;
  const std::scoped_lock lock(mutex_);
  auto& ledger = ledgers_[agent];
  const auto end = end_of(commits.back());
  if (end.position <= ledger.head.position) return;
  ledger.head = end;
  std::map<LineKey, std::vector<StoredEntry>> written;
  for (const auto& commit : commits) {
    for (const auto& entry : commit.entries) {
      if (entry.erases) return drop_lines(ledger);
      if (entry.line) written[*entry.line].push_back(as_read(entry));
    }
  }
  for (std::size_t i = 0; i < wanted.lines.size(); ++i) {
    const auto node = written.extract(wanted.lines[i].key);
    if (!node.empty()) extend(ledger, agent, wanted.lines[i], before.lines[i], node.mapped());
  }
  // Lines that were not wanted up front: the entries known of them may be older than this write.
  for (const auto& [key, entries] : written) drop_line(ledger, key);
  make_room();
}

void RecentLedgers::note_in_doubt(const BatchId& batch, Decided on) {
  const std::scoped_lock lock(mutex_);
  if (doubted_.size() >= most_agents) doubted_.erase(doubted_.begin());
  doubted_.insert_or_assign(batch, std::move(on));
}

std::optional<Decided> RecentLedgers::take_in_doubt(const BatchId& batch) {
  const std::scoped_lock lock(mutex_);
  auto node = doubted_.extract(batch);
  return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
}

// `before` is the line after which `written` stands; of a line that was wanted from a position on only its end.
void RecentLedgers::extend(Ledger& ledger, const AgentId& agent, const WantedLine& wanted,
                           const std::vector<StoredEntry>& before, std::vector<StoredEntry>& written) {
  const bool whole = wanted.after == Position{};
  const auto known = ledger.lines.find(wanted.key);
  if (known != ledger.lines.end() && (whole || !before.empty()) && last_of(known->second->entries) == last_of(before)) {
    auto& entries = known->second->entries;
    std::move(written.begin(), written.end(), std::back_inserter(entries));
    kept_ += written.size();
  } else if (whole) {
    auto entries = before;
    std::move(written.begin(), written.end(), std::back_inserter(entries));
    keep(ledger, {agent, wanted.key}, std::move(entries));
  } else {
    drop_line(ledger, wanted.key);
  }
}

void RecentLedgers::forget(const AgentId& agent) {
  const std::scoped_lock lock(mutex_);
  const auto found = ledgers_.find(agent);
  if (found == ledgers_.end()) return;
  drop_lines(found->second);
  ledgers_.erase(found);
}

void RecentLedgers::keep(Ledger& ledger, const Name& name, std::vector<StoredEntry> entries) {
  const auto [place, fresh] = ledger.lines.try_emplace(name.line);
  if (fresh) {
    lines_.push_front({name, {}});
    place->second = lines_.begin();
  } else {
    kept_ -= 1 + place->second->entries.size();
  }
  kept_ += 1 + entries.size();
  place->second->entries = std::move(entries);
}

void RecentLedgers::drop_line(Ledger& ledger, const LineKey& key) {
  const auto line = ledger.lines.find(key);
  if (line == ledger.lines.end()) return;
  kept_ -= 1 + line->second->entries.size();
  lines_.erase(line->second);
  ledger.lines.erase(line);
}

void RecentLedgers::drop_lines(Ledger& ledger) {
  while (!ledger.lines.empty()) drop_line(ledger, LineKey(ledger.lines.begin()->first));
}

void RecentLedgers::make_room() {
  const auto drop = [&](const Line& line) {
    const auto name = line.name;
    drop_line(ledgers_.at(name.agent), name.line);
  };
  if (!lines_.empty() && lines_.front().entries.size() > most_of_a_line) drop(lines_.front());
  while (kept_ > most_kept && !lines_.empty()) drop(lines_.back());
  if (ledgers_.size() > most_agents) {
    std::erase_if(ledgers_, [](const auto& each) { return each.second.lines.empty(); });
  }
}

}  // namespace claimledger::postgres
