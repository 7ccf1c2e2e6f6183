#include <algorithm>
#include <cmath>
#include <string_view>

#include "claimledger/limits.hpp"
#include "rules/rivals.hpp"
#include "rules/rules.hpp"

// Belief about one line at one instant: section 4 of the semantics, step by step.
namespace claimledger::rules {

Slot slot_of(const LineState& line, const ClaimState& claim, TxTime asked_at) {
  const auto& said = line.said(claim);
  const auto& content = line.content(claim);
  Slot slot;
  slot.claim = claim.id;
  if (content.value) slot.value = *content.value;
  slot.provenance = said.provenance;
  slot.source = content.source;
  slot.window = said.window;
  slot.trusted = said.trusted;
  slot.recorded_at = line.recorded_at(claim);
  slot.last_said = claim.said.empty() ? slot.recorded_at : claim.last_said();
  slot.value_confidence = line.value_confidence(claim);
  slot.valid_time_confidence = said.valid_time_confidence;
  slot.criticality = line.criticality(claim);
  slot.disposition = claim.reported(asked_at);
  slot.corroboration_count = line.corroborations(claim);
  return slot;
}

namespace {

using Claims = std::vector<const ClaimState*>;

// Moves the claims that `set_aside` picks from the candidates to the dissent.
template <class Predicate>
void set_aside(Claims& candidates, Claims& dissent, Predicate set_aside) {
  const auto kept = std::stable_partition(candidates.begin(), candidates.end(),
                                          [&](const auto* claim) { return !set_aside(*claim); });
  dissent.insert(dissent.end(), kept, candidates.end());
  candidates.erase(kept, candidates.end());
}

// An undated claim beside dated ones that say something else: set aside where it is a rival of none of them, or before
// it was first said; but one that states an end in the past speaks about the past.
bool speaks_here(const ClaimState& undated, const Claims& dated, ValidTime valid_at) {
  const auto first_said = as_valid(undated.first_said());
  if (valid_at < first_said && first_said < undated.window.until) return false;
  return std::any_of(dated.begin(), dated.end(), [&](const auto* other) { return may_be_rivals(undated, *other); });
}

// Steps 2 and 3, for lines that are no sets.
void apply_precedence(Claims& candidates, Claims& dissent, ValidTime valid_at) {
  const auto any = [&](auto predicate) { return std::any_of(candidates.begin(), candidates.end(), predicate); };
  if (any([](const auto* claim) { return claim->first_hand(); })) {
    set_aside(candidates, dissent, [](const ClaimState& claim) { return !claim.first_hand(); });
  }
  Claims dated;
  std::vector<Index> values;
  for (const auto* claim : candidates) {
    if (claim->trusted) dated.push_back(claim);
  }
  if (dated.empty() || dated.size() == candidates.size()) return;
  for (const auto* claim : dated) values.push_back(claim->value);
  std::sort(values.begin(), values.end());
  set_aside(candidates, dissent, [&](const ClaimState& claim) {
    if (claim.trusted) return false;
    const bool agreed = std::binary_search(values.begin(), values.end(), claim.value);
    return !agreed && !speaks_here(claim, dated, valid_at);
  });
}

// Claims of one value, and one of them, the primary, for all.
struct Group {
  Claims claims;
  const ClaimState* primary = nullptr;

  Index value() const { return primary->value; }
};

// By value's text.
std::vector<Group> group(const LineState& line, Claims candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto* a, const auto* b) { return a->value < b->value; });
  std::vector<Group> groups;
  for (const auto* claim : candidates) {
    if (groups.empty() || groups.back().value() != claim->value) groups.push_back({{}, claim});
    groups.back().claims.push_back(claim);
    auto& primary = groups.back().primary;
    const auto mine = line.value_confidence(*claim);
    if (line.value_confidence(*primary) < mine ||
        (line.value_confidence(*primary) == mine && is_older(*claim, *primary))) {
      primary = claim;
    }
  }
  const auto text = [&](const Group& group) { return std::string_view(line.content(*group.primary).value->text()); };
  std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) { return text(a) < text(b); });
  return groups;
}

