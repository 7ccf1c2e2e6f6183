#include "cli/npy.hpp"

#include <bit>

namespace claimledger::cli {

std::string npy_header(std::uint64_t rows, std::uint32_t columns) {
  constexpr std::size_t alignment = 64;
  constexpr std::size_t before = 10;  // what is called it, its version, and how long the rest is
  std::string rest = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                     std::to_string(columns) + "), }";
  rest.append((alignment - (before + rest.size() + 1) % alignment) % alignment, ' ');
  rest += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(rest.size() & 0xffU);
  header += static_cast<char>(rest.size() >> 8U);
  return header + rest;
}

std::string npy_row(std::span<const float> numbers) {
  std::string row;
  row.reserve(sizeof(float) * numbers.size());
  for (const auto number : numbers)
    for (unsigned shift = 0; shift < 32; shift += 8)
      row += static_cast<char>(std::bit_cast<std::uint32_t>(number) >> shift & 0xffU);
  return row;
}

}  // namespace claimledger::cli
