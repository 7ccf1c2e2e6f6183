#include "rules/rules.hpp"

namespace claimledger::rules {

std::optional<Receipt> receipt_of(const Entry& entry) {
  Receipt receipt;
  if (const auto* e = std::get_if<ClaimRecorded>(&entry)) {
    receipt.claim = e->claim.id;
    receipt.disposition = e->disposition;
    receipt.rationale = e->rationale;
    receipt.contested_with = e->contested_with;
    receipt.end_not_applied = e->end_not_applied;
  } else if (const auto* c = std::get_if<Corroborated>(&entry)) {
    receipt.claim = c->claim;
    receipt.disposition = c->answered;
    receipt.rationale = c->rationale;
    receipt.contested_with = c->contested_with;
    receipt.corroborated = true;
    receipt.end_not_applied = c->end_not_applied;
  } else if (const auto* h = std::get_if<Echoed>(&entry)) {
    receipt.claim = h->claim;
    receipt.disposition = h->answered;
    receipt.rationale = Rationale::echo;
  } else if (const auto* r = std::get_if<RecallReEntryDetected>(&entry)) {
    receipt.claim = r->claim;
    receipt.disposition = r->answered;
    receipt.rationale = Rationale::recall_reentry;
  } else if (const auto* b = std::get_if<RecallBurst>(&entry)) {
    receipt.claim = b->claim;
    receipt.disposition = Disposition::quarantined;
    receipt.rationale = Rationale::recall_burst;
  } else if (const auto* x = std::get_if<Rejected>(&entry)) {
    receipt.claim = x->claim;
    receipt.disposition = Disposition::rejected;
    receipt.rationale = x->rationale;
  } else {
    return std::nullopt;
  }
  return receipt;
}

Receipt receipt_for(const LineState& line, const ClaimState& claim, Rationale rationale, TxTime now) {
  Receipt receipt;
  receipt.claim = claim.claim.id;
  receipt.disposition = claim.reported(now);
  receipt.rationale = rationale;
  if (claim.live_first_hand()) receipt.contested_with = rivals(line, claim);
  if (claim.question && !claim.question->expired(now)) receipt.handle = claim.question->handle;
  return receipt;
}

namespace {

std::string_view words(Rationale rationale) {
  switch (rationale) {
    case Rationale::first:
      return "the first value on its line";
    case Rationale::succession:
      return "follows a value whose end was open: that one is taken to have held until then";
    case Rationale::set_member:
      return "one more member of a set";
    case Rationale::extends:
      return "adds to the line without contradicting anything";
    case Rationale::ends:
      return "states the end of what the same source had left open";
    case Rationale::restates:
      return "said again: recorded at the claim that stands";
    case Rationale::confirms:
      return "confirms a claim that was said before";
    case Rationale::rivals:
      return "contradicts what was said first-hand";
    case Rationale::newest_wins:
      return "contradicted what was said first-hand, and by policy the newest wins";
    case Rationale::inferred:
      return "derived, and contradicts nothing first-hand";
    case Rationale::contradicts:
      return "derived, and contradicts what was said first-hand";
    case Rationale::too_deep:
      return "derived over too many steps";
    case Rationale::below_floor:
      return "too unsure to count until it is said again";
    case Rationale::incoherent_window:
      return "ends before it starts: kept, but it does not count";
    case Rationale::future_start:
      return "starts in the future: kept, but it does not count";
    case Rationale::echo:
      return "derived, and says what already holds: counts for nothing";
    case Rationale::recall_reentry:
      return "repeats what this ledger served: recorded at the claim it repeats";
    case Rationale::recall_burst:
      return "repeats what this ledger served too often: not recorded until the window has passed";
    case Rationale::not_allowed:
      return "not open to this provenance or caller";
    case Rationale::not_applicable:
      return "not open to a claim that never counted";
    case Rationale::promoted:
      return "was said again, so it counts now";
    case Rationale::uncontested:
      return "nothing contradicts it any more";
    case Rationale::affirmed:
      return "affirmed by a verdict";
    case Rationale::denied:
      return "denied by a verdict";
    case Rationale::unsettled:
      return "the verdict could not say";
    case Rationale::expired:
      return "nobody judged it in time";
    case Rationale::superseded:
      return "a rival won";
    case Rationale::ended:
      return "no longer holds";
    case Rationale::retracted:
      return "never held";
    case Rationale::reopened:
      return "holds again";
    case Rationale::restored:
      return "what had been won from it was given back";
    case Rationale::reviewed:
      return "looked at again, and kept";
    case Rationale::no_longer_contradicted:
      return "nothing first-hand contradicts it any more";
  }
  return "";
}

}  // namespace

std::string explain(const Receipt& receipt) {
  std::string reason(words(receipt.rationale));
  if (const auto rivals = receipt.contested_with.size(); rivals > 0 && receipt.rationale != Rationale::newest_wins) {
    reason += rivals == 1 ? "; 1 rival" : "; " + std::to_string(rivals) + " rivals";
  }
  if (receipt.end_not_applied) reason += "; the end it states was not applied, because another source left it open";
  return reason;
}

}  // namespace claimledger::rules
