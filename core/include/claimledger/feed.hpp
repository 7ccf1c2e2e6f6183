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

struct SubscribeRequest {
  std::optional<AgentId> agent = {};  // absent: the ledgers of all agents
  FeedPositions from = {};
};

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

}  // namespace claimledger
