#include "claimledger/adapter/append_signal.hpp"

#include <algorithm>

#include "claimledger/adapter/call_check.hpp"

namespace claimledger::adapter {

void AppendSignal::tell() {
  {
    const std::scoped_lock lock(mutex_);
    ++mark_;
  }
  told_.notify_all();
}

std::uint64_t AppendSignal::wait(std::uint64_t seen, std::chrono::milliseconds timeout, const Call& call) {
  check(call, "await_append");
  std::unique_lock lock(mutex_);
  if (seen != 0 && seen == mark_) {
    auto until = std::chrono::steady_clock::now() + timeout;
    if (call.deadline) until = std::min(until, *call.deadline);
    told_.wait_until(lock, call.stop, until, [&] { return mark_ != seen; });
    check(call, "await_append");
  }
  return mark_;
}

}  // namespace claimledger::adapter
