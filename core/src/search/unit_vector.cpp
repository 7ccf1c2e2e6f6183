#include "search/unit_vector.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "ensure.hpp"
#include "search/dot_kernels.hpp"

namespace claimledger::search {
namespace {

constexpr std::size_t float_bytes = 4;

// In doubles and in this order. A float's square is a double without loss of range: the least is 2^-298, and 4,096 of
// the greatest are below 2^268.
double square_of_length(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return sum;
}

std::size_t first_not_finite(std::span<const float> values) {
  const auto found = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
  return static_cast<std::size_t>(found - values.begin());
}

void put(Bytes& bytes, float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
}

float float_at(std::string_view bytes, std::size_t place) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < float_bytes; ++i)
    bits |= std::uint32_t{static_cast<std::uint8_t>(bytes[place * float_bytes + i])} << (8 * i);
  return std::bit_cast<float>(bits);
}

[[noreturn]] void refuse(const std::string& why) { throw StoreFailure(FailureKind::corrupt, "decode vector", why); }

}  // namespace

UnitVector::UnitVector(std::uint32_t dimensions)
    : dimensions_(dimensions), lanes_((dimensions + float_lanes - 1) / float_lanes * float_lanes) {
  ensure(dimensions >= 1 && dimensions <= limits::dimensions, "a vector has 1 to 4,096 dimensions");
}

std::optional<std::string> UnitVector::refusal(std::span<const float> values, std::uint32_t dimensions) {
  ensure(dimensions >= 1 && dimensions <= limits::dimensions, "a model has 1 to 4,096 dimensions");
  if (values.size() != dimensions)
    return "has " + std::to_string(values.size()) + " numbers; the model has " + std::to_string(dimensions) +
           " dimensions";
  if (const auto place = first_not_finite(values); place < values.size())
    return std::string("is ") + (std::isnan(values[place]) ? "NaN" : "infinite") + " at " + std::to_string(place) +
           " (counted from 0); every number must be finite";
  if (std::ranges::all_of(values, [](float value) { return value == 0; }))
    return "is zero everywhere; it must point somewhere";
  return std::nullopt;
}

UnitVector UnitVector::along(std::span<const float> values) {
  const auto dimensions = static_cast<std::uint32_t>(std::min<std::size_t>(values.size(), limits::dimensions + 1));
  UnitVector unit(dimensions);
  const auto length = std::sqrt(square_of_length(values));
  ensure(std::isfinite(length) && length > 0, "a vector that is refused points nowhere");
  std::ranges::transform(values, unit.lanes_.begin(),
                         [&](float value) { return static_cast<float>(double{value} / length); });
  return unit;
}

Bytes UnitVector::bytes() const {
  Bytes bytes;
  bytes.reserve(dimensions_ * float_bytes);
  for (const float value : values()) put(bytes, value);
  return bytes;
}

UnitVector UnitVector::from_bytes(std::string_view bytes, std::uint32_t dimensions) {
  UnitVector unit(dimensions);
  if (bytes.size() != dimensions * float_bytes)
    refuse("has " + std::to_string(bytes.size()) + " bytes; " + std::to_string(dimensions) + " dimensions take " +
           std::to_string(dimensions * float_bytes));
  for (std::size_t place = 0; place < dimensions; ++place) unit.lanes_[place] = float_at(bytes, place);
  if (const auto place = first_not_finite(unit.values()); place < dimensions)
    refuse("is not finite at " + std::to_string(place));
  if (std::abs(square_of_length(unit.values()) - 1) > tolerance) refuse("is not of length 1");
  return unit;
}

std::int32_t in_millionths(float dot) {
  // Exact: 24 bits times 14 bits and a power of two. So is the half that is added, wherever it decides.
  const auto millionths = std::clamp(double{dot} * 1e6, -1e6, 1e6);
  return static_cast<std::int32_t>(millionths + (millionths < 0 ? -0.5 : 0.5));
}

std::int32_t cosine(const UnitVector& one, const UnitVector& other) {
  ensure(one.dimensions() == other.dimensions(), "vectors of two models are never compared");
  return in_millionths(dot_kernels().floats(one.lanes().data(), other.lanes().data(), one.lanes().size()));
}

}  // namespace claimledger::search
