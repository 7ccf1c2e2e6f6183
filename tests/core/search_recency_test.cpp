#include "search/recency.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace claimledger::search {
namespace {

using std::chrono::microseconds;
using Count = microseconds::rep;

constexpr std::uint32_t million = 1'000'000;
constexpr Count longest = std::numeric_limits<Count>::max();
constexpr Count year = microseconds{std::chrono::years{1}}.count();

ValidTime at(Count count) { return {Instant{microseconds{count}}}; }

std::uint32_t freshness(Count age, Count half_life) {
  return Recency(million, microseconds{half_life}, at(age)).freshness(at(0));
}

struct Row {
  Count age, half_life;
  std::uint32_t expected;
};

// Never to change: a score that was recorded is asked for again.
TEST(Recency, TheFreshnessOfAnAgeIsTheSameForEver) {
  const Row rows[] = {
      {0, 1, 1'000'000U},
      {1, 1, 500'000U},
      {2, 1, 250'000U},
      {19, 1, 1U},
      {20, 1, 0U},
      {longest, 1, 0U},
      {1, 2, 707'106U},
      {1, 3, 793'700U},
      {2, 3, 629'960U},
      {4, 3, 396'850U},
      {1, 1'000'000, 999'999U},
      {1, longest, 1'000'000U},
      {longest - 1, longest, 500'000U},
      {longest, longest, 500'000U},
      {2'000 * year, 1'000 * year, 250'000U},
      {86'400'000'000, 2'592'000'000'000, 977'159U},
      {604'800'000'000, 2'592'000'000'000, 850'667U},
  };
  for (const auto& row : rows)
    EXPECT_EQ(freshness(row.age, row.half_life), row.expected) << row.age << ' ' << row.half_life;
}

TEST(Recency, WhatIsYetToBeginIsAsFreshAsWhatBeginsNow) {
  EXPECT_EQ(freshness(-1, 1), million);
  EXPECT_EQ(freshness(-longest, longest), million);
}

TEST(Recency, NoTimesAreTooFarApart) {
  const Recency late(million, microseconds{longest}, ValidTime::forever());
  EXPECT_EQ(late.freshness(ValidTime::beginning()), 250'000U) << "2^64 - 1 microseconds";
  const Recency early(million, microseconds{1}, ValidTime::beginning());
  EXPECT_EQ(early.freshness(ValidTime::forever()), million);
}

TEST(Recency, IsTwoToThePowerOfMinusTheAgeInHalfLives) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const auto half_life = static_cast<Count>(1 + (random() >> (2 + random() % 61)));
    const auto age = static_cast<Count>(random() >> (1 + random() % 62));
    const auto exact = 1e6L * std::exp2(-static_cast<long double>(age) / static_cast<long double>(half_life));
    const auto rounded_down = std::floor(exact - 0.2L);
    const auto got = static_cast<long double>(freshness(age, half_life));
    ASSERT_TRUE(got >= rounded_down && got <= exact + 0.2L) << age << ' ' << half_life << ' ' << got << ' ' << exact;
  }
}

TEST(Recency, NeverRisesWithAge) {
  constexpr Count half_life = 1 << 22;  // so that an age is as many of the least digits of the exponent
  auto last = million;
  for (Count age = 0; age <= 2 * half_life; ++age) {
    const auto next = freshness(age, half_life);
    ASSERT_LE(next, last) << age;
    last = next;
  }
}

TEST(Recency, WithoutAShareAScoreStaysAndWithAllItIsTheFreshness) {
  const Recency none(0, microseconds{1}, at(0));
  const Recency all(million, microseconds{1}, at(0));
  EXPECT_FALSE(none.counts());
  EXPECT_TRUE(all.counts());
  for (const std::uint32_t score : {0U, 1U, 434'567U, 999'999U, million}) {
    EXPECT_EQ(none.with(score, 999), score);
    EXPECT_EQ(none.most(score), score);
    EXPECT_EQ(none.needed_for(score), score);
    EXPECT_EQ(all.with(999, score), score);
    EXPECT_EQ(all.most(score), million);
    EXPECT_EQ(all.needed_for(score), 0U);
  }
}

TEST(Recency, SharesAddUp) {
  const Recency recency(300'000, microseconds{1}, at(0));
  EXPECT_EQ(recency.with(500'000, 200'000), 410'000U);
  EXPECT_EQ(recency.with(0, 3), 0U) << "rounded down";
  EXPECT_EQ(recency.with(million, million), million);
  EXPECT_EQ(recency.most(500'000), 650'000U);
}

TEST(Recency, WhatIsNeededForAScoreIsTheLeastThatMayGetIt) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const Recency recency(static_cast<std::uint32_t>(random() % (million + 1)), microseconds{1}, at(0));
    const auto least = static_cast<std::uint32_t>(random() % (million + 1));
    const auto needed = recency.needed_for(least);
    ASSERT_GE(recency.most(needed), least);
    ASSERT_TRUE(needed == 0 || recency.most(needed - 1) < least);
  }
}

}  // namespace
}  // namespace claimledger::search
