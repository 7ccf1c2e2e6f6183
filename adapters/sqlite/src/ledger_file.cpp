#include "ledger_file.hpp"

#include <spdlog/spdlog.h>

#include "directory_mark.hpp"
#include "file_identity.hpp"
#include "inspecting.hpp"
#include "log_file.hpp"
#include "making.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

Options with_one_name(Options options) {
  if (options.path != ":memory:") options.path = behind_links(options.path);
  return options;
}

// What is put there would be read as an agent's by its name.
void require_no_directory_of_ledgers(const std::string& path) {
  const auto folder = folder_of(path);
  if (!is_directory_of_ledgers(folder)) return forget_directory(folder);
  throw StoreFailure(FailureKind::refused, "open",
                     path + ": " + folder +
                         " holds a ledger for each agent, in files that are named for them; open that directory, or "
                         "make this file elsewhere");
}

}  // namespace

LedgerFile::LedgerFile(Options options)
    : options_(with_one_name(std::move(options))),
      files_(options_.path),
      lock_(in_memory() ? "" : options_.path),
      writer_(options_, lock_, files_),
      readers_(options_, files_) {
  if (in_memory()) {
    auto database = std::make_unique<Database>(options_.path, Access::create, options_.busy_timeout);
    apply_migrations(*database, migrations::sqlite());
    database->configure(options_.cache_kib);
    writer_.use(std::move(database));
    return;
  }
  auto found = inspect(options_.path);
  if (!found.exists && !options_.create) {
    throw StoreFailure(FailureKind::unreachable, "open", options_.path + ": there is no ledger here");
  }
  if (found.exists && !found.pending.empty() && options_.migrate == Migrate::require_current) {
    throw StoreFailure(FailureKind::incompatible, "open",
                       options_.path + ": the schema is older than this program; run `claimledger migrate`");
  }
  if (found.exists) read_only_ = why_not_writable(options_.path);
  const bool mends = !found.lost.empty() && options_.migrate == Migrate::apply && read_only_.empty();
  if (!found.pending.empty() || mends) {
    if (!read_only_.empty()) {
      throw StoreFailure(FailureKind::incompatible, "open",
                         options_.path + ": the schema is older than this program, and cannot be brought up to date (" +
                             read_only_ + "); do so with a copy where it may be written");
    }
    prepare();
  }
  lock_.require_database();
  const auto access = access_to(options_.path);
  readers_.use(access);
  // One connection stays open for good, so that nobody else is the last one and takes the log away. A database without
  // a log, such as a backup, gets one when it is first written. Layered file systems give a file another identity when
  // it is first opened for writing, so that comes first.
  if (access == Access::write && (found.write_ahead_log || !found.exists)) {
    writer_.connect();
  } else {
    readers_.release(readers_.acquire());
  }
  files_.note_database(access == Access::immutable);
  if (!read_only_.empty() && options_.log) options_.log->info("{}: opened to read only: {}", options_.path, read_only_);
}

// The log comes with the first read of a connection.
void LedgerFile::require_same(Database& reader, const char* operation) const {
  if (!files_.log_noted() && log_of(reader.handle())) files_.note_log();
  files_.require_same(operation);
  files_.require_sound(reader.log_index(), operation);
}

StoreFailure LedgerFile::refused_write(const char* operation) const {
  return {FailureKind::unreachable, operation, options_.path + ": may only be read: " + read_only_};
}

std::unique_ptr<WriteTurn> LedgerFile::begin_write(const std::vector<WriteIntent>& intents, const Call& call) {
  if (!read_only_.empty()) throw refused_write("begin_write");
  return writer_.begin_write(intents, call);
}

std::vector<Outcome> LedgerFile::append(std::span<const Commit> commits, const Call& call) {
  if (!read_only_.empty()) return {commits.size(), failed(refused_write("append"))};
  return writer_.append(commits, call);
}

bool LedgerFile::derive(const std::function<bool(Database&)>& work, const char* operation, const Call& call) {
  if (!read_only_.empty()) throw refused_write(operation);
  return writer_.derive(work, operation, call);
}

// Makes the database, or brings it up to date. It gets its write-ahead log only once it is a ledger. Two processes that
// switched to the log at once would make each other fail, so the switch needs the writer's turn.
void LedgerFile::prepare() {
  const auto turn = lock_.acquire(Call{}, "open", options_.busy_timeout);
  const auto found = inspect(options_.path);
  if (found.exists) {
    Database database(options_.path, Access::write, options_.busy_timeout);
    database.execute("PRAGMA synchronous = FULL");
    apply_migrations(database, found.pending);
    if (!found.lost.empty()) apply_again(database);
    database.use_write_ahead_log();
  } else {
    require_no_directory_of_ledgers(options_.path);
    if (!make_database(options_.path, options_.busy_timeout, [](Database&) { return true; }))
      throw StoreFailure(FailureKind::busy, "open", options_.path + ": was put here meanwhile; open it again");
  }
  if (!options_.log) return;
  for (const auto& migration : found.pending) {
    options_.log->info("{}: applied migration {}", options_.path, label(migration.version, migration.name));
  }
  for (const auto& migration : found.lost) {
    options_.log->warn("{}: applied migration {} again, since a table of it was gone; reindex fills it", options_.path,
                       label(migration.version, migration.name));
  }
}

LedgerFile::~LedgerFile() {
  readers_.close();
  writer_.close();
}

}  // namespace claimledger::sqlite
