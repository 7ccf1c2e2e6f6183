#include "ledger.hpp"

#include <algorithm>

#include "commit_check.hpp"

namespace claimledger::memory {

namespace {

template <class Map, class Key>
Ledger::Positions listed(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? Ledger::Positions{} : found->second;
}

}  // namespace

Head Ledger::head(const AgentId& agent) const {
  if (entries.empty()) return {{}, {}, genesis_hash(agent)};
  return {entries.back().seq, entries.back().recorded_at, entries.back().hash};
}

Head Ledger::head_at(const AgentId& agent, const Moment& moment) const {
  // The batches that have ended at the moment come first.
  auto end = batches.end();
  if (const auto* time = std::get_if<TxTime>(&moment)) {
    end = std::partition_point(batches.begin(), batches.end(),
                               [&](const Batch& batch) { return batch.header.recorded_at <= *time; });
  } else if (const auto* position = std::get_if<Position>(&moment)) {
    end = std::partition_point(batches.begin(), batches.end(), [&](const Batch& batch) {
      return batch.first.value + batch.header.entries - 1 <= position->value;
    });
  }
  if (end == batches.begin()) return {{}, {}, genesis_hash(agent)};
  const auto& last = at({std::prev(end)->first.value + std::prev(end)->header.entries - 1});
  return {last.seq, last.recorded_at, last.hash};
}

Snapshot Ledger::snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted) const {
  Snapshot snapshot;
  snapshot.head = head_at(agent, moment);
  const auto end = snapshot.head.position;
  for (const auto& [key, after] : wanted.lines) {
    auto& line = snapshot.lines.emplace_back();
    for (const auto seq : listed(lines, key)) {
      if (seq > after && seq <= end) line.push_back(at(seq));
    }
  }
  for (const auto& key : wanted.keys) {
    const auto found = keys.find(key);
    const bool there = found != keys.end() && found->second <= end;
    snapshot.keys.push_back(there ? std::optional(at(found->second)) : std::nullopt);
  }
  for (const auto& claim : wanted.claims) {
    auto& place = snapshot.claims.emplace_back();
    const auto found = claims.find(claim);
    if (found == claims.end() || found->second > end) continue;
    const auto& entry = at(found->second);
    place = ClaimPlace{*entry.line, entry};
  }
  return snapshot;
}

std::vector<StoredEntry> Ledger::page(const EntryQuery& query, Position at) const {
  const auto first = std::max<std::uint64_t>(query.from.value, 1);
  const auto last = std::min({query.to.value_or(at).value, at.value, std::uint64_t{entries.size()}});
  std::vector<StoredEntry> page;
  const auto take = [&](Position seq) {
    const auto& entry = this->at(seq);
    const bool fits =
        query.kinds.empty() || std::find(query.kinds.begin(), query.kinds.end(), entry.kind) != query.kinds.end();
    if (page.size() < query.limit && fits) page.push_back(entry);
  };
  if (const auto positions = candidates(query)) {
    const auto from = std::lower_bound(positions->begin(), positions->end(), Position{first});
    const auto to = std::upper_bound(from, positions->end(), Position{last});
    if (query.order == Order::ascending) std::for_each(from, to, take);
    if (query.order == Order::descending) std::for_each(std::reverse_iterator(to), std::reverse_iterator(from), take);
    return page;
  }
  for (auto i = first; i <= last && page.size() < query.limit; ++i) {
    take(Position{query.order == Order::ascending ? i : last - (i - first)});
  }
  return page;
}

std::optional<Ledger::Positions> Ledger::candidates(const EntryQuery& query) const {
  struct Find {
    const Ledger& ledger;
    const EntryQuery& query;
    std::optional<Positions> operator()(const key::All&) const {
      if (query.kinds.size() != 1) return std::nullopt;
      return listed(ledger.kinds_, query.kinds.front());
    }
    std::optional<Positions> operator()(const key::Claim& it) const { return listed(ledger.about_, it.claim); }
    std::optional<Positions> operator()(const key::Line& it) const { return listed(ledger.lines, it.line); }
    std::optional<Positions> operator()(const key::Handle& it) const { return listed(ledger.by_handle_, it.handle); }
    std::optional<Positions> operator()(const key::ServedClaim& it) const { return listed(ledger.served_, it.claim); }
    std::optional<Positions> operator()(const key::Text& it) const { return listed(ledger.texts_, it.text); }
    std::optional<Positions> operator()(const key::Disposition& it) const {
      return listed(ledger.dispositions_, it.disposition);
    }
  };
  return std::visit(Find{*this, query}, query.key);
}

Inventory Ledger::inventory() const {
  Inventory found;
  found.position = Position{entries.size()};
  found.counted = true;
  found.batches = batches.size();
  found.entries = entries.size();
  for (const auto& entry : entries) found.contents += entry.content_state != ContentState::none ? 1 : 0;
  found.lines = lines.size();
  found.claims = claims.size();
  for (const auto& [parent, each] : children) found.derivations += each.size();
  for (const auto& [claim, seqs] : served_) found.servings += seqs.size();
  found.keys = keys.size();
  for (const auto& [entry, tombstone] : tombstones) found.erasures.push_back({entry, tombstone});
  return found;
}

std::optional<std::string> Ledger::reuse(const Commit& commit) const {
  using common::CommitCheck;
  for (const auto& entry : commit.entries) {
    if (entry.begins && claims.contains(*entry.claim)) return CommitCheck::reused_claim(entry);
    if (entry.idempotency_key && keys.contains(*entry.idempotency_key)) return CommitCheck::reused_key(entry);
    if (entry.handle && handles_.contains({*entry.handle, entry.kind})) return CommitCheck::reused_handle(entry);
  }
  return {};
}

void Ledger::add(const Commit& commit) {
  batch_ids.emplace(commit.header.id, batches.size());
  batches.push_back({commit.header, commit.entries.front().seq});
  for (const auto& entry : commit.entries) {
    index(entry);
    entries.push_back(entry);
    auto& kept = entries.back();
    kept.idempotency_key.reset();
    kept.derived_from.clear();
    kept.served.clear();
    kept.erases.reset();
    if (kept.content_state == ContentState::none) kept.content = {};
    if (entry.erases) erase(*entry.erases, entry.seq);
  }
}

void Ledger::index(const StoredEntry& entry) {
  const auto seq = entry.seq;
  kinds_[entry.kind].push_back(seq);
  if (entry.disposition) dispositions_[*entry.disposition].push_back(seq);
  if (entry.line) lines[*entry.line].push_back(seq);
  if (entry.claim) about_[*entry.claim].push_back(seq);
  if (entry.begins) claims.emplace(*entry.claim, seq);
  for (const auto& parent : entry.derived_from) children[parent].push_back(seq);
  for (const auto& claim : entry.served) served_[claim].push_back(seq);
  if (entry.idempotency_key) keys.emplace(*entry.idempotency_key, seq);
  if (entry.content_state == ContentState::present && !entry.content.search_text.empty()) {
    texts_[entry.content.search_text].push_back(seq);
  }
  if (!entry.handle) return;
  handles_.emplace(std::pair(*entry.handle, entry.kind), seq);
  by_handle_[*entry.handle].push_back(seq);
}

void Ledger::erase(Position entry, Position tombstone) {
  tombstones.emplace(entry, tombstone);
  auto& erased = entries[entry.value - 1];
  if (!erased.content.search_text.empty()) std::erase(texts_[erased.content.search_text], entry);
  std::erase_if(keys, [&](const auto& key) { return key.second == entry; });
  erased.content_state = ContentState::erased;
  erased.content = {};
}

}  // namespace claimledger::memory
