#pragma once

#include "database.hpp"

// Rows into the port's structures, and back.
namespace claimledger::sqlite {

// The row of `line`, `entry` or `entries_from`. `line` is the line's name where the statement leaves it out.
// Failure: StoreFailure{corrupt}.
StoredEntry entry_row(const Run& row, const char* operation, const LineKey* line = nullptr);

// The row of `batch` of a first entry, without the entries.
StoredBatch batch_row(const Run& row, const char* operation, const AgentId& agent);

Uuid uuid_column(const Run& row, int column, const char* operation);
Digest digest_column(const Run& row, int column, const char* operation);
Position position_column(const Run& row, int column);
TxTime time_column(const Run& row, int column);

}  // namespace claimledger::sqlite
