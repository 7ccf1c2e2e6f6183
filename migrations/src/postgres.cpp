#include <array>

#include "claimledger/migrations/migration.hpp"
#include "postgres_0001_tables_sql.hpp"
#include "postgres_0002_guards_sql.hpp"
#include "postgres_0003_tenancy_sql.hpp"
#include "postgres_0004_terms_sql.hpp"
#include "postgres_0005_vectors_sql.hpp"
#include "postgres_0006_nearest_sql.hpp"

namespace claimledger::migrations {

std::span<const Migration> postgres() {
  static constexpr std::array all = {Migration{1, "tables", embedded::postgres::m0001_tables},
                                     Migration{2, "guards", embedded::postgres::m0002_guards},
                                     Migration{3, "tenancy", embedded::postgres::m0003_tenancy},
                                     Migration{4, "terms", embedded::postgres::m0004_terms},
                                     Migration{5, "vectors", embedded::postgres::m0005_vectors},
                                     Migration{6, "nearest", embedded::postgres::m0006_nearest}};
  return all;
}

}  // namespace claimledger::migrations
