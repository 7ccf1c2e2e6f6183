#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "script.hpp"

// Each end of a stretch of valid time is shown as it was stated, wherever it comes to stand.
namespace claimledger {
namespace {

ValidEnd stated(const std::string& text) { return parse_valid_time(text, "date"); }

// In order, each an instant that no other form of date states.
const std::vector<std::string> dates = {"2018",       "2018-03", "2018-03-09",          "2019", "2019-06", "2020",
                                        "2020-02-02", "2021-11", "2022-07-01T06:00:00Z"};

class Story {
 public:
  explicit Story(std::uint32_t seed) : random_(seed) { script_.act("2026-01-15"); }

  void step() {
    script_.act("+1d");
    const auto known = names_.empty() ? 0 : pick(4);
    const auto claim = names_.empty() ? std::string() : names_[pick(names_.size())];
    if (known == 0 || pick(3) > 0) {
      const auto name = "n" + std::to_string(names_.size());
      auto line = "say v" + std::to_string(pick(3));
      const auto from = pick(dates.size() - 1), until = from + 1 + pick(dates.size() - 1 - from);
      if (pick(3) > 0) line += " since " + dates[from];
      if (pick(3) == 0) line += " until " + dates[until];
      const auto result = did(line + " as " + name);
      if (result.find("restates") == std::string::npos) names_.push_back(name);
    } else if (known == 1) {
      did("end " + claim + " " + date());
    } else if (known == 2) {
      did("retract " + claim);
    } else {
      did("reopen " + claim + (pick(2) == 0 ? "" : " " + date()));
    }
  }

  void check() {
    for (const auto& text : dates) {
      const auto end = stated(text);
      as_[end.at] = end.granularity;
    }
    const auto history = script_.engine().history({.agent = script_.agent(), .line = script_.line()});
    for (const auto& claim : history.claims) {
      for (const auto& span : claim.validity) expect(span, "the validity of " + script_.name(claim.slot.claim));
      for (const auto& span : claim.base) expect(span, "the base of " + script_.name(claim.slot.claim));
      for (const auto& cut : claim.cuts) expect(cut.span, "a cut of " + script_.name(claim.slot.claim));
    }
    const auto timeline = script_.engine().timeline({.agent = script_.agent(), .line = script_.line()});
    for (const auto& segment : timeline.segments) expect(segment.span, "the timeline");
  }

 private:
  std::size_t pick(std::size_t of) { return random_() % of; }
  std::string date() { return dates[pick(dates.size())]; }
  std::string did(const std::string& line) {
    auto result = script_.act(line);
    told_ += "\n" + line + " => " + result;
    return result;
  }

  void expect(const Span& span, const std::string& where) {
    expect(span.from, span.from_as, where);
    expect(span.until, span.until_as, where);
  }
  void expect(ValidTime at, Granularity as, const std::string& where) {
    const auto known = as_.find(at);
    const auto usual = known == as_.end() ? Granularity::instant : known->second;
    EXPECT_EQ(as, usual) << test::short_text(at) << " in " << where << told_;
  }

  std::minstd_rand random_;
  test::Script script_;
  std::vector<std::string> names_;
  std::string told_;
  std::map<ValidTime, Granularity> as_;
};

TEST(Granularity, IsAsStatedWhereverAnEndComesToStand) {
  for (std::uint32_t seed = 1; seed <= 300 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Story story(seed);
    for (int step = 0; step < 9; ++step) story.step();
    story.check();
  }
}

// The spans of the timeline, each bound with its granularity.
std::vector<std::pair<Granularity, Granularity>> shown(test::Script& script) {
  std::vector<std::pair<Granularity, Granularity>> bounds;
  const auto timeline = script.engine().timeline({.agent = script.agent(), .line = script.line()});
  for (const auto& segment : timeline.segments) bounds.emplace_back(segment.span.from_as, segment.span.until_as);
  return bounds;
}

TEST(Granularity, OfOneInstantStatedTwiceIsOnEachSideThatOfItsOwnClaim) {
  using enum Granularity;
  const std::vector<std::pair<Granularity, Granularity>> expected = {{instant, month}, {month, month}, {year, instant}};
  test::Script there;
  there.act("2026-01-15");
  there.act("say A since 2019-12 until 2020-01");
  there.act("say B since 2020");
  EXPECT_EQ(shown(there), expected);

  test::Script back;
  back.act("2026-01-15");
  back.act("say B since 2020");
  back.act("say A since 2019-12 until 2020-01");
  EXPECT_EQ(shown(back), expected) << "in whatever order they were said";
}

TEST(Granularity, OfAGapIsThatOfItsNeighbours) {
  using enum Granularity;
  test::Script script;
  script.act("2026-01-15");
  script.act("say A since 2018 until 2019-02");
  script.act("say B since 2020-03-04");
  const std::vector<std::pair<Granularity, Granularity>> expected = {
      {instant, year}, {year, month}, {month, day}, {day, instant}};
  EXPECT_EQ(shown(script), expected);
}

}  // namespace
}  // namespace claimledger
