#include <algorithm>

#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// N's start is after I's and not before I was last said, and they meet only where I's end is open. Asked of trusted
// claims.
bool follows(const ClaimState& newer, const ClaimState& older, const Validity& shared) {
  const auto start = newer.claim.window.from->at;
  if (start <= older.claim.window.from->at) return false;
  if (start < as_valid(older.last_said())) return false;
  const auto open_end = older.open_end();
  return open_end && open_end->from <= shared.start();
}

// An undated statement speaks about the times it was made.
bool speaks_about(const ClaimState& undated, const ClaimState& other) {
  return std::any_of(undated.said.begin(), undated.said.end(), [&](TxTime said) {
    return undated.validity.contains(as_valid(said)) && other.validity.contains(as_valid(said));
  });
}

bool set_valued(const ClaimState& claim) { return claim.claim.cardinality == Cardinality::set_valued; }

}  // namespace

Relation relation(const ClaimState& newer, const ClaimState& older) {
  if (!newer.validity.intersects(older.validity)) return Relation::none;
  if (newer.claim.trusted && older.claim.trusted) {
    return follows(newer, older, newer.validity.intersection(older.validity)) ? Relation::succeeds : Relation::rivals;
  }
  if (!newer.claim.trusted && !older.claim.trusted) return Relation::rivals;
  const bool meet = newer.claim.trusted ? speaks_about(older, newer) : speaks_about(newer, older);
  return meet ? Relation::rivals : Relation::none;
}

bool is_set(const LineState& line, const ClaimState* newcomer) {
  bool any = false;
  if (newcomer && !newcomer->validity.empty()) {
    if (!set_valued(*newcomer)) return false;
    any = true;
  }
  for (const auto* claim : line.claims()) {
    if (!claim->live_first_hand() || claim->validity.empty() || claim == newcomer) continue;
    if (!set_valued(*claim)) return false;
    any = true;
  }
  if (any) return true;
  // Nobody first-hand has any validity left: then all live claims are asked.
  any = newcomer != nullptr;
  if (newcomer && !set_valued(*newcomer)) return false;
  for (const auto* claim : line.claims()) {
    if (!claim->live() || claim == newcomer) continue;
    if (!set_valued(*claim)) return false;
    any = true;
  }
  return any;
}

std::vector<ClaimId> rivals(const LineState& line, const ClaimState& claim) {
  std::vector<ClaimId> found;
  if (is_set(line, &claim)) return found;
  for (const auto* other : line.claims()) {
    if (other->seq == claim.seq || !other->live_first_hand() || other->value() == claim.value()) continue;
    const bool claim_is_newer = claim.seq > other->seq;
    const auto how = claim_is_newer ? relation(claim, *other) : relation(*other, claim);
    if (how == Relation::rivals) found.push_back(other->claim.id);
  }
  return found;
}

std::optional<Ending> ending_before(const LineState& line, const ClaimState& undated) {
  std::optional<Ending> latest;
  for (const auto* other : line.claims()) {
    if (other->seq == undated.seq || !other->live_first_hand() || other->validity.empty()) continue;
    const auto end = other->base.end();
    if (end > as_valid(undated.recorded_at) || other->value() == undated.value()) continue;
    if (!latest || latest->at < end) latest = Ending{end, other->claim.id};
  }
  return latest;
}

}  // namespace claimledger::rules
