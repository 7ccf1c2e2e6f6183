#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connection_string.hpp"
#include "notices.hpp"
#include "parameters.hpp"
#include "statements.hpp"

namespace claimledger::postgres {

// The rows of an answer, read one after the other; columns by place. Texts are good as long as this is.
// Failure: StoreFailure{corrupt} where a number is none.
class Rows {
 public:
  struct Answer;
  explicit Rows(std::shared_ptr<const Answer> answer) : answer_(std::move(answer)) {}

  bool next();
  std::size_t size() const;
  std::int64_t integer(int column) const;
  std::vector<std::int64_t> integers(int column) const;  // of an array
  bool flag(int column) const { return text(column) == "t"; }
  bool null(int column) const;
  std::string_view text(int column) const;
  Bytes bytes(int column) const;

 private:
  std::shared_ptr<const Answer> answer_;
  std::ptrdiff_t row_ = -1;
};

// Takes an array of numbers from the beginning of a text, as the database writes one. False: it begins with none, and
// what was taken is whatever.
bool take_array(std::string_view& text, std::vector<std::int64_t>& values);

// One connection, the only file that speaks to libpqxx (>= 6.4, < 7). Used by one thread at a time, but for cancel()
// and disconnect(). A connection that is lost stays lost: its session state would be lost with it.
class Session {
 public:
  // Connects; `notices` hears what the server says unasked, and may be absent. Failure: StoreFailure{unreachable}, or
  // {exhausted} without a file descriptor.
  Session(const ConnectionString& to, const char* operation, std::shared_ptr<Notices> notices = nullptr);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Sends one statement with its parameters and waits for the answer. Failure: StoreFailure, also with the connection
  // lost; usable() then says so.
  Rows run(const std::string& statement, const Parameters& parameters, const char* operation);
  // … under a name, so that the server parses it once. The first time that is a message of its own.
  Rows run_prepared(const std::string& name, const std::string& statement, const Parameters& parameters,
                    const char* operation);
  // Sends text that is not in queries.sql: migrations, and the begin and end of their transactions.
  void execute(const std::string& sql, const char* operation);

  // The number of messages sent, which tells whether one was sent before a failure.
  std::uint64_t sent() const { return sent_; }
  // Whether another statement may be sent.
  bool usable() const { return usable_; }
  void mark_unusable() { usable_ = false; }
  // Whether the connection was lost, which the others may have been too.
  bool lost() const { return lost_; }
  // Whether the server said anything unasked since the last call.
  bool warned();
  // The SQLSTATE of the last failure; empty if the connection was lost, or nothing failed.
  const std::string& sqlstate() const { return sqlstate_; }

  // Asks the server to cancel the running statement, from another thread, without waiting: a server that hangs would
  // not answer. The cancel may arrive late and hit a later statement, so the session must be dropped afterwards.
  void cancel() noexcept;
  // Ends another thread's wait for the server's answer.
  void disconnect() noexcept;

  int backend() const;  // the PID of the server's backend
  std::string host() const;
  // Waits for a notification until then. True: there was one. Failure: StoreFailure{unreachable}.
  bool await_notification(std::chrono::milliseconds timeout, const char* operation);
  void listen(const std::string& channel, const char* operation);

 private:
  struct Connection;
  template <class Send>
  Rows answer(const Parameters& parameters, const char* operation, Send send);
  template <class Work>
  auto guarded(const char* operation, Work work);

  std::shared_ptr<Connection> connection_;
  bool usable_ = true;
  bool lost_ = false;
  std::uint64_t sent_ = 0;
  std::set<std::string> prepared_;
  std::string sqlstate_;
};

}  // namespace claimledger::postgres
