#include "ledger.hpp"

#include <algorithm>

namespace claimledger::memory {

namespace {

// Of several lists one is enough: the shortest.
template <class Map, class Key>
void shorten(const Ledger::Positions*& best, const Map& map, const std::optional<Key>& key) {
  static const Ledger::Positions none;
  if (!key) return;
  const auto found = map.find(*key);
  const auto* list = found == map.end() ? &none : &found->second;
  if (!best || list->size() < best->size()) best = list;
}

}  // namespace

bool Ledger::has_question(const AdjudicationId& handle, std::string_view kind) const {
  const auto found = by_handle.find(handle);
  return found != by_handle.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](Position seq) { return at(seq).kind == kind; });
}

bool Ledger::has_content(Position entry) const {
  return entry.value >= 1 && entry.value <= entries.size() && at(entry).content_state == ContentState::present;
}

Head Ledger::head(const AgentId& agent) const {
  if (entries.empty()) return {{}, {}, genesis_hash(agent)};
  return {entries.back().seq, entries.back().recorded_at, entries.back().hash};
}

Inventory Ledger::inventory() const {
  Inventory found;
  found.position = Position{entries.size()};
  found.batches = batches.size();
  found.entries = entries.size();
  for (const auto& entry : entries) found.contents += entry.content_state != ContentState::none ? 1 : 0;
  found.lines = lines.size();
  found.claims = claims.size();
  for (const auto& [parent, each] : children) found.derivations += each.size();
  for (const auto& [claim, seqs] : served) found.servings += seqs.size();
  for (const auto& [key, seq] : keys) found.keys += tombstones.contains(seq) ? 0 : 1;
  for (const auto& [entry, tombstone] : tombstones) found.erasures.push_back({entry, tombstone});
  return found;
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
  kinds[entry.kind].push_back(seq);
  if (entry.line) lines[*entry.line].push_back(seq);
  if (entry.claim) about[*entry.claim].push_back(seq);
  if (entry.kind == common::claim_recorded) claims.emplace(*entry.claim, seq);
  for (const auto& parent : entry.derived_from) children[parent].push_back({seq, *entry.claim});
  for (const auto& claim : entry.served) served[claim].push_back(seq);
  if (entry.idempotency_key) keys.emplace(*entry.idempotency_key, seq);
  if (entry.content_state == ContentState::present && !entry.content.lookup.empty()) {
    lookups[entry.content.lookup].push_back(seq);
  }
  if (!entry.handle) return;
  auto& of_question = by_handle[*entry.handle];
  if (entry.kind == common::adjudication_opened) questions.emplace(seq, std::nullopt);
  if (entry.kind == common::adjudication_closed) {
    const auto opened = std::find_if(of_question.begin(), of_question.end(),
                                     [&](Position each) { return at(each).kind == common::adjudication_opened; });
    questions.at(*opened) = seq;
  }
  of_question.push_back(seq);
}

void Ledger::erase(Position entry, Position tombstone) {
  tombstones.emplace(entry, tombstone);
  auto& erased = entries[entry.value - 1];
  if (!erased.content.lookup.empty()) std::erase(lookups[erased.content.lookup], entry);
  erased.content_state = ContentState::erased;
  erased.content = {};
}

const Ledger::Positions* Ledger::candidates(const EntryFilter& filter) const {
  const Positions* best = nullptr;
  shorten(best, served, filter.served);
  if (best) return best;  // kept nowhere else
  shorten(best, lines, filter.line);
  shorten(best, about, filter.claim);
  shorten(best, by_handle, filter.handle);
  shorten(best, lookups, filter.lookup);
  if (filter.kinds.size() == 1) shorten(best, kinds, std::optional(filter.kinds.front()));
  return best;
}

}  // namespace claimledger::memory
