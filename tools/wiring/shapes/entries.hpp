#pragma once

#include <optional>
#include <string>
#include <variant>

#include "claimledger/feed.hpp"
#include "wiring/shapes/claims.hpp"

// The shapes of a ledger's entries. The claim that an entry is about and the disposition that it carries stand beside
// its details, at the same place for every kind.
namespace claimledger::wiring {

inline std::optional<ValidEnd> start_if_any(const Span& span) {
  return span.from == ValidTime::beginning() ? std::nullopt : std::optional(start_of(span));
}
inline std::optional<ValidEnd> end_if_any(const Span& span) {
  return span.until == ValidTime::forever() ? std::nullopt : std::optional(end_of(span));
}
template <class Visitor>
void describe_ends(const Span& span, Visitor& visit) {
  visit.derived("from", start_if_any(span), "Its first instant, as it was stated; null: no start");
  visit.derived("until", end_if_any(span), "The instant behind it, as it was stated; null: no end");
}

template <A<Win> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Win", "What a winner took of a rival; of itself: its own past");
  visit("loser", it.loser, "The rival");
  describe_ends(it.span, visit);
}

template <A<Promotion> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Promotion", "A parked claim that counts from now on");
  visit("claim_id", it.claim, "The claim");
  visit("disposition", it.disposition, "What it is now");
  visit("follows", it.follows, "The claims that it succeeds");
  visit("won", it.won, "What it took of rivals by policy");
}

template <A<Correction> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Correction", "A statement that takes the place of a claim which never was so");
  visit("claim_id", it.claim, "The claim that is corrected");
  visit("new_window", it.new_window, "It states a window: what had ended the other does not end it");
  visit("holds_from", it.holds_from, "What a partial reopening had left of the other");
  visit("promoted_by", it.promoted_by, "The entry with which the other began to count, where it was parked");
  visit("ends", it.ends, "Entries that had ended the other and end this one");
}

template <A<Claim> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Stated", "What a statement says beside its content, and what was decided when it came in");
  visit("cardinality", it.cardinality, "Whether its line holds one value or a set");
  visit("provenance", it.provenance, "Who says so");
  describe(it.window, visit);
  visit("valid_time_confidence", it.valid_time_confidence, "How sure the speaker is of the dates");
  visit("value_confidence", it.value_confidence, "How sure the speaker is of the value");
  visit("trusted", it.trusted, "Its dates count");
  visit("below_floor", it.below_floor, "Too unsure to count until it is said again");
  visit("overturn", it.overturn, "The policy that it is judged under");
  visit("overturn_floor", it.overturn_floor, "From this criticality on nothing is overturned");
  visit("criticality", it.criticality, "How much hangs on it");
  visit("derived_from", it.derived_from, "The claims it was concluded from");
  visit("depth", it.depth, "How many conclusions lie between it and what was said first-hand");
  visit("nearest_external_anchor", it.nearest_external_anchor, "The closest first-hand claim it rests on");
}

template <A<ClaimRecorded> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ClaimRecorded", "A statement that began a claim");
  describe(it.claim, visit);
  visit("rationale", it.rationale, "Why it came out so");
  visit("follows", it.follows, "The claims that it succeeds");
  visit("won", it.won, "What it took of rivals by policy");
  visit("ended", it.ended, "Claims of its value and source whose end it states");
  visit("promoted", it.promoted, "Parked claims that count from now on");
  visit("not_applied", it.not_applied, "What it says that could not be applied");
  visit("correction", it.correction, "The claim in whose place it stands");
}

template <A<Corroborated> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Corroborated", "A statement that said a claim again");
  describe(it.stated, visit);
  visit("answered", it.answered, "What its receipt said");
  visit("rationale", it.rationale, "Why it came out so");
  visit("promoted", it.promoted, "Parked claims that count from now on");
  visit("not_applied", it.not_applied, "What it says that could not be applied");
}

template <A<Echoed> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Echoed", "Something derived said what held already");
  visit("answered", it.answered, "What its receipt said");
}

template <A<RecallReEntryDetected> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RecallReEntryDetected", "Content that this ledger had served came back");
  visit("provenance", it.provenance, "Who said it");
  visit("answered", it.answered, "What its receipt said");
}

template <A<RecallBurst> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RecallBurst", "Served content came back so often that nothing more is recorded for a while");
  visit("provenance", it.provenance, "Who said it");
}

template <A<Ended> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Ended", "The claim no longer holds");
  visit("at", it.at, "From then on");
}

template <A<TakenBack> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("TakenBack", "Statements that never counted");
  visit("reason", it.reason, "Why");
  visit("statements", it.statements, "Their entries");
}

template <A<Reopened> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Reopened", "The claim holds again");
  visit("at", it.at, "From then on only");
  visit("statements", it.statements, "The entries that count again");
  visit("undoes", it.undoes, "Its statements had been taken back, and that is undone; else its ends");
}

