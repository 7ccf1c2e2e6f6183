#include <array>

#include "claimledger/migrations/migration.hpp"
#include "postgres_0001_ledger_sql.hpp"

namespace claimledger::migrations {

std::span<const Migration> postgres() {
  static constexpr std::array all = {Migration{1, "ledger", embedded::postgres::m0001_ledger}};
  return all;
}

}  // namespace claimledger::migrations
