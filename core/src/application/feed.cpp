#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"

// The change feed: look what is there, else wait until there may be more. That an append is told of is the store's
// part; that nothing is left out or repeated is seen here, by the positions.
namespace claimledger {

namespace {

// Batches of one agent read at a time: enough to keep a round trip worth while, few enough that a feed of all agents
// does not hold one agent's whole ledger.
constexpr std::size_t batches_at_once = 16;

bool over(const StoreFailure& failure) {
  return failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled;
}

}  // namespace

Subscription::Subscription(const Store& store, std::optional<AgentId> agent, FeedPositions from)
    : store_(&store), agent_(std::move(agent)), positions_(std::move(from)) {
  if (agent_) rules::admit_agent(*agent_);
  for (const auto& [each, position] : positions_) rules::admit_agent(each);
}

std::optional<FeedBatch> Subscription::next(const Call& call) {
  try {
    while (waiting_.empty()) {
      // The mark is older than the look: what lands in between ends the waiting at once.
      const auto mark = store_->await_append(agent_, 0, call);
      look(call);
      if (waiting_.empty()) store_->await_append(agent_, mark, call);
    }
  } catch (const StoreFailure& failure) {
    if (over(failure)) return std::nullopt;
    throw;
  }
  return take();
}

void Subscription::look(const Call& call) {
  if (agent_) return look(*agent_, call);
  std::optional<AgentId> after;
  for (;;) {
    const auto page = store_->agents(after, limits::page, call);
    for (const auto& [agent, head] : page) {
      const auto stands = positions_.find(agent);
      if (stands == positions_.end() || stands->second < head) look(agent, call);
    }
    if (page.size() < limits::page) return;
    after = page.back().agent;
  }
}

void Subscription::look(const AgentId& agent, const Call& call) {
  const auto stands = positions_.find(agent);
  auto position = stands == positions_.end() ? Position{} : stands->second;
  for (auto& batch : store_->batches(agent, position, batches_at_once, call)) {
    if (batch.first.value != position.value + 1) {
      throw StoreFailure(FailureKind::corrupt, "feed",
                         "entry " + std::to_string(position.value + 1) + " of agent '" + agent.value +
                             "' is not the first of a batch: a batch is missing, or the feed began inside one");
    }
    position = batch.entries.back().seq;
    waiting_.push_back(std::move(batch));
  }
}

FeedBatch Subscription::take() {
  auto& batch = waiting_.front();
  FeedBatch taken{batch.header, batch.first, batch.entries.back().seq, {}};
  for (auto& stored : batch.entries) {
    auto read = application::read_entry(stored);
    taken.entries.push_back({std::move(read.record), stored.line, stored.hash});
  }
  positions_[taken.header.agent] = taken.last;
  waiting_.pop_front();
  return taken;
}

}  // namespace claimledger
