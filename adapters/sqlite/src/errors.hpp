#pragma once

#include <string>

#include "claimledger/failure.hpp"

struct sqlite3;

namespace claimledger::sqlite {

// What a result code means to the caller: the one table.
FailureKind kind_of(int result_code);

// Throws what the last call on this connection reported, with advice.
[[noreturn]] void fail(sqlite3* connection, int result_code, const char* operation);

[[noreturn]] void corrupt(const char* operation, const std::string& detail);

}  // namespace claimledger::sqlite
