#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::sqlite {

// The lock of the one writer of a database: a flag among the threads of this handle, and a lock file beside the
// database among handles and processes. Its holder may write and checkpoint. Threads of one handle get it in the order
// in which they asked.
class WriterLock {
 public:
  // Without a path (a database in memory) only the flag counts. The lock file is made at the first turn, and anew if
  // somebody removed it; where no database has come to be when that turn ends, it is removed. Who may write the
  // database may open it, and nobody else: a lock that somebody holds stops all writers.
  explicit WriterLock(const std::string& database_path);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  // From now on no lock file is made where there is no database: it was removed while it was open.
  void require_database() { database_is_there_ = true; }

  class Turn {
   public:
    explicit Turn(WriterLock* lock) : lock_(lock) {}
    ~Turn() {
      if (lock_) lock_->release();
    }
    Turn(Turn&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    explicit operator bool() const { return lock_ != nullptr; }

   private:
    WriterLock* lock_;
  };

  // Waits for at most `timeout`. Failure: StoreFailure{busy | timeout | cancelled | unreachable}.
  Turn acquire(const Call& call, const char* operation, std::chrono::milliseconds timeout);
  // Does not wait: the turn is empty if another writer has it.
  Turn try_acquire();

 private:
  int open_file(const char* operation);
  void make_file(const char* operation);
  void acquire_flag(const Call& call, const char* operation, std::chrono::steady_clock::time_point until);
  bool try_file(const char* operation);
  void release();

  std::string database_;
  std::string path_;
  bool database_is_there_ = false;
  int file_ = -1;
  bool locked_ = false;
  bool made_ = false;  // by this handle, and no turn has ended since
  std::mutex mutex_;
  std::condition_variable released_;
  bool taken_ = false;
  std::uint64_t asked_ = 0;
  std::deque<std::uint64_t> waiting_;  // numbers of those who asked, in order
};

}  // namespace claimledger::sqlite
