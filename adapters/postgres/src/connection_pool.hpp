#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "claimledger/ports/store.hpp"
#include "session.hpp"

namespace claimledger::postgres {

// A bounded number of connections, made when needed, each leased to one caller at a time. The last one released is
// leased first, so that few stay warm. A broken one is dropped together with all idle ones: a restart or a failover
// breaks them all. Connections are not pinged: a caller that finds its own dead gets a new one.
// Threads: any method from any thread.
class ConnectionPool {
 public:
  // `timeout`: the rest of acquire_timeout; zero or less if a place came free at the last moment.
  using Connect = std::function<std::unique_ptr<Session>(const Call& call, std::chrono::milliseconds timeout,
                                                         const char* operation)>;
  ConnectionPool(Connect connect, std::size_t size, std::chrono::milliseconds acquire_timeout)
      : connect_(std::move(connect)), size_(std::max<std::size_t>(size, 1)), acquire_timeout_(acquire_timeout) {}

  // A connection for as long as this lives.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Session> session, bool reused, bool lent = false)
        : pool_(&pool), session_(std::move(session)), reused_(reused), lent_(lent) {}
    ~Lease() {
      if (session_) pool_->release(std::move(session_), pooled_, lent_);
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }
    // Whether it was used before, and so may have died unnoticed.
    bool reused() const { return reused_; }
    // Releases its place in the pool and keeps the connection, which is closed at the end unless a place is free then.
    void leave_pool() {
      if (std::exchange(pooled_, false)) pool_->release(nullptr, true);
    }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Session> session_;
    bool reused_;
    bool lent_;
    bool pooled_ = true;
  };

  // Failure: StoreFailure{busy} when no place is free within acquire_timeout, {timeout}, {cancelled}, or what
  // connecting throws.
  Lease acquire(const Call& call, const char* operation);
  // The same, always a new connection.
  Lease acquire_new(const Call& call, const char* operation);
  // A connection that nobody uses, as soon as there is one within `patience`; makes none. It is for a moment: who asks
  // for a connection meanwhile and finds no other waits as long for this one before another is made.
  static constexpr std::chrono::milliseconds patience{500};
  std::optional<Lease> borrow();
  // Takes over a connection that was made outside.
  void adopt(std::unique_ptr<Session> session) { release(std::move(session), false); }

  struct Count {
    std::size_t size;
    std::size_t open;
    std::size_t idle;
  };
  Count count() const;

 private:
  Lease take(const Call& call, const char* operation, bool fresh);
  using Time = std::chrono::steady_clock::time_point;
  void await_place(std::unique_lock<std::mutex>& lock, Time until, const Call& call, const char* operation);
  void release(std::unique_ptr<Session> session, bool pooled, bool lent = false);

  Connect connect_;
  std::size_t size_;
  std::chrono::milliseconds acquire_timeout_;
  mutable std::mutex mutex_;
  std::condition_variable_any freed_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t given_ = 0;
  std::size_t lent_ = 0;  // of those given
};

}  // namespace claimledger::postgres
