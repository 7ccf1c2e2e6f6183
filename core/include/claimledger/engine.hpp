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
#include "claimledger/search.hpp"
#include "claimledger/writes.hpp"

// The front door: memory for agents, kept as a ledger of claims. The ledger records each statement with its source and
// its times. Belief is computed when it is asked for, and contradictions show as Contested instead of a silent winner.
namespace claimledger {

namespace application {
struct Context;
}

// Options of remember(). Dates as text: "2026", "2026-06", "2026-06-01", RFC 3339.
struct Said {
  std::optional<std::string> since = {};
  std::optional<std::string> until = {};
  std::optional<std::string> source = {};
  double confidence = 1.0;
  Cardinality cardinality = Cardinality::unknown;
  Provenance provenance = Provenance::user_asserted;
};

// Options of recall() and history().
struct Asked {
  std::optional<std::string> as_of = {};     // the ledger as it was known then; absent: as it is known now
  std::optional<std::string> valid_at = {};  // the belief about then; absent: about as_of, or about now
};

// Threads:  any method, from any thread, at any time; also from an oracle.
// Failure:  InvalidInput for wrong input, StoreFailure for a failure of the world. Neither leaves a partial write, and
//           the engine stays usable.
class Engine {
 public:
  // Failure: InvalidInput for a configuration that contradicts itself.
  explicit Engine(Parts parts, Config config = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // The easy tier: one claim, one line, of Config::agent.
  Receipt remember(std::string_view subject, std::string_view predicate, const Value& value, const Said& said = {});
  Belief recall(std::string_view subject, std::string_view predicate, const Asked& asked = {}) const;
  // The first 10,000 claims (limits::page).
  History history(std::string_view subject, std::string_view predicate, const Asked& asked = {}) const;

  // Writes. Each is one batch, or nothing.
  WriteAnswer ingest(const IngestRequest& request);
  // Every statement that ingest() would refuse; ingest() itself names only the first. Nothing is written.
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
  // Calls the oracle for every open question of every agent, and returns their number. For use after a start. Passes
  // over ledgers that cannot be read: agents() names them.
  std::size_t tell_pending(const Call& call = {});

  // Reads.
  // The end of the ledger at a moment.
  Head head(const HeadRequest& request) const;
  Belief recall(const RecallRequest& request);
  History history(const HistoryRequest& request) const;
  Timeline timeline(const TimelineRequest& request) const;
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
  AgentsPage agents(const AgentsRequest& request) const;
  Page<std::string> subjects(const SubjectsRequest& request) const;
  Page<LineKey> predicates(const PredicatesRequest& request) const;
  SearchAnswer search(const SearchRequest& request) const;
  ContextAnswer context(const ContextRequest& request);
  // Stopped or failed, it goes on where it was the next time. Failure: StoreFailure{unsupported} for a store that files
  // no words.
  ReindexAnswer reindex(const ReindexRequest& request);
  // Stopped or failed, it goes on where it was the next time. Failure: StoreFailure{unsupported} for a store that keeps
  // no vectors, InvalidInput{embedder} without one; what the embedder throws.
  EmbedAnswer embed(const EmbedRequest& request);
  // Failure: StoreFailure{unsupported} for a store that keeps no vectors.
  VectorsAnswer vectors(const VectorsRequest& request) const;
  // The same failure.
  DropVectorsAnswer drop_vectors(const DropVectorsRequest& request);
  // Failure: InvalidInput{embedder} without one, {text} where nothing of it is asked for; what the embedder throws.
  QuestionVector question_vector(const QuestionRequest& request) const;

  // Checks the whole ledger: hash chain, commitments, cross-references, and that the store's indexes, those for
  // searches included, hold exactly what the entries say.
  Verification verify(const VerifyRequest& request) const;
  Status status(const StatusRequest& request) const;

  // For replays: refuses a time that a write would refuse. Failure: InvalidInput{recorded_at}.
  void require_not_ahead(TxTime recorded_at, FutureTimes future_times) const;

  // The change feed of one ledger, or of all without an agent.
  Subscription subscribe(const SubscribeRequest& request) const;

  // Whole batches as JSON, one a line, and back; ids, times and hashes stay the same. Import continues a ledger that
  // holds a prefix of the same batches; it returns false for a batch that is there already.
  // Failure: InvalidInput for a ledger that differs, InvalidInput{recorded_at} for a batch recorded ahead of the clock.
  ExportAnswer export_batches(const ExportRequest& request) const;
  bool import_batch(const ImportRequest& request);
  // Copies an agent's ledger from the store of another engine; ids, times and hashes stay the same, and every entry is
  // checked. Continues a copy that was interrupted, holds a few batches at a time, and writes whole batches only.
  // Failure: InvalidInput{recorded_at} for a source that runs ahead of the clock, before anything is written.
  CopyAnswer copy_from(const CopyRequest& request);

  const Config& config() const;

 private:
  std::unique_ptr<application::Context> context_;
};

// Engines with the system's clock and entropy. `open_default` keeps one SQLite database at `path`, made if absent;
// `open_default_in_memory` forgets everything with the engine. Link claimledger::claimledger.
// Failure: InvalidInput for a configuration that contradicts itself, before anything is opened;
// StoreFailure{unreachable | incompatible | corrupt | busy | exhausted}, and the file is unchanged.
Engine open_default(const std::string& path, Config config = {});
Engine open_default_in_memory(Config config = {});

}  // namespace claimledger
