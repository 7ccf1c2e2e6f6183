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

// Whether an undated claim holds only from the end of the other on: that end was known before it was first said, and it
// goes on beyond it.
bool starts_after(const ClaimState& undated, const ClaimState& other) {
  if (undated.claim.trusted || undated.base.empty() || other.validity.empty()) return false;
  const auto end = other.base.end();
  return end <= as_valid(undated.recorded_at) && end < undated.base.end();
}

// What a claim holds beside another: the line may not have carved away yet what lies before the other's end.
Validity beside(const ClaimState& claim, const ClaimState& other) {
  auto validity = claim.validity;
  if (starts_after(claim, other)) validity.remove({ValidTime::beginning(), other.base.end()});
  return validity;
}

// An undated statement speaks about the times it was made.
bool speaks_about(const ClaimState& undated, const Validity& both) {
  return std::any_of(undated.said.begin(), undated.said.end(),
                     [&](TxTime said) { return both.contains(as_valid(said)); });
}

// Whether a live first-hand claim is a rival of this one, the line being no set.
bool opposes(const ClaimState& claim, const ClaimState& other) {
  if (other.seq == claim.seq || !other.live_first_hand() || other.value() == claim.value()) return false;
  return (claim.counts_from > other.counts_from ? relation(claim, other) : relation(other, claim)) == Relation::rivals;
}

bool set_valued(const ClaimState& claim) { return claim.claim.cardinality == Cardinality::set_valued; }

}  // namespace

Relation relation(const ClaimState& newer, const ClaimState& older) {
  if (!newer.validity.intersects(older.validity)) return Relation::none;
  if (newer.claim.trusted && older.claim.trusted) {
    return follows(newer, older, newer.validity.intersection(older.validity)) ? Relation::succeeds : Relation::rivals;
  }
  const auto both = beside(newer, older).intersection(beside(older, newer));
  if (both.empty()) return Relation::none;
  if (!newer.claim.trusted && !older.claim.trusted) return Relation::rivals;
  return speaks_about(newer.claim.trusted ? older : newer, both) ? Relation::rivals : Relation::none;
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
  // A claim that is about to count may hold from an ending on that has not been carved yet.
  std::optional<ClaimState> shortened;
  if (const auto ending = ending_before(line, claim); ending && claim.validity.start() < ending->at) {
    shortened = claim;
    shortened->validity.remove({ValidTime::beginning(), ending->at});
  }
  for (const auto* other : line.claims()) {
    if (opposes(shortened ? *shortened : claim, *other)) found.push_back(other->claim.id);
  }
  return found;
}

bool has_rival(const LineState& line, const ClaimState& claim) {
  const auto& claims = line.claims();
  return std::any_of(claims.begin(), claims.end(), [&](const auto* other) { return opposes(claim, *other); }) &&
         !is_set(line, &claim);
}

bool waits(const ClaimState& claim) {
  return claim.disposition == Disposition::contested || claim.disposition == Disposition::queued_for_adjudication;
}

bool contests(const LineState& line, const ClaimState& claim) {
  if (!claim.live_first_hand()) return false;
  if (waits(claim)) return has_rival(line, claim);
  const auto& claims = line.claims();
  return std::any_of(claims.begin(), claims.end(),
                     [&](const auto* other) {
                       return other->counts_from < claim.counts_from && !waits(*other) && opposes(claim, *other);
                     }) &&
         !is_set(line);
}

std::optional<Ending> ending_before(const LineState& line, const ClaimState& undated) {
  std::optional<Ending> latest;
  if (undated.claim.trusted || undated.validity.empty()) return latest;
  for (const auto* other : line.claims()) {
    if (other->seq == undated.seq || !other->live_first_hand() || other->value() == undated.value()) continue;
    if (!starts_after(undated, *other)) continue;
    if (!latest || latest->at < other->base.end()) latest = Ending{other->base.end(), other->claim.id};
  }
  return latest;
}

}  // namespace claimledger::rules
