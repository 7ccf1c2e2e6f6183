#include "application/writer_queues.hpp"

namespace claimledger::application {

// A call whose deadline has passed still gets a turn that is free: the store checks the call again before it writes.
WriterQueues::Turn WriterQueues::acquire(const AgentId& agent, const Call& call) {
  std::unique_lock lock(mutex_);
  const auto place = queues_.try_emplace(agent).first;
  auto& queue = place->second;
  ++queue.writers;
  const auto free = [&] { return !queue.taken; };
  const bool mine = call.deadline ? queue.released.wait_until(lock, call.stop, *call.deadline, free)
                                  : queue.released.wait(lock, call.stop, free);
  if (!mine) {
    leave(place);
    if (call.stop.stop_requested()) {
      throw StoreFailure(FailureKind::cancelled, "append",
                         "the caller asked to stop while another writer had its turn");
    }
    throw StoreFailure(FailureKind::timeout, "append",
                       "the deadline of the call passed while another writer had its turn");
  }
  queue.taken = true;
  return {*this, place};
}

bool WriterQueues::idle() const {
  const std::scoped_lock lock(mutex_);
  return queues_.empty();
}

void WriterQueues::leave(Queues::iterator queue) {
  if (--queue->second.writers == 0) queues_.erase(queue);
}

void WriterQueues::Turn::release() {
  auto* queues = std::exchange(queues_, nullptr);
  if (!queues) return;
  const std::scoped_lock lock(queues->mutex_);
  queue_->second.taken = false;
  queue_->second.released.notify_one();  // under the lock: the woken writer may be the last and erase the queue
  queues->leave(queue_);
}

}  // namespace claimledger::application
