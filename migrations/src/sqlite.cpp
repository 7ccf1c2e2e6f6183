#include <array>

#include "claimledger/migrations/migration.hpp"
#include "sqlite_0001_ledger_sql.hpp"

namespace claimledger::migrations {

std::span<const Migration> sqlite() {
  static constexpr std::array all = {Migration{1, "ledger", embedded::m0001_ledger}};
  return all;
}

}  // namespace claimledger::migrations
