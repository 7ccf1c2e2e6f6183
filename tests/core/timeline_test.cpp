#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"

// The timeline and the claims of a line, page by page.
namespace claimledger {
namespace {

const PageRequest all{.limit = limits::page};

ValidEnd day(int n) {
  return {ValidTime{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + std::chrono::days{n}}, Granularity::day};
}

// A line of random claims: dated and not, concluded, of many values, ended and taken back.
class RandomLine {
 public:
  explicit RandomLine(std::uint32_t seed)
      : random_(seed),
        engine({.store = memory::open(), .clock = clock_, .ids = std::make_shared<conformance::SeededIds>(seed)}) {}

  void say_and_do(int times) {
    for (int i = 0; i < times; ++i) {
      clock_->set(clock_->now() + std::chrono::hours{7});
      say();
      if (below(6) == 0) engine.retract({.agent = agent, .claim = any_claim()});
      if (below(6) == 0) end();
    }
  }

  Timeline timeline(const std::optional<ValidWindow>& during = {}, const PageRequest& page = all) {
    return engine.timeline({.agent = agent, .line = key, .valid_during = during, .page = page});
  }
  History history(const PageRequest& page = all) { return engine.history({.agent = agent, .line = key, .page = page}); }
  ValidWindow random_window() {
    const auto from = below(400);
    return {day(from), day(from + 1 + below(60))};
  }
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint32_t>(n)); }

 private:
  void say() {
    Statement said{.subject = key.subject, .predicate = key.predicate, .value = "value " + std::to_string(below(6))};
    const auto from = below(400);
    if (below(4) > 0) said.window.from = day(from);
    if (below(3) == 0) said.window.until = day(from + 1 + below(80));
    if (below(8) == 0) said.provenance = Provenance::model_derived;
    if (below(20) == 0) said.cardinality = Cardinality::set_valued;
    if (below(4) == 0) said.source = "source " + std::to_string(below(3));
    const auto receipt = engine.ingest({.agent = agent, .statements = {said}}).receipts.front();
    if (receipt.claim) claims_.push_back(*receipt.claim);
  }
  void end() {
    try {
      engine.end_validity({.agent = agent, .claim = any_claim(), .at = day(below(400))});
    } catch (const InvalidInput&) {
      // it holds nothing behind that day
    }
  }
  ClaimId any_claim() { return claims_[static_cast<std::size_t>(below(static_cast<int>(claims_.size())))]; }

  std::minstd_rand random_;
  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  std::vector<ClaimId> claims_;

 public:
  const AgentId agent{"ada"};
  const LineKey key{"ada", "city"};
  Engine engine;
};

std::vector<Slot> answers_of(const Belief& belief) {
  return belief.primary ? std::vector{*belief.primary} : belief.alternatives;
}

// What a timeline should be, from single beliefs: at each instant at which some claim begins or ceases to hold, or was
// said first.
std::vector<Segment> from_beliefs(RandomLine& line) {
  std::set<ValidTime> instants{{earliest_instant}};
  for (const auto& claim : line.history().claims) {
    for (const auto& span : claim.validity) {
      if (span.from != ValidTime::beginning()) instants.insert(span.from);
      if (span.until != ValidTime::forever()) instants.insert(span.until);
    }
    for (const auto said : claim.said) instants.insert(as_valid(said));
  }
  std::vector<Segment> segments;
  for (const auto instant : instants) {
    const auto belief = line.engine.recall({.agent = line.agent, .line = line.key, .valid_at = instant});
    Segment here{{instant, ValidTime::forever()}, belief.status, answers_of(belief)};
    if (segments.empty()) {
      here.span.from = ValidTime::beginning();
    } else if (segments.back().status == here.status && segments.back().values == here.values) {
      continue;
    } else {
      segments.back().span.until = instant;
    }
    segments.push_back(std::move(here));
  }
  return segments;
}

