#include "search/score.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace claimledger::search {
namespace {

constexpr std::uint64_t most = std::uint64_t{1} << 63;
constexpr std::uint32_t endless = std::numeric_limits<std::uint32_t>::max();

struct IdfRow {
  std::uint64_t documents, with_term;
  std::uint32_t expected;
};

// Never to change: a score that was recorded is asked for again.
TEST(Score, TheWeightOfATermIsTheSameForEver) {
  const IdfRow rows[] = {
      {0U, 0U, 16777216U},
      {1U, 0U, 33554432U},
      {1U, 1U, 6963174U},
      {2U, 1U, 16777216U},
      {10U, 1U, 48225589U},
      {10U, 5U, 16777216U},
      {10U, 10U, 1125989U},
      {1000U, 1U, 157408265U},
      {1000U, 10U, 110308665U},
      {1000U, 999U, 36297U},
      {100000U, 1U, 268849725U},
      {100000U, 123U, 162089510U},
      {1000000U, 7U, 285626724U},
      {123456789U, 1U, 441147976U},
      {123456789U, 98765U, 172599156U},
      {4294967296U, 1U, 527056870U},
      {4611686018427387904U, 12345U, 812156545U},
      {9223372036854775807U, 1U, 1047150566U},
      {9223372036854775808U, 0U, 1073741824U},
      {9223372036854775808U, 1U, 1047150566U},
      {9223372036854775808U, 4611686018427387904U, 16777216U},
      {9223372036854775808U, 9223372036854775808U, 1U},
  };
  for (const auto& row : rows)
    EXPECT_EQ(idf({row.documents, row.with_term}), row.expected) << row.documents << ' ' << row.with_term;
}

TEST(Score, WhatATermSaturatesIsTheSameForEver) {
  EXPECT_EQ(saturation(0), 0U);
  EXPECT_EQ(saturation(1), 454'545U);
  EXPECT_EQ(saturation(2), 625'000U);
  EXPECT_EQ(saturation(3), 714'285U);
  EXPECT_EQ(saturation(10), 892'857U);
  EXPECT_EQ(saturation(1'000), 998'801U);
  EXPECT_EQ(saturation(endless), 999'999U);
}

// An n of the size that real ledgers have, and one of any size.
std::uint64_t some_number(std::mt19937_64& random) { return random() >> (random() % 64); }

TEST(Score, TheWeightIsTheLogarithmWithinTwoUnits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto documents = std::min(some_number(random), most);
    const auto with_term = documents == 0 ? 0 : random() % documents >> (random() % 64);
    const auto exact =
        std::log2((static_cast<long double>(documents) + 1) / (static_cast<long double>(with_term) + 0.5L));
    const auto units = std::max(exact * (1 << 24), 1.0L);
    ASSERT_NEAR(static_cast<double>(idf({documents, with_term}) - units), 0.0, 2.0) << documents << ' ' << with_term;
  }
}

TEST(Score, ARarerTermWeighsNoLess) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    const auto documents = std::min(some_number(random), most - 1);
    const auto with_term = std::min(some_number(random), documents);
    const auto weight = idf({documents, with_term});
    ASSERT_GE(weight, 1U);
    ASSERT_LE(weight, 65U << 24);
    ASSERT_GE(weight, idf({documents, with_term + 1})) << documents << ' ' << with_term;
    ASSERT_LE(weight, idf({documents + 1, with_term})) << documents << ' ' << with_term;
  }
}

TEST(Score, NumbersBeyondTheBoundsCountAsTheBounds) {
  EXPECT_EQ(idf({5, 9}), idf({5, 5}));
  EXPECT_EQ(idf({std::numeric_limits<std::uint64_t>::max(), 3}), idf({most, 3}));
  EXPECT_EQ(idf({most, most}), 1U);
  EXPECT_EQ(idf({most, most - 1}), 1U);
}

TEST(Score, MoreOfATermIsNoLess) {
  for (std::uint32_t count = 0; count < 100'000; ++count) ASSERT_LE(saturation(count), saturation(count + 1));
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto count = static_cast<std::uint32_t>(some_number(random) >> 32);
    ASSERT_LE(saturation(count), saturation(count + 1 == 0 ? count : count + 1));
    const auto exact = 1e6L * count / (count + 1.2L);
    ASSERT_NEAR(static_cast<double>(saturation(count)), static_cast<double>(exact), 1.0);
    ASSERT_LE(saturation(count), exact + 1e-6L);
  }
}

using Numbers = std::vector<std::uint32_t>;
using Words = std::vector<ScoredWord>;

TEST(Score, IsTheShareOfTheWeightThatIsFound) {
  const Words words = {{{}, {{0}}}, {{}, {{1}}}};
  const Numbers weights = {300, 100};
  EXPECT_EQ(score(words, weights, Numbers{0, 0}), 0U);
  EXPECT_EQ(score(words, weights, Numbers{endless, endless}), 999'999U);
  EXPECT_EQ(score(words, weights, Numbers{1, 1}), 454'545U);
  EXPECT_EQ(score(words, weights, Numbers{1, 0}), 454'545U * 3 / 4);
  EXPECT_EQ(score(words, weights, Numbers{0, 1}), 454'545U / 4);
  EXPECT_EQ(score(Words{}, weights, Numbers{1, 1}), 0U);
}

TEST(Score, OneFormOfAWordIsAsGoodAsAnother) {
  const Words words = {{{}, {{0, 1}}}};
  EXPECT_EQ(score(words, Numbers{200, 200}, Numbers{1, 0}), 454'545U);
  EXPECT_EQ(score(words, Numbers{200, 200}, Numbers{1, 1}), 454'545U);
}

TEST(Score, AnIdentifierIsOneWordHoweverManyPartsItHas) {
  const Words words = {{{0}, {{1}, {2}}}, {{}, {{3}}}};
  const Numbers weights = {400, 200, 100, 400};
  EXPECT_EQ(score(words, weights, Numbers{endless, 0, 0, 0}), 499'999U);  // whole
  EXPECT_EQ(score(words, weights, Numbers{0, 0, 0, endless}), 499'999U);
  EXPECT_EQ(score(words, weights, Numbers{0, 1, 0, 0}), 454'545U * 100 / 800);  // the mean of the parts
  EXPECT_EQ(score(words, weights, Numbers{0, 1, 1, 0}), 454'545U * 150 / 800);
  EXPECT_EQ(score(words, weights, Numbers{1, 1, 1, 0}), 454'545U / 2);  // not both
}

TEST(Score, IsNeverAMillionAndNeverOverflows) {
  Words words;
  Numbers weights, counts;
  for (std::uint32_t word = 0; word < 1'024; ++word) {
    ScoredWord scored;
    for (std::uint32_t part = 0; part < 1'024; ++part) scored.parts.push_back({part});
    words.push_back(scored);
    weights.push_back(idf({most, 0}));
    counts.push_back(endless);
  }
  EXPECT_EQ(score(words, weights, counts), 999'999U);
  EXPECT_EQ(score(Words{{{}, {{0}, {1}}}}, Numbers{1, 2}, Numbers{endless, endless}), 749'999U);
}

TEST(Score, NeverFallsAsACountRises) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Numbers weights, counts;
    for (int i = 0; i < 8; ++i) {
      weights.push_back(static_cast<std::uint32_t>(random() % (std::uint64_t{1} << (random() % 31)) + 1));
      counts.push_back(static_cast<std::uint32_t>(random() % 5));
    }
    Words words;
    for (auto left = random() % 5 + 1; left > 0; --left) {
      ScoredWord word;
      for (auto wholes = random() % 3; wholes > 0; --wholes) word.wholes.push_back(random() % 8);
      for (auto parts = random() % 4; parts > 0; --parts)
        word.parts.push_back({static_cast<std::uint32_t>(random() % 8)});
      words.push_back(word);
    }
    const auto before = score(words, weights, counts);
    ASSERT_LT(before, 1'000'000U);
    ++counts.at(random() % 8);
    ASSERT_LE(before, score(words, weights, counts));
  }
}

}  // namespace
}  // namespace claimledger::search
