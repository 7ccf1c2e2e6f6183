#include "connection_pool.hpp"

#include "claimledger/adapter/call_check.hpp"

namespace claimledger::postgres {

ConnectionPool::Lease ConnectionPool::acquire(const Call& call, const char* operation) {
  return take(call, operation, false);
}

ConnectionPool::Lease ConnectionPool::acquire_new(const Call& call, const char* operation) {
  return take(call, operation, true);
}

std::optional<ConnectionPool::Lease> ConnectionPool::borrow() {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + patience;
  if (!freed_.wait_until(lock, until, [&] { return given_ < size_ && !idle_.empty(); })) return std::nullopt;
  ++given_;
  ++lent_;
  auto session = std::move(idle_.back());
  idle_.pop_back();
  return Lease(*this, std::move(session), true, true);
}

ConnectionPool::Count ConnectionPool::count() const {
  const std::scoped_lock lock(mutex_);
  return {size_, given_ + idle_.size(), idle_.size()};
}

void ConnectionPool::await_place(std::unique_lock<std::mutex>& lock, Time until, const Call& call,
                                 const char* operation) {
  if (given_ < size_) return;
  if (call.deadline) until = std::min(until, *call.deadline);
  const bool free = freed_.wait_until(lock, call.stop, until, [&] { return given_ < size_; });
  if (free) return;
  adapter::check(call, operation);
  throw StoreFailure(FailureKind::busy, operation,
                     "all " + std::to_string(size_) + " connections are in use; try again later, or enlarge pool_size");
}

ConnectionPool::Lease ConnectionPool::take(const Call& call, const char* operation, bool fresh) {
  adapter::check(call, operation);
  const auto until = std::chrono::steady_clock::now() + acquire_timeout_;
  std::vector<std::unique_ptr<Session>> closing;  // outside the lock
  {
    std::unique_lock lock(mutex_);
    await_place(lock, until, call, operation);
    if (!fresh && idle_.empty() && lent_ > 0) {
      const auto returned = std::min(until, std::chrono::steady_clock::now() + patience);
      freed_.wait_until(lock, returned, [&] { return given_ < size_ && (!idle_.empty() || lent_ == 0); });
      await_place(lock, until, call, operation);
    }
    ++given_;
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      if (!fresh) return {*this, std::move(session), true};
      closing.push_back(std::move(session));
    }
  }
  closing.clear();
  try {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    return {*this, connect_(call, left, operation), false};
  } catch (...) {
    release(nullptr, true);
    throw;
  }
}

void ConnectionPool::release(std::unique_ptr<Session> session, bool pooled, bool lent) {
  std::vector<std::unique_ptr<Session>> closing;
  {
    const std::scoped_lock lock(mutex_);
    if (pooled) --given_;
    if (lent) --lent_;
    const bool room = given_ + idle_.size() < size_;
    if (session && session->usable() && room) {
      idle_.push_back(std::move(session));
    } else if (session && session->lost()) {
      closing = std::move(idle_);
      idle_.clear();
    }
  }
  freed_.notify_all();  // one may wait for a place, another for a connection
}

}  // namespace claimledger::postgres
