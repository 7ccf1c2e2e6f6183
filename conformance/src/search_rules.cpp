#include <array>
#include <random>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "story.hpp"

// Searching, over this store: what is found hangs on the ledger and the question alone.
namespace claimledger::conformance {

namespace {

using std::chrono::hours;
using Texts = std::vector<std::string>;

constexpr hours day{24};

const Texts words = {"travels",     "travelling",    "city",         "Ada",     "the",
                     "snake_case",  "HTTPServer2",   "v1.2.3",       "C++",     "caf\u00e9",
                     "cafe\u0301",  "Stra\u00dfe",   "\u6771\u4eac", "\u6771",  "\u05e9\u05dc\u05d5\u05dd",
                     "a@b.example", "\u202eevil",    "\uff21\uff22", "O'Brien", "\U0001f44d\U0001f3fd",
                     "50% _",       "'; DROP TABLE", "\\ \" NEAR(",  "naïve",   "NULL"};

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& any_of(const Texts& choices) { return choices[below(choices.size())]; }

 private:
  std::mt19937_64 generator_;
};

Statement some_statement(Random& random) {
  static const Texts subjects = {"Ada", "caf\u00e9", "cafe\u0301", "\u6771\u4eac", "ada"};
  static const Texts predicates = {"lives_in", "travelPlans", "%", "city"};
  static const Texts days = {"2019", "2024-06", "2025-12-30", "2026-01-20", "2026-03"};
  std::string text;
  for (auto left = 1 + random.below(6); left > 0; --left) text += random.any_of(words) + ' ';
  auto made = stated(random.any_of(subjects), random.any_of(predicates), Value(text));
  if (random.one_in(5)) made.value = Value(random.any_of(words));  // short enough to be said again
  if (random.one_in(8)) made.value = Value::parse("{\"city\":[" + Value(text).text() + ",1729,null]}");
  if (random.one_in(2)) made.window.from = parse_valid_time(random.any_of(days), "from");
  if (random.one_in(6)) made.window.until = parse_valid_time(random.any_of(days), "until");
  if (random.one_in(3)) made.source = random.any_of(words);
  if (random.one_in(6)) made.provenance = Provenance::model_derived;
  if (random.one_in(6)) made.value_confidence = Confidence{1'000};
  if (random.one_in(4)) made.cardinality = Cardinality::set_valued;
  made.criticality = static_cast<Criticality>(random.below(4));
  if (random.one_in(3)) made.metadata = Value::parse("{\"caf\u00e9\":" + std::to_string(random.below(2)) + "}");
  return made;
}

// Says things and takes some of them back; the same for the same seed, whatever store holds it.
void live(Bench& bench, const AgentId& agent, std::uint64_t seed) {
  Random random(seed);
  std::vector<ClaimId> claims;
  for (int step = 0; step < 24; ++step) {
    bench.clock->advance(day * static_cast<int>(random.below(3)));
    if (step < 3 || !random.one_in(4)) {
      std::vector<Statement> statements;
      for (auto left = 1 + random.below(4); left > 0; --left) statements.push_back(some_statement(random));
      for (const auto& receipt : say(bench.engine, agent, std::move(statements)).receipts) {
        if (receipt.claim) claims.push_back(*receipt.claim);
      }
      continue;
    }
    const auto& claim = claims[random.below(claims.size())];
    switch (random.below(4)) {
      case 0:
        bench.engine.retract({.agent = agent, .claim = claim});
        break;
      case 1:
        bench.engine.end_validity({.agent = agent, .claim = claim, .at = parse_valid_time("2025-12-31", "at")});
        break;
      case 2:
        bench.engine.correct({.agent = agent, .claim = claim, .value = random.any_of(words)});
        break;
      default:
        bench.engine.reopen({.agent = agent, .claim = claim});
    }
  }
}

std::string some_question(Random& random) {
  static const Texts between = {" ",   " ",   " ",  " AND ", " OR ",    " -",      "* ",
                                "\" ", " \"", " (", ") ",    " value:", " source:"};
  std::string text = random.any_of(words);
  for (auto left = random.below(4); left > 0; --left) text += random.any_of(between) + random.any_of(words);
  return random.one_in(6) ? text.substr(0, 4) + '*' : text;
}

SearchRequest some_search(Random& random, const AgentId& agent, Position head) {
  SearchRequest request{.agent = agent, .text = some_question(random), .explain = random.one_in(2)};
  auto& filter = request.filter;
  if (random.one_in(3)) request.at.position = Position{random.below(head.value + 2)};
  if (random.one_in(3)) request.valid_at = parse_valid_time(random.one_in(2) ? "2025" : "2026-01-25", "valid_at").at;
  request.history = random.one_in(3);
  if (random.one_in(2)) request.limit = 1 + random.below(5);
  if (random.one_in(8)) filter.subject = random.one_in(2) ? "caf\u00e9" : "cafe\u0301";
  if (random.one_in(8)) filter.subject_prefix = random.one_in(2) ? "A" : "caf";
  if (random.one_in(8)) filter.predicate_prefix = random.one_in(2) ? "%" : "l";
  if (random.one_in(8)) filter.statuses = {BeliefStatus::contested, BeliefStatus::resolved};
  if (random.one_in(8)) filter.valid_during = parse_during("2024", "during");
  if (random.one_in(8)) filter.source = random.any_of(words);
  if (random.one_in(8)) filter.least_criticality = Criticality::high;
  if (random.one_in(8)) filter.metadata = Value::parse("{\"caf\u00e9\":1}");
  if (random.one_in(8)) request.least_score = {300'000};
  return request;
}

Texts hostile_questions() {
  using namespace std::string_literals;
  std::string terms, marks = "e";
  for (int i = 0; i < 10'000; ++i) terms += "term" + std::to_string(i) + ' ';
  for (int i = 0; i < 2'000; ++i) marks += "\u0301";
  return {"",
          " \n\t",
          "'; DROP TABLE entry; --",
          "\" OR 1=1 --",
          "% _ \\ ' \" ` ; $1 ?1 :a @b",
          "\"Ada lives",
          "((((Ada",
          "Ada))))",
          std::string(100'000, '('),
          std::string(100'000, '"'),
          "AND OR NOT NEAR",
          "NOT -NOT",
          "subject:predicate:value:source:",
          "Ada\0city"s,
          "\0"s,
          "\xff\xfe Ada \xc3",
          "\xed\xa0\x80",
          "\u6771",
          "\u6771\u4eac",
          "\u4eac\u6771",
          "\u05e9\u05dc\u05d5\u05dd",
          "\u202e\u05e9\u05dc\u05d5\u05dd\u202c Ada",
          "cafe\u0301",
          "\u0301",
          marks,
          terms,
          "Ada " + terms,
          std::string(200'000, 'x')};
}

std::string answer(Engine& engine, const AgentId& agent, std::string question, At at = {}) {
  return text_of(engine.search(
      {.agent = agent, .text = std::move(question), .at = at, .history = true, .limit = 50, .explain = true}));
}

std::size_t found(Engine& engine, const AgentId& agent, std::string question, At at = {}) {
  return engine.search({.agent = agent, .text = std::move(question), .at = at, .history = true}).lines.size();
}

}  // namespace

TEST_P(StoreContract, H01_RandomSearchesAnswerLikeTheModel) {
  for (const std::uint64_t seed : {1U, 2U}) {
    const AgentId who{agent().value + std::to_string(seed)};
    auto here = Bench::over(store(), {.queue_for_adjudication = true}, seed);
    auto model = Bench::over(memory::open(), {.queue_for_adjudication = true}, seed);
    live(here, who, seed);
    live(model, who, seed);
    const auto head = here.engine.head({.agent = who}).position;
    Random random(seed + 100);
    std::size_t lines = 0;
    for (int i = 0; i < 60; ++i) {
      const auto request = some_search(random, who, head);
      const auto found = here.engine.search(request);
      lines += found.lines.size();
      ASSERT_EQ(text_of(found), text_of(model.engine.search(request))) << "seed " << seed << ": " << request.text;
    }
    EXPECT_GE(lines, 60U) << "seed " << seed << ": questions that find nothing show little";
  }
}

TEST_P(StoreContract, H02_NoTextIsAWrongQuestion) {
  auto here = Bench::over(store());
  auto model = Bench::over(memory::open());
  live(here, agent(), 3);
  live(model, agent(), 3);
  const auto before = head();

  for (const auto& question : hostile_questions()) {
    EXPECT_EQ(answer(here.engine, agent(), question), answer(model.engine, agent(), question))
        << question.substr(0, 40);
  }
  EXPECT_EQ(head(), before) << "and none writes anything";
}

TEST_P(StoreContract, H03_WhatAFilterExcludesTakesNoPlace) {
  auto bench = Bench::over(store());
  auto lone = from_source(stated("lone", "alone", "quartz", "2015"), "hermit");
  lone.criticality = Criticality::critical;
  auto rival = lone;
  rival.value = Value("graphite");
  std::vector<Statement> crowd{lone, rival};
  for (int i = 0; i < 1'000; ++i) {
    crowd.push_back(stated("crowd", "p" + std::to_string(i), "quartz quartz quartz", "2020", "2030"));
  }
  say(bench.engine, agent(), std::move(crowd));

  const auto expect_lone = [&](const std::string& why, SearchFilter filter, std::optional<ValidTime> valid_at = {}) {
    const auto answer = bench.engine.search(
        {.agent = agent(), .text = "quartz", .filter = std::move(filter), .valid_at = valid_at, .limit = 1});
    ASSERT_EQ(answer.lines.size(), 1U) << why;
    EXPECT_EQ(answer.lines[0].line, (LineKey{"lone", "alone"})) << why;
    EXPECT_EQ(answer.lines[0].belief.alternatives.size(), 2U) << why << ": a contested line comes whole";
    EXPECT_FALSE(answer.more) << why;
  };
  expect_lone("subject", {.subject = "lone"});
  expect_lone("source", {.source = "hermit"});
  expect_lone("status", {.statuses = {BeliefStatus::contested}});
  expect_lone("criticality", {.least_criticality = Criticality::high});
  expect_lone("during", {.valid_during = parse_during("2016", "during")});
  expect_lone("valid at", {}, parse_valid_time("2031", "valid_at").at);

  const auto all = bench.engine.search({.agent = agent(), .text = "quartz", .limit = 1'000});
  EXPECT_EQ(all.lines.size(), 1'000U);
  EXPECT_TRUE(all.more);
  EXPECT_EQ(all.lines[0].line, (LineKey{"crowd", "p999"})) << "of equally good ones the newest";
}

TEST_P(StoreContract, H04_WhatIsWrittenLaterChangesNoAnswerAtAPosition) {
  auto bench = Bench::over(store());
  live(bench, agent(), 4);
  std::vector<std::tuple<std::string, At, std::string>> answered;
  for (const auto& batch : all_batches()) {
    const Position end{batch.first.value + batch.header.entries - 1};
    const At at{.position = end, .asked_at = batch.header.recorded_at};
    for (const auto* question : {"city ada travelling", "caf\u00e9 OR \u6771\u4eac"}) {
      answered.emplace_back(question, at, answer(bench.engine, agent(), question, at));
    }
  }

  live(bench, agent(), 5);
  live(bench, other_agent(), 6);

  for (const auto& [question, at, before] : answered) {
    EXPECT_EQ(answer(bench.engine, agent(), question, at), before) << question << " at " << at.position->value;
  }
}

TEST_P(StoreContract, H05_WhatIsCommittedIsFoundThroughAnotherHandleAtOnce) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  auto mine = Bench::over(store(), {}, 1);
  auto theirs = Bench::over(second_handle(), {}, 2);
  EXPECT_EQ(found(theirs.engine, agent(), "quartz"), 0U);
  for (std::size_t i = 1; i <= 8; ++i) {
    auto& writer = i % 2 == 0 ? theirs : mine;
    auto& reader = i % 2 == 0 ? mine : theirs;
    say(writer.engine, agent(), {stated("s", "p" + std::to_string(i), "quartz")});
    EXPECT_EQ(found(reader.engine, agent(), "quartz"), i);
    EXPECT_EQ(found(writer.engine, agent(), "quartz"), i);
  }
  mine.engine.retract({.agent = agent(), .claim = LineKey{"s", "p1"}});
  EXPECT_EQ(found(theirs.engine, agent(), "quartz"), 7U) << "nor is what was taken back";
}

TEST_P(StoreContract, H06_WhatIsErasedIsFoundByNobody) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {from_source(stated("secretive", "lives_in", "Berlin", "2020"), "informer")});
  say(bench.engine, agent(), {stated("secretive", "lives_in", "Munich", "2020"), stated("bob", "likes", "Berlin")});
  say(bench.engine, other_agent(), {from_source(stated("secretive", "lives_in", "Berlin"), "informer")});
  ASSERT_EQ(found(bench.engine, agent(), "informer"), 1U);
  ASSERT_EQ(found(bench.engine, agent(), "Berlin"), 2U);

  write({content_erased(Position{1})});

  for (std::uint64_t position = 0; position <= 4; ++position) {
    const At at{.position = Position{position}};
    for (const auto* question : {"informer", "source:informer", "infor*", "\"secretive lives\" AND Berlin"}) {
      EXPECT_EQ(found(bench.engine, agent(), question, at), 0U) << question << " at " << position;
    }
    EXPECT_EQ(found(bench.engine, agent(), "Berlin", at), position < 3 ? 0U : 1U) << position;
  }
  EXPECT_EQ(found(bench.engine, agent(), "Munich"), 1U);
  EXPECT_EQ(found(bench.engine, other_agent(), "informer"), 1U) << "the other agent's words are its own";
}

TEST_P(StoreContract, H07_NobodyFindsWhatAnotherAgentWrote) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {stated("s", "p", "quartz")});
  const auto alone = answer(bench.engine, agent(), "quartz");
  for (const auto& who : {agent().value + " ", agent().value + "x", "A" + agent().value, std::string("other")}) {
    EXPECT_EQ(found(bench.engine, AgentId{who}, "quartz"), 0U) << who;
    say(bench.engine, AgentId{who}, {stated("s", "q", "quartz quartz"), stated("s", "r", "slate")});
    EXPECT_EQ(found(bench.engine, AgentId{who}, "quartz"), 1U) << who;
  }
  EXPECT_EQ(answer(bench.engine, agent(), "quartz"), alone) << "nor do they count";

  const auto both = bench.engine.search({.agent = agent(), .text = "quartz", .more_agents = {AgentId{"other"}}});
  ASSERT_EQ(both.lines.size(), 2U);
  EXPECT_EQ(both.lines[0].agent, AgentId{"other"}) << "the better one";
  EXPECT_EQ(both.lines[1].agent, agent());
}

}  // namespace claimledger::conformance
