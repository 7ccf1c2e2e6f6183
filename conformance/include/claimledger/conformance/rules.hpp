#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace claimledger::conformance {

// How many rules there are: the one place that says so. A program in which a backend meets another number fails,
// whatever its filter, so that no rule gets lost unnoticed.
inline constexpr std::size_t number_of_rules = 254;

struct Rule {
  std::string number;    // "A07"
  std::string sentence;  // "The same batch twice is once."
  friend bool operator==(const Rule&, const Rule&) = default;
};

// The rule that a test states, from its name: "A07_TheSameBatchTwiceIsOnce", also with "/backend" after it. Empty
// number: not a rule.
Rule rule_of(std::string_view test_name);

// What a rule records of the pairs of a ledger and a question that it compared begins so, and ends in how the ledgers
// were filed: "pairs, half". All else that a rule records is a capability that the store declares missing.
inline constexpr std::string_view pairs_property = "pairs, ";

// The rules compiled into this program, by number, each once.
std::vector<Rule> rules();

}  // namespace claimledger::conformance
