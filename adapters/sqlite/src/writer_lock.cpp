#include "writer_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
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

[[noreturn]] void refuse(const char* operation, const std::string& path, const std::string& why) {
  throw StoreFailure(FailureKind::unreachable, operation, path + ": " + why);
}

// Whether an open file is the one that a path names.
bool is_named(int file, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return fstat(file, &open) == 0 && stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

// Each class of users that may write the database may open its lock; the owner always.
mode_t lock_mode(mode_t database) {
  mode_t mode = S_IRUSR | S_IWUSR;
  if ((database & S_IWGRP) != 0) mode |= S_IRGRP | S_IWGRP;
  if ((database & S_IWOTH) != 0) mode |= S_IROTH | S_IWOTH;
  return mode;
}

// Gives a lock the owner and group of its database and the mode that fits, as far as this user may; before there is a
// database it gets the mode that new files get, and the owner that the database will have.
void set_rights(int lock, const std::string& path) {
  struct stat own {};
  struct stat model {};
  // What somebody kept under this name is not given away: a lock is empty.
  if (fstat(lock, &own) != 0 || own.st_size != 0) return;
  const bool superuser = geteuid() == 0;
  const bool there = stat(path.c_str(), &model) == 0;
  auto mode = lock_mode(there ? model.st_mode : own.st_mode);
  const bool follows = there || (superuser && stat(folder_of(path).c_str(), &model) == 0);
  if (follows && !there && is_shared_by_group(model.st_mode)) mode |= group_of(own.st_mode);
  const auto owner = superuser ? model.st_uid : own.st_uid;
  if (follows && (own.st_uid != owner || own.st_gid != model.st_gid)) {
    // Another group than the one that may write the database gets nothing.
    if (fchown(lock, owner, model.st_gid) != 0) mode &= ~mode_t{S_IRWXG};
  }
  if ((own.st_mode & mode_t{07777}) != mode) fchmod(lock, mode);
}

}  // namespace

WriterLock::WriterLock(const std::string& database_path)
    : database_(database_path.empty() ? std::string() : behind_links(database_path)),
      path_(database_path.empty() ? std::string() : database_ + "-lock") {}

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
  if (!taken_ && waiting_.empty()) {
    adapter::check(call, operation);
    taken_ = true;
    return;
  }
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

// flock() belongs to the open file, so two handles of one process exclude each other as two processes do. A lock on a
// file that somebody removed would exclude nobody.
bool WriterLock::try_file(const char* operation) {
  if (path_.empty()) return true;
  for (;;) {
    if (file_ < 0) file_ = open_file(operation);
    const bool locked = flock(file_, LOCK_EX | LOCK_NB) == 0;
    const int error = locked ? 0 : errno;
    if (!locked && error != EWOULDBLOCK && error != EINTR) refuse(operation, path_, std::strerror(error));
    if (is_named(file_, path_)) return locked_ = locked;
    close(std::exchange(file_, -1));
    made_ = false;
  }
}

// To lock it, a file need not be open for writing.
int WriterLock::open_file(const char* operation) {
  for (;;) {
    for (const int mode : {O_RDWR, O_RDONLY}) {
      // Not through a link: it would be somebody else's file that gets the owner of the database.
      const int file = ::open(path_.c_str(), mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
      if (file >= 0) {
        struct stat status {};
        if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1) {
          close(file);
          refuse(operation, path_, "is no file of its own, as the lock has to be; remove it");
        }
        set_rights(file, database_);  // the database may have got others since
        return file;
      }
      if (errno == ELOOP) refuse(operation, path_, "is a link, and the lock has to be a file; remove it");
      if (errno == EISDIR) refuse(operation, path_, "is a folder, and the lock has to be a file; remove it");
      if (errno != EACCES && errno != EPERM && errno != EROFS) break;
    }
    if (const int error = errno; error != ENOENT) {
      const std::string why = std::strerror(error);
      const auto owner = error == EACCES ? whose(path_) : "";
      refuse(operation, path_, owner.empty() ? why : why + owner + ", or remove it while nobody writes");
    }
    make_file(operation);
  }
}

// It appears with its owner and mode, so that nobody finds it closed to him. Without a name until then, where the file
// system has such files: whoever is killed leaves nothing.
void WriterLock::make_file(const char* operation) {
  if (database_is_there_ && !has_name(database_)) {
    throw StoreFailure(FailureKind::unreachable, operation, replaced_while_open(database_));
  }
  if (const int file = ::open(folder_of(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666); file >= 0) {
    set_rights(file, database_);
    const auto name = "/proc/self/fd/" + std::to_string(file);
    made_ = linkat(AT_FDCWD, name.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) == 0;
    const bool there = made_ || errno == EEXIST;  // another process was faster
    close(file);
    if (there) return;
  }
  static std::atomic<unsigned> number = 0;
  const auto made = path_ + "." + std::to_string(getpid()) + "." + std::to_string(number++);
  const int file = ::open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) refuse(operation, folder_of(path_), std::strerror(errno));
  set_rights(file, database_);
  close(file);
  const int error = rename_to_free_name(made, path_);  // another process may have been faster
  made_ = error == 0;
  if (!made_) unlink(made.c_str());
  if (error != 0 && error != EEXIST) refuse(operation, path_, std::strerror(error));
}

// Who waits for a lock that is removed finds that it is not the named one when he has it.
void WriterLock::release() {
  if (std::exchange(locked_, false)) {
    if (std::exchange(made_, false) && !has_name(database_) && is_named(file_, path_)) unlink(path_.c_str());
    flock(file_, LOCK_UN);
  }
  {
    const std::scoped_lock lock(mutex_);
    taken_ = false;
  }
  released_.notify_all();
}

}  // namespace claimledger::sqlite
