#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

std::string claim(const std::string& subject, const std::string& more = {}) {
  return R"({"subject":")" + subject + R"(","predicate":"p","value":1)" + more + "}\n";
}

TEST(Ingest, CountsWhatBecameOfItsLines) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + claim("b") + claim("a") + R"({"subject":"b","predicate":"p","value":2})" + "\n");

  const auto summary = Json::parse(shell.run("claimledger ingest in.jsonl --json").out);

  EXPECT_EQ(summary["lines"], 4);
  EXPECT_EQ(summary["batches"], 1);
  EXPECT_EQ(summary["claims"], 4);
  EXPECT_EQ(summary["rejected"], 0);
  EXPECT_EQ(summary["dispositions"], Json({{"CommittedCheap", 3}, {"Contested", 1}}));
}

// Of a batch that only the ledger can judge, every bad line is named in one go, not one a time.
TEST(Ingest, SkipsManyLinesThatOnlyTheLedgerRefuses) {
  const Shell shell;
  std::string in;
  for (int i = 0; i < 20'000; ++i) {
    const auto key = R"(,"idempotency_key":")" + std::to_string(i / 2) + R"(")";
    in += claim("s" + std::to_string(i), key);
  }
  shell.write("in.jsonl", in);

  const auto ran =
      shell.run("timeout 60 claimledger ingest in.jsonl --batch-size 20000 --on-error skip --rejects bad.jsonl --json");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto summary = Json::parse(ran.out);
  EXPECT_EQ(summary["claims"], 10'000);
  EXPECT_EQ(summary["rejected"], 10'000);
  EXPECT_EQ(summary["batches"], 1);
}

TEST(Ingest, TakesDefaultsFromItsFlagsAndFieldsFromItsLines) {
  const Shell shell;
  shell.write("in.jsonl",
              claim("a") + claim("b", R"(,"provenance":{"type":"External","kind":"UserAsserted"},)"
                                      R"("confidence":0.5,"criticality":"Critical","source":"me",)"
                                      R"("cardinality":"SetValued","valid_during":"2020","metadata":{"k":1})"));

  shell.run(
      "claimledger ingest - --provenance ExternalFirstHand --confidence 0.75 --criticality Low --source feed "
      "--cardinality Functional <in.jsonl");
  const auto flags = Json::parse(shell.run("claimledger recall a p --json").out)["primary"];
  const auto fields = Json::parse(shell.run("claimledger history b p --json").out)["claims"][0];

  EXPECT_EQ(flags["provenance"]["kind"], "ExternalFirstHand");
  EXPECT_EQ(flags["value_confidence"], 0.75);
  EXPECT_EQ(flags["criticality"], "Low");
  EXPECT_EQ(flags["source"], "feed");
  EXPECT_EQ(fields["provenance"]["kind"], "UserAsserted");
  EXPECT_EQ(fields["value_confidence"], 0.5);
  EXPECT_EQ(fields["criticality"], "Critical");
  EXPECT_EQ(fields["source"], "me");
  EXPECT_EQ(fields["cardinality"], "SetValued");
  EXPECT_EQ(fields["valid_from"], "2020");
  EXPECT_EQ(fields["metadata"], Json({{"k", 1}}));
}

TEST(Ingest, StopsAtABadLineAndKeepsTheBatchesBeforeIt) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + claim("b") + claim("c") + "oops\n" + claim("d"));

  const auto ran = shell.run("claimledger ingest in.jsonl --batch-size 2");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("line 4: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("Lines up to 2 are in the ledger"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nb\n");
}

TEST(Ingest, WritesABatchOnceItIsFullWhateverComesNext) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + claim("b") + "oops\n");

  const auto ran = shell.run("claimledger ingest in.jsonl --batch-size 2");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("Lines up to 2 are in the ledger"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nb\n");
}

TEST(Ingest, AcknowledgesAFullBatchWhileItsInputIsStillOpen) {
  const Shell shell;
  shell.write("in.jsonl", claim("a"));

  const auto ran = shell.run(
      "{ cat in.jsonl; i=0; while [ ! -s out ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i + 1)); done; cp out seen; } | "
      "claimledger ingest - --batch-size 1 --acknowledge >out");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(shell.read("seen"), "batch 1: up to line 1, position 1\n");
}

