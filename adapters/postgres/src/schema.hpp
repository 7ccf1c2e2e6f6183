#pragma once

#include <span>
#include <vector>

#include "claimledger/migrations/migration.hpp"
#include "database.hpp"

namespace claimledger::postgres {

// What stands in a schema.
struct Found {
  bool schema_exists = false;
  bool exists = false;  // there is a ledger, of whatever version
  std::vector<migrations::Applied> applied;
  std::vector<migrations::Migration> pending;
};

// Looks only. Failure: StoreFailure{incompatible}: a newer version's, or made from another text.
Found inspect(const Database& database, const char* operation);

// Brings the schema up to date, all of it in one transaction with its rows in schema_migrations, one process at a time.
// `partitions` counts only for a ledger that is not there yet. Gives what it applied.
std::vector<migrations::Migration> apply_migrations(const Database& database, std::size_t partitions,
                                                    const char* operation);

// "0001_ledger"
std::string label(std::uint32_t version, std::string_view name);

}  // namespace claimledger::postgres
