#pragma once

#include <string>
#include <vector>

#include "claimledger/migrations/migration.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"

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
};

// Failure: StoreFailure{incompatible}: no database, another program's, a newer version's; {unreachable}; {corrupt}.
Found inspect(const std::string& path);

// How a database is opened that may be in use: to read, where this process may not write. It is honoured with its log
// then, and without one as what nobody writes. Failure: StoreFailure{unreachable}: its log cannot be honoured.
Access access_to(const std::string& path);

// The migrations that a database has had; none for a fresh one.
std::vector<migrations::Applied> applied_migrations(Database& database);

// Applies what is pending, each in one transaction with its row in schema_migrations. The caller holds the writer's
// turn.
void apply_migrations(Database& database, std::span<const migrations::Migration> pending);

// The first difference from the schema that the migrations make: a missing or altered table, index or trigger, or a
// trigger that they do not know. Empty: none. Further tables, views and indexes are an operator's and change no answer.
std::string schema_damage(Database& database);

// What SQLite finds wrong with the trees of a database, of all agents: an index that disagrees with its table gives
// wrong answers, which no reading of the entries shows. Empty: nothing. Reads all of it.
std::string tree_damage(Database& database);

// "0001_ledger"
std::string label(std::uint32_t version, std::string_view name);

}  // namespace claimledger::sqlite
