#include "claimledger/ports/store.hpp"

#include <chrono>

namespace claimledger {

namespace {

// The end of the last batch that lies at or before a position inside the ledger.
Position batch_end(const Store& store, const AgentId& agent, const StoredEntry& entry, const Call& call) {
  const auto end = store.position_at(agent, entry.recorded_at, call);
  if (end == entry.seq) return end;
  return store.position_at(agent, {entry.recorded_at.value - std::chrono::microseconds{1}}, call);
}

StoredEntry entry_at(const Store& store, const AgentId& agent, Position seq, Position head, const Call& call) {
  EntryFilter filter;
  filter.from = seq;
  filter.to = seq;
  auto found = store.entries(agent, filter, Order::ascending, 1, head, call);
  if (found.empty()) {
    throw StoreFailure(FailureKind::corrupt, "snapshot", "entry " + std::to_string(seq.value) + " is missing");
  }
  return std::move(found.front());
}

Head head_at(const Store& store, const AgentId& agent, const Moment& moment, const Call& call) {
  const auto head = store.head(agent, call);
  if (std::holds_alternative<AtHead>(moment)) return head;
  Position end;
  if (const auto* time = std::get_if<TxTime>(&moment)) {
    end = store.position_at(agent, *time, call);
  } else {
    end = std::get<Position>(moment);
    if (end != Position{} && end < head.position) {
      end = batch_end(store, agent, entry_at(store, agent, end, head.position, call), call);
    }
  }
  if (end >= head.position) return head;
  if (end == Position{}) return {{}, {}, genesis_hash(agent)};
  const auto last = entry_at(store, agent, end, head.position, call);
  return {end, last.recorded_at, last.hash};
}

}  // namespace

Snapshot Store::snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const {
  Snapshot snapshot;
  snapshot.head = head_at(*this, agent, moment, call);
  const auto at = snapshot.head.position;
  // One read after the other is one snapshot all the same: what lies at or before a position never changes.
  for (const auto& key : wanted.lines) snapshot.lines.push_back(line(agent, key, at, call));
  for (const auto& key : wanted.keys) snapshot.keys.push_back(by_idempotency_key(agent, key, at, call));
  if (!wanted.claims.empty()) snapshot.claims = claims(agent, wanted.claims, at, call);
  return snapshot;
}

}  // namespace claimledger
