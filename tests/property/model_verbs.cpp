#include <algorithm>

#include "model.hpp"

// Section 6 of the semantics, read literally.
namespace claimledger::model {

namespace {

constexpr Span always{};

}  // namespace

// How a claim stands after a verb.
Receipt Model::told(Number claim, Rationale rationale) const {
  Receipt receipt{.claim = claim, .disposition = reported(claim), .rationale = rationale};
  receipt.contested_with = state_.rivals_of(state_.claims[claim]);
  if (const auto* open = state_.open_question(claim); open && !open->expired(now_))
    receipt.question = static_cast<Number>(open - state_.questions.data());
  return receipt;
}

Answer Model::end(Number claim, ValidTime instant, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!at(claim).counts_since) return rejected(claim, Rationale::not_applicable);
  cut(claim, {instant, ValidTime::forever()}, CutReason::end, {}, Disposition::invalidated);
  upkeep();
  return finish({.receipts = {told(claim, Rationale::ended)}});
}

// Never for each, what they had won is given back, and its pairs of rivals are judged again.
void Model::take_back(const std::vector<Number>& claims) {
  for (const auto claim : claims) cut(claim, always, CutReason::retraction, {}, Disposition::invalidated);
  std::vector<Number> losers;
  for (auto& loser : state_.claims) {
    bool lifted = false;
    for (auto& cut : loser.cuts) {
      if (!cut.in_force || !is_win(cut.reason) || !cut.cause || *cut.cause == loser.number) continue;
      if (std::ranges::count(claims, *cut.cause) == 0) continue;
      lift(loser.number, cut);
      lifted = true;
    }
    if (!lifted) continue;
    losers.push_back(loser.number);
    loser.disposition = Disposition::committed_cheap;
    for (const auto& cut : loser.cuts)
      if (cut.in_force && cut.disposition) loser.disposition = *cut.disposition;
  }
  upkeep_validity();
  std::set<Number> newcomers;
  for (const auto loser : losers)
    for (const auto rival : state_.rivals_of(at(loser))) newcomers.insert(later(loser, rival) ? loser : rival);
  // As if each were said now, in the order in which they came to count.
  std::vector<Number> in_order(newcomers.begin(), newcomers.end());
  std::ranges::sort(in_order, [this](Number a, Number b) { return later(b, a); });
  for (const auto number : in_order) {
    upkeep_validity();
    judge(number);
  }
  upkeep();
}

Answer Model::retract(Number claim, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (at(claim).retracted()) return finish({.status = WriteStatus::nothing_to_do});
  take_back({claim});
  return finish({.receipts = {told(claim, Rationale::retracted)}});
}

Answer Model::retract_source(const std::string& source, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected({}, Rationale::not_allowed);
  std::vector<Number> claims;
  for (const auto& claim : state_.claims)
    if (claim.said_first.source == source && claim.live() && !claim.retracted()) claims.push_back(claim.number);
  if (claims.empty()) return finish({.status = WriteStatus::nothing_to_do});
  take_back(claims);
  Answer answer;
  for (const auto claim : claims) answer.receipts.push_back(told(claim, Rationale::retracted));
  return finish(answer);
}

Answer Model::reopen(Number claim, std::optional<ValidTime> instant, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!at(claim).counts_since) return rejected(claim, Rationale::not_applicable);
  for (auto& cut : at(claim).cuts)
    if (cut.in_force && (!instant || *instant < cut.taken.until))
      shorten(claim, cut, instant.value_or(ValidTime::beginning()));
  wrote_ = true;
  at(claim).disposition = Disposition::reinstated;
  upkeep_validity();
  if (at(claim).first_hand()) judge(claim);
  upkeep();
  return finish({.receipts = {told(claim, Rationale::reopened)}});
}

Answer Model::review(Number claim, ReviewVerdict verdict, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!state_.under_review(at(claim))) return finish({.status = WriteStatus::nothing_to_do});
  at(claim).marked = false;
  wrote_ = true;
  if (verdict == ReviewVerdict::keep) return finish({.receipts = {told(claim, Rationale::reviewed)}});
  take_back({claim});
  return finish({.receipts = {told(claim, Rationale::retracted)}});
}

