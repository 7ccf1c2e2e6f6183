#pragma once

#include <cstdint>

#include "claimledger/domain/entry.hpp"
#include "codec/codec.hpp"

// The fields of each record and their tags. One description serves writing and reading, so that they cannot drift
// apart. Part of the stored format: a tag never gets another meaning, and tags ascend.
//
// `visit(tag, field)` is called for every field; `visit.unless(…, usual)` for one that is left out where it has its
// usual value. A list of words, ids or records is left out where it is empty.
namespace claimledger::codec {

inline constexpr std::uint8_t format_version = 1;

// The second byte of a record. An entry's is `first_entry_type` plus its place in the variant.
inline constexpr std::uint8_t batch_type = 1;
inline constexpr std::uint8_t content_type = 2;
inline constexpr std::uint8_t first_entry_type = 16;

// Matches Type and const Type.
template <class Type, class Wanted>
concept A = std::is_same_v<std::remove_const_t<Type>, Wanted>;

template <A<BatchHeader> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.format);
  visit(2, it.agent.value);
  visit(3, it.id);
  visit(4, it.recorded_at);
  visit(5, it.clock);
  visit(6, it.actor);
  visit(7, it.entries);
}

template <A<Content> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.subject);
  visit(2, it.predicate);
  visit(3, it.value);
  visit(4, it.source);
  visit(5, it.metadata);
  visit(6, it.idempotency_key);
  visit(7, it.why);
  visit(8, it.evidence);
  visit(9, it.context);
  visit(10, it.request);
}

// Entries: tags 1 to 4 are the frame, 16 and up their own.
template <A<Frame> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.seq);
  visit(2, it.recorded_at);
  visit(3, it.previous_on_line);
  visit(4, it.commitment);
}

// An end of a span is left out where the span has none.
template <A<Span> Self, class Visitor>
void fields(Self& it, Visitor& visit, std::uint8_t from, std::uint8_t until) {
  visit.unless(from, it.from, it.from_as, ValidTime::beginning());
  visit.unless(until, it.until, it.until_as, ValidTime::forever());
}

// The items of lists, each with tags of its own.
template <A<Win> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.loser);
  fields(it.span, visit, 2, 3);
}

template <A<Promotion> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.claim);
  visit(2, it.disposition);
  visit(3, it.follows);
  visit(4, it.won);
}

template <A<Cut> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  fields(it.span, visit, 1, 2);
  visit(3, it.reason);
  visit(4, it.cause);
  visit(5, it.seq);
}

template <A<Correction> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(1, it.claim);
  visit(2, it.new_window);
  visit(3, it.holds_from);
  visit(4, it.promoted_by);
  visit(5, it.ends);
}

// The fields of a statement, tags 16 to 31.
template <A<Claim> Self, class Visitor>
void fields(Self& claim, Visitor& visit) {
  visit(16, claim.id);
  visit(17, claim.cardinality);
  visit(18, claim.provenance);
  visit(19, claim.window.from);
  visit(20, claim.window.until);
  visit(21, claim.valid_time_confidence);
  visit(22, claim.value_confidence);
  visit(23, claim.trusted);
  visit(24, claim.below_floor);
  visit(25, claim.overturn);
  visit(26, claim.overturn_floor);
  visit(27, claim.criticality);
  visit(28, claim.derived_from);
  visit(29, claim.depth);
  visit(30, claim.nearest_external_anchor);
  visit(31, claim.anchor_distance);
}

template <A<ClaimRecorded> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  fields(it.claim, visit);
  visit(32, it.disposition);
  visit(33, it.rationale);
  visit(34, it.follows);
  visit(35, it.won);
  visit(36, it.ended);
  visit(37, it.promoted);
  visit(38, it.not_applied);
  visit(39, it.correction);
}

template <A<Corroborated> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  fields(it.stated, visit);
  visit(32, it.answered);
  visit(33, it.rationale);
  visit(37, it.promoted);
  visit(38, it.not_applied);
}

template <A<Echoed> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.answered);
}

template <A<RecallReEntryDetected> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.provenance);
  visit(18, it.answered);
}

template <A<RecallBurst> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.provenance);
}

template <A<Ended> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.at);
  visit(18, it.disposition);
}

template <A<TakenBack> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.statements);
  visit(18, it.reason);
}

template <A<Reopened> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.at);
  visit(18, it.statements);
  visit(19, it.undoes);
  visit(20, it.disposition);
}

template <A<Judged> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.begins);
  visit(18, it.disposition);
  visit(19, it.otherwise);
  visit(20, it.rationale);
  visit(21, it.cardinality);
  visit(22, it.counts_from);
  visit(23, it.follows);
  visit(24, it.cuts);
  visit(25, it.statements);
}

template <A<ReviewMarked> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.cause);
}

template <A<ReviewSettled> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.verdict);
}

template <A<AdjudicationOpened> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.handle);
  visit(17, it.claim);
  visit(18, it.expires_at);
}

template <A<AdjudicationClosed> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.handle);
  visit(17, it.claim);
  visit(18, it.closing);
  visit(19, it.disposition);
  visit(20, it.won);
}

template <A<Served> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claims);
}

template <A<Rejected> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.verb);
  visit(17, it.claim);
  visit(18, it.provenance);
  visit(19, it.rationale);
}

template <A<Tombstone> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.erased);
}

}  // namespace claimledger::codec
