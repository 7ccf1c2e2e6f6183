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

// Cancels statements whose deadline has passed or whose caller wants to stop: asks the server to cancel and, if that
// does not help, cuts the connection. One thread, started by the first call with a deadline or a stop token. (The
// server's statement_timeout needs another round trip for a single statement, and does not work behind a pooler.)
class Watcher {
 public:
  Watcher() = default;
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  enum class CancelCause { none, deadline, stop, limit };

  // Watches a session until finish() or destruction. `limit` 0: no limit but the call's own.
  // Failure: StoreFailure{exhausted} when no thread is to be had, before anything is sent.
  class Watch {
   public:
    Watch(Watcher& watcher, Session& session, const Call& call, std::chrono::milliseconds limit, const char* operation);
    ~Watch() { finish(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // Stops watching and returns the cause of a cancel. Unless it is `none`, drop the session: the cancel is on its way
    // and may hit its next statement. No cancel is sent afterwards.
    CancelCause finish() noexcept;
    // The cause of the cancel that was sent so far.
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
    CancelCause cause_at_until_ = CancelCause::none;  // the cause once `until_` has passed
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
