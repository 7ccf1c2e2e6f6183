#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "claimledger/adapter/append_signal.hpp"
#include "database.hpp"

namespace claimledger::postgres {

// What keeps a thread in the background from its work, for the log: each reason once, until the work is done again.
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

// Tells other processes that something was appended, some milliseconds later and once for all that came meanwhile. What
// it fails to tell, they find by looking, so that no failure is the appender's. One thread with one connection, begun
// at the first append.
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

  const Database& database_;
  OncePerReasonLog failures_{database_, "others are not told of appends"};
  std::unique_ptr<Session> session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool told_ = false;
  bool over_ = false;
  std::thread thread_;
};

// Hears what other processes tell and passes it on to a signal. One thread with one connection, begun by start().
class Listener {
 public:
  Listener(const Database& database, adapter::AppendSignal& heard) : database_(database), heard_(heard) {}
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start() noexcept;
  // Whether it hears now: otherwise somebody has to look.
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
