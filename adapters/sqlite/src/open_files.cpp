#include <sys/stat.h>

#include "claimledger/failure.hpp"
#include "file_identity.hpp"
#include "log_file.hpp"

namespace claimledger::sqlite {

std::string replaced_while_open(const std::string& path) {
  return path + ": it, or its log, was removed or replaced while it was open; open the store again";
}

std::string overwritten_index(const std::string& path) {
  return path + ": the index of its log, " + path +
         "-shm, was overwritten while it was in use; close all that have the ledger open, then open it again: the "
         "index is made anew then, from the log, which has what was acknowledged";
}

void OpenFiles::note_database(bool no_log) {
  database_ = file_at(path_);
  no_log_ = no_log;
  if (!database_) return give_up();
  database_size_ = database_->size;
}

void OpenFiles::note_log() {
  if (log_noted_) return;
  const std::scoped_lock lock(mutex_);
  if (log_noted_) return;
  share_side_files(path_);
  log_ = file_at(log_path_);
  index_ = file_at(index_path_);
  if (!log_ || !index_) give_up();
  log_noted_ = true;
}

bool OpenFiles::same(std::int64_t least_log) const {
  if (!database_ && !gone_) return true;  // nothing is noted: a database in memory
  if (gone_) return false;
  const bool other_log = log_noted_ && !same_log(least_log);
  if (other_log || !same_database() || (no_log_ && file_at(index_path_))) give_up();
  return !gone_;
}

namespace {

// The size of the file that was noted; -1 if its path does not name it any more, or by a link: then whoever comes by
// this path has log and lock beside what the link leads to. On the way of each commit.
inline std::int64_t size_if_same(const std::string& path, const std::optional<FileAt>& noted) {
  struct stat status {};
  if (!noted || lstat(path.c_str(), &status) != 0) return -1;
  return status.st_dev == noted->device && status.st_ino == noted->number ? status.st_size : -1;
}

}  // namespace

// The log becomes shorter where it is emptied. The index never does, and who reads it where it was cut is killed; what
// was committed is found without it.
bool OpenFiles::same_log(std::int64_t least_log) const {
  const auto size = size_if_same(log_path_, log_);
  if (size < least_log) return false;
  return least_log > 0 || (index_ && size_if_same(index_path_, index_) >= index_->size);
}

bool OpenFiles::same_database() const {
  const auto size = size_if_same(path_, database_);
  const auto before = database_size_.load(std::memory_order_relaxed);
  if (size == before) return true;
  // Somebody may have cleaned it up (VACUUM); then it says itself how long it is, and still has its log.
  if (size < before && (size < 0 || size < size_in_header(path_) || !log_belongs(path_))) return false;
  database_size_ = size;
  return true;
}

void OpenFiles::require_same(const char* operation, FailureKind kind, std::int64_t least_log) const {
  if (!same(least_log)) fail(operation, kind);
}

void OpenFiles::fail(const char* operation, FailureKind kind) const {
  give_up();
  const auto now = file_at(path_);
  std::string why = replaced_while_open(path_);
  if (bad_index_) {
    why = overwritten_index(path_);
  } else if (no_log_ && now && database_ && now->is(*database_)) {
    why = path_ + ": is being written by somebody, and was read here as what nobody writes; open the store again";
  }
  throw StoreFailure(kind, operation, why);
}

void OpenFiles::require_sound(const LogIndex& index, const char* operation, FailureKind kind) const {
  const auto state = index.state();
  if (state == IndexState::sound) return;
  if (state == IndexState::overwritten) give_up_index();
  fail(operation, kind);
}

}  // namespace claimledger::sqlite
