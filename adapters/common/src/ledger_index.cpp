#include "claimledger/adapter/ledger_index.hpp"

#include <algorithm>

#include "claimledger/adapter/commit_check.hpp"

namespace claimledger::adapter {

namespace {

const std::vector<Position> nowhere;

template <class Map, class Key>
const std::vector<Position>& listed(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nowhere : found->second;
}

}  // namespace

// A list in which all is found that a key finds; nothing where only the whole ledger is.
struct LedgerIndex::Candidates {
  const LedgerIndex& index;
  const EntryQuery& query;
  Positions named = {};

  const Positions* operator()(const key::All&) const {
    return query.kinds.size() == 1 ? &listed(index.kinds_, query.kinds.front()) : nullptr;
  }
  const Positions* operator()(const key::Positions& it) {
    named = it.positions;
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    return &named;
  }
  const Positions* operator()(const key::Claim& it) const { return &listed(index.about_, it.claim); }
  const Positions* operator()(const key::Line& it) const { return &listed(index.lines_, it.line); }
  const Positions* operator()(const key::Handle& it) const { return &listed(index.by_handle_, it.handle); }
  const Positions* operator()(const key::ServedClaim& it) const { return &listed(index.served_, it.claim); }
  const Positions* operator()(const key::Text& it) const { return &listed(index.texts_, it.text); }
  const Positions* operator()(const key::Disposition& it) const { return &listed(index.dispositions_, it.disposition); }
};

Head LedgerIndex::head() const {
  if (entries_.empty()) return {{}, {}, genesis_hash(agent_)};
  return {entries_.back().seq, entries_.back().recorded_at, entries_.back().hash};
}

Head LedgerIndex::head_at(const Moment& moment) const {
  // The batches that have ended at the moment come first.
  auto end = batches_.end();
  if (const auto* time = std::get_if<TxTime>(&moment)) {
    end = std::partition_point(batches_.begin(), batches_.end(),
                               [&](const Batch& batch) { return batch.header.recorded_at <= *time; });
  } else if (const auto* position = std::get_if<Position>(&moment)) {
    end = std::partition_point(batches_.begin(), batches_.end(),
                               [&](const Batch& batch) { return batch.last() <= *position; });
  }
  if (end == batches_.begin()) return {{}, {}, genesis_hash(agent_)};
  const auto& last = at(std::prev(end)->last());
  return {last.seq, last.recorded_at, last.hash};
}

Snapshot LedgerIndex::snapshot(const Moment& moment, const Wanted& wanted) const {
  Snapshot snapshot;
  snapshot.head = head_at(moment);
  const auto end = snapshot.head.position;
  for (const auto& [key, after] : wanted.lines) {
    auto& line = snapshot.lines.emplace_back();
    const auto& all = listed(lines_, key);
    const auto from = std::upper_bound(all.begin(), all.end(), after);
    const auto to = std::upper_bound(from, all.end(), end);
    for (auto seq = from; seq != to; ++seq) line.push_back(at(*seq));
  }
  for (const auto& key : wanted.keys) {
    const auto found = keys_.find(key);
    const bool there = found != keys_.end() && found->second <= end;
    snapshot.keys.push_back(there ? std::optional(at(found->second)) : std::nullopt);
  }
  for (const auto& claim : wanted.claims) {
    auto& place = snapshot.claims.emplace_back();
    const auto found = claims_.find(claim);
    if (found == claims_.end() || found->second > end) continue;
    const auto& entry = at(found->second);
    place = ClaimPlace{*entry.line, entry};
  }
  return snapshot;
}

std::vector<Derivation> LedgerIndex::dependants(std::span<const ClaimId> parents, Position at) const {
  std::vector<Derivation> found;
  for (const auto& parent : parents) {
    const auto& all = listed(dependants_, parent);
    const auto to = std::upper_bound(all.begin(), all.end(), at);
    for (auto child = all.begin(); child != to; ++child) found.push_back({parent, *child, *this->at(*child).claim});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.child < b.child; });
  return found;
}

std::vector<StoredEntry> LedgerIndex::entries(const EntryQuery& query, Position at) const {
  const auto first = std::max<std::uint64_t>(query.from.value, 1);
  const auto last = std::min({query.to.value_or(at).value, at.value, std::uint64_t{entries_.size()}});
  std::vector<StoredEntry> page;
  const auto take = [&](Position seq) {
    const auto& entry = this->at(seq);
    const bool fits =
        query.kinds.empty() || std::find(query.kinds.begin(), query.kinds.end(), entry.kind) != query.kinds.end();
    if (fits) page.push_back(entry);
    return page.size() < query.limit;
  };
  if (query.limit == 0) return page;
  Candidates candidates{*this, query};
  if (const auto* positions = std::visit(candidates, query.key)) {
    auto from = std::lower_bound(positions->begin(), positions->end(), Position{first});
    auto to = std::upper_bound(from, positions->end(), Position{last});
    if (query.order == Order::ascending) {
      while (from != to && take(*from)) ++from;
    } else {
      while (from != to && take(*std::prev(to))) --to;
    }
    return page;
  }
  for (auto i = first; i <= last; ++i) {
    if (!take(Position{query.order == Order::ascending ? i : last - (i - first)})) break;
  }
  return page;
}

std::vector<LineKey> LedgerIndex::lines(const std::optional<std::string>& subject, const std::optional<LineKey>& after,
                                        std::size_t limit, Position at) const {
  auto it = after ? lines_.upper_bound(*after) : lines_.begin();
  if (subject && (!after || after->subject < *subject)) it = lines_.lower_bound({*subject, ""});
  std::vector<LineKey> found;
  for (; it != lines_.end() && found.size() < limit; ++it) {
    if (subject && it->first.subject != *subject) break;
    if (it->second.front() <= at) found.push_back(it->first);
  }
  return found;
}