bool same_granularity(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::ranges::equal(a, b, [](const Segment& one, const Segment& other) {
    return one.span.from_as == other.span.from_as && one.span.until_as == other.span.until_as;
  });
}

void for_random_lines(const std::function<void(RandomLine&)>& check) {
  for (std::uint32_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomLine line(seed);
    line.say_and_do(2 + static_cast<int>(seed));
    check(line);
  }
}

// All pages, one after the other; `size` says how many each may have.
template <class Item, class Read, class Items>
std::vector<Item> paged(std::size_t size, const Read& read, const Items& items) {
  std::vector<Item> found;
  PageRequest page{.limit = size};
  for (;;) {
    const auto answer = read(page);
    const auto& here = items(answer);
    EXPECT_TRUE(here.size() == size || !answer.next);
    found.insert(found.end(), here.begin(), here.end());
    if (!answer.next) return found;
    page.cursor = *answer.next;
  }
}

std::vector<Segment> pages_of_timeline(RandomLine& line, std::size_t size,
                                       const std::optional<ValidWindow>& during = {}) {
  return paged<Segment>(
      size, [&](const PageRequest& page) { return line.timeline(during, page); },
      [](const Timeline& timeline) -> const auto& { return timeline.segments; });
}

}  // namespace

TEST(Timeline, SaysWhatIsBelievedAtEachInstant) {
  for_random_lines([](RandomLine& line) { EXPECT_EQ(line.timeline().segments, from_beliefs(line)); });
}

TEST(Timeline, IsTheSameInPages) {
  for_random_lines([](RandomLine& line) {
    const auto whole = line.timeline();
    EXPECT_FALSE(whole.next);
    for (const std::size_t size : {1U, 2U, 3U, 7U}) {
      const auto pages = pages_of_timeline(line, size);
      EXPECT_EQ(pages, whole.segments) << "pages of " << size;
      EXPECT_TRUE(same_granularity(pages, whole.segments)) << "pages of " << size;
    }
  });
}

TEST(Timeline, OfATimeHasTheSegmentsThatMeetItWhole) {
  for_random_lines([](RandomLine& line) {
    const auto whole = line.timeline().segments;
    for (int i = 0; i < 20; ++i) {
      const auto window = line.random_window();
      std::vector<Segment> expected;
      std::ranges::copy_if(whole, std::back_inserter(expected), [&](const Segment& segment) {
        return segment.span.from < window.until->at && window.from->at < segment.span.until;
      });
      EXPECT_EQ(line.timeline(window).segments, expected);
      EXPECT_TRUE(same_granularity(line.timeline(window).segments, expected));
      EXPECT_EQ(pages_of_timeline(line, 2, window), expected);
    }
  });
}

// Claims that begin within it and change nothing: a surer one of the same value, said later, answers for all.
TEST(Timeline, OfATimeLooksBackAsFarAsNothingChanges) {
  RandomLine line(1);
  constexpr int days = 400;
  IngestRequest request{.agent = line.agent, .statements = {}};
  for (int i = 0; i < days; ++i) {
    Statement said{.subject = line.key.subject, .predicate = line.key.predicate, .value = Value("Bonn")};
    said.window = {day(i), day(i + 1)};
    said.value_confidence = Confidence::from(0.9, "");
    request.statements.push_back(said);
  }
  line.engine.ingest(request);
  request.statements = {request.statements.front()};
  request.statements.front().window = {day(0), day(days)};
  request.statements.front().value_confidence = Confidence::from(1, "");
  line.engine.ingest(request);

  for (const int at : {days - 1, days / 2, 1}) {
    const auto found = line.timeline(ValidWindow{day(at), day(at + 1)}).segments;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().span, (Span{day(0).at, day(days).at})) << "looked for at " << at;
  }
}

