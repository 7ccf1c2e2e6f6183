#include "claimledger/domain/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

std::int32_t points(double number) { return Confidence::from(number, "confidence").basis_points; }

TEST(Confidence, IsRoundedToATenThousandth) {
  EXPECT_EQ(points(0), 0);
  EXPECT_EQ(points(1), 10'000);
  EXPECT_EQ(points(0.7), 7'000);
  EXPECT_EQ(points(0.69994), 6'999);
  EXPECT_EQ(points(0.69996), 7'000);
  EXPECT_EQ(points(0.00004), 0);
  EXPECT_EQ(points(-0.0), 0);
}

TEST(Confidence, HalvesAreRoundedUp) {
  EXPECT_EQ(points(0.00005), 1);
  EXPECT_EQ(points(0.00025), 3);
  EXPECT_EQ(points(0.99995), 10'000);
}

TEST(Confidence, OutsideZeroToOneIsRefusedBeforeRounding) {
  for (const double number : {-0.00001, 1.00001, 2.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    try {
      Confidence::from(number, "value_confidence");
      ADD_FAILURE() << number;
    } catch (const InvalidInput& refused) {
      EXPECT_EQ(refused.field(), "value_confidence");
    }
  }
}

TEST(Confidence, IsShownAsANumber) { EXPECT_DOUBLE_EQ(Confidence{6'999}.number(), 0.6999); }

}  // namespace
}  // namespace claimledger
