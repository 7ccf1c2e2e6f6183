#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/feed.hpp"
#include "claimledger/parts.hpp"
#include "claimledger/reads.hpp"
#include "claimledger/writes.hpp"

// The front door. Memory for agents as a ledger of claims: what was said, by whom, when, and for which time; what to
// believe of it is computed when asked, and contradictions come out as Contested instead of a silent winner.
namespace claimledger {

namespace application {
struct Context;
}

// Said with remember(), beyond the fact itself. Dates as text: "2026", "2026-06", "2026-06-01", RFC 3339.
struct Said {
  std::optional<std::string> since = {};
  std::optional<std::string> until = {};
  std::optional<std::string> source = {};
  double confidence = 1.0;
  Cardinality cardinality = Cardinality::unknown;
  Provenance provenance = Provenance::user_asserted;
};

// Asked with recall() and history().
struct Asked {
  std::optional<std::string> as_of = {};     // what was known then
  std::optional<std::string> valid_at = {};  // what held then
};

// Threads:  any method, from any thread, at any time; also from an oracle.
// Failure:  InvalidInput for what the caller got wrong, StoreFailure for what the world did. After either nothing is
//           half-written and the engine goes on.
class Engine {
 public:
  // Failure: InvalidInput for a configuration that makes no sense.
  explicit Engine(Parts parts, Config config = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // The easy tier: one claim, one line, of Config::agent.
  Receipt remember(std::string_view subject, std::string_view predicate, const Value& value, const Said& said = {});
  Belief recall(std::string_view subject, std::string_view predicate, const Asked& asked = {}) const;
  History history(std::string_view subject, std::string_view predicate, const Asked& asked = {}) const;

  // Writes. Each is one batch, or nothing.
  WriteAnswer ingest(const IngestRequest& request);
  // Every statement that ingest() would refuse as the ledger stands, where ingest() names the first; nothing is
  // written.
  std::vector<Refusal> refusals(const IngestRequest& request) const;
  WriteAnswer end_validity(const EndRequest& request);
  WriteAnswer retract(const RetractRequest& request);
  WriteAnswer retract_source(const RetractSourceRequest& request);
  WriteAnswer correct(const CorrectRequest& request);
  WriteAnswer reopen(const ReopenRequest& request);
  WriteAnswer review(const ReviewRequest& request);
  WriteAnswer adjudicate(const AdjudicateRequest& request);
  // Records what has expired by now; one receipt for each question closed.
  WriteAnswer sweep(const SweepRequest& request);
  ReconcileAnswer reconcile(const ReconcileRequest& request);
  // Tells the callback oracle of every open question of every agent: after a start. Returns how many.
  std::size_t tell_pending(const Call& call = {});

  // Reads.
  // Where the ledger ends at that moment.
  Head head(const HeadRequest& request) const;
  Belief recall(const RecallRequest& request);
  History history(const HistoryRequest& request) const;
  Page<LineBelief> subject(const SubjectRequest& request) const;
  Page<ContestedLine> contested(const ContestedRequest& request) const;
  Page<AdjudicationItem> pending(const PendingRequest& request) const;
  std::optional<ClaimHistory> claim(const ClaimRequest& request) const;
  // Each node once, nearest first, then oldest first; without the claim itself. Unknown claim: empty.
  Page<LineageNode> lineage(const LineageRequest& request) const;
  // Newest first.
  Page<Serving> served(const ServedRequest& request) const;
  Page<AuditEntry> audit(const AuditRequest& request) const;
  // The receipt of the write that used this key; absent: it did not commit.
  std::optional<Receipt> outcome(const OutcomeRequest& request) const;
  Page<AgentHead> agents(const AgentsRequest& request) const;
  Page<std::string> subjects(const SubjectsRequest& request) const;
  Page<LineKey> predicates(const PredicatesRequest& request) const;

  // Walks the whole ledger: chain, commitments, cross-references, and that the store has filed what the entries say and
  // nothing else.
  Verification verify(const VerifyRequest& request) const;
  Status status(const StatusRequest& request) const;

  // For who replays: whether a write would refuse this time, before it is written. Failure: InvalidInput{recorded_at}.
  void require_not_ahead(TxTime recorded_at, FutureTimes future_times) const;

  // The change feed of one ledger, or of all without an agent.
  Subscription subscribe(const SubscribeRequest& request) const;

  // Whole batches as JSON, one a line, and back: same ids, same times, same hashes. Import appends to a ledger that
  // holds a prefix of the same batches, skipping those; a ledger that differs is refused: InvalidInput. Returns false
  // when skipped. A batch that was recorded ahead of the clock is refused: InvalidInput{recorded_at}.
  ExportAnswer export_batches(const ExportRequest& request) const;
  bool import_batch(const ImportRequest& request);
  // Brings an agent's ledger from the store of another engine: same ids, same times, same hashes, each checked on the
  // way. Goes on where a copy that was broken off has ended, holds a few batches at a time, and leaves whole batches
  // behind wherever it ends. A source that runs ahead of the clock is refused before anything is written:
  // InvalidInput{recorded_at}.
  CopyAnswer copy_from(const CopyRequest& request);

  const Config& config() const;

 private:
  std::unique_ptr<application::Context> context_;
};

// One-line doors, with the system's clock and entropy. `open_default` keeps one SQLite database at `path`, made if
// absent; `open_default_in_memory` forgets everything with the engine. Link claimledger::claimledger. Failure:
// InvalidInput for a configuration that makes no sense, before anything is opened; StoreFailure{unreachable |
// incompatible | corrupt | busy | exhausted}, and what the file held is left untouched.
Engine open_default(const std::string& path, Config config = {});
Engine open_default_in_memory(Config config = {});

}  // namespace claimledger
