#include "copying.hpp"

#include <sqlite3.h>

#include <memory>

#include "checkpoints.hpp"
#include "database.hpp"
#include "errors.hpp"
#include "file_identity.hpp"
#include "inspecting.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

// A copy takes this many pages between two looks at the progress.
constexpr int pages_a_step = 256;
constexpr std::chrono::seconds lock_timeout{5};

struct Finisher {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

// `progress` may throw.
void copy_pages(Database& from, Database& to, const char* operation, const BackupProgress& progress) {
  const std::unique_ptr<sqlite3_backup, Finisher> backup(
      sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
  if (!backup) fail(to.handle(), sqlite3_extended_errcode(to.handle()), operation);
  int result = SQLITE_OK;
  while (result == SQLITE_OK) {
    result = sqlite3_backup_step(backup.get(), pages_a_step);
    const auto pages = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup.get()));
    if (progress) progress(pages - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup.get())), pages);
  }
  if (result != SQLITE_DONE) fail(nullptr, result, operation);
}

void make_one_file(Database& database, const char* operation) {
  if (database.pragma("journal_mode = DELETE") != "delete") fail(database.handle(), SQLITE_ERROR, operation);
}

}  // namespace

void copy_database(const std::string& from_path, const std::string& to_path, const char* operation,
                   const BackupProgress& progress) {
  Database from(from_path, access_to(from_path), lock_timeout);
  Database to(to_path, Access::write, lock_timeout);
  // One snapshot: a copy that other writers could make start over would not end while they write.
  Transaction snapshot(from, Query::begin_read);
  Run(from, Query::schema_version).once();
  share_side_files(behind_links(from_path));
  copy_pages(from, to, operation, progress);
  snapshot.commit();
  make_one_file(to, operation);
  set_mark(to);  // from here on it goes a way of its own
}

std::string integrity_fault(const std::string& path) {
  try {
    Database database(path, Access::immutable, lock_timeout);
    return tree_damage(database);
  } catch (const StoreFailure& failure) {
    return failure.detail();
  }
}

void make_one_file(const std::string& path, const char* operation) {
  Database database(path, Access::write, lock_timeout);
  make_one_file(database, operation);
}

}  // namespace claimledger::sqlite
