#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/unit_vector.hpp"

// Unit vectors rounded to bytes, a quarter of the memory that a scan reads, and what a dot product of such says for
// certain about the cosine of the vectors themselves.
namespace claimledger::search {

// A row is about `scale` times its bytes.
struct ByteRow {
  float scale = 0;
  float error = 0;  // the length of what is lost, or a little more
};
// Of the values of a unit vector. Needs room for as many bytes.
ByteRow round_to_bytes(std::span<const float> row, std::int8_t* bytes);

// The other side of the product: rounded to 13 bits, which a product with a byte has room for, so that what is lost is
// what a row loses.
class ByteQuery {
 public:
  explicit ByteQuery(const UnitVector& query);

  // Up to a whole number of byte_lanes, zeros at the end.
  std::span<const std::int16_t> numbers() const { return numbers_; }

  // Between what the cosine in millionths lies, given the product of these numbers and a row's bytes.
  struct Bounds {
    double least = 0;
    double most = 0;
  };
  Bounds bounds(std::int32_t product, const ByteRow& row) const {
    const auto about = double{row.scale} * scale_ * product;
    const auto off = slack_ + slack_of_error_ * double{row.error};
    // What rounding left outside is brought back in the cosine too.
    return {about - off < 1e6 ? about - off : 1e6, about + off > -1e6 ? about + off : -1e6};
  }

 private:
  std::vector<std::int16_t> numbers_;
  double scale_ = 0;           // a number's unit, in millionths
  double slack_ = 0;           // likewise
  double slack_of_error_ = 0;  // for each unit of a row's error
};

}  // namespace claimledger::search