TEST(Ingest, TheRejectsFileOverwritesNothing) {
  const Shell shell;
  shell.write("in.jsonl", claim("a"));

  const auto ran = shell.run("claimledger ingest in.jsonl --on-error skip --rejects in.jsonl");

  EXPECT_EQ(ran.exit, 2) << ran.err;
  EXPECT_EQ(shell.read("in.jsonl"), claim("a"));
}

TEST(Ingest, SkipsBadLinesIntoTheRejectsFile) {
  const Shell shell;
  // Two that only the reader sees, two that only the engine sees.
  shell.write("in.jsonl", claim("a") + "oops\n" + claim("b", R"(,"wat":1)") + claim(std::string(1025, 'x')) +
                              claim("c") + claim("d", R"(,"derived_from":["0190163d-8694-7c3b-b2a1-0123456789ab"])") +
                              claim("e"));

  const auto ran = shell.run("claimledger ingest in.jsonl --on-error skip --rejects rejects.jsonl --json");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  const auto summary = Json::parse(ran.out);
  EXPECT_EQ(summary["claims"], 3);
  EXPECT_EQ(summary["rejected"], 4);
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nc\ne\n");
  std::vector<Json> rejects;
  std::istringstream lines(shell.read("rejects.jsonl"));
  for (std::string line; std::getline(lines, line);) rejects.push_back(Json::parse(line));
  ASSERT_EQ(rejects.size(), 4U);
  std::sort(rejects.begin(), rejects.end(), [](const Json& a, const Json& b) { return a["line"] < b["line"]; });
  EXPECT_EQ(rejects[0]["line"], 2);
  EXPECT_EQ(rejects[0]["text"], "oops");
  EXPECT_EQ(rejects[1]["line"], 3);
  EXPECT_EQ(rejects[1]["field"], "wat");
  EXPECT_EQ(rejects[2]["line"], 4);
  EXPECT_EQ(rejects[2]["field"], "subject");
  EXPECT_EQ(rejects[3]["line"], 6);
  EXPECT_EQ(rejects[3]["field"].get<std::string>().find("derived_from"), 0U) << rejects[3];
}

TEST(Ingest, SkipsABadLineThatIsAloneInItsBatch) {
  const Shell shell;
  const auto bad = claim(std::string(1025, 'x'));  // what only the engine sees
  shell.write("one.jsonl", claim("a") + bad + claim("b") + bad);
  shell.write("two.jsonl", claim("c") + claim("d") + bad + bad + claim("e") + claim("f") + bad);

  // Each by itself; the two of a batch, of which the second is then alone; the odd one at the end.
  const auto one = shell.run("claimledger ingest one.jsonl --batch-size 1 --on-error skip");
  const auto two = shell.run("claimledger ingest two.jsonl --batch-size 2 --on-error skip");

  EXPECT_EQ(one.exit, 0) << one.err;
  EXPECT_EQ(one.err.find("claimledger: line 2: subject: has 1025 bytes"), 0U) << one.err;
  EXPECT_NE(one.err.find("claimledger: line 4: subject: has 1025 bytes"), std::string::npos) << one.err;
  EXPECT_EQ(two.exit, 0) << two.err;
  for (const auto* line : {"line 3: subject", "line 4: subject", "line 7: subject"})
    EXPECT_NE(two.err.find(line), std::string::npos) << two.err;
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nb\nc\nd\ne\nf\n");
}

TEST(Ingest, StopsAtABadLineThatIsAloneInItsBatch) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + "\n" + claim(std::string(1025, 'x')) + claim("b"));

  const auto ran = shell.run("claimledger ingest in.jsonl --batch-size 1");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err.find("claimledger: line 3: subject: has 1025 bytes"), 0U) << ran.err;
  EXPECT_NE(ran.err.find("Lines up to 1 are in the ledger, none after it."), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\n");
}

TEST(Ingest, SkipsNoLineForWhatIsWrongWithTheCall) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + claim("b"));

  for (const auto* size : {"1", "2"}) {
    const auto ran =
        shell.run("claimledger ingest in.jsonl --on-error skip --actor \"$(printf '%1025s' x)\" --batch-size " +
                  std::string(size));

    EXPECT_EQ(ran.exit, 2) << ran.err;
    EXPECT_EQ(ran.err.find("claimledger: --actor: "), 0U) << ran.err;
  }
}

