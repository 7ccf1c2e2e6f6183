#pragma once

#include <string>
#include <utility>
#include <vector>

#include "claimledger/engine.hpp"
#include "claimledger/ports/oracle.hpp"
#include "wiring/shapes/claims.hpp"
#include "wiring/shapes/entries.hpp"

// The shapes of what an engine answers.
namespace claimledger::wiring {

inline constexpr auto next_meaning = "Given back as cursor it goes on at the same position; null on the last page";

template <A<AnsweredAt> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("AnsweredAt", "Where and when an answer was read: asked again with these it is the same");
  visit("position", it.position, "The entry up to which the ledger was read");
  visit("asked_at", it.asked_at, "The time that stood for now");
}

template <A<Span> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Span", "A half-open stretch of valid time");
  describe_ends(it, visit);
}

template <A<Slot> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Slot", "One claim as an answer shows it; of several with one value the surest, then the oldest");
  visit("claim_id", it.claim, "The claim");
  visit("value", it.value, "What it says");
  visit("provenance", it.provenance, "Who says so");
  visit("source", it.source, "Who exactly");
  describe(it.window, visit);
  visit("trusted", it.trusted, "Its dates count: a start that is known, and said with enough confidence");
  visit("recorded_at", it.recorded_at, "When it was first recorded");
  visit("last_said", it.last_said, "When it was last said first-hand");
  visit("value_confidence", it.value_confidence, "How sure the speaker is of the value");
  visit("valid_time_confidence", it.valid_time_confidence, "How sure the speaker is of the dates");
  visit("criticality", it.criticality, "How much hangs on it");
  visit("disposition", it.disposition, "What the claim is");
  visit("corroboration_count", it.corroboration_count, "How often another source, or another kind, said it again");
}

template <A<Belief> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Belief", "What is believed about one line at one instant, as known at one position");
  visit("position", it.position, "The entry up to which the ledger was read");
  visit("asked_at", it.asked_at, "The time that stood for now");
  visit("valid_at", it.valid_at, "The instant that was asked about");
  visit("status", it.status, "Whether there is an answer, and of what kind");
  visit.derived("value", it.primary ? std::optional(it.primary->value) : std::nullopt,
                "The value of the primary; null without one");
  visit("set", it.set, "The line is a set: every alternative is a member");
  visit("primary", it.primary, "The answer where it is Resolved or TimingUncertain");
  visit("alternatives", it.alternatives, "Every side where it is Contested, every member of a set");
  visit("dissent", it.dissent, "Claims that say something else and don't decide, oldest first");
  visit("currency", it.currency, "How long ago the answer was last said, in words");
  visit("currency_score", it.currency_score, "0.95 to the power of the days since");
  visit("stale", it.stale, "It should be asked again before it is relied upon");
  visit("staleness_reason", it.staleness_reason, "Why; empty where it is not stale");
  visit("criticality", it.criticality, "The highest among the candidates");
  visit("markers", it.markers, "What to beware of");
}

template <A<Segment> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Segment", "A stretch of valid time over which the belief does not change");
  describe_ends(it.span, visit);
  visit("status", it.status, "Whether there is an answer then, and of what kind");
  visit("values", it.values, "The primary, or every alternative");
}

template <A<CutHistory> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Cut", "A stretch that was taken from a claim's window");
  visit("seq", it.seq, "The entry that took it");
  visit("recorded_at", it.recorded_at, "When");
  describe_ends(it.span, visit);
  visit("reason", it.reason, "Why");
  visit("cause", it.cause, "The winner, or the claim that states the end; null: a verb");
}

template <A<StatementHistory> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("StatementOfClaim", "One of the statements that make up a claim");
  visit("seq", it.seq, "Its entry");
  visit("recorded_at", it.recorded_at, "When it was recorded");
  visit("provenance", it.provenance, "Who said so");
  visit("source", it.source, "Who exactly");
  describe(it.window, visit);
  visit("value_confidence", it.value_confidence, "How sure the speaker was");
  visit("criticality", it.criticality, "How much hung on it");
  visit("cardinality", it.cardinality, "Whether it took its line for one value or a set");
  visit("derived_from", it.derived_from, "The claims it was concluded from");
  visit("metadata", it.metadata, "The object that was kept beside it");
}

