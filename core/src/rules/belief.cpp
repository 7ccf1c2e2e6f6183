#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "rules/rules.hpp"

// What to believe of one line at one instant: section 4 of the semantics, step by step.
namespace claimledger::rules {

namespace {

using Claims = std::vector<const ClaimState*>;

Slot slot_of(const ClaimState& claim, TxTime asked_at) {
  Slot slot;
  slot.claim = claim.claim.id;
  if (claim.content.value) slot.value = *claim.content.value;
  slot.provenance = claim.claim.provenance;
  slot.source = claim.content.source;
  slot.window = claim.claim.window;
  slot.trusted = claim.claim.trusted;
  slot.recorded_at = claim.recorded_at;
  slot.last_said = claim.last_said();
  slot.value_confidence = claim.claim.value_confidence;
  slot.valid_time_confidence = claim.claim.valid_time_confidence;
  slot.criticality = claim.claim.criticality;
  slot.disposition = claim.reported(asked_at);
  slot.corroboration_count = claim.corroborations;
  return slot;
}

// Moves the claims that `set_aside` picks from the candidates to the dissent.
template <class Predicate>
void set_aside(Claims& candidates, Claims& dissent, Predicate set_aside) {
  const auto kept = std::stable_partition(candidates.begin(), candidates.end(),
                                          [&](const auto* claim) { return !set_aside(*claim); });
  dissent.insert(dissent.end(), kept, candidates.end());
  candidates.erase(kept, candidates.end());
}

// Only what is said first-hand has rivals.
bool rivals_at_all(const ClaimState& a, const ClaimState& b) {
  return a.first_hand() && b.first_hand() &&
         (a.counts_from > b.counts_from ? relation(a, b) : relation(b, a)) == Relation::rivals;
}

// Steps 2 and 3, for lines that are no sets.
void weigh(Claims& candidates, Claims& dissent) {
  const auto any = [&](auto predicate) { return std::any_of(candidates.begin(), candidates.end(), predicate); };
  if (any([](const auto* claim) { return claim->first_hand(); })) {
    set_aside(candidates, dissent, [](const ClaimState& claim) { return !claim.first_hand(); });
  }
  if (any([](const auto* claim) { return claim->claim.trusted; })) {
    Claims trusted;
    for (const auto* claim : candidates) {
      if (claim->claim.trusted) trusted.push_back(claim);
    }
    set_aside(candidates, dissent, [&](const ClaimState& claim) {
      return !claim.claim.trusted && std::none_of(trusted.begin(), trusted.end(), [&](const auto* other) {
        return other->value() == claim.value() || rivals_at_all(claim, *other);
      });
    });
  }
}

// One slot a value: its primary speaks for it.
std::map<std::string_view, Slot> group(const Claims& candidates, TxTime asked_at) {
  std::map<std::string_view, const ClaimState*> primaries;
  for (const auto* claim : candidates) {
    auto& primary = primaries[claim->value().text()];
    if (!primary || primary->claim.value_confidence < claim->claim.value_confidence) primary = claim;
  }
  std::map<std::string_view, Slot> groups;
  for (const auto& [value, primary] : primaries) {
    auto slot = slot_of(*primary, asked_at);
    slot.corroboration_count = 0;
    for (const auto* claim : candidates) {
      if (claim->value().text() != value) continue;
      slot.last_said = std::max(slot.last_said, claim->last_said());
      slot.corroboration_count += claim->corroborations;
    }
    groups.emplace(value, std::move(slot));
  }
  return groups;
}

void date(Belief& belief, const std::map<std::string_view, Slot>& groups, const Reading& reading) {
  if (groups.empty()) {
    belief.stale = true;
    belief.staleness_reason = "no belief";
    return;
  }
  auto said = groups.begin()->second.last_said;
  for (const auto& [value, slot] : groups) said = std::max(said, slot.last_said);
  const auto age = std::max(reading.asked_at.value - said.value, std::chrono::microseconds{0});
  const auto days = std::chrono::duration<double, std::ratio<86'400>>(age).count();
  belief.currency = age < reading.aging_after     ? Currency::fresh
                    : age < reading.decayed_after ? Currency::aging_unconfirmed
                                                  : Currency::decayed;
  belief.currency_score = Confidence::from(std::pow(0.95, days), "currency_score");
  belief.stale = belief.currency == Currency::decayed;
  if (belief.stale) {
    belief.staleness_reason = "last said " + std::to_string(static_cast<long long>(days)) + " days ago";
  }
}

void mark(Belief& belief, const Claims& candidates, const Claims& dissent) {  // candidates: before any were set aside
  const auto of = [](const Claims& claims, auto predicate) {
    return std::any_of(claims.begin(), claims.end(), predicate);
  };
  const auto of_either = [&](auto predicate) { return of(candidates, predicate) || of(dissent, predicate); };
  const auto add = [&](bool wanted, Marker marker) {
    if (wanted) belief.markers.push_back(marker);
  };
  add(belief.status == BeliefStatus::contested, Marker::contested);
  add(of(dissent, [](const auto* c) { return c->disposition == Disposition::pending_conflict; }),
      Marker::pending_conflict);
  add(of(candidates, [](const auto* c) { return c->marked; }), Marker::pending_review);
  add(of_either([](const auto* c) { return c->claim.provenance == Provenance::recall_reentry; }),
      Marker::recall_tainted);
  add(of_either([](const auto* c) { return c->claim.depth > 3; }), Marker::low_derivation_anchor);
  add(!dissent.empty(), Marker::dissent);
}

}  // namespace

Belief belief(const LineState& line, ValidTime valid_at, const Reading& reading) {
  Belief belief;
  belief.position = reading.position;
  belief.asked_at = reading.asked_at;
  belief.valid_at = valid_at;
  belief.set = is_set(line);

  Claims all, candidates, dissent;
  for (const auto* claim : line.claims()) {
    if (claim->erased || !claim->validity.contains(valid_at)) continue;
    if (claim->live()) candidates.push_back(claim);
    if (claim->disposition == Disposition::pending_conflict) dissent.push_back(claim);
  }
  all = candidates;
  if (!belief.set) weigh(candidates, dissent);

  auto groups = group(candidates, reading.asked_at);
  const auto answered = [&](const ClaimState* claim) { return groups.contains(claim->value().text()); };
  dissent.erase(std::remove_if(dissent.begin(), dissent.end(), answered), dissent.end());
  std::sort(dissent.begin(), dissent.end(), [](const auto* a, const auto* b) { return a->seq < b->seq; });

  const bool trusted =
      std::any_of(candidates.begin(), candidates.end(), [](const auto* claim) { return claim->claim.trusted; });
  if (groups.empty()) {
    belief.status = BeliefStatus::no_belief;
  } else if (belief.set) {
    belief.status = BeliefStatus::resolved;
  } else if (groups.size() > 1) {
    belief.status = BeliefStatus::contested;
  } else {
    belief.status = trusted ? BeliefStatus::resolved : BeliefStatus::timing_uncertain;
  }

  date(belief, groups, reading);
  mark(belief, all, dissent);
  for (const auto* claim : all) {
    belief.criticality = std::max(belief.criticality.value_or(Criticality::low), claim->claim.criticality);
  }
  for (const auto* claim : dissent) belief.dissent.push_back(slot_of(*claim, reading.asked_at));
  if (groups.size() == 1 && !belief.set) {
    belief.primary = std::move(groups.begin()->second);
  } else {
    for (auto& [value, slot] : groups) belief.alternatives.push_back(std::move(slot));
  }
  return belief;
}

ClaimHistory claim_history(const LineState& line, const LineKey& key, const ClaimState& claim, const Reading& reading) {
  ClaimHistory history;
  history.position = reading.position;
  history.asked_at = reading.asked_at;
  history.seq = claim.seq;
  history.slot = slot_of(claim, reading.asked_at);
  history.line = key;
  history.cardinality = claim.claim.cardinality;
  history.derived_from = claim.claim.derived_from;
  history.depth = claim.claim.depth;
  history.nearest_external_anchor = claim.claim.nearest_external_anchor;
  history.metadata = claim.content.metadata;
  if (!claim.erased) history.validity.assign(claim.validity.spans().begin(), claim.validity.spans().end());
  for (const CutState& cut : claim.cuts) {
    history.cuts.push_back({cut.seq,
                            cut.recorded_at,
                            cut.cut.kind,
                            {cut.cut.from, cut.cut.until},
                            cut.cut.reason,
                            cut.cut.cause,
                            cut.in_force});
  }
  history.said = claim.said;
  if (claim.live_first_hand()) history.contested_with = rivals(line, claim);
  if (claim.question && !claim.question->expired(reading.asked_at)) history.open_adjudication = claim.question->handle;
  history.erased = claim.erased;
  return history;
}

}  // namespace claimledger::rules
