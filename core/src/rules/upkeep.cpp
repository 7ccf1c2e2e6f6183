#include <algorithm>

#include "claimledger/failure.hpp"
#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

constexpr int most_rounds = 1000;

bool stands(const ClaimState* successor) {
  return successor && successor->live_first_hand() && !successor->validity.empty();
}

bool both_set_valued(const ClaimState& a, const ClaimState& b) {
  return a.claim.cardinality == Cardinality::set_valued && b.claim.cardinality == Cardinality::set_valued;
}

// A successor's cut lasts as long as the successor, and not between members of a set. True when something changed.
bool mend_succession(LineDraft& line) {
  struct Change {
    ClaimId claim;
    Position cut;
    Validity instead;
    ClaimId successor;
  };
  std::vector<Change> changes;
  const bool set = is_set(line.line());
  for (const auto* claim : line.line().claims()) {
    for (const CutState& cut : claim->cuts) {
      if (!cut.in_force || cut.cut.reason != CutReason::succession) continue;
      const auto* successor = line.line().find(*cut.cut.cause);
      if (!stands(successor) || (set && both_set_valued(*claim, *successor))) {
        changes.push_back({claim->claim.id, cut.seq, Validity{}, *cut.cut.cause});
      } else if (!successor->base.covers(cut.span)) {
        changes.push_back({claim->claim.id, cut.seq, successor->base.intersection(Validity(cut.span)), *cut.cut.cause});
      }
    }
  }
  for (const auto& change : changes) {
    line.write(Lifted{change.claim, change.cut, std::nullopt});
    for (const Span& span : change.instead.spans()) {
      line.write(Cut{change.claim, CutKind::carve, span.from, span.until, CutReason::succession, change.successor,
                     std::nullopt});
    }
  }
  // What was given back may have another successor.
  for (const auto& change : changes) succeed(line, change.claim);
  return !changes.empty();
}

// The cut of this claim's ending that is in force, and what the claim holds but for it.
struct Standing {
  const CutState* ending = nullptr;
  Validity otherwise;
};
Standing standing(const ClaimState& claim) {
  Standing found{nullptr, Validity(claim.window())};
  for (const CutState& cut : claim.cuts) {
    if (!cut.in_force) continue;
    if (cut.cut.reason == CutReason::ending) {
      found.ending = &cut;
    } else {
      found.otherwise.remove(cut.span);
    }
  }
  return found;
}

bool mend_endings(LineDraft& line) {
  bool changed = false;
  // Where every claim is open nothing ends, and nothing has: that spares long lines most of the work.
  const auto& claims = line.line().claims();
  const bool any_end = std::any_of(claims.begin(), claims.end(), [](const auto* claim) {
    return claim->base.empty() || claim->base.end() != ValidTime::forever();
  });
  for (const auto* claim : claims) {
    const bool cut = std::any_of(claim->cuts.begin(), claim->cuts.end(),
                                 [](const CutState& c) { return c.in_force && c.cut.reason == CutReason::ending; });
    if (!claim->claim.trusted && claim->live_first_hand() && (any_end || cut)) {
      changed = mend_ending(line, *claim) || changed;
    }
  }
  return changed;
}

// Contested claims without a rival are contested no longer; questions without a point are closed.
bool settle_uncontested(LineDraft& line) {
  bool changed = false;
  for (const auto* claim : line.line().claims()) {
    const bool candidate = claim->live_first_hand() && (waits(*claim) || claim->question);
    if (!candidate) continue;
    const bool spent = claim->validity.empty();
    if (!spent && has_rival(line.line(), *claim)) continue;
    const auto id = claim->claim.id;
    if (claim->question) {
      const auto closing = claim->question->expired(line.now()) ? Closing::expired : Closing::moot;
      line.write(AdjudicationClosed{claim->question->handle, id, closing});
      changed = true;
    }
    if (!spent && waits(*claim)) {
      line.write(Settled{id, Disposition::committed_cheap, Rationale::uncontested, {}});
      changed = true;
    }
  }
  return changed;
}

}  // namespace

void succeed(LineDraft& line, const ClaimId& id, Seniority seniority) {
  const auto& claim = line.at(id);
  if (!claim.live_first_hand() || !claim.claim.trusted || is_set(line.line())) return;
  for (const auto* other : line.line().claims()) {
    if (other == &claim || !other->live_first_hand() || !other->claim.trusted) continue;
    if (other->value() == claim.value()) continue;
    const bool claim_is_newer = seniority == Seniority::newcomer || claim.counts_from > other->counts_from;
    const auto& newer = claim_is_newer ? claim : *other;
    const auto& older = claim_is_newer ? *other : claim;
    if (relation(newer, older) != Relation::succeeds) continue;
    // Where the successor has a gap the older one is presumed on.
    const auto base = newer.base;
    for (const Span& span : base.spans()) {
      if (!older.validity.intersects(Validity(span))) continue;
      line.write(Cut{older.claim.id, CutKind::carve, span.from, span.until, CutReason::succession, newer.claim.id,
                     std::nullopt});
    }
  }
}

bool mend_ending(LineDraft& line, const ClaimState& claim) {
  const auto id = claim.claim.id;
  const auto [ending, otherwise] = standing(claim);
  auto wanted = is_set(line.line()) ? std::nullopt : ending_before(line.line(), claim);
  if (wanted && (otherwise.empty() || wanted->at <= otherwise.start())) wanted.reset();
  if (ending && wanted && ending->span.until == wanted->at) return false;
  if (!ending && !wanted) return false;
  if (ending) line.write(Lifted{id, ending->seq, std::nullopt});
  if (wanted) {
    line.write(
        Cut{id, CutKind::carve, ValidTime::beginning(), wanted->at, CutReason::ending, wanted->cause, std::nullopt});
  }
  return true;
}

void mend(LineDraft& line) {
  // Members of a set may overlap; once the line is none, those that follow each other do so.
  if (line.was_set() && !is_set(line.line())) {
    for (const auto* claim : line.line().claims()) succeed(line, claim->claim.id);
  }
  // Each step can call for another: an end makes an ending, an ending takes a successor's last validity. Every round
  // takes or gives validity at one of finitely many instants, so it comes to rest; a line that does not was not written
  // by these rules.
  for (int round = 0;; ++round) {
    if (round == most_rounds) {
      throw StoreFailure(
          FailureKind::corrupt, "deciding",
          "the cuts on '" + line.key().subject + "', '" + line.key().predicate + "' contradict each other");
    }
    const bool succession = mend_succession(line);
    const bool endings = mend_endings(line);
    if (!succession && !endings) break;
  }
}

void upkeep(LineDraft& line) {
  mend(line);
  while (settle_uncontested(line)) {
  }
}

}  // namespace claimledger::rules
