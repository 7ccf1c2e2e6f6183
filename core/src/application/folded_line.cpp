#include "application/folded_line.hpp"

#include <algorithm>

#include "application/read_entry.hpp"
#include "claimledger/domain/entry_number.hpp"

namespace claimledger::application {

namespace {

Position last_erasure(const Store& store, const AgentId& agent, Position at, const Call& call) {
  const EntryQuery query{.kinds = {kind_number<Tombstone>}, .order = Order::descending};
  const auto found = store.entries(agent, query, at, call);
  return found.empty() ? Position{} : found.front().seq;
}

}  // namespace

FoldedLine FoldedLine::of(std::span<const StoredEntry> entries) {
  FoldedLine line;
  line.state = fold_line(entries);
  for (const auto& entry : entries) line.note_durable(entry);
  return line;
}

bool FoldedLine::go_on(std::span<const StoredEntry> from_last) {
  const auto mine = std::ranges::find(from_last, hashed, &StoredEntry::seq);
  if (mine == from_last.end() || mine->hash != hash) return false;
  const std::span added(mine + 1, from_last.end());
  state.watch();  // whoever drafted on it last left what he had changed
  if (added.empty()) return true;
  hashed = {};  // until all went well
  for (const auto& entry : added) fold_onto(state, read_entry(entry));
  state.derive();
  state.watch();
  for (const auto& entry : added) note_durable(entry);
  return true;
}

void FoldedLine::note_durable(const StoredEntry& entry) {
  hashed = entry.seq;
  hash = entry.hash;
  ++entries;
  bytes += entry.body.size() + entry.content.body.size();
}

bool FoldedLine::has_all_contents(const Store& store, const AgentId& agent, Position end, const Call& call) {
  if (erasure && erasure->up_to == end) return true;
  const auto last = last_erasure(store, agent, end, call);
  if (erasure && erasure->last != last) return false;
  erasure = {end, last};
  return true;
}

std::size_t FoldedLine::memory() const {
  constexpr std::size_t of_an_entry = sizeof(rules::StatementState) + sizeof(rules::ClaimState) + 256;
  return entries * of_an_entry + 2 * bytes;
}

}  // namespace claimledger::application
