#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/ports/clock.hpp"
#include "claimledger/ports/id_source.hpp"
#include "claimledger/ports/oracle.hpp"
#include "claimledger/ports/store.hpp"

// The front door. Memory for agents as a ledger of claims: what was said, by whom, when, and for which time; what to
// believe of it is computed when asked, and contradictions come out as Contested instead of a silent winner.
namespace claimledger {

// Who is calling, as the host says; recorded with every batch. A server fixes here who may say and judge what.
struct Caller {
  std::string actor;      // at most limits::text_bytes, may be empty
  bool may_state = true;  // remember and ingest
  bool may_judge = true;  // end, retract, reopen, review, adjudicate
};

// How the engine decides. What a decision needed is stored with it, so that another configuration later never changes
// an answer.
struct Config {
  AgentId agent{"default"};            // whose ledger the easy tier uses
  Confidence trust_floor{7'000};       // valid_time_confidence from which a window with a start is trusted
  Confidence confidence_floor{2'000};  // first-hand value_confidence below which a claim is parked
  std::uint32_t derivation_depth_cap = 3;
  bool quarantine_future_starts = false;
  OverturnPolicy overturn_policy = OverturnPolicy::contested_first;
  Criticality criticality_overturn_floor = Criticality::high;
  // Contradictions wait for a verdict (QueuedForAdjudication, see pending()). Implied by a callback oracle.
  bool queue_for_adjudication = false;
  std::optional<std::chrono::microseconds> adjudication_ttl = {};  // absent: questions never expire
  std::chrono::microseconds served_window = std::chrono::hours{24};
  std::uint32_t recall_burst = 10;                                           // re-entries at one claim …
  std::chrono::microseconds recall_burst_window = std::chrono::seconds{60};  // … inside this; one more is a burst
  std::chrono::microseconds aging_after = std::chrono::hours{24 * 30};
  std::chrono::microseconds decayed_after = std::chrono::hours{24 * 90};
};

// Failure: InvalidInput for a configuration that makes no sense.
void validate(const Config& config);

// --- Writing -------------------------------------------------------------------------------------------------------

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
};

// What became of one statement, or of one claim that a verb touched.
struct Receipt {
  std::optional<ClaimId> claim;  // the new claim, or the one that was restated, repeated or judged
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::first;
  std::vector<ClaimId> contested_with;  // all its rivals, oldest first
  bool corroborated = false;
  bool end_not_applied = false;          // it states an end of what stands open, which was not applied
  std::optional<AdjudicationId> handle;  // the open question about it
  Position position;                     // end of the batch that holds it
  TxTime recorded_at;
  std::string reason;  // for people
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

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

struct ReconcileReport {
  LineKey line;
  std::vector<ClaimId> returned;  // inferred claims that nothing contradicts any more
  std::vector<AdjudicationId> opened;
  std::uint32_t contested = 0;  // claims that still wait for a verdict or a person
};
struct ReconcileAnswer {
  Position position;
  std::vector<ReconcileReport> lines;  // one for every line looked at
};

// --- Reading -------------------------------------------------------------------------------------------------------

// Where and when a read stands. At most one of `position` and `as_of`; neither: the head.
struct At {
  std::optional<Position> position = {};  // the end of a batch; a position inside a batch counts as the batch before it
  std::optional<TxTime> as_of = {};
  std::optional<TxTime> asked_at = {};  // absent: as_of if given, else the clock
};

// The position and time an answer was given at. Asked again with these, the answer is identical.
struct AnsweredAt {
  Position position;
  TxTime asked_at;
  friend bool operator==(const AnsweredAt&, const AnsweredAt&) = default;
};

// A page of a longer answer. `next` is absent on the last page; given back as `cursor` it goes on at the same position,
// whatever is written meanwhile. Only agents() stands at no position: an agent that is new meanwhile is among those
// that still come.
struct PageRequest {
  std::size_t limit = 100;  // 0..limits::page; more is cut to that
  std::string cursor = {};
};
template <class Item>
struct Page {
  AnsweredAt at;
  std::vector<Item> items;
  std::optional<std::string> next;
};

struct RecallRequest {
  AgentId agent;
  LineKey line;
  At at = {};
  std::optional<ValidTime> valid_at = {};  // absent: asked_at
  // Record that the claims of the answer went to this context (a conversation, a prompt); only at the head.
  std::optional<std::string> serve_to = {};
  Caller caller = {};
  Call call = {};
};

struct History {
  LineKey line;
  AnsweredAt at;
  bool set = false;
  std::vector<ClaimHistory> claims;  // oldest first
  std::vector<Segment> timeline;  // valid time from beginning to forever, touching, each different from the one before
};

struct LineBelief {
  LineKey line;
  Belief belief;
};

// A line that is contested at valid_at or, when asked for any, the stretches where it is.
struct ContestedLine {
  LineKey line;
  std::vector<Segment> segments;
};

struct LineageNode {
  ClaimId claim;
  std::uint32_t distance = 0;  // steps from the claim asked about, by the shortest way
  std::vector<ClaimId> via;    // its neighbours on the way back, nearest first
};
enum class Direction { ancestors, descendants };

struct Serving {
  Position seq;
  TxTime recorded_at;
  std::optional<std::string> context;  // absent once erased
  std::vector<ClaimId> claims;
};

// What the ledger holds, entry by entry.
struct AuditFilter {
  std::vector<std::string> kinds = {};
  std::optional<Disposition> disposition = {};
  std::optional<ClaimId> claim = {};
  std::optional<LineKey> line = {};
  std::optional<TxTime> recorded_from = {};   // inclusive
  std::optional<TxTime> recorded_until = {};  // exclusive
};
struct AuditEntry {
  Record record;
  std::optional<LineKey> line;
  Digest hash;
};

// A committed batch, as a subscription hands it on.
struct FeedBatch {
  BatchHeader header;
  Position first;
  Position last;
  std::vector<AuditEntry> entries;
};

// After which position of each ledger a subscription goes on; an agent that is not named here, from its beginning.
using FeedPositions = std::map<AgentId, Position>;

// Committed batches of one agent or of all, in order for each agent, none twice and none left out: first what is there,
// then what comes. Of several agents each is read on in turn, a few MiB at most at a time, and no more than one turn is
// held. Threads: one at a time; must not outlive its engine.
class Subscription {
 public:
  Subscription(const Store& store, std::optional<AgentId> agent, FeedPositions from);

