#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace claimledger {

// How sure the speaker is, in basis points: an integer, so that equal confidences compare equal on every machine.
struct Confidence {
  std::int32_t basis_points = 10'000;  // 0..10000

  // Rounds to the nearest 1/10000, halves away from zero. InvalidInput{field} outside 0..1 (before rounding), and for
  // NaN.
  static Confidence from(double number, std::string_view field);
  double number() const { return basis_points / 10'000.0; }

  friend auto operator<=>(const Confidence&, const Confidence&) = default;
};

}  // namespace claimledger
