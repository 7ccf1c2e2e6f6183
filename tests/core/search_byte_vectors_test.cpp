#include "search/byte_vectors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "claimledger/limits.hpp"
#include "search/dot_kernels.hpp"

namespace claimledger::search {
namespace {

using Values = std::vector<float>;

struct Rounded {
  std::vector<std::int8_t> bytes;
  ByteRow row;
};

Rounded rounded(const UnitVector& row, std::size_t room) {
  Rounded result{std::vector<std::int8_t>(room), {}};
  result.row = round_to_bytes(row.values(), result.bytes.data());
  return result;
}

// How much of what its bounds allow the cosine is away from their middle: -1 … 1.
double share_of_bounds(const UnitVector& row, const UnitVector& query) {
  const ByteQuery asked(query);
  const auto bytes = rounded(row, asked.numbers().size());
  const auto product = dot_kernels().bytes(bytes.bytes.data(), asked.numbers().data(), asked.numbers().size());
  const auto bounds = asked.bounds(product, bytes.row);
  return (2.0 * cosine(row, query) - bounds.least - bounds.most) / (bounds.most - bounds.least);
}

UnitVector random_vector(std::mt19937_64& random, std::size_t dimensions) {
  std::normal_distribution<float> normal;
  Values values(dimensions);
  for (auto& value : values) value = normal(random);
  return UnitVector::along(values);
}

// What rounding the row loses: the query that feels it most.
UnitVector lost(const UnitVector& row) {
  const auto bytes = rounded(row, row.dimensions());
  Values values;
  for (std::size_t i = 0; i < row.dimensions(); ++i)
    values.push_back(row.values()[i] - bytes.row.scale * static_cast<float>(bytes.bytes[i]));
  return UnitVector::along(values);
}

TEST(ByteVectors, TheErrorIsTheLengthOfWhatIsLost) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    const auto row = random_vector(random, 2 + random() % 600);
    const auto bytes = rounded(row, row.dimensions());
    long double sum = 0;
    int greatest = 0;
    for (std::size_t at = 0; at < row.dimensions(); ++at) {
      const auto back = static_cast<long double>(bytes.row.scale) * bytes.bytes[at];
      sum += (row.values()[at] - back) * (row.values()[at] - back);
      greatest = std::max(greatest, std::abs(int{bytes.bytes[at]}));
    }
    ASSERT_EQ(greatest, 127);
    ASSERT_GE(bytes.row.error, std::sqrt(sum)) << i;
    ASSERT_LE(bytes.row.error, std::sqrt(sum) * 1.00001L + 1e-11L) << i;
  }
}

TEST(ByteVectors, TheCosineIsWithinTheBounds) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 3'000; ++i) {
    const auto dimensions = 1 + random() % (i % 20 == 0 ? limits::dimensions : 200);
    const auto row = random_vector(random, dimensions);
    const auto query = random_vector(random, dimensions);
    ASSERT_LE(std::abs(share_of_bounds(row, query)), 1) << i;
    ASSERT_LE(std::abs(share_of_bounds(row, row)), 1) << i;
  }
}

// The query points where all that rounding lost does: nine tenths of the bounds are needed, and they are enough.
TEST(ByteVectors, TheBoundsHoldWhereTheyAreTight) {
  std::mt19937_64 random(3);
  double most = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto row = random_vector(random, 16 + random() % 400);
    const auto share = share_of_bounds(row, lost(row));
    ASSERT_LE(std::abs(share), 1) << i;
    most = std::max(most, std::abs(share));
  }
  EXPECT_GT(most, 0.9);
}

// Rows and queries that rounding to bytes loses nothing of: all that is left is how floats and millionths are rounded.
TEST(ByteVectors, TheBoundsHoldWhereBytesLoseNothing) {
  std::mt19937_64 random(4);
  double of_millionths = 0, of_floats = 0;
  for (int i = 0; i < 2'000; ++i) {
    Values row(i % 2 == 0 ? 256 : 2'000 + random() % 2'000), query(row.size(), 1.0F);
    // Of 256 numbers of 1/16 each product is exact, and an odd number of 128ths is half of a millionth.
    for (auto& value : row) value = random() % (i % 2 == 0 ? 2 : 9) == 0 ? -1.0F : 1.0F;
    const auto share = std::abs(share_of_bounds(UnitVector::along(row), UnitVector::along(query)));
    ASSERT_LE(share, 1) << i;
    (i % 2 == 0 ? of_millionths : of_floats) = std::max(i % 2 == 0 ? of_millionths : of_floats, share);
  }
  EXPECT_GT(of_millionths, 0.2);
  EXPECT_GT(of_floats, 0.1);
  // Half a millionth, and a product and four additions of floats, of one number.
  const auto bounds = ByteQuery(UnitVector::along(Values{1})).bounds(0, {1.0F / 127, 0});
  EXPECT_GT(bounds.most - bounds.least, 2 * (0.5 + 5e6 / (1 << 24)));
  EXPECT_LT(bounds.most - bounds.least, 2 * (0.502 + 5e6 / (1 << 24)));
}

TEST(ByteVectors, WhatIsBroughtBackIsWithinTheBounds) {
  for (std::size_t dimensions = 1; dimensions <= limits::dimensions; dimensions += 1 + dimensions / 7) {
    const auto one = UnitVector::along(Values(dimensions, 0.3F));
    const auto other = UnitVector::along(Values(dimensions, -0.3F));
    EXPECT_LE(std::abs(share_of_bounds(one, one)), 1) << dimensions;
    EXPECT_LE(std::abs(share_of_bounds(one, other)), 1) << dimensions;
  }
  const ByteQuery query(UnitVector::along(Values{1, 2}));
  const ByteRow exact{1.0F / 127, 0};
  EXPECT_EQ(query.bounds(1'000'000, exact).least, 1e6);
  EXPECT_EQ(query.bounds(-1'000'000, exact).most, -1e6);
}

}  // namespace
}  // namespace claimledger::search
