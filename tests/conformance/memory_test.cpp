#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"

namespace claimledger::conformance {

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         testing::Values(Backend{
                             .name = "memory",
                             .open = [](const std::string&) { return memory::open(); },
                             .cannot_reopen = "forgets everything with its handle",
                             .cannot_share = "lives in one handle",
                             .cannot_damage = "keeps nothing outside the process",
                             .cannot_hold_a_write = "has no writer but the process",
                         }),
                         BackendName{});

}  // namespace claimledger::conformance
