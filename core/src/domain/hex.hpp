#pragma once

#include <string>
#include <string_view>

namespace claimledger {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

// Two lower-case digits a byte.
inline std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 0xF];
  }
  return text;
}

}  // namespace claimledger
