#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "claimledger/ports/store.hpp"
#include "descriptor.hpp"

namespace claimledger::embedders {

// A command of /bin/sh that is asked line by line.
//
// Threads:  one at a time.
// Failure:  StoreFailure, which names the command; the child is of no use then.
class ChildProcess {
 public:
  // Starts it. Failure: unreachable.
  explicit ChildProcess(const std::string& command);
  // Closes its standard input and waits; SIGTERM where that is not enough, and SIGKILL where that is not.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Sends a line, which brings its end along, and returns the next line that it says, without its end.
  //
  // Failure: unreachable (it ended), incompatible (a line before it was asked, two for one, or one longer than `most`
  // bytes), timeout, cancelled.
  std::string ask(std::string_view line, std::size_t most, const Call& call);

  // It is not to be waited for: ended by SIGTERM, not by the end of its standard input.
  void give_up() { given_up_ = true; }

 private:
  // Sends what it takes of the rest; false where it takes no more.
  bool send(std::string_view& rest);
  // Adds what it says to said_; false at the end.
  bool hear();
  [[noreturn]] void ended();
  [[noreturn]] void incompatible(const std::string& what) const;
  // It is left to be reaped.
  bool has_ended();
  // Until it has ended and nobody has its standard output open; no longer than this.
  void await_silence(std::chrono::milliseconds longest);
  template <class Done>
  static bool await(Done done, std::chrono::milliseconds longest);

  std::string command_;
  Descriptor in_;       // its standard input
  Descriptor out_;      // its standard output
  Descriptor guarded_;  // open as long as it may run
  pid_t pid_ = 0;
  std::string ending_;  // how it ended; empty: it has not
  bool given_up_ = false;
  std::string said_;  // and not returned yet
};

}  // namespace claimledger::embedders