Answer Model::adjudicate(Number number, Verdict verdict, Provenance by, Instant now) {
  begin(now);
  auto& question = state_.questions[number];
  if (question.closed) return finish({.status = WriteStatus::not_found});
  if (question.expired(now_)) {
    expire(question);
    return finish({.status = WriteStatus::not_found});
  }
  if (!is_first_hand(by)) return rejected(question.claim, Rationale::not_allowed);
  return settle(number, verdict);
}

Answer Model::adjudicate_claim(Number claim, Verdict verdict, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  const auto* open = state_.open_question(claim);
  if (open && !open->expired(now_)) return settle(static_cast<Number>(open - state_.questions.data()), verdict);
  const bool expired = open && at(claim).live();
  if (!expired && !state_.can_be_judged(at(claim))) return finish({.status = WriteStatus::not_found});
  return settle(*ask(claim, state_.rivals_of(at(claim)), {}), verdict);
}

Answer Model::settle(Number number, Verdict verdict) {
  const auto [claim, rivals, asked, expires_at, closed] = state_.questions[number];
  auto why = Rationale::affirmed;
  switch (verdict) {
    case Verdict::affirm:
      close(state_.questions[number], Closing::affirmed);
      at(claim).disposition = Disposition::committed_cheap;
      carve_winner_out(claim, rivals, CutReason::verdict, asked);
      break;
    case Verdict::deny:
      close(state_.questions[number], Closing::denied);
      why = Rationale::denied;
      cut(claim, always, CutReason::verdict, {}, Disposition::invalidated);
      break;
    case Verdict::unknown:
      close(state_.questions[number], Closing::unknown);
      at(claim).disposition = Disposition::contested;
      why = Rationale::unsettled;
      break;
  }
  upkeep();
  return finish({.receipts = {told(claim, why)}});
}

void Model::expire(Question& question) {
  close(question, Closing::expired);
  if (at(question.claim).live()) at(question.claim).disposition = Disposition::contested;
}

Answer Model::sweep(Instant now) {
  begin(now);
  Answer answer;
  std::vector<Number> swept;
  for (auto& question : state_.questions) {
    if (question.closed || !question.expired(now_)) continue;
    expire(question);
    swept.push_back(question.claim);
  }
  upkeep();
  for (const auto claim : swept) answer.receipts.push_back(told(claim, Rationale::expired));
  if (swept.empty()) answer.status = WriteStatus::nothing_to_do;
  return finish(answer);
}

// "Inferred claims no longer contradicted return to CommittedInferred; with an oracle, contested lines without an open
// adjudication get one; never picks a winner."
Answer Model::reconcile(Instant now) {
  begin(now);
  for (auto& question : state_.questions)
    if (!question.closed && question.expired(now_)) expire(question);
  for (auto& claim : state_.claims) {
    const bool deep = claim.depth > config_.derivation_depth_cap;
    if (claim.disposition != Disposition::pending_conflict || deep || !state_.contradicted_by(claim).empty()) continue;
    claim.disposition = Disposition::committed_inferred;
    count(claim.number);
    wrote_ = true;
  }
  if (config_.queue_for_adjudication) {
    std::set<LineKey> asked;
    for (const auto& question : state_.questions)
      if (!question.closed) asked.insert(at(question.claim).line());
    for (auto& claim : state_.claims) {
      if (asked.contains(claim.line()) || !state_.contests(claim)) continue;
      asked.insert(claim.line());
      ask(claim.number, state_.rivals_of(claim), {});
      claim.disposition = Disposition::queued_for_adjudication;
    }
  }
  return finish({});
}

Answer Model::serve(const LineKey& line, std::optional<ValidTime> valid_at, Instant now) {
  begin(now);
  const auto belief = state_.belief(line, valid_at.value_or(ValidTime{now}), TxTime{now}, config_);
  std::vector<Number> claims;
  if (belief.primary) claims.push_back(belief.primary->claim);
  for (const auto& slot : belief.alternatives) claims.push_back(slot.claim);
  for (const auto& slot : belief.dissent) claims.push_back(slot.claim);
  if (!claims.empty()) {
    state_.servings.push_back({now_, claims});
    wrote_ = true;
  }
  return finish({});
}

}  // namespace claimledger::model
