#pragma once

#include "wiring/open_store.hpp"

// The functions of open_store.hpp for Postgres: postgres.cpp where the adapter is built, no_postgres.cpp where it is
// not.
namespace claimledger::wiring {

std::unique_ptr<Store> open_postgres(const std::string& connection, Opening opening, const PostgresSettings& settings,
                                     std::shared_ptr<spdlog::logger> logger);
bool postgres_exists(const std::string& connection, const PostgresSettings& settings);
std::string identity_of_postgres(const std::string& connection, const PostgresSettings& settings);
SchemaReport migrate_postgres(const std::string& connection, Migration migration, const PostgresSettings& settings);

InitialisationReport init_postgres(const std::string& connection, const Initialisation& what,
                                   const PostgresSettings& settings);

}  // namespace claimledger::wiring
