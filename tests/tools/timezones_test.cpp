#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <memory>

#include "claimledger/engine.hpp"
#include "claimledger/system/random_ids.hpp"
#include "shell.hpp"
#include "wiring/json.hpp"
#include "wiring/open_store.hpp"

// Fourteen years of time-zone releases, replayed in the order they came out, each correcting what the one before it
// knew of the past and the future; then 8,000 questions with two times each: what was known when, about when.
namespace claimledger::tests {
namespace {

class StoppedClock : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(TxTime time) { now_ = time.value; }

 private:
  Instant now_ = earliest_instant;
};

// Whoever speaks last is right.
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

void for_each_line(const std::string& file, const std::function<void(std::string_view)>& visit) {
  const auto command = "zcat '" + (example_data() / file).string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  ASSERT_TRUE(pipe);
  std::string line;
  for (int byte = 0; (byte = std::getc(pipe.get())) != EOF;) {
    if (byte != '\n') {
      line += static_cast<char>(byte);
      continue;
    }
    visit(line);
    line.clear();
  }
}

struct World {
  explicit World(const std::string& store, OverturnPolicy policy, Oracle* oracle = nullptr) {
    Config config;
    config.overturn_policy = policy;
    Parts parts;
    parts.store = wiring::open_store(store, wiring::Opening::make, nullptr);
    parts.clock = clock;
    parts.ids = std::make_shared<system::RandomIds>();
    parts.clock_source = ClockSource::replay;
    parts.oracle = oracle;
    engine = std::make_unique<Engine>(std::move(parts), config);
  }

  void replay() {
    Statement defaults;
    defaults.provenance = Provenance::external_first_hand;
    defaults.cardinality = Cardinality::functional;
    defaults.value_confidence = Confidence{9'500};
    defaults.criticality = Criticality::low;
    IngestRequest release{.agent = agent, .statements = {}};
    std::optional<TxTime> time;
    const auto publish = [&] {
      if (time) clock->set(*time);
      if (!release.statements.empty()) engine->ingest(release);
      release.statements.clear();
    };
    for_each_line("tz-releases.jsonl.gz", [&](std::string_view line) {
      auto claim = wiring::parse_ingest_line(line, defaults, wiring::RecordedAt::required);
      if (claim.recorded_at != time) publish();
      time = claim.recorded_at;
      release.statements.push_back(std::move(claim.statement));
    });
    publish();
  }

  void expect_every_answer_right() {
    int questions = 0, wrong = 0;
    for_each_line("tz-queries.jsonl.gz", [&](std::string_view line) {
      const auto query = wiring::parse_query(line);
      RecallRequest request{.agent = agent, .line = query.line};
      request.at.as_of = query.as_of;
      request.valid_at = query.valid_at;
      const auto belief = engine->recall(request);
      ++questions;
      if (!belief.primary || belief.primary->value != *query.expected) ++wrong;
    });
    EXPECT_EQ(questions, 8000);
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE(engine->verify(agent).ok);
  }

  const AgentId agent{"tz"};
  std::shared_ptr<StoppedClock> clock = std::make_shared<StoppedClock>();
  std::unique_ptr<Engine> engine;
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
