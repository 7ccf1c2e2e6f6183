#include "application/writer_queues.hpp"

namespace claimledger::application {

// A call whose deadline has passed still gets a turn that is free: the store checks the call again before it writes.
WriterQueues::Turn WriterQueues::acquire(const AgentId& agent, const Call& call) {
  std::unique_lock lock(mutex_);
  const auto [place, free] = queues_.try_emplace(agent);
  if (free) return {*this, place};
  auto& waiting = place->second.waiting;
  Waiter me;
  const auto mine_in_line = waiting.insert(waiting.end(), &me);
  const auto granted = [&] { return me.granted; };
  const bool mine = call.deadline ? me.woken.wait_until(lock, call.stop, *call.deadline, granted)
                                  : me.woken.wait(lock, call.stop, granted);
  if (!mine) {
    waiting.erase(mine_in_line);
    if (call.stop.stop_requested()) {
      throw StoreFailure(FailureKind::cancelled, "append",
                         "the caller asked to stop while another writer had its turn");
    }
    throw StoreFailure(FailureKind::timeout, "append",
                       "the deadline of the call passed while another writer had its turn");
  }
  return {*this, place};
}

bool WriterQueues::idle() const {
  const std::scoped_lock lock(mutex_);
  return queues_.empty();
}

std::size_t WriterQueues::waiting(const AgentId& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto queue = queues_.find(agent);
  return queue == queues_.end() ? 0 : queue->second.waiting.size();
}

void WriterQueues::Turn::release() {
  auto* queues = std::exchange(queues_, nullptr);
  if (!queues) return;
  const std::scoped_lock lock(queues->mutex_);
  auto& waiting = queue_->second.waiting;
  if (waiting.empty()) {
    queues->queues_.erase(queue_);
    return;
  }
  auto& next = *waiting.front();
  waiting.pop_front();
  next.granted = true;
  next.woken.notify_one();  // under the lock: the waiter is gone as soon as it has it
}

}  // namespace claimledger::application
