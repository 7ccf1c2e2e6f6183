#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/digest.hpp"

// Where texts point, and how near two of them point: the same on every machine, to the last bit.
namespace claimledger::search {

// A vector of 1..limits::dimensions numbers whose length is 1, as nearly as floats allow.
class UnitVector {
 public:
  // Its length is 1 within this.
  static constexpr double tolerance = 1e-6;

  // Why a model's vector cannot be one, in words that follow its name: another width than the model's, NaN or infinite
  // somewhere, zero. Nothing: it can. Needs dimensions of 1..limits::dimensions.
  static std::optional<std::string> refusal(std::span<const float> values, std::uint32_t dimensions);
  // Where `values` point, however long; of those that are not refused. The smallest and the largest floats do as well.
  static UnitVector along(std::span<const float> values);

  // As it is filed: its numbers one after the other, each as a float of 4 bytes, the least significant first.
  Bytes bytes() const;
  // Failure: StoreFailure, corrupt, for bytes that bytes() cannot have made of so many dimensions.
  static UnitVector from_bytes(std::string_view bytes, std::uint32_t dimensions);

  std::uint32_t dimensions() const { return dimensions_; }
  std::span<const float> values() const { return lanes().first(dimensions_); }
  // With zeros after them, up to a whole number of float_lanes.
  std::span<const float> lanes() const { return lanes_; }

 private:
  explicit UnitVector(std::uint32_t dimensions);

  std::uint32_t dimensions_;
  std::vector<float> lanes_;
};

// A dot product of two unit vectors as their cosine in millionths: to the nearest, halves away from zero, and what
// rounding left outside brought back to -1,000,000..1,000,000. Everything is ordered by it: it never falls as `dot`
// rises, and is equal where a model could hardly tell.
std::int32_t in_millionths(float dot);
std::int32_t cosine(const UnitVector& one, const UnitVector& other);

}  // namespace claimledger::search
