#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "call_check.hpp"

namespace claimledger::common {

// Told of every append of this handle, heard by whoever waits in await_append(). Marks count up from 1.
// Threads: any method from any thread.
class AppendSignal {
 public:
  void tell() {
    {
      const std::scoped_lock lock(mutex_);
      ++mark_;
    }
    told_.notify_all();
  }

  // The mark of now: at once when it is not `seen`, else when told, or after `patience`.
  // Failure: StoreFailure{timeout | cancelled}.
  std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds patience, const Call& call) {
    check(call, "await_append");
    std::unique_lock lock(mutex_);
    if (seen != 0 && seen == mark_) {
      auto until = std::chrono::steady_clock::now() + patience;
      if (call.deadline) until = std::min(until, *call.deadline);
      told_.wait_until(lock, call.stop, until, [&] { return mark_ != seen; });
      check(call, "await_append");
    }
    return mark_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any told_;
  std::uint64_t mark_ = 1;
};

}  // namespace claimledger::common
