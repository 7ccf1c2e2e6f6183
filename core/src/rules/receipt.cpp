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

constexpr std::pair<Rationale, std::string_view> words[] = {
    {Rationale::first, "the first value on its line"},
    {Rationale::succession, "follows a value whose end was open: that one is taken to have held until then"},
    {Rationale::set_member, "one more member of a set"},
    {Rationale::extends, "adds to the line without contradicting anything"},
    {Rationale::ends, "states the end of what the same source had left open"},
    {Rationale::restates, "said again: recorded at the claim that stands"},
    {Rationale::confirms, "confirms a claim that was said before"},
    {Rationale::rivals, "contradicts what was said first-hand"},
    {Rationale::newest_wins, "contradicted what was said first-hand, and by policy the newest wins"},
    {Rationale::inferred, "derived, and contradicts nothing first-hand"},
    {Rationale::contradicts, "derived, and contradicts what was said first-hand"},
    {Rationale::too_deep, "derived over too many steps"},
    {Rationale::below_floor, "too unsure to count until it is said again"},
    {Rationale::incoherent_window, "ends before it starts: kept, but it does not count"},
    {Rationale::future_start, "starts in the future: kept, but it does not count"},
    {Rationale::echo, "derived, and says what already holds: counts for nothing"},
    {Rationale::recall_reentry, "repeats what this ledger served: recorded at the claim it repeats"},
    {Rationale::recall_burst, "repeats what this ledger served too often: not recorded until the window has passed"},
    {Rationale::not_allowed, "not open to this provenance or caller"},
    {Rationale::not_applicable, "not open to a claim that never counted"},
    {Rationale::promoted, "was said again, so it counts now"},
    {Rationale::uncontested, "nothing contradicts it any more"},
    {Rationale::affirmed, "affirmed by a verdict"},
    {Rationale::denied, "denied by a verdict"},
    {Rationale::unsettled, "the verdict could not say"},
    {Rationale::expired, "nobody judged it in time"},
    {Rationale::ended, "no longer holds"},
    {Rationale::retracted, "never held"},
    {Rationale::reopened, "holds again"},
    {Rationale::reviewed, "looked at again, and kept"},
    {Rationale::no_longer_contradicted, "nothing first-hand contradicts it any more"},
};

std::string_view in_words(Rationale rationale) {
  for (const auto& [known, text] : words) {
    if (known == rationale) return text;
  }
  return text(rationale);
}

}  // namespace

std::string explain(const Receipt& receipt) {
  std::string reason(in_words(receipt.rationale));
  if (const auto rivals = receipt.contested_with.size(); rivals > 0 && receipt.rationale != Rationale::newest_wins) {
    reason += rivals == 1 ? "; 1 rival" : "; " + std::to_string(rivals) + " rivals";
  }
  if (receipt.end_not_applied) reason += "; the end it states was not applied to what stands open";
  return reason;
}

}  // namespace claimledger::rules
