#include "posting_bytes.hpp"

#include <cstdint>
#include <limits>

namespace claimledger::sqlite::posting_bytes {

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();

void write(std::uint64_t number, std::string& bytes) {
  for (; number > 0x7F; number >>= 7) bytes += static_cast<char>(number | 0x80);
  bytes += static_cast<char>(number);
}

// Of at most five bytes, which a distance and its bit need.
bool take(std::string_view& bytes, std::uint64_t& number) {
  number = 0;
  for (std::size_t i = 0; i < 5 && i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    number |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte > 0x7F) continue;
    bytes.remove_prefix(i + 1);
    return true;
  }
  return false;
}

}  // namespace

std::string written(std::span<const common::PostingBlock::Other> others) {
  std::string bytes;
  std::uint32_t before = 0;
  for (const auto& [distance, count] : others) {
    const std::uint64_t step = distance - before;
    before = distance;
    write(2 * step + (count == 1 ? 0 : 1), bytes);
    if (count != 1) write(count, bytes);
  }
  return bytes;
}

bool read(std::string_view bytes, std::vector<common::PostingBlock::Other>& others) {
  others.clear();
  std::uint64_t distance = 0;
  while (!bytes.empty()) {
    std::uint64_t step = 0, count = 1;
    if (!take(bytes, step) || (step % 2 == 1 && !take(bytes, count))) return false;
    distance += step / 2;
    if (step < 2 || distance > most || count > most) return false;
    others.push_back({static_cast<std::uint32_t>(distance), static_cast<std::uint32_t>(count)});
  }
  return true;
}

}  // namespace claimledger::sqlite::posting_bytes
