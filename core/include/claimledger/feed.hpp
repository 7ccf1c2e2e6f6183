#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "claimledger/reads.hpp"

namespace claimledger {

// A committed batch, as a subscription delivers it.
struct FeedBatch {
  BatchHeader header;
  Position first;
  Position last;
  std::vector<AuditEntry> entries;
};

// The position of each ledger after which a subscription continues. An agent that is not listed starts at its
// beginning.
using FeedPositions = std::map<AgentId, Position>;

struct SubscribeRequest {
  std::optional<AgentId> agent = {};  // absent: the ledgers of all agents
  FeedPositions from = {};
};

// Committed batches of one agent or of all agents: in order within each agent, none twice, none left out; first those
// that exist, then new ones. The ledgers of several agents are read by turns, at most a few MiB at a time, and the
// batches of one turn are held. Threads: one at a time; must not outlive its engine.
class Subscription {
 public:
  Subscription(const Store& store, std::optional<AgentId> agent, FeedPositions from);

  // Waits for the next batch; nothing once the call's deadline has passed or its stop token was triggered.
  // Failure: StoreFailure, {corrupt} for a batch that is missing or cannot be read. The subscription stays usable and
  // keeps its place. A feed of all agents then continues with the others, and fails again when that one's turn comes. A
  // ledger that cannot be read at all is {corrupt} once for each problem that it has, with the agent's name; so is one
  // that ends before the place of the feed, or is not there any more.
  std::optional<FeedBatch> next(const Call& call = {});

  // Its place: a new subscription from here continues after the last batch that next() returned.
  const FeedPositions& positions() const { return positions_; }

 private:
  Position position(const AgentId& agent) const;
  bool look(const Call& call);
  std::string problem_of(const AgentHead& head) const;
  void add_vanished(std::vector<AgentHead>& page, const std::optional<AgentId>& after) const;
  void find_ahead(const Call& call);
  void read(const AgentId& agent, const Call& call);
  FeedBatch take();

  const Store* store_;
  std::optional<AgentId> agent_;
  FeedPositions positions_;
  std::deque<StoredBatch> waiting_;      // of one agent
  std::deque<AgentId> ahead_;            // agents with further batches, in the order of their turns
  std::optional<AgentId> after_;         // the last agent that was looked at in this round
  std::map<AgentId, std::string> told_;  // problems of ledgers that next() has failed with
  std::size_t batches_at_once_ = 1;
};

}  // namespace claimledger