  // The next batch, waiting for it; nothing once the call's deadline has passed or its stop token was triggered.
  // Failure: StoreFailure, {corrupt} where a batch is missing or cannot be read; the subscription stays where it is and
  // may be asked again. A feed of all agents then goes on with the others, and fails again when that one's turn comes.
  std::optional<FeedBatch> next(const Call& call = {});

  // Where it stands: given to subscribe() again, it goes on behind the last batch that next() returned.
  const FeedPositions& positions() const { return positions_; }

 private:
  Position position(const AgentId& agent) const;
  bool look(const Call& call);
  void find_ahead(const Call& call);
  void read(const AgentId& agent, const Call& call);
  FeedBatch take();

  const Store* store_;
  std::optional<AgentId> agent_;
  FeedPositions positions_;
  std::deque<StoredBatch> waiting_;  // of one agent
  std::deque<AgentId> ahead_;        // whose ledgers go on, in the order of their turns
  std::optional<AgentId> after_;     // which agents have been looked at in this round: those up to here
  std::size_t batches_at_once_ = 1;
};

struct Verification {
  bool ok = true;
  Position position;  // how far the ledger goes
  std::uint64_t entries = 0;
  Digest head_hash;
  std::optional<Position> first_bad;  // the first entry that does not fit; absent where it is none of the entries
  std::string problem;
};

// What became of a ledger that was carried from one store to another.
enum class CopyStatus {
  done,      // the target holds all that the source held when the copy came to its end
  diverged,  // the target holds another history, or one that goes on beyond the source; nothing was written to it
  conflict,  // somebody else wrote to the target meanwhile; what was copied before that is there
};
struct CopyAnswer {
  CopyStatus status = CopyStatus::done;
  Head head;                  // the target's; where it is done, also the source's, or once was
  std::uint64_t batches = 0;  // copied now
  std::uint64_t entries = 0;  // copied now; the others were there already
  std::string reason;         // for people, where status is not done
};

struct Status {
  AgentId agent;
  Head head;
  std::vector<std::pair<std::string, std::string>> store;  // Store::describe()
  std::vector<Capability> capabilities;
};

// --- The engine ----------------------------------------------------------------------------------------------------

// What an engine is made of. The store is owned; the clock and the ids are shared; an oracle must outlive
// the engine.
struct Parts {
  std::unique_ptr<Store> store;
  std::shared_ptr<Clock> clock;
  std::shared_ptr<IdSource> ids;
  ClockSource clock_source = ClockSource::engine;
  Oracle* oracle = nullptr;
};

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

  // The change feed of one ledger, or of all without an agent.
  Subscription subscribe(const std::optional<AgentId>& agent, FeedPositions from = {}) const;

  // Whole batches as JSON, one a line, and back: same ids, same times, same hashes. Import appends to a ledger that
  // holds a prefix of the same batches, skipping those; a ledger that differs is refused: InvalidInput. Returns false
  // when skipped. Export gives at most `limit` lines, fewer where they are large, none at the end.
  std::vector<std::string> export_batches(const AgentId& agent, Position& after, std::size_t limit,
                                          const Call& call = {}) const;
  bool import_batch(std::string_view line, const Call& call = {});
  // Brings an agent's ledger from another store: same ids, same times, same hashes, each checked on the way. Goes on
  // where a copy that was broken off has ended, holds a few batches at a time, and leaves whole batches behind wherever
  // it ends. `progress` hears (entries there, entries in all).
  CopyAnswer copy_from(const Store& source, const AgentId& agent, const Progress& progress = {}, const Call& call = {});

  const Config& config() const;
  Store& store();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One-line doors, with the system's clock and entropy. `open_default` keeps one SQLite database at `path`, made if
// absent; `open_default_in_memory` forgets everything with the engine. Link claimledger::claimledger. Failure:
// InvalidInput for a configuration that makes no sense, before anything is opened; StoreFailure{unreachable |
// incompatible | corrupt | busy | exhausted}, and what the file held is left untouched.
Engine open_default(const std::string& path, Config config = {});
Engine open_default_in_memory(Config config = {});

}  // namespace claimledger
