#pragma once

#include "claimledger/domain/time.hpp"

namespace claimledger {

// The current time. It may stand still or step back: the ledger's own time increases all the same.
// Threads: now() from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

}  // namespace claimledger
