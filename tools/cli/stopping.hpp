#pragma once

#include <stop_token>
#include <thread>

namespace claimledger::cli {

// For a command that goes on until it is interrupted: from here on SIGINT, SIGTERM and a reader of standard output that
// has gone request a stop instead of ending the program. To be made before any other thread.
class Stopping {
 public:
  Stopping();
  ~Stopping();
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void watch();

  std::stop_source source_;
  int signals_ = -1;
  int over_ = -1;
  std::thread thread_;
};

// Nobody reads standard output any more.
bool output_closed();
// Drops output that could not be written, so that nothing tries again.
void forget_output();

}  // namespace claimledger::cli
