#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace claimledger {

// Bytes as they are stored and hashed; not text.
using Bytes = std::string;

// A SHA-256 digest (FIPS 180-4).
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;  // 64 lower-case digits
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  // Exactly 32 bytes, otherwise StoreFailure{corrupt}.
  static Digest from_bytes(std::string_view raw);
  // What hex() wrote, otherwise InvalidInput{field}.
  static Digest from_hex(std::string_view text, std::string_view field);

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// SHA-256 of the parts, one after the other.
Digest sha256(std::initializer_list<std::string_view> parts);

}  // namespace claimledger
