#include "pairs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "claimledger/conformance/rules.hpp"

namespace claimledger::conformance {

Pairs::Pairs() {
  if (const char* wanted = std::getenv("CLAIMLEDGER_CONFORMANCE_PAIRS")) wanted_ = std::strtoull(wanted, nullptr, 10);
}

Pairs::~Pairs() {
  std::cout << rule_of(testing::UnitTest::GetInstance()->current_test_info()->name()).number << ": " << count()
            << " pairs of a ledger and a question";
  for (const auto& [filed, pairs] : by_filing_) {
    std::cout << ", " << filed << ' ' << pairs;
    testing::Test::RecordProperty(std::string(pairs_property) + filed, std::to_string(pairs));
  }
  std::cout << '\n';
}

std::uint64_t Pairs::count() const {
  std::uint64_t sum = 0;
  for (const auto& [filed, pairs] : by_filing_) sum += pairs;
  return sum;
}

}  // namespace claimledger::conformance