TEST(Ingest, NamesSkippedLinesOnStandardErrorWithoutARejectsFile) {
  const Shell shell;
  shell.write("in.jsonl", claim("a") + "oops\n");

  const auto ran = shell.run("claimledger ingest in.jsonl --on-error skip");

  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err.find("claimledger: line 2: line: is not JSON"), 0U) << ran.err;
}

TEST(Ingest, SkipsALineThatIsTooLongToBeRead) {
  const Shell shell;
  const auto endless = "head -c 17000000 /dev/zero | tr '\\0' x >>in.jsonl\n";
  shell.write("in.jsonl", claim("a"));
  shell.run(endless);
  shell.write("rest.jsonl", "\n" + claim("b"));
  shell.run("cat rest.jsonl >>in.jsonl");
  shell.run(endless);

  const auto skipping = shell.run("claimledger ingest in.jsonl --on-error skip --json");
  const auto subjects = shell.run("claimledger subjects");
  const auto stopping = shell.run("claimledger --store sqlite:other.db ingest in.jsonl");

  EXPECT_EQ(skipping.exit, 0);
  EXPECT_EQ(skipping.err,
            R"({"error":{"kind":"invalid_input","line":2,"field":"line","why":"is longer than 16777216 bytes"}})"
            "\n"
            R"({"error":{"kind":"invalid_input","line":4,"field":"line","why":"is longer than 16777216 bytes"}})"
            "\n");
  EXPECT_EQ(Json::parse(skipping.out)["lines"], 4);
  EXPECT_EQ(subjects.out, "a\nb\n");
  EXPECT_EQ(stopping.exit, 2);
  EXPECT_EQ(stopping.err, "claimledger: line 2: line: is longer than 16777216 bytes\nNo line is in the ledger.\n");
}

