#pragma once

#include <map>

#include "database.hpp"

namespace claimledger::sqlite::appending {

// What a write transaction knows of a ledger, which nobody else can change until it ends.
struct Known {
  Head head;
  std::map<LineKey, std::optional<Position>> lines;  // that were looked up: where each begins, if it does
};

// Checks a commit against the head and, if it may land, writes it. Runs inside a write transaction. `known` goes along
// with what is written. `alone`: nothing else is written in this transaction, so that the caller rolls it back where
// the commit is refused; otherwise the commit is undone by itself.
Outcome append(Database& database, const Commit& commit, Known& known, bool alone);

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch);

}  // namespace claimledger::sqlite::appending
