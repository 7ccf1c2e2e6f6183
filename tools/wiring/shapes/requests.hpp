#pragma once

#include "wiring/json.hpp"
#include "wiring/shapes/claims.hpp"

// The shapes of what is asked. The host says who calls and how long the call may take: no shape has it.
namespace claimledger::wiring {

inline constexpr Bounds agent_bounds{.longest = limits::agent_bytes, .shortest = 1};

inline constexpr Bounds page_bounds{.shortest = 1};
inline constexpr Bounds ttl_bounds{.longest = static_cast<std::size_t>(limits::adjudication_ttl.count()),
                                   .shortest = 1};

// What a date means where one instant is asked about.
#define CLAIMLEDGER_INSTANT "RFC 3339, or a date: its first instant in UTC"
inline constexpr auto valid_at_meaning = "What held then: " CLAIMLEDGER_INSTANT " (default: now)";
inline constexpr auto as_of_meaning = "What was known then: " CLAIMLEDGER_INSTANT;

// --- Statements ----------------------------------------------------------------------------------------------------

template <A<Statement> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("Statement", "a claim", "One claim as a caller states it");
  visit.required("subject", it.subject, "What it is about", text_bounds);
  visit.required("predicate", it.predicate, "What is said of it", text_bounds);
  visit.required("value", it.value, "What it says: any JSON, at most 1 MiB of it");
  describe(it.window, visit);
  visit("source", it.source, "Who exactly says so", text_bounds);
  visit("provenance", it.provenance, "Who says so: a person, something else at first hand, or a model");
  visit("cardinality", it.cardinality, "Whether its line holds one value or a set");
  visit("value_confidence", it.value_confidence, "How sure the speaker is, 0 to 1");
  visit.template instead<Confidence>(
      "confidence", {"value_confidence"}, [&](Confidence confidence) { it.value_confidence = confidence; },
      "Another name of value_confidence");
  visit("valid_time_confidence", it.valid_time_confidence,
        "How sure of the dates, 0 to 1 (default: as of the value where a date is given, else 0)");
  visit("criticality", it.criticality, "How much hangs on it");
  visit("derived_from", it.derived_from, "Claims it was concluded from", Bounds{.longest = limits::derived_from});
  visit("metadata", it.metadata, "A JSON object to keep beside it, at most 64 KiB of it", Bounds{.object = true});
  visit("idempotency_key", it.idempotency_key, "Said again with it, the first receipt comes back", text_bounds);
  visit("adjudication_ttl", it.adjudication_ttl, "Microseconds that a question about it waits (default: as configured)",
        ttl_bounds);
}

template <A<IngestLine> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("IngestLine", "a claim", "One line of an ingest");
  describe(it.statement, visit);
  visit("recorded_at", it.recorded_at, "When it was recorded: of a replay, and of nothing else");
}

template <A<Question> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("Question", "a question", "One line of questions to answer");
  describe(it.line, visit);
  visit("as_of", it.as_of, as_of_meaning);
  visit("valid_at", it.valid_at, valid_at_meaning);
  visit("expected", it.expected, "The right answer; null: the value null");
  visit("source", it.source, "Where the right answer is from");
}

template <A<NotedHead> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("NotedHead", "a noted head", "One line of a file of verify --head-file");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("position", it.position, "Where it ended when it was verified");
  visit.required("hash", it.hash, "The hash of the entry there");
}

// --- Reads ---------------------------------------------------------------------------------------------------------

template <A<At> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("At", "a moment", "Where and when a read stands; of position and as_of at most one");
  visit("position", it.position, "What was known up to this entry");
  visit("as_of", it.as_of, as_of_meaning);
  visit.excludes("as_of", "position");
  visit("asked_at", it.asked_at,
        "The time that stands for now: " CLAIMLEDGER_INSTANT " (default: as_of, else the clock)");
}

template <A<PageRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("PageRequest", "a page", "A part of a longer answer");
  visit("limit", it.limit, "How many at most, from 1 on; more than 10000 count as that", page_bounds);
  visit("cursor", it.cursor, "Go on where the last page ended: its `next`, and the rest of the request as it was");
}

