#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// How a schema comes to be: numbered files, applied in order, never edited once released, never undone.
// Threads:  any function from any thread.
namespace claimledger::migrations {

struct Migration {
  std::uint32_t version = 0;  // 1, 2, 3… without gaps
  std::string_view name;      // the file's name without number and ending
  std::string_view sql;
};

// A migration as a database remembers it.
struct Applied {
  std::uint32_t version = 0;
  std::string name;
  std::string checksum;
};

// The version-5 UUID of a migration's text.
std::string checksum(std::string_view sql);

// The migrations that remain to be applied, in order. `applied` and `embedded` are ordered by version.
// Failure: StoreFailure{incompatible} when the database is newer than this program, has a gap, or was made by a text
// that has been edited since.
std::vector<Migration> plan(std::span<const Applied> applied, std::span<const Migration> embedded);

// Every migration of the SQLite schema.
std::span<const Migration> sqlite();

// Every migration of the Postgres schema, numbered as SQLite's. Each expects search_path to name the ledger's schema.
std::span<const Migration> postgres();

}  // namespace claimledger::migrations
