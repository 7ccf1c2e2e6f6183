#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace claimledger {

// How well something that was found answers a question, in millionths: by words the share of the question's information
// that they cover, by meaning the cosine of the angle between the two (0 from a right angle on). An integer, so that
// equal scores compare equal on every machine. Comparable between filters, agents and positions.
struct Score {
  std::uint32_t millionths = 0;  // 0..1000000

  // Rounds to the nearest millionth, halves away from zero. InvalidInput{field} outside 0..1 (before rounding), and for
  // NaN.
  static Score from(double number, std::string_view field);
  double number() const { return millionths / 1'000'000.0; }

  friend auto operator<=>(const Score&, const Score&) = default;
};

}  // namespace claimledger
