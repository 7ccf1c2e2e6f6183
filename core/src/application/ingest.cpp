#include <algorithm>
#include <set>

#include "application/references.hpp"
#include "application/request_digest.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"

namespace claimledger::application {

namespace {

Confidence valid_time_confidence_of(const Statement& s) {
  const bool dated = s.window.from || s.window.until;
  return s.valid_time_confidence.value_or(dated ? s.value_confidence : Confidence{0});
}

// All that the statement says, with absent fields marked as absent.
Digest digest_of(const Statement& s) {
  RequestDigest request;
  for (const auto* part : {&s.subject, &s.predicate, &s.value.text()}) request.say(*part);
  request.say(text(s.cardinality));
  request.say(text(s.provenance));
  request.say_if(s.source);
  request.say_end(s.window.from);
  request.say_end(s.window.until);
  request.say(std::to_string(s.value_confidence.basis_points));
  request.say(std::to_string(valid_time_confidence_of(s).basis_points));
  request.say(text(s.criticality));
  for (const auto& id : s.derived_from) request.say(to_text(id.value));
  request.say_if(s.metadata ? std::optional(s.metadata->text()) : std::nullopt);
  request.say(std::to_string(s.adjudication_ttl ? s.adjudication_ttl->count() : 0));
  return request.digest();
}

Content content_of(const Statement& s) {
  Content content;
  content.subject = s.subject;
  content.predicate = s.predicate;
  content.value = s.value;
  content.source = s.source;
  content.metadata = s.metadata;
  content.idempotency_key = s.idempotency_key;
  if (s.idempotency_key) content.request = digest_of(s);
  return content;
}

Claim claim_of(Attempt& attempt, const Statement& s) {
  Claim claim;
  claim.id = ClaimId{attempt.ids.uuid(attempt.draft.now.value)};
  claim.cardinality = s.cardinality;
  claim.provenance = s.provenance;
  claim.window = s.window;
  claim.value_confidence = s.value_confidence;
  claim.valid_time_confidence = valid_time_confidence_of(s);
  claim.trusted = s.window.from && claim.valid_time_confidence >= attempt.context.config.trust_floor;
  claim.below_floor = is_first_hand(s.provenance) && s.value_confidence < attempt.context.config.confidence_floor;
  claim.overturn = attempt.context.config.overturn_policy;
  claim.overturn_floor = attempt.context.config.criticality_overturn_floor;
  claim.criticality = s.criticality;
  claim.derived_from = s.derived_from;
  const auto descent = descent_from(claim, [&](const ClaimId& id) {
    const auto& line = attempt.view.line_holding(id).state;
    return descent_of(line.said(line.at(id)));
  });
  claim.depth = descent.depth;
  claim.nearest_external_anchor = descent.nearest_anchor;
  claim.anchor_distance = descent.anchor_distance;
  return claim;
}

// Whether a claim with this value was handed to a model not longer ago than the window.
bool was_served(Attempt& attempt, const rules::LineState& line, const Value& value) {
  const auto since = attempt.draft.now.value - attempt.context.config.served_window;
  return std::any_of(line.claims().begin(), line.claims().end(), [&](const rules::ClaimState& claim) {
    if (line.content(claim).value != value) return false;
    const auto last = attempt.view.last_served(claim.id);
    return last && last->value >= since;
  });
}

// The claim that returning content repeats, if it is that.
std::optional<ClaimId> repeated(Attempt& attempt, const View::LoadedLine& line, const Statement& s) {
  if (is_first_hand(s.provenance)) return std::nullopt;
  if (s.provenance == Provenance::model_derived && !was_served(attempt, line.state, s.value)) return std::nullopt;
  if (!s.derived_from.empty()) return s.derived_from.front();
  const auto* claim = rules::live_claim_with(line.state, s.value);
  return claim ? std::optional(claim->id) : std::nullopt;
}

// A claim derived from a premise that was taken back needs a review.
void mark_if_tainted(Attempt& attempt, rules::LineDraft& line, const ClaimId& claim, const Statement& s) {
  for (const auto& id : s.derived_from) {
    const auto& state = attempt.view.line_holding(id).state;
    const auto& parent = state.at(id);
    const bool taken_back = std::any_of(parent.lost.begin(), parent.lost.end(), [&](rules::Index statement) {
      return state.statement(statement).claim == rules::nowhere;
    });
    if (parent.has_statement() || !taken_back) continue;
    const auto& child = line.at(claim);
    if (!child.live() || child.marked) return;
    line.write(ReviewMarked{claim, id});
    return;
  }
}

Receipt decide(Attempt& attempt, const Statement& s) {
  const auto policy = attempt.policy(s.adjudication_ttl);
  const rules::Newcomer newcomer{claim_of(attempt, s), content_of(s)};
  auto& line = attempt.view.line_for({s.subject, s.predicate}, newcomer);
  if (const auto claim = repeated(attempt, line, s)) {
    auto draft = attempt.on(attempt.view.line_holding(*claim));
    return rules::decide_reentry(draft, *claim, newcomer, policy);
  }
  auto draft = attempt.on(line);
  auto receipt = rules::decide(draft, newcomer, policy);
  if (receipt.rationale != Rationale::echo && receipt.claim == newcomer.claim.id)
    mark_if_tainted(attempt, draft, *receipt.claim, s);
  return receipt;
}

// Records the attempt with its key, if it has one, so that a repetition gets the same answer.
Receipt reject(Attempt& attempt, const Statement& s) {
  const Rejected entry{Verb::state, std::nullopt, s.provenance, Rationale::not_allowed};
  Content content;
  content.idempotency_key = s.idempotency_key;
  if (s.idempotency_key) content.request = digest_of(s);
  attempt.draft.entries.push_back({entry, content, std::nullopt});
  return *rules::receipt_of(entry);
}

void admit_parents(View& view, const Statement& s, const std::string& path) {
  for (const auto& id : s.derived_from) {
    if (!view.has(id)) {
      throw InvalidInput(path + "derived_from", "names " + to_text(id.value) + ", which is no claim of this agent");
    }
  }
}

[[noreturn]] void reused(const std::string& path) {
  throw InvalidInput(path + "idempotency_key", "was used before, for something else");
}

void require_same(const View::Found& first, const Statement& s, const std::string& path) {
  if (first.record.content_state != ContentState::present) return;  // erased: a key answers without comparing
  if (first.record.content.request != digest_of(s)) reused(path);
}

// A line as it was when this entry and what followed from it had been written, before the next statement or act of its
// batch.
rules::LineState line_after(View& view, const LineKey& key, Position entry, Position batch_end) {
  rules::LineState line;
  for (auto& read : view.entries_of(key, batch_end)) {
    const auto& what = read.record.entry;
    const bool follows_from_another =
        read.record.seq > entry && !std::holds_alternative<Judged>(what) && !std::holds_alternative<TakenBack>(what) &&
        !std::holds_alternative<AdjudicationOpened>(what) && !std::holds_alternative<AdjudicationClosed>(what);
    if (follows_from_another) break;
    fold_onto(line, std::move(read));
  }
  line.derive();
  return line;
}

}  // namespace

Receipt replay(View& view, const View::Found& first) {
  auto receipt = rules::receipt_of(first.record.entry);
  if (!receipt)
    throw StoreFailure(FailureKind::corrupt, "outcome", "an idempotency key names an entry that gave no receipt");
  receipt->replayed = true;
  receipt->position = view.batch_end(first.record.recorded_at);
  receipt->recorded_at = first.record.recorded_at;
  const auto is = [&](Disposition disposition) { return receipt->disposition == disposition; };
  const bool had_rivals = is(Disposition::queued_for_adjudication) || is(Disposition::contested) ||
                          is(Disposition::pending_conflict) || receipt->corroborated ||
                          receipt->rationale == Rationale::newest_wins;
  if (first.line && receipt->claim && had_rivals) {
    const auto line = line_after(view, *first.line, first.record.seq, receipt->position);
    rules::name_rivals(*receipt, first.record.entry, line);
    const auto& question = line.at(*receipt->claim).question;
    if (question && is(Disposition::queued_for_adjudication)) receipt->handle = question->handle;
  }
  receipt->reason = rules::explain(*receipt);
  return *receipt;
}

namespace {

// How many lines of a batch are read at once.
std::size_t lines_at_once(const Context& context) {
  constexpr std::size_t some = 64;
  return context.store().reads_are_near() ? some : limits::batch_claims;
}

// Keys and parents of all statements, and the lines of the first ones, each once.
Wanted wanted(const IngestRequest& request, std::size_t most_lines) {
  std::set<LineKey> lines;
  std::set<Digest> keys;
  std::set<ClaimId> claims;
  for (const auto& s : request.statements) {
    if (lines.size() < most_lines) lines.insert({s.subject, s.predicate});
    if (s.idempotency_key) keys.insert(codec::idempotency_digest(request.agent, *s.idempotency_key));
    claims.insert(s.derived_from.begin(), s.derived_from.end());
  }
  return {{lines.begin(), lines.end()}, {keys.begin(), keys.end()}, {claims.begin(), claims.end()}};
}

// The lines of a batch, some at a time: a large one may touch more than there should be memory for.
class LinesInTurn {
 public:
  LinesInTurn(View& view, const IngestRequest& request, std::size_t at_once)
      : view_(view), request_(request), at_once_(at_once) {
    if (request.statements.size() <= at_once) return;
    for (std::size_t i = 0; i < request.statements.size(); ++i) last_use_[line_of(i)] = i;
  }
  // Reads the line of a statement, and those of the next ones with it.
  void begin(std::size_t statement) {
    if (last_use_.size() <= at_once_ || view_.is_loaded(line_of(statement))) return;
    std::set<LineKey> next;
    for (auto i = statement; i < request_.statements.size() && next.size() < at_once_; ++i) {
      auto line = line_of(i);
      if (!view_.is_loaded(line)) next.insert(std::move(line));
    }
    view_.load({.lines = {next.begin(), next.end()}});
  }
  // Leaves its line if none of the next statements is of it and others need the room.
  void end(std::size_t statement) {
    if (last_use_.size() <= at_once_ || view_.loaded_bytes() <= most_bytes) return;
    const auto line = line_of(statement);
    if (last_use_.at(line) == statement) view_.unload(line);
  }

