#include "laws.hpp"

#include <algorithm>

namespace claimledger::property {

namespace {

using What = Step::What;

Step verb(const Story& story, What what, const std::string& about = {}) {
  Step step{.what = what, .when = story.steps.empty() ? day(0) : story.steps.back().when + std::chrono::hours{24}};
  step.about = about;
  return step;
}

Story plus(Story story, Step step) {
  story.steps.push_back(std::move(step));
  return story;
}

std::vector<std::string> sources_of(const Story& story) {
  std::set<std::string> sources;
  for (const auto& step : story.steps)
    if (step.word.source) sources.insert(*step.word.source);
  return {sources.begin(), sources.end()};
}

// A statement stays a claim on the left that on the right restates another.
bool only_restates(const Picture& left, const Picture& right) {
  return std::ranges::any_of(right.claims, [&](const auto& claim) {
    return std::ranges::any_of(claim.second.statements, [&](const std::string& statement) {
      return statement != claim.first && left.claims.contains(statement);
    });
  });
}

bool has_an_end(const Model& model, const std::string& name) {
  const auto& line = model.after(model.story().steps.size());
  return std::ranges::any_of(line.claims, [&](const Held& claim) {
    return model.name(claim.id) == name && std::ranges::any_of(claim.cuts, [](const Cut& cut) {
             return cut.why == Why::end || cut.why == Why::stated_end || cut.why == Why::left_back;
           });
  });
}

// Belief after `taken_back` is that of the story in which it never was.
std::optional<std::string> never_was(const Draw& draw, const Story& taken_back, const Story& without,
                                     Exceptions& exceptions) {
  const auto left = draw(taken_back);
  const auto right = draw(without);
  ++exceptions.stories;
  if (left.line == right.line && !only_restates(left, right)) return {};
  if (!only_restates(left, right)) return difference("taken back", left, "never said", right);
  ++exceptions.only_restates;
  if (left.line != right.line) ++exceptions.answers;
  return {};
}

// The remaining steps keep their times.
Story without(const Story& story, const std::function<bool(const Step&)>& unwanted) {
  const Model model(story);
  Story rest{.config = story.config, .steps = {}};
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    auto step = story.steps[i];
    if (unwanted(step)) continue;
    step.when = model.recorded_at(i).value;
    step.joins = step.joins && !rest.steps.empty() && rest.steps.back().when == step.when;
    rest.steps.push_back(step);
  }
  return rest;
}

}  // namespace

