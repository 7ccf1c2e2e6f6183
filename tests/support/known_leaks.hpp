#pragma once

// Suppressions for leaks that LeakSanitizer finds in libraries.
namespace claimledger::tests {

// libpqxx 6.4 loses the result that tells it of a lost connection: it asks the connection, which is no more, for its
// encoding before anybody owns the result (jtv/libpqxx#500; later versions keep it).
// So does every call that waits for one: prepare, and execution with a name, with parameters or without; and, rarely
// and under load, waiting for a notification, whose own function is not named in the report. No result is ours.
inline constexpr const char* known_leaks =
    "leak:PQmakeEmptyPGresult\n"
    "leak:pqxx::connection_base::exec\n"
    "leak:pqxx::connection_base::register_prepared\n";

}  // namespace claimledger::tests
