#pragma once

#include <cstdint>
#include <span>
#include <string>

// The format of arrays that numpy reads, version 1.0:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
namespace claimledger::cli {

// What stands before the numbers of a table of floats, row by row: a multiple of 64 bytes, so that they may be mapped.
std::string npy_header(std::uint64_t rows, std::uint32_t columns);

// A row of it: each number as a float of 4 bytes, the least significant first.
std::string npy_row(std::span<const float> numbers);

}  // namespace claimledger::cli
