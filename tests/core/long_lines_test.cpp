#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "rules/line_state.hpp"

// Lines that are much longer than what a caller means to write. What each is about costs the square of its length at
// most: with the cube, seconds become minutes. And what runs along a line needs no more stack for a longer one.
namespace claimledger {
namespace {

// One line, and a clock that moves an hour with each batch.
struct Line {
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();
  AgentId agent{"tester"};
  LineKey key{"subject", "predicate"};
  Engine engine;
  std::vector<ClaimId> claims;
  std::vector<Statement> waiting;

  explicit Line(Config config = {})
      : engine({.store = memory::open(), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(1)}, config) {}

  // Hours since 2020.
  static ValidEnd hour(int n) {
    return {ValidTime{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + std::chrono::hours{n}},
            Granularity::instant};
  }
  Statement& say(const std::string& value) {
    waiting.push_back({.subject = key.subject, .predicate = key.predicate, .value = Value(value)});
    return waiting.back();
  }
  void say(const std::string& value, int from, int until) { say(value).window = {hour(from), hour(until)}; }
  void write() {
    clock->advance(std::chrono::hours{1});
    for (const auto& receipt : engine.ingest({.agent = agent, .statements = std::exchange(waiting, {})}).receipts) {
      claims.push_back(receipt.claim.value());
    }
  }
  void correct(const std::string& value) {
    clock->advance(std::chrono::hours{1});
    const auto answer = engine.correct({.agent = agent, .claim = claims.back(), .value = Value(value)});
    claims.push_back(answer.receipts.front().claim.value());
  }
  void retract(const ClaimId& claim) { engine.retract({.agent = agent, .claim = claim}); }
  Belief recall() { return engine.recall(RecallRequest{.agent = agent, .line = key}); }
  std::string value() {
    const auto belief = recall();
    return belief.primary ? belief.primary->value.text() : std::string(text(belief.status));
  }
  std::vector<ClaimHistory> history() {
    return engine.history({.agent = agent, .line = key, .page = {.limit = limits::page}}).claims;
  }
  std::vector<Segment> timeline() {
    return engine.timeline({.agent = agent, .line = key, .page = {.limit = limits::page}}).segments;
  }
  void verify() {
    const auto verification = engine.verify({.agent = agent});
    EXPECT_TRUE(verification.ok) << verification.problem;
  }
};

// As little stack as a host may give its threads.
void on_a_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  const auto run = [](void* what) -> void* {
    (*static_cast<std::function<void()>*>(what))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(LongLines, ASuccessionNeedsNoStack) {
  constexpr int length = 20'000;
  on_a_small_stack([] {
    Line line;
    line.clock->set(Line::hour(0).at.value);
    for (int i = 0; i < length; ++i) line.say(std::to_string(i)).window.from = Line::hour(i + 2);
    line.write();
    line.clock->set(Line::hour(length + 10).at.value);
    EXPECT_EQ(line.value(), '"' + std::to_string(length - 1) + '"');

    auto& derived = line.say("derived");
    derived.window.from = Line::hour(length + 5);
    derived.provenance = Provenance::model_derived;
    line.write();
    line.say("undated");
    line.write();
    line.engine.adjudicate(
        {.agent = line.agent, .question = line.claims.back(), .verdict = Verdict::affirm, .evidence = "seen"});
    EXPECT_EQ(line.value(), "\"undated\"");
    line.retract(line.claims[length / 2]);
    line.retract(line.claims.back());
    EXPECT_EQ(line.value(), '"' + std::to_string(length - 1) + '"');
    line.verify();
  });
}

TEST(LongLines, AChainOfCorrections) {
  constexpr int length = 500;
  on_a_small_stack([] {
    Line line;
    line.say("first").window.from = Line::hour(0);
    line.write();
    for (int i = 0; i < length; ++i) line.correct(std::to_string(i));
    EXPECT_EQ(line.value(), '"' + std::to_string(length - 1) + '"');
    EXPECT_EQ(line.recall().primary->corroboration_count, 0u);
    EXPECT_EQ(line.history().back().said.size(), static_cast<std::size_t>(length) + 1);
    line.verify();
    line.retract(line.claims.back());
    EXPECT_EQ(line.value(), '"' + std::to_string(length - 2) + '"');
    line.verify();
  });
}

TEST(LongLines, CorrectionsOfOneClaimThatAreTakenBack) {
  Line line;
  line.say("first").window.from = Line::hour(0);
  line.write();
  for (int i = 0; i < 500; ++i) {
    line.correct(std::to_string(i));
    line.retract(line.claims.back());
    line.claims.pop_back();
  }
  EXPECT_EQ(line.value(), "\"first\"");
  line.verify();
}

TEST(LongLines, ValuesThatHoldAtOnce) {
  constexpr int length = 1'000;
  Line members;
  for (int i = 0; i < length; ++i) {
    members.say(std::to_string(i), i, 2 * length + i);
    members.waiting.back().cardinality = Cardinality::set_valued;
  }
  members.write();
  const auto timeline = members.timeline();
  ASSERT_EQ(timeline.size(), 2u * length + 1);  // before the first, and after each beginning and end
  EXPECT_EQ(timeline[length].values.size(), static_cast<std::size_t>(length));

  Line rivals;
  for (int i = 0; i < length; ++i) rivals.say(std::to_string(i), i, 4 * length - i);
  rivals.write();
  const auto contested = rivals.engine.contested({.agent = rivals.agent});
  ASSERT_EQ(contested.items.size(), 1u);
  EXPECT_EQ(contested.items.front().segments.size(), 2u * length - 3);
}

TEST(LongLines, WinnersThatCutOneClaim) {
  constexpr int length = 3'000;
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  Line line(config);
  line.say("base", 0, 10 * length + 100);
  for (int i = 1; i <= length; ++i) line.say(std::to_string(i), 10 * i, 10 * i + 5);
  line.write();
  EXPECT_EQ(line.history().front().base.size(), static_cast<std::size_t>(length) + 1);
  line.verify();
}

TEST(LongLines, DatedAndUndatedInTurn) {
  Line line;
  line.clock->set(Line::hour(10'000).at.value);
  for (int batch = 0; batch < 30; ++batch) {
    for (int i = 0; i < 100; ++i) {
      auto& statement = line.say(std::to_string(batch * 100 + i));
      if (i % 2 == 0) statement.window.from = Line::hour(9'990 + batch);
    }
    line.write();
  }
  EXPECT_EQ(line.recall().status, BeliefStatus::contested);
  line.retract(line.claims.front());
  line.verify();
}

// --- The order of corrections --------------------------------------------------------------------------------------

using Path = std::vector<std::uint64_t>;

// As the rule has it: a correction before what it corrects; of two corrections of one claim the earlier first.
bool first_of(const Path& a, const Path& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return a.size() > b.size();
}

TEST(LongLines, CorrectionsStandInTheOrderOfTheirPaths) {
  constexpr std::uint64_t count = 120;
  rules::LineState line;
  std::vector<Path> paths;
  conformance::SeededIds ids(7);
  std::vector<ClaimId> claims;
  std::uint64_t random = 1;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    rules::StatementState statement;
    statement.seq = Position{seq};
    claims.push_back(ClaimId{ids.uuid({})});
    statement.said.id = claims.back();
    Path path;
    if (seq > 1) {
      // Chains and bushes: mostly one of the last two.
      random = random * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      const auto last = claims.size() - 2;
      const auto back = (random >> 33U) % 8 == 0 ? last + 1 : std::min<std::size_t>(2, last + 1);
      const auto corrected = last - (random >> 40U) % back;
      statement.correction = Correction{claims[corrected], false, {}, {}, {}};
      path = paths[corrected];
      path.push_back(seq);
    }
    paths.push_back(path);
    const auto index = line.add_statement(std::move(statement));
    line.begin(index, claims.back(), {});
  }
  for (rules::Index a = 0; a < count; ++a) {
    for (rules::Index b = 0; b < count; ++b) {
      ASSERT_EQ(rules::stands_before(line.path_of(a), line.path_of(b)), first_of(paths[a], paths[b])) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace claimledger
