#pragma once

#include "claimledger/ports/clock.hpp"

namespace claimledger::system {

// The operating system's clock: UTC, in microseconds. May step back when the machine's time is set.
// Threads: now() from any thread.
class SystemClock : public Clock {
 public:
  Instant now() const override;
};

}  // namespace claimledger::system
