#include "errors.hpp"

#include <gtest/gtest.h>

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

std::string without_secrets(const std::string& connection, const std::string& message) {
  return ConnectionString(connection, "test").redact(message);
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
    EXPECT_EQ(failure.detail(),
              "ERROR:  could not extend file (53100); the server has no room, memory or connections left; look at its "
              "log");
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
  const std::string said = "FATAL: no entry for ada, tr0ub4dor";

  EXPECT_EQ(without_secrets("postgres://ada:tr0ub4dor@host/db", said), "FATAL: no entry for ada, ***");
  EXPECT_EQ(without_secrets("user=ada password='tr0ub4dor'", said), "FATAL: no entry for ada, ***");
  EXPECT_EQ(without_secrets("user=ada sslpassword=tr0ub4dor", said), "FATAL: no entry for ada, ***");
  EXPECT_EQ(redacted("at postgresql://ada:tr0ub4dor@host/db"), "at postgresql://ada:***@host/db");
  EXPECT_EQ(redacted("at postgres://host/db?user=ada&password=tr0ub4dor&sslmode=require"),
            "at postgres://host/db?user=ada&password=***&sslmode=require");
  EXPECT_EQ(redacted("host=db password = 'tr0 ub\\'4 dor' user=ada"), "host=db password = *** user=ada");
}

TEST(ConnectionStrings, ThatCannotBeReadAreNotRepeated) {
  for (const auto* text : {"host=db tr0ub4dor", "postgres://ada:tr0ub4dor@[host/db", "password='tr0ub4dor"}) {
    try {
      const ConnectionString unreadable(text, "open");
      ADD_FAILURE() << text << " was read";
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::unreachable);
      EXPECT_EQ(std::string(failure.what()).find("tr0ub4dor"), std::string::npos) << failure.what();
    }
  }
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
