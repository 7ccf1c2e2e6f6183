#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/domain/claim.hpp"
#include "claimledger/domain/entry.hpp"
#include "claimledger/domain/value.hpp"

// The input of a write and its receipt.
namespace claimledger {

// How to treat times that lie ahead of the world's clock by more than Config::clock_tolerance: those that a replay
// reads, and those of imported and copied batches. Once one is allowed, the ledger answers nothing as of any time
// before it, and later batches are stamped ahead as well. The last day of year 9999 is refused in either case.
enum class FutureTimes { refused, allowed };

// The caller, as the host names it; recorded with every batch. A server sets here what the caller may state and judge.
struct Caller {
  std::string actor;                                // at most limits::text_bytes, may be empty
  bool may_state = true;                            // remember and ingest
  bool may_judge = true;                            // end, retract, correct, reopen, review, adjudicate
  FutureTimes future_times = FutureTimes::refused;  // of a replay
};

// One claim as a caller states it.
struct Statement {
  std::string subject;
  std::string predicate;
  Value value;
  Cardinality cardinality = Cardinality::unknown;
  Provenance provenance = Provenance::user_asserted;
  std::optional<std::string> source = {};
  ValidWindow window = {};
  Confidence value_confidence{10'000};
  std::optional<Confidence> valid_time_confidence = {};  // absent: value_confidence where a date is given, else 0
  Criticality criticality = Criticality::medium;
  std::vector<ClaimId> derived_from = {};
  std::optional<Value> metadata = {};  // an object
  std::optional<std::string> idempotency_key = {};
  std::optional<std::chrono::microseconds> adjudication_ttl = {};  // instead of the configured one; positive
  // Where it points, by IngestRequest::model, of any length. Filed with it, and no part of what it states: a repetition
  // with another vector is one. Empty: none.
  std::vector<float> vector = {};
};

// The result for one statement, or for one claim that a verb touched.
struct Receipt {
  std::optional<ClaimId> claim;  // the new claim, or the one that was restated, repeated or judged
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::first;
  std::vector<ClaimId> contested_with;  // its rivals, oldest first; at most limits::rivals_shown
  std::uint64_t rivals = 0;             // how many there are
  bool corroborated = false;
  bool replayed = false;                 // an idempotency key had been used for the same before: nothing was written
  std::vector<NotApplied> not_applied;   // what it states and could not be applied
  std::optional<AdjudicationId> handle;  // the open question about it
  // Where a source is taken back: the others that said the same, sorted, at most limits::rivals_shown; and how many
  // there are, statements without a source counting as one. With none the claim falls, or has fallen.
  std::vector<std::string> also_said_by = {};
  std::uint64_t others = 0;
  // The end of the batch that holds it, and its time; both zero where nothing was written: of a dry run, of the claims
  // that an ambiguous line may mean.
  Position position;
  TxTime recorded_at;
  std::string reason;  // for people
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// The result of `reconcile` on one line.
struct ReconcileReport {
  LineKey line;
  std::vector<ClaimId> returned;  // inferred claims that nothing contradicts any more
  std::vector<AdjudicationId> opened;
  std::uint32_t contested = 0;  // claims that still wait for a verdict or a person
};

}  // namespace claimledger
