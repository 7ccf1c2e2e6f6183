#include <gtest/gtest.h>

#include <iostream>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "search_model.hpp"

// The searches of search_test.cpp over a store with an index, which reaches anywhere: what is found is what the model
// finds, and to the byte what is found by reading everything.
// CLAIMLEDGER_SEED=n runs that ledger alone; CLAIMLEDGER_LONG=1 runs many, from CLAIMLEDGER_FROM on.
namespace claimledger::property {

TEST(RandomSearches, AgreeWithTheModelHoweverFarTheIndexReaches) {
  constexpr std::uint64_t questions = 12;
  const auto run = run_of(150, 10'000);
  std::cout << "seeds " << run.first << " to " << run.first + run.count - 1 << '\n';
  Tally tally;
  for (auto seed = run.first; seed < run.first + run.count && !testing::Test::HasFailure(); ++seed) {
    Ledgers ledgers(seed, sqlite::open({.path = ":memory:"}));
    const auto indexed = ledgers.indexed();
    const auto head = ledgers.engine().head({.agent = ledgers.agents[0]}).position;
    ++(indexed == head ? tally.whole : indexed == Position{} ? tally.nothing : tally.part);
    for (std::uint64_t i = 0; i < questions; ++i) expect_equal(ledgers, seed, tally);
  }
  std::cout << tally.questions << " questions, " << tally.found << " found something; the index reached to the end of "
            << tally.whole << " ledgers, into " << tally.part << " and nowhere in " << tally.nothing << '\n';
  if (run.count > 100 && !testing::Test::HasFailure()) {
    EXPECT_GT(tally.found, tally.questions / 4) << "questions that find nothing show little";
    for (const auto ledgers : {tally.whole, tally.part, tally.nothing}) EXPECT_GT(ledgers, run.count / 10);
  }
}

}  // namespace claimledger::property