Slot slot_of(const LineState& line, const Group& group, TxTime asked_at) {
  auto slot = slot_of(line, *group.primary, asked_at);
  slot.corroboration_count = 0;
  for (const auto* claim : group.claims) {
    slot.last_said = std::max(slot.last_said, claim->last_said());
    slot.corroboration_count += line.corroborations(*claim);
  }
  return slot;
}

BeliefStatus status_of(bool is_set, const std::vector<Group>& groups) {
  if (groups.empty()) return BeliefStatus::no_belief;
  if (is_set) return BeliefStatus::resolved;
  if (groups.size() > 1) return BeliefStatus::contested;
  const auto& claims = groups.front().claims;
  const bool trusted = std::any_of(claims.begin(), claims.end(), [](const auto* claim) { return claim->trusted; });
  return trusted ? BeliefStatus::resolved : BeliefStatus::timing_uncertain;
}

void set_currency(Belief& belief, const std::vector<Slot>& slots, const Reading& reading) {
  if (slots.empty()) {
    belief.stale = true;
    belief.staleness_reason = "no belief";
    return;
  }
  auto said = slots.front().last_said;
  for (const auto& slot : slots) said = std::max(said, slot.last_said);
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

void set_markers(const LineState& line, Belief& belief, const Claims& candidates,
                 const Claims& dissent) {  // candidates: before any were set aside
  const auto of = [](const Claims& claims, auto predicate) {
    return std::any_of(claims.begin(), claims.end(), predicate);
  };
  const auto of_either = [&](auto predicate) { return of(candidates, predicate) || of(dissent, predicate); };
  const auto add = [&](bool wanted, Marker marker) {
    if (wanted) belief.markers.push_back(marker);
  };
  add(belief.status == BeliefStatus::contested, Marker::contested);
  add(of(dissent, [](const auto* c) { return c->disposition() == Disposition::pending_conflict; }),
      Marker::pending_conflict);
  add(of(candidates, [](const auto* c) { return c->marked; }), Marker::pending_review);
  add(of_either([](const auto* c) { return c->provenance == Provenance::recall_reentry; }), Marker::recall_tainted);
  add(of_either([&](const auto* c) { return line.said(*c).depth > 3; }), Marker::low_derivation_anchor);
  add(!dissent.empty(), Marker::dissent);
}

}  // namespace

bool takes_part(const ClaimState& claim, ValidTime valid_at) {
  return claim.may_take_part() && claim.validity.contains(valid_at);
}

TakingPart taking_part(const LineState& line, ValidTime valid_at) {
  TakingPart part{line, line.is_set(), {}};
  for (const auto index : line.may_take_part_in(only_at(valid_at))) {
    if (takes_part(line[index], valid_at)) part.claims.push_back(&line[index]);
  }
  return part;
}

Belief belief(const LineState& line, ValidTime valid_at, const Reading& reading) {
  return belief(taking_part(line, valid_at), valid_at, reading);
}

Belief belief(const TakingPart& part, ValidTime valid_at, const Reading& reading) {
  const auto& line = part.line;
  Belief belief;
  belief.position = reading.position;
  belief.asked_at = reading.asked_at;
  belief.valid_at = valid_at;
  belief.set = part.is_set;

  Claims all, candidates, dissent;
  for (const auto* claim : part.claims) {
    if (claim->live()) candidates.push_back(claim);
    if (claim->disposition() == Disposition::pending_conflict) dissent.push_back(claim);
  }
  all = candidates;
  if (!belief.set) apply_precedence(candidates, dissent, valid_at);

  const auto groups = group(line, candidates);
  std::vector<Index> values;
  std::vector<Slot> slots;
  for (const auto& group : groups) {
    values.push_back(group.value());
    slots.push_back(slot_of(line, group, reading.asked_at));
  }
  std::sort(values.begin(), values.end());
  const auto answered = [&](const auto* claim) {
    return std::binary_search(values.begin(), values.end(), claim->value);
  };
  std::erase_if(dissent, answered);
  std::sort(dissent.begin(), dissent.end(), [](const auto* a, const auto* b) { return is_older(*a, *b); });
  belief.status = status_of(belief.set, groups);

  set_currency(belief, slots, reading);
  set_markers(line, belief, all, dissent);
  for (const auto* claim : all) {
    belief.criticality = std::max(belief.criticality.value_or(Criticality::low), line.criticality(*claim));
  }
  for (const auto* claim : dissent) belief.dissent.push_back(slot_of(line, *claim, reading.asked_at));
  if (slots.size() == 1 && !belief.set) {
    belief.primary = std::move(slots.front());
  } else {
    belief.alternatives = std::move(slots);
  }
  return belief;
}

