#include "errors.hpp"

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
  auto detail = message;
  // Only the first line is kept: the others name rows and statements, and so repeat text that callers typed.
  if (!sqlstate.empty()) detail = detail.substr(0, detail.find('\n'));
  while (!detail.empty() && detail.back() == '\n') detail.pop_back();
  if (!sqlstate.empty()) detail += " (" + std::string(sqlstate) + ")";
  if (const auto* row = row_of(sqlstate)) detail += std::string("; ") + row->advice;
  throw StoreFailure(kind_of(sqlstate), operation, detail);
}

void fail_to_connect(const char* operation, std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  throw StoreFailure(
      FailureKind::unreachable, operation,
      message + "; there is no connection: check server, database, user and password, or try again later");
}

void corrupt(const char* operation, const std::string& detail) {
  throw StoreFailure(FailureKind::corrupt, operation, detail);
}

}  // namespace claimledger::postgres
