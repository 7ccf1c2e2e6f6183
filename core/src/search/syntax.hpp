#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/document.hpp"

namespace claimledger::search {

// A question as it was written. `any` and `all` have children, the others text.
struct Node {
  enum class Kind {
    any,     // at least one child that is not excluded, and none that is
    all,     // every child that is not excluded, and none that is
    words,   // text without a space, as typed
    prefix,  // what stood before the '*'
    phrase,  // what stood between quotes
  };
  Kind kind = Kind::any;
  bool excluded = false;
  std::optional<Field> field = {};  // where it has to stand; absent: anywhere. Of words, prefixes and phrases
  std::string text = {};
  std::vector<Node> children = {};
  friend bool operator==(const Node&, const Node&) = default;
};

inline constexpr std::size_t deepest_nesting = 16;  // of parentheses; those deeper down are not seen

// Reads what a person types:
//
//   city birthday        any of the words, which is what a list of things means everywhere
//   Ada AND city         all; binds closer than OR. Operators are written in capitals: "and" is a word
//   Ada OR Bob           any
//   -Berlin, NOT Berlin  none of it; "--flag" is a word, and so is a '-' alone
//   trav*                words that begin so
//   "new york"           these words, in this order, also between “ and ”
//   subject:Ada          in one field: subject, predicate, value or source; also field:"…", field:trav*, field:(a b)
//   (a OR b) AND c       grouped
//
// Never fails: a quote or parenthesis that is not closed ends with the text, one that was not opened is not seen, an
// operator without something on both sides is not seen, a field nobody knows is text, and a double negation is none.
// The result is an `any` node. A list of exclusions alone stays one: nothing in it can be found.
// Time is linear in the text; the tree is no deeper than twice `deepest_nesting`, and some.
Node parse(std::string_view question);

// What is wanted, as it was typed and without operators: the texts of all that is not excluded, a space between two.
std::string wanted_text(const Node& root);

// The tree on one line, for people and tests: any(words:city, not words:Berlin).
std::string text(const Node& node);

}  // namespace claimledger::search
