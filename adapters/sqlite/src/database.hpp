#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "claimledger/ports/store.hpp"
#include "log_file.hpp"
#include "statements.hpp"

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace claimledger::sqlite {

// "CLGR", the application id in the header of our files.
inline constexpr std::int32_t application_id = 0x434C4752;

struct Closer {
  void operator()(sqlite3* connection) const;
};
struct Finalizer {
  void operator()(sqlite3_stmt* statement) const;
};

enum class Access {
  create,     // read and write, made if absent
  write,      // read and write
  read,       // read, with the log
  immutable,  // nobody has the file open: not even a log is made
};

// One connection and the statements prepared on it, each once. Used by one thread at a time.
// No connection ever checkpoints by itself; see checkpoints.hpp.
class Database {
 public:
  // Opens without looking inside. Failure: StoreFailure.
  Database(const std::string& path, Access access, std::chrono::milliseconds busy_timeout);

  // The settings of every connection of a ledger that is open for use. `cache_kib` as in Options.
  void configure(std::size_t cache_kib);
  // Switches to a write-ahead log that keeps its size. The first switch needs the database without other connections.
  void use_write_ahead_log();

  // The current call, whose deadline and stop token apply; null between calls.
  void set_call(const Call* call, const char* operation);
  const Call* call() const { return call_; }
  const char* operation() const { return operation_; }

  sqlite3_stmt* prepared(Query query);
  // Runs text that is not in queries.sql: pragmas and migrations.
  void execute(const std::string& sql);
  std::string pragma(const std::string& name);
  // Throws for a result code of failure.
  void check(int result_code);
  // Whether the last failure was a write that found no room and so left no whole commit in the log.
  bool ran_out_of_room() const;
  // Whether the last failure was a row that a guard, a check or a unique key refused.
  bool broke_a_constraint() const { return (failed_with_ & 0xFF) == constraint; }

  sqlite3* handle() const { return connection_.get(); }
  // Of a connection that has read.
  const LogIndex& log_index() {
    if (!log_index_) log_index_.emplace(handle());
    return *log_index_;
  }
  // Frames in the write-ahead log after the last commit of this connection.
  std::uint32_t log_frames() const { return log_frames_; }

  // Agents' numbers never change once committed.
  std::unordered_map<std::string, std::int64_t> agents;

 private:
  static constexpr int constraint = 19;  // SQLITE_CONSTRAINT

  static int wait(void* self, int tries);
  static int over(void* self);

  std::unique_ptr<sqlite3, Closer> connection_;
  std::array<std::unique_ptr<sqlite3_stmt, Finalizer>, query_count> statements_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point waiting_since_;
  const Call* call_ = nullptr;
  const char* operation_ = "open";
  std::optional<LogIndex> log_index_;
  std::uint32_t log_frames_ = 0;
  int failed_with_ = 0;  // the last result code of failure
};

// A connection to a ledger that writes it; gives it a log if it has none, for which the caller needs the writer's turn.
// Failure: StoreFailure.
std::unique_ptr<Database> open_to_write(const std::string& path, std::chrono::milliseconds busy_timeout,
                                        std::size_t cache_kib);

// The call that a connection works for, as long as this lives.
class CallScope {
 public:
  CallScope(Database& database, const Call& call, const char* operation) : database_(database) {
    database.set_call(&call, operation);
  }
  ~CallScope() { database_.set_call(nullptr, ""); }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  Database& database_;
};

// The bytes of a file, whatever it is, as they stand: no lock is taken, no log looked at. Through SQLite, as everything
// that opens a database has to be: a descriptor of our own, when closed, would take with it the locks that this process
// holds on the file. SQLite keeps what it closes open for as long as there are some.
class Bytes {
 public:
  explicit Bytes(const std::string& path);
  // Nothing when they cannot be read; no bytes when there are not as many.
  std::optional<std::string> read(std::int64_t at, std::size_t count) const;
  // Why the file cannot be opened, as errno has it; 0: it is open.
  int error() const { return error_; }

 private:
  std::unique_ptr<sqlite3, Closer> connection_;
  sqlite3_file* file_ = nullptr;  // none: it cannot be opened
  int error_ = 0;
};

// Bytes among the parameters of a run; text is a std::string_view.
struct Blob {
  std::string_view bytes;
};

// One execution of a prepared statement, with its parameters in order. Texts and blobs are bound without a copy and
// have to outlive it. Resets the statement on destruction.
class Run {
 public:
  template <class... Parameters>
  Run(Database& database, Query query, const Parameters&... parameters)
      : database_(database), statement_(database.prepared(query)) {
    int place = 0;
    (bind(++place, parameters), ...);
  }
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Whether there is another row.
  bool next();
  // For statements without rows.
  void once() {
    while (next()) {
    }
  }

  std::int64_t integer(int column) const;
  bool null(int column) const;
  // Good until the next row.
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  void bind(int place, std::int64_t value);
  void bind(int place, Position value);
  void bind(int place, TxTime value);
  void bind(int place, std::string_view text);
  void bind(int place, const std::string& text) { bind(place, std::string_view(text)); }
  void bind(int place, Blob blob);
  void bind(int place, const Uuid& id);
  void bind(int place, const Digest& digest);
  void bind(int place, std::nullopt_t);
  template <class Wrapped>
  void bind(int place, const std::optional<Wrapped>& value) {
    if (value) {
      bind(place, *value);
    } else {
      bind(place, std::nullopt);
    }
  }

  Database& database_;
  sqlite3_stmt* statement_;
};

// A transaction: rolled back unless committed.
class Transaction {
 public:
  Transaction(Database& database, Query begin) : database_(database) { Run(database_, begin).once(); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace claimledger::sqlite
