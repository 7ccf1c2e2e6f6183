#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
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
  bool create = true;  // create a missing database; otherwise StoreFailure{unreachable}
  Migrate migrate = Migrate::apply;
  std::chrono::milliseconds busy_timeout{5'000};  // how long a writer waits for another process
  // Page cache of each connection. A database has one connection that writes and keeps eight that read. The databases
  // of a directory share it: each connection has cache_kib / max_open, but at least 1024.
  std::size_t cache_kib = 16 * 1024;
  // A background thread checkpoints a write-ahead log longer than this, and ends with that. The file "<database>-wal"
  // keeps at most a third more than this, 11 MiB.
  std::uint32_t checkpoint_pages = 2'000;
  std::size_t max_open = 64;  // of a directory: databases held open, the least recently used is closed
  std::shared_ptr<spdlog::logger> log = nullptr;  // absent: nothing is logged
};

// Opens a store. Several stores, also in one process, may have one path open: writers of one database take turns, and
// nobody waits for more than busy_timeout; readers never wait. A feed finds appends of other stores within 50 ms, a
// feed of all agents of a directory within a second. A lock file stands beside each database that is written
// ("agent.db-lock").
//
// A file, folder or mount that may not be written is opened to read: describe() says why, and writes are refused as
// unreachable. A database, or a log of it, that is removed, replaced or cut is unreachable for the stores that have it
// open, and stays so: open another. In a directory that is true of the one agent, also of one whose database was closed
// to make room for others, and agents() lists it with that problem, as it does files that cannot be read. There a
// database appears with the first batch of its agent; one without any is corrupt. Opened by its own path it takes no
// batch of another agent, and no new file is made beside it: both are refused.
//
// A database that was closed is whole without its log, and another may be put in its place. After a crash the log is
// part of it: a database beside the log of another, or of a later state of itself, is refused as incompatible.
// Erased content is gone from the files when append() returns. The exception is a log that somebody still reads after
// busy_timeout: it is overwritten when it is next emptied.
//
// Nothing else in the process may open a database file and close it, not even to read: the process would lose its locks
// on it (POSIX), and another program could delete the log in use. Nor does an open store survive a fork.
//
// Threads:  from any thread; the store as the port says.
// Failure:  StoreFailure, and the file is unchanged: incompatible (not a database, not a ledger, written by a newer
//           version), unreachable (no such file, no permission, a file with a second name, a log that cannot be
//           honoured where nothing may be written), corrupt (also an empty file), exhausted (no file descriptors), busy
//           (another process is making it or bringing it up to date), refused (to be made in a directory of ledgers).
std::unique_ptr<Store> open(Options options);

// Whether something is there that open() would not have to make: a store, or the log that is left of one. False only
// where the folder is there and the name is not in it.
//
// Threads:  from any thread.
// Failure:  StoreFailure{unreachable}: this cannot be told (no permission, a path that leads through a file, a link to
//           nothing, a folder that is not there).
bool is_there(const std::string& path);

// A database of a store, and why it cannot be read; empty: it can.
struct DatabaseFile {
  std::string path;
  std::string problem = {};
};
// The databases of a store that is there: one, or those in its directory by their agents, none left out. That of a
// single database is not looked into.
//
// Threads:  from any thread.
// Failure:  StoreFailure{unreachable}: the directory cannot be read.
std::vector<DatabaseFile> databases(const std::string& path);

// SQLite counts the memory that it uses, under a lock of the process, which is one instruction of fifteen that a claim
// costs. From here on it does not, in the whole process: sqlite3_memory_used() and SQLite's heap limits then say and do
// nothing. For the main of a program that asks for neither.
//
// Threads:  none but this one may use SQLite meanwhile.
// Failure:  none. False: SQLite is in use already, and goes on counting.
bool forgo_memory_statistics();

// Called with (pages done, pages in all).
using BackupProgress = std::function<void(std::uint64_t, std::uint64_t)>;
// Looks at a copy, by its path, while it is nobody's yet, and names its fault; empty: it has none.
using Check = std::function<std::string(const std::string& copy)>;

