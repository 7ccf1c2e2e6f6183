#pragma once

#include <vector>

#include "database.hpp"

// The reads of the port, each one statement.
namespace claimledger::postgres::reading {

// The arguments that all reads share.
struct Reader {
  const Database& database;
  const Call& call;
  const char* operation;

  using WaitForStandbys = Database::WaitForStandbys;
  Rows ask(Query query, const Parameters& parameters, WaitForStandbys wait = WaitForStandbys::no) const {
    return database.ask(query, parameters, call, operation, wait);
  }
};

// A snapshot, and the last tombstone of the ledger: rows read before it may still show the content that it erased.
struct Look {
  Snapshot snapshot;
  Position last_tombstone;
};
Look snapshot(const Reader& reader, const AgentId& agent, const Moment& moment, const Wanted& wanted);
// Sorts the rows of read_snapshot that are left in an answer.
Look sorted(Rows& row, const AgentId& agent, const Wanted& wanted, const char* operation);

// The wanted items as array parameters of read_snapshot and append.
struct WantedColumns {
  explicit WantedColumns(const Wanted& wanted);
  Array subjects = Array::texts();
  Array predicates = Array::texts();
  Array after = Array::integers();
  Array keys = Array::bytes();
  Array claims = Array::uuids();
};

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
// One page; see paging.cpp.
std::vector<StoredEntry> entries(const Reader& reader, const AgentId& agent, const EntryQuery& query, Position at);

std::int64_t count(std::size_t limit);

}  // namespace claimledger::postgres::reading
