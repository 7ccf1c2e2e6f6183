#include <algorithm>

#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// A claim that does not count yet is the newcomer to all that does.
bool contradicted(const LineDraft& line, ClaimState waiting) {
  waiting.counts_from = line.next();
  return !rivals(line.line(), waiting).empty();
}

}  // namespace

ReconcileReport reconcile(LineDraft& line, const Policy& policy) {
  ReconcileReport report{line.key(), {}, {}, 0};
  std::vector<ClaimId> pending, expired;
  for (const auto* claim : line.line().claims()) {
    if (claim->erased) continue;
    if (claim->disposition == Disposition::pending_conflict) pending.push_back(claim->claim.id);
    if (claim->question && claim->question->expired(line.now())) expired.push_back(claim->claim.id);
  }
  for (const auto& id : expired) settle_question(line, id, Closing::expired, {});
  for (const auto& id : pending) {
    const auto& claim = line.at(id);
    if (claim.claim.depth > policy.derivation_depth_cap || contradicted(line, claim)) continue;
    line.write(Settled{id, Disposition::committed_inferred, Rationale::no_longer_contradicted, {}});
    report.returned.push_back(id);
  }
  upkeep(line);

  bool asked = false;
  const ClaimState* oldest = nullptr;
  for (const auto* claim : line.line().claims()) {
    asked = asked || claim->question.has_value();
    if (!contests(line.line(), *claim)) continue;
    ++report.contested;
    if (!oldest) oldest = claim;
  }
  if (policy.asking.queue && !asked && oldest) {
    const auto id = oldest->claim.id;
    // Reconciling never picks a winner, whatever the policy.
    auto asking = policy;
    asking.overturn = OverturnPolicy::contested_first;
    judge_standing(line, id, Seniority::by_age, Rationale::uncontested, asking);
    if (const auto& question = line.at(id).question) report.opened.push_back(question->handle);
  }
  return report;
}

}  // namespace claimledger::rules
