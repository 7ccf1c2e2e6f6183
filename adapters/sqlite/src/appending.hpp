#pragma once

#include "database.hpp"

namespace claimledger::sqlite::appending {

// Judges a commit and, if it may land, writes it. Runs inside a write transaction.
Outcome append(Database& database, const Commit& commit);

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch);

}  // namespace claimledger::sqlite::appending
