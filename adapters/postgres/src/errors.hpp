#pragma once

#include <string>
#include <string_view>

#include "claimledger/failure.hpp"

namespace claimledger::postgres {

// The failure kind of each SQLSTATE: the one table. An empty one: the connection was lost, and the answer with it.
FailureKind kind_of(std::string_view sqlstate);

// Whether the connection is unusable after this error, although the server could still report it.
bool ends_connection(std::string_view sqlstate);

// Throws what the server reported, with advice. `message` holds no secret.
[[noreturn]] void fail(std::string_view sqlstate, const char* operation, const std::string& message);

// Throws the failure of a connection attempt: {exhausted} without a file descriptor, else {unreachable}. `sqlstate` is
// empty where no server said anything.
[[noreturn]] void fail_to_connect(const char* operation, std::string_view sqlstate, std::string message);

[[noreturn]] void corrupt(const char* operation, const std::string& detail);

}  // namespace claimledger::postgres
