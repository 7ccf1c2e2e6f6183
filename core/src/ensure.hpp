#pragma once

#include <cstdio>
#include <cstdlib>

namespace claimledger {

// What must be true whatever the caller, the store or the clock did. Always on: a broken invariant is a bug of ours,
// and stopping is kinder than writing on.
inline void ensure(bool condition, const char* why) {
  if (condition) return;
  std::fprintf(stderr, "claimledger: broken invariant: %s\n", why);
  std::abort();
}

}  // namespace claimledger
