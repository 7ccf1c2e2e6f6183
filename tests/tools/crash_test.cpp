#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

using Json = nlohmann::json;
constexpr int batch = 7;

// Kills an ingest with SIGKILL once it has acknowledged n batches: every one of those must be there, none may be half
// there, the ledger must verify, and what was not written can still be.
void kill_after(int n) {
  const Shell shell;
  shell.write("kill.sh",
              "mkfifo pipe\n"
              "claimledger ingest $DATA/us-congress.jsonl --batch-size " +
                  std::to_string(batch) +
                  " --acknowledge --json >pipe & writer=$!\n"
                  "seen=0\n"
                  "while read -r line; do\n"
                  "  echo \"$line\" >>acknowledged\n"
                  "  seen=$((seen + 1))\n"
                  "  [ $seen = " +
                  std::to_string(n) +
                  " ] && kill -9 $writer\n"
                  "done <pipe\n"
                  "wait $writer\n");
  const auto ran = shell.run("sh kill.sh");
  ASSERT_EQ(ran.exit, 137) << "it was not killed: " << ran.err;

  std::istringstream lines(shell.read("acknowledged"));
  Json last;
  for (std::string line; std::getline(lines, line);)
    if (Json::accept(line)) last = Json::parse(line);
  const auto status = Json::parse(shell.run("claimledger status --json").out);
  const auto lines_in = Json::parse(shell.run("claimledger export | wc -l").out).get<int>();

  EXPECT_GE(last["batch"].get<int>(), n);
  EXPECT_GE(status["entries"].get<int>(), last["position"].get<int>());
  EXPECT_GE(lines_in, last["batch"].get<int>());
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
  // Batches are whole: the ledger goes on exactly where some batch of the input ended.
  const auto resumed = shell.run("tail -n +" + std::to_string(lines_in * batch + 1) +
                                 " $DATA/us-congress.jsonl | claimledger ingest - --batch-size 1000");
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
  // Nothing in these facts contradicts anything: one entry a line.
  EXPECT_EQ(Json::parse(shell.run("claimledger status --json").out)["entries"], 5586);
}

class Kill : public testing::TestWithParam<int> {};

TEST_P(Kill, LosesNoAcknowledgedBatchAndLeavesNoneHalf) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  const int n = std::uniform_int_distribution<int>(1, 400)(random);
  SCOPED_TRACE("killed after batch " + std::to_string(n) + ", seed " + std::to_string(GetParam()));

  kill_after(n);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Kill, testing::Range(1, 21));

}  // namespace
}  // namespace claimledger::tests
