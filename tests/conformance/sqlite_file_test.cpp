#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "sqlite_places.hpp"

namespace claimledger::conformance {

INSTANTIATE_TEST_SUITE_P(
    SqliteFile, StoreContract,
    testing::Values(Backend{
        .name = "sqlite_file",
        .open = [](const std::string& place) { return sqlite::open({.path = sqlite_path(place)}); },
        .remove = remove_sqlite,
        .damage = [](const std::string& place, const Damage& damage) { damage_sqlite(sqlite_path(place), damage); },
        .hold_write = [](const std::string& place) { return hold_sqlite_write(sqlite_path(place)); },
    }),
    BackendName{});

}  // namespace claimledger::conformance
