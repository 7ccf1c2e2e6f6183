#include <gtest/gtest.h>

#include "shell.hpp"
#include "timezones.hpp"

namespace claimledger::tests {
namespace {

// Affirms every challenger, so that the last statement wins.
class Affirming : public Oracle {
 public:
  void asked(const AdjudicationItem& item) override {
    AdjudicateRequest request{.agent = item.agent, .question = item.handle, .evidence = "the newer release"};
    request.verdict = Verdict::affirm;
    request.provenance = Provenance::external_first_hand;
    engine->adjudicate(request);
  }
  Engine* engine = nullptr;
};

TEST(Timezones, AreRightInMemoryWhenTheNewestReleaseWins) {
  World world("memory:", OverturnPolicy::newest_first_hand_wins);
  world.replay();
  world.expect_every_answer_right();
}

TEST(Timezones, AreRightInMemoryWhenAnOracleAffirmsEachRelease) {
  Affirming oracle;
  World world("memory:", OverturnPolicy::contested_first, &oracle);
  oracle.engine = world.engine.get();
  world.replay();
  world.expect_every_answer_right();
}

TEST(Timezones, AreRightInSqliteWhenTheNewestReleaseWins) {
  const Shell shell;
  World world("sqlite:" + (shell.folder() / "tz.db").string(), OverturnPolicy::newest_first_hand_wins);
  world.replay();
  world.expect_every_answer_right();
}

TEST(Timezones, AreRightThroughTheCommandLine) {
  const Shell shell;

  const auto ingest = shell.run(
      "zcat $DATA/tz-releases.jsonl.gz | claimledger --store sqlite:tz.db ingest - --agent tz --provenance "
      "External/ExternalFirstHand --cardinality Functional --confidence 0.95 --criticality Low --overturn "
      "newest_first_hand_wins --clock recorded_at --batch-by recorded_at");
  const auto answer =
      shell.run("zcat $DATA/tz-queries.jsonl.gz | claimledger --store sqlite:tz.db answer - --agent tz");

  EXPECT_EQ(ingest.exit, 0) << ingest.err;
  EXPECT_EQ(answer.exit, 0) << answer.err;
  EXPECT_EQ(answer.out, "8000 questions, 8000 right, 0 wrong\n");
}

}  // namespace
}  // namespace claimledger::tests
