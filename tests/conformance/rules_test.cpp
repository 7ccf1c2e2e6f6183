#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "claimledger/conformance/rules.hpp"

// The list of rules that people read is the list that runs.
namespace claimledger::conformance {

namespace {

std::string as_page() {
  std::string page =
      "# Rules\n\nThe rules of every store, as the kit checks them. Written from the names of the tests; the kit's own "
      "test compares the two.\n\n| Rule | |\n|---|---|\n";
  for (const auto& rule : rules()) page += "| " + rule.number + " | " + rule.sentence + " |\n";
  return page;
}

}  // namespace

TEST(ConformanceRules, ThePageListsTheRulesThatRun) {
  std::ifstream file(CLAIMLEDGER_SOURCE_DIR "/conformance/RULES.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};

  if (page != as_page()) std::ofstream("RULES.md") << as_page();

  EXPECT_TRUE(page == as_page()) << "conformance/RULES.md differs; the right page was written to RULES.md here";
}

TEST(ConformanceRules, EveryRuleHasANumberOfItsOwnAndASentenceOfItsOwn) {
  std::set<std::string> sentences;
  for (const auto& rule : rules()) {
    EXPECT_TRUE(sentences.insert(rule.sentence).second) << rule.number;
    EXPECT_GE(rule.sentence.size(), 20U) << rule.number;
  }
  EXPECT_EQ(sentences.size(), number_of_rules);
}

TEST(ConformanceRules, ANameBecomesItsSentence) {
  EXPECT_EQ(rule_of("A07_TheSameBatchTwiceIsOnce"), (Rule{"A07", "The same batch twice is once."}));
  EXPECT_EQ(rule_of("A07_TheSameBatchTwiceIsOnce/memory"), (Rule{"A07", "The same batch twice is once."}));
  EXPECT_EQ(rule_of("ThePageListsTheRulesThatRun"), Rule{});
}

}  // namespace claimledger::conformance
