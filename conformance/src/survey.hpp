#pragma once

#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace claimledger::conformance {

// A ledger that uses every kind of entry and every key: eleven batches on four lines after `head`, the last one
// a tombstone.
std::vector<Commit> sample_ledger(Head head, const AgentId& agent, std::uint64_t seed = 7);

// What every read of the store answers at `at` about whatever these commits mention, one answer a line, each line
// naming its question. Two stores, or one store twice, agree when the surveys do.
std::vector<std::string> survey(const Store& store, const AgentId& agent, const std::vector<Commit>& about,
                                Position at);

// All of an entry that a read gives back.
std::string full_text(const StoredEntry& entry);

}  // namespace claimledger::conformance
