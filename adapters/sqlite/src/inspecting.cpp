#include "inspecting.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "errors.hpp"
#include "file_identity.hpp"
#include "log_damage.hpp"
#include "log_file.hpp"
#include "log_frames.hpp"
#include "lost_pages.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

constexpr const char* operation = "open";

[[noreturn]] void refuse(FailureKind kind, const std::string& path, const std::string& why) {
  throw StoreFailure(kind, operation, path + ": " + why);
}

[[noreturn]] void refuse_lost_database(const std::string& path) {
  refuse(FailureKind::incompatible, path,
         "is missing or empty, and beside it is a log with batches of the database that was here; put that back, or "
         "take the log away if it is not needed");
}

// A ledger is made under another name, so that a file of ours is never empty.
void require_file_with_bytes(const std::string& path) {
  const auto file = behind_links(path);
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    const int error = errno;
    if (error == ENOENT && log_in_use(path)) refuse_lost_database(path);
    refuse(FailureKind::unreachable, path, std::strerror(error));
  }
  if (!S_ISREG(status.st_mode)) refuse(FailureKind::unreachable, path, "is neither a file nor a directory of ledgers");
  require_one_name(file);
  require_side_files(file);
  if (status.st_size != 0) return;
  if (log_in_use(path)) refuse_lost_database(path);
  refuse(FailureKind::corrupt, path,
         "is empty: a ledger was here, or its making was broken off; restore a backup, or remove the file if nothing "
         "was ever kept in it");
}

[[noreturn]] void refuse_other_than_database(const std::string& path) {
  if (log_holds_ledger(path)) {
    refuse(FailureKind::corrupt, path,
           "a ledger was here, and what it begins with is lost or overwritten, while its log, " + behind_links(path) +
               "-wal, holds batches; restore a backup");
  }
  refuse(FailureKind::incompatible, path,
         "is not a database; give the path of a ledger, or of a file that does not exist");
}

void require_whole_file(const std::string& path) {
  const auto cut = cut_file(path);
  if (!cut) return;
  refuse(FailureKind::corrupt, path,
         "has " + std::to_string(cut->has) + " bytes where it should have " + std::to_string(cut->should_have) +
             ": it was cut, as by a copy that was broken off, and no log has what is missing; restore a backup");
}

// Of a database that may be anybody's, and is not recovered therefore.
bool has_tables_of_ledger(const std::string& path) {
  try {
    Database database(path, Access::immutable, std::chrono::milliseconds{0});
    return has_table(database, "schema_migrations") && has_table(database, "agent") && has_table(database, "entry");
  } catch (const StoreFailure&) {
    return false;
  }
}

}  // namespace

bool read_header(const std::string& path) {
  constexpr std::string_view magic("SQLite format 3\0", 16);
  require_file_with_bytes(path);
  const Bytes file(path);
  if (file.error() != 0) cannot_open(file.error(), operation, path);
  const auto header = file.read(0, database_header_size);
  if (!header) refuse(FailureKind::unreachable, path, "cannot be read; look at the system's log");
  if (!header->starts_with(magic)) refuse_other_than_database(path);
  const auto id = application_id_in(*header);
  if (id == 0 && has_tables_of_ledger(path)) {
    refuse(FailureKind::incompatible, path,
           "has the tables of a ledger and no application id, which a dump leaves out; if it is one, set it: sqlite3 " +
               path + " 'PRAGMA application_id = " + std::to_string(application_id) + "'");
  }
  if (id != application_id) {
    refuse(FailureKind::incompatible, path, "is a database of another program; give another path");
  }
  if (!log_belongs(path)) {
    refuse(FailureKind::incompatible, path,
           "does not belong to the log that a crash left in " + path +
               "-wal; put back the database that was here, or take the log away if that database is not needed");
  }
  if (const auto damaged = damage_in_log(path)) {
    const auto place = *damaged == 0 ? std::string("header") : "frame " + std::to_string(*damaged);
    refuse(FailureKind::corrupt, path,
           "its log, " + behind_links(path) + "-wal, is damaged (" + place +
               "), and what was committed behind that is lost: restore a backup, or move the log away to go on with "
               "what the database has without it");
  }
  require_whole_file(path);
  constexpr std::size_t write_version_at = 18;
  const auto write_version = static_cast<unsigned char>(header->at(write_version_at));
  if (write_version > 2) {  // SQLite would open it to read only
    refuse(FailureKind::incompatible, path, "is damaged, or only a newer SQLite may write it (byte 18 of its header)");
  }
  return write_version == 2;
}