TEST(Timeline, IsPagedAsOfItsFirstPageWhateverIsWritten) {
  RandomLine line(7);
  line.say_and_do(40);
  const auto whole = line.timeline().segments;
  const auto pages = paged<Segment>(
      3,
      [&](const PageRequest& page) {
        auto answer = line.timeline({}, page);
        line.say_and_do(1);
        return answer;
      },
      [](const Timeline& timeline) -> const auto& { return timeline.segments; });
  EXPECT_EQ(pages, whole);
}

TEST(Timeline, RefusesATimeThatEndsBeforeItBegins) {
  RandomLine line(1);
  try {
    line.timeline(ValidWindow{day(2), day(1)});
    FAIL() << "it was taken";
  } catch (const InvalidInput& refusal) {
    EXPECT_EQ(refusal.field(), "valid_during");
  }
}

TEST(HistoryPages, HaveEachClaimOnceInOrder) {
  for_random_lines([](RandomLine& line) {
    const auto whole = line.history();
    EXPECT_FALSE(whole.next);
    for (const std::size_t size : {1U, 4U, 9U}) {
      const auto pages = paged<ClaimHistory>(
          size, [&](const PageRequest& page) { return line.history(page); },
          [](const History& history) -> const auto& { return history.claims; });
      EXPECT_EQ(pages, whole.claims) << "pages of " << size;
    }
  });
}

TEST(HistoryPages, TakeNoCursorOfAnotherLineOrQuestion) {
  RandomLine line(3);
  line.say_and_do(20);
  const auto of_history = *line.history({.limit = 2}).next;
  const auto of_timeline = *line.timeline({}, {.limit = 2}).next;
  const auto refused = [](const auto& ask) {
    try {
      ask();
    } catch (const InvalidInput& refusal) {
      return refusal.field() == "cursor";
    }
    return false;
  };
  EXPECT_TRUE(refused([&] { line.history({.cursor = of_timeline}); }));
  EXPECT_TRUE(refused([&] { line.timeline({}, {.cursor = of_history}); }));
  EXPECT_TRUE(refused([&] { line.timeline(ValidWindow{day(1), day(9)}, {.cursor = of_timeline}); }));
  const auto of_time = *line.timeline(ValidWindow{day(0), day(400)}, {.limit = 1}).next;
  EXPECT_FALSE(refused([&] { line.timeline(ValidWindow{day(0), day(400)}, {.cursor = of_time}); }));
  EXPECT_TRUE(refused([&] { line.timeline(ValidWindow{day(1), day(400)}, {.cursor = of_time}); }));
  EXPECT_TRUE(refused([&] { line.timeline(ValidWindow{day(0), day(399)}, {.cursor = of_time}); }));
  const HistoryRequest other{.agent = line.agent, .line = {"ada", "pet"}, .page = {.cursor = of_history}};
  EXPECT_TRUE(refused([&] { line.engine.history(other); }));
}

// Whatever was done to it, it is the cursor that is wrong, and not what one makes of its bytes.
TEST(HistoryPages, SayOfEachAlteredCursorThatItIsNone) {
  RandomLine line(3);
  line.say_and_do(20);
  const auto cursor = *line.history({.limit = 2}).next;
  const auto why = [&](const std::string& altered) {
    try {
      line.history({.cursor = altered});
    } catch (const InvalidInput& refusal) {
      return std::string(refusal.what());
    }
    return "taken: " + altered;
  };
  const auto none = why("00");
  constexpr std::size_t time_at = 2 * (16 + 8 + 8), after_at = time_at + 2 * 8;  // in digits
  EXPECT_EQ(why(cursor + "00"), none);
  EXPECT_EQ(why(cursor.substr(0, after_at) + "ff"), none);
  EXPECT_EQ(why(cursor.substr(0, time_at) + "7fffffffffffffff" + cursor.substr(after_at)), none);
  EXPECT_EQ(why(cursor.substr(0, time_at) + "8000000000000000" + cursor.substr(after_at)), none);
  EXPECT_EQ(why(cursor.substr(1)), none);
  EXPECT_EQ(why(cursor.substr(0, cursor.size() - 2)), none);
}

}  // namespace claimledger
