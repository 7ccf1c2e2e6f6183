#include "claimledger/adapter/call_check.hpp"

namespace claimledger::adapter {

void check(const Call& call, const char* operation) {
  if (call.stop.stop_requested()) throw StoreFailure(FailureKind::cancelled, operation, "the caller asked to stop");
  if (call.deadline && std::chrono::steady_clock::now() >= *call.deadline) {
    throw StoreFailure(FailureKind::timeout, operation, "the deadline of the call has passed");
  }
}

}  // namespace claimledger::adapter
