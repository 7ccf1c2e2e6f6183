#include "search/phrase.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "search/characters.hpp"

namespace claimledger::search {
namespace {

// Positions in rising order: where the next word of a phrase would have to begin.
using Positions = std::vector<std::uint32_t>;

// The places of the terms that a phrase has.
class PlacesByTerm {
 public:
  PlacesByTerm(std::span<const QuestionWord> words, std::span<const Occurrence> places) {
    for (const auto& word : words) {
      for (const auto& term : word.wholes) places_[term];
      for (const auto& unit : word.units)
        for (const auto& term : unit.terms) places_[term];
    }
    for (const auto& place : places)
      if (const auto found = places_.find(place.term); found != places_.end()) found->second.push_back(&place);
  }

  // Where what follows one of `terms` begins, if that begins at one of `starts`; absent: anywhere. What follows it may
  // share its last `overlap` units.
  Positions after(const std::vector<std::string>& terms, const std::optional<Positions>& starts,
                  std::uint32_t overlap) const {
    Positions found;
    for (const auto& term : terms) {
      for (const auto* place : places_.at(term)) {
        if (!starts || std::ranges::binary_search(*starts, place->position))
          found.push_back(place->position + place->length - overlap);
      }
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

 private:
  std::unordered_map<std::string_view, std::vector<const Occurrence*>> places_;
};

Positions after_word(const QuestionWord& word, const PlacesByTerm& places, const std::optional<Positions>& starts) {
  auto whole = places.after(word.wholes, starts, 0);
  if (word.units.empty()) return whole;
  auto in_units = starts;
  for (const auto& unit : word.units) in_units = places.after(unit.terms, in_units, unit.overlaps ? 1 : 0);

  Positions either;
  std::ranges::set_union(whole, in_units.value_or(Positions{}), std::back_inserter(either));
  return either;
}

bool has_any(const std::vector<std::string>& terms, std::span<const Occurrence> places) {
  return std::ranges::any_of(places,
                             [&](const auto& place) { return std::ranges::find(terms, place.term) != terms.end(); });
}

}  // namespace

const std::vector<Occurrence>& DocumentPlaces::in(Field field) {
  auto& places = places_.at(static_cast<std::size_t>(field));
  if (!places) places = analysis_.occurrences(document_[field]);
  return *places;
}

// Of a long term the places have its beginning alone; the rest stands in the text.
bool DocumentPlaces::begins(std::string_view beginning, Field field) {
  const auto start = beginning.substr(0, cut_at_character(beginning, Analysis::longest_beginning));
  return std::ranges::any_of(in(field), [&](const Occurrence& place) {
    if (!place.term.starts_with(start)) return false;
    if (start == beginning) return true;
    return analysis_.beginning(document_[field].substr(place.begin, place.end - place.begin)).starts_with(beginning);
  });
}

bool stand_in_order(std::span<const QuestionWord> words, std::span<const Occurrence> places) {
  const PlacesByTerm by_term(words, places);
  std::optional<Positions> starts;
  for (const auto& word : words) {
    starts = after_word(word, by_term, starts);
    if (starts->empty()) return false;
  }
  return starts.has_value();
}

bool stands(const QuestionWord& word, std::span<const Occurrence> places) {
  if (has_any(word.wholes, places)) return true;
  bool asked = false;
  for (const auto& unit : word.units) {
    if (unit.weak) continue;
    if (!has_any(unit.terms, places)) return false;
    asked = true;
  }
  return asked;
}

}  // namespace claimledger::search
