#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

// Waits until `ready`, at most as long as the call lasts. False: the call is over first.
template <class Ready>
bool wait_during(const Call& call, std::condition_variable_any& moved, std::unique_lock<std::mutex>& lock,
                 Ready ready) {
  return call.deadline ? moved.wait_until(lock, call.stop, *call.deadline, ready) : moved.wait(lock, call.stop, ready);
}

// The failure of a call that was over while something had not come yet: `meanwhile` says what.
[[noreturn]] inline void call_is_over(const Call& call, const std::string& meanwhile) {
  const bool stopped = call.stop.stop_requested();
  throw StoreFailure(stopped ? FailureKind::cancelled : FailureKind::timeout, "append",
                     (stopped ? "the caller asked to stop" : "the deadline of the call passed") + (" " + meanwhile));
}

}  // namespace claimledger::application
