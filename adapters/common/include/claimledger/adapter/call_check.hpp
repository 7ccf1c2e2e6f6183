#pragma once

#include "claimledger/ports/store.hpp"

namespace claimledger::adapter {

// Throws StoreFailure{cancelled} or {timeout} when a call is over before it began, or while it waits.
// Threads: any.
void check(const Call& call, const char* operation);

}  // namespace claimledger::adapter
