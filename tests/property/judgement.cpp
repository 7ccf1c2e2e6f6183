#include "judgement.hpp"

#include <limits>

#include "judge.hpp"

namespace claimledger::property {

namespace {

using What = Step::What;

constexpr auto anything = std::numeric_limits<std::size_t>::max();

// The clock as the engine stamps it: it strictly increases from batch to batch.
std::vector<TxTime> times_of(const Story& story) {
  std::vector<TxTime> times;
  for (const auto& step : story.steps) {
    TxTime time{step.when};
    if (!times.empty()) {
      const auto last = times.back();
      time = step.joins ? last : std::max(time, TxTime{last.value + std::chrono::microseconds{1}});
    }
    times.push_back(time);
  }
  return times;
}

std::vector<ValidTime> named_in(const Story& story, const std::vector<TxTime>& times) {
  std::vector<ValidTime> named;
  for (const auto time : times) named.push_back(as_valid(time));
  for (const auto& step : story.steps) {
    if (step.at) named.push_back(*step.at);
    if (step.word.window.from) named.push_back(step.word.window.from->at);
    if (step.word.window.until) named.push_back(step.word.window.until->at);
  }
  return named;
}

bool has(const std::vector<std::size_t>& numbers, std::size_t number) {
  return std::ranges::count(numbers, number) > 0;
}

}  // namespace

Model::Model(const Story& story)
    : story_(story), times_(times_of(story)), axis_(named_in(story, times_)), lines_{Line(&axis_)}, questions_{{}} {
  for (std::size_t step = 0; step < story.steps.size(); ++step) {
    outcomes_.emplace_back();
    play(step);
    ask(step);
  }
}

Line Model::judged(std::size_t steps) { return Judge(*this, steps).run(); }

std::optional<std::size_t> Model::statement(const std::string& name) const {
  for (std::size_t step = 0; step < outcomes_.size(); ++step)
    if (story_.steps[step].speaks() && story_.steps[step].name == name) return step;
  return {};
}

std::string Model::name(Id id) const {
  return id < first_new_id ? story_.steps[id].name : "new" + std::to_string(id - first_new_id);
}

std::optional<Id> Model::target(const Step& step, std::size_t before) const {
  const auto said = statement(step.about);
  if (!said || *said >= before) return {};
  if (step.present) {
    if (const auto* claim = lines_[before].with_statement(*said)) return claim->id;
  }
  if (!outcomes_[*said].done) return {};
  return story_.steps[*said].what == What::correct ? *said : outcomes_[*said].claim;
}

// --- Taking back -----------------------------------------------------------------------------------------------------

// The instant before which the act still takes the statement back.
ValidTime Model::taken_before(std::size_t act, std::size_t statement, std::size_t steps) const {
  auto before = ValidTime::forever();
  for (auto later = act + 1; later < steps; ++later) {
    const auto& outcome = outcomes_[later];
    if (story_.steps[later].what != What::reopen || !outcome.done || !has(outcome.gives_back, statement)) continue;
    const bool undone = has(outcome.undoes, act) || (outcome.undoes.empty() && before != ValidTime::forever());
    if (undone) before = std::min(before, story_.steps[later].at.value_or(ValidTime::beginning()));
  }
  return before;
}

bool Model::withdrawn(std::size_t statement, std::size_t steps) const {
  for (auto act = statement + 1; act < steps; ++act) {
    if (outcomes_[act].done && story_.steps[act].what != What::correct && has(outcomes_[act].took, statement) &&
        taken_before(act, statement, steps) == ValidTime::forever())
      return true;
  }
  return false;
}

// By its source: as if it had never been said, also by those who were corrected since.
bool Model::dropped(std::size_t statement, std::size_t steps) const {
  for (auto act = statement + 1; act < steps; ++act)
    if (outcomes_[act].done && story_.steps[act].what == What::drop && has(outcomes_[act].took, statement) &&
        taken_before(act, statement, steps) == ValidTime::forever())
      return true;
  return false;
}

// Whether a statement that decided about the corrected claim still decides about the correction: while it is effective.
// A statement of the corrected claim itself counts as effective until its source is dropped.
bool Model::still_decides(std::size_t statement, std::size_t correction, std::size_t steps) const {
  if (has(outcomes_[correction].took, statement)) return !dropped(statement, steps);
  return holds_from(statement, steps).has_value();
}

std::optional<ValidTime> Model::holds_from(std::size_t statement, std::size_t steps) const {
  auto from = ValidTime::beginning();
  for (auto act = statement + 1; act < steps; ++act) {
    if (!outcomes_[act].done || !has(outcomes_[act].took, statement)) continue;
    // Whatever takes a correction back, another correction aside, gives the old claim back.
    if (story_.steps[act].what == What::correct && withdrawn(act, steps)) continue;
    from = std::max(from, taken_before(act, statement, steps));
  }
  return from == ValidTime::forever() ? std::nullopt : std::optional(from);
}

// A correction stands where the first of what it corrects stands, as far as no source of that was dropped.
std::size_t Model::place_of(std::size_t statement, std::size_t steps) const {
  if (story_.steps[statement].what != What::correct) return statement;
  auto first = statement;
  for (const auto old : outcomes_[statement].took)
    if (!dropped(old, steps)) first = std::min(first, place_of(old, steps));
  return first;
}

// Where a reopening of the claim takes back what had been an end of it by then, or is one now that the line is judged
// anew.
Instants Model::reopened(Id claim, std::size_t end, std::size_t steps) const {
  Instants found;
  for (auto later = end + 1; later < steps; ++later) {
    const auto& outcome = outcomes_[later];
    if (story_.steps[later].what == What::reopen && outcome.done && outcome.claim == claim && outcome.undoes.empty())
      found |= axis_.between(story_.steps[later].at, {});
  }
  return found;
}

// --- Steps for the first time ----------------------------------------------------------------------------------------

void Model::play(std::size_t step) {
  const auto& line = lines_.back();
  const auto& what = story_.steps[step];
  auto& outcome = outcomes_[step];
  if (what.what == What::say) {
    deciding_ = step;
    auto judged_line = judged(step + 1);
    deciding_.reset();
    lines_.push_back(std::move(judged_line));
    return;
  }
  outcome.done = false;
  if (what.what == What::drop) {
    std::vector<std::size_t> statements;
    for (std::size_t said = 0; said < step; ++said) {
      const auto& word = story_.steps[said];
      if (word.speaks() && outcomes_[said].done && word.word.source == what.source && !withdrawn(said, step))
        statements.push_back(said);
    }
    return take_back(step, std::move(statements));
  }
  outcome.claim = target(what, step);
  if (outcome.claim && what.what == What::reopen) return reopen(step);
  const auto* claim = outcome.claim ? line.find(*outcome.claim) : nullptr;
  if (claim == nullptr) return lines_.push_back(Line(line));
  if (what.what == What::retract) return take_back(step, claim->statements);

  const bool contested = claim->counts && !line.rivals_of(*claim).empty();
  if (what.what == What::deny && contested) return take_back(step, claim->statements);
  if (what.what == What::unknown) outcome.done = contested;
  if (what.what == What::affirm && contested) {
    outcome.done = true;
    outcome.asked = {step, anything};
    for (const auto& question : questions_.back())
      if (question.claim == claim->id && question.open) outcome.asked = question.asked;
  }
  if (what.what == What::end) {
    const auto end = line.end(*claim);
    outcome.done = claim->counts && line.base(*claim).any() && (!end || *what.at < *end);
  }
  if (what.what == What::correct && claim->counts) {
    auto& word = story_.steps[step].word;
    if (!what.given_window) word.window = claim->word.window;
    word.cardinality = claim->cardinality;
    word.criticality = claim->criticality;
    word.value_confidence = claim->confidence;
    word.valid_time_confidence = claim->word.valid_time_confidence;
    const auto timing = word.valid_time_confidence.value_or(word.value_confidence);
    const bool trusted = word.window.from && timing >= story_.config.trust_floor;
    if (trusted && word.window.until && word.window.until->at <= word.window.from->at) {
      return lines_.push_back(Line(line));  // refused: it would take a claim back and put none in its place
    }
    outcome.promoted_by = claim->promoted_by;
    outcome.began = true;
    for (const auto& cut : claim->cuts) {
      if (what.given_window) break;
      if (cut.why == Why::end || cut.why == Why::stated_end) outcome.inherited.push_back(cut);
      if (cut.why == Why::left_back) outcome.left_back |= cut.taken;
    }
    return take_back(step, claim->statements);
  }
  lines_.push_back(judged(step + 1));
}

void Model::take_back(std::size_t step, std::vector<std::size_t> statements) {
  outcomes_[step].done = !statements.empty();
  outcomes_[step].took = std::move(statements);
  lines_.push_back(judged(step + 1));
}

bool Model::counted(Id id, std::size_t steps) const {
  return std::any_of(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(steps) + 1, [&](const Line& line) {
    const auto* claim = line.find(id);
    return claim != nullptr && claim->counts;
  });
}

std::optional<Model::Loss> Model::last_loss(Id id, std::size_t step) const {
  const bool stands = lines_[step].find(id) != nullptr;
  bool emptied = false;
  for (auto act = step; act-- > 0;) {
    const auto* claim = lines_[act].find(id);
    if (claim == nullptr) continue;
    const bool leaves_nothing = !stands && !emptied && lines_[act + 1].find(id) == nullptr;
    emptied = emptied || leaves_nothing;
    if (!outcomes_[act].done || (story_.steps[act].what == What::drop && !leaves_nothing)) continue;
    Loss loss{act, {}};
    for (const auto statement : claim->statements) {
      // By a reopening: to a correction that stands again.
      const bool taken = has(outcomes_[act].took, statement) ||
                         (story_.steps[act].what == What::reopen && !holds_from(statement, act + 1));
      bool since = false;
      for (auto later = act + 1; later <= step; ++later)
        since = since || lines_[later].with_statement(statement) != nullptr;
      if (taken && !since) loss.statements.push_back(statement);
    }
    if (!loss.statements.empty()) return loss;
  }
  return {};
}

// What took the statements is undone, and so are the corrections in their place that stand again.
void Model::give_back(std::size_t step, const Loss& loss) {
  auto& outcome = outcomes_[step];
  outcome.gives_back = loss.statements;
  outcome.undoes = {loss.act};
  for (std::size_t act = 0; act < step; ++act) {
    if (story_.steps[act].what != What::correct || !outcomes_[act].done || withdrawn(act, step)) continue;
    const bool stands = std::ranges::any_of(loss.statements, [&](std::size_t statement) {
      return has(outcomes_[act].took, statement) && taken_before(act, statement, step) == ValidTime::forever();
    });
    if (stands) outcome.undoes.push_back(act);
  }
}

void Model::reopen(std::size_t step) {
  auto& outcome = outcomes_[step];
  const auto id = *outcome.claim;
  const auto& line = lines_.back();
  const auto& at = story_.steps[step].at;
  const auto nothing = [&] {
    outcome.done = false;
    lines_.push_back(Line(line));
  };
  const auto* claim = line.find(id);
  const auto loss = last_loss(id, step);
  const bool ended_since = claim != nullptr && std::ranges::any_of(claim->cuts, [&](const Cut& cut) {
                             const bool end =
                                 cut.why == Why::end || cut.why == Why::stated_end || cut.why == Why::left_back;
                             return end && (cut.taken & claim->window).any() && (!loss || cut.step > loss->act);
                           });
  if (claim != nullptr && (!loss || ended_since)) {
    if (!counted(id, step)) return nothing();
    outcome.gives_back = claim->statements;
    outcome.done = true;
    auto reopened_line = judged(step + 1);
    const auto* reopened_claim = reopened_line.find(id);
    if (reopened_claim != nullptr && reopened_line.base(*reopened_claim) == line.base(*claim)) return nothing();
    lines_.push_back(std::move(reopened_line));
    return;
  }
  if (!loss || !counted(id, step)) return nothing();
  const auto& until = story_.steps[loss->statements.front()].word.window.until;
  if (at && until && until->at <= *at) return nothing();
  give_back(step, *loss);
  outcome.done = true;
  auto reopened_line = judged(step + 1);
  const auto* back = reopened_line.find(id);
  const bool comes_back = back != nullptr && std::ranges::any_of(loss->statements, [&](std::size_t statement) {
                            return has(back->statements, statement);
                          });
  if (!comes_back) return nothing();  // something else keeps it from coming back
  lines_.push_back(std::move(reopened_line));
}

// --- Questions -------------------------------------------------------------------------------------------------------

bool Model::asked(Id claim, std::size_t steps) const {
  return std::ranges::any_of(questions_.at(steps),
                             [&](const Question& question) { return question.claim == claim && question.open; });
}

// A claim that began to wait with this step gets a question; it is closed by its verdict, or when the claim waits no
// more.
void Model::ask(std::size_t step) {
  auto questions = questions_.back();
  const auto& before = lines_[step];
  const auto& after = lines_[step + 1];
  const auto what = story_.steps[step].what;
  const auto waits = [](const Line& line, Id id) {
    const auto* claim = line.find(id);
    return claim != nullptr && line.waits(*claim);
  };
  const bool verdict = what == What::affirm || what == What::deny || what == What::unknown;
  for (auto& question : questions) {
    if (verdict && outcomes_[step].done && question.claim == outcomes_[step].claim) question.open = false;
    if (!waits(after, question.claim)) question.open = false;
  }
  for (const auto& claim : after.claims) {
    if (!story_.config.queue_for_adjudication || !after.waits(claim) || waits(before, claim.id)) continue;
    questions.push_back({claim.id, {step, anything}});
  }
  questions_.push_back(std::move(questions));
}

}  // namespace claimledger::property