 private:
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;

  LineKey line_of(std::size_t statement) const {
    const auto& s = request_.statements[statement];
    return {s.subject, s.predicate};
  }

  View& view_;
  const IngestRequest& request_;
  std::size_t at_once_;
  std::map<LineKey, std::size_t> last_use_;
};

// Keys used by this batch, and where: the index of the statement that used it first.
using UsedKeys = std::map<std::string, std::size_t>;

WriteAnswer ingest_once(Attempt& attempt, const IngestRequest& request) {
  WriteAnswer answer;
  UsedKeys used;
  LinesInTurn lines(attempt.view, request, lines_at_once(attempt.context));
  for (std::size_t i = 0; i < request.statements.size(); ++i) {
    const auto& s = request.statements[i];
    const auto path = request.statements.size() == 1 ? std::string() : "statements[" + std::to_string(i) + "].";
    if (s.idempotency_key) {
      if (const auto [first, fresh] = used.try_emplace(*s.idempotency_key, i); !fresh) {
        if (digest_of(request.statements[first->second]) != digest_of(s)) reused(path);
        answer.receipts.push_back(answer.receipts[first->second]);
        answer.receipts.back().replayed = true;
        continue;
      }
      const auto key = codec::idempotency_digest(request.agent, *s.idempotency_key);
      if (const auto first = attempt.view.by_key(key)) {
        require_same(*first, s, path);
        answer.receipts.push_back(replay(attempt.view, *first));
        continue;
      }
    }
    // Checked only now: a repeated request gets its earlier answer whatever has happened since.
    const auto head = attempt.view.at();
    if (head_moved(request.expected_position, head)) return conflict(*request.expected_position, head);
    admit_parents(attempt.view, s, path);
    lines.begin(i);
    answer.receipts.push_back(request.caller.may_state ? decide(attempt, s) : reject(attempt, s));
    for (const auto& id : mark_dependants(attempt)) answer.marked_for_review.push_back(id);
    lines.end(i);
  }
  return answer;
}

// The checks of ingest_once, without deciding the statements.
void check(View& view, const IngestRequest& request, std::size_t i, UsedKeys& used) {
  const auto& s = request.statements[i];
  rules::admit(s, {});
  if (s.idempotency_key) {
    if (const auto first = used.find(*s.idempotency_key); first != used.end()) {
      if (digest_of(request.statements[first->second]) != digest_of(s)) reused({});
      return;
    }
    if (const auto first = view.by_key(codec::idempotency_digest(request.agent, *s.idempotency_key))) {
      require_same(*first, s, {});
      used.emplace(*s.idempotency_key, i);
      return;
    }
  }
  admit_parents(view, s, {});
  if (s.idempotency_key) used.emplace(*s.idempotency_key, i);
}

WriteAnswer ingest_in_place(Context& context, const IngestRequest& request) {
  if (request.statements.empty()) throw InvalidInput("statements", "must hold at least one statement");
  if (request.statements.size() > limits::batch_claims) {
    throw InvalidInput("statements", "holds " + std::to_string(request.statements.size()) + " statements; at most " +
                                         std::to_string(limits::batch_claims) + " are allowed");
  }
  const bool single = request.statements.size() == 1;
  for (std::size_t i = 0; i < request.statements.size(); ++i) {
    rules::admit(request.statements[i], single ? std::string() : "statements[" + std::to_string(i) + "].");
  }
  WriteVectors vectors(context, request.call);
  if (request.model) {
    vectors.bring(*request.model, request.statements);
  } else if (std::ranges::any_of(request.statements, [](const auto& each) { return !each.vector.empty(); })) {
    throw InvalidInput("model", "must say what made the vectors of the statements");
  } else {
    vectors.embed_all(request.statements);
  }
  return write(context,
               {.agent = request.agent,
                .caller = request.caller,
                .call = request.call,
                .wanted = wanted(request, lines_at_once(context)),
                .vectors = &vectors,
                .place = request.place},
               [&](Attempt& attempt) { return ingest_once(attempt, request); });
}

}  // namespace

WriteAnswer ingest(Context& context, const IngestRequest& request) {
  if (!request.place) return ingest_in_place(context, request);
  try {
    auto answer = ingest_in_place(context, request);
    answer.status == WriteStatus::done ? request.place->land() : request.place->fail();
    return answer;
  } catch (...) {
    request.place->fail();  // those behind it wait
    throw;
  }
}

std::vector<Refusal> refusals(const Context& context, const IngestRequest& request) {
  rules::admit_agent(request.agent);
  const auto needed = wanted(request, 0);
  const auto snapshot = context.store().snapshot(request.agent, AtHead{}, needed, request.call);
  View view(context.store(), request.agent, needed, snapshot, request.call);
  std::vector<Refusal> found;
  UsedKeys used;
  for (std::size_t i = 0; i < request.statements.size(); ++i) {
    try {
      check(view, request, i, used);
    } catch (const InvalidInput& cause) {
      found.push_back({i, cause});
    }
  }
  return found;
}

std::optional<Receipt> outcome(const Context& context, const OutcomeRequest& request) {
  rules::admit_agent(request.agent);
  rules::admit_text(request.idempotency_key, "idempotency_key", limits::text_bytes);
  const auto key = codec::idempotency_digest(request.agent, request.idempotency_key);
  const Wanted wanted{.keys = {key}};
  const auto snapshot = context.store().snapshot(request.agent, AtHead{}, wanted, request.call);
  View view(context.store(), request.agent, wanted, snapshot, request.call);
  const auto first = view.by_key(key);
  return first ? std::optional(replay(view, *first)) : std::nullopt;
}

}  // namespace claimledger::application
