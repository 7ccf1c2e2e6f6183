#include <claimledger/conformance/store_contract.hpp>
#include <claimledger/memory/memory_store.hpp>

namespace claimledger::conformance {

INSTANTIATE_TEST_SUITE_P(Stranger, StoreContract,
                         testing::Values(Backend{.name = "memory",
                                                 .open = [](const std::string&) { return memory::open(); },
                                                 .cannot_reopen = "memory is gone with its process",
                                                 .cannot_share = "every handle is a memory of its own",
                                                 .cannot_damage = "nothing is stored outside the process",
                                                 .cannot_hold_a_write = "no other process sees it"}),
                         BackendName{});

}  // namespace claimledger::conformance
