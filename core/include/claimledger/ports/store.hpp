#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "claimledger/domain/embedding_model.hpp"
#include "claimledger/domain/entry.hpp"
#include "claimledger/domain/term.hpp"
#include "claimledger/failure.hpp"

// The persistence port: all that the engine asks of a place where ledgers are kept.
//
// An agent's ledger is a sequence of entries numbered 1, 2, 3… without gaps; it grows by whole batches and never
// changes. An entry's meaning is in its `body`, bytes that only core reads (core/FORMAT.md). Beside it stand the keys
// by which it is found again. A store keeps both, returns what it was given, and never interprets a body. Core checks
// what entries say about each other before it appends them. A store checks what only it can: that a batch follows the
// head, lands once, and reuses no unique key.
namespace claimledger {

class SearchIndex;
class Vectors;

// How long a call may take. Both may be absent. A store checks them before it starts, while it waits and, where its
// driver can, while it works: StoreFailure{timeout} or {cancelled}, nothing written.
struct Call {
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::stop_token stop = {};
};

// The end of a ledger. Position 0 and the zero time for an agent without a ledger; the hash is then
// genesis_hash(agent).
struct Head {
  Position position;
  TxTime recorded_at;
  Digest hash;
  friend bool operator==(const Head&, const Head&) = default;
};

// Salt and body of what a caller typed, and what is derived from it and filed with it; all empty once erased.
struct StoredContent {
  std::array<std::uint8_t, 16> salt{};
  Bytes body;
  // The text by which a page of entries is looked up: the source of a statement, the context of a serving. Empty: the
  // entry is not looked up.
  std::string search_text;
  // The terms of a statement, each once, by their bytes: for a store with a SearchIndex, and from no read given back.
  std::vector<TermCount> terms = {};
  // The vector of a statement by Commit::model: for a store with Vectors, and from no read given back. Empty: none.
  Bytes vector = {};
  friend bool operator==(const StoredContent&, const StoredContent&) = default;
};

// One entry as a store keeps it.
struct StoredEntry {
  Position seq;
  TxTime recorded_at;                            // of its batch
  std::uint8_t kind = 0;                         // kind_number_of(); checked against the body on reading
  std::optional<std::uint8_t> disposition = {};  // disposition_number_of(); checked likewise
  Bytes body;                                    // opaque; about 100 bytes
  Digest hash;                                   // the chain up to and including this entry

  // Keys. On reading only `line`, `claim`, `begins` and `handle` are filled in again.
  std::optional<LineKey> line;           // the line this entry belongs to
  std::optional<ClaimId> claim;          // the claim it is about
  bool begins = false;                   // the claim begins with this entry: claims() finds it here
  std::optional<AdjudicationId> handle;  // of an AdjudicationOpened or AdjudicationClosed
  // Digest of the idempotency key, never the key itself. Part of the content: erased with it.
  std::optional<Digest> idempotency_key;
  std::vector<ClaimId> derived_from;  // parents of a statement, in order, each once
  std::vector<ClaimId> served;        // claims named by a Served, in order, each once
  std::optional<Position> erases;     // a Tombstone's: the content of this entry is erased