// The stretch that is asked about, as one date says it.
template <class Window, class Visitor>
void describe_valid_during(Window& window, Visitor& visit, const char* meaning) {
  visit.template instead<StatedDuring>(
      "valid_during", {},
      [&](const StatedDuring& during) {
        if constexpr (!std::is_const_v<Window>) window = during.window;
      },
      meaning);
}

template <A<RecallRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("RecallRequest", "this request", "What is believed, or was, for any time");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe(it.line, visit);
  visit("valid_at", it.valid_at, valid_at_meaning);
  describe(it.at, visit);
  visit("serve_to", it.serve_to, "Record that the answer went to this context (a conversation, a prompt)", text_bounds);
}

template <A<HistoryRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("HistoryRequest", "this request", "Everything ever said on one line");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe(it.line, visit);
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<TimelineRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("TimelineRequest", "this request", "What is believed about one line over valid time");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe(it.line, visit);
  describe_valid_during(it.valid_during, visit, "What is believed at some time in this year, month or day");
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<SubjectRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("SubjectRequest", "this request", "What is believed about a subject, predicate by predicate");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("subject", it.subject, "What it is about", text_bounds);
  visit("valid_at", it.valid_at, valid_at_meaning);
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<ContestedRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ContestedRequest", "this request", "Lines that are contested, at any time or at one");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit("valid_at", it.valid_at, "Contested then: " CLAIMLEDGER_INSTANT " (default: at any time)");
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<PendingRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("PendingRequest", "this request", "Questions that wait for a verdict");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<ClaimRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ClaimRequest", "this request", "One claim: what it says, where it holds, what cut it");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("claim_id", it.claim, "The claim's id");
  describe(it.at, visit);
}

template <A<LineageRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("LineageRequest", "this request", "What a claim was concluded from, or what was from it");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("claim_id", it.claim, "The claim's id");
  visit("direction", it.direction, "What it rests on, or what rests on it");
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<ServedRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ServedRequest", "this request", "What a context was told, or who was told a claim");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.one_of(
      it.claim_or_context,
      [](ClaimId& claim, auto& fields) { fields.required("claim_id", claim, "The contexts that this claim went to"); },
      [](std::string& context, auto& fields) {
        fields.required("context", context, "The context, as recall named it", text_bounds);
      });
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<AuditRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("AuditRequest", "this request", "The ledger itself, entry by entry");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit("kinds", it.filter.kinds, "Only entries of these kinds", Bounds{.words = entry_kinds()});
  visit("disposition", it.filter.disposition, "Only entries that carry this disposition");
  visit("claim_id", it.filter.claim, "Only entries about this claim");
  visit("line", it.filter.line, "Only entries of this line");
  visit("recorded_from", it.filter.recorded_from, "Recorded then or later: " CLAIMLEDGER_INSTANT);
  visit("recorded_until", it.filter.recorded_until, "Recorded before then: " CLAIMLEDGER_INSTANT);
  visit("order", it.order, "By position");
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<OutcomeRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("OutcomeRequest", "this request", "Did the write with this idempotency key commit?");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("idempotency_key", it.idempotency_key, "The key", text_bounds);
}

template <A<AgentsRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("AgentsRequest", "this request", "Whose ledgers the store keeps");
  describe(it.page, visit);
}

template <A<SubjectsRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("SubjectsRequest", "this request", "What claims are about");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<PredicatesRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("PredicatesRequest", "this request", "The lines of the ledger, or of one subject");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit("subject", it.subject, "Only of this subject", text_bounds);
  describe(it.at, visit);
  describe(it.page, visit);
}

template <A<VerifyRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("VerifyRequest", "this request", "Walk a whole ledger: hashes, contents, references");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit("vectors_again", it.vectors_again, "About how many vectors are made again of their texts; 0: none");
}

template <A<StatusRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("StatusRequest", "this request", "The store, its settings in force, and where the ledger ends");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
}

// --- Writes --------------------------------------------------------------------------------------------------------

// The fields that every verb on a claim has.
template <class Request, class Visitor>
void describe_act(Request& it, Visitor& visit) {
  visit("provenance", it.provenance, "Whose word it is; only what is first-hand is taken");
  visit("why", it.why, "The reason, kept in the ledger", text_bounds);
  visit("expected_position", it.expected_position, "Write only if the ledger still ends here");
}

