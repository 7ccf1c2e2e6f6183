#include "connecting.hpp"

#include <sys/poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <new>
#include <vector>

#include "errors.hpp"
#include "patterns.hpp"

namespace claimledger::postgres {

namespace {

using Clock = std::chrono::steady_clock;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

// libpq's rule: none, or at least two seconds.
Clock::duration timeout_of(const ConnectionString& to, const char* operation) {
  const auto text = to.value("connect_timeout");
  int seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (!text.empty() && (error != std::errc{} || rest != text.data() + text.size()))
    fail_to_connect(operation, "", "invalid connect_timeout: it is a number of seconds");
  return seconds <= 0 ? Clock::duration::max() : std::chrono::seconds{std::max(seconds, 2)};
}

bool await(int socket, PostgresPollingStatusType what, Clock::time_point until) {
  pollfd waiting{socket, static_cast<short>(what == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
  for (;;) {
    int wait = -1;
    if (until != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
    }
    const int ready = ::poll(&waiting, 1, wait);
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= until) return false;
    if (ready < 0 && errno != EINTR) return true;  // libpq finds out why
  }
}

struct Attempt {
  Handle connection;
  bool timed_out = false;  // at the address that it was at last …
  bool mute = false;       // … which had taken the connection
};

// One walk over the addresses.
Attempt attempt(const ConnectionString& to, Ear& ear, Clock::duration timeout) {
  Attempt made{Handle(PQconnectStart(to.text().c_str()))};
  auto* const connection = made.connection.get();
  if (!connection) throw std::bad_alloc();
  PQsetNoticeReceiver(connection, &Ear::receive, &ear);
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);  // with the SQLSTATE
  const auto address = [&] {
    const char* number = PQhostaddr(connection);
    return std::string(PQhost(connection)) + '\n' + (number ? number : "") + '\n' + PQport(connection);
  };
  std::string at;
  auto until = Clock::time_point::max();
  auto step = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING) {
    if (auto now_at = address(); now_at != at) {
      at = std::move(now_at);
      made.timed_out = made.mute = false;
      until = timeout == Clock::duration::max() ? Clock::time_point::max() : Clock::now() + timeout;
    }
    if (!await(PQsocket(connection), step, until)) {
      made.timed_out = true;
      made.mute = PQstatus(connection) != CONNECTION_STARTED;
      // libpq then goes on to the next address, unless this one is mute.
      shutdown(PQsocket(connection), SHUT_RDWR);
      until = Clock::time_point::max();
    }
    step = PQconnectPoll(connection);
  }
  return made;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// The addresses without the one that took the connection and then said nothing, where there are others. (libpq gives
// up there.)
bool leave_out(ConnectionString& to, PGconn* mute) {
  const std::string keys[] = {"host", "hostaddr", "port"};
  const auto hosts = split(to.value(to.has("host") ? "host" : "hostaddr")), ports = split(to.value("port"));
  if (hosts.size() < 2) return false;
  std::size_t at = 0;
  while (at < hosts.size() && !(hosts[at] == PQhost(mute) && (ports.size() == 1 || ports[at] == PQport(mute)))) ++at;
  if (at == hosts.size()) return false;
  for (const auto& key : keys) {
    auto parts = split(to.value(key));
    if (parts.size() != hosts.size()) continue;
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
    std::string list = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) list += ',' + parts[i];
    to = to.with_ours(key, list);
  }
  return true;
}

// Takes the SQLSTATE out of a verbose message, and where in the server's source it comes from. Gives the last one.
std::string take_state(std::string& message) {
  const auto& state = patterns().state;
  std::string last;
  for (std::sregex_iterator each(message.begin(), message.end(), state), end; each != end; ++each) {
    last = (*each)[2].str();
  }
  message = std::regex_replace(std::regex_replace(message, state, "$1"), patterns().place_in_source, "");
  return last;
}

}  // namespace

void Ear::receive(void* ear, const PGresult* said) noexcept {
  auto& self = *static_cast<Ear*>(ear);
  self.heard_ = true;
  if (!self.notices_) return;
  const auto part = [&](int which) -> std::string_view {
    const char* text = PQresultErrorField(said, which);
    return text ? text : "";
  };
  self.notices_->take(part(PG_DIAG_SEVERITY_NONLOCALIZED), part(PG_DIAG_MESSAGE_PRIMARY));
}

PGconn* connect(const ConnectionString& to, Ear& ear, const char* operation) {
  const auto timeout = timeout_of(to, operation);
  for (auto left = to;;) {
    auto made = attempt(left, ear, timeout);
    auto* const connection = made.connection.get();
    if (PQstatus(connection) == CONNECTION_OK) {
      PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
      return made.connection.release();
    }
    if (made.mute && leave_out(left, connection)) continue;
    std::string message = PQerrorMessage(connection);
    const auto state = take_state(message);
    if (made.timed_out) message += "timeout expired";
    fail_to_connect(operation, state, redacted(std::move(message)));
  }
}

}  // namespace claimledger::postgres
