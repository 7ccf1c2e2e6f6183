#include <algorithm>

#include "rules/rules.hpp"

// What becomes of a statement: section 5 of the semantics from step 4 on, in its order; the first step that applies
// decides.
namespace claimledger::rules {

namespace {

// The validity of a claim without the presumed part of an open end.
Validity stated(const ClaimState& claim) {
  auto validity = claim.validity;
  if (const auto open_end = claim.open_end()) {
    validity.remove({std::max(open_end->from, as_valid(claim.last_said())), ValidTime::forever()});
  }
  return validity;
}

bool undated_without_end(const ClaimState& claim) { return !claim.claim.trusted && !claim.claim.window.until; }

// Whether `claim` says all that `said` would: the strict sense, for restatement.
bool restated_by(const ClaimState& claim, const ClaimState& said, TxTime now) {
  if (undated_without_end(said)) return claim.validity.contains(as_valid(now));
  if (claim.claim.trusted != said.claim.trusted) return false;
  if (!said.claim.window.until) return claim.validity.covers(said.window());
  return said.claim.trusted ? stated(claim).covers(said.window()) : claim.validity.covers(said.window());
}

// … and the loose one, for echoes, parked claims and promotion.
bool stated_by(const ClaimState& claim, const ClaimState& said, TxTime now) {
  if (undated_without_end(said)) return claim.validity.contains(as_valid(now));
  if (!said.claim.trusted && claim.claim.trusted) return false;
  return claim.validity.covers(said.window());
}

bool subset(const std::vector<ClaimId>& some, const std::vector<ClaimId>& all) {
  return std::all_of(some.begin(), some.end(),
                     [&](const ClaimId& id) { return std::find(all.begin(), all.end(), id) != all.end(); });
}

bool same_speaker(const ClaimState& a, const ClaimState& b) {
  return a.content.source == b.content.source && a.claim.provenance == b.claim.provenance;
}

// Who may state the end of what an incumbent left open: the same source, with the same start or none.
struct StatedEnd {
  std::vector<ClaimId> by_same_source;
  bool by_another = false;
};
StatedEnd stated_end(const LineState& line, const ClaimState& said) {
  StatedEnd found;
  if (!said.claim.window.until) return found;
  for (const auto* claim : line.claims()) {
    if (!claim->live_first_hand() || claim->value() != said.value()) continue;
    const auto open_end = claim->open_end();
    if (!open_end || said.claim.window.until->at <= open_end->from) continue;
    const auto& start = said.claim.window.from;
    if (start && (!claim->claim.window.from || claim->claim.window.from->at != start->at)) continue;
    if (claim->content.source != said.content.source) {
      found.by_another = true;
    } else {
      found.by_same_source.push_back(claim->claim.id);
    }
  }
  return found;
}

// Saying it again must not hide a contradiction: what was said now has no rival that the claim lacks. Nothing new would
// stand on the line, so that a member of a set is restated whatever cardinality it is said with.
bool lacks_no_rival_of(const LineState& line, const ClaimState& claim, const ClaimState& said) {
  if (said.claim.cardinality == claim.claim.cardinality) return subset(rivals(line, said), rivals(line, claim));
  auto again = said;
  again.claim.cardinality = claim.claim.cardinality;
  return subset(rivals(line, again), rivals(line, claim));
}

const ClaimState* restated(const LineDraft& line, const ClaimState& said) {
  for (const auto* claim : line.line().claims()) {
    if (!claim->live_first_hand() || claim->value() != said.value() || !restated_by(*claim, said, line.now())) continue;
    if (lacks_no_rival_of(line.line(), *claim, said)) return claim;
  }
  return nullptr;
}

// The parked claim that a statement below the floor confirms, else the live one.
const ClaimState* confirmed(const LineDraft& line, const ClaimState& said) {
  const ClaimState* live = nullptr;
  for (const auto* claim : line.line().claims()) {
    if (claim->erased || !claim->first_hand() || claim->value() != said.value()) continue;
    if (!stated_by(*claim, said, line.now())) continue;
    if (claim->disposition == Disposition::pending_low_confidence) return claim;
    if (!live && claim->live() && lacks_no_rival_of(line.line(), *claim, said)) live = claim;
  }
  return live;
}

Disposition disposition_for(Judgement judgement, const Policy& policy) {
  if (judgement != Judgement::contested) return Disposition::committed_cheap;
  return policy.asking.queue ? Disposition::queued_for_adjudication : Disposition::contested;
}

// A parked claim counts from now on, and is judged.
void promote(LineDraft& line, const ClaimId& id, const Policy& policy) {
  judge_standing(line, id, Seniority::newcomer, Rationale::promoted, policy);
  succeed(line, id);
}

Corroborated corroboration(const Newcomer& newcomer, const ClaimState& claim, const ClaimState& said) {
  const auto& c = newcomer.claim;
  Corroborated entry;
  entry.claim = claim.claim.id;
  entry.provenance = c.provenance;
  entry.window = c.window;
  entry.valid_time_confidence = c.valid_time_confidence;
  entry.value_confidence = c.value_confidence;
  entry.independent = !same_speaker(claim, said);
  return entry;
}

Receipt restate(LineDraft& line, const ClaimState& claim, const Newcomer& newcomer, const ClaimState& said,
                Rationale rationale, bool end_not_applied) {
  auto entry = corroboration(newcomer, claim, said);
  entry.answered = claim.reported(line.now());
  entry.rationale = rationale;
  auto after = claim;
  after.said.push_back(line.now());
  entry.contested_with = rivals(line.line(), after);
  entry.end_not_applied = end_not_applied;
  line.write(entry, newcomer.content);
  return *receipt_of(entry);
}

// The receipt is part of the entry, and the entry comes first: what the parked claim is going to be is worked out
// before.
Receipt confirm_parked(LineDraft& line, const ClaimId& id, const Newcomer& newcomer, const ClaimState& said,
                       bool end_not_applied, const Policy& policy) {
  auto promoted = line.at(id);
  promoted.said.push_back(line.now());
  promoted.counts_from = line.next();
  auto entry = corroboration(newcomer, promoted, said);
  entry.contested_with = rivals(line.line(), promoted);
  entry.answered = disposition_for(judgement(line.line(), promoted, entry.contested_with, policy), policy);
  entry.rationale = Rationale::confirms;
  entry.end_not_applied = end_not_applied;
  line.write(entry, newcomer.content);
  promote(line, id, policy);
  auto receipt = *receipt_of(entry);
  if (const auto& question = line.at(id).question) receipt.handle = question->handle;
  return receipt;
}

Receipt record(LineDraft& line, const Newcomer& newcomer, Disposition disposition, Rationale rationale,
               std::vector<ClaimId> contested_with = {}, bool end_not_applied = false) {
  const ClaimRecorded entry{newcomer.claim, disposition, rationale, std::move(contested_with), end_not_applied};
  line.write(entry, newcomer.content);
  return *receipt_of(entry);
}

// Steps 8 and 9 for a newcomer that is being recorded.
Receipt admit_newcomer(LineDraft& line, const Newcomer& newcomer, const ClaimState& said,
                       std::span<const ClaimId> ended, bool end_not_applied, const Policy& policy) {
  const auto& state = line.line();
  const auto opponents = rivals(state, said);
  const auto id = newcomer.claim.id;
  const auto outcome = judgement(state, said, opponents, policy);

  const auto uncontested_rationale = [&] {
    if (!ended.empty()) return Rationale::ends;
    const auto& claims = state.claims();
    const bool first = std::none_of(claims.begin(), claims.end(), [](const ClaimState* claim) {
      return claim->live_first_hand() && !claim->validity.empty();
    });
    if (first) return Rationale::first;
    if (is_set(state, &said)) return Rationale::set_member;
    const bool follows = std::any_of(claims.begin(), claims.end(), [&](const ClaimState* claim) {
      return claim->live_first_hand() && claim->value() != said.value() && relation(said, *claim) == Relation::succeeds;
    });
    return follows ? Rationale::succession : Rationale::extends;
  };

  Receipt receipt;
  switch (outcome) {
    case Judgement::uncontested:
      receipt = record(line, newcomer, Disposition::committed_cheap, uncontested_rationale(), {}, end_not_applied);
      break;
    case Judgement::wins:
      receipt =
          record(line, newcomer, Disposition::committed_cheap, Rationale::newest_wins, opponents, end_not_applied);
      carve_out(line, id, opponents, CutReason::policy, line.next());
      break;
    case Judgement::contested:
      receipt = record(line, newcomer, disposition_for(outcome, policy), Rationale::rivals, opponents, end_not_applied);
      if (policy.asking.queue) {
        open_question(line, id, opponents, policy.asking);
        receipt.handle = line.at(id).question->handle;
      }
      break;
  }
  for (const auto& incumbent : ended) {
    line.write(Cut{incumbent, CutKind::bound, said.claim.window.until->at, ValidTime::forever(), CutReason::stated_end,
                   id, Disposition::invalidated});
  }
  succeed(line, id);
  return receipt;
}

// Parked claims of the newcomer's value whose whole time it states count from now on.
void promote_stated(LineDraft& line, const ClaimState& said, const Policy& policy) {
  std::vector<ClaimId> parked;
  for (const auto* claim : line.line().claims()) {
    if (claim->erased || claim->disposition != Disposition::pending_low_confidence) continue;
    if (claim->value() == said.value() && stated_by(said, *claim, line.now())) parked.push_back(claim->claim.id);
  }
  for (const auto& id : parked) promote(line, id, policy);
}

Receipt decide_inferred(LineDraft& line, const Newcomer& newcomer, const ClaimState& said, const Policy& policy) {
  for (const auto* claim : line.line().claims()) {
    if (!claim->live() || claim->value() != said.value() || !stated_by(*claim, said, line.now())) continue;
    const Echoed entry{claim->claim.id, claim->reported(line.now())};
    line.write(entry, newcomer.content);
    return *receipt_of(entry);
  }
  auto contradicted = rivals(line.line(), said);
  if (!contradicted.empty()) {
    return record(line, newcomer, Disposition::pending_conflict, Rationale::contradicts, std::move(contradicted));
  }
  if (newcomer.claim.depth > policy.derivation_depth_cap) {
    return record(line, newcomer, Disposition::pending_conflict, Rationale::too_deep);
  }
  return record(line, newcomer, Disposition::committed_inferred, Rationale::inferred);
}

Receipt decide_first_hand(LineDraft& line, const Newcomer& newcomer, const ClaimState& said, const Policy& policy) {
  const bool below_floor = newcomer.claim.value_confidence < policy.confidence_floor;

  const auto statement_of_end = stated_end(line.line(), said);
  const bool by_same_source = !statement_of_end.by_same_source.empty();
  const bool end_not_applied = by_same_source ? below_floor : statement_of_end.by_another;

  if (!by_same_source) {
    if (const auto* claim = restated(line, said)) {
      return restate(line, *claim, newcomer, said, Rationale::restates, end_not_applied);
    }
  }
  if (below_floor) {
    const auto* claim = confirmed(line, said);
    if (!claim) {
      return record(line, newcomer, Disposition::pending_low_confidence, Rationale::below_floor, {}, end_not_applied);
    }
    if (claim->live()) return restate(line, *claim, newcomer, said, Rationale::confirms, end_not_applied);
    return confirm_parked(line, claim->claim.id, newcomer, said, end_not_applied, policy);
  }
  auto receipt = admit_newcomer(line, newcomer, said, statement_of_end.by_same_source, end_not_applied, policy);
  promote_stated(line, said, policy);
  return receipt;
}

}  // namespace

const ClaimState* live_claim_with(const LineState& line, const Value& value) {
  for (const auto* claim : line.claims()) {
    if (claim->live() && !claim->validity.empty() && claim->value() == value) return claim;
  }
  return nullptr;
}

Receipt decide(LineDraft& line, const Newcomer& newcomer, const Policy& policy) {
  const auto& claim = newcomer.claim;
  if (claim.trusted) {
    if (claim.window.until && claim.window.until->at <= claim.window.from->at) {
      return record(line, newcomer, Disposition::quarantined, Rationale::incoherent_window);
    }
    if (policy.quarantine_future_starts && claim.window.from->at > as_valid(line.now())) {
      return record(line, newcomer, Disposition::quarantined, Rationale::future_start);
    }
  }
  const auto said = tentative(claim, newcomer.content, line.next(), line.now());
  auto receipt = is_first_hand(claim.provenance) ? decide_first_hand(line, newcomer, said, policy)
                                                 : decide_inferred(line, newcomer, said, policy);
  upkeep(line);
  return receipt;
}

Receipt decide_reentry(LineDraft& line, const ClaimId& repeated, const Newcomer& newcomer, const Policy& policy) {
  const auto& claim = line.at(repeated);
  const auto provenance = newcomer.claim.provenance;
  const auto inside = [&](TxTime then) { return then.value > line.now().value - policy.recall_burst_window; };

  const RecallBurst burst{repeated, provenance};
  if (claim.burst && inside(*claim.burst)) return *receipt_of(burst);
  const auto recent = std::count_if(claim.reentries.begin(), claim.reentries.end(), inside);
  if (static_cast<std::uint64_t>(recent) >= policy.recall_burst) {
    line.write(burst, newcomer.content);
    return *receipt_of(burst);
  }
  const RecallReEntryDetected entry{repeated, provenance, claim.reported(line.now())};
  line.write(entry, newcomer.content);
  return *receipt_of(entry);
}

}  // namespace claimledger::rules
