#pragma once

#include <cstdio>
#include <cstdlib>

namespace claimledger {

// Checks an invariant that holds whatever the caller, the store or the clock did; aborts where it is broken. Always on:
// a broken invariant is a bug of ours, and stopping does less harm than writing on.
inline void ensure(bool condition, const char* why) {
  if (condition) return;
  std::fprintf(stderr, "claimledger: broken invariant: %s\n", why);
  std::abort();
}

}  // namespace claimledger
