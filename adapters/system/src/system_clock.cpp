#include "claimledger/system/system_clock.hpp"

#include <chrono>

namespace claimledger::system {

Instant SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace claimledger::system
