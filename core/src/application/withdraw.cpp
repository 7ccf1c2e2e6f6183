#include <map>
#include <set>

#include "application/request_digest.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"

// end, retract, correct, reopen, review: verbs on one claim, for first-hand callers; and a source taken back.
namespace claimledger::application {

namespace {

Content why_of(const std::optional<std::string>& why) {
  Content content;
  content.why = why;
  return content;
}

WriteAnswer nothing(WriteStatus status, std::string reason) { return {status, {}, {}, {}, std::move(reason)}; }

void admit_target(const ClaimOrLine& target) {
  if (const auto* line = std::get_if<LineKey>(&target)) rules::admit_line(*line);
}

Wanted wanted_for(const ClaimOrLine& target) {
  if (const auto* line = std::get_if<LineKey>(&target)) return {.lines = {*line}};
  return {.claims = {std::get<ClaimId>(target)}};
}

// The claim that a verb is about, with its line; or the reason why there is none.
struct Target {
  View::LoadedLine* line = nullptr;
  ClaimId claim;
  WriteAnswer instead;
};

// The one live first-hand claim that holds on the line now.
Target on_line(Attempt& attempt, const LineKey& key) {
  auto& open = attempt.view.line(key);
  const auto now = as_valid(attempt.draft.now);
  std::vector<const rules::ClaimState*> holding;
  for (const auto& claim : open.state.claims()) {
    if (claim.counts && claim.validity.contains(now)) holding.push_back(&claim);
  }
  if (holding.size() == 1) return {&open, holding.front()->id, {}};
  auto answer =
      nothing(WriteStatus::ambiguous,
              holding.empty() ? "no first-hand claim holds on this line now; name one by its id"
                              : std::to_string(holding.size()) + " claims hold on this line now; name one by its id");
  for (const auto* claim : holding) {
    answer.receipts.push_back(rules::receipt_for(open.state, *claim, Rationale::holds_now, attempt.draft.now));
  }
  return {nullptr, {}, std::move(answer)};
}

Target find_target(Attempt& attempt, const ClaimOrLine& target) {
  if (const auto* key = std::get_if<LineKey>(&target)) return on_line(attempt, *key);
  const auto& id = std::get<ClaimId>(target);
  auto* open = attempt.view.line_of(id);
  if (open) return {open, id, {}};
  return {nullptr, {}, nothing(WriteStatus::not_found, "no claim " + to_text(id.value) + " in this ledger")};
}

Receipt reject(rules::LineDraft& line, const ClaimId& claim, Provenance provenance,
               const std::optional<std::string>& why, Verb verb, Rationale rationale) {
  const Rejected entry{verb, claim, provenance, rationale};
  line.write(entry, why_of(why));
  auto receipt = *rules::receipt_of(entry);
  // An erased claim may have counted once.
  if (rationale == Rationale::not_applicable && line.line().erased(line.at(claim)))
    receipt.reason = rules::why_nothing_is_left(line.line(), line.at(claim));
  return receipt;
}

// Says in the receipt who keeps the claim where something of it, or what the source `but` said, is taken back.
void name_others(Receipt& receipt, const rules::LineState& line, const rules::ClaimState& claim,
                 const std::optional<std::string>& but = {}) {
  std::set<std::string> named;
  bool nameless = false;
  for (const auto index : claim.statements) {
    const auto& other = line.statement(index).content.source;
    if (!other) nameless = true;
    if (other && other != but) named.insert(*other);
  }
  receipt.others = named.size() + (nameless ? 1 : 0);
  if (receipt.others == 0) return;
  receipt.rationale = Rationale::said_by_others;
  std::string text;
  for (const auto& name : named) {
    if (receipt.also_said_by.size() == limits::rivals_shown) break;
    receipt.also_said_by.push_back(name);
    text += (text.empty() ? "'" : ", '") + name + "'";
  }
  const auto more = named.size() - receipt.also_said_by.size();
  if (nameless) text += text.empty() ? "nobody by name" : ", nobody by name";
  if (more > 0) text += " and " + std::to_string(more) + " more";
  receipt.reason = "also said by " + text + ": it goes on as theirs";
}

// Shared steps of end, retract, reopen and review: find the claim, check permission, apply, build the receipt.
struct ClaimVerb {
  Verb verb;
  bool for_live_only;
  Rationale rationale;
  // The reason if nothing would change and nothing was drafted; empty if the verb was applied.
  std::function<std::string(rules::LineDraft&, const ClaimId&, const rules::Policy&)> act;
};

template <class Request>
WriteAnswer on_claim(Context& context, const Request& request, const ClaimVerb& verb) {
  if (request.why) rules::admit_text(*request.why, "why", limits::text_bytes);
  const ClaimOrLine claim_or_line = request.claim;
  admit_target(claim_or_line);
  const WriteRequest asked{request.agent, request.caller, request.call, wanted_for(claim_or_line),
                           request.expected_position};
  return write(context, asked, [&](Attempt& attempt) {
    auto target = find_target(attempt, claim_or_line);
    if (!target.line) return std::move(target.instead);
    auto line = attempt.on(*target.line);
    const auto& claim = line.at(target.claim);
    WriteAnswer answer;
    const auto rejected = [&](Rationale rationale) {
      answer.receipts.push_back(reject(line, target.claim, request.provenance, request.why, verb.verb, rationale));
      return answer;
    };
    if (!is_first_hand(request.provenance) || !request.caller.may_judge) return rejected(Rationale::not_allowed);
    if (line.line().erased(claim) || (verb.for_live_only && !claim.was_live))
      return rejected(Rationale::not_applicable);
    if (auto why = verb.act(line, target.claim, attempt.policy()); !why.empty()) {
      return nothing(WriteStatus::nothing_to_do, std::move(why));
    }
    auto receipt = rules::receipt_for(line.line(), line.at(target.claim), verb.rationale, attempt.draft.now);
    if (verb.rationale == Rationale::retracted) name_others(receipt, line.line(), line.at(target.claim));
    answer.receipts.push_back(std::move(receipt));
    return answer;
  });
}

}  // namespace

WriteAnswer end_validity(Context& context, const EndRequest& request) {
  rules::admit_time(request.at.at.value, "at");
  const auto act = [&](rules::LineDraft& line, const ClaimId& claim, const rules::Policy& policy) {
    auto why = rules::why_no_end(line.line(), line.at(claim), request.at);
    if (why.empty()) rules::end(line, claim, request.at, why_of(request.why), policy);
    return why;
  };
  return on_claim(context, request, {Verb::end, true, Rationale::ended, act});
}

WriteAnswer retract(Context& context, const RetractRequest& request) {
  const auto act = [&](rules::LineDraft& line, const ClaimId& claim, const rules::Policy& policy) {
    auto why = rules::why_no_retraction(line.line(), line.at(claim));
    if (why.empty()) rules::retract(line, claim, TakenBackReason::retraction, why_of(request.why), policy);
    return why;
  };
  return on_claim(context, request, {Verb::retract, false, Rationale::retracted, act});
}

WriteAnswer reopen(Context& context, const ReopenRequest& request) {
  if (request.at) rules::admit_time(request.at->at.value, "at");
  const auto act = [&](rules::LineDraft& line, const ClaimId& claim, const rules::Policy& policy) {
    return rules::reopen(line, claim, request.at, why_of(request.why), policy);
  };
  return on_claim(context, request, {Verb::reopen, true, Rationale::reopened, act});
}

WriteAnswer review(Context& context, const ReviewRequest& request) {
  const auto rationale = request.verdict == ReviewVerdict::keep ? Rationale::reviewed : Rationale::retracted;
  const auto act = [&](rules::LineDraft& line, const ClaimId& claim, const rules::Policy& policy) {
    if (auto why = rules::why_nothing_is_left(line.line(), line.at(claim)); !why.empty()) return why;
    if (!line.at(claim).under_review()) return std::string("the claim is not marked for review");
    line.write(ReviewSettled{claim, request.verdict}, why_of(request.why));
    if (request.verdict == ReviewVerdict::retract) rules::retract(line, claim, TakenBackReason::retraction, {}, policy);
    return std::string();
  };
  return on_claim(context, request, {Verb::review, false, rationale, act});
}

// --- correct -------------------------------------------------------------------------------------------------------

namespace {

void admit_correction(const CorrectRequest& request) {
  admit_target(request.claim);
  Statement statement{.subject = "s", .predicate = "p", .value = request.value};
  statement.source = request.source;
  statement.window = request.window.value_or(ValidWindow{});
  statement.value_confidence = request.value_confidence.value_or(Confidence{10'000});
  statement.valid_time_confidence = request.valid_time_confidence;
  statement.metadata = request.metadata;
  statement.idempotency_key = request.idempotency_key;
  rules::admit(statement, {});
  if (request.why) rules::admit_text(*request.why, "why", limits::text_bytes);
}

// All that was typed.
Digest digest_of(const CorrectRequest& request) {
  RequestDigest asked("correct");
  const auto say_word = [&](const auto& word) {
    asked.say_if(word ? std::optional(std::string(text(*word))) : std::nullopt);
  };
  const auto say_confidence = [&](const std::optional<Confidence>& confidence) {
    asked.say_if(confidence ? std::optional(std::to_string(confidence->basis_points)) : std::nullopt);
  };
  if (const auto* line = std::get_if<LineKey>(&request.claim)) {
    asked.say(line->subject);
    asked.say(line->predicate);
  } else {
    asked.say(to_text(std::get<ClaimId>(request.claim).value));
  }
  asked.say(request.value.text());
  asked.say(request.window ? "+" : "-");
  asked.say_end(request.window ? request.window->from : std::nullopt);
  asked.say_end(request.window ? request.window->until : std::nullopt);
  say_word(request.cardinality);
  say_word(request.criticality);
  say_confidence(request.value_confidence);
  say_confidence(request.valid_time_confidence);
  asked.say_if(request.source);
  asked.say_if(request.metadata ? std::optional(request.metadata->text()) : std::nullopt);
  asked.say(text(request.provenance));
  asked.say_if(request.why);
  return asked.digest();
}

rules::Newcomer correction_of(Attempt& attempt, const CorrectRequest& request, const View::LoadedLine& line,
                              const rules::ClaimState& old) {
  const auto& config = attempt.context.config;
  const auto& said = line.state.said(old);
  rules::Newcomer correction{said, {}};
  auto& claim = correction.claim;
  claim.id = ClaimId{attempt.ids.uuid(attempt.draft.now.value)};
  claim.provenance = request.provenance;
  claim.cardinality = request.cardinality.value_or(old.decided.cardinality);
  claim.criticality = request.criticality.value_or(line.state.criticality(old));
  claim.value_confidence = request.value_confidence.value_or(line.state.value_confidence(old));
  if (request.valid_time_confidence) claim.valid_time_confidence = *request.valid_time_confidence;
  if (request.window) {
    claim.window = *request.window;
    const bool dated = claim.window.from || claim.window.until;
    const bool was_dated = said.window.from || said.window.until;
    if (!request.valid_time_confidence && dated && !was_dated) claim.valid_time_confidence = claim.value_confidence;
  }
  claim.trusted = claim.window.from && claim.valid_time_confidence >= config.trust_floor;
  claim.below_floor = claim.value_confidence < config.confidence_floor;
  claim.overturn = config.overturn_policy;
  claim.overturn_floor = config.criticality_overturn_floor;
  claim.derived_from.clear();
  claim.depth = 0;
  claim.nearest_external_anchor.reset();
  claim.anchor_distance = 0;

  auto& content = correction.content;
  content.subject = line.key.subject;
  content.predicate = line.key.predicate;
  content.value = request.value;
  content.source = request.source;
  content.metadata = request.metadata;
  content.why = request.why;
  content.idempotency_key = request.idempotency_key;
  if (request.idempotency_key) content.request = digest_of(request);
  return correction;
}

WriteAnswer correct_once(Attempt& attempt, const CorrectRequest& request) {
  WriteAnswer answer;
  if (request.idempotency_key) {
    const auto key = codec::idempotency_digest(request.agent, *request.idempotency_key);
    if (const auto first = attempt.view.by_key(key)) {
      if (first->record.content.request != digest_of(request)) {
        throw InvalidInput("idempotency_key", "was used before, for something else");
      }
      answer.receipts.push_back(replay(attempt.view, *first));
      return answer;
    }
  }
  const auto head = attempt.view.at();
  if (head_moved(request.expected_position, head)) return conflict(*request.expected_position, head);
  auto target = find_target(attempt, request.claim);
  if (!target.line) return std::move(target.instead);
  auto line = attempt.on(*target.line);
  const auto& old = line.at(target.claim);
  if (!is_first_hand(request.provenance) || !request.caller.may_judge) {
    answer.receipts.push_back(
        reject(line, target.claim, request.provenance, request.why, Verb::correct, Rationale::not_allowed));
    return answer;
  }
  if (old.was_live && old.first_hand() && !old.has_statement()) {
    return nothing(WriteStatus::nothing_to_do, rules::why_nothing_is_left(line.line(), old));
  }
  if (!old.counts) {
    answer.receipts.push_back(
        reject(line, target.claim, request.provenance, request.why, Verb::correct, Rationale::not_applicable));
    return answer;
  }
  auto correction = correction_of(attempt, request, *target.line, old);
  if (correction.claim.trusted && correction.claim.window.until &&
      correction.claim.window.until->at <= correction.claim.window.from->at) {
    throw InvalidInput("valid_until", "must be after valid_from");
  }
  const auto id = correction.claim.id;
  rules::correct(line, target.claim, std::move(correction), request.window.has_value(), attempt.policy());
  answer.receipts.push_back(rules::receipt_for(line.line(), line.at(id), Rationale::corrected, attempt.draft.now));
  return answer;
}

}  // namespace

WriteAnswer correct(Context& context, const CorrectRequest& request) {
  admit_correction(request);
  auto wanted = wanted_for(request.claim);
  if (request.idempotency_key) {
    rules::admit_agent(request.agent);
    wanted.keys.push_back(codec::idempotency_digest(request.agent, *request.idempotency_key));
  }
  // Its embedder can be asked only once the line is known, within the turn.
  const WriteRequest asked{.agent = request.agent,
                           .caller = request.caller,
                           .call = request.call,
                           .wanted = wanted,
                           .alone = context.files_vectors()};
  return write(context, asked, [&](Attempt& attempt) { return correct_once(attempt, request); });
}

// --- retract by source ---------------------------------------------------------------------------------------------

namespace {

// The statements of a source, by line.
std::map<LineKey, std::vector<Position>> statements_of(Attempt& attempt, const std::string& source) {
  std::map<LineKey, std::vector<Position>> found;
  for (Position after;;) {
    const auto page = attempt.view.statements_of(source, after, limits::page);
    for (const auto& [seq, line] : page) found[line].push_back(seq);
    if (page.size() < limits::page) break;
    after = page.back().seq;
  }
  return found;
}

// Leaves the statements that were not taken back; corrected ones stay.
void drop_taken_back(const rules::LineState& line, std::vector<Position>& statements) {
  std::erase_if(statements, [&](Position seq) {
    const auto index = line.statement_at(seq);
    return index == rules::nowhere || line.statement(index).taken_back || line.statement(index).erased;
  });
}

// The claims that have these statements, or had them before they were corrected; oldest first.
std::vector<ClaimId> claims_of(const rules::LineState& line, const std::vector<Position>& statements) {
  std::vector<ClaimId> claims;
  for (const auto seq : statements) {
    const auto& statement = line.statement(line.statement_at(seq));
    const auto& id = statement.claim == rules::nowhere ? statement.said.id : line[statement.claim].id;
    if (std::find(claims.begin(), claims.end(), id) == claims.end()) claims.push_back(id);
  }
  return claims;
}

WriteAnswer retract_all(Attempt& attempt, const RetractSourceRequest& request) {
  WriteAnswer answer;
  for (auto& [key, statements] : statements_of(attempt, request.source)) {
    auto& open = attempt.view.line(key);
    drop_taken_back(open.state, statements);
    auto line = attempt.on(open);
    const auto claims = claims_of(open.state, statements);
    std::set<AdjudicationId> asked;
    for (const auto& id : claims) {
      if (const auto& question = open.state.at(id).question) asked.insert(question->handle);
    }
    if (!statements.empty()) rules::retract_statements(line, statements, why_of(request.why), attempt.policy());
    for (const auto& id : claims) {
      const auto& claim = open.state.at(id);
      auto receipt = rules::receipt_for(open.state, claim, Rationale::retracted, attempt.draft.now);
      name_others(receipt, open.state, claim, request.source);
      // A question that a dry run would open has no handle yet.
      if (request.dry_run && receipt.handle && !asked.contains(*receipt.handle)) receipt.handle.reset();
      answer.receipts.push_back(std::move(receipt));
    }
    attempt.view.unload(key);  // a source may have spoken of every line there is
    if (request.dry_run) {
      attempt.draft.entries.clear();
      attempt.draft.weakened.clear();
    }
  }
  if (answer.receipts.empty()) return nothing(WriteStatus::nothing_to_do, "nothing that this source said stands");
  if (request.dry_run) answer.status = WriteStatus::dry_run;
  return answer;
}

}  // namespace

WriteAnswer retract_source(Context& context, const RetractSourceRequest& request) {
  rules::admit_text(request.source, "source", limits::text_bytes);
  if (request.why) rules::admit_text(*request.why, "why", limits::text_bytes);
  if (!request.dry_run && !request.expected_position) {
    throw InvalidInput("expected_position",
                       "is required: do a dry run first, look at what it lists, and pass its position");
  }
  return write(context,
               {request.agent,
                request.caller,
                request.call,
                {},
                request.expected_position,
                request.dry_run,
                /*alone=*/true},
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
