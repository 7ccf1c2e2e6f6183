#include "errors.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "connection_string.hpp"
#include "parameters.hpp"

// The bytes sent to the server, and the server's errors as a caller sees them.
namespace claimledger::postgres {

namespace {

using namespace std::string_view_literals;

struct Row {
  const char* state;
  FailureKind kind;
  bool ends;
  const char* why;
};

constexpr Row rows[] = {
    {"", FailureKind::unreachable, true, "nothing came back"},
    {"08006", FailureKind::unreachable, true, "the whole class is about connections"},
    {"28P01", FailureKind::unreachable, false, "a wrong password"},
    {"3D000", FailureKind::unreachable, false, "no such database"},
    {"25006", FailureKind::unreachable, false, "a standby"},
    {"42501", FailureKind::unreachable, false, "no right to"},
    {"57P01", FailureKind::unreachable, true, "terminated"},
    {"57P02", FailureKind::unreachable, true, "another backend crashed"},
    {"57P03", FailureKind::unreachable, true, "starting up"},
    {"57014", FailureKind::busy, false, "cancelled, and not by us"},
    {"55P03", FailureKind::busy, false, "a lock was not to be had"},
    {"40001", FailureKind::busy, false, "serialization"},
    {"40P01", FailureKind::busy, false, "a deadlock"},
    {"23505", FailureKind::conflict, false, "a position that somebody else took"},
    {"23514", FailureKind::refused, false, "another constraint: ours is the bug"},
    {"23001", FailureKind::refused, false, "a guard of the ledger"},
    {"42601", FailureKind::refused, false, "a syntax error of ours"},
    {"53100", FailureKind::exhausted, false, "the disk is full"},
    {"53300", FailureKind::exhausted, false, "too many connections"},
    {"54000", FailureKind::exhausted, false, "too large"},
    {"58030", FailureKind::exhausted, false, "the disk fails"},
    {"XX001", FailureKind::corrupt, false, "a damaged table"},
    {"XX002", FailureKind::corrupt, false, "a damaged index"},
    {"3F000", FailureKind::incompatible, false, "no such schema"},
    {"42P01", FailureKind::incompatible, false, "no such table"},
    {"42883", FailureKind::incompatible, false, "no such function"},
};

std::string refusal_of(const std::string& connection) {
  try {
    const ConnectionString unreadable(connection, "open");
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable);
    return failure.detail();
  }
  ADD_FAILURE() << connection << " was read";
  return "";
}

}  // namespace

TEST(PostgresErrors, SayWhatACallerCanDo) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(kind_of(row.state), row.kind) << row.state;
    EXPECT_EQ(ends_connection(row.state), row.ends) << row.state;
  }
}

TEST(PostgresErrors, ComeWithTheServersWordsItsStateAndAdvice) {
  try {
    fail("53100", "append", "ERROR:  could not extend file\n");
    FAIL() << "nothing was thrown";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.operation(), "append");
    EXPECT_EQ(failure.detail(), "ERROR:  could not extend file (53100); the server's disk is full; free space on it");
  }
}

// A cause that the server's words tell has its own advice; each other the advice of its state.
TEST(PostgresErrors, AdviseByTheCause) {
  struct Case {
    const char* state;
    const char* operation;
    const char* words;
    const char* advice;
  };
  for (const auto& each : std::vector<Case>{
           {"42501", "open", "ERROR:  permission denied for database led", "grant it CREATE on the database"},
           {"42501", "open", "ERROR:  must be owner of table entry", "owner's work"},
           {"42501", "open", "ERROR:  permission denied to set role \"x\"", "owner's work"},
           {"42501", "migrate", "FEHLER:  keine Berechtigung für Schema claimledger", "owner's work"},
           {"42501", "append", "ERROR:  new row violates row-level security policy for table \"agent\"",
            "this login role has no such agent"},
           {"42501", "entries", "ERROR:  query would be affected by row-level security policy for table \"entry\"",
            "row_security is off"},
           {"42501", "append", "ERROR:  permission denied for function append_1", "the writer's or the reader's role"},
           {"08P01", "snapshot", "FATAL:  query_wait_timeout", "the pooler had no server connection in time"},
           {"08006", "snapshot", "FATAL:  something", "check that the server runs"},
           {"53300", "open", "FATAL:  sorry, too many clients already", "lower pool_size"},
           {"53200", "append", "ERROR:  out of memory", "no memory left"},
       }) {
    try {
      fail(each.state, each.operation, each.words);
    } catch (const StoreFailure& failure) {
      EXPECT_NE(failure.detail().find(each.advice), std::string::npos) << failure.what();
    }
  }
}

