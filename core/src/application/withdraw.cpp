#include <map>

#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"

// end, retract, reopen, review: verbs on one claim, for first-hand callers.
namespace claimledger::application {

namespace {

Content why_of(const std::optional<std::string>& why) {
  Content content;
  content.why = why;
  return content;
}

Receipt reject(rules::LineDraft& line, const ClaimRequest& request, Verb verb, Rationale rationale) {
  const Rejected entry{verb, request.claim, request.provenance, rationale};
  line.write(entry, why_of(request.why));
  return *rules::receipt_of(entry);
}

WriteAnswer nothing(WriteStatus status, std::string reason) { return {status, {}, {}, {}, std::move(reason)}; }

// The common course of a verb on one claim: find it, refuse whom it is not open to, do it, answer with how it came out.
struct ClaimVerb {
  Verb verb;
  bool for_live_only;
  Rationale rationale;
  std::function<bool(const rules::ClaimState&)> in_vain;  // nothing would change
  std::function<void(rules::LineDraft&, Attempt&)> act;
};

WriteAnswer on_claim(const Ports& ports, WriterTurns& turns, const ClaimRequest& request, const ClaimVerb& verb) {
  if (request.why) rules::admit_text(*request.why, "why", limits::text_bytes);
  const Wanted wanted{.claims = {request.claim}};
  return write(ports, turns, {request.agent, request.caller, request.call, wanted, request.expected_position},
               [&](Attempt& attempt) {
                 auto* open = attempt.view.line_of(request.claim);
                 if (!open) {
                   return nothing(WriteStatus::not_found,
                                  "no claim " + to_text(request.claim.value) + " in this ledger");
                 }
                 auto line = attempt.on(*open);
                 const auto& claim = line.at(request.claim);
                 WriteAnswer answer;
                 if (!is_first_hand(request.provenance) || !request.caller.may_judge) {
                   answer.receipts.push_back(reject(line, request, verb.verb, Rationale::not_allowed));
                   return answer;
                 }
                 if (claim.erased || (verb.for_live_only && !claim.was_live)) {
                   answer.receipts.push_back(reject(line, request, verb.verb, Rationale::not_applicable));
                   return answer;
                 }
                 if (verb.in_vain && verb.in_vain(claim)) {
                   return nothing(WriteStatus::nothing_to_do, "the claim stands like that already");
                 }
                 verb.act(line, attempt);
                 answer.receipts.push_back(
                     rules::receipt_for(line.line(), line.at(request.claim), verb.rationale, attempt.draft.now));
                 return answer;
               });
}

}  // namespace

WriteAnswer end_validity(const Ports& ports, WriterTurns& turns, const ClaimRequest& request, const ValidEnd& at) {
  rules::admit_time(at.at.value, "at");
  return on_claim(ports, turns, request, {Verb::end, true, Rationale::ended, {}, [&](rules::LineDraft& line, Attempt&) {
                                            rules::end(line, request.claim, at, why_of(request.why));
                                          }});
}

WriteAnswer retract(const Ports& ports, WriterTurns& turns, const ClaimRequest& request) {
  return on_claim(ports, turns, request,
                  {Verb::retract, false, Rationale::retracted, rules::retracted_whole,
                   [&](rules::LineDraft& line, Attempt& attempt) {
                     rules::retract(line, request.claim, why_of(request.why), attempt.policy());
                   }});
}

WriteAnswer reopen(const Ports& ports, WriterTurns& turns, const ClaimRequest& request,
                   const std::optional<ValidEnd>& at) {
  if (at) rules::admit_time(at->at.value, "at");
  return on_claim(ports, turns, request,
                  {Verb::reopen, true, Rationale::reopened, {}, [&](rules::LineDraft& line, Attempt& attempt) {
                     rules::reopen(line, request.claim, at, why_of(request.why), attempt.policy());
                   }});
}

WriteAnswer review(const Ports& ports, WriterTurns& turns, const ClaimRequest& request, ReviewVerdict verdict) {
  const auto rationale = verdict == ReviewVerdict::keep ? Rationale::reviewed : Rationale::retracted;
  return on_claim(ports, turns, request,
                  {Verb::review, false, rationale, [](const rules::ClaimState& claim) { return !claim.under_review(); },
                   [&](rules::LineDraft& line, Attempt& attempt) {
                     line.write(ReviewSettled{request.claim, verdict}, why_of(request.why));
                     if (verdict == ReviewVerdict::retract) rules::retract(line, request.claim, {}, attempt.policy());
                   }});
}

namespace {

// The live claims of a source, oldest first: also those that have lost their validity to another of the same source,
// which would get it back otherwise.
std::vector<ClaimId> live_claims_of(Attempt& attempt, const std::string& source) {
  std::vector<ClaimId> claims;
  EntryQuery recorded{.key = key::Text{source}, .kinds = {kind_number<ClaimRecorded>}, .limit = limits::page};
  const auto& view = attempt.view;
  for (;;) {
    const auto page = view.store().entries(view.agent(), recorded, view.at(), view.call());
    for (const auto& entry : page) {
      const auto id = claim_of(read_entry(entry).record.entry);
      const auto* claim = id ? attempt.view.claim(*id) : nullptr;
      if (claim && claim->live() && !rules::retracted_whole(*claim)) claims.push_back(*id);
    }
    if (page.size() < limits::page) return claims;
    recorded.from = Position{page.back().seq.value + 1};
  }
}

WriteAnswer retract_all(Attempt& attempt, const RetractSourceRequest& request) {
  WriteAnswer answer;
  const auto claims = live_claims_of(attempt, request.source);
  if (claims.empty()) return nothing(WriteStatus::nothing_to_do, "no claim of this source is live");
  // Everything goes before anything is judged again: what is left is not weighed against what is about to go.
  std::map<LineKey, std::vector<ClaimId>> losers;
  for (const auto& id : claims) {
    if (request.dry_run) break;
    auto& open = attempt.view.line_holding(id);
    auto line = attempt.on(open);
    auto& those = losers[open.key];
    for (const auto& loser : rules::take_back(line, id, why_of(request.why))) those.push_back(loser);
  }
  for (const auto& [key, those] : losers) {
    auto line = attempt.on(attempt.view.line(key));
    rules::judge_again(line, those, attempt.policy());
  }
  for (const auto& id : claims) {
    const auto& state = attempt.view.line_holding(id).state;
    answer.receipts.push_back(rules::receipt_for(state, state.at(id), Rationale::retracted, attempt.draft.now));
  }
  if (request.dry_run) answer.status = WriteStatus::dry_run;
  return answer;
}

}  // namespace

WriteAnswer retract_source(const Ports& ports, WriterTurns& turns, const RetractSourceRequest& request) {
  rules::admit_text(request.source, "source", limits::text_bytes);
  if (request.why) rules::admit_text(*request.why, "why", limits::text_bytes);
  if (!request.dry_run && !request.expected_position) {
    throw InvalidInput("expected_position",
                       "is required: do a dry run first, look at what it lists, and pass its position");
  }
  return write(ports, turns, {request.agent, request.caller, request.call, {}, request.expected_position},
               [&](Attempt& attempt) {
                 if (is_first_hand(request.provenance) && request.caller.may_judge)
                   return retract_all(attempt, request);
                 const Rejected entry{Verb::retract, std::nullopt, request.provenance, Rationale::not_allowed};
                 WriteAnswer answer;
                 answer.receipts.push_back(*rules::receipt_of(entry));
                 if (request.dry_run) {
                   answer.status = WriteStatus::dry_run;
                 } else {
                   attempt.draft.entries.push_back({entry, why_of(request.why), std::nullopt});
                 }
                 return answer;
               });
}

}  // namespace claimledger::application
