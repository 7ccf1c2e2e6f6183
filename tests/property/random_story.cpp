#include "random_story.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

namespace claimledger::property {

namespace {

using What = Step::What;

class Author {
 public:
  Author(std::uint64_t seed, const Taste& taste) : random_(seed), taste_(taste) {}

  Story write() {
    if (random_.one_in(3)) story_.config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
    story_.config.queue_for_adjudication = random_.one_in(3);
    dated_ = random_.below(4);
    sets_ = random_.one_in(4);
    values_ =
        random_.one_in(3) ? std::vector<std::string>{"A", "B"} : std::vector<std::string>{"A", "A", "B", "B", "C"};
    const auto length = 2 + random_.below(random_.one_in(4) ? taste_.most_steps - 1 : taste_.most_steps / 2);
    while (story_.steps.size() < length) add();
    return std::move(story_);
  }

 private:
  void add() {
    // Never twice at the same instant: a step that changes nothing takes no time.
    now_ += std::chrono::hours{random_.one_in(3) ? 1 : static_cast<int>(24 * (1 + random_.below(3)))};
    Step step{.when = now_};
    const auto kind = random_.below(100);
    if (!taste_.verbs || said_.empty() || kind < 55) {
      say(step);
    } else if (kind < 63) {
      step.what = What::end;
      step.at = any_day();
    } else if (kind < 71) {
      step.what = What::retract;
    } else if (kind < 74) {
      step.what = What::drop;
      step.source = random_.any_of<std::string>({"x", "y", "z"});
    } else if (kind < 84) {
      step.what = What::reopen;
      if (taste_.partial && random_.one_in(4)) step.at = any_day();
    } else if (kind < 91) {
      step.what = random_.any_of<What>({What::affirm, What::affirm, What::affirm, What::deny, What::unknown});
    } else if (taste_.corrections) {
      say(step);
      step.what = What::correct;
      step.joins = false;
      step.given_window = random_.one_in(4);
      auto& window = step.word.window;
      if (!step.given_window) window = {};
      if (window.from && window.until && window.until->at <= window.from->at) window.until.reset();
      step.word.cardinality = {Cardinality::unknown};
    } else {
      say(step);
    }
    if (step.what != What::say && step.what != What::drop) {
      step.about = random_.any_of(said_);
      step.present = random_.one_in(3);
    }
    if (step.speaks()) said_.push_back(step.name);
    story_.steps.push_back(std::move(step));
  }

  ValidTime any_day() { return {day(random_.any_of<std::int64_t>({-8, -6, -4, -2, 1, 3, 5, 7, 9, 12, 15}))}; }