TEST(PostgresErrors, OfAConnectionAdviseByTheCause) {
  struct Case {
    const char* state;
    std::string words;
    FailureKind kind;
    const char* advice;
  };
  for (const auto& each : std::vector<Case>{
           {"3D000", "FATAL:  database \"led\" does not exist", FailureKind::unreachable, "there is no such database"},
           {"28P01", "FATAL:  password authentication failed", FailureKind::unreachable, "check user and password"},
           {"28000", "FATAL:  role \"ada\" does not exist", FailureKind::unreachable, "there is no such role"},
           {"28000", "FATAL:  no pg_hba.conf entry for host", FailureKind::unreachable, "pg_hba.conf"},
           {"53300", "FATAL:  sorry, too many clients already", FailureKind::unreachable, "lower pool_size"},
           {"57P03", "FATAL:  the database system is starting up", FailureKind::unreachable, "try again in a moment"},
           {"42501", "FATAL:  permission denied for database \"led\"", FailureKind::unreachable, "grant it CONNECT"},
           {"08P01", "FATAL:  server login has been failing", FailureKind::unreachable, "the pooler had no server"},
           {"", "fe_sendauth: no password supplied", FailureKind::unreachable, "PGPASSWORD"},
           {"", "server does not support SSL, but SSL was required", FailureKind::unreachable, "offers no TLS"},
           {"", "SSL error: certificate verify failed", FailureKind::unreachable, "sslrootcert"},
           {"", "root certificate file \"x\" does not exist", FailureKind::unreachable, "sslrootcert"},
           {"", "invalid sslmode value: \"sometimes\"", FailureKind::unreachable, "check the options"},
           {"", "definition of service \"x\" not found", FailureKind::unreachable, "PGSERVICEFILE"},
           {"42704", "FATAL:  unrecognized configuration parameter", FailureKind::unreachable, "PGOPTIONS"},
           {"", "timeout expired", FailureKind::unreachable, "nobody answered in time"},
           {"", "session is read-only", FailureKind::unreachable, "target_session_attrs"},
           {"", std::string("could not create socket: ") + std::strerror(EMFILE), FailureKind::exhausted, "ulimit -n"},
       }) {
    try {
      fail_to_connect("open", each.state, each.words);
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), each.kind) << failure.what();
      EXPECT_NE(failure.detail().find(each.advice), std::string::npos) << failure.what();
    }
  }
}

TEST(ConnectionStrings, AreTakenApartAndPutTogether) {
  const ConnectionString both("postgres://ada@one:5433,two/ledgers?target_session_attrs=read-write", "test");

  EXPECT_EQ(both.value("host"), "one,two");
  EXPECT_EQ(both.with("dbname", "other").value("dbname"), "ledgers");
  EXPECT_EQ(both.with_ours("dbname", "other").value("dbname"), "other");
  EXPECT_EQ(ConnectionString(both.text(), "test").text(), both.text());
  const ConnectionString odd("dbname='it\\'s \\\\ odd' password=''", "test");
  EXPECT_EQ(odd.value("dbname"), "it's \\ odd");
  EXPECT_EQ(ConnectionString(odd.text(), "test").value("dbname"), "it's \\ odd");
}