// A claim by its id, or the one that holds now on a line.
template <class Visitor>
void describe_target(ClaimOrLine& it, Visitor& visit) {
  visit.one_of(
      it, [](ClaimId& claim, auto& fields) { fields.required("claim_id", claim, "The claim's id"); },
      [](LineKey& line, auto& fields) { describe(line, fields); });
}

template <A<IngestRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("IngestRequest", "this request", "Say many things, which land together or not at all");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("statements", it.statements, "The claims, each decided in the light of those before it",
                 Bounds{.longest = limits::batch_claims, .shortest = 1});
  visit("expected_position", it.expected_position, "Write only if the ledger still ends here");
}

template <A<EndRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("EndRequest", "this request", "A claim holds no longer from then on");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe_target(it.claim, visit);
  visit.required("at", it.at, "From then on: " CLAIMLEDGER_INSTANT);
  describe_act(it, visit);
}

template <A<RetractRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("RetractRequest", "this request", "A claim never held");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe_target(it.claim, visit);
  describe_act(it, visit);
}

template <A<RetractSourceRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("RetractSourceRequest", "this request", "Nothing of one source ever held");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("source", it.source, "Everything that exactly this source said", text_bounds);
  visit("dry_run", it.dry_run, "Only list what would be taken back, and the position to expect");
  describe_act(it, visit);
}

template <A<CorrectRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  const auto window = [&]() -> ValidWindow& { return it.window ? *it.window : it.window.emplace(); };
  visit.request("CorrectRequest", "this request", "It was never so: a claim takes another's place");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  describe_target(it.claim, visit);
  visit.required("value", it.value, "What it says instead: any JSON, at most 1 MiB of it");
  visit.template instead<ValidEnd>(
      "valid_from", {}, [&](const ValidEnd& end) { window().from = end; },
      "It holds from then on; a date given replaces both dates");
  visit.template instead<ValidEnd>(
      "valid_until", {}, [&](const ValidEnd& end) { window().until = end; },
      "It holds no longer from then on; a date given replaces both dates");
  visit.template instead<StatedDuring>(
      "valid_during", {"valid_from", "valid_until"}, [&](const StatedDuring& during) { window() = during.window; },
      "It holds for this year, month or day");
  visit("source", it.source, "Who exactly says so", text_bounds);
  visit("cardinality", it.cardinality, "Whether its line holds one value or a set");
  visit("value_confidence", it.value_confidence, "How sure the speaker is, 0 to 1");
  visit("valid_time_confidence", it.valid_time_confidence, "How sure of the dates, 0 to 1");
  visit("criticality", it.criticality, "How much hangs on it");
  visit("metadata", it.metadata, "A JSON object to keep beside it, at most 64 KiB of it", Bounds{.object = true});
  visit("idempotency_key", it.idempotency_key, "Said again with it, the first receipt comes back", text_bounds);
  describe_act(it, visit);
}

template <A<ReopenRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ReopenRequest", "this request", "A claim holds again");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("claim_id", it.claim, "The claim's id");
  visit("at", it.at, "From then on only: " CLAIMLEDGER_INSTANT " (default: wherever it was cut)");
  describe_act(it, visit);
}

template <A<ReviewRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ReviewRequest", "this request", "Settle a claim whose premise fell");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("claim_id", it.claim, "The claim's id");
  visit.required("verdict", it.verdict, "Whether it stays");
  describe_act(it, visit);
}

template <A<AdjudicateRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("AdjudicateRequest", "this request", "Settle a question, or a contested claim, with evidence");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.one_of(
      it.question,
      [](AdjudicationId& handle, auto& fields) { fields.required("handle", handle, "The handle of a question"); },
      [](ClaimId& claim, auto& fields) { fields.required("claim_id", claim, "The id of a contested claim"); });
  visit.required("verdict", it.verdict, "Whether the claim is right");
  visit.required("evidence", it.evidence, "What the verdict rests on", text_bounds);
  visit("provenance", it.provenance, "Of the evidence; only what is first-hand is taken");
}

template <A<SweepRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("SweepRequest", "this request", "Close the questions that nobody judged in time");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
}

template <A<ReconcileRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ReconcileRequest", "this request", "Give inferred claims back that nothing contradicts any more");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit("lines", it.lines, "These lines only (default: all that have something to reconcile)");
}

#undef CLAIMLEDGER_INSTANT

}  // namespace claimledger::wiring
