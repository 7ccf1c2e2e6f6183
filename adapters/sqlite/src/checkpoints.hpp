#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"
#include "file_identity.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

// The mark of a database; see log_file.hpp. Setting it writes the first page, and with it a frame of the log, also
// where it stays the same. Failure: StoreFailure.
void repeat_mark(Database& database);
void set_mark(Database& database);

// Keeps the log of one database short, on no caller's path.
//
// SQLite before 3.51.3 can damage a log when one connection begins to copy it into the database at the moment when
// another starts it over (sqlite.org/wal.html, "The WAL-reset bug"). A log starts over once it is copied as a whole and
// nobody reads it. So no connection checkpoints by itself, not even when it is closed, and a log is copied as a whole
// only with the writer's turn. It is then emptied in the same turn.
//
// Most of a long log is copied by a thread without the turn, beside writers: see copy_beside_writers(). Then the thread
// takes the turn and copies what is left. The thread lives as long as this takes; its connections stay open. Everything
// else is called with the writer's turn held.
class Checkpoints {
 public:
  Checkpoints(const Options& options, WriterLock& lock, const OpenFiles& files);
  ~Checkpoints() { stop(); }
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  // In a transaction. Failure: StoreFailure{unreachable}: the log was cut or overwritten in place, or the database, as
  // far as this can be seen.
  void require_own_files(Database& writer) const;
  // After a commit that failed. Failure: StoreFailure of this kind: the index of the log is not sound.
  void require_sound_index(Database& writer, FailureKind kind) const;
  // In a transaction that will be committed: if it begins a log, the first page becomes a part of it. Failure: as
  // require_own_files().
  void begin(Database& writer);
  // After a commit: starts the thread when the log has become long.
  void committed(Database& writer);

  // Copies the log into the database and empties it. Waits at most `timeout` for readers of the log and for the thread.
  // False: the log is not empty, since they were not done or the disk failed. Nor is it touched where the files are not
  // those that were opened.
  bool empty(Database& database, std::chrono::milliseconds timeout);
  // After an erasure: erased content is still in the log, so the next time it is emptied all of it is overwritten.
  void overwrite_next() { overwrite_ = true; }

  bool overwrites_next() const { return overwrite_; }
  // Waits until the thread has ended, which is soon: it gives up work that would have to wait. Needs no turn. Returns
  // at once in a child of a fork, which has no thread.
  void stop();

 private:
  enum class Work { lengthen, copy };

  void require_whole_log(Database& writer) const;
  // The mark that the database has, in its file and for who reads it.
  std::string mark_of_both(Database& writer) const;
  // Whether the files are those that were opened, and the log is whole and builds on the database.
  bool may_copy(Database& database) const;
  void start(Work work, Database& writer);
  void run(Work work, const std::stop_token& stop) noexcept;
  void lengthen(const Call& call);
  void copy(const Call& call);
  bool copy_beside_writers(const Call& call);
  void connect();
  std::int64_t kept_size() const;

  const Options& options_;
  WriterLock& lock_;
  const OpenFiles& files_;
  std::atomic<std::uint32_t> frames_ = 0;  // in the log after the last commit
  std::uint32_t copy_at_;                  // frames
  std::uint32_t lengthen_at_;              // frames; the thread's while it runs, as copy_at_
  std::atomic<bool> overwrite_ = false;
  std::atomic<bool> running_ = false;
  std::unique_ptr<Database> copier_;  // these two are the thread's; opened when they are first needed
  std::unique_ptr<Database> reader_;
  std::jthread thread_;
  int process_ = 0;
};

}  // namespace claimledger::sqlite
