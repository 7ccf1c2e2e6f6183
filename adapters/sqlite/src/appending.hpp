#pragma once

#include <map>
#include <span>

#include "claimledger/ports/search_index.hpp"
#include "database.hpp"

namespace claimledger::sqlite::appending {

// What a write transaction has read of a ledger. It holds until the transaction ends, for nobody else writes.
struct Known {
  Head head;
  std::map<LineKey, std::optional<Position>> lines;  // each line looked up, with its first entry if it has one
  std::optional<TextIndex> index = {};               // once it was looked up
};

// Why a database does not take the first batch of an agent; nothing: it does. One without an entry is what its name
// says.
std::optional<std::string> refusal_of_first(Database& database, const AgentId& agent);

// What becomes of a commit that a guard refuses: the transaction is rolled back, whatever else it holds, or the commit
// alone is undone.
enum class Refused { ends_transaction, undone_alone };

// Checks a commit against the head and writes it if it may land. Runs inside a write transaction. Updates `known` with
// the written batch.
Outcome append(Database& database, const Commit& commit, Known& known, Refused refused);

bool any_done(std::span<const Outcome> outcomes);

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch);

}  // namespace claimledger::sqlite::appending