  ContentState content_state = ContentState::none;
  StoredContent content;
  friend bool operator==(const StoredEntry&, const StoredEntry&) = default;
};

struct StoredBatch {
  BatchHeader header;
  Position first;  // its entries are first … first + header.entries - 1
  std::vector<StoredEntry> entries;
  friend bool operator==(const StoredBatch&, const StoredBatch&) = default;
};

// A batch that is to be appended after `after`.
struct Commit {
  Head after;
  BatchHeader header;
  std::vector<StoredEntry> entries;  // never empty; seq counts on from after.position
  // What the terms of the contents were made by (see SearchIndex); empty: they were not made.
  std::string recipe = {};
  // What made the vectors of the contents (see Vectors); absent: they have none.
  std::optional<EmbeddingModel> model = {};
  bool every_vector = false;  // each of its statements that has content has one
};

// The head once a commit has landed.
Head end_of(const Commit& commit);

// The outcome of one commit.
enum class AppendOutcome {
  done,           // durable
  already_there,  // a batch with this id had landed before; nothing was written
  conflict,       // `after` is not the head; nothing was written
  refused,        // it contradicts itself, or reuses a claim id, an idempotency key or a handle; nothing was written
  failed,         // the world broke; see Outcome::failure
};
struct Outcome {
  AppendOutcome outcome = AppendOutcome::done;
  std::string detail = {};  // for `refused`: the rule and the entry; for `failed`: the cause, for an operator
  // For `failed`: the kind, which tells the caller's remedy. Unless it is in_doubt, nothing of this commit was written.
  FailureKind failure = FailureKind::unreachable;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
// The outcome that a failure is for a commit.
Outcome failed(const StoreFailure& failure);
// Whether the batch is there, now or since before.
bool has_landed(const Outcome& outcome);

// Where a claim is found.
struct ClaimPlace {
  LineKey line;
  StoredEntry entry;  // the entry that begins it
  friend bool operator==(const ClaimPlace&, const ClaimPlace&) = default;
};

// When a request reads: at the head; at a position, where one inside a batch counts as the batch before it and one past
// the head as the head; as of a time, which is the last batch recorded at or before it.
struct AtHead {
  friend bool operator==(const AtHead&, const AtHead&) = default;
};
using Moment = std::variant<AtHead, Position, TxTime>;

// A line from a position on: its entries with seq > after.
struct WantedLine {
  WantedLine(LineKey line, Position from = {}) : key(std::move(line)), after(from) {}
  LineKey key;
  Position after;
  friend bool operator==(const WantedLine&, const WantedLine&) = default;
};

// The lines, keys and claims that a request reads before it decides.
struct Wanted {
  std::vector<WantedLine> lines = {};
  std::vector<Digest> keys = {};  // digests of idempotency keys
  std::vector<ClaimId> claims = {};
};

// A ledger at one moment, as far as it was wanted; each list in the order asked.
struct Snapshot {
  Head head;                                      // the end of the ledger at that moment
  std::vector<std::vector<StoredEntry>> lines;    // by seq; empty for an unknown line
  std::vector<std::optional<StoredEntry>> keys;   // the entry that a key produced; absent once its content is erased
  std::vector<std::optional<ClaimPlace>> claims;  // absent where unknown
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// How far an agent's ledger goes, or why that cannot be said.
struct AgentHead {
  AgentId agent;
  Position position;
  // Why this ledger cannot be read: each read and write of it fails likewise, those of others do not. Empty: it can.
  // Otherwise the position is 0, and `agent` is the name of a file where nobody can tell whose ledger it was.
  std::string problem = {};
  friend bool operator==(const AgentHead&, const AgentHead&) = default;
};

// A statement that was derived from a claim.
struct Derivation {
  ClaimId parent;
  Position child;  // the statement's entry
  ClaimId claim;   // that entry's: the claim that it was filed under when it was appended
  friend bool operator==(const Derivation&, const Derivation&) = default;
};

// An entry whose content is gone, and the tombstone that says so.
struct Erasure {
  Position entry;
  Position tombstone;
  friend bool operator==(const Erasure&, const Erasure&) = default;
};

// Counts of the rows that a store keeps for one ledger. verify compares them with the entries. Every row counts, also
// one that names no entry, lies past the head, or is not visible to reads yet.
struct Inventory {
  Position position;     // the end of the ledger in the look that counted
  bool counted = false;  // false: this store files nothing apart from its entries, and the numbers are missing
  std::uint64_t batches = 0;
  std::uint64_t entries = 0;
  std::uint64_t contents = 0;  // there or erased
  std::uint64_t lines = 0;
  std::uint64_t claims = 0;
  std::uint64_t derivations = 0;  // of one statement from one claim
  std::uint64_t servings = 0;     // of one claim by one entry
  std::uint64_t keys = 0;         // idempotency keys that are not erased
  std::vector<Erasure> erasures;  // by entry
  // A fault that the store itself finds, such as a missing guard or rows that contradict each other. Empty: none.
  // Otherwise the counts may be missing.
  std::string problem;
  friend bool operator==(const Inventory&, const Inventory&) = default;
};

// The key that a page of entries is read by.
namespace key {
struct All {};
struct Claim {
  ClaimId claim;  // entries about it
};
struct Line {
  LineKey line;
};
struct Handle {
  AdjudicationId handle;
};
struct ServedClaim {
  ClaimId claim;  // Served entries that name it
};
struct Text {
  std::string text;  // entries whose search_text it is, byte for byte; the empty text finds nothing
};
struct Disposition {
  std::uint8_t disposition;  // entries that carry it
};
struct Positions {
  std::vector<Position> positions;  // the entries with these numbers; in any order, and one may be named twice
};
}  // namespace key
using Key = std::variant<key::All, key::Claim, key::Line, key::Handle, key::ServedClaim, key::Text, key::Disposition,
                         key::Positions>;

// A page of entries by seq.
struct EntryQuery {
  Key key = key::All{};
  std::vector<std::uint8_t> kinds = {};  // any of these; empty: all
  Position from{1};                      // inclusive
  std::optional<Position> to = {};       // inclusive, further restricted by the position that is read at
  Order order = Order::ascending;
  std::size_t limit = 1;
};

// A capability of a store, or its absence with the reason. The conformance kit tests each available one; a call that
// needs a missing one fails with `unsupported`.
struct Capability {
  std::string name;  // "durable", "multi_process" …
  bool available = true;
  std::string reason;  // why not; empty when available
};

// The reads that a write of one agent begins with.
struct WriteIntent {
  AgentId agent;
  Wanted wanted = {};
  // The ledger as the caller knows it, in the form of a snapshot at its head. A store that saves a round trip this way
  // returns it unread and checks it when it appends; every other store reads afresh.
  std::optional<Snapshot> assumed = {};
  // Nothing is taken for granted that the store knows itself: it reads. For a write that may turn out to change
  // nothing, so that no append would check it.
  bool afresh = false;
};

// The outcome of a commit, and the snapshot to decide on again where what was assumed no longer held. With a snapshot
// the outcome is `conflict`, and the same turn takes another commit for that agent.
struct TurnOutcome {
  Outcome outcome;
  std::optional<Snapshot> fresh = {};
};

// A write from its reads to its append. A store may let no other writer in between, so a turn is short; it writes
// nothing unless append() says so, and gives way to others at the latest when it is destroyed.
// Threads: one; the turn does not outlive the store or the call that it was begun with.
class WriteTurn {
 public:
  virtual ~WriteTurn() = default;

