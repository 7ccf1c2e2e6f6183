#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "search/analysis.hpp"
#include "search/document.hpp"

// What counts do not tell: where in a document the words of a question stand.
namespace claimledger::search {

// The places of a document, read field by field as they are asked for.
class DocumentPlaces {
 public:
  DocumentPlaces(const Document& document, const Analysis& analysis) : document_(document), analysis_(analysis) {}

  const std::vector<Occurrence>& in(Field field);

  // Does any term of the field begin so?
  bool begins(std::string_view beginning, Field field);

 private:
  const Document& document_;
  const Analysis& analysis_;
  std::array<std::optional<std::vector<Occurrence>>, all_fields.size()> places_;
};

// Do the words stand there one right after the other, each whole or in its units? `places` are by position.
bool stand_in_order(std::span<const QuestionWord> words, std::span<const Occurrence> places);

// Does the word stand there, whole or in all of its units but the weak ones, in whatever order?
bool stands(const QuestionWord& word, std::span<const Occurrence> places);

}  // namespace claimledger::search
