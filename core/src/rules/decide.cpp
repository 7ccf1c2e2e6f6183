#include <algorithm>

#include "rules/judge.hpp"
#include "rules/rivals.hpp"
#include "rules/rules.hpp"

// Decides a statement: section 5 of the semantics from step 4 on. The receipt and the entry are made from one outcome.
namespace claimledger::rules {

namespace {

// Whether a claim says the same as a derived statement. An undated claim, and presumed time, cover an echo too.
bool says(const ClaimState& claim, const Claim& said, TxTime now) {
  if (!said.trusted && !said.window.until) return claim.validity.contains(as_valid(now));
  if (!said.trusted && claim.trusted) return false;
  return claim.validity.covers(window_of(said));
}

Receipt receipt_with_rivals(const Entry& entry, const LineState& line) {
  auto receipt = *receipt_of(entry);
  name_rivals(receipt, entry, line);
  return receipt;
}

// Records a claim that is not judged against others: a derived one, or one with an incoherent window.
Receipt keep(LineDraft& line, const Newcomer& newcomer, Disposition disposition, Rationale rationale) {
  ClaimRecorded entry;
  entry.claim = newcomer.claim;
  entry.disposition = disposition;
  entry.rationale = rationale;
  line.write(entry, newcomer.content);
  return *receipt_of(entry);
}

Receipt decide_inferred(LineDraft& line, const Newcomer& newcomer, const Policy& policy) {
  const auto& claim = newcomer.claim;
  const ClaimState* echoed = nullptr;
  for (const auto& other : line.line().claims()) {
    if (!other.live() || !other.has_statement() || line.line().content(other).value != newcomer.content.value) continue;
    if (says(other, claim, line.now()) && (!echoed || is_older(other, *echoed))) echoed = &other;
  }
  if (echoed) {
    const Echoed entry{echoed->id, echoed->reported(line.now())};
    line.write(entry, newcomer.content);
    return *receipt_of(entry);
  }
  const auto contradicted = rivals_of(line.line(), {line.line().value_of(newcomer.content), window_of(claim),
                                                    claim.trusted, line.now(), claim.cardinality});
  if (!contradicted.empty()) {
    auto receipt = keep(line, newcomer, Disposition::pending_conflict, Rationale::contradicts);
    name_rivals(receipt, Echoed{}, line.line());
    return receipt;
  }
  if (claim.depth > policy.derivation_depth_cap) {
    return keep(line, newcomer, Disposition::pending_conflict, Rationale::too_deep);
  }
  return keep(line, newcomer, Disposition::committed_inferred, Rationale::inferred);
}

// The spans that the judge took for a claim, in the form of its entry; `told` notes that the entry says them.
std::vector<Win> wins_of(const Judge& judge, const LineState& line, Index winner, Position seq,
                         std::map<Index, Decided>& told) {
  std::vector<Win> wins;
  for (const auto& [who, win] : judge.taken()) {
    if (who != winner) continue;
    wins.push_back(win);
    const auto loser = line.index_of(win.loser);
    const auto known = told.try_emplace(loser, judge.changed().at(loser).decided).first;
    lose(known->second, win, line[winner].id, CutReason::policy, seq);
  }
  return wins;
}

std::vector<Promotion> promotions_of(const LineDraft& line, const Judge& judge, const Judge::Outcome& outcome,
                                     const QuestionPolicy& questions, Position seq, std::map<Index, Decided>& told) {
  std::vector<Promotion> promotions;
  for (const auto index : outcome.promoted) {
    const auto& claim = line.line()[index];
    Promotion promotion{claim.id, line.shown(index, false, questions), claim.decided.follows, {}};
    const auto known = told.try_emplace(index, judge.changed().at(index).decided).first;
    promote(known->second, promotion, seq);
    promotion.won = wins_of(judge, line.line(), index, seq, told);
    promotions.push_back(std::move(promotion));
  }
  return promotions;
}

Receipt record(LineDraft& line, const Newcomer& newcomer, const Judge& judge, const Judge::Outcome& outcome,
               const Policy& policy) {
  const auto seq = line.next();
  std::map<Index, Decided> told;
  ClaimRecorded entry;
  entry.claim = newcomer.claim;
  entry.disposition = line.shown(outcome.claim, false, policy.questions);
  entry.rationale = outcome.rationale;
  entry.not_applied = outcome.not_applied;
  entry.follows = line.line()[outcome.claim].decided.follows;

  Decided mine;
  mine.waits = waits_in(entry.disposition);
  mine.otherwise = mine.waits ? Disposition::committed_cheap : entry.disposition;
  if (is_live(entry.disposition)) mine.counts_from = seq;
  mine.cardinality = entry.claim.cardinality;
  mine.follows = entry.follows;
  mine.statements = {seq};
  told.emplace(outcome.claim, mine);
  for (const auto index : outcome.ended) {
    entry.ended.push_back(line.line()[index].id);
    const auto until = newcomer.claim.window.until;
    const auto known = told.try_emplace(index, judge.changed().at(index).decided).first;
    end(known->second, from_here_on(*until), CutReason::stated_end, newcomer.claim.id, seq);
  }
  entry.won = wins_of(judge, line.line(), outcome.claim, seq, told);
  entry.promoted = promotions_of(line, judge, outcome, policy.questions, seq, told);
  auto receipt = receipt_with_rivals(entry, line.line());
  line.mutable_line().note_entry(line.line().statement_at(seq), entry.claim.id, mine.otherwise);
  line.append(std::move(entry), newcomer.content);
  line.follow_up(judge, told, policy.questions);
  if (const auto& question = line.line()[outcome.claim].question) receipt.handle = question->handle;
  return receipt;
}

Receipt restate(LineDraft& line, const Newcomer& newcomer, const Judge& judge, const Judge::Outcome& outcome,
                const Policy& policy) {
  const auto seq = line.next();
  std::map<Index, Decided> told;
  Corroborated entry;
  entry.stated = newcomer.claim;
  entry.stated.id = line.line()[outcome.claim].id;
  entry.rationale = outcome.rationale;
  entry.not_applied = outcome.not_applied;
  auto& mine = told.emplace(outcome.claim, judge.changed().at(outcome.claim).decided).first->second;
  mine.statements.push_back(seq);
  const bool applied =
      std::find(entry.not_applied.begin(), entry.not_applied.end(), NotApplied::cardinality) == entry.not_applied.end();
  if (entry.stated.cardinality != Cardinality::unknown && applied) mine.cardinality = entry.stated.cardinality;
  entry.promoted = promotions_of(line, judge, outcome, policy.questions, seq, told);
  const auto& claim = line.line()[outcome.claim];
  entry.answered = claim.under_review()
                       ? Disposition::pending_review
                       : line.shown(outcome.claim, judge.changed().at(outcome.claim).decided.waits, policy.questions);
  auto receipt = receipt_with_rivals(entry, line.line());
  line.mutable_line().note_entry(line.line().statement_at(seq), entry.stated.id, std::nullopt);
  line.append(std::move(entry), newcomer.content);
  line.follow_up(judge, told, policy.questions);
  const auto& question = line.line()[outcome.claim].question;
  if (question && !question->expired(line.now())) receipt.handle = question->handle;
  return receipt;
}

}  // namespace

const ClaimState* live_claim_with(const LineState& line, const Value& value) {
  const ClaimState* oldest = nullptr;
  for (const auto& claim : line.claims()) {
    if (!claim.live() || claim.validity.empty() || line.erased(claim) || line.content(claim).value != value) continue;
    if (!oldest || is_older(claim, *oldest)) oldest = &claim;
  }
  return oldest;
}

Receipt decide(LineDraft& line, const Newcomer& newcomer, const Policy& policy) {
  const auto& claim = newcomer.claim;
  if (claim.trusted) {
    if (claim.window.until && claim.window.until->at <= claim.window.from->at) {
      return keep(line, newcomer, Disposition::quarantined, Rationale::incoherent_window);
    }
    if (policy.quarantine_future_starts && claim.window.from->at > as_valid(line.now())) {
      return keep(line, newcomer, Disposition::quarantined, Rationale::future_start);
    }
  }
  if (!is_first_hand(claim.provenance)) return decide_inferred(line, newcomer, policy);

  Judge judge(line.mutable_line());
  auto statement = line.add(claim, newcomer.content);
  const auto outcome = judge.say(statement, false, [&] { return claim.id; });
  return outcome.recorded ? record(line, newcomer, judge, outcome, policy)
                          : restate(line, newcomer, judge, outcome, policy);
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
