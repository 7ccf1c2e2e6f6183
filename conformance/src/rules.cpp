#include "claimledger/conformance/rules.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <map>

namespace claimledger::conformance {

namespace {

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Fails a program that lost a rule, before its first test runs.
class CountedRules : public testing::Environment {
 public:
  void SetUp() override {
    std::map<std::string, std::size_t> by_backend;
    const auto& tests = *testing::UnitTest::GetInstance();
    for (int i = 0; i < tests.total_test_suite_count(); ++i) {
      const auto& suite = *tests.GetTestSuite(i);
      for (int j = 0; j < suite.total_test_count(); ++j) {
        const auto& test = *suite.GetTestInfo(j);
        if (test.value_param() && !rule_of(test.name()).number.empty()) ++by_backend[test.value_param()];
      }
    }
    for (const auto& [backend, count] : by_backend) {
      EXPECT_EQ(count, number_of_rules) << "rules that " << backend << " has to meet";
    }
  }
};

[[maybe_unused]] const auto* const counted_rules = testing::AddGlobalTestEnvironment(new CountedRules);

}  // namespace

Rule rule_of(std::string_view test_name) {
  test_name = test_name.substr(0, test_name.find('/'));
  if (test_name.size() < 5 || !is_upper(test_name[0]) || !is_digit(test_name[1]) || !is_digit(test_name[2]) ||
      test_name[3] != '_') {
    return {};
  }
  std::string sentence(1, test_name[4]);
  for (const char c : test_name.substr(5)) {
    if (is_upper(c)) sentence += ' ';
    sentence += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return {std::string(test_name.substr(0, 3)), sentence + '.'};
}

std::vector<Rule> rules() {
  std::map<std::string, Rule> found;
  const auto& tests = *testing::UnitTest::GetInstance();
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    for (int j = 0; j < tests.GetTestSuite(i)->total_test_count(); ++j) {
      auto rule = rule_of(tests.GetTestSuite(i)->GetTestInfo(j)->name());
      if (!rule.number.empty()) found.emplace(rule.number, std::move(rule));
    }
  }
  std::vector<Rule> all;
  for (auto& [number, rule] : found) all.push_back(std::move(rule));
  return all;
}

}  // namespace claimledger::conformance
