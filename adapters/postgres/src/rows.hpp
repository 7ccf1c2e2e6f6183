#pragma once

#include "session.hpp"

// Rows into the port's structures.
namespace claimledger::postgres {

// The sixteen columns of an entry, from `column` on. `line` is the line's name where the statement leaves it out.
// Failure: StoreFailure{corrupt}.
StoredEntry entry_row(const Rows& row, int column, const char* operation, const LineKey* line = nullptr);

// The row of `read_batches`, without entries; `header.entries` as first and last position say.
StoredBatch batch_row(const Rows& row, const char* operation, const AgentId& agent);

Uuid uuid_column(const Rows& row, int column, const char* operation);
Digest digest_column(const Rows& row, int column, const char* operation);
// Which of `places` things asked for a row is about, from 0; the database counts from 1.
std::size_t place_column(const Rows& row, int column, std::size_t places, const char* operation);
Position position_column(const Rows& row, int column);
TxTime time_column(const Rows& row, int column);

}  // namespace claimledger::postgres
