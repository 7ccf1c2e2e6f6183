#include "application/writer_queues.hpp"

#include <algorithm>

#include "application/waiting.hpp"

namespace claimledger::application {

namespace {

[[noreturn]] void over(const Call& call) { call_is_over(call, "while another writer had its turn"); }

template <class Waiter, class State>
void change(Waiter& waiter, State state) {
  const std::scoped_lock lock(waiter.mutex);
  waiter.state = state;
}

template <class Woken>
void wake(const Woken& woken) {
  for (const auto& waiter : woken) waiter->woken.notify_one();
}

}  // namespace

// A call whose deadline has passed still gets a turn that is free: the store checks the call again before it writes.
std::optional<WriterQueues::Turn> WriterQueues::wait(const AgentId& agent, const Call& call, Write* write) {
  Lock lock(mutex_);
  ++asked_;
  const auto place = queues_.try_emplace(queue_of(agent)).first;
  auto& queue = place->second;
  if (!std::exchange(queue.decides, true)) return Turn(*this, place);
  const auto me = std::make_shared<Waiter>(write);
  queue.waiting.push_back(me);
  queue.moved->notify_one();
  wait_in(queue, me, lock, call);
  if (me->state == State::written) return std::nullopt;
  lock.lock();
  return Turn(*this, place);
}

void WriterQueues::wait_in(Queue& queue, const std::shared_ptr<Waiter>& me, Lock& lock, const Call& call) {
  lock.unlock();
  const std::stop_callback on_stop(call.stop, [&] {
    { const std::scoped_lock mine(me->mutex); }
    me->woken.notify_one();
  });
  std::unique_lock mine(me->mutex);
  const auto ends_waiting = [&] { return me->state != State::waiting || call.stop.stop_requested(); };
  while (true) {
    me->woken.wait(mine, [&] { return me->state != State::taken; });
    if (me->state != State::waiting) return;
    call.deadline ? void(me->woken.wait_until(mine, *call.deadline, ends_waiting)) : me->woken.wait(mine, ends_waiting);
    if (me->state != State::waiting) continue;
    mine.unlock();
    lock.lock();
    if (me->state == State::waiting) {  // it stays so as long as the queue is locked
      std::erase(queue.waiting, me);
      over(call);
    }
    lock.unlock();
    mine.lock();
  }
}

bool WriterQueues::idle() const {
  const std::scoped_lock lock(mutex_);
  return queues_.empty();
}

std::size_t WriterQueues::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void WriterQueues::tell_done(Queue& queue, std::span<Write* const> writes, Woken& woken) {
  for (const auto* write : writes) {
    woken.splice(woken.end(), queue.taken, queue.taken_by_write.extract(write).mapped());
    change(*woken.back(), State::written);
  }
}

void WriterQueues::put_in_front(Queue& queue, std::span<Write* const> writes) {
  const auto place = queue.waiting.begin();
  for (const auto* write : writes) {
    const auto waiter = queue.taken_by_write.extract(write).mapped();
    change(**waiter, State::waiting);
    (*waiter)->seen = false;
    queue.waiting.splice(place, queue.taken, waiter);
    (*waiter)->woken.notify_one();  // its call may be over
  }
  queue.moved->notify_one();
}

void WriterQueues::let_decide_next(Queue& queue, Woken& woken) {
  queue.decides = !queue.waiting.empty();
  if (!queue.decides) return;
  woken.splice(woken.end(), queue.waiting, queue.waiting.begin());
  change(*woken.back(), State::granted);
}

// --- Who waits -------------------------------------------------------------------------------------------------------

bool WriterQueues::Turn::look_ahead(const std::function<bool(const Write&)>& visit) {
  const std::scoped_lock lock(queues_->mutex_);
  bool shows = true;
  for (const auto& waiter : queue_->second.waiting) {
    shows = shows && waiter->write && visit(*waiter->write);
    waiter->seen = shows;
  }
  return shows;
}

Write* WriterQueues::Turn::take() {
  const std::scoped_lock lock(queues_->mutex_);
  auto& queue = queue_->second;
  if (queue.waiting.empty() || !queue.waiting.front()->seen) return nullptr;
  auto& waiter = *queue.waiting.front();
  queue.taken_by_write.emplace(waiter.write, queue.waiting.begin());
  queue.taken.splice(queue.taken.end(), queue.waiting, queue.waiting.begin());
  change(waiter, State::taken);
  return waiter.write;
}

void WriterQueues::Turn::done(std::span<Write* const> writes) {
  Woken woken;
  {
    const std::scoped_lock lock(queues_->mutex_);
    tell_done(queue_->second, writes, woken);
  }
  wake(woken);
}

void WriterQueues::Turn::put_back(std::span<Write* const> writes) {
  if (writes.empty()) return;
  Woken woken;
  {
    const std::scoped_lock lock(queues_->mutex_);
    auto& queue = queue_->second;
    put_in_front(queue, writes);
    if (!queue.decides) let_decide_next(queue, woken);
  }
  wake(woken);
}

// --- To append -------------------------------------------------------------------------------------------------------

bool WriterQueues::Turn::may_append() {
  if (appends_) return true;
  const std::scoped_lock lock(queues_->mutex_);
  appends_ = !std::exchange(queue_->second.appends, true);
  return appends_;
}

void WriterQueues::Turn::wait_to_append(const Call& call, bool or_somebody_waits) {
  if (appends_) return;
  Lock lock(queues_->mutex_);
  auto& queue = queue_->second;
  const auto ready = [&] { return !queue.appends || (or_somebody_waits && !queue.waiting.empty()); };
  if (!wait_during(call, *queue.moved, lock, ready)) over(call);
  if (!queue.appends) appends_ = queue.appends = true;
}

void WriterQueues::Turn::pass_on(std::shared_ptr<Decided> decided) {
  Woken woken;
  {
    const std::scoped_lock lock(queues_->mutex_);
    queue_->second.decided = std::move(decided);
    decides_ = false;
    let_decide_next(queue_->second, woken);
  }
  wake(woken);
}

std::shared_ptr<Decided> WriterQueues::Turn::take_decided() {
  const std::scoped_lock lock(queues_->mutex_);
  return std::exchange(queue_->second.decided, nullptr);
}

void WriterQueues::Turn::end_append() {
  std::shared_ptr<Decided> unused;  // outlives the lock
  std::shared_ptr<std::condition_variable_any> moved;
  {
    const std::scoped_lock lock(queues_->mutex_);
    auto& queue = queue_->second;
    unused = std::exchange(queue.decided, nullptr);
    queue.appends = appends_ = false;
    moved = queue.moved;
  }
  moved->notify_one();
}

void WriterQueues::Turn::wait_to_decide(const Call& call, std::span<Write* const> put_back) {
  if (appends_) end_append();  // who decides may wait for it
  Lock lock(queues_->mutex_);
  auto& queue = queue_->second;
  put_in_front(queue, put_back);
  if (!std::exchange(queue.decides, true)) {
    decides_ = true;
    return;
  }
  const auto me = std::make_shared<Waiter>(nullptr);
  queue.waiting.push_front(me);
  queue.moved->notify_one();
  wait_in(queue, me, lock, call);
  decides_ = true;
}

// The next one is told first: the others have only to return.
void WriterQueues::Turn::release(std::span<Write* const> done) {
  if (!queues_) return;
  if (appends_) end_append();
  Woken woken;
  {
    auto* queues = std::exchange(queues_, nullptr);
    const std::scoped_lock lock(queues->mutex_);
    auto& queue = queue_->second;
    if (decides_) let_decide_next(queue, woken);
    tell_done(queue, done, woken);
    if (--queue.turns == 0 && !queue.decides) queues->queues_.erase(queue_);
  }
  wake(woken);
}

}  // namespace claimledger::application
