#pragma once

#include <algorithm>
#include <chrono>

namespace claimledger::sqlite {

// The time until the next poll: it doubles while nothing is found, up to the limit that the port sets.
// Threads: one at a time.
class PollInterval {
 public:
  static constexpr std::chrono::milliseconds least{50};
  static constexpr std::chrono::milliseconds most{1'000};

  std::chrono::milliseconds next() {
    const auto now = next_;
    next_ = std::min(2 * next_, most);
    return now;
  }
  // Something was found.
  void start_over() { next_ = least; }

 private:
  std::chrono::milliseconds next_ = least;
};

}  // namespace claimledger::sqlite
