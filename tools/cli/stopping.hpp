#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

#include "cli/commands.hpp"

namespace claimledger::cli {

// For a command that ends where it chooses to when it is interrupted: from here on SIGINT, SIGTERM, SIGHUP and a reader
// of standard output that has gone request a stop instead of ending the program. A signal that the program was started
// to ignore (nohup) stays ignored. The second signal ends the program at once. To be made before any other thread.
class Stopping {
 public:
  Stopping();
  ~Stopping();
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }
  // Readable from the moment of the request on, for poll().
  int descriptor() const { return requested_; }
  // What requested it; SIGPIPE for a reader that has gone, 0 while nothing did.
  int signal() const { return signal_; }

 private:
  void watch();

  std::stop_source source_;
  std::atomic<int> signal_ = 0;
  int signals_ = -1;
  int over_ = -1;
  int requested_ = -1;
  std::thread thread_;
};

// How a command ends that was stopped: `failure` says how far it came.
[[noreturn]] void end_stopped(const Stopping& stopping, wiring::Failure failure);

// Ends the program as this signal would have. Returns only where the signal cannot be raised.
void end_by(int signal);

// Waits half a second before another attempt; false when a stop is requested.
bool pause(const std::stop_token& stop);

// Of output that could not be written: whether nobody reads it any more. Then it is dropped, so that nothing tries
// again.
bool forget_closed_output();

}  // namespace claimledger::cli
