#pragma once

#include <vector>

#include "database.hpp"

// The reads of the port, each one statement.
namespace claimledger::postgres::reading {

// What every read comes with.
struct Reader {
  const Database& database;
  const Call& call;
  const char* operation;

  using Settles = Database::Settles;
  Rows ask(Query query, const Parameters& parameters, Settles settles = Settles::no) const {
    return database.ask(query, parameters, call, operation, settles);
  }
};

Head head(const Reader& reader, const AgentId& agent);
Snapshot snapshot(const Reader& reader, const AgentId& agent, const Moment& moment, const Wanted& wanted);
// The lists of a snapshot, up to a position that is taken as it is; no head.
Snapshot up_to(const Reader& reader, const AgentId& agent, Position at, const Wanted& wanted);
Position position_at(const Reader& reader, const AgentId& agent, TxTime time);
std::vector<Derivation> dependants(const Reader& reader, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at);
std::vector<StoredEntry> open_adjudications(const Reader& reader, const AgentId& agent, Position after,
                                            std::size_t limit, Position at);
std::vector<LineKey> lines(const Reader& reader, const AgentId& agent, const std::optional<std::string>& subject,
                           const std::optional<LineKey>& after, std::size_t limit, Position at);
std::vector<std::string> subjects(const Reader& reader, const AgentId& agent, const std::optional<std::string>& after,
                                  std::size_t limit, Position at);
std::vector<StoredBatch> batches(const Reader& reader, const AgentId& agent, Position after, std::size_t limit);
std::vector<AgentHead> agents(const Reader& reader, const std::optional<AgentId>& after, std::size_t limit);
Inventory inventory(const Reader& reader, const AgentId& agent);

// One page of entries; see paging.cpp.
struct EntryPage {
  const EntryFilter& filter;
  Order order;
  std::size_t limit;
  Position at;
};
std::vector<StoredEntry> entries(const Reader& reader, const AgentId& agent, const EntryPage& page);

std::int64_t count(std::size_t limit);

}  // namespace claimledger::postgres::reading
