#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

#include "claimledger/ports/store.hpp"
#include "session.hpp"

namespace claimledger::postgres {

// Ends statements whose time is over or whose caller wants to stop: asks the server to cancel and, where that does not
// help, cuts the connection. One thread, begun with the first call that has an end. (What the server knows itself,
// statement_timeout, can't be set for a single statement without another round trip, nor behind a pooler.)
class Watcher {
 public:
  Watcher() = default;
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  enum class CancelCause { none, deadline, stop, limit };

  // Watches what a session does now, until it goes. `limit` 0: no limit but the call's own.
  // Failure: StoreFailure{exhausted} when no thread is to be had, before anything is sent.
  class Watch {
   public:
    Watch(Watcher& watcher, Session& session, const Call& call, std::chrono::milliseconds limit, const char* operation);
    ~Watch() { finish(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // Watches no longer, and says which end came. Unless it is `no`, the session is of no further use: a cancel is on
    // its way and may hit its next statement. After it, none comes.
    CancelCause finish() noexcept;
    // Which end has come by now.
    CancelCause cancelled_by() const;

   private:
    friend class Watcher;
    struct Notice {
      Watcher* watcher;
      void operator()() const { watcher->look(); }
    };
    Watcher& watcher_;
    Session& session_;
    const Call& call_;
    std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::time_point::max();
    CancelCause cause_at_until_ = CancelCause::none;  // what it means when `until_` has come
    CancelCause cause_ = CancelCause::none;
    bool watched_ = false;
    std::list<Watch*>::iterator place_;
    std::optional<std::stop_callback<Notice>> on_stop_;
  };

 private:
  void begin(const char* operation);
  void look();
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Watch*> watches_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::time_point::max();
  bool look_now_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace claimledger::postgres
