#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "claimledger/sqlite/sqlite_store.hpp"

// Which file a path names. A database has one name: its log, its lock and the index of its log are found by it.
namespace claimledger::sqlite {

// The file that a path leads to through links. The log and the lock lie beside that file, as SQLite has it, so that
// every name of a database shares them. Failure: StoreFailure{unreachable} for a circle of links, and for one that
// leads to nothing.
std::string behind_links(const std::string& path);

// Refuses a file with a second name, or one that is a mount by itself: who comes by another name has a log and a lock
// of his own, and each destroys what the other wrote. Failure: StoreFailure{unreachable}.
void require_one_name(const std::string& path);

// Refuses a log, index or journal that is no file by its own name: SQLite follows no link there. Failure:
// StoreFailure{unreachable}.
void require_side_files(const std::string& path);

// Whether a journal lies beside a database, whose path is behind links: of somebody at work, or what a crash left.
bool has_journal(const std::string& path);

// How many bytes a database says that it has; without end if it does not say so.
std::int64_t size_in_header(const std::string& path);

// What lies beside a file under its name, a word and a number: "agent.db.set-aside-2", also where only a side file of
// that does. By their numbers. Failure: StoreFailure{unreachable}: the folder may not be listed.
std::map<std::uint64_t, std::string> numbered(const std::string& path, std::string_view word);

// The words of restore.cpp: what it has set aside, and what it is making.
inline constexpr std::string_view aside_word = ".set-aside-";
inline constexpr std::string_view restoring_word = ".restoring-";

// The name that a restore has given to the database at a path, too, before it broke off; empty: none did.
std::string half_set_aside(const std::string& path);

// Whether something has this name, be it a link to nothing, or this cannot be told.
bool has_name(const std::string& path);

// The folder that a path lies in.
std::string folder_of(const std::string& path);

// By its mode: it is the group's to write, and so is what is made in it.
bool is_shared_by_group(mode_t folder);
// What a group needs of a file or folder of this mode to write it.
mode_t group_of(mode_t mode);

// Gives a file another name where nothing has it: never takes the place of what is there, wherever the system can
// promise that. 0, or what errno says.
int rename_to_free_name(const std::string& from, const std::string& to);

// A database that is made under another name, and put in its place as a whole: a crash leaves nothing there, and an
// empty file means that a ledger was lost.
class Unfinished {
 public:
  static std::string path_for(const std::string& to) { return to + "-unfinished"; }
  // What a crash left of an earlier one. For whoever knows that nobody else is at work on it.
  static void remove_left(const std::string& to);

  // Whom it belongs to where the superuser makes it.
  enum class Owner { maker, of_folder };
  // Makes an empty file with the rights that a new file gets there, and no more than `most`. Failure:
  // StoreFailure{unreachable}, also where something is there.
  Unfinished(std::string to, const char* operation, Owner owner, mode_t most = 0666);
  // Removes what was not put in place.
  ~Unfinished();
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  const std::string& path() const { return path_; }
  // For good, without a log. False: something has the name. Failure: StoreFailure{unreachable | exhausted}.
  bool put_in_place();

 private:
  std::string to_;
  std::string path_;
  const char* operation_;
  bool finished_ = false;
};
// What was named in the folder of this path is so after a crash, too. Failure: StoreFailure{exhausted}.
void flush_folder_of(const std::string& path, const char* operation);

// Why this process may not write a database or the files beside it; empty: it may. The path is behind links.
std::string why_not_writable(const std::string& path);
// What is said of a side file that this process may not use: whose it is, and what to do.
std::string whose(const std::string& side_file);

// Gives the log of a database and its index the group of the database where this process has made them: SQLite gives
// them its mode, and that is of no use to another group.
void share_side_files(const std::string& path);

// The file that a path names at the moment, links followed.
struct FileAt {
  dev_t device = 0;
  ino_t number = 0;
  std::int64_t size = 0;
  bool is(const FileAt& noted) const { return device == noted.device && number == noted.number; }
};
// Nothing where none is, or this cannot be told.
std::optional<FileAt> file_at(const std::string& path);

// What is said of a database that is not what was opened.
std::string replaced_while_open(const std::string& path);
// And of one whose log cannot be read by its index.
std::string overwritten_index(const std::string& path);

class LogIndex;

// The files of a database that is open, and whether its path still names them, uncut: who goes on with a file that was
// removed or replaced writes where nobody reads. Once they are not the same, they stay so: what was written before may
// be gone. Threads: any method from any thread.
class OpenFiles {
 public:
  explicit OpenFiles(const std::string& path) : path_(path), log_path_(path + "-wal"), index_path_(path + "-shm") {}
  // Notes the database. `no_log`: it is read without one, so that none may come up.
  void note_database(bool no_log);
  // Notes the log and its index, which are there once a connection has read. Only the first call counts.
  void note_log();

  bool log_noted() const { return log_noted_; }

  // `least_log`: what the log has at least after a commit, in bytes.
  bool same(std::int64_t least_log = 0) const;
  // Failure: StoreFailure of this kind.
  void require_same(const char* operation, FailureKind kind = FailureKind::unreachable,
                    std::int64_t least_log = 0) const;
  // Somebody found that they are not.
  void give_up() const { gone_ = true; }
  [[noreturn]] void fail(const char* operation, FailureKind kind = FailureKind::unreachable) const;
  // Of the log of a connection. Failure: StoreFailure of this kind: it is not sound.
  void require_sound(const LogIndex& index, const char* operation, FailureKind kind = FailureKind::unreachable) const;
  // The index of the log is not what SQLite made, and stays so while anybody has the database open.
  void give_up_index() const {
    bad_index_ = true;
    give_up();
  }

 private:
  bool same_log(std::int64_t least_log) const;
  bool same_database() const;

  std::string path_, log_path_, index_path_;
  std::optional<FileAt> database_;
  mutable std::atomic<std::int64_t> database_size_ = 0;  // the largest that was seen
  std::mutex mutex_;
  std::optional<FileAt> log_;  // these two are set before log_noted_ is
  std::optional<FileAt> index_;
  std::atomic<bool> log_noted_ = false;
  bool no_log_ = false;
  mutable std::atomic<bool> gone_ = false;
  mutable std::atomic<bool> bad_index_ = false;
};

}  // namespace claimledger::sqlite
