#include "session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <pqxx/pqxx>
#include <thread>
#include <utility>

#include "connecting.hpp"
#include "errors.hpp"

namespace claimledger::postgres {

namespace {

// Takes over a connection that is made already, for libpqxx.
class Made : public pqxx::connectionpolicy {
 public:
  explicit Made(PGconn* connection) : connectionpolicy(""), connection_(connection) {}
  // Called a second time with what it gave the first time.
  handle do_startconnect(handle given) override { return given ? given : connection_; }
  handle do_disconnect(handle given) noexcept override {
    connection_ = nullptr;
    return connectionpolicy::do_disconnect(given);
  }
  // What was said last on it. libpqxx loses what a server says when it ends a session.
  std::string last_words() const { return connection_ ? PQerrorMessage(connection_) : ""; }

 private:
  PGconn* connection_;
};

class Link : public pqxx::connection_base {
 public:
  explicit Link(PGconn* made) : connection_base(policy_), policy_(made) {
    try {
      init();
    } catch (...) {
      close();
      throw;
    }
  }
  ~Link() { close(); }
  std::string last_words() const { return policy_.last_words(); }

 private:
  Made policy_;
};

class Receiver : public pqxx::notification_receiver {
 public:
  Receiver(pqxx::connection_base& connection, const std::string& channel)
      : notification_receiver(connection, channel) {}
  void operator()(const std::string&, int) override {}
};

int hex_digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace

struct Rows::Answer {
  pqxx::result rows;
  const char* operation;
};

bool Rows::next() { return ++row_ < static_cast<std::ptrdiff_t>(size()); }
std::size_t Rows::size() const { return answer_->rows.size(); }

namespace {
pqxx::field field(const pqxx::result& rows, std::ptrdiff_t row, int column) {
  return rows[static_cast<pqxx::result::size_type>(row)][static_cast<pqxx::row::size_type>(column)];
}
}  // namespace

bool Rows::null(int column) const { return field(answer_->rows, row_, column).is_null(); }

std::string_view Rows::text(int column) const {
  const auto value = field(answer_->rows, row_, column);
  return {value.c_str(), value.size()};
}

std::int64_t Rows::integer(int column) const {
  const auto digits = text(column);
  const auto* end = digits.data() + digits.size();
  std::int64_t value{};
  const auto [rest, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || rest != end) {
    corrupt(answer_->operation, "column " + std::to_string(column) + " of an answer holds no number");
  }
  return value;
}

bool take_array(std::string_view& text, std::vector<std::int64_t>& values) {
  if (text.starts_with("{}")) return text.remove_prefix(2), true;
  const auto* at = text.data();
  const auto* const end = at + text.size();
  const auto before = values.size();
  while (end - at > 1 && *at == (values.size() == before ? '{' : ',')) {
    const auto [rest, error] = std::from_chars(at + 1, end, values.emplace_back());
    at = error == std::errc{} ? rest : end;
  }
  if (at == end || *at != '}' || values.size() == before) return false;
  text.remove_prefix(static_cast<std::size_t>(at + 1 - text.data()));
  return true;
}

std::vector<std::int64_t> Rows::integers(int column) const {
  auto array = text(column);
  std::vector<std::int64_t> values;
  if (!take_array(array, values) || !array.empty()) {
    corrupt(answer_->operation, "column " + std::to_string(column) + " of an answer holds no array of numbers");
  }
  return values;
}

Bytes Rows::bytes(int column) const {
  const auto value = text(column);
  // The other spelling is that of bytea_output = escape, in which a backslash is two.
  if (!value.starts_with("\\x")) return pqxx::binarystring(field(answer_->rows, row_, column)).str();
  Bytes out(value.size() / 2 - 1, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(hex_digit(value[2 * i + 2]) << 4 | hex_digit(value[2 * i + 3]));
  }
  return out;
}

namespace {
// A descriptor of our own for the socket of a connection: libpq closes its own as soon as it finds the connection dead,
// and the number may then be anybody's.
class Socket {
 public:
  Socket(int of, const char* operation) : own_(fcntl(of, F_DUPFD_CLOEXEC, 0)) {
    if (own_ < 0) {
      throw StoreFailure(FailureKind::exhausted, operation,
                         std::string("no file descriptor for a connection: ") + std::strerror(errno));
    }
  }
  ~Socket() { close(own_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  void cut() const { shutdown(own_, SHUT_RDWR); }

 private:
  int own_;
};
}  // namespace

struct Session::Connection {
  Connection(const ConnectionString& to, std::shared_ptr<Notices> notices, const char* operation)
      : ear(std::move(notices)), connection(connect(to, ear, operation)), socket(connection.sock(), operation) {
// Deprecated because 7.x never reactivates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }
  Ear ear;
  Link connection;
  std::unique_ptr<Receiver> receiver;
  Socket socket;
};

// The SQLSTATE that the server reported; empty if it reported none. For some errors libpqxx 6.4 keeps only its own
// type.
std::string sqlstate_of(const pqxx::failure& error) {
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) return "42501";
  if (dynamic_cast<const pqxx::serialization_failure*>(&error)) return "40001";
  if (dynamic_cast<const pqxx::deadlock_detected*>(&error)) return "40P01";
  if (dynamic_cast<const pqxx::too_many_connections*>(&error)) return "53300";
  const auto* reported = dynamic_cast<const pqxx::sql_error*>(&error);
  return reported ? reported->sqlstate() : "";
}

// Runs `work`, and turns libpqxx's exceptions into ours.
template <class Work>
auto Session::guarded(const char* operation, Work work) {
  sqlstate_.clear();
  std::string message;
  try {
    return work();
  } catch (const pqxx::failure& error) {
    sqlstate_ = sqlstate_of(error);
    message = error.what();
  } catch (const StoreFailure&) {
    throw;
  } catch (const std::exception& error) {
    // Not the server's doing: an answer that does not parse, memory.
    mark_unusable();
    throw StoreFailure(FailureKind::refused, operation, redacted(error.what()));
  }
  if (sqlstate_.empty() && connection_ && !connection_->connection.is_open()) {
    if (auto words = connection_->connection.last_words(); !words.empty()) message = std::move(words);
  }
  if (ends_connection(sqlstate_) || !connection_ || !connection_->connection.is_open()) {
    lost_ = true;
    mark_unusable();
  }
  fail(sqlstate_, operation, redacted(std::move(message)));
}

Session::Session(const ConnectionString& to, const char* operation, std::shared_ptr<Notices> notices) {
  guarded(operation, [&] { connection_ = std::make_shared<Connection>(to, std::move(notices), operation); });
}

Session::~Session() = default;

template <class Send>
Rows Session::answer(const Parameters& parameters, const char* operation, Send send) {
  return guarded(operation, [&] {
    std::vector<pqxx::binarystring> values;
    check_fits(parameters.bytes(), operation);
    values.reserve(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) values.emplace_back(parameters[i].data(), parameters[i].size());
    // "Without a transaction": each statement is one of its own, unless one was begun by execute().
    pqxx::nontransaction alone(connection_->connection);
    return Rows(std::make_shared<Rows::Answer>(
        Rows::Answer{send(alone, pqxx::prepare::make_dynamic_params(values)), operation}));
  });
}

Rows Session::run(const std::string& statement, const Parameters& parameters, const char* operation) {
  return answer(parameters, operation, [&](auto& alone, const auto& values) {
    ++sent_;
    return alone.exec_params(statement, values);
  });
}

Rows Session::run_prepared(const std::string& name, const std::string& statement, const Parameters& parameters,
                           const char* operation) {
  return answer(parameters, operation, [&](auto& alone, const auto& values) {
    if (!prepared_.contains(name)) {
      ++sent_;
      connection_->connection.prepare(name, statement);
      connection_->connection.prepare_now(name);
      prepared_.insert(name);
    }
    ++sent_;
    return alone.exec_prepared(name, values);
  });
}

void Session::execute(const std::string& sql, const char* operation) {
  guarded(operation, [&] {
    ++sent_;
    pqxx::nontransaction(connection_->connection).exec(sql);
  });
}

bool Session::warned() { return connection_->ear.take(); }

void Session::cancel() noexcept {
  try {
    // libpq knows no limit for this. The thread keeps what it needs and outlives the session where it has to.
    std::thread([connection = connection_] {
      try {
        connection->connection.cancel_query();
      } catch (const std::exception&) {
        // Nobody there to ask; the statement ends with its connection.
      }
    }).detach();
  } catch (const std::exception&) {
    // No thread to be had: likewise.
  }
}

void Session::disconnect() noexcept { connection_->socket.cut(); }

int Session::backend() const { return connection_->connection.backendpid(); }

std::string Session::host() const {
  const char* name = connection_->connection.hostname();
  return name ? name : "";
}

void Session::listen(const std::string& channel, const char* operation) {
  guarded(operation, [&] { connection_->receiver = std::make_unique<Receiver>(connection_->connection, channel); });
}

bool Session::await_notification(std::chrono::milliseconds timeout, const char* operation) {
  return guarded(operation, [&] {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
    const std::chrono::microseconds rest = timeout - seconds;
    return connection_->connection.await_notification(static_cast<long>(seconds.count()),
                                                      static_cast<long>(rest.count())) > 0;
  });
}

}  // namespace claimledger::postgres