Answer answer(const LineState& line, std::vector<const ClaimState*> live, ValidTime valid_at, TxTime asked_at) {
  Claims dissent;
  if (!line.is_set()) apply_precedence(live, dissent, valid_at);
  const auto groups = group(line, std::move(live));
  Answer answer{status_of(line.is_set(), groups), {}};
  for (const auto& group : groups) answer.values.push_back(slot_of(line, group, asked_at));
  return answer;
}

namespace {

// Of those that have a statement.
std::vector<ClaimId> ids_of(const LineState& line, const std::vector<Index>& claims) {
  std::vector<ClaimId> ids;
  for (const auto claim : claims) {
    if (line[claim].has_statement()) ids.push_back(line[claim].id);
  }
  return ids;
}

// The claim that stands in the place of this one, if it was corrected.
std::optional<ClaimId> corrected_by(const LineState& line, const ClaimState& claim) {
  for (const auto statement : claim.lost) {
    if (const auto corrector = line.corrected_by(statement); corrector != nowhere) {
      return line.statement(corrector).said.id;
    }
  }
  return std::nullopt;
}

}  // namespace

ClaimHistory claim_history(const LineState& line, const LineKey& key, const ClaimState& claim, const Reading& reading) {
  const auto& said = line.said(claim);
  ClaimHistory history;
  history.position = reading.position;
  history.asked_at = reading.asked_at;
  history.seq = claim.seq;
  history.slot = slot_of(line, claim, reading.asked_at);
  history.line = key;
  history.cardinality = claim.decided.cardinality;
  history.derived_from = said.derived_from;
  history.depth = said.depth;
  history.nearest_external_anchor = said.nearest_external_anchor;
  history.metadata = line.content(claim).metadata;
  history.validity.assign(claim.validity.spans().begin(), claim.validity.spans().end());
  history.base.assign(claim.base.spans().begin(), claim.base.spans().end());
  for (const auto& cut : claim.decided.cuts) {
    history.cuts.push_back({cut.seq, line.time_of(cut.seq), cut.span, cut.reason, cut.cause});
  }
  history.follows = ids_of(line, claim.follows);
  history.followed_by = ids_of(line, claim.followed_by);
  for (const auto index : claim.statements) {
    const auto& statement = line.statement(index);
    history.statements.push_back({statement.seq, statement.recorded_at, statement.said.provenance,
                                  statement.content.source, statement.said.window, statement.said.value_confidence,
                                  statement.said.criticality, statement.said.cardinality, statement.said.derived_from,
                                  statement.content.metadata});
  }
  history.statements_went_to = statements_went_to(line, claim);
  if (claim.has_statement() && line.first_statement(claim).correction) {
    history.corrects = line.first_statement(claim).correction->claim;
  }
  history.corrected_by = corrected_by(line, claim);
  history.said.assign(claim.said.begin(), claim.said.end());
  history.contested_with = ids_of(line, oldest_rivals(line, line.index_of(claim), limits::rivals_shown));
  if (claim.question && !claim.question->expired(reading.asked_at)) history.open_adjudication = claim.question->handle;
  history.erased = line.erased(claim);
  return history;
}

}  // namespace claimledger::rules
