#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::conformance {

INSTANTIATE_TEST_SUITE_P(SqliteMemory, StoreContract,
                         testing::Values(Backend{
                             .name = "sqlite_memory",
                             .open = [](const std::string&) { return sqlite::open({.path = ":memory:"}); },
                             .cannot_reopen = "forgets everything with its handle",
                             .cannot_share = "lives in one handle",
                             .cannot_damage = "keeps nothing outside the process",
                             .cannot_hold_a_write = "has no writer but the process",
                         }),
                         BackendName{});

}  // namespace claimledger::conformance