  // One for each intent, in their order: the ledger at its head.
  std::vector<Snapshot> snapshots;
  // Whether these were not read now, but are what was assumed or what the store knew: true only once an append of the
  // turn has landed for that agent.
  std::vector<bool> guessed;  // for each; empty: none is

  // Appends commits of the agents of this turn, as Store::append() does. Others may write from then on. A turn takes
  // one append, and one more for each commit that came back with a fresh snapshot.
  // Failure: none; each commit has its outcome.
  virtual std::vector<TurnOutcome> append(std::span<const Commit> commits) = 0;
};

// Threads:  any method, from any thread, at any time. Readers never wait for a writer.
// Failure:  every method but append() may throw StoreFailure; nothing was written then, and the store stays usable.
// Reads take a position: `at` hides everything after it, so the same read answers the same for ever. `limit` 0 gives
// nothing; every list has one total order, named at the method.
class Store {
 public:
  virtual ~Store() = default;

  // Everything that a request needs up front, at one moment. A store that can answers in one round trip.
  virtual Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted,
                            const Call& call) const = 0;

  // The parts of a snapshot, each alone. `at` inside a batch is the batch before it, as in every snapshot.
  Head head(const AgentId& agent, const Call& call) const;
  // The end of the last batch recorded at or before `time`; 0 before the first.
  Position position_at(const AgentId& agent, TxTime time, const Call& call) const;
  // Every entry of the line at or before `at` with seq > after, by seq; empty for an unknown line.
  std::vector<StoredEntry> line(const AgentId& agent, const LineKey& key, Position at, const Call& call,
                                Position after = {}) const;
  // Where these claims begin, in the order asked; absent where unknown at `at`.
  std::vector<std::optional<ClaimPlace>> claims(const AgentId& agent, std::span<const ClaimId> ids, Position at,
                                                const Call& call) const;
  // The entry that a key produced.
  std::optional<StoredEntry> by_idempotency_key(const AgentId& agent, const Digest& key, Position at,
                                                const Call& call) const;

