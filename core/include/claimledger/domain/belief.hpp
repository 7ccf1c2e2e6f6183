#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/domain/claim.hpp"

// The answers of reads.
namespace claimledger {

// One claim as an answer shows it. For a group of claims with one value, the group's primary: the highest
// value_confidence, then the oldest.
struct Slot {
  ClaimId claim;
  Value value;
  Provenance provenance = Provenance::user_asserted;
  std::optional<std::string> source;
  ValidWindow window;  // as stated
  bool trusted = false;
  TxTime recorded_at;
  TxTime last_said;  // of the group: when any of its claims was last recorded or restated first-hand
  Confidence value_confidence;
  Confidence valid_time_confidence;
  Criticality criticality = Criticality::medium;
  Disposition disposition =
      Disposition::committed_cheap;       // as reported: PendingReview while marked, Contested once expired
  std::uint32_t corroboration_count = 0;  // first-hand restatements of the group's claims by another source or kind
  friend bool operator==(const Slot&, const Slot&) = default;
};

// The answer to a recall: one line as it is believed at (position, valid_at).
struct Belief {
  Position position;
  TxTime asked_at;
  ValidTime valid_at;
  BeliefStatus status = BeliefStatus::no_belief;
  bool set = false;  // the line is a set: every alternative is a member
  // The answer of Resolved and TimingUncertain. Absent for NoBelief, Contested and sets.
  std::optional<Slot> primary;
  // Contested: every side. A set: every member. Otherwise empty. By the value's canonical text.
  std::vector<Slot> alternatives;
  // Live or pending claims that say something else and don't decide, one a claim, oldest first.
  std::vector<Slot> dissent;
  // When the answer was last said (of several groups, the latest). Absent for NoBelief.
  std::optional<Currency> currency;
  std::optional<Confidence> currency_score;  // 0.95 to the power of the days since
  bool stale = true;
  std::string staleness_reason;            // empty when not stale
  std::optional<Criticality> criticality;  // the highest among the candidates
  std::vector<Marker> markers;             // in the order of the enumeration, each at most once
  friend bool operator==(const Belief&, const Belief&) = default;
};

// A stretch of valid time over which the belief does not change.
struct Segment {
  Span span;
  BeliefStatus status = BeliefStatus::no_belief;
  std::vector<Slot> values;  // the primary, or every alternative
  friend bool operator==(const Segment&, const Segment&) = default;
};

// A span that was taken from a claim's window.
struct CutHistory {
  Position seq;  // the entry that took it
  TxTime recorded_at;
  Span span;
  CutReason reason = CutReason::end;
  std::optional<ClaimId> cause;  // the winner, or the claim that states the end; a winner's own past: itself
  friend bool operator==(const CutHistory&, const CutHistory&) = default;
};

// One of the statements that make up a claim.
struct StatementHistory {
  Position seq;
  TxTime recorded_at;
  Provenance provenance = Provenance::user_asserted;
  std::optional<std::string> source;
  ValidWindow window;  // as stated
  Confidence value_confidence;
  Criticality criticality = Criticality::medium;
  Cardinality cardinality = Cardinality::unknown;
  std::vector<ClaimId> derived_from;
  std::optional<Value> metadata;
  friend bool operator==(const StatementHistory&, const StatementHistory&) = default;
};

struct ClaimHistory {
  Position position;  // as Belief: where and when it was read
  TxTime asked_at;
  Position seq;
  Slot slot;
  LineKey line;
  Cardinality cardinality = Cardinality::unknown;
  std::vector<ClaimId> derived_from;
  std::uint32_t depth = 0;
  std::optional<ClaimId> nearest_external_anchor;
  std::optional<Value> metadata;
  std::vector<Span> validity;  // where it holds, in order
  std::vector<Span> base;      // its window less the cuts; the validity is that less what follows hides
  std::vector<CutHistory> cuts;
  std::vector<ClaimId> follows;  // the claims that it succeeds; it hides these, and those that they follow
  std::vector<ClaimId> followed_by;
  std::vector<StatementHistory> statements;  // that it has now, oldest first; none once all are taken back or moved
  std::vector<ClaimId> statements_went_to;   // the claims that have those that moved
  std::optional<ClaimId> corrects;           // the claim in whose place it stands
  std::optional<ClaimId> corrected_by;       // the claim that stands in its place
  std::vector<TxTime> said;                  // when it was said, oldest first
  std::vector<ClaimId> contested_with;       // its rivals as things stand
  std::optional<AdjudicationId> open_adjudication;
  bool erased = false;
  friend bool operator==(const ClaimHistory&, const ClaimHistory&) = default;
};

}  // namespace claimledger
