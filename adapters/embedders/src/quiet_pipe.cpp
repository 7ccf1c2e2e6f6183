#include "quiet_pipe.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace claimledger::embedders {

// SIGPIPE goes to the thread that wrote: it is held back there, and taken away if this write raised it.
ssize_t write_without_signal(int descriptor, std::string_view bytes) {
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  const bool pending_before = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &before);

  const auto written = write(descriptor, bytes.data(), bytes.size());
  const int error = errno;

  if (written < 0 && error == EPIPE && !pending_before) {
    constexpr timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

void StopSignal::Wake::operator()() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event, &one, sizeof(one));
}

StopSignal::StopSignal(std::stop_token stop)
    : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(std::move(stop), Wake{event_.number()}) {}

}  // namespace claimledger::embedders
