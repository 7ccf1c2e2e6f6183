#pragma once

#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace claimledger::conformance {

// A ledger that uses every kind of entry and every key: eleven batches on four lines after `head`, the last one
// a tombstone.
std::vector<Commit> sample_ledger(Head head, const AgentId& agent, std::uint64_t seed = 7);

// The answers of every read of the store at `at` about all keys that these commits mention, one a line, each with its
// question. Two stores, or one store twice, agree when the surveys do.
std::vector<std::string> survey(const Store& store, const AgentId& agent, const std::vector<Commit>& about,
                                Position at);

// All of an entry that a read gives back.
std::string full_text(const StoredEntry& entry);

}  // namespace claimledger::conformance
