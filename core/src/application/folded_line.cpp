#include "application/folded_line.hpp"

#include <algorithm>

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
  line.fold(entries);
  return line;
}

FoldedLine FoldedLine::with_past(std::span<const StoredEntry> entries) {
  FoldedLine line;
  line.past = std::make_unique<rules::LinePast>();
  line.fold(entries);
  return line;
}

void FoldedLine::fold(std::span<const StoredEntry> added) {
  if (entries == 0) state.reserve(added.size());
  for (const auto& entry : added) {
    auto read = read_entry(entry);
    const auto about = past ? claim_of(read.record.entry) : std::nullopt;
    fold_onto(state, std::move(read));
    if (past) note_past(entry.seq, about);
  }
  state.derive();
  state.watch();
  for (const auto& entry : added) note_durable(entry);
}

void FoldedLine::note_past(Position entry, const std::optional<ClaimId>& about) {
  state.derive();
  past->note(state, entry, state.derived());
  // A mark and a question change nothing that is derived.
  if (const auto* claim = about ? state.find(*about) : nullptr) {
    const auto index = state.index_of(*claim);
    past->note(state, entry, std::span(&index, 1));
  }
  past_is_too_much = past->is_too_much();
  if (past_is_too_much) past.reset();
}

bool FoldedLine::go_on(std::span<const StoredEntry> from_last) {
  const auto mine = std::ranges::find(from_last, hashed, &StoredEntry::seq);
  if (mine == from_last.end() || mine->hash != hash) return false;
  const std::span added(mine + 1, from_last.end());
  state.watch();  // whoever drafted on it last left what he had changed
  if (added.empty()) return true;
  hashed = {};  // until all went well
  fold(added);
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
  return entries * of_an_entry + 2 * bytes + (past ? past->memory() : 0);
}

}  // namespace claimledger::application