template <A<ClaimHistory> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ClaimHistory", "One claim: what it says, where it holds, what cut it, and how it came to be");
  describe(it.slot, visit);
  visit("position", it.position, "The entry up to which the ledger was read");
  visit("asked_at", it.asked_at, "The time that stood for now");
  visit("seq", it.seq, "The entry that began it");
  describe(it.line, visit);
  visit("cardinality", it.cardinality, "Whether its line holds one value or a set");
  visit("derived_from", it.derived_from, "The claims it was concluded from");
  visit("depth", it.depth, "How many conclusions lie between it and what was said first-hand");
  visit("nearest_external_anchor", it.nearest_external_anchor, "The closest first-hand claim it rests on");
  visit("metadata", it.metadata, "The object that was kept beside it");
  visit("validity", it.validity, "Where it holds, in order");
  visit("base", it.base, "Its window without the cuts; the validity is that without what follows it hides");
  visit("cuts", it.cuts, "What was taken from its window");
  visit("follows", it.follows, "The claims that it succeeds");
  visit("followed_by", it.followed_by, "The claims that succeed it");
  visit("statements", it.statements, "The statements that make it up now, oldest first");
  visit("statements_went_to", it.statements_went_to, "The claims that have those of its statements that moved");
  visit("corrects", it.corrects, "The claim in whose place it stands");
  visit("corrected_by", it.corrected_by, "The claim that stands in its place");
  visit("said", it.said, "When it was said, oldest first");
  visit("contested_with", it.contested_with, "Its rivals as things stand");
  visit("open_adjudication", it.open_adjudication, "The open question about it");
  visit("erased", it.erased, "Its content is gone");
}

template <A<History> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("History", "A page of everything that was said on one line");
  describe(it.line, visit);
  describe(it.at, visit);
  visit("set", it.set, "The line is a set");
  visit("claims", it.claims, "Its claims, oldest first");
  visit("next", it.next, next_meaning);
}

template <A<Timeline> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Timeline", "A page of what is believed about one line over valid time");
  describe(it.line, visit);
  describe(it.at, visit);
  visit("set", it.set, "The line is a set");
  visit("segments", it.segments, "The stretches over which the belief does not change, in order");
  visit("next", it.next, next_meaning);
}

template <A<LineBelief> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("LineBelief", "A line, and what is believed about it");
  describe(it.line, visit);
  visit("belief", it.belief, "The belief");
}

template <A<ContestedLine> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ContestedLine", "A line that is contested, and when");
  describe(it.line, visit);
  visit("segments", it.segments, "The stretches where it is contested");
}

template <A<AdjudicationItem::Side> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Side", "One side of a question");
  visit("claim_id", it.claim, "The claim");
  visit("value", it.value, "What it says");
  visit("provenance", it.provenance, "Who says so");
  visit("source", it.source, "Who exactly");
  describe(it.window, visit);
  visit("value_confidence", it.value_confidence, "How sure the speaker is");
  visit("recorded_at", it.recorded_at, "When it was recorded");
}

template <A<AdjudicationItem> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("OpenQuestion", "A question that waits for a verdict");
  visit("handle", it.handle, "What adjudicate takes");
  visit("agent", it.agent, "Whose ledger it is in");
  describe(it.line, visit);
  visit("challenger", it.challenger, "The claim that contradicts the others");
  visit("rivals", it.rivals, "The others");
  visit("opened", it.opened, "The entry that opened it");
  visit("opened_at", it.opened_at, "When");
  visit("expires_at", it.expires_at, "From then on nobody can judge it; null: never");
}

template <A<LineageNode> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("LineageNode", "A claim that another rests on, or that rests on it");
  visit("claim_id", it.claim, "The claim");
  visit("distance", it.distance, "Steps from the claim that was asked about, by the shortest way");
  visit("via", it.via, "Its neighbours on the way back, nearest first");
}

template <A<Serving> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Serving", "Claims that went to a context");
  visit("seq", it.seq, "The entry that says so");
  visit("recorded_at", it.recorded_at, "When");
  visit("context", it.context, "The conversation or prompt; null once erased");
  visit("claims", it.claims, "The claims");
}

template <A<WriteAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("WriteAnswer", "The outcome of a write");
  visit("status", it.status, "Whether it was done");
  visit("position", it.position, "The head after it; where nothing was written, the head it was judged at");
  visit("receipts", it.receipts, "One for each statement, or for each claim that was touched");
  visit("marked_for_review", it.marked_for_review, "Claims derived from what lost validity");
  visit("reason", it.reason, "For people, where it was not done or the clock is behind");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
}

