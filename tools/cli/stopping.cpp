#include "cli/stopping.hpp"

#include <sys/eventfd.h>
#include <sys/poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace claimledger::cli {

namespace {

bool ignored(int signal) {
  struct sigaction now {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

sigset_t handled_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!ignored(signal)) sigaddset(&wanted, signal);
  return wanted;
}

}  // namespace

// By descriptors instead of a handler: almost nothing may be called in a handler, a stop least of all.
Stopping::Stopping() {
  const auto wanted = handled_signals();
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &wanted, SFD_CLOEXEC);
  over_ = eventfd(0, EFD_CLOEXEC);
  requested_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || over_ < 0 || requested_ < 0)
    throw std::system_error(errno, std::generic_category(), "waiting for signals");
  thread_ = std::thread([this] { watch(); });
}

// The signals stay blocked: the program is about to end, with an answer.
Stopping::~Stopping() {
  const std::uint64_t one = 1;
  if (write(over_, &one, sizeof one) == sizeof one) thread_.join();
  close(signals_);
  close(over_);
  close(requested_);
}

void Stopping::watch() {
  // Of standard output only that its reader has gone, which is told unasked.
  pollfd watched[] = {{over_, POLLIN, 0}, {signals_, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  while (poll(watched, 3, -1) < 0 && errno == EINTR) {
  }
  if (watched[0].revents != 0) return;
  signalfd_siginfo told{};
  const bool by_signal = watched[1].revents != 0 && read(signals_, &told, sizeof told) == sizeof told;
  signal_ = by_signal ? static_cast<int>(told.ssi_signo) : SIGPIPE;
  source_.request_stop();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(requested_, &one, sizeof one);
  // Whoever asks twice does not want to wait: this thread takes the second signal, as it would have been taken.
  const auto handled = handled_signals();
  pthread_sigmask(SIG_UNBLOCK, &handled, nullptr);
  poll(watched, 1, -1);
}

void end_stopped(const Stopping& stopping, wiring::Failure failure) {
  const int signal = stopping.signal() != 0 ? stopping.signal() : SIGPIPE;  // the write may have seen it first
  failure.kind = "interrupted";
  failure.why =
      (signal == SIGPIPE ? "nobody reads the output any more" : "stopped by SIG" + std::string(sigabbrev_np(signal))) +
      (failure.why.empty() ? "" : "; " + failure.why);
  throw CommandFailure{ExitCode::store_failed, std::move(failure), signal};
}

void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
}

bool pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, std::chrono::milliseconds{500}, [] { return false; });
  return !stop.stop_requested();
}

bool forget_closed_output() {
  pollfd output{STDOUT_FILENO, 0, 0};
  if (poll(&output, 1, 0) <= 0 || (output.revents & (POLLERR | POLLHUP)) == 0) return false;
  // Closing the stream drops the rest of the buffer.
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
  return true;
}

}  // namespace claimledger::cli
