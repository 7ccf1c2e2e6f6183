#include "ledger_file.hpp"

#include <spdlog/spdlog.h>

#include "schema.hpp"

namespace claimledger::sqlite {

LedgerFile::LedgerFile(Options options)
    : options_(std::move(options)),
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

// Makes the database, or brings it up to date. It gets its write-ahead log only once it is a ledger: a crash before
// then leaves an empty file, and its header identifies it from the start. Two processes that switched to the log at
// once would make each other fail, so the switch needs the writer's turn, also for a copy without a log.
void LedgerFile::prepare() {
  const auto turn = lock_.acquire(Call{}, "open", options_.busy_timeout);
  const auto found = inspect(options_.path);
  {
    Database database(options_.path, Access::create, options_.busy_timeout);
    database.execute("PRAGMA synchronous = FULL");
    apply_migrations(database, found.pending);
    database.use_write_ahead_log();
  }
  if (!options_.log) return;
  for (const auto& migration : found.pending) {
    options_.log->info("{}: applied migration {}", options_.path, label(migration.version, migration.name));
  }
}

LedgerFile::~LedgerFile() {
  readers_.close();
  writer_.close();
}

}  // namespace claimledger::sqlite
