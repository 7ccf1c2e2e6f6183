#pragma once

#include <cstdint>
#include <string_view>

namespace claimledger {

// FNV-1a of 64 bits (draft-eastlake-fnv). It finds accidents, not forgers.
class Fnv {
 public:
  void add(std::string_view bytes) {
    for (const auto byte : bytes) add(static_cast<unsigned char>(byte));
  }
  void add(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3U; }

  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

}  // namespace claimledger
