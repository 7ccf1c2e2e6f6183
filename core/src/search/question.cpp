#include "search/question.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "search/characters.hpp"
#include "search/phrase.hpp"
#include "search/question_builder.hpp"
#include "search/syntax.hpp"

namespace claimledger::search {
namespace {

struct Spelling {
  Remark remark;
  std::string_view text;
};
constexpr std::array spellings = {
    Spelling{Remark::none, ""},
    Spelling{Remark::empty, "the question is empty"},
    Spelling{Remark::no_words, "the question has no word to look for"},
    Spelling{Remark::only_exclusions, "the question only says what is not wanted"},
    Spelling{Remark::only_common_words, "the question has only common words"},
};

bool is_found(std::span<const std::uint32_t> lookups, std::span<const std::uint32_t> counts) {
  return std::ranges::any_of(lookups, [&](std::uint32_t lookup) { return counts[lookup] > 0; });
}

// Whole, or in any of its parts.
bool is_found_loosely(const ScoredWord& word, std::span<const std::uint32_t> counts) {
  return is_found(word.wholes, counts) ||
         std::ranges::any_of(word.parts, [&](const auto& part) { return is_found(part, counts); });
}

// Whole, or in all of its parts.
bool is_found_strictly(const ScoredWord& word, std::span<const std::uint32_t> counts) {
  return is_found(word.wholes, counts) ||
         (!word.parts.empty() &&
          std::ranges::all_of(word.parts, [&](const auto& part) { return is_found(part, counts); }));
}

template <class Visit>
bool any_field(std::optional<Field> field, const Visit& visit) {
  return field ? visit(*field) : std::ranges::any_of(all_fields, visit);
}

}  // namespace

std::string_view text(Remark remark) { return std::ranges::find(spellings, remark, &Spelling::remark)->text; }

Question::Question(std::string_view text, const Analysis& analysis) : analysis_(analysis) {
  const auto read = text.substr(0, cut_at_character(text, longest_text));
  const auto tree = parse(read);
  QuestionBuilder builder(*this, QuestionBuilder::StopWords::left_out);
  builder.build(tree);
  bool found_words = builder.found_words();
  if (!asks() && builder.left_out_stop_words()) {
    QuestionBuilder again(*this, QuestionBuilder::StopWords::looked_up);
    again.build(tree);
    found_words = true;
    remark_ = Remark::only_common_words;
  }
  if (read.size() < text.size()) cut_ = true;
  wanted_text_ = search::wanted_text(tree);
  if (asks()) return;
  const bool blank = text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
  remark_ = blank ? Remark::empty : found_words ? Remark::only_exclusions : Remark::no_words;
}

std::vector<std::uint32_t> Question::counts(std::span<const TermCount> terms) const {
  std::vector<std::uint32_t> counts;
  for (const auto& lookup : lookups_) {
    std::uint64_t count = 0;
    auto term = std::ranges::lower_bound(terms, lookup.text, {}, &TermCount::term);
    if (lookup.kind == Lookup::Kind::term) {
      if (term != terms.end() && term->term == lookup.text) count = term->count;
    } else {
      for (; term != terms.end() && term->term.starts_with(lookup.text); ++term) count += term->count;
    }
    counts.push_back(
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max())));
  }
  return counts;
}

bool Question::may_match(std::span<const std::uint32_t> counts) const { return holds(root_, {.counts = counts}); }

bool Question::judge(const Document& document, std::span<const std::uint32_t> counts) const {
  if (!may_match(counts)) return false;
  if (!reads_text_) return true;
  DocumentPlaces places(document, analysis_);
  return holds(root_, {.counts = counts, .places = &places});
}

bool Question::allows(const Document& document, std::span<const std::uint32_t> counts) const {
  if (root_.children.empty()) return true;
  DocumentPlaces places(document, analysis_);
  return holds(root_, {.counts = counts, .places = &places, .by_meaning = true});
}

bool Question::holds(const Check& check, const Content& content) const {
  const auto& counts = content.counts;
  switch (check.kind) {
    case Check::Kind::any:
    case Check::Kind::all:
      return list_holds(check, content);
    case Check::Kind::loose:
      return content.by_meaning ||
             std::ranges::any_of(check.looked_up, [&](const auto& word) { return is_found_loosely(word, counts); });
    case Check::Kind::strict:
    case Check::Kind::phrase:
      break;
  }
  if (!std::ranges::all_of(check.looked_up, [&](const auto& word) { return is_found_strictly(word, counts); }))
    return false;
  if (!check.by_text) return true;
  if (content.places == nullptr) return check.assumed;
  return any_field(check.field, [&](Field field) {
    const auto& in_field = content.places->in(field);
    if (check.kind == Check::Kind::phrase) return stand_in_order(check.words, in_field);
    if (!check.beginning.empty()) return content.places->begins(check.beginning, field);
    return std::ranges::all_of(check.words, [&](const auto& word) { return stands(word, in_field); });
  });
}

bool Question::list_holds(const Check& list, const Content& content) const {
  bool some = false;
  bool every = true;
  for (const auto& child : list.children) {
    auto inner = content;
    inner.by_meaning = content.by_meaning && !child.excluded;
    const bool held = holds(child, inner);
    if (child.excluded && held) return false;
    if (child.excluded) continue;
    some = some || held;
    every = every && held;
  }
  return some && (list.kind == Check::Kind::any || every);
}

std::uint32_t Question::score(std::span<const std::uint32_t> weights, std::span<const std::uint32_t> counts) const {
  return search::score(words_, weights, counts);
}

std::vector<Match> Question::matches(std::string_view text) const {
  std::unordered_map<std::string_view, std::uint32_t> terms;
  std::vector<std::uint32_t> beginnings;
  for (std::uint32_t number = 0; number < lookups_.size(); ++number) {
    const auto& lookup = lookups_[number];
    if (!lookup.wanted) continue;
    if (lookup.kind == Lookup::Kind::term) terms.emplace(lookup.text, number);
    if (lookup.kind == Lookup::Kind::beginning) beginnings.push_back(number);
  }

  std::vector<Match> found;
  for (const auto& place : analysis_.occurrences(text)) {
    if (const auto term = terms.find(place.term); term != terms.end())
      found.push_back({place.begin, place.end, term->second});
    for (const auto number : beginnings)
      if (place.term.starts_with(lookups_[number].text)) found.push_back({place.begin, place.end, number});
  }
  std::ranges::stable_sort(found, {}, &Match::begin);
  return found;
}

}  // namespace claimledger::search