template <A<ReconcileAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReconcileAnswer", "The outcome of reconcile");
  visit("position", it.position, "The head after it");
  visit("lines", it.lines, "One report for every line that was looked at");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
}

template <A<Verification> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Verification", "The outcome of verify on one ledger");
  visit("ok", it.ok, "It is whole");
  visit("position", it.position, "How far it goes");
  visit("entries", it.entries, "How many entries were checked");
  visit("head_hash", it.head_hash, "The hash of its last entry");
  visit("first_bad", it.first_bad, "The first entry that does not fit; null where it is none of the entries");
  visit("problem", it.problem, "For people, where it is not whole");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
  visit("vectors_again", it.vectors_again, "How many vectors were made again of their texts, and compared");
  visit("remark", it.remark, "For people: why no vectors could be made again");
}

// Whether a store has something, without its name.
struct Availability {
  bool available = true;
  std::string reason = {};
};
template <A<Availability> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Availability", "Whether the store has it");
  visit("available", it.available, "It has");
  visit("reason", it.reason, "Why not; empty where it has");
}

inline std::vector<std::pair<std::string, Availability>> by_name(const std::vector<Capability>& capabilities) {
  std::vector<std::pair<std::string, Availability>> named;
  named.reserve(capabilities.size());
  for (const auto& [name, available, reason] : capabilities) named.push_back({name, {available, reason}});
  return named;
}

template <A<Status::Words> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("FiledWords", "The words that are filed for searches");
  visit("recipe", it.recipe, "How texts became words; empty where nothing is filed");
  visit("up_to", it.up_to, "The words of all entries up to here are filed");
  visit("current", it.current, "A search uses them; otherwise it reads all, until reindex files them anew");
}

template <A<EmbeddingModel> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("EmbeddingModel", "What turned texts into vectors");
  visit("name", it.name, "As people know it");
  visit("dimensions", it.dimensions, "Of each of its vectors");
  visit("fingerprint", it.fingerprint, "Of its weights; empty where nobody knows");
}

template <A<Status::Model> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("StatusOfModel", "A model whose vectors a ledger has");
  describe(it.filed.model, visit);
  visit.derived("vectors", it.filed.filed - it.filed.erased, "How many it has");
  visit("up_to", it.filed.up_to, "All statements up to here have one; others may have one");
  visit.derived("compared_in_store", it.comparing ? std::optional(it.comparing->in_store) : std::nullopt,
                "Whether the store compares them itself; null: it never does");
  visit.derived("comparing", it.comparing ? std::optional(it.comparing->detail) : std::nullopt,
                "By what it does, or why it does not and what would change that");
}

template <A<Status> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Status", "The store, its settings in force, and where the ledger ends");
  visit("agent", it.agent, "Whose ledger");
  visit("entries", it.head.position, "How many it has");
  visit.derived("recorded_at",
                it.head.position == Position{} ? std::nullopt : std::optional<TxTime>(it.head.recorded_at),
                "When the last one was recorded; null without one");
  visit("head_hash", it.head.hash, "The hash of the last one");
  visit("store", it.store, "The store's settings, by name");
  visit.derived("capabilities", by_name(it.capabilities), "What the store can do, by name");
  visit("words", it.words, "What is filed for searches; null for a store that files no words");
  visit("models", it.models, "Of which models it has vectors");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
}

template <A<AgentHead> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Ledger", "A ledger that the store keeps");
  visit("agent", it.agent, "Whose it is");
  visit("position", it.position, "How far it goes: the number of its entries");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Why it cannot be read; null: it can");
}

template <A<AgentsPage> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("PageOfLedger", "A page of the ledgers of all agents");
  visit("items", it.items, "The items of this page");
  visit("next", it.next, "Given back as cursor it goes on; null on the last page");
}

template <class Item>
std::string page_name() {
  if constexpr (std::same_as<Item, std::string>)
    return "PageOfText";
  else
    return "PageOf" + shape_name<Item>();
}

template <class Self>
concept IsPage = requires(Self it) {
  it.items.front();
  it.next;
  { it.at } -> std::convertible_to<AnsweredAt>;
};

template <IsPage Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer(page_name<typename decltype(it.items)::value_type>(), "A page of a longer answer");
  describe(it.at, visit);
  visit("items", it.items, "The items of this page");
  visit("next", it.next, next_meaning);
}

}  // namespace claimledger::wiring
