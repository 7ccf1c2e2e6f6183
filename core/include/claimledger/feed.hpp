#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "claimledger/reads.hpp"

namespace claimledger {

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
// then what comes. Threads: one at a time; must not outlive its engine.
class Subscription {
 public:
  Subscription(const Store& store, std::optional<AgentId> agent, FeedPositions from);

  // The next batch, waiting for it; nothing once the call's deadline has passed or its stop token was triggered.
  // Failure: StoreFailure, {corrupt} where a batch is missing; the subscription stays where it is and may be asked
  // again.
  std::optional<FeedBatch> next(const Call& call = {});

  // Where it stands: given to subscribe() again, it goes on behind the last batch that next() returned.
  const FeedPositions& positions() const { return positions_; }

 private:
  void look(const Call& call);
  void look(const AgentId& agent, const Call& call);
  FeedBatch take();

  const Store* store_;
  std::optional<AgentId> agent_;
  FeedPositions positions_;
  std::deque<StoredBatch> waiting_;
};

}  // namespace claimledger
