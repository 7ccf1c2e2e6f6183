#include "writer_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "claimledger/adapter/call_check.hpp"
#include "file_identity.hpp"

namespace claimledger::sqlite {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void busy(const char* operation) {
  throw StoreFailure(FailureKind::busy, operation, "another writer holds the database; try again later");
}

}  // namespace

WriterLock::WriterLock(const std::string& database_path)
    : path_(database_path.empty() ? std::string() : behind_links(database_path) + "-lock") {}

WriterLock::~WriterLock() {
  if (file_ >= 0) close(file_);
}

WriterLock::Turn WriterLock::acquire(const Call& call, const char* operation, milliseconds timeout) {
  const auto until = steady_clock::now() + timeout;
  acquire_flag(call, operation, until);
  Turn turn(this);  // gives the flag back if the file cannot be had
  for (int tries = 0; !try_file(operation); ++tries) {
    adapter::check(call, operation);
    if (steady_clock::now() >= until) busy(operation);
    std::this_thread::sleep_for(milliseconds(std::min(1 + tries / 4, 10)));
  }
  return turn;
}

// Without an order a thread that writes again and again would hardly let another in.
void WriterLock::acquire_flag(const Call& call, const char* operation, steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  const auto number = ++asked_;
  waiting_.push_back(number);
  const auto first = [&] { return !taken_ && waiting_.front() == number; };
  try {
    for (adapter::check(call, operation); !first(); adapter::check(call, operation)) {
      if (steady_clock::now() >= until) busy(operation);
      released_.wait_for(lock, milliseconds{5}, first);
    }
  } catch (...) {
    std::erase(waiting_, number);
    released_.notify_all();
    throw;
  }
  waiting_.pop_front();
  taken_ = true;
}

WriterLock::Turn WriterLock::try_acquire() {
  if (const std::scoped_lock lock(mutex_); std::exchange(taken_, true)) return Turn(nullptr);
  Turn turn(this);
  try {
    if (!try_file("close")) return Turn(nullptr);
  } catch (const StoreFailure&) {
    return Turn(nullptr);  // the directory is gone or cannot be written
  }
  return turn;
}

// flock() belongs to the open file, so two handles of one process exclude each other as two processes do.
bool WriterLock::try_file(const char* operation) {
  if (path_.empty()) return true;
  if (file_ < 0) file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ >= 0 && flock(file_, LOCK_EX | LOCK_NB) == 0) return true;
  if (file_ >= 0 && (errno == EWOULDBLOCK || errno == EINTR)) return false;
  throw StoreFailure(FailureKind::unreachable, operation,
                     path_ + ": " + std::strerror(errno) + "; the directory of a database has to be writable");
}

void WriterLock::release() {
  if (file_ >= 0) flock(file_, LOCK_UN);
  {
    const std::scoped_lock lock(mutex_);
    taken_ = false;
  }
  released_.notify_all();
}

}  // namespace claimledger::sqlite
