#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "engine_story.hpp"
#include "random_story.hpp"

// Small scope, all of it: every story of up to three steps (four with CLAIMLEDGER_LONG=1) from a short list of things
// that can be said and done, engine beside model. Nearly every fault of long stories shows in a short one.
namespace claimledger::property {
namespace {

// Two values, two sources; undated, open, closed, until, faint, a member of a set.
const std::vector<std::string> sayings = {
    "say A by x",        "say A -6.. by x",       "say A -6..-2 by x",     "say A ..-2 by x", "say A -4.. by y",
    "say A 1.. by x",    "say A faint by x",      "say A set by x",        "say B by y",      "say B -6.. by y",
    "say B -6..-2 by y", "say B ..-2 by y",       "say B -4..1 by x",      "say B 1.. by y",  "say B 2..5 by y",
    "say B set by y",    "say B -6.. faint by y", "say B functional by y",
};
// Of each statement so far.
const std::vector<std::string> verbs = {
    "end % -3", "end % 3", "retract %", "reopen %", "reopen % 2", "affirm %", "deny %", "correct % C", "retract ~%",
};
const std::vector<std::string> sources = {"drop x", "drop y"};

struct Search {
  std::size_t depth = 3;
  Config config = {};
  std::size_t stories = 0;

  std::vector<Step> next(const Story& story) const {
    const auto day = std::to_string(story.steps.size() + story.steps.size() / 2) + " ";
    std::vector<Step> all;
    const auto add = [&](const std::string& line) { all.push_back(step_of(day + line, story.steps)); };
    for (const auto& saying : sayings) add(saying);
    if (!story.steps.empty())
      for (const auto& source : sources) add(source);
    for (const auto& step : story.steps) {
      if (!step.speaks()) continue;
      for (auto verb : verbs) add(verb.replace(verb.find('%'), 1, step.name));
    }
    return all;
  }

  // Every story that goes on from this one. The steps before the last were checked on the way here.
  void extend(Story& story) {
    for (const auto& step : next(story)) {
      if (testing::Test::HasFailure()) return;
      story.steps.push_back(step);
      ++stories;
      if (story.steps.size() < depth) {
        extend(story);
      } else if (side_by_side(story)) {
        ADD_FAILURE() << report(story, side_by_side);
      }
      story.steps.pop_back();
    }
  }
};

void search(const Config& config) {
  Search search{.depth = std::getenv("CLAIMLEDGER_LONG") ? 4UL : 3UL, .config = config};
  Story story{.config = config, .steps = {}};
  search.extend(story);
  std::cout << search.stories << " stories: " << search.depth << " steps, " << sayings.size() << " things to say (days "
            << "-6, -4, -2, 1, 2, 5 and the days said), " << verbs.size() << " verbs for each claim (days -3, 2, 3), "
            << sources.size() << " sources to drop\n";
}

TEST(EverySmallStory, AgreesWithTheModelWhereRivalsAreContested) { search({}); }

TEST(EverySmallStory, AgreesWithTheModelWhereRivalsWaitForAVerdict) {
  Config config;
  config.queue_for_adjudication = true;
  search(config);
}

TEST(EverySmallStory, AgreesWithTheModelWhereTheNewestWins) {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  search(config);
}

}  // namespace
}  // namespace claimledger::property
