#pragma once

#include "database.hpp"

namespace claimledger::sqlite::appending {

// Checks a commit against the head and writes it if it may land. Runs inside a write transaction, so nobody else moves
// the head; `head` moves with the written batch. `alone`: the transaction holds nothing else, so that the caller rolls
// it back when the commit is refused; otherwise only the commit is undone.
Outcome append(Database& database, const Commit& commit, Head& head, bool alone);

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch);

}  // namespace claimledger::sqlite::appending