// Copies a database, which may be in use, into a new file, as it was when the copy began. Returns the fault that
// `check`, or behind it SQLite's own, finds in the copy, which is kept all the same: nobody may have a better one. The
// copy may be read by nobody who may not read the database; where the superuser makes it in a folder of whom that
// belongs to, it is theirs.
//
// Threads:  from any thread; calls `progress` and `check` from the caller's.
// Failure:  as open(); unreachable also when there is no ledger, or when something is at `to_path` or beside it under
//           the name of a log or journal; exhausted (no room). What `progress` or `check` throws is passed on. After a
//           failure `to_path` is as it was before.
struct BackingUp {
  Check check = {};  // absent: it is not looked at
  BackupProgress progress = {};
};
std::string backup(const std::string& from_path, const std::string& to_path, const BackingUp& how = {});

// Puts a copy of the database `from` in the place of the one at `to`, or where there is none. What was there is set
// aside under new names, with its log. The copy is made beside it, as "<to>.restoring-<number>". The turn to write is
// waited for, for five seconds. Who has the old database open is told at the next call that it was replaced.
//
// The copy gets the owner, group and mode of the database that was there; where none was, those of `like`, if that is
// named; else the owner and group of the folder and the mode of `from`, and its owner may write it. Files are given to
// others only by the superuser.
//
// Killed at any moment it leaves the old database with its log, or the new one alone, or, for the moment between, one
// that open() refuses and that is to be restored again: from any backup, which also takes away what was left of the
// copy, or from the name that the old database was given, which has it back as it was.
//
// Threads:  from any thread; calls `progress` and `check` from the caller's.
// Failure:  StoreFailure: as open() of `from`; refused (`from` is at `to`); busy; cancelled, timeout (by `call`, while
//           the turn is waited for); unreachable; exhausted. What `progress` or `check` throws is passed on. Nothing is
//           changed then. in_doubt: all is done, but a crash of the machine may yet undo it.
struct Restoring {
  Check check;  // where it, or SQLite's own behind it, names a fault, nothing is changed
  BackupProgress progress = {};
  std::string like = {};
  Call call = {};
};
struct Restored {
  std::string fault = {};                   // what `check` said; empty: the copy is in place
  std::vector<std::string> set_aside = {};  // what was there before
  std::string access = {};                  // what there is to know about owner and mode of the copy; empty: nothing
};
Restored restore(const std::string& from, const std::string& to, const Restoring& how);

// The name of an agent's database in a directory.
std::string database_name(const AgentId& agent);
// The file that tells a directory of ledgers, by its name.
inline constexpr std::string_view directory_mark = ".claimledger";
// Whether a directory has databases, and a store has written some of them as the ledgers of one agent each: then it has
// that file. False where that cannot be read. Failure: StoreFailure{unreachable}: it has the file, and may not be
// listed.
bool is_directory_of_ledgers(const std::string& path);
// Makes it one, for databases that were put there otherwise. Where nothing may be written it stays as it is.
void mark_directory(const std::string& path);
// Why the database at a path takes no batch of an agent: it is a ledger of another in such a directory. Empty: it may
// take one, or is not there.
//
// Failure: as open().
std::string refusal_of(const std::string& path, const AgentId& agent);
// What the superuser makes in somebody's folder goes to him, who is to use it too, where it can be given; and to the
// group of a folder that is shared by one.
void give_to_owner_of_folder(int file, const std::string& path);
// Makes a directory where none is, and gives it so. False: one is there. Failure: StoreFailure{unreachable}, of this
// operation.
bool make_directory(const std::string& path, const char* operation);
// Gives a directory that was made under another name its own, for good. False: something has it. Failure:
// StoreFailure{unreachable | exhausted}, of this operation.
bool put_directory_in_place(const std::string& made, const std::string& to, const char* operation);

// Migrations by name, as "0001_ledger": those applied before, and those missing or just applied, which one is again
// where a table of its own is gone that is derived from the ledger.
struct MigrationReport {
  std::vector<std::string> applied;
  std::vector<std::string> pending;
};
// Changes nothing.
//
// Threads:  from any thread.
// Failure:  as open(); unreachable also when there is no ledger.
MigrationReport pending_migrations(const std::string& path);
// Brings a database that is there up to date; a derived table that is gone is made anew, empty. Each migration lands
// whole or not at all; those before one that fails stay. Waits five seconds for its turn.
//
// Threads:  from any thread, also beside open stores: it is a writer like any.
// Failure:  as open(); unreachable also when there is no ledger; exhausted (no room); corrupt also where a derived
// table
//           is not all that is gone.
MigrationReport migrate(const std::string& path);

}  // namespace claimledger::sqlite
