#include "wiring/open_store.hpp"

#include <algorithm>
#include <filesystem>

#include "claimledger/failure.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "wiring/postgres.hpp"

namespace claimledger::wiring {
namespace {

namespace fs = std::filesystem;

struct Address {
  enum class Scheme { sqlite, memory, postgres } scheme;
  std::string rest;  // a path, a connection string, or nothing
};

Address parse_address(std::string_view text) {
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const auto rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (scheme == "sqlite") {
    if (rest.empty())
      throw InvalidInput("store",
                         "sqlite: needs a path: sqlite:agent.db, or sqlite:ledgers/ for one database an agent");
    return {Address::Scheme::sqlite, std::string(rest)};
  }
  if (scheme == "memory") {
    if (!rest.empty()) throw InvalidInput("store", "memory: takes no path");
    return {Address::Scheme::memory, {}};
  }
  // Nothing behind the colon is a connection string too: the environment, or a service file, then says it all.
  if (scheme == "postgres" || scheme == "postgresql")
    return {Address::Scheme::postgres, std::string(rest.starts_with("//") ? text : rest)};
  throw InvalidInput("store",
                     "must be sqlite:PATH (one database), sqlite:DIR/ (one for each agent), postgres:CONNECTION, "
                     "postgres://… or memory:" +
                         (scheme.empty() ? "" : ", not " + std::string(scheme) + ":"));
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return path.ends_with('/') || fs::is_directory(path, error);
}

// The database files of a store, oldest name first.
std::vector<fs::path> databases(const std::string& path) {
  if (!is_folder(path)) return {fs::path(path)};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path))
    // A crash can leave an empty file, in which nothing has landed.
    if (entry.is_regular_file() && entry.path().extension() == ".db" && entry.file_size() > 0)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Where a copy is to be made.
void require_free_place(const std::string& to) {
  std::error_code error;
  if (fs::exists(to, error)) throw InvalidInput("to", to + " is there already; name what does not exist yet");
  fs::path place = to;
  if (!place.has_filename()) place = place.parent_path();  // "copies/"
  const auto folder = place.parent_path();
  if (!folder.empty() && !fs::is_directory(folder, error))
    throw InvalidInput("to", "there is no folder " + folder.string() + "; make it first");
}

}  // namespace

std::unique_ptr<Store> open_store(std::string_view text, Opening opening, std::shared_ptr<spdlog::logger> logger,
                                  const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      return memory::open();
    case Address::Scheme::postgres:
      return open_postgres(address.rest, opening, settings, std::move(logger));
    case Address::Scheme::sqlite:
      break;
  }
  if (opening == Opening::existing && !store_exists(text)) return nullptr;
  sqlite::Options options;
  options.path = address.rest;
  options.create = opening == Opening::make;
  options.migrate = opening == Opening::make ? sqlite::Migrate::apply : sqlite::Migrate::require_current;
  options.log = std::move(logger);
  return sqlite::open(std::move(options));
}

void prepare_process() { sqlite::forgo_memory_statistics(); }

bool store_exists(std::string_view text, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      return true;
    case Address::Scheme::postgres:
      return postgres_exists(address.rest, settings);
    case Address::Scheme::sqlite:
      break;
  }
  return sqlite::is_there(address.rest);
}

std::string display_name(std::string_view text, const PostgresSettings& settings) {
  if (parse_address(text).scheme != Address::Scheme::postgres) return std::string(text);
  return "postgres: (schema " + settings.schema + ")";
}

std::vector<std::string> copy_store(std::string_view text, const std::string& to, const CopyProgress& progress) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw StoreFailure(FailureKind::unsupported, "backup", "this store is kept in no file");
    case Address::Scheme::postgres:
      throw StoreFailure(FailureKind::unsupported, "backup",
                         "a ledger in Postgres is backed up with its server: pg_dump for a copy of this moment, "
                         "pg_basebackup and archived WAL for every moment; `claimledger copy` carries ledgers to "
                         "another store");
    case Address::Scheme::sqlite:
      break;
  }
  const auto& path = address.rest;
  require_free_place(to);
  if (!is_folder(path)) {
    sqlite::backup(path, to, progress);
    return {to};
  }
  std::error_code error;
  if (!fs::create_directory(to, error))
    throw StoreFailure(FailureKind::refused, "backup", to + ": " + (error ? error.message() : "is there already"));
  std::vector<std::string> made;
  for (const auto& file : databases(path)) {
    made.push_back((fs::path(to) / file.filename()).string());
    sqlite::backup(file.string(), made.back(), progress);
  }
  return made;
}

std::vector<SchemaReport> migrate_store(std::string_view text, Migration migration, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw StoreFailure(FailureKind::unsupported, "migrate", "this store is kept in no file");
    case Address::Scheme::postgres: {
      auto report = migrate_postgres(address.rest, migration, settings);
      report.database = display_name(text, settings);
      return {std::move(report)};
    }
    case Address::Scheme::sqlite:
      break;
  }
  std::vector<SchemaReport> reports;
  for (const auto& file : databases(address.rest)) {
    auto report =
        migration == Migration::look ? sqlite::pending_migrations(file.string()) : sqlite::migrate(file.string());
    reports.push_back({file.string(), std::move(report.applied), std::move(report.pending)});
  }
  return reports;
}

namespace {

void refuse_what_files_lack(const Initialisation& what, const PostgresSettings& settings) {
  const auto refuse = [](const char* option, const char* why) {
    throw InvalidInput(option, std::string("is for a store in Postgres; ") + why);
  };
  if (what.roles) refuse("--roles", "who may read and write a file, the file system says");
  if (what.partitions != 0) refuse("--partitions", "sqlite:DIR/ keeps a database for each agent");
  if (!settings.tenancy.empty()) refuse("--tenancy", "a file has no login roles");
  if (!what.tenants.empty()) refuse("--tenant", "a file has no login roles");
}

}  // namespace

InitialisationReport init_store(std::string_view text, const Initialisation& what, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  InitialisationReport report;
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw InvalidInput("--store", "memory: keeps nothing that could be made");
    case Address::Scheme::postgres:
      report = init_postgres(address.rest, what, settings);
      report.databases.front().database = display_name(text, settings);
      return report;
    case Address::Scheme::sqlite:
      break;
  }
  refuse_what_files_lack(what, settings);
  if (store_exists(text)) {
    report.databases = migrate_store(text, Migration::apply);
    return report;
  }
  open_store(text, Opening::make, nullptr);
  report.databases = migrate_store(text, Migration::look);
  for (auto& database : report.databases) std::swap(database.applied, database.pending);
  return report;
}

}  // namespace claimledger::wiring
