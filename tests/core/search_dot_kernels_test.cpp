#include "search/dot_kernels.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "claimledger/limits.hpp"

namespace claimledger::search {
namespace {

using Floats = std::vector<float>;

std::size_t filled(std::size_t width, std::size_t lanes) { return (width + lanes - 1) / lanes * lanes; }

// The order of operations, written once more. Volatile, so that no compiler fuses any of them.
float expected_dot(const Floats& one, const Floats& other) {
  std::array<volatile float, 16> sums{};
  for (std::size_t at = 0; at < one.size(); ++at) {
    const volatile float product = one[at] * other[at];
    sums.at(at % 16) = sums.at(at % 16) + product;
  }
  for (const std::size_t half : {8U, 4U, 2U, 1U})
    for (std::size_t lane = 0; lane < half; ++lane) sums.at(lane) = sums.at(lane) + sums.at(lane + half);
  return sums[0];
}

void expect_equal(const Floats& one, const Floats& other) {
  const auto expected = std::bit_cast<std::uint32_t>(expected_dot(one, other));
  for (const auto& kernels : runnable_dot_kernels()) {
    const auto dot = kernels.floats(one.data(), other.data(), one.size());
    ASSERT_EQ(std::bit_cast<std::uint32_t>(dot), expected) << kernels.name << ' ' << one.size() << ' ' << dot;
  }
}

// Numbers of all sizes whose products and sums are finite: zeros of both signs, denormals, and far from each other.
float hostile(std::mt19937_64& random) {
  const auto sign = random() % 2 == 0 ? 1.0F : -1.0F;
  switch (random() % 8) {
    case 0:
      return sign * 0.0F;
    case 1:
      return sign * std::numeric_limits<float>::denorm_min() * static_cast<float>(random() % 1'000);
    case 2:
      return sign * std::numeric_limits<float>::min() * 1.5F;
    case 3:
      return sign * 1e17F;
    case 4:
      return sign * std::ldexp(1.0F, static_cast<int>(random() % 180) - 126);
    default:
      return sign * static_cast<float>(random() >> 40) * 0x1p-24F;
  }
}

TEST(DotKernels, TheFastestIsOneOfThoseThatTheMachineCanRun) {
  ASSERT_FALSE(runnable_dot_kernels().empty());
  EXPECT_STREQ(runnable_dot_kernels().front().name, "scalar");
  EXPECT_STREQ(runnable_dot_kernels().back().name, dot_kernels().name);
}

// Never to change: cosines that were recorded are asked for again. Worked out apart from this program. Other orders
// give other bits here: one, 4, 8 or 32 sums, neighbours added instead of halves, and products that are fused with
// their sum.
TEST(DotKernels, TheOrderIsTheSameForEver) {
  Floats one, other;
  std::uint32_t state = 36;
  const auto next = [&] {
    state = state * 1'664'525 + 1'013'904'223;
    return static_cast<float>(state >> 8) * 0x1p-23F - 1.0F;
  };
  for (int i = 0; i < 112; ++i) one.push_back(next()), other.push_back(next());
  for (const auto& kernels : runnable_dot_kernels())
    EXPECT_EQ(std::bit_cast<std::uint32_t>(kernels.floats(one.data(), other.data(), one.size())), 0xBE5A24D0U)
        << kernels.name;
}

TEST(DotKernels, FloatsAreEqualToTheLastBitAtEveryWidth) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  for (std::size_t width = 1; width <= limits::dimensions; ++width) {
    Floats one(filled(width, float_lanes)), other(one.size());
    for (std::size_t i = 0; i < width; ++i) one[i] = normal(random), other[i] = normal(random);
    ASSERT_NO_FATAL_FAILURE(expect_equal(one, other));
  }
}

TEST(DotKernels, HostileFloatsAreEqualToTheLastBit) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 3'000; ++i) {
    Floats one(filled(1 + random() % (i % 10 == 0 ? limits::dimensions : 100), float_lanes)), other(one.size());
    for (auto& number : one) number = hostile(random);
    for (auto& number : other) number = hostile(random);
    ASSERT_NO_FATAL_FAILURE(expect_equal(one, other)) << i;
  }
  const auto least = std::numeric_limits<float>::denorm_min();
  for (const auto number : {0.0F, -0.0F, least, -least, 1e18F})
    for (const auto times : {0.0F, -0.0F, 1.0F, -1.0F, 0.5F})
      ASSERT_NO_FATAL_FAILURE(expect_equal(Floats(48, number), Floats(48, times))) << number << ' ' << times;
}

TEST(DotKernels, ZerosAtTheEndChangeNoBit) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 1'000; ++i) {
    Floats one(16 * (1 + random() % 8)), other(one.size());
    for (auto& number : one) number = hostile(random);
    for (auto& number : other) number = hostile(random);
    if (i % 10 == 0) other.assign(other.size(), -0.0F);
    const auto expected = std::bit_cast<std::uint32_t>(expected_dot(one, other));
    for (const auto zero : {0.0F, -0.0F}) {
      auto longer = one, other_longer = other;
      longer.resize(one.size() + 32, zero);
      other_longer.resize(other.size() + 32, 0.0F);
      for (const auto& kernels : runnable_dot_kernels())
        ASSERT_EQ(std::bit_cast<std::uint32_t>(kernels.floats(longer.data(), other_longer.data(), longer.size())),
                  expected)
            << kernels.name << ' ' << i;
    }
  }
}

TEST(DotKernels, BytesAreExactAtEveryWidthAndAtTheGreatestNumbers) {
  std::mt19937_64 random(4);
  for (std::size_t width = 1; width <= limits::dimensions; width += width < 300 ? 1 : 61) {
    std::vector<std::int8_t> row(filled(width, byte_lanes));
    std::vector<std::int16_t> query(row.size());
    const bool greatest = width % 3 == 0;
    for (std::size_t i = 0; i < width; ++i) {
      row[i] = static_cast<std::int8_t>(greatest ? -127 : static_cast<int>(random() % 255) - 127);
      query[i] = static_cast<std::int16_t>(greatest ? 4'096 : static_cast<int>(random() % 8'193) - 4'096);
    }
    std::int64_t expected = 0;
    for (std::size_t i = 0; i < width; ++i) expected += std::int64_t{row[i]} * query[i];
    for (const auto& kernels : runnable_dot_kernels())
      ASSERT_EQ(kernels.bytes(row.data(), query.data(), row.size()), expected) << kernels.name << ' ' << width;
  }
}

TEST(DotKernels, ReadsNeedNoAlignment) {
  Floats one(33, 0.5F), other(34, 3.0F);
  std::vector<std::int8_t> row(65, 7);
  std::vector<std::int16_t> query(66, -3);
  for (const auto& kernels : runnable_dot_kernels()) {
    EXPECT_EQ(kernels.floats(one.data() + 1, other.data() + 2, 32), 48.0F) << kernels.name;
    EXPECT_EQ(kernels.bytes(row.data() + 1, query.data() + 1, 64), -1'344) << kernels.name;
  }
}

}  // namespace
}  // namespace claimledger::search
