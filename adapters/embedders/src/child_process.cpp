#include "child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <stop_token>
#include <utility>

#include "claimledger/adapter/call_check.hpp"
#include "quiet_pipe.hpp"

extern char** environ;

namespace claimledger::embedders {
namespace {

using std::chrono::milliseconds;

constexpr const char* operation = "embed";
// After the end of its standard input, and again after SIGTERM.
constexpr milliseconds patience{1'000};
constexpr std::size_t most_shown = 200;  // bytes of a command in a message

[[noreturn]] void cannot_start(const std::string& command, int error) {
  throw StoreFailure(FailureKind::unreachable, operation,
                     "the command '" + shortened(command, most_shown) + "' cannot be started: " + std::strerror(error));
}

// The two ends of a pipe, neither of them a standard one: the child's would be overwritten while they are put in place.
struct Pipe {
  Descriptor read, write;
};
Pipe make_pipe(const std::string& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) cannot_start(command, errno);
  const Descriptor read(ends[0]), write(ends[1]);
  Pipe moved{Descriptor(fcntl(ends[0], F_DUPFD_CLOEXEC, 3)), Descriptor(fcntl(ends[1], F_DUPFD_CLOEXEC, 3))};
  if (moved.read.number() < 0 || moved.write.number() < 0) cannot_start(command, errno);
  return moved;
}

// A command that hangs would outlive us. So in its process group somebody waits for the end of a pipe that only we hold
// open, which comes also where we are killed, and ends the group.
constexpr int guard_descriptor = 3;
constexpr const char* with_a_guard =
    "(trap '' TERM; read -r end; kill -TERM 0; sleep 1; kill -KILL 0) <&3 >/dev/null 2>&1 &\n"
    "exec sh -c \"$1\" 3<&-";

// Begins with no signal blocked or ignored, in a process group of its own.
pid_t spawn(const std::string& command, int in, int out, int guarded) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, guarded, guard_descriptor);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::string shell = "sh", option = "-c", script = with_a_guard, text = command;
  const std::array<char*, 6> arguments{shell.data(), option.data(), script.data(), shell.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) cannot_start(command, error);
  return pid;
}

// How long poll() may wait for the deadline; -1: for ever.
int wait_of(const Call& call) {
  if (!call.deadline) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*call.deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::string ending_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return "ended with status " + std::to_string(info.si_status);
  return "was ended by signal " + std::to_string(info.si_status);
}

}  // namespace

ChildProcess::ChildProcess(const std::string& command) : command_(command) {
  auto in = make_pipe(command), out = make_pipe(command), guarded = make_pipe(command);
  fcntl(in.write.number(), F_SETFL, O_NONBLOCK);
  fcntl(out.read.number(), F_SETFL, O_NONBLOCK);
  pid_ = spawn(command, in.read.number(), out.write.number(), guarded.read.number());
  in_ = std::move(in.write);
  out_ = std::move(out.read);
  guarded_ = std::move(guarded.write);
}

// What it started is known by its process group, whose number nobody else gets before it is reaped.
ChildProcess::~ChildProcess() {
  in_.close();
  if (!given_up_) await_silence(patience);
  ::kill(-pid_, SIGTERM);
  await_silence(patience);
  ::kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool ChildProcess::has_ended() {
  siginfo_t info{};
  const int error = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? 0 : errno;
  if (error == ECHILD) ending_ = "ended";  // the host has the system forget its children
  if (error == 0 && info.si_pid == pid_) ending_ = ending_of(info);
  return !ending_.empty();
}

template <class Done>
bool ChildProcess::await(Done done, milliseconds longest) {
  constexpr milliseconds nap{2};
  for (auto waited = milliseconds{0}; !done(); waited += nap) {
    if (waited >= longest) return false;
    poll(nullptr, 0, static_cast<int>(nap.count()));
  }
  return true;
}

void ChildProcess::await_silence(milliseconds longest) {
  bool silent = false;
  await(
      [&] {
        said_.clear();
        silent = silent || !hear();
        return silent && has_ended();
      },
      longest);
}

void ChildProcess::ended() {
  const auto how = await([this] { return has_ended(); }, patience) ? ending_ : "closed its standard output";
  throw StoreFailure(FailureKind::unreachable, operation,
                     "the command '" + shortened(command_, most_shown) + "' " + how + " before it answered");
}

void ChildProcess::incompatible(const std::string& what) const {
  throw StoreFailure(FailureKind::incompatible, operation,
                     "the command '" + shortened(command_, most_shown) + "' " + what);
}

bool ChildProcess::send(std::string_view& rest) {
  const auto sent = write_without_signal(in_.number(), rest);
  if (sent >= 0) rest.remove_prefix(static_cast<std::size_t>(sent));
  return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

bool ChildProcess::hear() {
  std::array<char, 65'536> bytes{};
  const auto size = read(out_.number(), bytes.data(), bytes.size());
  if (size > 0) said_.append(bytes.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

std::string ChildProcess::ask(std::string_view line, std::size_t most, const Call& call) {
  adapter::check(call, operation);
  if (!hear()) ended();
  if (!said_.empty()) incompatible("said something before it was asked");

  const StopSignal stop(call.stop);
  auto rest = line;
  auto end = said_.npos;
  for (std::size_t searched = 0; end == said_.npos; end = said_.find('\n', searched)) {
    searched = said_.size();
    if (searched > most) incompatible("said a line of more than " + std::to_string(most) + " bytes");
    std::array<pollfd, 3> waited{
        {{out_.number(), POLLIN, 0}, {stop.descriptor(), POLLIN, 0}, {rest.empty() ? -1 : in_.number(), POLLOUT, 0}}};
    poll(waited.data(), waited.size(), wait_of(call));
    adapter::check(call, operation);
    // One that takes no more may have answered all the same; if not, its output ends.
    if (waited[2].revents != 0 && !send(rest)) rest = {};
    if (waited[0].revents != 0 && !hear()) ended();
  }
  if (end > most) incompatible("said a line of more than " + std::to_string(most) + " bytes");
  if (end + 1 < said_.size()) incompatible("said more than one line");
  if (!rest.empty()) incompatible("answered before it had read the question");
  said_.pop_back();
  return std::exchange(said_, {});
}

}  // namespace claimledger::embedders
