#include <array>

#include "claimledger/migrations/migration.hpp"
#include "sqlite_0001_ledger_sql.hpp"
#include "sqlite_0002_terms_sql.hpp"
#include "sqlite_0003_vectors_sql.hpp"

namespace claimledger::migrations {

std::span<const Migration> sqlite() {
  static constexpr std::array all = {Migration{1, "ledger", embedded::sqlite::m0001_ledger},
                                     Migration{2, "terms", embedded::sqlite::m0002_terms},
                                     Migration{3, "vectors", embedded::sqlite::m0003_vectors}};
  return all;
}

}  // namespace claimledger::migrations
