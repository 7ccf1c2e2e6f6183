#pragma once

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <stop_token>
#include <string_view>

#include "descriptor.hpp"

namespace claimledger::embedders {

// write(), where a reader that is gone is an error (EPIPE) and no signal, whatever the host does with SIGPIPE.
//
// Threads:  any.
ssize_t write_without_signal(int descriptor, std::string_view bytes);

// A descriptor that poll() finds readable once a stop is asked for.
class StopSignal {
 public:
  // Where there is no room for a descriptor, descriptor() is -1 and a stop is noticed with the next answer.
  explicit StopSignal(std::stop_token stop);

  int descriptor() const { return event_.number(); }

 private:
  struct Wake {
    int event;
    void operator()() const noexcept;
  };
  Descriptor event_;
  std::stop_callback<Wake> callback_;  // gone before the descriptor is
};

}  // namespace claimledger::embedders