  void say(Step& step) {
    step.joins = !story_.steps.empty() && story_.steps.back().what == What::say && random_.one_in(10);
    if (step.joins) step.when = story_.steps.back().when;
    auto& word = step.word;
    word.subject = story_line.subject;
    word.predicate = story_line.predicate;
    const auto value = random_.any_of(values_);
    word.value = Value(value);
    step.name = value + (++times_[value] > 1 ? std::to_string(times_[value]) : "");
    if (!random_.one_in(4)) word.source = random_.any_of<std::string>({"x", "y", "z"});
    if (random_.one_in(5)) word.provenance = Provenance::external_first_hand;
    const auto shape = random_.below(10);
    const bool start = dated_ == 0 ? shape < 9 : dated_ == 1 ? shape < 2 : shape < 5;
    if (start) word.window.from = ValidEnd{any_day(), Granularity::day};
    if (random_.one_in(3)) word.window.until = ValidEnd{any_day(), Granularity::day};
    if (word.window.from) word.valid_time_confidence = Confidence{random_.one_in(12) ? 5'000 : 10'000};
    if (random_.one_in(10)) word.value_confidence = Confidence{1'000};
    if (sets_ && !random_.one_in(4)) word.cardinality = Cardinality::set_valued;
    if (random_.one_in(12)) word.cardinality = Cardinality::functional;
    if (random_.one_in(8)) word.criticality = random_.any_of<Criticality>({Criticality::high, Criticality::critical});
    step.given_window = word.window.from || word.window.until;
  }

  Random random_;
  Taste taste_;
  Story story_;
  Instant now_ = day(0);
  std::size_t dated_ = 0;
  bool sets_ = false;
  std::vector<std::string> values_;
  std::vector<std::string> said_;
  std::map<std::string, int> times_;
};

// The simpler forms of one step.
std::vector<Step> simpler(const Step& step) {
  std::vector<Step> all;
  const auto with = [&](auto change) {
    auto other = step;
    change(other);
    if (text(other) != text(step)) all.push_back(other);
  };
  with([](Step& s) { s.joins = false; });
  with([](Step& s) { s.present = false; });
  with([](Step& s) { s.word.source.reset(); });
  with([](Step& s) { s.word.provenance = Provenance::user_asserted; });
  with([](Step& s) { s.word.cardinality = Cardinality::unknown; });
  with([](Step& s) { s.word.criticality = Criticality::medium; });
  with([](Step& s) { s.word.value_confidence = Confidence{10'000}; });
  with([](Step& s) { s.word.window.until.reset(); });
  with([](Step& s) {
    s.word.window.from.reset();
    s.word.valid_time_confidence.reset();
  });
  with([](Step& s) {
    if (s.word.window.from) s.word.valid_time_confidence = Confidence{10'000};
  });
  if (step.what == What::reopen) with([](Step& s) { s.at.reset(); });
  return all;
}

// Names that the script, read again, gives the same statements.
Story renamed(Story story) {
  std::map<std::string, std::string> names;
  std::map<std::string, int> times;
  for (auto& step : story.steps) {
    if (step.speaks()) {
      const auto value = *step.word.value.as_string();
      const auto name = value + (++times[value] > 1 ? std::to_string(times[value]) : "");
      names[step.name] = name;
      step.name = name;
    }
    if (!step.about.empty() && names.contains(step.about)) step.about = names[step.about];
  }
  return story;
}

}  // namespace

Story random_story(std::uint64_t seed, const Taste& taste) { return Author(seed, taste).write(); }

Story shrunk(Story story, const Check& check) {
  const auto still_wrong = [&](const Story& other) {
    if (!check(other)) return false;
    story = other;
    return true;
  };
  for (bool smaller = true; std::exchange(smaller, false);) {
    for (auto i = story.steps.size(); i-- > 0;) {
      auto other = story;
      other.steps.erase(other.steps.begin() + static_cast<std::ptrdiff_t>(i));
      if (i == 0 && !other.steps.empty()) other.steps[0].joins = false;
      if (still_wrong(other)) smaller = true;
    }
    for (std::size_t i = 0; i < story.steps.size(); ++i) {
      for (const auto& step : simpler(story.steps[i])) {
        auto other = story;
        other.steps[i] = step;
        if (still_wrong(other)) smaller = true;
      }
    }
    auto other = story;
    other.config = {};
    if (text(other) != text(story) && still_wrong(other)) smaller = true;
  }
  auto readable = renamed(story);
  return check(readable) ? readable : story;
}

std::string report(const Story& story, const Check& check) {
  const auto least = shrunk(story, check);
  return text(least) + "  => " + check(least).value_or("nothing") + "\n";
}

Run run_of(std::uint64_t seldom, std::uint64_t often) {
  const auto number = [](const char* name) -> std::optional<std::uint64_t> {
    const auto* text = std::getenv(name);
    if (text == nullptr) return {};
    return std::strtoull(text, nullptr, 10);
  };
  if (const auto seed = number("CLAIMLEDGER_SEED")) return {*seed, 1};
  return {number("CLAIMLEDGER_FROM").value_or(1), std::getenv("CLAIMLEDGER_LONG") ? often : seldom};
}

void expect_all(const Run& run, const Taste& taste, const Check& check) {
  const auto* wanted = std::getenv("CLAIMLEDGER_SHOW");
  const auto show = wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
  std::uint64_t failures = 0;
  std::cout << "seeds " << run.first << " to " << run.first + run.count - 1 << '\n';
  for (auto seed = run.first; seed < run.first + run.count; ++seed) {
    const auto story = random_story(seed, taste);
    if (run.count == 1) std::cout << text(story) << std::flush;
    if (!check(story)) continue;
    ADD_FAILURE() << "seed " << seed << "\n" << report(story, check);
    if (++failures == show) return;
  }
}

}  // namespace claimledger::property