namespace {

// Whether a crash left a journal that has to be played back first. SQLite tells it from that of somebody at work.
bool is_half_done(const std::string& file) {
  if (!has_journal(file)) return false;
  Database database(file, Access::read, std::chrono::seconds{5});
  try {
    database.pragma("schema_version");
    return false;
  } catch (const StoreFailure&) {
    if (sqlite3_extended_errcode(database.handle()) == SQLITE_READONLY_ROLLBACK) return true;
    throw;
  }
}

}  // namespace

Access access_to(const std::string& path) {
  const auto file = behind_links(path);
  const auto why_not = why_not_writable(file);
  if (why_not.empty()) return Access::write;
  if (is_half_done(file)) {
    refuse(FailureKind::unreachable, path,
           "what a crash left half done in " + file + "-journal has to be undone first, and nothing may be written (" +
               why_not + "); copy both files together to where it may, and open the copy");
  }
  const bool in_use = log_in_use(path);  // asked first: who writes has an index before he has a log
  const auto index = file + "-shm";
  if (faccessat(AT_FDCWD, index.c_str(), R_OK, AT_EACCESS) == 0) return Access::read;  // somebody may be writing
  if (const int error = errno; error != ENOENT) {
    refuse(FailureKind::unreachable, path,
           "the index of its log cannot be read: " + index + ": " + std::strerror(error) + whose(index));
  }
  if (has_journal(file)) return Access::read;  // of somebody at work
  if (!in_use) return Access::immutable;
  refuse(FailureKind::unreachable, path,
         "its log " + file + "-wal holds batches, and the index of that, " + index +
             ", is gone; made here, it would keep those from writing who may write the database (" + why_not +
             "); let one of them open it, or copy the database and its -wal together to where they may be written, and "
             "open the copy");
}

namespace {

// Whether the file has all of the database, and nobody is in the middle of anything.
bool is_quiet(const std::string& path) { return !has_journal(behind_links(path)) && !log_in_use(path); }

Found look(const std::string& path, Access access, bool write_ahead_log) {
  Found found{true, write_ahead_log, {}, {}, {}};
  try {
    Database database(path, access, std::chrono::seconds{5});
    if (database.pragma("application_id") != std::to_string(application_id)) {
      refuse(FailureKind::incompatible, path, "is a database of another program; give another path");
    }
    found.applied = applied_migrations(database);
    found.lost = lost_migrations(database, found.applied);
  } catch (const StoreFailure& failure) {
    // A header of ours over a body that is none: a table is missing, or pages do not parse.
    if (failure.kind() == FailureKind::corrupt) refuse(FailureKind::corrupt, path, failure.detail());
    if (failure.kind() != FailureKind::refused) throw;
    refuse(FailureKind::corrupt, path, failure.detail() + "; restore a backup");
  }
  try {
    found.pending = migrations::plan(found.applied, migrations::sqlite());
  } catch (const StoreFailure& failure) {
    refuse(failure.kind(), path, failure.detail());
  }
  return found;
}

}  // namespace

Found inspect(const std::string& path) {
  require_side_files(behind_links(path));
  if (!is_there(path)) {
    const auto all = migrations::sqlite();
    return {false, false, {}, {all.begin(), all.end()}, {}};
  }
  // Before anything opens it: a foreign database must not even be recovered.
  const bool write_ahead_log = read_header(path);
  // An immutable connection leaves no trace and takes no locks. Beside a writer it may see some pages before a
  // checkpoint and some after it: what it saw of the schema counts where the header, which says when that changed, is
  // the same.
  const auto header = [&] { return Bytes(path).read(0, database_header_size); };
  const auto before = header();
  const auto stood_still = [&] { return is_quiet(path) && header() == before; };
  if (is_quiet(path)) {
    try {
      auto found = look(path, Access::immutable, write_ahead_log);
      if (stood_still()) return found;
    } catch (const StoreFailure&) {
      if (stood_still()) throw;
    }
  }
  return look(path, access_to(path), write_ahead_log);
}

}  // namespace claimledger::sqlite
