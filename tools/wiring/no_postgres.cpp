#include "claimledger/failure.hpp"
#include "wiring/postgres.hpp"

namespace claimledger::wiring {
namespace {

[[noreturn]] void refuse() {
  throw InvalidInput("store", "this program was built without Postgres (CLAIMLEDGER_POSTGRES=OFF)");
}

}  // namespace

// As where there is Postgres, where the logger is kept.
std::unique_ptr<Store> open_postgres(const std::string&, Opening, const PostgresSettings&,
                                     std::shared_ptr<spdlog::logger>) {  // NOLINT(performance-unnecessary-value-param)
  refuse();
}
bool postgres_exists(const std::string&, const PostgresSettings&) { refuse(); }
std::string identity_of_postgres(const std::string&, const PostgresSettings&) { refuse(); }
SchemaReport migrate_postgres(const std::string&, Migration, const PostgresSettings&) { refuse(); }
InitialisationReport init_postgres(const std::string&, const Initialisation&, const PostgresSettings&) { refuse(); }

}  // namespace claimledger::wiring
