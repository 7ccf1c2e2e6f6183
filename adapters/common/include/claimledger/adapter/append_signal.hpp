#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "claimledger/ports/store.hpp"

namespace claimledger::adapter {

// Wakes await_append() after each append on this handle. Marks count up from 1.
// Threads: any method from any thread.
class AppendSignal {
 public:
  void tell();

  // Returns the current mark: at once if it is not `seen`, else after the next tell() or after `timeout`.
  // Failure: StoreFailure{timeout | cancelled}.
  std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds timeout, const Call& call);

 private:
  std::mutex mutex_;
  std::condition_variable_any told_;
  std::uint64_t mark_ = 1;
};

}  // namespace claimledger::adapter
