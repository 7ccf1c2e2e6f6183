#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace claimledger::adapter {

// One agent's ledger in memory: add() takes batches, and the reads answer as the port specifies. Takes about as much
// memory as the entries and their content.
// Threads: as a value.
class LedgerIndex {
 public:
  explicit LedgerIndex(AgentId agent) : agent_(std::move(agent)) {}

  // The outcome of a commit; `done`: it may be added.
  Outcome check(const Commit& commit) const;
  // Adds a batch that check() accepted, now or when it was first written. Content that a tombstone erased meanwhile may
  // be missing from it.
  // Failure: StoreFailure{corrupt} for a batch that is not this ledger's next one; nothing was added.
  void add(const BatchHeader& header, std::span<const StoredEntry> entries);

  const AgentId& agent() const { return agent_; }
  Head head() const;
  Snapshot snapshot(const Moment& moment, const Wanted& wanted) const;
  std::vector<Derivation> dependants(std::span<const ClaimId> parents, Position at) const;
  std::vector<StoredEntry> entries(const EntryQuery& query, Position at) const;
  std::vector<LineKey> lines(const std::optional<std::string>& subject, const std::optional<LineKey>& after,
                             std::size_t limit, Position at) const;
  std::vector<StoredBatch> batches(Position after, std::size_t limit) const;
  Inventory inventory() const;

 private:
  using Positions = std::vector<Position>;  // ascending
  struct Batch {
    BatchHeader header;
    Position first;
    Position last() const { return {first.value + header.entries - 1}; }
  };
  struct Candidates;

  const StoredEntry& at(Position seq) const { return entries_[seq.value - 1]; }
  Head head_at(const Moment& moment) const;
  std::optional<std::string> reuse(const Commit& commit) const;
  void expect_next(const BatchHeader& header, std::span<const StoredEntry> entries) const;
  void file(const StoredEntry& entry);
  void erase(Position entry, Position tombstone);

  AgentId agent_;
  std::vector<Batch> batches_;
  std::map<BatchId, std::size_t> batch_ids_;
  std::vector<StoredEntry> entries_;  // as reads give them back
  std::map<LineKey, Positions> lines_;
  std::map<ClaimId, Position> claims_;  // to where they begin
  std::map<ClaimId, Positions> dependants_;
  std::map<Digest, Position> keys_;
  std::map<Position, Position> tombstones_;  // by the entry that each erased
  std::map<std::pair<AdjudicationId, std::uint8_t>, Position> handles_;
  std::map<AdjudicationId, Positions> by_handle_;
  std::map<ClaimId, Positions> about_;
  std::map<ClaimId, Positions> served_;
  std::map<std::string, Positions, std::less<>> texts_;
  std::map<std::uint8_t, Positions> dispositions_;
  std::map<std::uint8_t, Positions> kinds_;
};

}  // namespace claimledger::adapter