TEST(ConnectionStrings, LoseTheirSecretsInMessages) {
  EXPECT_EQ(redacted("at postgresql://ada:tr0ub4dor@host/db"), "at postgresql://ada:***@host/db");
  EXPECT_EQ(redacted("at postgres://host/db?user=ada&password=tr0ub4dor&sslmode=require"),
            "at postgres://host/db?user=ada&password=***&sslmode=require");
  EXPECT_EQ(redacted("host=db password = 'tr0 ub\\'4 dor' user=ada"), "host=db password = *** user=ada");
}

TEST(ConnectionStrings, ThatCannotBeReadAreNotRepeated) {
  for (const auto* text :
       {"host=db tr0ub4dor", "postgres://ada:tr0ub4dor@[host/db", "password='tr0ub4dor", "password=the tr0ub4dor=1",
        "host=db password = the tr0ub4dor = 1 user=ada", "postgres://ada:the/tr0?tr0ub4dor=1@host/db",
        "postgres://ada:%tr0ub4dor@host/db", "postgres://ada:tr0ub4dor/db", "sslpassword=the tr0ub4dor=1"}) {
    EXPECT_EQ(refusal_of(text).find("tr0ub4dor"), std::string::npos) << refusal_of(text);
  }
}

TEST(ConnectionStrings, ThatCannotBeReadSayWhatIsWrong) {
  for (const auto* text : {"host=db sslmod=require", "postgres://ada:tr0ub4dor@host/db?sslmod=require",
                           "host=db password='tr0 ub4dor' sslmod=require", "postgres://host/db?a=1&sslmod=require"}) {
    const auto why = refusal_of(text);
    EXPECT_NE(why.find(std::string_view(text).find("a=1") == std::string_view::npos ? "no option \"sslmod\""
                                                                                    : "no option \"a\""),
              std::string::npos)
        << why;
  }
  for (const auto* text : {"postgres://app:p@ss/w:rd#%@host/led", "postgres://app:p%ss@host/led"})
    EXPECT_NE(refusal_of(text).find("percent-encoded"), std::string::npos) << refusal_of(text);
  EXPECT_NE(refusal_of("host=db password=two words").find("'it\\'s one'"), std::string::npos);
}

TEST(PostgresParameters, AnArrayIsWholeAfterEachElement) {
  auto texts = Array::texts();
  EXPECT_EQ(texts.view(),
            "\0\0\0\0"
            "\0\0\0\0"
            "\0\0\0\x19"sv);

  texts.add("ab");
  EXPECT_EQ(texts.view(),
            "\0\0\0\1"
            "\0\0\0\0"
            "\0\0\0\x19"
            "\0\0\0\1"
            "\0\0\0\1"
            "\0\0\0\2"
            "ab"sv);

  texts.add_null();
  EXPECT_EQ(texts.view(),
            "\0\0\0\1"
            "\0\0\0\1"
            "\0\0\0\x19"
            "\0\0\0\2"
            "\0\0\0\1"
            "\0\0\0\2"
            "ab"
            "\xff\xff\xff\xff"sv);
}

TEST(PostgresParameters, WhatIsLentIsNotCopied) {
  auto bodies = Array::bytes();
  bodies.add("a body longer than what a string holds in itself");
  Parameters parameters(std::int64_t{258}, true);

  parameters.borrow(bodies);

  EXPECT_EQ(parameters[0], "\0\0\0\0\0\0\1\2"sv);
  EXPECT_EQ(parameters[1], "\1"sv);
  EXPECT_EQ(parameters[2].data(), bodies.view().data());
  EXPECT_EQ(parameters.bytes(), 4 + 8 + 4 + 1 + 4 + bodies.view().size());
}

TEST(PostgresParameters, AreRefusedWhereTheServerTakesNoMore) {
  EXPECT_NO_THROW(check_fits(most_bytes, "append"));
  try {
    check_fits(most_bytes + 1, "append");
    FAIL() << "nothing was thrown";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unsupported);
    EXPECT_EQ(failure.detail(), "a batch of " + std::to_string(most_bytes + 1) +
                                    " bytes; Postgres takes less than 1 GiB in one; append it in smaller batches");
  }
}

}  // namespace claimledger::postgres
