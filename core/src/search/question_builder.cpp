#include "search/question_builder.hpp"

#include <algorithm>
#include <iterator>

#include "search/characters.hpp"

namespace claimledger::search {
namespace {

// Is there an order of units to look for?
bool is_phrase(const std::vector<QuestionWord>& words) { return words.size() > 1 || words.front().units.size() > 1; }

// A run of a script without spaces is as many words as it has pairs: one of them tells as much as a word elsewhere.
bool is_run(const ScoredWord& word) { return word.wholes.empty() && word.parts.size() > 1; }

}  // namespace

void QuestionBuilder::build(const Node& root) {
  question_.lookups_.clear();
  question_.words_.clear();
  question_.root_ = {};
  question_.reads_text_ = false;
  if (auto made = check(root, {})) question_.root_ = std::move(*made);
  question_.cut_ = left_out_ > 0;
}

std::optional<Question::Check> QuestionBuilder::check(const Node& node, Place place) {
  const bool outermost = node.excluded && !place.excluded;
  place.excluded = place.excluded || node.excluded;
  place.negated = place.negated != node.excluded;
  if (!outermost) return inner_check(node, place);

  // Half of what is excluded might exclude more: it is left out as a whole.
  const auto lookups_before = question_.lookups_.size();
  const auto left_out_before = left_out_;
  auto made = inner_check(node, place);
  if (left_out_ == left_out_before) return made;
  forget_from(lookups_before);
  return {};
}

std::optional<Question::Check> QuestionBuilder::inner_check(const Node& node, Place place) {
  switch (node.kind) {
    case Node::Kind::any:
    case Node::Kind::all:
      return list(node, place);
    case Node::Kind::words:
      return words(node, place);
    case Node::Kind::prefix:
      return prefix(node, place);
    case Node::Kind::phrase:
      return leaf(node, place, question_.analysis_.question_words(node.text));
  }
  return {};
}

std::optional<Question::Check> QuestionBuilder::list(const Node& node, Place place) {
  const bool all = node.kind == Node::Kind::all;
  place.strict = all;
  Check made{all ? Check::Kind::all : Check::Kind::any, node.excluded};
  for (const auto& child : node.children) {
    auto part = check(child, place);
    if (!part) continue;
    const bool list_of_exclusions =
        !part->children.empty() && !part->excluded && std::ranges::all_of(part->children, &Check::excluded);
    if (!list_of_exclusions) {
      made.children.push_back(std::move(*part));
    } else if (all) {  // in an `any` it could find nothing
      std::ranges::move(part->children, std::back_inserter(made.children));
    }
  }
  if (made.children.empty()) return {};
  return made;
}

std::optional<Question::Check> QuestionBuilder::words(const Node& node, Place place) {
  auto found = question_.analysis_.question_words(node.text);
  if (stop_words_ == StopWords::left_out && !place.excluded && !node.field) {
    const auto left_out = std::erase_if(found, [](const QuestionWord& word) { return word.common; });
    if (left_out > 0) left_out_stop_words_ = true;
  }
  return leaf(node, place, std::move(found));
}

// "a,b*" asks for the word a, and for what begins with b.
std::optional<Question::Check> QuestionBuilder::prefix(const Node& node, Place place) {
  auto start = question_.analysis_.beginning(node.text);
  if (start.empty()) return words(node, place);
  auto before = question_.analysis_.question_words(node.text);
  before.pop_back();

  place.strict = place.strict || place.excluded;
  Check both{place.strict ? Check::Kind::all : Check::Kind::any, node.excluded};
  auto bare = node;
  bare.excluded = false;
  if (auto made = leaf(bare, place, std::move(before))) both.children.push_back(std::move(*made));
  if (auto made = beginning(bare, place, std::move(start))) both.children.push_back(std::move(*made));
  if (both.children.empty()) return {};
  return both;
}

std::optional<Question::Check> QuestionBuilder::leaf(const Node& node, Place place, std::vector<QuestionWord> words) {
  if (words.empty()) return {};
  found_words_ = true;
  const bool phrase = (node.kind == Node::Kind::phrase || place.excluded) && is_phrase(words);
  const bool strict = place.strict || node.field || node.kind == Node::Kind::phrase;

  Check made{phrase ? Check::Kind::phrase : strict ? Check::Kind::strict : Check::Kind::loose, node.excluded};
  made.assumed = !place.negated;
  made.field = node.field;
  for (auto& word : words) {
    auto looked_up = look_up(word, phrase ? Units::all : Units::telling, !place.excluded);
    if (!looked_up) break;
    made.words.push_back(std::move(word));
    made.looked_up.push_back(std::move(*looked_up));
  }
  if (made.words.empty()) return {};
  if (!place.excluded) std::ranges::for_each(made.looked_up, [&](const auto& word) { want(word); });
  made.by_text = phrase || made.field;
  if (made.by_text) question_.reads_text_ = true;
  return made;
}

std::optional<Question::Check> QuestionBuilder::beginning(const Node& node, Place place, std::string text) {
  found_words_ = true;
  const auto looked_up = text.substr(0, cut_at_character(text, Analysis::longest_beginning));
  if (!numbers_.contains({Lookup::Kind::beginning, looked_up}) && !has_room(1)) {
    ++left_out_;
    return {};
  }
  Check made{Check::Kind::strict};
  made.assumed = !place.negated;
  made.field = node.field;
  made.by_text = made.field || looked_up.size() < text.size();
  made.looked_up.push_back({{number_of(Lookup::Kind::beginning, looked_up, !place.excluded)}, {}});
  made.beginning = std::move(text);
  if (!place.excluded) want(made.looked_up.front());
  if (made.by_text) question_.reads_text_ = true;
  return made;
}

std::optional<ScoredWord> QuestionBuilder::look_up(const QuestionWord& word, Units units, bool wanted) {
  std::vector<std::vector<std::string>> parts;
  for (const auto& unit : word.units)
    if (units == Units::all || !unit.weak) parts.push_back(unit.terms);
  auto unknown =
      static_cast<std::size_t>(std::ranges::count_if(word.wholes, [&](const auto& term) { return !is_known(term); }));
  for (const auto& terms : parts)
    unknown +=
        static_cast<std::size_t>(std::ranges::count_if(terms, [&](const auto& term) { return !is_known(term); }));
  if (!has_room(unknown)) {
    ++left_out_;
    return {};
  }

  const auto numbers = [&](const std::vector<std::string>& terms) {
    std::vector<std::uint32_t> found;
    found.reserve(terms.size());
    for (const auto& term : terms) found.push_back(number_of(Lookup::Kind::term, term, wanted));
    return found;
  };
  ScoredWord scored{numbers(word.wholes), {}};
  for (const auto& terms : parts) scored.parts.push_back(numbers(terms));
  return scored;
}

std::uint32_t QuestionBuilder::number_of(Lookup::Kind kind, const std::string& text, bool wanted) {
  auto& lookups = question_.lookups_;
  const auto [known, added] = numbers_.try_emplace({kind, text}, static_cast<std::uint32_t>(lookups.size()));
  if (added) lookups.push_back({kind, text, wanted});
  if (wanted) lookups[known->second].wanted = true;
  return known->second;
}

void QuestionBuilder::forget_from(std::size_t number) {
  question_.lookups_.resize(number);
  std::erase_if(numbers_, [&](const auto& known) { return known.second >= number; });
}

void QuestionBuilder::want(const ScoredWord& word) {
  auto& words = question_.words_;
  const auto add = [&](ScoredWord one) {
    if (std::ranges::find(words, one) == words.end()) words.push_back(std::move(one));
  };
  if (!is_run(word)) return add(word);
  for (const auto& part : word.parts) add({{}, {part}});
}

}  // namespace claimledger::search
