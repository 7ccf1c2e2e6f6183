#include "errors.hpp"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "file_identity.hpp"
#include "log_file.hpp"

namespace claimledger::sqlite {

namespace {

struct Row {
  int code;
  FailureKind kind;
  const char* advice;
};

// An extended code stands before its primary one. The first row that fits decides; a code without a row is
// `refused`: a statement or a schema of ours is wrong.
constexpr Row table[] = {
    {SQLITE_IOERR_CORRUPTFS, FailureKind::corrupt, "the file system is damaged; restore a backup"},
    {SQLITE_BUSY, FailureKind::busy, "another writer holds the database; try again later"},
    {SQLITE_LOCKED, FailureKind::busy, "another writer holds the database; try again later"},
    {SQLITE_CANTOPEN, FailureKind::unreachable, "check that the path exists and may be read and written"},
    {SQLITE_PERM, FailureKind::unreachable, "check the permissions of the file and its directory"},
    {SQLITE_AUTH, FailureKind::unreachable, "check the permissions of the file and its directory"},
    {SQLITE_READONLY, FailureKind::unreachable, "the file or its directory cannot be written; check permissions"},
    {SQLITE_FULL, FailureKind::exhausted, "the disk is full; make room"},
    {SQLITE_NOMEM, FailureKind::exhausted, "memory is exhausted"},
    {SQLITE_TOOBIG, FailureKind::exhausted, "a value is larger than the database allows"},
    {SQLITE_IOERR, FailureKind::exhausted, "the disk does not read or write; look at the system's log"},
    {SQLITE_CORRUPT, FailureKind::corrupt, "stop writing, check the disk, restore a backup"},
    {SQLITE_NOTADB, FailureKind::corrupt, "the file is no database (any more); restore a backup"},
    {SQLITE_FORMAT, FailureKind::corrupt, "stop writing, check the disk, restore a backup"},
    {SQLITE_INTERRUPT, FailureKind::cancelled, "the call was over"},
    {SQLITE_MISMATCH, FailureKind::corrupt, "a column holds another type than its table says"},
};

const Row* row_of(int code) {
  for (const auto& row : table) {
    if (row.code == code || row.code == (code & 0xFF)) return &row;
  }
  return nullptr;
}

bool out_of_descriptors(int error) { return error == EMFILE || error == ENFILE; }

std::string more_descriptors(int error) {
  return std::string(": ") + std::strerror(error) + "; raise the limit (ulimit -n), or hold fewer stores open";
}

// What errno said of a write is overwritten before anybody asks, so the limit itself is looked at.
std::optional<rlim_t> most_bytes_of_a_file() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

std::string limit_in_the_way(int result_code, int error) {
  const bool made_longer =
      result_code == SQLITE_IOERR_WRITE || result_code == SQLITE_IOERR_SHMSIZE || result_code == SQLITE_IOERR_TRUNCATE;
  if (!made_longer) return "";
  if (const auto most = most_bytes_of_a_file()) {
    return "this process may make no file longer than " + std::to_string(*most) +
           " bytes: raise that limit (ulimit -f); if that is not it, look at the system's log";
  }
  return error == EFBIG ? "the file system takes no file as large: use another" : "";
}

}  // namespace

FailureKind kind_of(int result_code) {
  const auto* row = row_of(result_code);
  return row ? row->kind : FailureKind::refused;
}

bool is_out_of_room(int result_code) {
  return (result_code & 0xFF) == SQLITE_FULL || (result_code == SQLITE_IOERR_WRITE && most_bytes_of_a_file());
}

void cannot_open(int error, const char* operation, const std::string& path) {
  if (out_of_descriptors(error)) throw StoreFailure(FailureKind::exhausted, operation, path + more_descriptors(error));
  throw StoreFailure(FailureKind::unreachable, operation, path + ": cannot be read: " + std::strerror(error));
}

void fail(sqlite3* connection, int result_code, const char* operation) {
  const int error = connection ? sqlite3_system_errno(connection) : 0;
  if ((result_code & 0xFF) == SQLITE_CANTOPEN && out_of_descriptors(error)) {
    throw StoreFailure(FailureKind::exhausted, operation, sqlite3_errmsg(connection) + more_descriptors(error));
  }
  std::string detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(result_code);
  // Statements of ours name nothing that the migrations do not make: somebody has dropped it.
  const bool dropped = result_code == SQLITE_ERROR && detail.starts_with("no such ");
  constexpr std::array made_anew = {"posting", "text_index", "model", "embedding"};
  const bool derived =
      std::ranges::any_of(made_anew, [&](const auto* each) { return detail == "no such table: " + std::string(each); });
  // Frames of the log are taken for other pages then, and these look damaged.
  if (kind_of(result_code) == FailureKind::corrupt && connection &&
      LogIndex(connection).state() == IndexState::overwritten) {
    throw StoreFailure(FailureKind::unreachable, operation, overwritten_index(sqlite3_db_filename(connection, "main")));
  }
  detail += " (" + std::to_string(result_code) + ")";
  if (derived) throw StoreFailure(FailureKind::incompatible, operation, detail + "; " + way_to_make_derived);
  if (dropped) {
    corrupt(operation, detail + "; the schema has lost a part, `claimledger verify` says which; restore a backup");
  }
  const auto limit = limit_in_the_way(result_code, error);
  const auto* row = row_of(result_code);
  if (!limit.empty()) {
    detail += "; " + limit;
  } else if (row) {
    detail += std::string("; ") + row->advice;
  }
  throw StoreFailure(kind_of(result_code), operation, detail);
}

void corrupt(const char* operation, const std::string& detail) {
  throw StoreFailure(FailureKind::corrupt, operation, detail);
}

}  // namespace claimledger::sqlite
