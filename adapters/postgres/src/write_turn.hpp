#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "database.hpp"
#include "recent_ledgers.hpp"

namespace claimledger::postgres {

// Begins a write of these agents. Where a process knows the head and what is wanted, or takes a line that it does not
// know for new, no question is asked: the append is sent at once, and the server says whether that still held. Where it
// did not, the same answer brings what does, and the agent's turn stays with this session until the second attempt: the
// writers of one agent write in the order in which they asked, two round trips each. Behind a pooler that gives out
// connections by transaction nothing stays with a session; there the second attempt is a guess again, and from the
// third on a transaction keeps the turn.
// `told` is called after each append that landed. Failure: StoreFailure.
std::unique_ptr<WriteTurn> begin_write(const Database& database, RecentLedgers& recent,
                                       std::vector<WriteIntent> intents, const Call& call, std::function<void()> told);

}  // namespace claimledger::postgres
