#pragma once

#include <algorithm>
#include <chrono>

namespace claimledger::sqlite {

// How long to wait before looking again for what nobody told of: twice as long each time, while nothing is found, up to
// what the port allows. Used by one thread at a time.
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
