#pragma once

#include <string>

#include "claimledger/failure.hpp"

struct sqlite3;

namespace claimledger::sqlite {

// The failure kind of each result code: the one table.
FailureKind kind_of(int result_code);

// Throws what the last call on this connection reported, with advice.
[[noreturn]] void fail(sqlite3* connection, int result_code, const char* operation);

// Whether a result code is of a write that found no room: on the disk, or within the limit of this process.
bool is_out_of_room(int result_code);

// Throws for a file that the system does not open, by errno.
[[noreturn]] void cannot_open(int error, const char* operation, const std::string& path);

// What helps against a derived table that is gone.
inline constexpr const char* way_to_make_derived =
    "it is derived from the ledger: `claimledger migrate` makes it anew, and `claimledger reindex`, for words, or "
    "`claimledger embed`, for vectors, fills it";
// What helps against rows of one that say what none says.
inline constexpr const char* way_to_file_anew = "`claimledger reindex --anew` files them once more";

[[noreturn]] void corrupt(const char* operation, const std::string& detail);

}  // namespace claimledger::sqlite
