#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "claimledger/domain/statement.hpp"
#include "claimledger/ports/store.hpp"

// What the writes of an engine are asked with and what they answer.
namespace claimledger {

enum class WriteStatus {
  done,           // see the receipts; Rejected is one of them
  conflict,       // expected_position is not the head; nothing was written
  not_found,      // no such claim, or no open question under this handle; nothing was written but its expiry
  nothing_to_do,  // nothing stood to be changed; nothing was written
  dry_run,        // the receipts say what would be touched; nothing was written
};

struct WriteAnswer {
  WriteStatus status = WriteStatus::done;
  Position position;  // the head after the write; where nothing was written, the head it was judged at
  std::vector<Receipt> receipts;
  std::vector<ClaimId> marked_for_review;  // claims derived from what lost validity
  std::string reason;                      // for people, where status is not done
};

struct IngestRequest {
  AgentId agent;
  std::vector<Statement>
      statements;  // one batch, each decided in the light of those before it; 1..limits::batch_claims
  std::optional<Position> expected_position = {};
  Caller caller = {};
  Call call = {};
};

// What is wrong with one statement of a request, by its place; the cause names the field alone.
struct Refusal {
  std::size_t statement = 0;
  InvalidInput cause;
};

// What end, retract, reopen and review need to know of their caller.
struct ClaimRequest {
  AgentId agent;
  ClaimId claim;
  Provenance provenance = Provenance::user_asserted;  // anything but first-hand is Rejected
  std::optional<std::string> why = {};
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

struct ReconcileRequest {
  AgentId agent;
  std::vector<LineKey> lines = {};  // none: every line with a contested, dissenting or pending claim
  Caller caller = {};
  Call call = {};
};

struct ReconcileAnswer {
  Position position;
  std::vector<ReconcileReport> lines;  // one for every line looked at
};

}  // namespace claimledger
