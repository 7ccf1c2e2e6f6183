#include "telling.hpp"

#include <sstream>
#include <stdexcept>

namespace claimledger::property {

namespace {

std::string in_words(const Answer& answer) {
  std::string all;
  for (const auto& value : answer.values) {
    if (!all.empty()) all += answer.set ? ' ' : '|';
    all += value.as_string().value_or(value.text());
  }
  if (answer.set && !all.empty()) return "{" + all + "}";
  return answer.status == BeliefStatus::timing_uncertain ? "~" + all : all;
}

std::string in_words(const std::vector<Span>& spans) {
  std::string all;
  for (const auto& span : spans) all += (all.empty() ? "" : " ") + in_days(span);
  return all.empty() ? "nothing" : all;
}

std::string names(const Model& model, const std::vector<std::size_t>& ids) {
  std::string all;
  for (const auto id : ids) all += (all.empty() ? "" : " ") + model.name(id);
  return all.empty() ? "nobody" : all;
}

std::string became(const Model& model, std::size_t step) {
  const auto& outcome = model.outcome(step);
  if (!outcome.done) return "nothing";
  if (outcome.began) return "began";
  return model.story().steps[step].what == Step::What::say ? "restates " + model.name(*outcome.claim) : "done";
}

}  // namespace

Stretches stretches_of(const Line& line) {
  Stretches found;
  for (std::size_t cell = 0; cell < line.axis().size(); ++cell) {
    const auto from = line.axis().start(cell);
    if (!found.empty() && found.back().first.until == ValidTime::forever()) found.back().first.until = from;
    const auto answer = in_words(line.belief(from));
    if (answer.empty()) continue;
    if (!found.empty() && found.back().first.until == from && found.back().second == answer) {
      found.back().first.until = ValidTime::forever();
    } else {
      found.emplace_back(Span{from, ValidTime::forever()}, answer);
    }
  }
  return found;
}

std::string in_words(const Stretches& stretches) {
  std::string all;
  for (const auto& [span, answer] : stretches) all += (all.empty() ? "" : ", ") + in_days(span) + ' ' + answer;
  return all.empty() ? "nothing" : all;
}

std::string tell(const Model& model, std::size_t steps, std::string_view question) {
  const auto& line = model.after(steps);
  std::istringstream in{std::string(question)};
  std::string what;
  std::string about;
  in >> what >> about;
  if (what == "line") return in_words(stretches_of(line));
  if (what == "done") return became(model, steps - 1);
  std::vector<std::size_t> found;
  if (what == "waits") {
    for (const auto& claim : line.claims)
      if (claim.counts && line.waits(claim)) found.push_back(claim.id);
    return names(model, found);
  }

  const bool present = about.starts_with('~');
  Step step{.what = Step::What::end, .when = {}, .about = present ? about.substr(1) : about, .present = present};
  const auto id = model.target(step, steps);
  const auto* claim = id ? line.find(*id) : nullptr;
  if (claim == nullptr) return "gone";
  if (what == "holds") return in_words(line.axis().spans(line.validity(*claim)));
  if (what == "base") return in_words(line.axis().spans(line.base(*claim)));
  if (what == "follows") return names(model, {claim->follows.begin(), claim->follows.end()});
  if (what == "said") return names(model, claim->statements);
  throw std::invalid_argument("no question: " + what);
}

}  // namespace claimledger::property
