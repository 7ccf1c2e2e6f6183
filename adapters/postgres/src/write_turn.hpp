#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "database.hpp"
#include "recent_ledgers.hpp"

namespace claimledger::postgres {

// Begins a write of these agents. A process that knows the head and the wanted rows, or takes an unknown line for new,
// asks nothing first: it sends the append at once, and the server checks the assumption. If that no longer holds, the
// same answer brings the current rows, and the session keeps the agent's turn until the second attempt. So the writers
// of one agent write in the order in which they asked, in two round trips each. Behind a pooler in transaction mode a
// session keeps nothing: the second attempt is a guess again, and from the third on a transaction keeps the turn.
// `told` is called after each append that landed. Failure: StoreFailure.
std::unique_ptr<WriteTurn> begin_write(const Database& database, RecentLedgers& recent,
                                       std::vector<WriteIntent> intents, const Call& call, std::function<void()> told);

}  // namespace claimledger::postgres
