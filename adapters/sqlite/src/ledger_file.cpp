#include "ledger_file.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "file_identity.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

Options with_one_name(Options options) {
  if (options.path != ":memory:") options.path = behind_links(options.path);
  return options;
}

}  // namespace

LedgerFile::LedgerFile(Options options)
    : options_(with_one_name(std::move(options))),
      lock_(in_memory() ? "" : options_.path),
      writer_(options_, lock_),
      readers_(options_) {
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
  if (!found.pending.empty() || !found.write_ahead_log) prepare();
  writer_.connect();
}

// Makes the database, or brings it up to date. It gets its write-ahead log only once it is a ledger. Two processes that
// switched to the log at once would make each other fail, so the switch needs the writer's turn, also for a copy
// without a log.
void LedgerFile::prepare() {
  const auto turn = lock_.acquire(Call{}, "open", options_.busy_timeout);
  const auto found = inspect(options_.path);
  if (!found.exists) make();
  {
    Database database(options_.path, Access::write, options_.busy_timeout);
    database.execute("PRAGMA synchronous = FULL");
    if (found.exists) apply_migrations(database, found.pending);
    database.use_write_ahead_log();
  }
  if (!options_.log) return;
  for (const auto& migration : found.pending) {
    options_.log->info("{}: applied migration {}", options_.path, label(migration.version, migration.name));
  }
}

// Under another name, and put in its place as a ledger: a crash leaves nothing there, and an empty file means that one
// was lost. What an earlier crash left is made anew.
void LedgerFile::make() {
  const auto unfinished = options_.path + "-unfinished";
  const auto remove = [&] {
    for (const auto* ending : {"-journal", "-wal", "-shm", ""}) ::unlink((unfinished + ending).c_str());
  };
  remove();
  make_file(unfinished, "open");
  try {
    {
      Database database(unfinished, Access::write, options_.busy_timeout);
      database.execute("PRAGMA synchronous = FULL");
      apply_migrations(database, migrations::sqlite());
    }
    if (!put_in_place(unfinished, options_.path, "open")) {
      throw StoreFailure(FailureKind::busy, "open", options_.path + ": was put here meanwhile; open it again");
    }
  } catch (const StoreFailure&) {
    remove();
    throw;
  }
}

LedgerFile::~LedgerFile() {
  readers_.close();
  writer_.close();
}

}  // namespace claimledger::sqlite
