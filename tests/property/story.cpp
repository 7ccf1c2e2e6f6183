#include "story.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace claimledger::property {

namespace {

using namespace std::chrono;
using What = Step::What;

const Instant first_day = sys_days{year{2026} / January / 1};

constexpr std::array verbs{"say", "correct", "end", "retract", "drop", "reopen", "affirm", "deny", "unknown"};

What verb_of(const std::string& word) {
  const auto found = std::ranges::find(verbs, word);
  if (found == verbs.end()) throw std::invalid_argument("no verb: " + word);
  return static_cast<What>(found - verbs.begin());
}

// "5", or "5+1h".
Instant instant_of(const std::string& text) {
  const auto plus = text.find('+');
  const auto hour = plus == std::string::npos ? 0 : std::stoll(text.substr(plus + 1));
  return day(std::stoll(text)) + hours{hour};
}

ValidEnd end_of(const std::string& text) { return {{instant_of(text)}, Granularity::day}; }

bool is_window(const std::string& word) { return word.find("..") != std::string::npos; }

ValidWindow window_of(const std::string& word) {
  const auto dots = word.find("..");
  ValidWindow window;
  if (dots > 0) window.from = end_of(word.substr(0, dots));
  if (dots + 2 < word.size()) window.until = end_of(word.substr(dots + 2));
  return window;
}

// The words after the value.
void type(Step& step, std::istringstream& in) {
  auto& word = step.word;
  bool untimed = false;
  for (std::string next; in >> next;) {
    if (is_window(next)) {
      word.window = window_of(next);
      step.given_window = true;
    } else if (next == "by") {
      word.source.emplace();
      in >> *word.source;
    } else if (next == "world") {
      word.provenance = Provenance::external_first_hand;
    } else if (next == "set") {
      word.cardinality = Cardinality::set_valued;
    } else if (next == "functional") {
      word.cardinality = Cardinality::functional;
    } else if (next == "low") {
      word.criticality = Criticality::low;
    } else if (next == "high") {
      word.criticality = Criticality::high;
    } else if (next == "critical") {
      word.criticality = Criticality::critical;
    } else if (next == "faint") {
      word.value_confidence = Confidence{1'000};
    } else if (next == "untimed") {
      untimed = true;
    } else {
      throw std::invalid_argument("no word: " + next);
    }
  }
  // A faint word may be sure of its time.
  if (word.window.from) word.valid_time_confidence = Confidence{untimed ? 5'000 : 10'000};
}

std::string name_for(const std::string& value, const std::vector<Step>& before) {
  const auto same =
      std::ranges::count_if(before, [&](const Step& step) { return step.speaks() && step.word.value == Value(value); });
  return same == 0 ? value : value + std::to_string(same + 1);
}

std::string text(const ValidWindow& window) {
  return ' ' + (window.from ? in_days(window.from->at) : std::string()) + ".." +
         (window.until ? in_days(window.until->at) : std::string());
}

}  // namespace

Instant day(std::int64_t days) { return first_day + hours{24 * days}; }

std::string in_days(ValidTime time) {
  const auto since = time.value - first_day;
  const auto whole = floor<days>(since);
  const auto rest = since - whole;
  auto text = std::to_string(whole.count());
  if (rest == rest.zero()) return text;
  if (rest % hours{1} == rest.zero()) return text + "+" + std::to_string(duration_cast<hours>(rest).count()) + "h";
  return text + "+" + std::to_string(duration_cast<microseconds>(rest).count()) + "us";
}

std::string in_days(const Span& span) {
  return (span.from == ValidTime::beginning() ? std::string() : in_days(span.from)) + ".." +
         (span.until == ValidTime::forever() ? std::string() : in_days(span.until));
}

Step step_of(std::string_view line, const std::vector<Step>& before) {
  std::istringstream in{std::string(line.substr(0, line.find('#')))};
  std::string when;
  std::string verb;
  in >> when >> verb;
  Step step{.what = verb_of(verb), .when = {}};
  step.joins = when == "&";
  step.when = step.joins ? before.back().when : instant_of(when);

  std::string next;
  if (step.what == What::drop) {
    in >> step.source;
    return step;
  }
  if (step.what != What::say) {
    in >> step.about;
    step.present = step.about.starts_with('~');
    if (step.present) step.about.erase(0, 1);
  }
  if (step.speaks()) {
    in >> next;
    step.name = name_for(next, before);
    step.word.subject = story_line.subject;
    step.word.predicate = story_line.predicate;
    step.word.value = Value(next);
    type(step, in);
  } else if (in >> next) {
    step.at = end_of(next).at;
  }
  return step;
}

Story story_of(std::string_view lines, const Config& config) {
  Story story{.config = config};
  std::istringstream in{std::string(lines)};
  for (std::string line; std::getline(in, line);) {
    const auto from = line.find_first_not_of(' ');
    if (from == std::string::npos || line[from] == '#') continue;
    story.steps.push_back(step_of(line, story.steps));
  }
  return story;
}

std::string text(const Step& step) {
  std::ostringstream out;
  out << (step.joins ? "&" : in_days(ValidTime{step.when})) << ' ' << verbs[static_cast<std::size_t>(step.what)];
  if (step.what == What::drop) out << ' ' << step.source;
  if (!step.about.empty()) out << ' ' << (step.present ? "~" : "") << step.about;
  if (step.at) out << ' ' << in_days(*step.at);
  if (!step.speaks()) return out.str();
  const auto& word = step.word;
  out << ' ' << *word.value.as_string();
  // Of a correction an empty window says something too: that nothing is known of when.
  const bool dated = word.window.from || word.window.until;
  if (step.what == What::say ? dated : step.given_window) out << text(word.window);
  if (word.source) out << " by " << *word.source;
  if (word.provenance == Provenance::external_first_hand) out << " world";
  if (step.what == What::correct) return out.str();
  if (word.cardinality == Cardinality::set_valued) out << " set";
  if (word.cardinality == Cardinality::functional) out << " functional";
  if (word.criticality == Criticality::low) out << " low";
  if (word.criticality == Criticality::high) out << " high";
  if (word.criticality == Criticality::critical) out << " critical";
  if (word.value_confidence < Confidence{2'000}) out << " faint";
  if (word.window.from && word.valid_time_confidence < Confidence{7'000}) out << " untimed";
  return out.str();
}

std::string text(const Story& story) {
  std::ostringstream out;
  out << "  # " << text(story.config.overturn_policy);
  if (story.config.queue_for_adjudication) out << ", questions are asked";
  out << '\n';
  for (const auto& step : story.steps) {
    out << "  " << text(step);
    // Names count up, so a statement that was left out would shift those after it.
    if (step.speaks() && step.name != *step.word.value.as_string()) out << "    # " << step.name;
    out << '\n';
  }
  return out.str();
}

}  // namespace claimledger::property
