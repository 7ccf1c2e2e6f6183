#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "search_support.hpp"

// Recency as a share of the score, through the engine.
namespace claimledger {
namespace {

using std::chrono::days;
using test::same;
using test::values_of;
using Values = std::vector<std::string>;

const AgentId agent{"tester"};
const std::string word = "quartz";
constexpr Score all{1'000'000};

class SearchByRecency : public testing::Test {
 protected:
  // Each on a line of its own, unless it is told which.
  void say(const std::string& value, std::string_view since = {}, std::string line = {}) {
    engine_.ingest({.agent = agent, .statements = {stated(value, since, std::move(line))}});
  }
  Statement stated(const std::string& value, std::string_view since = {}, std::string line = {}) {
    if (line.empty()) line = "line " + std::to_string(++lines_);
    Statement made{.subject = "it", .predicate = std::move(line), .value = value};
    if (!since.empty()) made.window.from = parse_valid_time(since, "since");
    return made;
  }
  SearchAnswer search(SearchRequest request) {
    request.agent = agent;
    request.text = word;
    return engine_.search(request);
  }
  // All that has the word, and what share of it recency is.
  Values found(Score share, SearchRequest request = {}) {
    request.recency_share = share;
    return values_of(search(request));
  }
  std::vector<std::uint32_t> freshness(SearchRequest request = {}) {
    request.recency_share = all;
    std::vector<std::uint32_t> each;
    for (const auto& line : search(request).lines)
      for (const auto& claim : line.claims) each.push_back(claim.freshness->millionths);
    return each;
  }

  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();  // 2026-01-01
  Engine engine_{{.store = memory::open(), .clock = clock_, .ids = std::make_shared<conformance::SeededIds>(1)}, {}};
  int lines_ = 0;
};

TEST_F(SearchByRecency, CountsNothingUnlessItIsAskedFor) {
  say("quartz old quartz", "2001");
  say("quartz", "2025-12");
  const auto without = search({});
  EXPECT_EQ(values_of(without), (Values{"quartz old quartz", "quartz"}));
  EXPECT_FALSE(without.lines.at(0).claims.at(0).freshness);
  EXPECT_TRUE(same(search({.agent = agent, .text = word, .recency_share = {}, .half_life = days{1}}), without));
}

TEST_F(SearchByRecency, IsAShareOfTheScore) {
  say("quartz quartz", "2025-12-02");  // 30 days before
  const auto raw = search({}).lines.at(0).score.millionths;
  const auto line = search({.agent = agent, .text = word, .recency_share = Score{300'000}}).lines.at(0);
  EXPECT_EQ(line.score.millionths, (raw * std::uint64_t{700'000} + 500'000ULL * 300'000) / 1'000'000);
  EXPECT_EQ(line.claims.at(0).score, line.score);
  EXPECT_EQ(line.claims.at(0).freshness, Score{500'000}) << "a half-life is 30 days unless somebody says otherwise";
  EXPECT_EQ(line.claims.at(0).words.millionths, raw) << "which stays what it was";
}

TEST_F(SearchByRecency, PutsWhatBeganLatelyFirst) {
  say("quartz one", "2025-12");
  say("quartz two", "2023");
  say("quartz three", "0001");
  say("quartz four", "2025");
  EXPECT_EQ(found(all, {.agent = agent, .text = word, .half_life = days{365}}),
            (Values{"quartz one", "quartz four", "quartz two", "quartz three"}));
}

TEST_F(SearchByRecency, OfEquallyFreshOnesTheNewestComesFirst) {
  say("quartz one", "2025");
  say("quartz two", "2024");
  say("quartz three", "2023");
  EXPECT_EQ(found(all, {.agent = agent, .text = word, .half_life = std::chrono::microseconds{1}}),
            (Values{"quartz three", "quartz two", "quartz one"}))
      << "after a microsecond nothing is fresh";
}

TEST_F(SearchByRecency, AnUndatedClaimBeganWhenItWasFirstSaid) {
  say("quartz undated", {}, "p");
  clock_->advance(days{30});
  say("quartz undated", {}, "p");
  say("quartz dated", "2026-01-31");
  clock_->advance(days{30});
  EXPECT_EQ(found(all), (Values{"quartz dated", "quartz undated"}));
  EXPECT_EQ(freshness(), (std::vector<std::uint32_t>{500'000, 250'000})) << "to say it again makes it no fresher";
}

TEST_F(SearchByRecency, AStartThatIsNotTrustedCountsForNothing) {
  auto unsure = stated("quartz", "2001");
  unsure.valid_time_confidence = Confidence{1'000};
  engine_.ingest({.agent = agent, .statements = {unsure}});
  clock_->advance(days{30});
  EXPECT_EQ(freshness(), std::vector<std::uint32_t>{500'000});
}

TEST_F(SearchByRecency, ACorrectionBeganWhenWhatItCorrectsDid) {
  const auto said = engine_.ingest({.agent = agent, .statements = {stated("quarts")}});
  clock_->advance(days{30});
  engine_.correct({.agent = agent, .claim = *said.receipts.at(0).claim, .value = "quartz"});
  EXPECT_EQ(freshness(), std::vector<std::uint32_t>{500'000});
}

TEST_F(SearchByRecency, AgesAreThoseAtTheTimeThatIsAskedAbout) {
  say("quartz", "2025-12-02");
  const auto at = [](std::string_view day) {
    return SearchRequest{.agent = agent, .text = word, .valid_at = parse_valid_time(day, "at").at};
  };
  EXPECT_EQ(freshness(at("2025-12-02")), std::vector<std::uint32_t>{1'000'000});
  EXPECT_EQ(freshness(at("2026-01-01")), std::vector<std::uint32_t>{500'000});
  EXPECT_EQ(freshness(at("2026-01-31")), std::vector<std::uint32_t>{250'000});
  EXPECT_EQ(freshness({.agent = agent, .text = word, .filter = {.valid_during = parse_during("2027", "during")}}),
            std::vector<std::uint32_t>{500'000})
      << "without one that is now, for all alike";
}

TEST_F(SearchByRecency, WhatIsYetToBeginIsAsFreshAsWhatBeginsNow) {
  say("quartz now", "2026");
  say("quartz then", "2030");
  say("quartz before", "2025-12-02");
  EXPECT_EQ(found(all, {.agent = agent, .text = word, .history = true}),
            (Values{"quartz then", "quartz now", "quartz before"}));
  EXPECT_EQ(freshness({.agent = agent, .text = word, .history = true}),
            (std::vector<std::uint32_t>{1'000'000, 1'000'000, 500'000}));
  EXPECT_EQ(found(all), (Values{"quartz now", "quartz before"}));
}

TEST_F(SearchByRecency, TheWholeScoreHasToReachTheLeast) {
  say("quartz old", "2001");
  say("quartz new", "2026");
  const auto raw = search({}).lines.at(0).score;
  EXPECT_EQ(found({}, {.agent = agent, .text = word, .least_score = Score{raw.millionths + 1}}), Values{});
  EXPECT_EQ(found(Score{500'000}, {.agent = agent, .text = word, .least_score = Score{raw.millionths + 1}}),
            Values{"quartz new"});
  EXPECT_EQ(found(Score{500'000}, {.agent = agent, .text = word, .least_score = raw}), Values{"quartz new"});
  EXPECT_EQ(found(all, {.agent = agent, .text = word, .least_score = all}), Values{"quartz new"});
}

// The one that is new has the fewest words, so that its statement comes last of all, behind many that are fresh enough
// to score more than any that is left has by its words.
TEST_F(SearchByRecency, WhatComesLastByItsWordsMayComeFirst) {
  std::vector<Statement> statements{stated("quartz", "2026")};
  for (int i = 0; i < 300; ++i) statements.push_back(stated("quartz quartz quartz " + std::to_string(i), "2025-12-28"));
  engine_.ingest({.agent = agent, .statements = statements});
  SearchRequest request{.agent = agent, .text = word, .recency_share = Score{900'000}, .limit = 1};
  EXPECT_EQ(values_of(search(request)), Values{"quartz"});
  request.limit = 300;
  EXPECT_TRUE(search(request).more);
  request.limit = 301;
  EXPECT_FALSE(search(request).more);
  EXPECT_EQ(found(Score{10'000}, {.agent = agent, .text = word, .limit = 1}), Values{"quartz quartz quartz 299"});
}

TEST_F(SearchByRecency, ALineIsAsGoodAsItsBestClaim) {
  say("quartz quartz quartz", "2001", "p");
  say("quartz", "2026", "p");
  const auto line =
      search({.agent = agent, .text = word, .history = true, .recency_share = Score{500'000}}).lines.at(0);
  ASSERT_EQ(line.claims.size(), 2U);
  EXPECT_EQ(test::word(line.claims.at(0).slot.value), "quartz");
  EXPECT_EQ(line.score, line.claims.at(0).score);
}

// Of the two values of the line the first holds early in the year and has more of the words, the second late.
TEST_F(SearchByRecency, DuringAStretchTheBeliefIsThatOfTheBestClaim) {
  auto early = stated("quartz quartz", "2010", "p");
  early.window.until = parse_valid_time("2025-03", "until");
  auto late = stated("quartz", "2025-12", "p");
  engine_.ingest({.agent = agent, .statements = {early, late}});
  SearchRequest request{.agent = agent, .text = word, .filter = {.valid_during = parse_during("2025", "during")}};
  EXPECT_EQ(test::short_text(search(request).lines.at(0).belief), "Resolved{quartz quartz}");
  request.recency_share = Score{500'000};
  EXPECT_EQ(test::short_text(search(request).lines.at(0).belief), "Resolved{quartz}");
}

TEST_F(SearchByRecency, SeveralLedgersAreMergedByTheWholeScore) {
  say("quartz old", "2001");
  auto other = stated("quartz new", "2026");
  engine_.ingest({.agent = AgentId{"other"}, .statements = {other}});
  EXPECT_EQ(found(Score{500'000}, {.agent = agent, .text = word, .more_agents = {AgentId{"other"}}}),
            (Values{"quartz new", "quartz old"}));
  engine_.ingest({.agent = agent, .statements = {stated("quartz now", "2026")}});
  EXPECT_EQ(found(Score{500'000}, {.agent = agent, .text = word, .limit = 1, .more_agents = {AgentId{"other"}}}).size(),
            1U);
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const InvalidInput& refused) {
    return refused.what();
  }
  return "none";
}

TEST_F(SearchByRecency, SaysWhatItCannotDo) {
  EXPECT_EQ(refusal([&] { search({.agent = agent, .text = word, .by = SearchBy::ranks, .recency_share = Score{1}}); }),
            "recency_share: is a share of scores, and ranks are places: ask by blend, words or meaning");
  EXPECT_EQ(refusal([&] { search({.agent = agent, .text = word, .recency_share = Score{1'000'001}}); }),
            "recency_share: must be a number from 0 to 1");
  EXPECT_EQ(refusal([&] { search({.agent = agent, .text = word, .half_life = std::chrono::microseconds{0}}); }),
            "half_life: must be at least a microsecond");
}

TEST_F(SearchByRecency, ATextForAPromptBeginsWithWhatIsBest) {
  say("quartz quartz old", "2001");
  say("quartz new", "2026");
  ContextRequest request{.search = {.agent = agent, .text = word}};
  EXPECT_LT(engine_.context(request).text.find("old"), engine_.context(request).text.find("new"));
  request.search.recency_share = Score{500'000};
  EXPECT_LT(engine_.context(request).text.find("new"), engine_.context(request).text.find("old"));
}

}  // namespace
}  // namespace claimledger
