#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "claimledger/domain/statement.hpp"
#include "claimledger/in_order.hpp"
#include "claimledger/ports/store.hpp"

// Requests and answers of the engine's writes: one request struct for each, its required fields first.
namespace claimledger {

struct WriteAnswer {
  WriteStatus status = WriteStatus::done;
  Position position;  // the head after the write; where nothing was written, the head it was judged at
  std::vector<Receipt> receipts;
  std::vector<ClaimId> marked_for_review;  // claims derived from what lost validity
  std::string reason;                      // for people, where status is not done or the clock is behind
  // How far the write is stamped ahead of the world's clock, if that is more than Config::clock_tolerance. The ledger's
  // last entry was ahead then.
  std::optional<std::chrono::microseconds> clock_behind_by = {};
};

struct IngestRequest {
  AgentId agent;
  std::vector<Statement>
      statements;  // one batch, each decided in the light of those before it; 1..limits::batch_claims
  std::optional<EmbeddingModel> model = {};  // that made the vectors of the statements; the embedder is not asked then
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
  InOrder::Place* place = nullptr;  // among the ingests of a bulk load, made by several threads; null: it has none
};

// The fault of one statement of a request, by its place in it; the cause names the field without that place.
struct Refusal {
  std::size_t statement = 0;
  InvalidInput cause;
};

// The claim that a verb is about. A line stands for the one live first-hand claim that holds on it now; where none or
// several do, the answer is `ambiguous` and names them.
using ClaimOrLine = std::variant<ClaimId, LineKey>;

// The claim holds no longer from `at` on.
struct EndRequest {
  AgentId agent;
  ClaimOrLine claim;
  ValidEnd at;
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

struct RetractRequest {
  AgentId agent;
  ClaimOrLine claim;
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

struct ReopenRequest {
  AgentId agent;
  ClaimId claim;
  std::optional<ValidEnd> at = {};                    // from then on only; absent: wherever it was cut
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

struct ReviewRequest {
  AgentId agent;
  ClaimId claim;
  ReviewVerdict verdict = ReviewVerdict::keep;
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

// "It was never so": a new claim replaces a live first-hand one. An absent field is taken from the claim it replaces.
struct CorrectRequest {
  AgentId agent;
  ClaimOrLine claim;
  Value value;
  std::optional<ValidWindow> window = {};  // given: acts that had ended the other claim do not end this one
  std::optional<Cardinality> cardinality = {};
  std::optional<Criticality> criticality = {};
  std::optional<Confidence> value_confidence = {};
  std::optional<Confidence> valid_time_confidence = {};
  std::optional<std::string> source = {};
  std::optional<Value> metadata = {};                 // an object
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
  std::optional<std::string> idempotency_key = {};
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

struct RetractSourceRequest {
  AgentId agent;
  std::string source;  // exact text
  bool dry_run = false;
  std::optional<Position> expected_position = {};  // required unless dry_run: the position that the dry run gave
  Provenance provenance = Provenance::user_asserted;
  std::optional<std::string> why = {};
  Caller caller = {};
  Call call = {};
};

struct AdjudicateRequest {
  AgentId agent;
  // The question: its handle, or a Contested claim, for which a question is opened and settled in one batch.
  std::variant<AdjudicationId, ClaimId> question;
  Verdict verdict = Verdict::unknown;
  std::string evidence;                               // required
  Provenance provenance = Provenance::user_asserted;  // of the evidence; anything but first-hand is Rejected
  Caller caller = {};
  Call call = {};
};

struct SweepRequest {
  AgentId agent;
  Caller caller = {};
  Call call = {};
};

struct ReconcileRequest {
  AgentId agent;
  std::vector<LineKey> lines = {};  // none: every line with a contested, dissenting or pending claim
  Caller caller = {};
  Call call = {};
};

struct ReconcileAnswer {
  Position position;
  std::vector<ReconcileReport> lines;                             // one for every line looked at
  std::optional<std::chrono::microseconds> clock_behind_by = {};  // as in WriteAnswer
};

}  // namespace claimledger
