#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <span>

#include "side_by_side.hpp"

// Random histories over the whole of the engine, against the model.
//
// CLAIMLEDGER_SEED=n runs that history alone; CLAIMLEDGER_LONG=1 runs many, from CLAIMLEDGER_FROM on.
namespace claimledger::property {
namespace {

bool long_run() { return std::getenv("CLAIMLEDGER_LONG") != nullptr; }

void expect_agreement(std::uint64_t seed, Census& census) {
  const auto history = random_history(seed);
  if (!first_difference(history, &census)) return;
  const auto least = shrunk(history);
  ADD_FAILURE() << "seed " << seed << "\n" << text(least) << "  => " << *first_difference(least);
}

template <class Outcome>
std::size_t print(const std::map<Outcome, std::size_t>& seen, std::span<const std::string_view> all) {
  std::size_t missing = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const auto found = seen.find(outcome);
    const auto count = found == seen.end() ? 0 : found->second;
    std::cout << "  " << all[i] << ' ' << count << '\n';
    if (count == 0) ++missing;
  }
  return missing;
}

TEST(RandomHistories, AgreeWithTheModelAndShowEveryOutcome) {
  Census census;
  if (const auto* seed = std::getenv("CLAIMLEDGER_SEED")) {
    expect_agreement(std::strtoull(seed, nullptr, 10), census);
    return;
  }
  const auto* from = std::getenv("CLAIMLEDGER_FROM");
  const std::uint64_t first = from ? std::strtoull(from, nullptr, 10) : 1;
  const std::uint64_t count = long_run() ? 20'000 : 600;
  std::cout << "seeds " << first << " to " << first + count - 1 << '\n';

  // A long run names every seed that disagrees.
  for (std::uint64_t seed = first; seed < first + count && (long_run() || !testing::Test::HasFailure()); ++seed)
    expect_agreement(seed, census);
  if (testing::Test::HasFailure()) return;

  std::cout << "dispositions\n";
  EXPECT_EQ(print(census.dispositions, spellings<Disposition>()), 0U);
  std::cout << "rationales\n";
  EXPECT_EQ(print(census.rationales, spellings<Rationale>()), 0U);
  std::cout << "closings\n";
  EXPECT_EQ(print(census.closings, spellings<Closing>()), 0U);
  std::cout << "belief statuses\n";
  EXPECT_EQ(print(census.statuses, spellings<BeliefStatus>()), 0U);
}

}  // namespace
}  // namespace claimledger::property