TEST(Ingest, RefusesALineThatANulCutsShort) {
  const Shell shell;
  shell.write("in.jsonl", claim("a").substr(0, claim("a").size() - 1) + std::string(1, '\0') + claim("lost"));

  const auto ran = shell.run("claimledger ingest in.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err.find("claimledger: line 1: line: contains NUL"), 0U) << ran.err;
}

TEST(Ingest, ReadsWindowsLineEndsAndAByteOrderMark) {
  const Shell shell;
  shell.write("in.jsonl",
              "\xEF\xBB\xBF"
              R"({"subject":"a","predicate":"p","value":1})"
              "\r\n\r\n"
              R"({"subject":"b","predicate":"p","value":1})");

  EXPECT_EQ(shell.run("claimledger ingest in.jsonl").exit, 0);
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nb\n");
}

TEST(Replay, MovesTheLedgersTimeAndMarksItsBatches) {
  const Shell shell;
  shell.write("in.jsonl", claim("a", R"(,"recorded_at":"2019-05-01T10:00:00Z")") +
                              claim("b", R"(,"recorded_at":"2019-05-01T10:00:00Z")") +
                              claim("c", R"(,"recorded_at":"2019-06-01")"));

  const auto summary = Json::parse(shell.run("claimledger ingest in.jsonl --clock recorded_at --json").out);

  EXPECT_EQ(summary["batches"], 2);
  EXPECT_EQ(shell.run("claimledger recall a p --as-of 2019-05-01T09:59:59.999999Z").exit, 1);
  EXPECT_EQ(shell.run("claimledger recall a p --as-of 2019-05-01T10:00:00Z").exit, 0);
  EXPECT_EQ(shell.run("claimledger recall c p --as-of 2019-05-31").exit, 1);
  EXPECT_NE(shell.run("claimledger export").out.find("\"replay\""), std::string::npos);
}

TEST(Replay, AheadOfTheClockIsRefusedUnlessAllowed) {
  const Shell shell;
  shell.write("far.jsonl", claim("a", R"(,"recorded_at":"2962-01-01")"));
  shell.write("end.jsonl", claim("b", R"(,"recorded_at":"9999-12-31")"));

  const auto refused = shell.run("claimledger ingest far.jsonl --clock recorded_at");
  EXPECT_EQ(refused.exit, 2);
  EXPECT_NE(refused.err.find("line 1: recorded_at: 2962-01-01T00:00:00Z lies further ahead of the clock"),
            std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("; --allow-future takes it all the same"), std::string::npos) << refused.err;
  EXPECT_EQ(shell.run("claimledger ingest far.jsonl --allow-future").exit, 2);
  EXPECT_EQ(shell.run("claimledger ingest far.jsonl --clock recorded_at --allow-future").exit, 0);
  EXPECT_EQ(shell.run("claimledger ingest end.jsonl --clock recorded_at --allow-future").exit, 2);
  EXPECT_NE(shell.run("claimledger status").out.find("behind the last entry"), std::string::npos);
  EXPECT_NE(shell.run("claimledger verify").out.find("its last entry lies ahead"), std::string::npos);

  shell.write("out.jsonl", shell.run("claimledger export").out);
  const auto imported = shell.run("claimledger --store sqlite:copy.db import out.jsonl");
  EXPECT_EQ(imported.exit, 2);
  EXPECT_NE(imported.err.find("--allow-future"), std::string::npos) << imported.err;
  EXPECT_EQ(shell.run("claimledger --store sqlite:copy.db import out.jsonl --allow-future").exit, 0);
  const std::string copy = "claimledger copy --from sqlite:copy.db --to sqlite:third.db";
  EXPECT_NE(shell.run(copy).err.find("--allow-future"), std::string::npos);
  EXPECT_EQ(shell.run(copy + " --allow-future").exit, 0);
}

// In the answer, and in the log, which is JSON where all of standard error is.
TEST(LedgerAhead, IsSaidByEachWrite) {
  const Shell shell;
  shell.write("far.jsonl", claim("a", R"(,"recorded_at":"2962-01-01")"));
  const auto replay = shell.run("claimledger ingest far.jsonl --clock recorded_at --allow-future");
  EXPECT_NE(replay.out.find("The ledger is ahead: the clock is "), std::string::npos) << replay.out;

  const auto text = shell.run("claimledger remember u pet cat");
  EXPECT_NE(text.out.find("  clock       recorded at 2962-01-01T00:00:00.000001Z"), std::string::npos) << text.out;
  EXPECT_NE(text.err.find("claimledger: warning: default: recorded at 2962-01-01T00:00:00.000001Z"), std::string::npos)
      << text.err;
  const auto json = shell.run("claimledger remember u pet dog --json");
  EXPECT_GT(Json::parse(json.out)["clock_behind_by"].get<std::int64_t>(), 0);
  const auto logged = Json::parse(json.err);
  EXPECT_EQ(logged["level"], "warning");
  EXPECT_NE(logged["note"].get<std::string>().find("recorded at 2962-01-01"), std::string::npos);
  EXPECT_EQ(shell.run("CLAIMLEDGER_LOG=off claimledger remember u pet emu").err, "");
  const std::string hidden_name = "export CLAIMLEDGER_AGENT=\"$(printf 'a\\033[31m')\"; claimledger ";
  shell.run(hidden_name + "ingest far.jsonl --clock recorded_at --allow-future");
  const auto named = shell.run(hidden_name + "remember u pet cat");
  EXPECT_NE(named.err.find("warning: a\\u{1b}[31m: recorded at"), std::string::npos) << named.err;
  EXPECT_EQ(shell.run("claimledger --store sqlite:other.db remember u pet cat").err, "") << "this one is not ahead";
}

TEST(Replay, IsRefusedUnlessItComesAfterTheHead) {
  const Shell shell;
  shell.write("in.jsonl", claim("a", R"(,"recorded_at":"2019-05-01")"));
  shell.write("same.jsonl", claim("b", R"(,"recorded_at":"2019-05-01")"));
  shell.write("back.jsonl",
              claim("b", R"(,"recorded_at":"2019-06-01")") + claim("c", R"(,"recorded_at":"2019-05-15")"));
  shell.run("claimledger ingest in.jsonl --clock recorded_at");

  const auto same = shell.run("claimledger ingest same.jsonl --clock recorded_at");
  const auto back = shell.run("claimledger ingest back.jsonl --clock recorded_at");

  EXPECT_EQ(same.exit, 2);
  EXPECT_NE(same.err.find("line 1: recorded_at: 2019-05-01T00:00:00Z is not after"), std::string::npos) << same.err;
  EXPECT_EQ(back.exit, 2);
  EXPECT_NE(back.err.find("line 2: recorded_at"), std::string::npos) << back.err;
  EXPECT_EQ(shell.run("claimledger subjects").out, "a\nb\n");
}

TEST(Replay, NeedsItsTimes) {
  const Shell shell;
  shell.write("in.jsonl", claim("a"));

  const auto ran = shell.run("claimledger ingest in.jsonl --clock recorded_at");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("recorded_at: is required"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace claimledger::tests
