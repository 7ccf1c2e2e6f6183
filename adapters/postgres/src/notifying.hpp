#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "claimledger/adapter/append_signal.hpp"
#include "database.hpp"

namespace claimledger::postgres {

// Logs why a background thread is failing, once per reason until it succeeds.
class OncePerReasonLog {
 public:
  OncePerReasonLog(const Database& database, const char* of) : database_(database), of_(of) {}
  void report(const std::exception& reason) noexcept;
  void reset() noexcept { last_.clear(); }

 private:
  const Database& database_;
  const char* of_;
  std::string last_;
};

// Notifies other processes of appends, a few milliseconds later, once for all of them in that time. They poll as well,
// so a lost notification only delays them and no failure reaches the appender. One thread, started by the first append.
// It borrows a connection of the pool while there is one that nobody uses, and makes its own where there is none.
class Notifier {
 public:
  explicit Notifier(const Database& database) : database_(database) {}
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void tell() noexcept;

 private:
  void run();
  void send();
  void send_on(Session& session);

  const Database& database_;
  OncePerReasonLog failures_{database_, "others are not told of appends"};
  std::unique_ptr<Session> own_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool told_ = false;
  bool over_ = false;
  std::thread thread_;
};

// Listens for notifications of other processes and passes them on to a signal. One thread with one connection, started
// by start().
class Listener {
 public:
  Listener(const Database& database, adapter::AppendSignal& heard) : database_(database), heard_(heard) {}
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start() noexcept;
  // Whether it is connected and listening; if not, callers have to poll.
  bool hears() const { return hears_; }

 private:
  void run();

  const Database& database_;
  adapter::AppendSignal& heard_;
  OncePerReasonLog failures_{database_, "appends of others are not heard of"};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Session> session_;
  std::atomic<bool> hears_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace claimledger::postgres