template <A<Cut> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("JudgedCut", "A stretch that is taken from a claim's window");
  visit("seq", it.seq, "The entry that takes it");
  describe_ends(it.span, visit);
  visit("reason", it.reason, "Why");
  visit("cause", it.cause, "The winner, or the claim that states the end; null: a verb");
}

template <A<Judged> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Judged", "What is decided about a claim in place of all that was decided before");
  visit("begins", it.begins, "Its line did not have this claim before");
  visit("otherwise", it.otherwise, "What it is when it does not wait for a verdict");
  visit("rationale", it.rationale, "Why it came out so");
  visit("cardinality", it.cardinality, "Whether its line holds one value or a set");
  visit("counts_from", it.counts_from, "The entry with which it began to count; null where it does not");
  visit("follows", it.follows, "The claims that it succeeds");
  visit("cuts", it.cuts, "What is taken from its window");
  visit("statements", it.statements, "The entries of the statements that make it up");
}

template <A<ReviewMarked> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReviewMarked", "A premise of the claim lost validity");
  visit("cause", it.cause, "The premise");
}

template <A<ReviewSettled> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReviewSettled", "Somebody looked at the claim again");
  visit("verdict", it.verdict, "What they decided");
}

template <A<AdjudicationOpened> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("AdjudicationOpened", "A verdict is asked for");
  visit("handle", it.handle, "What adjudicate takes");
  visit("expires_at", it.expires_at, "From then on nobody can judge it; null: never");
}

template <A<AdjudicationClosed> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("AdjudicationClosed", "The question is closed");
  visit("handle", it.handle, "Its handle");
  visit("closing", it.closing, "How");
  visit("won", it.won, "What the claim took of its rivals where it was affirmed");
}

template <A<Served> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Served", "Claims went to a context, which is the entry's content");
  visit("claims", it.claims, "The claims");
}

template <A<Rejected> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Rejected", "An attempt that is not open to its provenance, its caller or its claim");
  visit("verb", it.verb, "What was tried");
  visit("provenance", it.provenance, "Who tried");
  visit("rationale", it.rationale, "Why not");
}

template <A<Tombstone> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Tombstone", "The content of an entry is gone");
  visit("erased", it.erased, "The entry");
}

template <A<Content> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Content", "What a caller typed; a field is there where it was given");
  visit.if_given("subject", it.subject, "What it is about");
  visit.if_given("predicate", it.predicate, "What is said of it");
  visit.if_given("value", it.value, "What it says");
  visit.if_given("source", it.source, "Who exactly says so");
  visit.if_given("metadata", it.metadata, "The object that is kept beside it");
  visit.if_given("idempotency_key", it.idempotency_key, "The key of the write");
  visit.if_given("why", it.why, "The reason of a verb");
  visit.if_given("evidence", it.evidence, "What a verdict rests on");
  visit.if_given("context", it.context, "Where claims went to");
}

// In place of content that was erased.
struct ErasedContent {};
using ShownContent = std::optional<std::variant<Content, ErasedContent>>;
inline ShownContent shown_content(const Record& record) {
  switch (record.content_state) {
    case ContentState::none:
      return std::nullopt;
    case ContentState::erased:
      return ErasedContent{};
    case ContentState::present:
      break;
  }
  return record.content;
}

template <A<AuditEntry> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  const Entry& entry = it.record.entry;
  const auto part = [&](const std::string LineKey::*member) {
    return it.line ? std::optional<std::string>((*it.line).*member) : std::nullopt;
  };
  visit.answer("AuditEntry", "One entry of a ledger");
  visit("seq", it.record.seq, "Its position");
  visit("recorded_at", it.record.recorded_at, "When its batch was recorded");
  visit.derived("kind", std::string(kind_text(entry)), "The shape of its details", Bounds{.words = entry_kinds()});
  visit.derived("claim_id", claim_of(entry), "The claim that it is about");
  visit.derived("disposition", disposition_of(entry), "What that claim is from here on; null: as before");
  visit.derived("subject", part(&LineKey::subject), "The line that it is on");
  visit.derived("predicate", part(&LineKey::predicate), "The line that it is on");
  visit.by_word("details", "kind", entry, kind_text, "What else it says: the shape that is called as its kind");
  visit.derived("content", shown_content(it.record), "What the caller typed; null: nothing");
  visit("hash", it.hash, "Its hash, which stands for all entries up to it");
}

template <A<FeedBatch> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Batch", "A committed batch");
  visit("agent", it.header.agent, "Whose ledger");
  visit("batch_id", it.header.id, "Its id");
  visit("first", it.first, "Its first entry");
  visit("last", it.last, "Its last entry");
  visit("recorded_at", it.header.recorded_at, "When it was recorded");
  visit("clock", it.header.clock, "Who kept the time");
  visit("actor", it.header.actor, "Who called, as the host says");
  visit("entries", it.entries, "Its entries");
}

}  // namespace claimledger::wiring
