#include <gtest/gtest.h>

#include <string>

#include "shell.hpp"

// What a monitor sees: gauges of ledgers, and what is slow.
namespace claimledger::tests {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST(Metrics, SayHowALedgerStands) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin; claimledger remember ada pet cat --no-word-index --embedder none");

  const auto ran = shell.run("claimledger status --metrics");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (const auto* line :
       {"# TYPE claimledger_ledger_entries gauge", "claimledger_ledger_readable{agent=\"default\"} 1",
        "claimledger_ledger_entries{agent=\"default\"} 2",
        "claimledger_ledger_clock_behind_seconds{agent=\"default\"} 0",
        "claimledger_ledger_words_filed_entries{agent=\"default\"} 1",
        "claimledger_ledger_vectors_filed_entries{agent=\"default\",model=\"all-MiniLM-L6-v2-static\"} 1",
        "db_client_operation_duration_seconds_count{db_system_name=\"claimledger\","
        "db_operation_name=\"status\"} 1"})
    EXPECT_TRUE(has_line(ran.out, line)) << line << "\n" << ran.out;
  EXPECT_NE(ran.out.find("claimledger_ledger_last_recorded_timestamp_seconds{agent=\"default\"} 1"), std::string::npos);
}

TEST(Metrics, OfAllLedgersNameThoseThatCannotBeRead) {
  const Shell shell;
  shell.run(
      "export CLAIMLEDGER_STORE=sqlite:folder/; claimledger --agent ada remember a b c; "
      "claimledger --agent \"$(printf 'b\\033o\"b')\" remember a b c; echo no database > folder/eve.db");

  const auto ran = shell.run("claimledger --store sqlite:folder/ status --metrics --all");

  EXPECT_EQ(ran.exit, 1) << "one cannot be read";
  EXPECT_TRUE(has_line(ran.out, "claimledger_ledger_readable{agent=\"ada\"} 1")) << ran.out;
  EXPECT_TRUE(has_line(ran.out, "claimledger_ledger_readable{agent=\"eve\"} 0")) << ran.out;
  EXPECT_TRUE(has_line(ran.out, "claimledger_ledger_entries{agent=\"b\\\\u{1b}o\\\"b\"} 1")) << ran.out;
  EXPECT_EQ(ran.out.find("claimledger_ledger_entries{agent=\"eve\"}"), std::string::npos);
}

TEST(Metrics, OfNoStoreAreNone) {
  const Shell shell;
  const auto ran = shell.run("claimledger status --metrics");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(shell.run("claimledger remember a b c; claimledger status --metrics --json").exit, 2);
  EXPECT_EQ(shell.run("claimledger status --all").exit, 2) << "status is of one";
}

// By name alone: what was said may be nobody's business.
TEST(Metrics, WhatIsSlowIsLogged) {
  const Shell shell;
  const auto all = shell.run(
      "seq 1 3000 | sed 's/.*/{\"subject\":\"s&\",\"predicate\":\"secret\",\"value\":1}/' | "
      "claimledger ingest - --log-slow 1ms");
  EXPECT_EQ(all.exit, 0) << all.err;
  EXPECT_NE(all.err.find("ingest took "), std::string::npos) << all.err;
  EXPECT_EQ(all.err.find("secret"), std::string::npos);
  EXPECT_EQ(shell.run("claimledger remember a b c --log-slow 1h").err, "");
  EXPECT_EQ(shell.run("claimledger remember a b c --log-slow soon").exit, 2);
}

}  // namespace claimledger::tests
