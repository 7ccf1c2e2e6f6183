#pragma once

#include <cstdint>

#include "claimledger/domain/entry.hpp"
#include "codec/codec.hpp"

// Which fields a record has, and under which tags. One description serves writing and reading, so that they cannot
// drift apart. Part of the stored format: a tag is never given another meaning, and tags ascend.
//
// `visit(tag, field)` is called for every field; `visit.unless(tag, field, usual)` for one that is left out where it
// has its usual value.
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

template <A<ClaimRecorded> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  auto& claim = it.claim;
  visit(16, claim.id);
  visit(17, claim.cardinality);
  visit(18, claim.provenance);
  visit(19, claim.window.from);
  visit(20, claim.window.until);
  visit(21, claim.valid_time_confidence);
  visit(22, claim.value_confidence);
  visit(23, claim.trusted);
  visit(24, claim.criticality);
  visit(25, claim.derived_from);
  visit(26, claim.depth);
  visit(27, claim.nearest_external_anchor);
  visit(28, claim.anchor_distance);
  visit(29, it.disposition);
  visit(30, it.rationale);
  visit(31, it.contested_with);
  visit(32, it.end_not_applied);
}

template <A<Corroborated> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.provenance);
  visit(18, it.window.from);
  visit(19, it.window.until);
  visit(20, it.valid_time_confidence);
  visit(21, it.value_confidence);
  visit(22, it.independent);
  visit(23, it.answered);
  visit(24, it.rationale);
  visit(25, it.contested_with);
  visit(26, it.end_not_applied);
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

template <A<Cut> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.kind);
  visit.unless(18, it.from, ValidTime::beginning());
  visit.unless(19, it.until, ValidTime::forever());
  visit(20, it.reason);
  visit(21, it.cause);
  visit(22, it.disposition);
}

template <A<Lifted> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.cut);
  visit(18, it.disposition);
}

template <A<Reopened> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.at);
  visit(18, it.disposition);
}

template <A<Settled> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.claim);
  visit(17, it.disposition);
  visit(18, it.rationale);
  visit(19, it.contested_with);
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
  visit(18, it.rivals);
  visit(19, it.expires_at);
}

template <A<AdjudicationClosed> Self, class Visitor>
void fields(Self& it, Visitor& visit) {
  visit(16, it.handle);
  visit(17, it.claim);
  visit(18, it.closing);
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