std::optional<std::string> restating_changes_nothing(const Draw& draw, const Story& story) {
  const bool parked =
      std::ranges::any_of(story.steps, [](const Step& step) { return step.word.value_confidence < Confidence{2'000}; });
  if (parked || story.steps.empty()) return {};  // stated again, a parked claim begins to count
  const Model model(story);
  const auto when =
      std::max(story.steps.back().when, model.recorded_at(story.steps.size() - 1).value) + std::chrono::hours{24};
  const auto before = draw(story);
  const auto now = model.after(story.steps.size()).belief({when});
  if (now.status == BeliefStatus::contested) return {};  // one side of a conflict said again may contest more
  for (const auto& value : now.values) {
    Step again{.what = What::say, .when = when, .name = "again", .word = {}};
    again.word.subject = story_line.subject;
    again.word.predicate = story_line.predicate;
    again.word.value = value;
    const auto after = draw(plus(story, again));
    if (after.line == before.line) continue;
    return "saying " + value.text() + " again" + difference("before", before, "after", after).value_or("");
  }
  return {};
}

std::optional<std::string> a_dropped_source_never_spoke(const Draw& draw, const Story& story, Exceptions& exceptions) {
  for (const auto& source : sources_of(story)) {
    auto drop = verb(story, What::drop);
    drop.source = source;
    const auto rest = without(story, [&](const Step& step) { return step.word.source == source; });
    if (const auto wrong = never_was(draw, plus(story, drop), rest, exceptions)) return "drop " + source + *wrong;
  }
  return {};
}

std::optional<std::string> a_retracted_claim_never_was(const Draw& draw, const Story& story, Exceptions& exceptions) {
  const auto claims = draw(story).claims;
  for (const auto& [name, claim] : claims) {
    const auto rest =
        without(story, [&made_of = claim.statements](const Step& step) { return made_of.contains(step.name); });
    if (const auto wrong = never_was(draw, plus(story, verb(story, What::retract, name)), rest, exceptions))
      return "retract " + name + *wrong;
  }
  return {};
}

std::optional<std::string> there_and_back(const Draw& draw_all, const Story& story) {
  // A claim that waits again gets a new question, even if an earlier one was closed.
  const auto draw = [&](const Story& drawn) {
    auto picture = draw_all(drawn);
    for (auto& [name, claim] : picture.claims) claim.queued = false;
    return picture;
  };
  const auto before = draw(story);
  const Model model(story);
  for (const auto& [name, claim] : before.claims) {
    if (!claim.live) continue;  // what never counted is not reopened
    const auto back = [&](Step there, Step again) -> std::optional<std::string> {
      const auto gone = plus(story, there);
      const auto left = draw(gone);
      if (left == before) return {};  // it did nothing: no way back
      again.when = there.when + std::chrono::hours{24};
      return difference("before", before, "after " + text(there) + ", " + text(again), draw(plus(gone, again)));
    };
    if (auto wrong = back(verb(story, What::retract, name), verb(story, What::reopen, name))) return wrong;
    if (auto wrong = back(verb(story, What::deny, name), verb(story, What::reopen, name))) return wrong;
    auto correct = verb(story, What::correct, name);
    correct.name = "correction";
    correct.word.value = Value("Corrected");
    correct.word.subject = story_line.subject;
    correct.word.predicate = story_line.predicate;
    if (auto wrong = back(correct, verb(story, What::retract, "correction"))) return wrong;
    if (has_an_end(model, name)) continue;  // a reopening takes back all of them
    for (std::size_t cell = 1; cell < model.axis().size(); ++cell) {
      auto end = verb(story, What::end, name);
      end.at = model.axis().start(cell);
      if (auto wrong = back(end, verb(story, What::reopen, name))) return wrong;
    }
  }
  return {};
}

std::optional<std::string> what_was_taken_comes_back(const Draw& draw, const Story& story) {
  const auto steps = story.steps.size();
  const auto before = draw(story);
  const Model model(story);
  for (std::size_t said = 0; said < steps; ++said) {
    const auto& step = story.steps[said];
    if (!step.speaks() || !model.outcome(said).began || before.claims.contains(step.name)) continue;
    if (model.after(steps).with_statement(said)) continue;
    bool counted = false;
    for (auto after = said + 1; after <= steps; ++after) {
      const auto* claim = model.after(after).find(said);
      counted = counted || (claim && claim->counts);
    }
    const bool dropped = std::ranges::any_of(
        story.steps, [&](const Step& other) { return other.what == What::drop && other.source == step.word.source; });
    if (!counted || dropped) continue;
    const auto after = draw(plus(story, verb(story, What::reopen, step.name)));
    if (!after.claims.contains(step.name)) return "reopen " + step.name + ": it does not come back";
  }
  return {};
}

std::optional<std::string> a_conflict_is_local(const Draw& draw, const Story& story) {
  const bool plain = std::ranges::all_of(story.steps, [](const Step& step) {
    return step.what == What::say && step.word.window.from && step.word.cardinality == Cardinality::unknown &&
           step.word.valid_time_confidence >= Confidence{7'000} && step.word.value_confidence >= Confidence{2'000};
  });
  if (!plain || story.steps.empty() || story.config.overturn_policy != OverturnPolicy::contested_first) return {};
  const auto& window = story.steps.back().word.window;
  auto before = story;
  before.steps.pop_back();
  const auto had = draw(before);
  const auto has = draw(story);
  for (const auto& [name, claim] : had.claims) {
    const auto now = has.claims.find(name);
    if (now == has.claims.end() || now->second.base != claim.base) return {};  // an end was stated
  }
  const Axis axis = Model(story).axis();
  for (std::size_t cell = 0; cell < axis.size(); ++cell) {
    const auto at = axis.start(cell);
    const bool inside = at >= window.from->at && (!window.until || at < window.until->at);
    if (!inside && had.at(at) != has.at(at))
      return "elsewhere, at " + in_days(at) + *difference("before", had, "after", has);
  }
  return {};
}

}  // namespace claimledger::property
