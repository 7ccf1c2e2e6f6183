#include "errors.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace claimledger::postgres {

namespace {

struct Row {
  std::string_view state;  // a whole SQLSTATE, or the two letters of its class
  FailureKind kind;
  const char* advice;
};

// A whole state stands before its class. The first row that fits decides; a state without a row is `refused`: a
// statement or a schema of ours is wrong.
constexpr Row table[] = {
    {"", FailureKind::unreachable, "the connection was lost; try again"},
    {"08", FailureKind::unreachable, "check that the server runs and can be reached"},
    {"3D000", FailureKind::unreachable, "there is no such database; create it, or name another"},
    {"28", FailureKind::unreachable, "check user and password"},
    {"42501", FailureKind::unreachable, "this role may not do that; grant it the writer's or the reader's role"},
    {"25006", FailureKind::unreachable,
     "nothing may be written here: the server is a standby (name the primary, or add target_session_attrs=read-write), "
     "or default_transaction_read_only is on for this role or database"},
    {"57P01", FailureKind::unreachable, "the server closed the connection; try again"},
    {"57P02", FailureKind::unreachable, "the server crashed and recovers; try again"},
    {"57P03", FailureKind::unreachable, "the server is starting or stopping; try again"},
    {"57P05", FailureKind::unreachable, "the server closed an idle connection; try again"},
    {"57014", FailureKind::busy, "the server gave up; try again, or allow more time"},
    {"55P03", FailureKind::busy, "another writer holds the ledger; try again later"},
    {"40001", FailureKind::busy, "another transaction came first; try again"},
    {"40P01", FailureKind::busy, "another transaction came first; try again"},
    {"55006", FailureKind::busy, "somebody else uses it; try again later"},
    {"23505", FailureKind::conflict, "another writer came first"},
    {"53", FailureKind::exhausted, "the server has no room, memory or connections left; look at its log"},
    {"54", FailureKind::exhausted, "a value is larger than the database allows"},
    {"58", FailureKind::exhausted, "the server's disk does not read or write; look at its log"},
    {"XX001", FailureKind::corrupt, "stop writing, check the disk, restore a backup"},
    {"XX002", FailureKind::corrupt, "stop writing, check the disk, restore a backup"},
    {"3F000", FailureKind::incompatible, "there is no ledger in this schema; run `claimledger migrate`"},
    {"42P01", FailureKind::incompatible, "a table is missing; run `claimledger migrate`"},
    {"42883", FailureKind::incompatible, "a function is missing; run `claimledger migrate`"},
};

// What helps against one cause of a state. The server's words are known in English; in another language the advice of
// the state itself stands. Without an operation: in any.
struct Cause {
  std::string_view state;
  std::string_view operation;
  std::string_view words;
  const char* advice;
};

constexpr const char* owners_work =
    "changing the schema is its owner's work: run `claimledger migrate` or `init` as a role that is, or may become, "
    "the owner";
constexpr const char* no_server_in_time =
    "the pooler had no server connection in time: its pool is used up, or the server behind it is down; enlarge "
    "default_pool_size, or look at the pooler's log";

constexpr Cause causes[] = {
    {"42501", "", "permission denied for database",
     "this role may make no schema here: grant it CREATE on the database, or let `claimledger init` be run by a role "
     "that may"},
    {"42501", "", "new row violates row-level security",
     "tenancy is enforced, and this login role has no such agent: `claimledger init --tenancy enforced --tenant "
     "ROLE=AGENT`, run by the owner, gives it one"},
    {"42501", "", "would be affected by row-level security",
     "row_security is off for this role or database, and the ledger needs it: ALTER ROLE … SET row_security = on"},
    {"42501", "", "must be owner", owners_work},
    {"42501", "", "permission denied to set role", owners_work},
    {"42501", "migrate", "", owners_work},
    {"42501", "init", "", owners_work},
    {"42501", "tenant", "", owners_work},
    {"08P01", "", "query_wait_timeout", no_server_in_time},
    {"08P01", "", "server login", no_server_in_time},
    {"08P01", "", "server conn", no_server_in_time},
    // A pooler that ends the session says it in words only.
    {"", "", "query_wait_timeout", no_server_in_time},
    {"", "", "server login", no_server_in_time},
    {"", "", "server conn", no_server_in_time},
    {"53100", "", "", "the server's disk is full; free space on it"},
    {"53200", "", "", "the server has no memory left; look at its log"},
    {"53300", "", "",
     "the server has no connection left: lower pool_size, put a pooler between, or raise max_connections or the "
     "role's CONNECTION LIMIT"},
};

// The same of an attempt to connect. Where no server answered, the words are libpq's.
constexpr Cause connecting[] = {
    {"3D000", "", "", "there is no such database; create it, or name another by dbname"},
    {"28P01", "", "",
     "check user and password; ~/.pgpass, a service file or PGPASSWORD give a password without showing it"},
    {"28000", "", "no pg_hba.conf entry",
     "the server's pg_hba.conf lets this user not in from here, or only over TLS (sslmode=require)"},
    {"28000", "", "", "there is no such role, or it may not log in; name another by user, or create it"},
    {"42501", "", "", "this role may not connect to this database: grant it CONNECT"},
    {"57P03", "", "", "the server is starting, stopping or recovering; try again in a moment"},
    {"", "", "no password supplied",
     "the server wants a password: ~/.pgpass, a service file or PGPASSWORD give one without showing it"},
    {"", "", "server does not support SSL", "the server offers no TLS: set it up there, or ask for less by sslmode"},
    {"", "", "certificate",
     "TLS is not as asked for: sslmode says what is checked, sslrootcert by what, and host has to be a name in the "
     "server's certificate"},
    {"", "", "SSL", "TLS is not as asked for: check sslmode, sslrootcert, sslcert and sslkey"},
    {"", "", "timeout expired", "nobody answered in time: check host and port, or try again later"},
    {"", "", "session is ", "no server is what target_session_attrs asks for; name the others too"},
    {"", "", "server is in hot standby", "no server is what target_session_attrs asks for; name the others too"},
    {"", "", "server is not in hot standby", "no server is what target_session_attrs asks for; name the others too"},
    {"", "", "translate host name", "check the name of the host"},
    {"", "", "definition of service", "check the service file: ~/.pg_service.conf, or what PGSERVICEFILE names"},
    {"", "", "invalid ", "check the options of the connection string"},
    {"42704", "", "", "check options in the connection string, and PGOPTIONS"},
    {"22023", "", "", "check options in the connection string, and PGOPTIONS"},
};

const char* advice_of(std::span<const Cause> all, std::string_view state, std::string_view operation,
                      std::string_view message) {
  for (const auto& each : all) {
    const bool fits = each.state == state && (each.operation.empty() || each.operation == operation) &&
                      message.find(each.words) != std::string_view::npos;
    if (fits) return each.advice;
  }
  return nullptr;
}

std::string in_one_line(std::string_view message) {
  std::string line;
  for (const char c : message) {
    if (c != '\n' && c != '\t') {
      line += c;
    } else if (!line.ends_with(' ')) {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

const Row* row_of(std::string_view sqlstate) {
  for (const auto& row : table) {
    if (row.state == sqlstate || (row.state.size() == 2 && sqlstate.starts_with(row.state))) return &row;
  }
  return nullptr;
}

}  // namespace

FailureKind kind_of(std::string_view sqlstate) {
  const auto* row = row_of(sqlstate);
  return row ? row->kind : FailureKind::refused;
}

bool ends_connection(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

void fail(std::string_view sqlstate, const char* operation, const std::string& message) {
  // Only the first line is kept: the others name rows and statements, and so repeat text that callers typed.
  auto detail = message.substr(0, message.find('\n'));
  if (!sqlstate.empty()) detail += " (" + std::string(sqlstate) + ")";
  const auto* row = row_of(sqlstate);
  const auto* advice = advice_of(causes, sqlstate, operation, message);
  if (advice || row) detail += std::string("; ") + (advice ? advice : row->advice);
  throw StoreFailure(kind_of(sqlstate), operation, detail);
}

void fail_to_connect(const char* operation, std::string_view sqlstate, std::string message) {
  message = in_one_line(message);
  for (const int lacking : {EMFILE, ENFILE}) {
    if (message.find(std::strerror(lacking)) == std::string::npos) continue;
    throw StoreFailure(FailureKind::exhausted, operation,
                       message + "; no file descriptor is left: raise the limit (ulimit -n), or lower pool_size");
  }
  const auto* advice = advice_of(connecting, sqlstate, operation, message);
  if (!advice) advice = advice_of(causes, sqlstate, operation, message);
  if (!sqlstate.empty()) message += " (" + std::string(sqlstate) + ")";
  if (!advice) advice = "there is no connection: check server, database, user and password, or try again later";
  throw StoreFailure(FailureKind::unreachable, operation, message + "; " + advice);
}

void corrupt(const char* operation, const std::string& detail) {
  throw StoreFailure(FailureKind::corrupt, operation, detail);
}

}  // namespace claimledger::postgres
