#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace claimledger::memory {

// One agent's ledger and the ways to find an entry again. Every list of positions ascends.
// Threads: as a value.
class Ledger {
 public:
  using Positions = std::vector<Position>;
  struct Batch {
    BatchHeader header;
    Position first;
  };

  Head head(const AgentId& agent) const;
  // The end of the ledger at a moment.
  Head head_at(const AgentId& agent, const Moment& moment) const;
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted) const;
  std::vector<StoredEntry> page(const EntryQuery& query, Position at) const;
  Inventory inventory() const;
  const StoredEntry& at(Position seq) const { return entries[seq.value - 1]; }

  // Which unique key of this ledger a commit reuses; nothing if it may be added.
  std::optional<std::string> reuse(const Commit& commit) const;
  // The commit follows the head, and neither contradicts itself nor reuses a key.
  void add(const Commit& commit);

  std::vector<Batch> batches;
  std::map<BatchId, std::size_t> batch_ids;
  std::vector<StoredEntry> entries;  // as reads give them back
  std::map<LineKey, Positions> lines;
  std::map<ClaimId, Position> claims;  // to where they begin
  std::map<ClaimId, Positions> children;
  std::map<Digest, Position> keys;
  std::map<Position, Position> tombstones;  // by the entry that each erased

 private:
  void index(const StoredEntry& entry);
  void erase(Position entry, Position tombstone);
  // A list in which all is found that the key finds; nothing where only the whole ledger is.
  std::optional<Positions> candidates(const EntryQuery& query) const;

  std::map<std::pair<AdjudicationId, std::uint8_t>, Position> handles_;
  std::map<AdjudicationId, Positions> by_handle_;
  std::map<ClaimId, Positions> about_;
  std::map<ClaimId, Positions> served_;
  std::map<std::string, Positions, std::less<>> texts_;
  std::map<std::uint8_t, Positions> dispositions_;
  std::map<std::uint8_t, Positions> kinds_;
};

}  // namespace claimledger::memory
