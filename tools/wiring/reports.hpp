#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/engine.hpp"
#include "wiring/open_store.hpp"

// Answers of the tools beyond those of an engine. Each has a shape of its own in JSON (shapes/reports.hpp).
namespace claimledger::wiring {

// One claim, one receipt: its fields stand at the top.
struct RememberAnswer {
  WriteStatus status = WriteStatus::done;
  Receipt receipt;
  std::vector<ClaimId> marked_for_review;
  std::optional<std::chrono::microseconds> clock_behind_by = {};
};

// A belief in four fields.
struct ShortAnswer {
  BeliefStatus status = BeliefStatus::no_belief;
  std::optional<Value> value = {};
  std::vector<Value> alternatives = {};
  Position position = {};
};
ShortAnswer short_answer(const Belief& belief);

// How the questions of a file came out.
struct AnswerReport {
  std::uint64_t questions = 0;
  std::uint64_t right = 0, wrong = 0;  // of those that name the right answer
};

struct IngestReport {
  std::uint64_t lines = 0;
  std::uint64_t batches = 0;
  std::uint64_t claims = 0;     // lines that the ledger took now
  std::uint64_t replayed = 0;   // lines whose key had been used for the same before: nothing was written for them
  std::uint64_t rejected = 0;   // lines that it did not
  std::uint64_t last_line = 0;  // of the last batch: everything before and including it is in the ledger, or rejected
  std::map<Disposition, std::uint64_t> dispositions;
  std::optional<Position> position;                          // after the last batch
  std::optional<std::chrono::microseconds> clock_behind_by;  // of the last batch, as in WriteAnswer
};

// A batch of an ingest that is durable.
struct Acknowledgement {
  std::uint64_t batch = 0;  // the first is 1
  std::uint64_t line = 0;   // its last
  Position position;
};

// A line that an ingest skipped.
struct RejectedLine {
  std::uint64_t line = 0;
  std::string field, why, text;
};

// What an export wrote to a file.
struct ExportReport {
  std::string file = {};
  std::uint64_t ledgers = 0;
  std::uint64_t batches = 0;
};

struct ImportReport {
  std::uint64_t imported = 0;  // batches
  std::uint64_t skipped = 0;   // batches that were there already
};

struct LedgerVerification {
  AgentId agent;
  Verification verification;
};
struct VerificationReport {
  bool ok = false;  // there are ledgers, and all are whole
  std::vector<LedgerVerification> ledgers;
};

// A ledger whose words were filed.
struct ReindexedLedger {
  ReindexAnswer answer;
  std::string problem = {};  // why they were not; of the answer the agent counts then
};
struct EmbeddedLedger {
  EmbedAnswer answer;
  std::string problem = {};  // why its vectors were not filed; empty: they were
};
struct EmbedReport {
  bool ok = false;
  std::vector<EmbeddedLedger> ledgers;
};

struct ReindexReport {
  bool ok = false;  // there are ledgers, and the words of all are filed
  std::vector<ReindexedLedger> ledgers;
};

// What an export of vectors is of; a file of it says so.
struct ExportedVectors {
  AgentId agent;
  EmbeddingModel model;
  Position position;  // of statements up to here
  Digest head_hash;   // of the entry there
  Position up_to;     // each statement up to here has a vector, or its content is erased
  std::uint64_t vectors = 0;
};
struct VectorsReport {
  std::string folder;
  ExportedVectors exported;
};

// One ledger that was carried over, and the proof that it arrived.
struct CopiedLedger {
  AgentId agent;
  std::string problem = {};  // why it was not copied; nothing else counts then
  bool refused = false;      // the problem is that somebody has to insist, not that something is broken
  CopyAnswer copy;
  Verification source, target;
  bool same = false;  // both verify, and both have the same hash where the target ends

  bool done() const { return copy.status == CopyStatus::done; }
  bool fine() const { return problem.empty() && done() && same; }
};
struct CopyReport {
  bool ok = false;
  std::vector<CopiedLedger> ledgers;
  std::string reason = {};  // why nothing was copied
};

struct RestoreReport {
  bool ok = false;  // all are in place
  std::vector<RestoredDatabase> databases;
};

struct MigrationReport {
  bool dry_run = false;
  std::vector<SchemaReport> databases;
};

struct InitReport {
  InitialisationReport done;
  std::string tenancy;  // empty: not asked for
  std::vector<Tenant> tenants;
};

struct StatusReport {
  Status status;
  std::vector<std::string> problems = {};  // of a folder: each file that cannot be read, and why
};

// What doctor() found of one thing.
struct Finding {
  enum class Verdict { fine, slow, wrong };  // slow: nothing is answered wrong by it, but late, or less is found
  std::string about;
  Verdict verdict = Verdict::fine;
  std::string what;  // with the remedy, where there is one
};
struct LedgerFindings {
  AgentId agent;
  std::vector<Finding> findings;
};
struct DoctorReport {
  bool ok = false;  // nothing is wrong
  std::vector<Finding> store;
  std::vector<LedgerFindings> ledgers;
};

// Why nothing was answered.
struct Failure {
  std::string kind = {};  // failure_kinds()
  std::optional<std::uint64_t> line = {};
  std::optional<std::string> field = {};
  std::optional<std::string> operation = {};
  std::string why = {};
  std::optional<std::uint64_t> last_line = {};  // of an ingest or import that stopped, as IngestReport::last_line
};
Failure failure_of(const InvalidInput& bad);
Failure failure_of(const StoreFailure& failure);
// "invalid_input", those of StoreFailure, "not_found", "output", "interrupted", "failed".
std::span<const std::string_view> failure_kinds();

struct FailureReport {
  Failure error;
};

// Something to know beside an answer.
struct Remark {
  std::string note;
  std::optional<std::string> level = {};
};

}  // namespace claimledger::wiring
