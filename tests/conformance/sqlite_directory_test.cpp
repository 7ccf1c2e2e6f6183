#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "sqlite_places.hpp"

namespace claimledger::conformance {

INSTANTIATE_TEST_SUITE_P(
    SqliteDirectory, StoreContract,
    testing::Values(Backend{
        .name = "sqlite_directory",
        .open =
            [](const std::string& place) { return sqlite::open({.path = sqlite_path(place) + "/", .max_open = 3}); },
        .remove = remove_sqlite,
        .cannot_hold_a_write = "a write is held in the database of one agent, never in the directory",
        .damage = [](const std::string& place, const Damage& damage) { damage_sqlite(sqlite_path(place), damage); },
    }),
    BackendName{});

}  // namespace claimledger::conformance
