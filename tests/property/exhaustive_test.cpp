#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "side_by_side.hpp"

// Small scope, all of it: every history of up to three steps (four with CLAIMLEDGER_LONG=1) from a short list of things
// that can be said and done, against the model. What goes wrong in the large nearly always goes wrong in the small.
namespace claimledger::property {
namespace {

using namespace std::chrono;

ValidEnd first_of(int y) { return {{sys_days{year{y} / January / 1}}, Granularity::year}; }

Step says(const char* value, std::optional<ValidEnd> since, std::optional<ValidEnd> until,
          Provenance provenance = Provenance::user_asserted, const char* source = "alice",
          Confidence confidence = Confidence{9'000}) {
  Step step;
  step.later = hours{24};
  step.statements.resize(1);
  auto& statement = step.statements.front().statement;
  statement.subject = "s";
  statement.predicate = "p";
  statement.value = value;
  statement.window = {since, until};
  statement.provenance = provenance;
  statement.source = source;
  statement.value_confidence = confidence;
  if (since) statement.valid_time_confidence = Confidence{9'000};
  return step;
}

Step does(Act act, std::size_t claim, std::optional<ValidEnd> at = {}) {
  Step step;
  step.act = act;
  step.later = hours{24};
  step.pick = claim;
  step.at = at;
  return step;
}

// Two values, undated, since, during, until, from the near future; two sources; first-hand and derived; faint.
std::vector<Step> sayings() {
  const auto future = ValidEnd{{start_of_time + hours{48}}};
  std::vector<Step> all;
  for (const auto* value : {"A", "B"}) {
    all.push_back(says(value, {}, {}));
    all.push_back(says(value, first_of(2020), {}));
    all.push_back(says(value, first_of(2020), first_of(2022)));
    all.push_back(says(value, {}, first_of(2022)));
    all.push_back(says(value, first_of(2021), {}, Provenance::external_first_hand, "bob"));
    all.push_back(says(value, {}, {}, Provenance::model_derived));
  }
  all.push_back(says("A", first_of(2020), {}, Provenance::user_asserted, "alice", Confidence{1'000}));
  all.push_back(says("B", future, {}));
  all.push_back(says("B", first_of(2020), {}, Provenance::model_derived));
  return all;
}

std::vector<Step> doings(std::size_t claims) {
  std::vector<Step> all;
  for (std::size_t claim = 0; claim < claims; ++claim) {
    all.push_back(does(Act::end, claim, first_of(2021)));
    all.push_back(does(Act::retract, claim));
    all.push_back(does(Act::reopen, claim));
    all.push_back(does(Act::adjudicate_claim, claim));
    all.push_back(does(Act::adjudicate_claim, claim));
    all.back().verdict = Verdict::deny;
  }
  return all;
}

struct Search {
  std::size_t depth = 3;
  std::size_t histories = 0;
  Config config = {};

  // Every history that goes on from this one.
  void extend(History& history) {
    auto next = sayings();
    const auto verbs = doings(history.steps.size());
    next.insert(next.end(), verbs.begin(), verbs.end());
    for (const auto& step : next) {
      if (testing::Test::HasFailure()) return;
      history.steps.push_back(step);
      check(history);
      if (history.steps.size() < depth) extend(history);
      history.steps.pop_back();
    }
  }

  // The steps before the last were checked on the way here.
  void check(const History& history) {
    ++histories;
    SideBySide both(history.config);
    std::optional<std::string> difference;
    for (const auto& step : history.steps) difference = both.step(step);
    if (!difference) difference = history.steps.size() < 3 ? both.compare_plane() : both.compare_head();
    if (difference) ADD_FAILURE() << text(history) << "  => " << *difference;
  }
};

void search(Config config) {
  Search search{.depth = std::getenv("CLAIMLEDGER_LONG") ? 4UL : 3UL};
  History history{.config = std::move(config), .steps = {}};

  search.extend(history);

  std::cout << search.histories << " histories\n";
}

TEST(EverySmallHistory, AgreesWithTheModelWhereRivalsAreContested) { search({}); }

TEST(EverySmallHistory, AgreesWithTheModelWhereRivalsWaitForAVerdict) {
  Config config;
  config.queue_for_adjudication = true;
  config.adjudication_ttl = hours{36};
  search(config);
}

TEST(EverySmallHistory, AgreesWithTheModelWhereTheNewestWins) {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  search(config);
}

}  // namespace
}  // namespace claimledger::property
