#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Dot products, written once for each set of instructions that processors have, and equal to the last bit: what a
// vector is near to does not depend on the machine that looks.
namespace claimledger::search {

// Rows are filled up with zeros to a whole number of these: one cache line each.
inline constexpr std::size_t float_lanes = 16;
inline constexpr std::size_t byte_lanes = 64;

// Reads need no alignment; those of rows that begin at a cache line are the fastest.
struct DotKernels {
  const char* name;

  // Sixteen sums, of which the i-th takes the products at i, i + 16, i + 32 …, one after the other; then halves are
  // added, the i-th to the one eight further, four, two and one further. Each operation is rounded by itself, and none
  // is fused. Zeros after the end change no bit: no sum is ever -0 (it begins as +0, and rounding to nearest makes -0
  // of nothing but two -0), and adding a zero to anything else gives that.
  //
  // Sums are floats: double ones would take half the lanes, and tell apart what no model does. They are wrong by at
  // most 2 millionths at 384 dimensions; a model that was trained in 16 bits knows its own numbers to thousandths.
  //
  // `count` is a multiple of float_lanes. In the usual floating-point environment: to nearest, with denormals.
  float (*floats)(const float* one, const float* other, std::size_t count);

  // Exact where no sum of some of the products is beyond 31 bits. `count` is a multiple of byte_lanes.
  std::int32_t (*bytes)(const std::int8_t* row, const std::int16_t* query, std::size_t count);
};

// All that this machine can run, the fastest last.
std::span<const DotKernels> runnable_dot_kernels();
// The fastest of them.
const DotKernels& dot_kernels();

}  // namespace claimledger::search
