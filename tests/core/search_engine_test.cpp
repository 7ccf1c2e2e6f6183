#include <atomic>
#include <cmath>
#include <functional>
#include <random>
#include <set>
#include <stop_token>
#include <thread>

#include "claimledger/limits.hpp"
#include "search_support.hpp"

// Filters, limits, order, several agents and questions of every kind, through the engine.
namespace claimledger {
namespace {

using test::same;
using test::short_text;
using test::values_of;
using Values = std::vector<std::string>;

Statement stated(std::string subject, std::string predicate, const Value& value) {
  return {.subject = std::move(subject), .predicate = std::move(predicate), .value = value};
}
ValidWindow window(std::string_view from, std::string_view until = {}) {
  ValidWindow made;
  if (!from.empty()) made.from = parse_valid_time(from, "from");
  if (!until.empty()) made.until = parse_valid_time(until, "until");
  return made;
}

// A ledger whose claims all have the word "quartz", each with another word.
class SearchFilters : public testing::Test {
 protected:
  SearchFilters() {
    auto one = stated("team", "alpha", "quartz one");
    one.source = "ada";
    one.criticality = Criticality::low;
    one.metadata = Value::parse(R"({"a":1,"b":"x","c":{"d":[1,2]}})");
    auto two = stated("team", "beta", "quartz two");
    two.source = "feed";
    two.provenance = Provenance::external_first_hand;
    two.value_confidence = Confidence{9'000};
    two.metadata = Value::parse(R"({"a":1.0})");
    auto three = stated("teal", "alpha", "quartz three");
    three.provenance = Provenance::model_derived;
    three.value_confidence = Confidence{8'000};
    three.criticality = Criticality::high;
    auto four = stated("zulu", "gamma", "quartz four");
    four.window = window("2020");
    four.source = "ada";
    auto five = stated("zulu", "gamma", "quartz five");
    five.window = window("2020");
    five.source = "bob";
    five.criticality = Criticality::critical;
    auto six = stated("zulu", "delta", "quartz six");
    six.window = window("2020", "2024");
    auto seven = stated("zulu", "set", "quartz seven");
    seven.window = window("2022");
    seven.cardinality = Cardinality::set_valued;
    auto eight = seven;
    eight.value = Value("quartz eight");
    for (const auto& statement : {one, two, three, four, five, six, seven, eight}) ingest({statement});
    auto again = one;
    again.source = "carol";
    again.criticality = Criticality::medium;
    ingest({again});
  }

  void ingest(std::vector<Statement> statements) {
    script.engine().ingest({.agent = script.agent(), .statements = std::move(statements)});
  }
  SearchRequest request(std::string text = "quartz") const { return {.agent = agent, .text = std::move(text)}; }
  SearchAnswer search(const SearchRequest& asked) { return script.engine().search(asked); }
  // The second words of the values that were found, in their order.
  Values found(const SearchRequest& asked) {
    auto values = values_of(search(asked));
    for (auto& value : values) value = value.substr(value.find(' ') + 1);
    return values;
  }

  test::Script script;
  AgentId agent = script.agent();
};

using Filtering = std::function<void(SearchRequest&)>;
struct FilterRow {
  const char* why;
  Filtering filter;
  Values found;
};

// A restatement counts as new: "one" was said last. Apart from that the newest comes first.
const std::vector<FilterRow>& filters() {
  static const std::vector<FilterRow> rows = {
      {"none", [](auto&) {}, {"one", "eight", "seven", "five", "four", "three", "two"}},
      {"subject", [](auto& r) { r.filter.subject = "team"; }, {"one", "two"}},
      {"subject, which is no prefix", [](auto& r) { r.filter.subject = "tea"; }, {}},
      {"subject, byte by byte", [](auto& r) { r.filter.subject = "Team"; }, {}},
      {"predicate", [](auto& r) { r.filter.predicate = "alpha"; }, {"one", "three"}},
      {"subject prefix", [](auto& r) { r.filter.subject_prefix = "tea"; }, {"one", "three", "two"}},
      {"subject prefix that is all of it", [](auto& r) { r.filter.subject_prefix = "team"; }, {"one", "two"}},
      {"subject prefix longer than it", [](auto& r) { r.filter.subject_prefix = "teams"; }, {}},
      {"empty prefix",
       [](auto& r) { r.filter.subject_prefix = ""; },
       {"one", "eight", "seven", "five", "four", "three", "two"}},
      {"predicate prefix", [](auto& r) { r.filter.predicate_prefix = "a"; }, {"one", "three"}},
      {"contested", [](auto& r) { r.filter.statuses = {BeliefStatus::contested}; }, {"five", "four"}},
      {"resolved", [](auto& r) { r.filter.statuses = {BeliefStatus::resolved}; }, {"eight", "seven"}},
      {"timing uncertain",
       [](auto& r) { r.filter.statuses = {BeliefStatus::timing_uncertain}; },
       {"one", "three", "two"}},
      {"either",
       [](auto& r) {
         r.filter.statuses = {BeliefStatus::contested, BeliefStatus::resolved};
       },
       {"eight", "seven", "five", "four"}},
      {"during what is over",
       [](auto& r) { r.filter.valid_during = window("2023", "2024"); },
       {"one", "eight", "seven", "six", "five", "four", "three", "two"}},
      {"during what touches it only",
       [](auto& r) { r.filter.valid_during = window("2024", "2025"); },
       {"one", "eight", "seven", "five", "four", "three", "two"}},
      {"during what was before", [](auto& r) { r.filter.valid_during = window("", "2020"); }, {"one", "three", "two"}},
      {"by a person",
       [](auto& r) { r.filter.provenances = {Provenance::user_asserted}; },
       {"one", "eight", "seven", "five", "four"}},
      {"by a model or the world",
       [](auto& r) {
         r.filter.provenances = {Provenance::model_derived, Provenance::external_first_hand};
       },
       {"three", "two"}},
      {"source of the first statement", [](auto& r) { r.filter.source = "ada"; }, {"one", "four"}},
      {"source of a restatement", [](auto& r) { r.filter.source = "carol"; }, {"one"}},
      {"source, exactly", [](auto& r) { r.filter.source = "Ada"; }, {}},
      {"confidence at it",
       [](auto& r) { r.filter.least_confidence = Confidence{9'000}; },
       {"one", "eight", "seven", "five", "four", "two"}},
      {"confidence above it",
       [](auto& r) { r.filter.least_confidence = Confidence{9'001}; },
       {"one", "eight", "seven", "five", "four"}},
      {"criticality, also of a restatement",
       [](auto& r) { r.filter.least_criticality = Criticality::medium; },
       {"one", "eight", "seven", "five", "four", "three", "two"}},
      {"criticality", [](auto& r) { r.filter.least_criticality = Criticality::high; }, {"five", "three"}},
      {"the highest criticality", [](auto& r) { r.filter.least_criticality = Criticality::critical; }, {"five"}},
      {"metadata", [](auto& r) { r.filter.metadata = Value::parse(R"({"a":1})"); }, {"one", "two"}},
      {"two members", [](auto& r) { r.filter.metadata = Value::parse(R"({"a":1,"b":"x"})"); }, {"one"}},
      {"a member inside", [](auto& r) { r.filter.metadata = Value::parse(R"({"c":{"d":[1,2]}})"); }, {"one"}},
      {"another value", [](auto& r) { r.filter.metadata = Value::parse(R"({"a":2})"); }, {}},
      {"another kind of value", [](auto& r) { r.filter.metadata = Value::parse(R"({"a":"1"})"); }, {}},
      {"no member: any metadata", [](auto& r) { r.filter.metadata = Value::parse("{}"); }, {"one", "two"}},
      {"no belief, with history",
       [](auto& r) { r.filter.statuses = {BeliefStatus::no_belief}, r.history = true; },
       {"six"}},
      {"no belief, without history", [](auto& r) { r.filter.statuses = {BeliefStatus::no_belief}; }, {}},
      {"history", [](auto& r) { r.history = true; }, {"one", "eight", "seven", "six", "five", "four", "three", "two"}},
  };
  return rows;
}

TEST_F(SearchFilters, TakeWhatTheySay) {
  for (const auto& row : filters()) {
    SCOPED_TRACE(row.why);
    auto asked = request();
    row.filter(asked);
    EXPECT_EQ(found(asked), row.found);
  }
}

TEST_F(SearchFilters, TogetherTakeWhatEachTakes) {
  std::size_t pairs = 0;
  for (const auto& a : filters()) {
    for (const auto& b : filters()) {
      auto one = request(), other = request(), both = request();
      a.filter(one), b.filter(other), a.filter(both), b.filter(both);
      // Fields that the second filter overwrites, and what changes the instant that the other one asks about.
      const auto in_time = [](const SearchRequest& r) { return r.filter.valid_during || r.history; };
      const auto by_status = [](const SearchRequest& r) { return !r.filter.statuses.empty(); };
      if (in_time(one) || in_time(other) || (by_status(one) && by_status(other))) continue;
      const auto clash = [](const auto& x, const auto& y) { return x && y; };
      const auto &x = one.filter, &y = other.filter;
      if (clash(x.subject, y.subject) || clash(x.predicate, y.predicate) || clash(x.subject_prefix, y.subject_prefix) ||
          clash(x.predicate_prefix, y.predicate_prefix) || clash(x.source, y.source) ||
          clash(x.least_confidence, y.least_confidence) || clash(x.least_criticality, y.least_criticality) ||
          clash(x.metadata, y.metadata) || (!x.provenances.empty() && !y.provenances.empty())) {
        continue;
      }
      SCOPED_TRACE(std::string(a.why) + " and " + b.why);
      Values expected;
      for (const auto& value : a.found) {
        if (std::ranges::find(b.found, value) != b.found.end()) expected.push_back(value);
      }
      EXPECT_EQ(found(both), expected);
      ++pairs;
    }
  }
  EXPECT_GT(pairs, 500U);
}

TEST_F(SearchFilters, AllAtOnceTakeTheOneThatHasItAll) {
  auto asked = request();
  asked.filter = {.subject = "team",
                  .predicate = "alpha",
                  .subject_prefix = "te",
                  .predicate_prefix = "al",
                  .statuses = {BeliefStatus::timing_uncertain},
                  .valid_during = window("2026", "2027"),
                  .provenances = {Provenance::user_asserted},
                  .source = "carol",
                  .least_confidence = Confidence{10'000},
                  .least_criticality = Criticality::medium,
                  .metadata = Value::parse(R"({"b":"x"})")};
  EXPECT_EQ(found(asked), Values{"one"});
  asked.filter.metadata = Value::parse(R"({"b":"y"})");
  EXPECT_EQ(found(asked), Values{});
}

TEST_F(SearchFilters, DuringAStretchTheBeliefIsOfTheFirstInstantInItAtWhichTheClaimHolds) {
  const auto valid_at = [&](std::string_view question, std::string_view from, std::string_view until) {
    auto asked = request(std::string(question));
    asked.filter.valid_during = window(from, until);
    const auto answer = search(asked);
    return answer.lines.empty() ? "nothing" : test::short_text(answer.lines.at(0).belief.valid_at);
  };
  EXPECT_EQ(valid_at("six", "2019", "2022"), "2020") << "it begins inside";
  EXPECT_EQ(valid_at("six", "2021", "2022"), "2021") << "it began before";
  EXPECT_EQ(valid_at("six", "2023-12-31", ""), "2023-12-31");
  EXPECT_EQ(valid_at("six", "2024", ""), "nothing") << "half-open";
  EXPECT_EQ(valid_at("six", "", "2020"), "nothing") << "half-open";
  EXPECT_EQ(valid_at("six", "", "2020-01-01T00:00:00.000001Z"), "2020");

  auto asked = request("six");
  asked.filter.valid_during = window("2019", "2022");
  EXPECT_EQ(short_text(search(asked)), "delta Resolved{quartz six}: quartz six");
  asked.filter.statuses = {BeliefStatus::resolved};
  EXPECT_EQ(found(asked), Values{"six"}) << "the status is that of this instant too";
}

// Whatever is found at an instant is found in a stretch around it.
TEST(Search, DuringAStretchDissentIsFound) {
  test::Script script;
  script.engine().ingest({.agent = script.agent(), .statements = {stated("ada", "city", "Berlin")}});
  auto dissent = stated("ada", "city", "Munich");
  dissent.provenance = Provenance::model_derived;
  script.engine().ingest({.agent = script.agent(), .statements = {dissent}});
  for (const auto* text : {"Berlin", "Munich"}) {
    SearchRequest asked{.agent = script.agent(), .text = text};
    const auto now = script.engine().search(asked);
    ASSERT_EQ(now.lines.size(), 1U) << text;
    asked.filter.valid_during = ValidWindow{};
    const auto during = script.engine().search(asked);
    ASSERT_EQ(during.lines.size(), 1U) << text;
    EXPECT_EQ(during.lines[0].claims.size(), now.lines[0].claims.size());
    EXPECT_EQ(during.lines[0].claims[0].believed, now.lines[0].claims[0].believed);
  }
}

TEST_F(SearchFilters, AStretchThatDoesNotEndAfterItBeginsIsRefused) {
  for (const auto* until : {"2025", "2021"}) {
    SearchRequest asked{.agent = script.agent(), .text = "Berlin"};
    asked.filter.valid_during = window("2025", until);
    EXPECT_THROW(script.engine().search(asked), InvalidInput) << until;
  }
}

TEST_F(SearchFilters, WhatMakesNoSenseIsRefusedByName) {
  const auto refused = [&](const SearchRequest& asked) -> std::string {
    try {
      search(asked);
      return "taken";
    } catch (const InvalidInput& bad) {
      return bad.field();
    }
  };
  auto asked = request();
  asked.limit = 0;
  EXPECT_EQ(refused(asked), "limit");
  asked = request();
  asked.filter.metadata = Value("text");
  EXPECT_EQ(refused(asked), "metadata");
  for (const auto& text : {std::string("\xFF"), std::string("a\0b", 3), std::string("\xC3")}) {
    const auto refused_in = [&](std::optional<std::string> SearchFilter::*field) {
      auto with_text = request();
      with_text.filter.*field = text;
      return refused(with_text);
    };
    EXPECT_EQ(refused_in(&SearchFilter::subject), "subject");
    EXPECT_EQ(refused_in(&SearchFilter::predicate), "predicate");
    EXPECT_EQ(refused_in(&SearchFilter::subject_prefix), "subject_prefix");
    EXPECT_EQ(refused_in(&SearchFilter::predicate_prefix), "predicate_prefix");
    EXPECT_EQ(refused_in(&SearchFilter::source), "source");
  }
  asked = request();
  asked.more_agents = {AgentId{"other"}};
  asked.at.position = Position{1};
  EXPECT_EQ(refused(asked), "position");
  asked = request();
  asked.more_agents = {AgentId{""}};
  EXPECT_EQ(refused(asked), "more_agents");
  asked = request();
  asked.agent = AgentId{""};
  EXPECT_EQ(refused(asked), "agent");
  asked = request();
  asked.at = {.position = Position{1}, .as_of = TxTime{script.clock().now()}};
  EXPECT_NE(refused(asked), "taken");
}

// --- Limits and order ------------------------------------------------------------------------------------------------

// A thousand better matches that each filter excludes, and one that it takes.
class SearchStarvation : public testing::Test {
 protected:
  SearchStarvation() {
    std::vector<Statement> crowd;
    for (int i = 0; i < 1'000; ++i) {
      auto statement = stated("crowd " + std::to_string(i), "crowd", "quartz quartz quartz quartz");
      statement.source = "crowd";
      statement.criticality = Criticality::low;
      statement.value_confidence = Confidence{5'000};
      statement.window = window("2020", "2030");
      statement.valid_time_confidence = Confidence{10'000};
      crowd.push_back(statement);
    }
    auto lone = stated("lone", "alone", "quartz");
    lone.provenance = Provenance::external_first_hand;
    lone.source = "hermit";
    lone.criticality = Criticality::critical;
    lone.metadata = Value::parse(R"({"lone":true})");
    lone.window = window("2015");
    auto rival = lone;
    rival.value = Value("graphite");
    script.engine().ingest({.agent = script.agent(), .statements = {lone, rival}});
    script.engine().ingest({.agent = script.agent(), .statements = crowd});
  }
  test::Script script;
};

TEST_F(SearchStarvation, WhatAFilterExcludesTakesNoPlace) {
  const std::vector<std::pair<const char*, Filtering>> rows = {
      {"subject", [](auto& r) { r.filter.subject = "lone"; }},
      {"predicate", [](auto& r) { r.filter.predicate = "alone"; }},
      {"subject prefix", [](auto& r) { r.filter.subject_prefix = "l"; }},
      {"predicate prefix", [](auto& r) { r.filter.predicate_prefix = "a"; }},
      {"status", [](auto& r) { r.filter.statuses = {BeliefStatus::contested}; }},
      {"during", [](auto& r) { r.filter.valid_during = window("2016", "2017"); }},
      {"valid at", [](auto& r) { r.valid_at = parse_valid_time("2031", "").at; }},
      {"provenance", [](auto& r) { r.filter.provenances = {Provenance::external_first_hand}; }},
      {"source", [](auto& r) { r.filter.source = "hermit"; }},
      {"confidence", [](auto& r) { r.filter.least_confidence = Confidence{5'001}; }},
      {"criticality", [](auto& r) { r.filter.least_criticality = Criticality::medium; }},
      {"metadata", [](auto& r) { r.filter.metadata = Value::parse(R"({"lone":true})"); }},
      {"position", [](auto& r) { r.at.position = Position{2}; }},
  };
  for (const auto& [why, filter] : rows) {
    SCOPED_TRACE(why);
    for (const std::size_t limit : {std::size_t{1}, std::size_t{10}, limits::found_lines}) {
      SearchRequest asked{.agent = script.agent(), .text = "quartz", .limit = limit};
      filter(asked);
      const auto answer = script.engine().search(asked);
      EXPECT_EQ(short_text(answer), "alone Contested{graphite quartz}: quartz");
      EXPECT_FALSE(answer.more);
    }
  }
}

TEST_F(SearchStarvation, WithoutAFilterTheBestComeAndTheAnswerSaysThatThereAreMore) {
  const auto ask = [&](std::size_t limit) {
    return script.engine().search({.agent = script.agent(), .text = "quartz", .limit = limit});
  };
  const auto all = ask(1'000'000);
  ASSERT_EQ(all.lines.size(), limits::found_lines);
  EXPECT_TRUE(all.more);
  for (const std::size_t limit : {1U, 2U, 63U, 64U, 65U, 999U, 1'000U, 1'001U}) {
    SCOPED_TRACE(limit);
    const auto answer = ask(limit);
    EXPECT_TRUE(answer.more);
    ASSERT_EQ(answer.lines.size(), std::min<std::size_t>(limit, limits::found_lines));
    for (std::size_t i = 0; i < answer.lines.size(); ++i) ASSERT_TRUE(same(answer.lines[i], all.lines[i])) << i;
  }
  for (std::size_t i = 0; i < all.lines.size(); ++i) {
    ASSERT_EQ(all.lines[i].line.subject, "crowd " + std::to_string(999 - i)) << "equally good: the newest first";
  }
}

TEST_F(SearchStarvation, MoreIsSaidWhereThereIsMoreAndNowhereElse) {
  const auto ask = [&](std::size_t limit, std::size_t first_of_crowd) {
    SearchRequest asked{.agent = script.agent(), .text = "quartz", .limit = limit};
    asked.filter.subject_prefix = "crowd " + std::to_string(first_of_crowd);
    return script.engine().search(asked);
  };
  EXPECT_EQ(ask(11, 57).lines.size(), 11U);  // 57, 570 to 579
  EXPECT_FALSE(ask(11, 57).more);
  EXPECT_FALSE(ask(12, 57).more);
  EXPECT_TRUE(ask(10, 57).more);
  EXPECT_EQ(ask(10, 57).lines.size(), 10U);
  EXPECT_FALSE(ask(1, 575).more);
}

TEST_F(SearchStarvation, WhatScoresTooLittleIsNotFoundAndIsNoMore) {
  SearchRequest asked{.agent = script.agent(), .text = "quartz", .limit = 1'000};
  asked.filter.subject_prefix = "";
  const auto best = script.engine().search(asked).lines.at(0).score;
  asked.filter.subject = "lone";
  const auto least = script.engine().search(asked).lines.at(0).score;
  ASSERT_LT(least, best);
  asked.filter = {};
  asked.least_score = {least.millionths + 1};
  EXPECT_EQ(script.engine().search(asked).lines.size(), 1'000U);
  EXPECT_FALSE(script.engine().search(asked).more);
  asked.least_score = least;
  EXPECT_TRUE(script.engine().search(asked).more) << "at its value it is found";
  asked.least_score = {best.millionths + 1};
  EXPECT_TRUE(script.engine().search(asked).lines.empty());
  asked.least_score = Score::from(1.0, "least_score");
  EXPECT_TRUE(script.engine().search(asked).lines.empty());
}

TEST_F(SearchStarvation, TellsItsProgressAndStopsWhenItIsTold) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  SearchRequest asked{.agent = script.agent(), .text = "quartz"};
  asked.progress = [&](std::uint64_t done, std::uint64_t all) { told.emplace_back(done, all); };
  script.engine().search(asked);
  ASSERT_FALSE(told.empty());
  for (const auto& [done, all] : told) {
    EXPECT_LE(done, all);
    EXPECT_EQ(all, 1'002U);
  }
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));

  std::stop_source stop;
  stop.request_stop();
  asked.call.stop = stop.get_token();
  const auto failure = [&]() -> std::optional<FailureKind> {
    try {
      script.engine().search(asked);
      return {};
    } catch (const StoreFailure& failed) {
      return failed.kind();
    }
  };
  EXPECT_EQ(failure(), FailureKind::cancelled);
  std::stop_source later;
  asked.call.stop = later.get_token();
  asked.progress = [&](std::uint64_t, std::uint64_t) { later.request_stop(); };
  EXPECT_EQ(failure(), FailureKind::cancelled) << "also in the middle";
}

TEST(SearchOrder, TheMoreAndTheRarerWordsTheBetter) {
  test::Script script;
  for (int i = 0; i < 20; ++i) {
    script.engine().ingest(
        {.agent = script.agent(),
         .statements = {stated("s" + std::to_string(i), "p",
                               "common" + std::string(i == 7 ? " rare" : "") + (i == 9 ? " common" : ""))}});
  }
  const auto answer = script.engine().search({.agent = script.agent(), .text = "common rare", .limit = 100});
  ASSERT_EQ(answer.lines.size(), 20U);
  EXPECT_EQ(answer.lines[0].line.subject, "s7") << "both words";
  EXPECT_EQ(answer.lines[1].line.subject, "s9") << "one word, twice";
  EXPECT_EQ(answer.lines[2].line.subject, "s19") << "equally good: the newest first";
  for (std::size_t i = 1; i < answer.lines.size(); ++i) EXPECT_GE(answer.lines[i - 1].score, answer.lines[i].score);
  for (const auto& line : answer.lines) EXPECT_EQ(line.score, line.claims.at(0).score);
}

// More lines than are read at a time have a better claim that is history: it says nothing about their place.
TEST(SearchOrder, ALineIsAsGoodAsTheBestOfItThatIsTaken) {
  test::Script script;
  std::vector<Statement> statements;
  for (int i = 0; i < 200; ++i) {
    auto before = stated("faded " + std::to_string(i), "p", "quartz quartz quartz");
    before.window = window("2020", "2021");
    auto now = stated(before.subject, "p", "quartz");
    now.window = window("2022");
    statements.push_back(before);
    statements.push_back(now);
  }
  for (int i = 0; i < 5; ++i) statements.push_back(stated("good " + std::to_string(i), "p", "quartz quartz"));
  script.engine().ingest({.agent = script.agent(), .statements = statements});

  for (const std::size_t limit : {1U, 3U, 5U, 6U, 70U}) {
    SCOPED_TRACE(limit);
    const auto answer = script.engine().search({.agent = script.agent(), .text = "quartz", .limit = limit});
    EXPECT_TRUE(answer.more);
    ASSERT_EQ(answer.lines.size(), limit);
    for (std::size_t i = 0; i < limit; ++i) {
      EXPECT_EQ(answer.lines[i].line.subject,
                i < 5 ? "good " + std::to_string(4 - i) : "faded " + std::to_string(199 - (i - 5)));
      EXPECT_EQ(answer.lines[i].claims.size(), 1U);
    }
  }
  const auto with_history =
      script.engine().search({.agent = script.agent(), .text = "quartz", .history = true, .limit = 300});
  ASSERT_EQ(with_history.lines.size(), 205U);
  EXPECT_EQ(with_history.lines[0].line.subject, "faded 199");
  EXPECT_EQ(with_history.lines[0].claims.size(), 2U);
  EXPECT_EQ(with_history.lines[204].line.subject, "good 0");
}

TEST(SearchOrder, TheScoreIsTheShareOfWhatWasAskedFor) {
  test::Script script;
  script.engine().ingest({.agent = script.agent(),
                          .statements = {stated("s", "p", "basalt"), stated("t", "p", "basalt basalt quartz"),
                                         stated("u", "p", "slate")}});
  // Three statements: idf = log2((3 + 1) / (with it + 1/2)); a word that is there n times counts n / (n + 1.2).
  const double basalt = std::log2(4 / 2.5), quartz = std::log2(4 / 1.5);
  const auto score = [&](std::string_view question, std::size_t line) {
    return script.engine()
        .search({.agent = script.agent(), .text = std::string(question)})
        .lines.at(line)
        .score.number();
  };
  constexpr double rounding = 2e-6;
  EXPECT_NEAR(score("basalt", 0), 2 / 3.2, rounding);
  EXPECT_NEAR(score("basalt", 1), 1 / 2.2, rounding);
  EXPECT_NEAR(score("basalt quartz", 0), (basalt * 2 / 3.2 + quartz / 2.2) / (basalt + quartz), rounding);
  EXPECT_NEAR(score("basalt quartz", 1), basalt / 2.2 / (basalt + quartz), rounding);
  EXPECT_NEAR(score("Quartz BASALT", 0), score("basalt quartz", 0), 0) << "order and case are nothing";
}

TEST(SearchThreads, AnswerAlikeWhileOthersWrite) {
  test::Script script;
  for (int i = 0; i < 20; ++i) {
    script.engine().ingest({.agent = script.agent(),
                            .statements = {stated("s" + std::to_string(i), "travelling", "cities caf\u00e9 quartz")}});
  }
  const At at{.position = script.engine().head({.agent = script.agent()}).position,
              .asked_at = TxTime{script.clock().now()}};
  const auto ask = [&](const char* question) {
    return script.engine().search({.agent = script.agent(), .text = question, .at = at, .limit = 5, .explain = true});
  };
  const std::vector<const char*> questions = {"travels city", "CAF\u00c9 OR quartz*", "\"cafe quartz\" -slate"};
  std::vector<SearchAnswer> expected;
  for (const auto* question : questions) expected.push_back(ask(question));
  ASSERT_EQ(expected[2].lines.size(), 5U);

  std::atomic<int> different = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      for (std::size_t i = 0; i < 60; ++i) {
        const auto one = i % questions.size();
        if (!same(ask(questions[one]), expected[one])) ++different;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    script.engine().ingest(
        {.agent = script.agent(), .statements = {stated("t" + std::to_string(i), "travelling", "cities quartz")}});
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(different, 0);
}

// --- Several agents --------------------------------------------------------------------------------------------------

class SearchAgents : public testing::Test {
 protected:
  void tell(const char* agent, const char* subject, const char* value) {
    script.clock().advance(std::chrono::hours{1});
    script.engine().ingest({.agent = AgentId{agent}, .statements = {stated(subject, "p", value)}});
  }
  SearchAnswer ask(const char* text, const Values& agents, std::size_t limit = 10) {
    SearchRequest asked{.agent = AgentId{agents.at(0)}, .text = text, .limit = limit};
    for (std::size_t i = 1; i < agents.size(); ++i) asked.more_agents.push_back(AgentId{agents[i]});
    return script.engine().search(asked);
  }
  static Values subjects(const SearchAnswer& answer) {
    Values found;
    for (const auto& line : answer.lines) found.push_back(line.agent.value + ' ' + line.line.subject);
    return found;
  }
  test::Script script;
};

TEST_F(SearchAgents, AreMergedByScore) {
  tell("a", "one", "quartz");
  tell("a", "two", "quartz quartz quartz");
  tell("b", "three", "quartz quartz");
  tell("b", "four", "quartz quartz quartz quartz");
  tell("c", "five", "quartz");
  EXPECT_EQ(subjects(ask("quartz", {"a", "b"})), (Values{"b four", "a two", "b three", "a one"}));
  EXPECT_EQ(subjects(ask("quartz", {"b", "a"})), (Values{"b four", "a two", "b three", "a one"}));
  EXPECT_EQ(subjects(ask("quartz", {"b"})), (Values{"b four", "b three"}));

  const auto two = ask("quartz", {"a", "b"}, 2);
  EXPECT_EQ(subjects(two), (Values{"b four", "a two"}));
  EXPECT_TRUE(two.more);
  EXPECT_FALSE(ask("quartz", {"a", "b"}, 4).more);
  EXPECT_TRUE(ask("quartz", {"a", "b"}, 3).more);
}

TEST(SearchOfSeveral, OfEqualScoresTheNewestComesFirstWhoseverItIs) {
  test::Script script;
  for (const auto* name : {"a", "b", "c"}) {
    script.clock().advance(std::chrono::hours{1});
    script.engine().ingest({.agent = AgentId{name}, .statements = {stated("s", "p", "quartz")}});
  }
  SearchRequest asked{.agent = AgentId{"b"}, .text = "quartz"};
  asked.more_agents = {AgentId{"a"}, AgentId{"c"}};
  const auto answer = script.engine().search(asked);
  ASSERT_EQ(answer.lines.size(), 3U);
  EXPECT_EQ(answer.lines[0].agent.value + answer.lines[1].agent.value + answer.lines[2].agent.value, "cba");
}

// What is said again is new again, in one ledger as in several.
TEST_F(SearchAgents, OfEqualScoresWhatWasSaidLastComesFirst) {
  tell("a", "one", "quartz");
  tell("b", "two", "quartz");
  tell("a", "three", "quartz");
  tell("a", "one", "quartz");
  const Values expected = {"a one", "a three", "b two"};
  EXPECT_EQ(subjects(ask("quartz", {"a", "b"})), expected);
  EXPECT_EQ(subjects(ask("quartz", {"b", "a"})), expected);
}

// Whatever the order in which they are named; and fewer are the first of more.
TEST_F(SearchAgents, HaveOneOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto named = [&](const char* letter) { return letter + std::to_string(seed); };
    const auto pick = [&](std::initializer_list<const char*> of) { return of.begin()[random() % of.size()]; };
    for (int i = 0; i < 24; ++i) {
      // Some are written at the same moment, in one batch or by two agents.
      if (random() % 3 > 0) script.clock().advance(std::chrono::hours{1});
      std::vector<Statement> statements;
      for (auto left = 1 + random() % 2; left > 0; --left)
        statements.push_back(
            stated(pick({"s", "t", "u", "v", "w"}), pick({"p", "q"}), pick({"quartz", "quartz mica"})));
      script.engine().ingest({.agent = AgentId{named(pick({"a", "b", "c"}))}, .statements = statements});
    }
    const auto a = named("a"), b = named("b"), c = named("c");
    const auto all = subjects(ask("quartz", {a, b, c}, 100));
    EXPECT_EQ(subjects(ask("quartz", {c, b, a}, 100)), all);
    EXPECT_EQ(subjects(ask("quartz", {b, a, c}, 100)), all);
    for (std::size_t limit = 1; limit <= all.size(); ++limit) {
      const Values first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(limit));
      EXPECT_EQ(subjects(ask("quartz", {b, c, a}, limit)), first) << limit;
    }
  }
}

TEST_F(SearchAgents, EachIsReadOnceAtItsOwnHead) {
  tell("a", "one", "quartz");
  tell("b", "two", "quartz");
  tell("b", "three", "quartz");
  const auto answer = ask("quartz", {"b", "a", "b", "nobody", "a"});
  ASSERT_EQ(answer.ledgers.size(), 3U) << "in the order asked, each once";
  EXPECT_EQ(answer.ledgers[0].agent, AgentId{"b"});
  EXPECT_EQ(answer.ledgers[0].at.position, Position{2});
  EXPECT_EQ(answer.ledgers[1].agent, AgentId{"a"});
  EXPECT_EQ(answer.ledgers[1].at.position, Position{1});
  EXPECT_EQ(answer.ledgers[2].agent, AgentId{"nobody"});
  EXPECT_EQ(answer.ledgers[2].at.position, Position{0});
  EXPECT_EQ(answer.lines.size(), 3U);
}

TEST_F(SearchAgents, AsOfATimeEachIsReadAsOfThatTime) {
  tell("a", "one", "quartz");
  const TxTime first{script.clock().now()};
  tell("b", "two", "quartz");
  SearchRequest asked{.agent = AgentId{"a"}, .text = "quartz", .at = {.as_of = first}, .more_agents = {AgentId{"b"}}};
  EXPECT_EQ(subjects(script.engine().search(asked)), Values{"a one"});
}

// --- Questions -------------------------------------------------------------------------------------------------------

TEST(SearchQuestions, ThatAskNothingFindNothingAndSayWhy) {
  test::Script script;
  script.play("say Berlin");
  std::set<std::string> remarks;
  for (const auto* question : {"", "   \n\t", "...", "-Berlin", "NOT Berlin", "\"\"", "()", "*"}) {
    SCOPED_TRACE(question);
    const auto answer = script.engine().search({.agent = script.agent(), .text = question, .history = true});
    EXPECT_TRUE(answer.lines.empty());
    EXPECT_FALSE(answer.remark.empty());
    EXPECT_FALSE(answer.more);
    ASSERT_EQ(answer.ledgers.size(), 1U);
    EXPECT_EQ(answer.ledgers[0].at.position, Position{1});
    EXPECT_EQ(answer.ledgers[0].scanned, 0U);
    EXPECT_FALSE(answer.recipe.empty());
    remarks.insert(answer.remark);
  }
  EXPECT_GE(remarks.size(), 3U) << "nothing was asked; no words; nothing but exclusions";
  const auto asked = script.engine().search({.agent = script.agent(), .text = "Paris"});
  EXPECT_TRUE(asked.lines.empty());
  EXPECT_EQ(asked.remark, "") << "it was looked up, and is not there";
  EXPECT_EQ(asked.ledgers.at(0).scanned, 1U);
}

TEST(SearchQuestions, OfCommonWordsAloneAreLookedUpAllTheSame) {
  test::Script script;
  script.engine().ingest({.agent = script.agent(), .statements = {stated("s", "p", "to be or not to be")}});
  EXPECT_EQ(script.engine().search({.agent = script.agent(), .text = "to be"}).lines.size(), 1U);
  const auto mixed = script.engine().search({.agent = script.agent(), .text = "to be basalt"});
  EXPECT_TRUE(mixed.lines.empty()) << "beside another word they are left out";
}

TEST(SearchQuestions, ExplainSaysWhatWasLookedUpAndHowOftenItWasThere) {
  test::Script script;
  script.engine().ingest({.agent = script.agent(),
                          .statements = {stated("s", "p", "basalt basalt"), stated("t", "p", "basalt quartz"),
                                         stated("u", "p", "slate")}});
  SearchRequest asked{.agent = script.agent(), .text = "basalt qua* -slate", .explain = true};
  const auto answer = script.engine().search(asked);
  const auto& terms = answer.ledgers.at(0).terms;
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[0].text, "basalt");
  EXPECT_FALSE(terms[0].beginning);
  EXPECT_TRUE(terms[0].wanted);
  EXPECT_EQ(terms[0].statements, 2U);
  EXPECT_NEAR(terms[0].bits, std::log2(4 / 2.5), 1e-6);
  EXPECT_EQ(terms[1].text, "qua");
  EXPECT_TRUE(terms[1].beginning);
  EXPECT_EQ(terms[1].statements, 1U);
  EXPECT_NEAR(terms[1].bits, std::log2(4 / 1.5), 1e-6);
  EXPECT_FALSE(terms[2].wanted);
  EXPECT_EQ(terms[2].statements, 1U);
  EXPECT_EQ(answer.ledgers[0].scanned, 3U);
  ASSERT_EQ(answer.lines.size(), 2U);
  EXPECT_EQ(answer.lines[0].claims.at(0).counts, (std::vector<std::uint32_t>{1, 1, 0}));
  EXPECT_EQ(answer.lines[1].claims.at(0).counts, (std::vector<std::uint32_t>{2, 0, 0}));

  asked.explain = false;
  const auto silent = script.engine().search(asked);
  EXPECT_TRUE(silent.ledgers.at(0).terms.empty());
  EXPECT_TRUE(silent.lines.at(0).claims.at(0).counts.empty());
}

TEST(SearchQuestions, TheSnippetIsOfTheValueWithMarksOnWhatWasAskedFor) {
  test::Script script;
  const std::string far(600, '.');
  script.engine().ingest(
      {.agent = script.agent(), .statements = {stated("s", "p", "first words " + far + " basalt and slate")}});
  const auto answer = script.engine().search({.agent = script.agent(), .text = "basalt slate"});
  const auto& snippet = answer.lines.at(0).claims.at(0).snippet;
  EXPECT_TRUE(snippet.cut_before);
  EXPECT_FALSE(snippet.cut_after);
  ASSERT_EQ(snippet.marks.size(), 2U);
  EXPECT_EQ(snippet.text.substr(snippet.marks[0].begin, snippet.marks[0].end - snippet.marks[0].begin), "basalt");
  EXPECT_EQ(snippet.text.substr(snippet.marks[1].begin, snippet.marks[1].end - snippet.marks[1].begin), "slate");
}

TEST(SearchQuestions, ValuesThatAreNoStringsAreFoundByTheWordsInside) {
  test::Script script;
  const auto say = [&](const char* subject, const char* json) {
    script.engine().ingest({.agent = script.agent(), .statements = {stated(subject, "p", Value::parse(json))}});
  };
  say("list", R"(["basalt",["quartz"]])");
  say("object", R"({"stone":{"slate":true}})");
  say("number", "1729");
  say("escaped", R"("mica\nschist \"gneiss\"")");
  for (const auto& [question, subject] :
       std::initializer_list<std::pair<const char*, const char*>>{{"basalt", "list"},
                                                                  {"quartz", "list"},
                                                                  {"stone", "object"},
                                                                  {"slate", "object"},
                                                                  {"true", "object"},
                                                                  {"1729", "number"},
                                                                  {"schist", "escaped"},
                                                                  {"gneiss", "escaped"}}) {
    const auto answer = script.engine().search({.agent = script.agent(), .text = question});
    ASSERT_EQ(answer.lines.size(), 1U) << question;
    EXPECT_EQ(answer.lines[0].line.subject, subject) << question;
  }
}

TEST(SearchQuestions, TextsOfAllScriptsAreFound) {
  test::Script script;
  const std::vector<std::pair<std::string, std::vector<std::string>>> texts = {
      {"\u6771\u4EAC\u5927\u5B66", {"\u6771", "\u6771\u4EAC", "\u4EAC", "\u4EAC\u5927", "\u6771\u4EAC\u5927\u5B66"}},
      {"\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD",
       {"\u05E9\u05DC\u05D5\u05DD", "\u202E\u05E9\u05DC\u05D5\u05DD\u202C",
        "\"\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD\""}},
      {"cafe\u0301", {"caf\u00E9", "cafe\u0301", "cafe", "CAF\u00C9"}},
      {"\uFF21\uFF22\uFF11\uFF12", {"AB12", "\uFF21\uFF22\uFF11\uFF12"}},
      {"Stra\u00DFe", {"strasse", "STRASSE", "stra\u00DFe"}},
      {"\u0447\u0430\u0439", {"\u0427\u0410\u0419"}},
  };
  int line = 0;
  for (const auto& [text, questions] : texts) {
    script.engine().ingest(
        {.agent = script.agent(), .statements = {stated("s", "p" + std::to_string(++line), Value(text))}});
  }
  for (const auto& [text, questions] : texts) {
    for (const auto& question : questions) {
      const auto answer = script.engine().search({.agent = script.agent(), .text = question});
      ASSERT_EQ(answer.lines.size(), 1U) << question;
      EXPECT_EQ(values_of(answer), Values{text}) << question;
    }
  }
}

TEST(SearchQuestions, NoTextIsAWrongQuestion) {
  test::Script script;
  script.play("say Berlin since 2020\n say Munich since 2020\n say AND on name\n say subject on noun");
  const auto head = script.engine().head({.agent = script.agent()}).hash;
  std::string words, excluded;
  for (int i = 0; i < 10'000; ++i) words += "word" + std::to_string(i) + ' ';
  for (int i = 0; i < 10'000; ++i) excluded += "-word" + std::to_string(i) + ' ';
  const std::string parentheses(100'000, '('), closing(100'000, ')'), quotes(100'001, '"'), stars(100'000, '*');
  using namespace std::string_literals;
  const std::vector<std::string> questions = {
      parentheses,
      closing,
      parentheses + "Berlin" + closing,
      quotes,
      stars,
      words,
      excluded,
      std::string(1'000'000, 'x'),
      std::string(100'000, '-') + "Berlin",
      "AND",
      "OR OR OR",
      "NOT NOT NOT",
      "AND AND Berlin",
      "Berlin AND",
      "Berlin OR",
      "Berlin NOT",
      "\"",
      "\"Berlin",
      "Berlin\"",
      "subject:",
      "subject:subject:subject:",
      "subject:(",
      "value:\"",
      "nofield:Berlin",
      "'; DROP TABLE entry; --",
      "%' OR 1=1",
      "Berlin\0Munich"s,
      "\0"s,
      "\xFF\xFE\xC0\x80",
      "Berlin\xC3",
      "\xED\xA0\x80",
      "\xF4\x90\x80\x80 Berlin",
      std::string(10'000, '\xCC'),
      "e" +
          [] {
            std::string marks;
            for (int i = 0; i < 10'000; ++i) marks += "\u0301";
            return marks;
          }(),
      "\u202E\u202DBerlin\u202C",
      "\uFEFFBerlin",
      "\u200B",
  };
  for (const auto& question : questions) {
    SCOPED_TRACE(question.substr(0, 40));
    const auto answer =
        script.engine().search({.agent = script.agent(), .text = question, .history = true, .explain = true});
    EXPECT_LE(answer.lines.size(), 4U);
    EXPECT_TRUE(answer.remark.empty() || answer.lines.empty());
    const auto again =
        script.engine().search({.agent = script.agent(), .text = question, .history = true, .explain = true});
    EXPECT_TRUE(same(again, answer));
  }
  const auto found = [&](const std::string& question) {
    return script.engine().search({.agent = script.agent(), .text = question}).lines.size();
  };
  EXPECT_EQ(found("Berlin\0Munich"s), 1U) << "NUL separates words";
  EXPECT_EQ(found("Berlin\xC3"), 1U) << "what is not UTF-8 separates words";
  EXPECT_EQ(found("AND AND Berlin"), 1U);
  EXPECT_EQ(found("\"Berlin"), 1U);
  EXPECT_EQ(found("and"), 1U);
  const auto cut = script.engine().search({.agent = script.agent(), .text = "Berlin " + words});
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.lines.size(), 1U) << "the beginning is looked up";
  EXPECT_FALSE(script.engine().search({.agent = script.agent(), .text = "Berlin"}).cut);
  EXPECT_EQ(script.engine().head({.agent = script.agent()}).hash, head);
}

}  // namespace
}  // namespace claimledger
