#pragma once

#include <span>
#include <string>
#include <vector>

#include "claimledger/migrations/migration.hpp"
#include "database.hpp"

namespace claimledger::sqlite {

bool has_table(Database& database, const std::string& name);

// The migrations that a database has had; none for a fresh one.
std::vector<migrations::Applied> applied_migrations(Database& database);

// Those of them of which a table is gone, as somebody may drop what is only derived from the ledger. No other is made
// again.
std::vector<migrations::Migration> lost_migrations(Database& database, std::span<const migrations::Applied> applied);

// Applies what is pending, each in one transaction with its row in schema_migrations. The caller holds the writer's
// turn.
void apply_migrations(Database& database, std::span<const migrations::Migration> pending);
// Applies what is lost again, in one transaction. Failure: StoreFailure{corrupt}, and nothing is made: something else
// is wrong with the schema.
void apply_again(Database& database);

// The first difference from the schema that the migrations make: a missing or altered table, index or trigger, or a
// trigger that they do not know. Empty: none. Further tables, views and indexes are an operator's and change no answer.
std::string schema_damage(Database& database);

// What SQLite finds wrong with the trees of a database, of all agents: an index that disagrees with its table gives
// wrong answers, which no reading of the entries shows. Empty: nothing. Reads all of it.
std::string tree_damage(Database& database);

// "0001_ledger"
std::string label(std::uint32_t version, std::string_view name);

}  // namespace claimledger::sqlite
