#include "application/writer_queues.hpp"

#include <algorithm>

namespace claimledger::application {

// A call whose deadline has passed still gets a turn that is free: the store checks the call again before it writes.
std::optional<WriterQueues::Turn> WriterQueues::wait(const AgentId& agent, const Call& call, Write* write) {
  std::unique_lock lock(mutex_);
  const auto [place, free] = queues_.try_emplace(queue_of(agent));
  if (free) return Turn(*this, place);
  auto& waiting = place->second.waiting;
  Waiter me{.write = write};
  waiting.push_back(&me);
  const auto moved = [&] { return me.state != State::waiting; };
  while (me.state == State::waiting) {
    const bool in_time = call.deadline ? me.woken.wait_until(lock, call.stop, *call.deadline, moved)
                                       : me.woken.wait(lock, call.stop, moved);
    if (!in_time) {
      std::erase(waiting, &me);
      if (call.stop.stop_requested()) {
        throw StoreFailure(FailureKind::cancelled, "append",
                           "the caller asked to stop while another writer had its turn");
      }
      throw StoreFailure(FailureKind::timeout, "append",
                         "the deadline of the call passed while another writer had its turn");
    }
    me.woken.wait(lock, [&] { return me.state != State::taken; });
  }
  if (me.state == State::written) return std::nullopt;
  return Turn(*this, place);
}

bool WriterQueues::idle() const {
  const std::scoped_lock lock(mutex_);
  return queues_.empty();
}

std::size_t WriterQueues::waiting(const AgentId& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto queue = queues_.find(queue_of(agent));
  return queue == queues_.end() ? 0 : queue->second.waiting.size();
}

void WriterQueues::Turn::look_ahead(const std::function<bool(const Write&)>& visit) {
  const std::scoped_lock lock(queues_->mutex_);
  bool shows = true;
  for (auto* waiter : queue_->second.waiting) {
    shows = shows && waiter->write && visit(*waiter->write);
    waiter->seen = shows;
  }
}

Write* WriterQueues::Turn::take() {
  const std::scoped_lock lock(queues_->mutex_);
  auto& [waiting, taken] = queue_->second;
  if (waiting.empty() || !waiting.front()->seen) return nullptr;
  auto& waiter = *waiting.front();
  taken.emplace(waiter.write, &waiter);
  waiting.pop_front();
  waiter.state = State::taken;
  return waiter.write;
}

// Under the lock: each is gone as soon as it has it.
void WriterQueues::tell_done(Queue& queue, std::span<Write* const> writes) {
  for (const auto* write : writes) {
    auto& waiter = *queue.taken.extract(write).mapped();
    waiter.state = State::written;
    waiter.woken.notify_one();
  }
}

void WriterQueues::Turn::done(std::span<Write* const> writes) {
  const std::scoped_lock lock(queues_->mutex_);
  tell_done(queue_->second, writes);
}

void WriterQueues::Turn::put_back(std::span<Write* const> writes) {
  const std::scoped_lock lock(queues_->mutex_);
  auto& [waiting, taken] = queue_->second;
  auto place = waiting.begin();
  for (const auto* write : writes) {
    auto& waiter = *taken.extract(write).mapped();
    waiter.state = State::waiting;
    waiter.seen = false;
    waiting.insert(place, &waiter);
    waiter.woken.notify_one();  // its call may be over
  }
}

// The next one is told first: the others have only to return.
void WriterQueues::Turn::release(std::span<Write* const> done) {
  auto* queues = std::exchange(queues_, nullptr);
  if (!queues) return;
  const std::scoped_lock lock(queues->mutex_);
  auto& queue = queue_->second;
  const bool last = queue.waiting.empty();
  if (!last) {
    auto& next = *queue.waiting.front();
    queue.waiting.pop_front();
    next.state = State::granted;
    next.woken.notify_one();  // under the lock, as below
  }
  tell_done(queue, done);
  if (last) queues->queues_.erase(queue_);
}

}  // namespace claimledger::application
