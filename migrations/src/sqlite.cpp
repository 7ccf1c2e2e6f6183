#include <array>

#include "claimledger/migrations/migration.hpp"
#include "sqlite_0001_ledger_sql.hpp"
#include "sqlite_0002_terms_sql.hpp"

namespace claimledger::migrations {

std::span<const Migration> sqlite() {
  static constexpr std::array all = {Migration{1, "ledger", embedded::sqlite::m0001_ledger},
                                     Migration{2, "terms", embedded::sqlite::m0002_terms}};
  return all;
}

}  // namespace claimledger::migrations
