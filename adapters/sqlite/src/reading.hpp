#pragma once

#include <vector>

#include "database.hpp"

// The reads of the port, on one connection. Each is told the agent's name and finds its number.
namespace claimledger::sqlite::reading {

// Nothing for an agent that has no batch.
std::optional<std::int64_t> agent_number(Database& database, const AgentId& agent);

// A line's number, the position of its first entry; nothing for an unknown line.
std::optional<Position> line_number(Database& database, std::int64_t agent, const LineKey& key);

Head head(Database& database, const AgentId& agent);
Snapshot snapshot(Database& database, const AgentId& agent, const Moment& moment, const Wanted& wanted);
std::vector<Derivation> dependants(Database& database, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at);
std::vector<LineKey> lines(Database& database, const AgentId& agent, const std::optional<std::string>& subject,
                           const std::optional<LineKey>& after, std::size_t limit, Position at);
std::vector<std::string> subjects(Database& database, const AgentId& agent, const std::optional<std::string>& after,
                                  std::size_t limit, Position at);
std::vector<StoredBatch> batches(Database& database, const AgentId& agent, Position after, std::size_t limit);
std::vector<AgentHead> agents(Database& database, const std::optional<AgentId>& after, std::size_t limit);

// Counts of an agent's rows, and rows that contradict each other; see inventory.cpp.
Inventory inventory(Database& database, const AgentId& agent);

// One page of entries; see paging.cpp.
std::vector<StoredEntry> entries(Database& database, const AgentId& agent, const EntryQuery& query, Position at);

// The entry at a position that a key names: missing is corrupt.
StoredEntry entry(Database& database, std::int64_t agent, Position seq);
std::int64_t count(std::size_t limit);

}  // namespace claimledger::sqlite::reading