std::vector<StoredBatch> LedgerIndex::batches(Position after, std::size_t limit) const {
  auto it = std::upper_bound(batches_.begin(), batches_.end(), after,
                             [](Position position, const auto& batch) { return position < batch.first; });
  std::vector<StoredBatch> found;
  for (; it != batches_.end() && found.size() < limit; ++it) {
    const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(it->first.value - 1);
    found.push_back({it->header, it->first, {first, first + it->header.entries}});
  }
  return found;
}

Inventory LedgerIndex::inventory() const {
  Inventory found;
  found.position = Position{entries_.size()};
  found.counted = true;
  found.batches = batches_.size();
  found.entries = entries_.size();
  for (const auto& entry : entries_) found.contents += entry.content_state != ContentState::none ? 1 : 0;
  found.lines = lines_.size();
  found.claims = claims_.size();
  for (const auto& [parent, each] : dependants_) found.derivations += each.size();
  for (const auto& [claim, seqs] : served_) found.servings += seqs.size();
  found.keys = keys_.size();
  for (const auto& [entry, tombstone] : tombstones_) found.erasures.push_back({entry, tombstone});
  return found;
}

Outcome LedgerIndex::check(const Commit& commit) const {
  if (batch_ids_.contains(commit.header.id)) return {AppendOutcome::already_there};
  if (commit.after != head()) return {AppendOutcome::conflict};
  auto breach = CommitCheck(commit).breach();
  if (!breach) breach = reuse(commit);
  if (breach) return {AppendOutcome::refused, std::move(*breach)};
  return {};
}

// Which unique key of this ledger a commit reuses; nothing if it may be added.
std::optional<std::string> LedgerIndex::reuse(const Commit& commit) const {
  for (const auto& entry : commit.entries) {
    if (entry.begins && claims_.contains(*entry.claim)) return CommitCheck::reused_claim(entry);
    if (entry.idempotency_key && keys_.contains(*entry.idempotency_key)) return CommitCheck::reused_key(entry);
    if (entry.handle && handles_.contains({*entry.handle, entry.kind})) return CommitCheck::reused_handle(entry);
  }
  return {};
}

// Checks the properties that the reads above rely on. A file may have been written by another program.
void LedgerIndex::expect_next(const BatchHeader& header, std::span<const StoredEntry> entries) const {
  const auto corrupt = [&](const std::string& why) {
    throw StoreFailure(FailureKind::corrupt, "read a ledger", "batch " + to_text(header.id.value) + " " + why);
  };
  if (header.agent != agent_) corrupt("is another agent's");
  if (entries.empty() || header.entries != entries.size()) corrupt("does not count its entries");
  if (batch_ids_.contains(header.id)) corrupt("is there already");
  if (!batches_.empty() && header.recorded_at <= batches_.back().header.recorded_at) corrupt("is not later");
  auto seq = entries_.size();
  for (const auto& entry : entries) {
    if (entry.seq.value != ++seq) corrupt("does not go on at position " + std::to_string(seq));
    if (entry.recorded_at != header.recorded_at) corrupt("has an entry of another time");
    if (entry.begins && (!entry.claim || !entry.line)) corrupt("begins a claim without id or line");
    if (!entry.derived_from.empty() && !entry.claim) corrupt("has parents of no claim");
    if (entry.erases && (entry.erases->value == 0 || *entry.erases >= entry.seq)) corrupt("erases no earlier entry");
  }
}

void LedgerIndex::add(const BatchHeader& header, std::span<const StoredEntry> entries) {
  expect_next(header, entries);
  batch_ids_.emplace(header.id, batches_.size());
  batches_.push_back({header, entries.front().seq});
  for (const auto& entry : entries) {
    file(entry);
    entries_.push_back(entry);
    auto& kept = entries_.back();
    kept.idempotency_key.reset();
    kept.derived_from.clear();
    kept.served.clear();
    kept.erases.reset();
    kept.content.terms.clear();
    kept.content.vector.clear();
    if (kept.content_state != ContentState::present) kept.content = {};
    if (entry.erases) erase(*entry.erases, entry.seq);
  }
}

void LedgerIndex::file(const StoredEntry& entry) {
  const auto seq = entry.seq;
  kinds_[entry.kind].push_back(seq);
  if (entry.disposition) dispositions_[*entry.disposition].push_back(seq);
  if (entry.line) lines_[*entry.line].push_back(seq);
  if (entry.claim) about_[*entry.claim].push_back(seq);
  if (entry.begins) claims_.emplace(*entry.claim, seq);
  for (const auto& parent : entry.derived_from) dependants_[parent].push_back(seq);
  for (const auto& claim : entry.served) served_[claim].push_back(seq);
  if (entry.idempotency_key) keys_.emplace(*entry.idempotency_key, seq);
  if (entry.content_state == ContentState::present && !entry.content.search_text.empty()) {
    texts_[entry.content.search_text].push_back(seq);
  }
  if (!entry.handle) return;
  handles_.emplace(std::pair(*entry.handle, entry.kind), seq);
  by_handle_[*entry.handle].push_back(seq);
}

void LedgerIndex::erase(Position entry, Position tombstone) {
  tombstones_.emplace(entry, tombstone);
  auto& erased = entries_[entry.value - 1];
  if (const auto text = texts_.find(erased.content.search_text); text != texts_.end()) {
    std::erase(text->second, entry);
    if (text->second.empty()) texts_.erase(text);
  }
  std::erase_if(keys_, [&](const auto& key) { return key.second == entry; });
  erased.content_state = ContentState::erased;
  erased.content = {};
}

}  // namespace claimledger::adapter
