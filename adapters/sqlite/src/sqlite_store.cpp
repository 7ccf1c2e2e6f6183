#include "claimledger/sqlite/sqlite_store.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "appending.hpp"
#include "copying.hpp"
#include "file_identity.hpp"
#include "file_store.hpp"
#include "inspecting.hpp"
#include "ledger_directory.hpp"
#include "reading.hpp"
#include "schema.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds lock_timeout{5};
// Suffixes of a database and of the files that SQLite keeps beside it while it writes.
constexpr std::array companions = {"", "-wal", "-shm", "-journal"};

[[noreturn]] void unreachable(const char* operation, const std::string& why) {
  throw StoreFailure(FailureKind::unreachable, operation, why);
}

bool is_directory(const std::string& path) {
  std::error_code error;
  return path.ends_with('/') || fs::is_directory(path, error);
}

Found inspect_existing(const std::string& path, const char* operation) {
  auto found = inspect(path);
  if (!found.exists) unreachable(operation, path + ": there is no ledger here");
  return found;
}

MigrationReport report(const Found& found) {
  MigrationReport lines;
  for (const auto& each : found.applied) lines.applied.push_back(label(each.version, each.name));
  for (const auto& each : found.lost) std::erase(lines.applied, label(each.version, each.name));
  for (const auto* missing : {&found.lost, &found.pending})
    for (const auto& each : *missing) lines.pending.push_back(label(each.version, each.name));
  return lines;
}

[[noreturn]] void refuse_target(const std::string& path) {
  unreachable("backup", path + ": exists already; give a path that does not");
}

void require_free(const std::string& path) {
  for (const auto* companion : companions) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(path + companion, error))) refuse_target(path + companion);
  }
}

}  // namespace

std::unique_ptr<Store> open(Options options) {
  if (options.path.empty()) unreachable("open", "no path was given");
  return is_directory(options.path) ? open_directory(std::move(options)) : open_file(std::move(options));
}

std::vector<DatabaseFile> databases(const std::string& path) {
  if (!is_directory(path)) return {{path}};
  return LedgerDirectory(path, lock_timeout, [] {}).files(Call{});
}

bool forgo_memory_statistics() { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK; }

std::string backup(const std::string& from_path, const std::string& to_path, const BackingUp& how) {
  inspect_existing(from_path, "backup");
  require_free(to_path);
  struct stat status {};
  if (stat(from_path.c_str(), &status) != 0) unreachable("backup", from_path + ": " + std::strerror(errno));
  // Nobody may read it who may not read the ledger.
  struct stat around {};
  const bool of_the_same = stat(folder_of(to_path).c_str(), &around) == 0 && around.st_uid == status.st_uid &&
                           around.st_gid == status.st_gid;
  Unfinished made(to_path, "backup", of_the_same ? Unfinished::Owner::of_folder : Unfinished::Owner::maker,
                  status.st_mode | S_IRUSR | S_IWUSR);
  copy_database(from_path, made.path(), "backup", how.progress);
  auto fault = how.check ? how.check(made.path()) : "";
  if (how.check && fault.empty()) fault = integrity_fault(made.path());
  if (!made.put_in_place()) refuse_target(to_path);
  return fault;
}

std::string refusal_of(const std::string& path, const AgentId& agent) {
  const auto file = behind_links(path);
  if (!is_directory_of_ledgers(folder_of(file)) || !is_there(file)) return "";
  read_header(file);
  Database database(file, access_to(file), lock_timeout);
  if (reading::agent_number(database, agent)) return "";
  return appending::refusal_of_first(database, agent).value_or("");
}

MigrationReport pending_migrations(const std::string& path) { return report(inspect_existing(path, "migrate")); }

MigrationReport migrate(const std::string& path) {
  if (const auto before = inspect_existing(path, "migrate"); before.current()) return report(before);
  if (const auto why = why_not_writable(behind_links(path)); !why.empty())
    unreachable("migrate", path + ": may only be read: " + why);
  WriterLock lock(path);
  const auto turn = lock.acquire(Call{}, "migrate", lock_timeout);
  const auto found = inspect_existing(path, "migrate");
  Database database(path, Access::write, lock_timeout);
  apply_migrations(database, found.pending);
  if (!found.lost.empty()) apply_again(database);
  return report(found);
}

}  // namespace claimledger::sqlite
