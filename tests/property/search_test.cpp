#include <gtest/gtest.h>

#include <iostream>

#include "search_model.hpp"

// CLAIMLEDGER_SEED=n runs that ledger alone; CLAIMLEDGER_LONG=1 runs many, from CLAIMLEDGER_FROM on.
namespace claimledger::property {

TEST(RandomSearches, AgreeWithTheModel) {
  constexpr std::uint64_t questions = 12;
  const auto run = run_of(400, 20'000);
  std::cout << "seeds " << run.first << " to " << run.first + run.count - 1 << '\n';
  Tally tally;
  for (auto seed = run.first; seed < run.first + run.count && !testing::Test::HasFailure(); ++seed) {
    Ledgers ledgers(seed);
    for (std::uint64_t i = 0; i < questions; ++i) expect_equal(ledgers, seed, tally);
  }
  std::cout << tally.questions << " questions, " << tally.found << " found something, " << tally.claims << " claims, "
            << tally.more << " said that there is more\n";
  if (run.count > 100 && !testing::Test::HasFailure()) {
    EXPECT_GT(tally.found, tally.questions / 4) << "questions that find nothing show little";
    EXPECT_GT(tally.more, tally.questions / 50);
  }
}

}  // namespace claimledger::property
