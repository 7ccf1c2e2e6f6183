#include "search/unit_vector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::search {
namespace {

using Values = std::vector<float>;
using Limits = std::numeric_limits<float>;

Values values_of(const UnitVector& vector) { return {vector.values().begin(), vector.values().end()}; }

std::string refusal(const Values& values, std::uint32_t dimensions) {
  return UnitVector::refusal(values, dimensions).value_or("nothing");
}

std::string failure_of(const Bytes& bytes, std::uint32_t dimensions) {
  try {
    UnitVector::from_bytes(bytes, dimensions);
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    return failure.detail();
  }
  return "nothing";
}

TEST(UnitVector, PointsWhereTheModelsVectorDoes) {
  EXPECT_EQ(values_of(UnitVector::along(Values{3, 4})), (Values{0.6F, 0.8F}));
  EXPECT_EQ(values_of(UnitVector::along(Values{-0.03F})), (Values{-1}));
  EXPECT_EQ(values_of(UnitVector::along(Values{0, 0, 1e-30F})), (Values{0, 0, 1}));
}

// Never to change: what is filed is compared with what is asked in ten years.
TEST(UnitVector, IsTheSameForEver) {
  const auto vector = UnitVector::along(Values{1, -2, 3, 0.1F});
  EXPECT_EQ(vector.bytes(), Bytes("\xF6\xC9\x88\x3E\xF6\xC9\x08\xBF\xF1\x2E\x4D\x3F\xBD\xDC\xDA\x3C", 16));
}

TEST(UnitVector, EveryFiniteVectorThatIsNotZeroHasADirection) {
  constexpr auto greatest = Limits::max(), least = Limits::denorm_min();
  EXPECT_EQ(values_of(UnitVector::along(Values(4, greatest))), Values(4, 0.5F));
  EXPECT_EQ(values_of(UnitVector::along(Values(4, -least))), Values(4, -0.5F));
  EXPECT_EQ(values_of(UnitVector::along(Values(limits::dimensions, greatest))), Values(limits::dimensions, 0x1p-6F));
  EXPECT_EQ(values_of(UnitVector::along(Values(limits::dimensions, least))), Values(limits::dimensions, 0x1p-6F));
  EXPECT_EQ(values_of(UnitVector::along(Values{greatest, least})), (Values{1, 0}));
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    Values values(1 + random() % 400);
    for (auto& value : values)
      value = std::ldexp(static_cast<float>(random() % 2'001) - 1'000, static_cast<int>(random() % 250) - 149);
    values.front() = least;
    const auto unit = UnitVector::along(values);
    long double sum = 0;
    for (const auto value : unit.values()) sum += static_cast<long double>(value) * value;
    ASSERT_NEAR(static_cast<double>(std::sqrt(sum)), 1, 1e-7) << i;
    ASSERT_EQ(values_of(UnitVector::from_bytes(unit.bytes(), unit.dimensions())), values_of(unit)) << i;
  }
}

TEST(UnitVector, SaysWhyAVectorIsRefused) {
  EXPECT_EQ(refusal({1, 2, 3}, 3), "nothing");
  EXPECT_EQ(refusal({1, 2, 3}, 4), "has 3 numbers; the model has 4 dimensions");
  EXPECT_EQ(refusal({}, 1), "has 0 numbers; the model has 1 dimensions");
  EXPECT_EQ(refusal(Values(limits::dimensions + 1, 1), limits::dimensions),
            "has 4097 numbers; the model has 4096 dimensions");
  EXPECT_EQ(refusal({1, Limits::quiet_NaN(), Limits::infinity()}, 3),
            "is NaN at 1 (counted from 0); every number must be finite");
  EXPECT_EQ(refusal({1, 2, -Limits::infinity()}, 3), "is infinite at 2 (counted from 0); every number must be finite");
  EXPECT_EQ(refusal({0, -0.0F, 0}, 3), "is zero everywhere; it must point somewhere");
  EXPECT_EQ(refusal({0, -0.0F, Limits::denorm_min()}, 3), "nothing");
}

TEST(UnitVector, BytesThatItCannotHaveMadeAreCorrupt) {
  const auto bytes = UnitVector::along(Values{3, 4}).bytes();
  EXPECT_EQ(failure_of(bytes, 2), "nothing");
  EXPECT_EQ(failure_of(bytes, 3), "has 8 bytes; 3 dimensions take 12");
  EXPECT_EQ(failure_of(bytes.substr(1), 2), "has 7 bytes; 2 dimensions take 8");
  EXPECT_EQ(failure_of("", 1), "has 0 bytes; 1 dimensions take 4");
  EXPECT_EQ(failure_of(bytes.substr(4) + bytes.substr(4), 2), "is not of length 1");
  EXPECT_EQ(failure_of(Bytes(8, '\0'), 2), "is not of length 1");
  EXPECT_EQ(failure_of(bytes.substr(0, 4) + Bytes("\0\0\xC0\x7F", 4), 2), "is not finite at 1");
  EXPECT_EQ(failure_of(Bytes("\0\0\x80\xFF", 4) + bytes.substr(4), 2), "is not finite at 0");
}

TEST(Cosine, IsTheNearestMillionth) {
  EXPECT_EQ(in_millionths(0.5F), 500'000);
  EXPECT_EQ(in_millionths(0x1p-7F), 7'813);  // 7,812.5: halves away from zero
  EXPECT_EQ(in_millionths(-0x1p-7F), -7'813);
  EXPECT_EQ(in_millionths(std::nextafter(0x1p-7F, 0.0F)), 7'812);
  EXPECT_EQ(in_millionths(std::nextafter(-0x1p-7F, 0.0F)), -7'812);
  EXPECT_EQ(in_millionths(-0.0F), 0);
  EXPECT_EQ(in_millionths(Limits::denorm_min()), 0);
  EXPECT_EQ(in_millionths(-4e-7F), 0);
  EXPECT_EQ(in_millionths(std::nextafter(1.0F, 0.0F)), 1'000'000);
  EXPECT_EQ(in_millionths(1.001F), 1'000'000);
  EXPECT_EQ(in_millionths(-1.001F), -1'000'000);
}

TEST(Cosine, NeverFallsAsTheProductRises) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<float> any(-1.01F, 1.01F);
  for (int i = 0; i < 100'000; ++i) {
    const auto dot = any(random);
    ASSERT_LE(in_millionths(dot), in_millionths(std::nextafter(dot, 2.0F))) << dot;
    ASSERT_EQ(in_millionths(-dot), -in_millionths(dot)) << dot;
  }
}

TEST(Cosine, OfTheSameIsAMillionAndOfTheOppositeTheLeast) {
  std::mt19937_64 random(3);
  std::normal_distribution<float> normal;
  for (std::uint32_t dimensions = 1; dimensions <= limits::dimensions; dimensions += 1 + dimensions / 3) {
    Values values(dimensions);
    for (auto& value : values) value = normal(random);
    const auto one = UnitVector::along(values);
    for (auto& value : values) value *= -2;
    EXPECT_NEAR(cosine(one, one), 1'000'000, 1) << dimensions;
    EXPECT_EQ(cosine(one, UnitVector::along(values)), -cosine(one, one)) << dimensions;
  }
}

}  // namespace
}  // namespace claimledger::search