  // Appends each commit whole or not at all, in order, and says what became of each. Commits of several agents may
  // share one durable write. A commit that fails does not undo those that succeeded, and says nothing of them.
  // Failure: none is thrown; also where nothing could be tried each commit has its outcome.
  virtual std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) = 0;

  // Whether the writers of different agents wait for each other here, as those of one file do: then the engine gives
  // what waits to one append(), whosever it is. No: only what waits for one agent.
  virtual bool agents_share_commits() const { return false; }

  // Whether many small reads cost little more than one large one, as where no server is asked: then the engine reads
  // the lines of a large batch some at a time, and decides a group of writes while the one before it is appended. No:
  // all at once, and one group after the other.
  virtual bool reads_are_near() const { return false; }

  // Begins a write of each of these agents: the way by which the engine writes. Composed from snapshot() and append()
  // unless a store knows better, such as one transaction for both.
  // Failure: StoreFailure, also busy.
  virtual std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call);

  // The statements derived directly from these claims, by the child's seq, then by the parent's place among `parents`.
  virtual std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                             const Call& call) const = 0;

  // A page of entries by seq.
  virtual std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                           const Call& call) const = 0;

  // AdjudicationOpened entries with seq > after that have no AdjudicationClosed at `at`, by seq. The default reads
  // entries by kind and by handle.
  virtual std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit,
                                                      Position at, const Call& call) const;

  // Lines with an entry at or before `at`, by (subject, predicate) bytewise, after `after`; of one subject if given.
  // `after` need not be a line that is there.
  virtual std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                                     const std::optional<LineKey>& after, std::size_t limit, Position at,
                                     const Call& call) const = 0;
  // Distinct subjects, bytewise, after `after`. The default reads lines, one for each subject.
  virtual std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after,
                                            std::size_t limit, Position at, const Call& call) const;

  // Whole batches whose first entry lies after `after`, by position: for verify, copy, export, feed.
  virtual std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                           const Call& call) const = 0;

  // Counts all that is filed for an agent, in one look: for verify. The default counts nothing.
  virtual Inventory inventory(const AgentId& agent, const Call& call) const;

  // Agents with at least one batch and how far their ledgers go, bytewise, after `after`. A store that keeps ledgers
  // apart lists one that cannot be read among the others, with its problem: it is neither left out nor in their way.
  virtual std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                        const Call& call) const = 0;

  // Waits until there may be more than when `seen` was returned, in the ledger of `agent` or without one in any, and
  // returns the next mark; with 0 it returns a mark at once. May return early. Returns within about a second in any
  // case, so a missed notification delays a feed but never loses a batch. Failure: also timeout and cancelled.
  virtual std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen,
                                     const Call& call) const = 0;

  // Where words stand; nothing for a store that files none, and then the engine reads what it searches. Lives as long
  // as the store.
  virtual SearchIndex* search_index() { return nullptr; }

  // Where vectors stand; nothing for a store that keeps none. Lives as long as the store.
  virtual Vectors* vectors() { return nullptr; }

  virtual std::vector<Capability> capabilities() const = 0;
  // Facts for an operator, in order: backend, path, settings in force, schema version, size. No credentials.
  virtual std::vector<std::pair<std::string, std::string>> describe(const Call& call) const = 0;
};

}  // namespace claimledger
