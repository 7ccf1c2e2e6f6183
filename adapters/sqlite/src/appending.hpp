#pragma once

#include "database.hpp"

namespace claimledger::sqlite::appending {

// Checks a commit against a head that nobody else can move and, if it may land, writes it. Runs inside a write
// transaction. `head` moves with what is written. `alone`: nothing else is written in this transaction, so that the
// caller rolls it back where the commit is refused; otherwise the commit is undone by itself.
Outcome append(Database& database, const Commit& commit, Head& head, bool alone);

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch);

}  // namespace claimledger::sqlite::appending
