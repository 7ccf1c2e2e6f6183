#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "claimledger/domain/entry.hpp"
#include "claimledger/failure.hpp"

// The persistence port: all that the engine asks of a place where ledgers are kept.
//
// An agent's ledger is a sequence of entries numbered 1, 2, 3… without gaps; it grows by whole batches and never
// changes. An entry's meaning is in its `body`, bytes that only core reads (core/FORMAT.md); what stands beside it are
// the keys by which it is found again. A store keeps both, returns what it was given, and never interprets a body.
namespace claimledger {

// How long a call may take. Both may be absent; a store checks them before it starts, while it waits and, where its
// driver can, while it works: StoreFailure{timeout} or {cancelled}, nothing written.
struct Call {
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::stop_token stop = {};
};

// The end of a ledger. Position 0 and the zero time for an agent never heard of; the hash is then genesis_hash(agent).
struct Head {
  Position position;
  TxTime recorded_at;
  Digest hash;
  friend bool operator==(const Head&, const Head&) = default;
};

// Salt and body of what a caller typed; both empty once erased.
struct StoredContent {
  std::array<std::uint8_t, 16> salt{};
  Bytes body;
  // The text by which a page of entries is looked up: the source of a claim, the context of a serving. Part of the
  // content, so erased with it. Empty: not looked up.
  std::string lookup;
  friend bool operator==(const StoredContent&, const StoredContent&) = default;
};

// One entry as a store keeps it.
struct StoredEntry {
  Position seq;
  TxTime recorded_at;       // of its batch
  std::string kind;         // kind_text(); checked against the body on reading
  std::string disposition;  // text(disposition_of()), or empty; checked likewise
  Bytes body;               // opaque; about 100 bytes, more where it lists claims
  Digest hash;              // the chain up to and including this entry

  // Keys. On reading only `line`, `claim` and `handle` are filled in again.
  std::optional<LineKey> line;            // the line this entry belongs to
  std::optional<ClaimId> claim;           // the claim it is about
  std::optional<AdjudicationId> handle;   // of an AdjudicationOpened or AdjudicationClosed
  std::optional<Digest> idempotency_key;  // digest of the key: never the key itself
  std::vector<ClaimId> derived_from;      // parents of a ClaimRecorded, in order, each once
  std::vector<ClaimId> served;            // claims named by a Served, in order, each once
  std::optional<Position> erases;         // a Tombstone's: this entry's content becomes null

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

// A batch that wants to be appended after `after`.
struct Commit {
  Head after;
  BatchHeader header;
  std::vector<StoredEntry> entries;  // never empty; seq counts on from after.position
};

// What became of one commit.
enum class AppendOutcome {
  done,           // durable
  already_there,  // a batch with this id had landed before; nothing was written
  conflict,       // `after` is not the head; nothing was written
  refused,        // breaks a rule of the ledger (duplicate id, dangling or foreign reference, reused key); nothing was
                  // written
};
struct Outcome {
  AppendOutcome outcome = AppendOutcome::done;
  std::string detail;  // for `refused`: which rule, which entry
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A claim's whereabouts.
struct ClaimPlace {
  LineKey line;
  StoredEntry entry;  // its ClaimRecorded
  friend bool operator==(const ClaimPlace&, const ClaimPlace&) = default;
};

// When a request stands: at the head; at a position, where one inside a batch counts as the batch before it and one
// past the head as the head; as of a time, which is the last batch recorded at or before it.
struct AtHead {
  friend bool operator==(const AtHead&, const AtHead&) = default;
};
using Moment = std::variant<AtHead, Position, TxTime>;

// What a request has to know before it can decide.
struct Wanted {
  std::vector<LineKey> lines = {};
  std::vector<Digest> keys = {};  // digests of idempotency keys
  std::vector<ClaimId> claims = {};
};

// A ledger at one moment, as far as it was wanted; each list in the order asked.
struct Snapshot {
  Head head;                                    // the end of the ledger at that moment
  std::vector<std::vector<StoredEntry>> lines;  // as line() gives them
  std::vector<std::optional<StoredEntry>> keys;
  std::vector<std::optional<ClaimPlace>> claims;
};

// How far an agent's ledger goes.
struct AgentHead {
  AgentId agent;
  Position position;
  friend bool operator==(const AgentHead&, const AgentHead&) = default;
};

struct Derivation {
  ClaimId parent;
  ClaimId child;
  friend bool operator==(const Derivation&, const Derivation&) = default;
};

// An entry whose content is gone, and the tombstone that says so.
struct Erasure {
  Position entry;
  Position tombstone;
  friend bool operator==(const Erasure&, const Erasure&) = default;
};

// What a store has filed for one ledger: verify holds it against what the entries say. Everything filed is counted,
// also what leads to no entry or past the head, and what no read would show yet.
struct Inventory {
  Position position;  // the end of the ledger in the look that counted
  std::uint64_t batches = 0;
  std::uint64_t entries = 0;
  std::uint64_t contents = 0;  // there or erased
  std::uint64_t lines = 0;
  std::uint64_t claims = 0;
  std::uint64_t derivations = 0;  // of one claim from one other
  std::uint64_t servings = 0;     // of one claim by one entry
  std::uint64_t keys = 0;         // idempotency keys; without those of entries in `erasures`, which nothing can tell
  std::vector<Erasure> erasures;  // by entry
  // What the store finds wrong by itself, such as a guard that is gone or rows that contradict each other. Empty:
  // nothing. Where it is not, the counts may be missing.
  std::string problem;
  friend bool operator==(const Inventory&, const Inventory&) = default;
};

enum class Order { ascending, descending };

// Which entries; absent fields do not restrict.
struct EntryFilter {
  std::vector<std::string> kinds = {};  // any of these
  std::optional<std::string> disposition = {};
  std::optional<ClaimId> claim = {};
  std::optional<LineKey> line = {};
  std::optional<AdjudicationId> handle = {};
  std::optional<ClaimId> served = {};      // Served entries that name this claim
  std::optional<std::string> lookup = {};  // entries whose content is found by this text
  Position from{1};                        // inclusive
  std::optional<Position> to = {};         // inclusive, further restricted by `at`
};

// What a store can't do, each with the reason. Claimed means tested by the conformance kit; the rest answers
// `unsupported`.
struct Capability {
  std::string name;  // "durable", "multi_process" …
  bool available = true;
  std::string reason;  // why not; empty when available
};

// Threads:  any method, from any thread, at any time. Readers never wait for a writer.
// Failure:  every method may throw StoreFailure. Unless its kind is in_doubt, nothing was written and the store stays
// usable. Reads take a position: `at` hides everything after it, so the same read answers the same for ever. `limit` 0
// gives nothing; every list has one total order, named at the method.
class Store {
 public:
  virtual ~Store() = default;

