#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "claimledger/ports/store.hpp"
#include "rules/line_state.hpp"

namespace claimledger::application {

// How many claims are asked for in one call at most.
inline constexpr std::size_t claims_at_once = 1'000;

// An entry as read, checked against itself: checksum, keys beside the body, commitment to the content, and that it has
// all that those who read it rely on. Failure: StoreFailure{corrupt}.
struct ReadEntry {
  Record record;
  Position previous_on_line;
};
ReadEntry read_entry(const StoredEntry& stored);

// Takes a line one entry on. Failure: StoreFailure{corrupt}; a missing entry shows as a break in the line's own chain.
void go_on(rules::LineState& line, ReadEntry read);
// The fold of a line as read. Failure: as go_on.
rules::LineState fold_line(std::span<const StoredEntry> entries);

// A ledger at a position, plus what a batch in the making adds: the lines and claims a request looks at, each read
// once. Not shared between threads; lives as long as one attempt.
class View {
 public:
  View(const Store& store, const AgentId& agent, Position at, const Call& call)
      : store_(store), agent_(agent), at_(at), call_(call) {}
  // Begins with what the snapshot holds of what was wanted; everything else is read when it is asked for.
  View(const Store& store, const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, const Call& call);

  struct OpenLine {
    LineKey key;
    rules::LineState state;
    Position stored_last;  // the last entry of the line that is in the store; 0 for none
  };

  // References stay good as long as the view.
  OpenLine& line(const LineKey& key);
  // The end of the batch that was recorded then.
  Position batch_end(TxTime recorded_at);
  // The entry that an idempotency key produced.
  std::optional<StoredEntry> by_key(const Digest& key) const;
  // Learns together where these claims stand, of which each would be asked for by itself otherwise.
  void locate(std::span<const ClaimId> claims);
  bool has(const ClaimId& claim);
  // Whether a claim was met already, so that nothing need be read to say that it is there.
  bool knows(const ClaimId& claim) const;
  // The line a claim stands on, that is opened; nothing for a claim unknown here. Failure: StoreFailure{corrupt} where
  // the line does not have the claim.
  OpenLine* line_of(const ClaimId& claim);
  // … for a claim that the ledger speaks of. Failure: StoreFailure{corrupt} where it is unknown all the same.
  OpenLine& line_holding(const ClaimId& claim);
  const rules::ClaimState* claim(const ClaimId& claim);
  // Direct dependants, those of the batch in the making last.
  std::vector<Derivation> dependants(std::span<const ClaimId> parents);
  // The claims that are derived directly from these, each once: those that have, here, the statements which say so.
  std::vector<ClaimId> derived_from(std::span<const ClaimId> parents);
  // The claim that has the statement which makes this derivation; nothing where it was taken back.
  std::optional<ClaimId> child_of(const Derivation& derivation);

  // Makes a statement of the batch in the making known, and the claim that it is filed under.
  void add(const Claim& said, Position statement, const LineKey& line);

  const Store& store() const { return store_; }
  const AgentId& agent() const { return agent_; }
  Position at() const { return at_; }
  const Call& call() const { return call_; }

 private:
  const Store& store_;
  const AgentId& agent_;
  Position at_;
  const Call& call_;

  OpenLine& open(const LineKey& key, std::span<const StoredEntry> entries);

  std::map<LineKey, std::unique_ptr<OpenLine>> lines_;
  std::map<Digest, std::optional<StoredEntry>> keys_;  // as far as wanted
  std::map<ClaimId, std::optional<LineKey>> places_;   // of stored claims, as far as asked; nothing where unknown
  std::map<TxTime, Position> ends_;                    // of batches, as far as asked
  std::map<ClaimId, LineKey> added_;
  std::vector<Derivation> derivations_;  // of added claims
};

}  // namespace claimledger::application
