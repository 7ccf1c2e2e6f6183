#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
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
  WriteAnswer end_validity(const ClaimRequest& request, const ValidEnd& at);
  WriteAnswer retract(const ClaimRequest& request);
  WriteAnswer retract_source(const RetractSourceRequest& request);
  WriteAnswer correct(const CorrectRequest& request);
  WriteAnswer reopen(const ClaimRequest& request, const std::optional<ValidEnd>& at);
  WriteAnswer review(const ClaimRequest& request, ReviewVerdict verdict);
  WriteAnswer adjudicate(const AdjudicateRequest& request);
  // Records what has expired by now; one receipt for each question closed.
  WriteAnswer sweep(const AgentId& agent, const Caller& caller = {}, const Call& call = {});
  ReconcileAnswer reconcile(const ReconcileRequest& request);
  // Tells the callback oracle of every open question of every agent: after a start. Returns how many.
  std::size_t tell_pending(const Call& call = {});

  // Reads.
  Belief recall(const RecallRequest& request);
  History history(const AgentId& agent, const LineKey& line, const At& at = {}, const Call& call = {}) const;
  Page<LineBelief> subject(const AgentId& agent, const std::string& subject, const At& at,
                           std::optional<ValidTime> valid_at, const PageRequest& page, const Call& call = {}) const;
  // valid_at absent: contested at any instant.
  Page<ContestedLine> contested(const AgentId& agent, const At& at, std::optional<ValidTime> valid_at,
                                const PageRequest& page, const Call& call = {}) const;
  Page<AdjudicationItem> pending(const AgentId& agent, const At& at, const PageRequest& page,
                                 const Call& call = {}) const;
  std::optional<ClaimHistory> claim(const AgentId& agent, const ClaimId& id, const At& at = {},
                                    const Call& call = {}) const;
  // Each node once, nearest first, then oldest first; without the claim itself. Unknown claim: empty. Every page walks
  // from the claim again, as far as its own end: ask for large ones where the whole is wanted.
  Page<LineageNode> lineage(const AgentId& agent, const ClaimId& id, Direction direction, const At& at,
                            const PageRequest& page, const Call& call = {}) const;
  // Newest first.
  Page<Serving> served(const AgentId& agent, const std::variant<ClaimId, std::string>& claim_or_context, const At& at,
                       const PageRequest& page, const Call& call = {}) const;
  Page<AuditEntry> audit(const AgentId& agent, const AuditFilter& filter, Order order, const At& at,
                         const PageRequest& page, const Call& call = {}) const;
  // The receipt of the write that used this key; absent: it did not commit.
  std::optional<Receipt> outcome(const AgentId& agent, const std::string& idempotency_key, const Call& call = {}) const;
  Page<AgentId> agents(const PageRequest& page, const Call& call = {}) const;
  Page<std::string> subjects(const AgentId& agent, const At& at, const PageRequest& page, const Call& call = {}) const;
  Page<LineKey> predicates(const AgentId& agent, const std::optional<std::string>& subject, const At& at,
                           const PageRequest& page, const Call& call = {}) const;

  // Walks the whole ledger: chain, commitments, cross-references, and that the store has filed what the entries say and
  // nothing else. `progress` hears (entries done, entries in all).
  using Progress = std::function<void(std::uint64_t, std::uint64_t)>;
  Verification verify(const AgentId& agent, const Progress& progress = {}, const Call& call = {}) const;
  Status status(const AgentId& agent, const Call& call = {}) const;

  // For who replays: whether a write would refuse this time, before it is written. Failure: InvalidInput{recorded_at}.
  void require_not_ahead(TxTime recorded_at, FutureTimes future_times) const;

  // The change feed of one ledger, or of all without an agent.
  Subscription subscribe(const std::optional<AgentId>& agent, FeedPositions from = {}) const;

  // Whole batches as JSON, one a line, and back: same ids, same times, same hashes. Import appends to a ledger that
  // holds a prefix of the same batches, skipping those; a ledger that differs is refused: InvalidInput. Returns false
  // when skipped. Export gives at most `limit` lines, fewer where they are large, none at the end. A batch that was
  // recorded ahead of the clock is refused: InvalidInput{recorded_at}.
  std::vector<std::string> export_batches(const AgentId& agent, Position& after, std::size_t limit,
                                          const Call& call = {}) const;
  bool import_batch(std::string_view line, FutureTimes future_times = FutureTimes::refused, const Call& call = {});
  // Brings an agent's ledger from another store: same ids, same times, same hashes, each checked on the way. Goes on
  // where a copy that was broken off has ended, holds a few batches at a time, and leaves whole batches behind wherever
  // it ends. `progress` hears (entries there, entries in all). A source that runs ahead of the clock is refused before
  // anything is written: InvalidInput{recorded_at}.
  CopyAnswer copy_from(const Store& source, const AgentId& agent, const Progress& progress = {},
                       FutureTimes future_times = FutureTimes::refused, const Call& call = {});

  const Config& config() const;
  Store& store();

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