  virtual Head head(const AgentId& agent, const Call& call) const = 0;

  // The end of the last batch recorded at or before `time`; 0 before the first.
  virtual Position position_at(const AgentId& agent, TxTime time, const Call& call) const = 0;

  // Everything a request begins with, in one call: the fewer round trips a store needs for it, the better. What stands
  // here composes it from the other reads; a store that can answer at once overrides it.
  virtual Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const;

  // Appends each commit whole or not at all, in order, and says what became of each. Commits of several agents may
  // share one durable write. A commit that fails does not undo those that succeeded; a throw means that none of them
  // landed (or, for in_doubt, that nobody knows).
  virtual std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) = 0;

  // Every entry of the line up to `at`, by seq; empty for an unknown line.
  virtual std::vector<StoredEntry> line(const AgentId& agent, const LineKey& key, Position at,
                                        const Call& call) const = 0;

  // Where these claims were recorded, in the order asked; absent where unknown at `at`.
  virtual std::vector<std::optional<ClaimPlace>> claims(const AgentId& agent, std::span<const ClaimId> ids, Position at,
                                                        const Call& call) const = 0;

  // The direct dependants of these claims, by the child's seq, then by the parent's place among `parents`.
  virtual std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                             const Call& call) const = 0;

  // The entry that a key produced.
  virtual std::optional<StoredEntry> by_idempotency_key(const AgentId& agent, const Digest& key, Position at,
                                                        const Call& call) const = 0;

  // A page of entries by seq.
  virtual std::vector<StoredEntry> entries(const AgentId& agent, const EntryFilter& filter, Order order,
                                           std::size_t limit, Position at, const Call& call) const = 0;

  // AdjudicationOpened entries with seq > after that have no AdjudicationClosed at `at`, by seq.
  virtual std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit,
                                                      Position at, const Call& call) const = 0;

  // Lines with an entry at or before `at`, by (subject, predicate) bytewise, after `after`; of one subject if given.
  virtual std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                                     const std::optional<LineKey>& after, std::size_t limit, Position at,
                                     const Call& call) const = 0;
  // Distinct subjects, bytewise, after `after`.
  virtual std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after,
                                            std::size_t limit, Position at, const Call& call) const = 0;

  // Whole batches whose first entry lies after `after`, by position: for verify, copy, export, feed.
  virtual std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                           const Call& call) const = 0;

  // Counts all that is filed for an agent, in one look: for verify. Reads the whole ledger's keys, not its contents.
  virtual Inventory inventory(const AgentId& agent, const Call& call) const = 0;

  // Agents with at least one batch and how far their ledgers go, bytewise, after `after`.
  virtual std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                        const Call& call) const = 0;

  // Waits until there may be more than when `seen` was returned, in the ledger of `agent` or without one in any, and
  // returns the next mark; with 0 it returns a mark at once. Comes back early at the store's own discretion, and always
  // after a second or so: a feed then looks again, so that an append nobody told of is late, never lost. Failure: also
  // timeout and cancelled, as every call.
  virtual std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen,
                                     const Call& call) const = 0;

  virtual std::vector<Capability> capabilities() const = 0;
  // What an operator wants to see, in order: backend, path, settings in force, schema version, size. No credentials.
  virtual std::vector<std::pair<std::string, std::string>> describe(const Call& call) const = 0;
};

}  // namespace claimledger
