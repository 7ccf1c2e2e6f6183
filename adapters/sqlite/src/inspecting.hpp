#pragma once

#include <string>
#include <vector>

#include "claimledger/migrations/migration.hpp"
#include "database.hpp"

// What lies at a path, before it is opened as a ledger.
namespace claimledger::sqlite {

// Checks by the first bytes that a file is a database of ours. Returns whether it has a write-ahead log.
// Failure: StoreFailure{incompatible}: no database, or another program's; {corrupt}: empty, cut, or its log is damaged;
//          {unreachable}.
bool read_header(const std::string& path);

// The database found at a path, inspected without changing a byte.
struct Found {
  bool exists = false;
  bool write_ahead_log = false;
  std::vector<migrations::Applied> applied;
  std::vector<migrations::Migration> pending;
  std::vector<migrations::Migration> lost;  // see lost_migrations()
  bool current() const { return pending.empty() && lost.empty(); }
};

// Failure: StoreFailure{incompatible}: no database, another program's, a newer version's; {unreachable}; {corrupt}.
Found inspect(const std::string& path);

// How a database is opened that may be in use: to read, where this process may not write. It is honoured with its log
// then, and without one as what nobody writes. Failure: StoreFailure{unreachable}: its log cannot be honoured.
Access access_to(const std::string& path);

}  // namespace claimledger::sqlite
