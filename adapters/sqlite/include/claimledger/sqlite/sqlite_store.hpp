#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace spdlog {
class logger;
}

namespace claimledger::sqlite {

enum class Migrate {
  apply,            // bring an older schema up to date
  require_current,  // refuse it: StoreFailure{incompatible}
};

struct Options {
  // A file: one database. A directory, or a path that ends in '/': one database for each agent in it, so that agents
  // write in parallel. ":memory:": a database of its own that is forgotten with the store.
  std::string path;
  bool create = true;  // what is not there; otherwise StoreFailure{unreachable}
  Migrate migrate = Migrate::apply;
  std::chrono::milliseconds busy_timeout{5'000};  // how long a writer waits for another process
  // Page cache of each connection: a database has one that writes and keeps eight that read. Those of a directory share
  // it: each has cache_kib / max_open, but 1024 at least.
  std::size_t cache_kib = 16 * 1024;
  // A write-ahead log longer than this is copied into the database, by a thread that lives as long as that takes. The
  // file "<database>-wal" keeps a third more than this at most, 11 MiB.
  std::uint32_t checkpoint_pages = 2'000;
  std::size_t max_open = 64;  // of a directory: databases held open, the least recently used is closed
  std::shared_ptr<spdlog::logger> log = nullptr;  // absent: nothing is logged
};

// Opens a store. Several stores, also in one process, may have one path open: writers of one database take turns, and
// nobody waits for more than busy_timeout; readers never wait. What another store appended a feed finds within 50 ms, a
// feed of all agents of a directory within a second. A lock file stands beside each database ("agent.db-lock").
//
// A database that was closed is whole without its log, and another may be put in its place. After a crash the log is
// part of it: a database beside the log of another, or of a later state of itself, is refused as incompatible.
// What a commit erases is gone from the files when append() returns, but for a log that somebody still reads after
// busy_timeout, which is overwritten when it is next emptied.
//
// Nothing else in the process may open a database file and close it, not even to read: the process would lose its locks
// on it (POSIX), and another program could delete the log in use. Nor does an open store survive a fork.
//
// Threads:  from any thread; the store as the port says.
// Failure:  StoreFailure; what cannot be opened is left as it was: incompatible (not a database, not a ledger, written
//           by a newer version), unreachable (no such file, no permission), corrupt, busy (another process is making
//           it or bringing it up to date).
std::unique_ptr<Store> open(Options options);

// SQLite counts the memory that it uses, under a lock of the process, which is one instruction of fifteen that a claim
// costs. From here on it does not, in the whole process: sqlite3_memory_used() and SQLite's heap limits then say and do
// nothing. For the main of a program that asks for neither.
//
// Threads:  none but this one may use SQLite meanwhile.
// Failure:  none. False: SQLite is in use already, and goes on counting.
bool forgo_memory_statistics();

// Copies a database, while it is in use, into a new file, as it was when the copy began. `progress` hears (pages done,
// pages in all).
//
// Threads:  from any thread; calls `progress` from the caller's.
// Failure:  as open(); unreachable also when there is no ledger, or when something is at `to_path` or beside it under
//           the name of a log or journal; exhausted (no room). What `progress` throws comes through. Nothing is left
//           at `to_path` but what was there before.
using BackupProgress = std::function<void(std::uint64_t, std::uint64_t)>;
void backup(const std::string& from_path, const std::string& to_path, const BackupProgress& progress = {});

// Which migrations a database file had, and which it lacks or has just been given, as "0001_ledger".
struct MigrationReport {
  std::vector<std::string> applied;
  std::vector<std::string> pending;
};
// Looks only.
//
// Threads:  from any thread.
// Failure:  as open(); unreachable also when there is no ledger.
MigrationReport pending_migrations(const std::string& path);
// Brings a database that is there up to date. Each migration lands whole or not at all; those before one that fails
// stay. Waits five seconds for its turn.
//
// Threads:  from any thread, also beside open stores: it is a writer like any.
// Failure:  as open(); unreachable also when there is no ledger; exhausted (no room).
MigrationReport migrate(const std::string& path);

}  // namespace claimledger::sqlite
