#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"
#include "commit_checks.hpp"

namespace claimledger::memory {

// One agent's ledger and the ways to find an entry again. Every list of positions ascends.
class Ledger : public common::LedgerFacts {
 public:
  using Positions = std::vector<Position>;
  struct Batch {
    BatchHeader header;
    Position first;
  };
  struct Child {
    Position seq;
    ClaimId claim;
  };

  bool has_claim(const ClaimId& claim) const override { return claims.contains(claim); }
  bool has_key(const Digest& key) const override { return keys.contains(key); }
  bool has_question(const AdjudicationId& handle, std::string_view kind) const override;
  bool has_content(Position entry) const override;

  Head head(const AgentId& agent) const;
  Inventory inventory() const;
  const StoredEntry& at(Position seq) const { return entries[seq.value - 1]; }
  // The commit keeps every rule.
  void add(const Commit& commit);
  // A short list in which everything that the filter lets through is found; nothing where only the whole ledger is.
  const Positions* candidates(const EntryFilter& filter) const;

  std::vector<Batch> batches;
  std::map<BatchId, std::size_t> batch_ids;
  std::vector<StoredEntry> entries;  // as reads give them back
  std::map<LineKey, Positions> lines;
  std::map<ClaimId, Position> claims;
  std::map<ClaimId, std::vector<Child>> children;
  std::map<Digest, Position> keys;
  std::map<Position, Position> tombstones;  // by the entry that each erased
  // Where each question was closed, by the entry that opened it.
  std::map<Position, std::optional<Position>> questions;
  std::map<AdjudicationId, Positions> by_handle;
  std::map<ClaimId, Positions> about;
  std::map<ClaimId, Positions> served;
  std::map<std::string, Positions, std::less<>> lookups;
  std::map<std::string, Positions, std::less<>> kinds;

 private:
  void index(const StoredEntry& entry);
  void erase(Position entry, Position tombstone);
};

}  // namespace claimledger::memory
