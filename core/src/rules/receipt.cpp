#include <algorithm>

#include "claimledger/limits.hpp"
#include "rules/rivals.hpp"
#include "rules/rules.hpp"

namespace claimledger::rules {

std::optional<Receipt> receipt_of(const Entry& entry) {
  Receipt receipt;
  if (const auto* e = std::get_if<ClaimRecorded>(&entry)) {
    receipt.claim = e->claim.id;
    receipt.disposition = e->disposition;
    receipt.rationale = e->rationale;
    receipt.not_applied = e->not_applied;
  } else if (const auto* c = std::get_if<Corroborated>(&entry)) {
    receipt.claim = c->stated.id;
    receipt.disposition = c->answered;
    receipt.rationale = c->rationale;
    receipt.corroborated = true;
    receipt.not_applied = c->not_applied;
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

namespace {

// The claims that the receipt's claim won over by policy; each once, oldest first.
std::vector<Index> beaten(const Entry& entry, const ClaimId& winner, const LineState& line) {
  std::vector<Index> losers;
  const auto add = [&](const std::vector<Win>& won) {
    for (const auto& win : won) {
      if (win.loser != winner) losers.push_back(line.index_of(win.loser));
    }
  };
  const auto add_promoted = [&](const std::vector<Promotion>& promoted) {
    for (const auto& promotion : promoted) {
      if (promotion.claim == winner) add(promotion.won);
    }
  };
  if (const auto* recorded = std::get_if<ClaimRecorded>(&entry)) add(recorded->won);
  if (const auto* again = std::get_if<Corroborated>(&entry)) add_promoted(again->promoted);
  sort_oldest_first(line, losers);
  return losers;
}

// The oldest of these, and how many there are.
void show(Receipt& receipt, std::vector<Index> found, const LineState& line) {
  receipt.rivals = found.size();
  keep_oldest(line, found, limits::rivals_shown);
  receipt.contested_with.clear();
  for (const auto rival : found) receipt.contested_with.push_back(line[rival].id);
}

}  // namespace

void name_rivals(Receipt& receipt, const Entry& entry, const LineState& line) {
  const auto* claim = receipt.claim ? line.find(*receipt.claim) : nullptr;
  if (!claim) return;
  if (receipt.disposition == Disposition::pending_conflict) {
    const auto& said = line.said(*claim);
    const Probe probe{claim->value, claim->window, said.trusted, line.time_of(claim->seq), said.cardinality};
    show(receipt, rivals_of(line, probe), line);
    return;
  }
  auto losers = beaten(entry, *receipt.claim, line);
  show(receipt, losers.empty() ? rivals_unordered(line, line.index_of(*claim)) : std::move(losers), line);
}

Receipt receipt_for(const LineState& line, const ClaimState& claim, Rationale rationale, TxTime now) {
  Receipt receipt;
  receipt.claim = claim.id;
  receipt.disposition = claim.reported(now);
  receipt.rationale = rationale;
  show(receipt, rivals_unordered(line, line.index_of(claim)), line);
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
    {Rationale::corrected, "stands in the place of a claim that never was so"},
    {Rationale::judged_anew, "its line was judged anew"},
    {Rationale::holds_now, "holds on this line now"},
    {Rationale::said_by_others, "others said the same: it goes on as theirs"},
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
  if (receipt.rivals > 0 && receipt.rationale != Rationale::newest_wins) {
    reason += receipt.rivals == 1 ? "; 1 rival" : "; " + std::to_string(receipt.rivals) + " rivals";
  }
  for (const auto what : receipt.not_applied) {
    switch (what) {
      case NotApplied::end:
        reason += "; the end it states was not applied to what goes on";
        break;
      case NotApplied::cardinality:
        reason += "; the set has other members, so it stays one";
        break;
    }
  }
  return reason;
}

}  // namespace claimledger::rules
