#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/question.hpp"
#include "search/syntax.hpp"

namespace claimledger::search {

// Makes the checks and lookups of a Question from a tree.
class QuestionBuilder {
 public:
  enum class StopWords { left_out, looked_up };

  QuestionBuilder(Question& question, StopWords stop_words) : question_(question), stop_words_(stop_words) {}

  // Fills the question, in the place of what is there.
  void build(const Node& root);

  bool left_out_stop_words() const { return left_out_stop_words_; }
  bool found_words() const { return found_words_; }

 private:
  using Check = Question::Check;

  // What surrounds a node.
  struct Place {
    bool strict = false;    // beside others that all have to be there
    bool excluded = false;  // somewhere inside of what is excluded
    bool negated = false;   // … an odd number of times
  };

  std::optional<Check> check(const Node& node, Place place);
  std::optional<Check> inner_check(const Node& node, Place place);
  std::optional<Check> list(const Node& node, Place place);
  std::optional<Check> words(const Node& node, Place place);
  std::optional<Check> prefix(const Node& node, Place place);
  std::optional<Check> leaf(const Node& node, Place place, std::vector<QuestionWord> words);
  std::optional<Check> beginning(const Node& node, Place place, std::string text);

  enum class Units { all, telling };
  // The numbers of a word's lookups. Absent where there is no room for them.
  std::optional<ScoredWord> look_up(const QuestionWord& word, Units units, bool wanted);
  std::uint32_t number_of(Lookup::Kind kind, const std::string& text, bool wanted);
  bool has_room(std::size_t lookups) const { return question_.lookups_.size() + lookups <= Question::most_lookups; }
  bool is_known(const std::string& term) const { return numbers_.contains({Lookup::Kind::term, term}); }
  // Takes back the lookups from this one on, which nothing refers to.
  void forget_from(std::size_t number);
  void want(const ScoredWord& word);

  Question& question_;
  StopWords stop_words_;
  bool left_out_stop_words_ = false;
  bool found_words_ = false;
  std::size_t left_out_ = 0;  // words for which there was no room
  std::map<std::pair<Lookup::Kind, std::string>, std::uint32_t> numbers_;
};

}  // namespace claimledger::search
