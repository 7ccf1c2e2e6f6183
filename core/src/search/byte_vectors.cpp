#include "search/byte_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "claimledger/limits.hpp"
#include "search/dot_kernels.hpp"

namespace claimledger::search {
namespace {

constexpr int most_of_row = 127;
constexpr int most_of_query = 4'096;
static_assert(std::int64_t{most_of_row} * most_of_query * limits::dimensions <=
                  std::numeric_limits<std::int32_t>::max(),
              "a product of a row and a query is within 31 bits, and so is each part of it");

float greatest(std::span<const float> values) {
  float greatest = 0;
  for (const float value : values) greatest = std::max(greatest, std::abs(value));
  return greatest;
}

// Writes values / scale, rounded, and gives the length of what is lost by that, or a little more: doubles are wrong by
// less than 2^-40 of it, and by 2^-50 where numbers cancel; more is added.
template <class Number>
double round_by(double scale, std::span<const float> values, Number* numbers) {
  double sum = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const auto exact = double{values[at]} / scale;
    const auto number = static_cast<Number>(exact + (exact < 0 ? -0.5 : 0.5));
    numbers[at] = number;
    const auto lost = double{values[at]} - scale * number;
    sum += lost * lost;
  }
  return std::sqrt(sum) * (1 + 1e-9) + 1e-12;
}

}  // namespace

ByteRow round_to_bytes(std::span<const float> row, std::int8_t* bytes) {
  // Not far below 1/64, the least that the greatest of 4,096 numbers can be; so nothing here is beyond the floats.
  const float scale = greatest(row) / most_of_row;
  const auto error = round_by(double{scale}, row, bytes);
  // A float may be less than the double by 2^-24 of it.
  return {scale, static_cast<float>(error * (1 + 1e-6))};
}

// Why a cosine lies within its bounds. Let r be the row and q the query; s·c what the row was rounded to, and t·d the
// query, with e = r - s·c and f = q - t·d. Then
//
//     q·r  =  st c·d  +  f·(s·c)  +  q·e
//
// where c·d is the exact product of integers, and by Cauchy and Schwarz
//
//     |q·r - st c·d|  <=  |f| |s·c| + |q| |e|  <=  |f| (N + |e|) + N |e|  =  |f| N + (N + |f|) |e|
//
// with N = 1 + tolerance, the most that a unit vector's length is. The cosine is not of q·r, but of the sum in floats.
// Each product goes through one rounding and then as many additions as its lane still has, at most L - 1 of L = width /
// 16, and four more: each wrong by u = 2^-24 of its result at most. So it is off by (L + 4) u (1 + tiny) times the sum
// of |q_i r_i|, which is at most N². Products below the normal floats are wrong by 2^-150 each; additions there are
// exact. In millionths this is rounded, which is half of one; the doubles here are wrong by less than 2^-30 of one. A
// thousandth stands for both, and for tiny. Clamping changes no order; bounds() does it likewise.
ByteQuery::ByteQuery(const UnitVector& query)
    : numbers_((query.dimensions() + byte_lanes - 1) / byte_lanes * byte_lanes) {
  constexpr double most_length = 1 + UnitVector::tolerance;
  constexpr double unit_of_rounding = 1.0 / (1 << 24);
  const auto unit = double{greatest(query.values())} / most_of_query;
  const auto error = round_by(unit, query.values(), numbers_.data());
  const auto sums = query.lanes().size() / float_lanes;
  const auto roundings = static_cast<double>(sums + 4);
  scale_ = unit * 1e6;
  slack_ = (error * most_length + roundings * unit_of_rounding * most_length * most_length) * 1e6 + 0.5 + 0.001;
  slack_of_error_ = (most_length + error) * 1e6;
}

}  // namespace claimledger::search
