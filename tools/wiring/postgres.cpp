#include "wiring/postgres.hpp"

#include <algorithm>

#include "claimledger/failure.hpp"
#include "claimledger/postgres/initialise.hpp"
#include "claimledger/postgres/postgres_store.hpp"

namespace claimledger::wiring {
namespace {

postgres::Tenancy tenancy(const std::string& text) {
  if (text.empty() || text == "scoped") return postgres::Tenancy::scoped;
  if (text == "enforced") return postgres::Tenancy::enforced;
  throw InvalidInput("--tenancy", "must be scoped or enforced");
}

postgres::Bouncer bouncer(const std::string& text) {
  if (text == "automatic") return postgres::Bouncer::automatic;
  if (text == "yes") return postgres::Bouncer::yes;
  if (text == "no") return postgres::Bouncer::no;
  throw InvalidInput("--bouncer", "must be automatic, yes or no");
}

postgres::Pgvector pgvector(const std::string& text) {
  if (text == "automatic") return postgres::Pgvector::automatic;
  if (text == "required") return postgres::Pgvector::required;
  if (text == "never") return postgres::Pgvector::never;
  throw InvalidInput("--pgvector", "must be automatic, required or never");
}

postgres::Options options_of(const std::string& connection, const PostgresSettings& settings) {
  constexpr std::size_t most = 1'000;
  if (settings.schema.empty() || settings.schema.size() > 63)  // what Postgres keeps of a name
    throw InvalidInput("--schema", "must have 1 to 63 bytes");
  if (settings.pool_size < 1 || settings.pool_size > most)
    throw InvalidInput("--pool-size", "must be 1 to " + std::to_string(most));
  postgres::Options options;
  options.connection = connection;
  options.schema = settings.schema;
  options.tenancy = tenancy(settings.tenancy);
  options.bouncer = bouncer(settings.bouncer);
  options.pgvector = pgvector(settings.pgvector);
  options.pool_size = settings.pool_size;
  return options;
}

}  // namespace

std::unique_ptr<Store> open_postgres(const std::string& connection, Opening opening, const PostgresSettings& settings,
                                     std::shared_ptr<spdlog::logger> logger) {
  auto options = options_of(connection, settings);
  options.log = std::move(logger);
  if (opening == Opening::make) return postgres::open(options);
  return postgres::open_existing(std::move(options));
}

bool postgres_exists(const std::string& connection, const PostgresSettings& settings) {
  return !postgres::pending_migrations(options_of(connection, settings)).applied.empty();
}

std::string identity_of_postgres(const std::string& connection, const PostgresSettings& settings) {
  return postgres::identity(options_of(connection, settings));
}

SchemaReport migrate_postgres(const std::string& connection, Migration migration, const PostgresSettings& settings) {
  const auto options = options_of(connection, settings);
  auto report = migration == Migration::look ? postgres::pending_migrations(options) : postgres::migrate(options);
  return {"", std::move(report.applied), std::move(report.pending)};
}

InitialisationReport init_postgres(const std::string& connection, const Initialisation& what,
                                   const PostgresSettings& settings) {
  const auto options = options_of(connection, settings);
  postgres::Initialisation wanted;
  wanted.roles = what.roles;
  wanted.partitions = what.partitions;
  if (!settings.tenancy.empty()) wanted.tenancy = options.tenancy;
  for (const auto& [role, agent] : what.tenants) wanted.tenants.emplace_back(role, agent);
  auto given = postgres::initialise(options, wanted);
  InitialisationReport report;
  report.databases.push_back({"", std::move(given.applied), std::move(given.pending)});
  if (what.roles) report.roles = {wanted.names.owner, wanted.names.writer, wanted.names.reader};
  return report;
}

}  // namespace claimledger::wiring
