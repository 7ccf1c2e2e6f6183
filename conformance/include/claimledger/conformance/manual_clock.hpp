#pragma once

#include <atomic>
#include <chrono>

#include "claimledger/ports/clock.hpp"

namespace claimledger::conformance {

// A clock that moves only when told, in either direction. Threads: any method from any thread.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Instant start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}) : now_(ticks(start)) {}

  Instant now() const override { return Instant{std::chrono::microseconds{now_.load()}}; }
  void set(Instant now) { now_.store(ticks(now)); }
  void advance(std::chrono::microseconds by) { now_.fetch_add(by.count()); }

 private:
  static std::chrono::microseconds::rep ticks(Instant instant) { return instant.time_since_epoch().count(); }

  std::atomic<std::chrono::microseconds::rep> now_;
};

}  // namespace claimledger::conformance
