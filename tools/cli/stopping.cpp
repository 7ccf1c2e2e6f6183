#include "cli/stopping.hpp"

#include <sys/eventfd.h>
#include <sys/poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace claimledger::cli {

// By descriptors instead of a handler: almost nothing may be called in a handler, a stop least of all.
Stopping::Stopping() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &wanted, SFD_CLOEXEC);
  over_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || over_ < 0) throw std::system_error(errno, std::generic_category(), "waiting for signals");
  thread_ = std::thread([this] { watch(); });
}

// The signals stay blocked: the program is about to end, with an answer.
Stopping::~Stopping() {
  const std::uint64_t one = 1;
  if (write(over_, &one, sizeof one) == sizeof one) thread_.join();
  close(signals_);
  close(over_);
}

void Stopping::watch() {
  // Of standard output only that its reader has gone, which is told unasked.
  pollfd watched[] = {{over_, POLLIN, 0}, {signals_, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  while (poll(watched, 3, -1) < 0 && errno == EINTR) {
  }
  if (watched[0].revents == 0) source_.request_stop();
}

bool output_closed() {
  pollfd output{STDOUT_FILENO, 0, 0};
  return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

void forget_output() {
  // Closing the stream drops the rest of the buffer.
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
}

}  // namespace claimledger::cli
