#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// Functions for scripts: a tail in the background, which a shell lets ignore SIGINT and env does not, and waiting for
// the n-th line of a file.
constexpr auto helpers =
    "follow() { : >out; env --default-signal=INT claimledger tail \"$@\" >>out & tail=$!; }\n"
    "until_lines() { i=0; while [ $(wc -l <$2) -lt $1 ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i + 1)); done; }\n"
    "say() { claimledger remember \"$@\" >/dev/null; }\n";

TEST(Tail, PrintsEachBatchOnceItIsCommittedAndEndsInterrupted) {
  for (const auto* signal : {"INT", "TERM"}) {
    const Shell shell;

    const auto ran = shell.run(std::string(helpers) +
                               "say old fact 1\n"
                               "follow --all --from-start --json; until_lines 1 out\n"
                               "say new fact 2; until_lines 2 out; say --agent bob new fact 3; until_lines 3 out\n"
                               "kill -" +
                               signal + " $tail; wait $tail");
    const auto out = shell.read("out");

    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(lines(out), 3) << out;
    EXPECT_EQ(out.find("{\"agent\":\"default\",\"batch_id\":"), 0U) << out;
    EXPECT_NE(out.find("{\"agent\":\"bob\","), std::string::npos) << out;
  }
}

TEST(Tail, FollowsFromNowUnlessSaidOtherwise) {
  const Shell shell;

  const auto ran = shell.run(std::string(helpers) +
                             "say old fact 1\n"
                             "follow --json --limit 1; sleep 0.5; say new fact 2; wait $tail");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(shell.read("out").find("\"first\":2,\"last\":2,"), std::string::npos) << shell.read("out");
}

TEST(Tail, EndsWithItsReaderAlsoWhileItWaits) {
  const Shell shell;

  const auto ran = shell.run(
      "claimledger remember old fact 1 >/dev/null\n"
      "{ claimledger tail --from-start --json; echo $? >exit; } | head -n 1");

  EXPECT_EQ(lines(ran.out), 1) << ran.out;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(shell.read("exit"), "0\n");
}

TEST(Tail, OntoAFullDiskIsAFailure) {
  const Shell shell;

  const auto ran =
      shell.run("claimledger remember old fact 1 >/dev/null; claimledger tail --no-follow --from-start >/dev/full");

  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("could not be written"), std::string::npos) << ran.err;
}

TEST(Tail, NeedsAStoreAndAPositionThatIsTheEndOfABatch) {
  const Shell shell;
  EXPECT_EQ(shell.run("claimledger tail").exit, 3);
  shell.run("claimledger ingest $DATA/us-executive.jsonl --batch-size 10");

  const auto inside = shell.run("claimledger tail --from 5 --no-follow");

  EXPECT_EQ(inside.exit, 2) << inside.err;
  EXPECT_NE(inside.err.find("--from: 5 is not the end of a batch of 'default'; the last one before it is at 0"),
            std::string::npos)
      << inside.err;
  EXPECT_EQ(shell.run("claimledger tail --from 1000000 --no-follow").exit, 2);
  EXPECT_EQ(shell.run("claimledger tail --limit -1").exit, 2);
}

}  // namespace
}  // namespace claimledger::tests
