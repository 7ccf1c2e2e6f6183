#include "domain/utf8.hpp"

#include <cstddef>

namespace claimledger {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool between(unsigned char byte, unsigned char low, unsigned char high) { return low <= byte && byte <= high; }

// The length of the well-formed sequence that starts here (Unicode, table 3-7); 0 where there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  const auto left = text.size() - at;
  const auto tail = [&](std::size_t offset) { return between(byte_at(text, at + offset), 0x80, 0xBF); };
  if (between(lead, 0xC2, 0xDF)) return left >= 2 && tail(1) ? 2 : 0;
  if (between(lead, 0xE0, 0xEF)) {
    if (left < 3) return 0;
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
    return between(byte_at(text, at + 1), low, high) && tail(2) ? 3 : 0;
  }
  if (between(lead, 0xF0, 0xF4)) {
    if (left < 4) return 0;
    const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
    return between(byte_at(text, at + 1), low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string_view text_problem(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\0') return "contains NUL";
    const auto length = sequence_length(text, at);
    if (length == 0) return "invalid UTF-8";
    at += length;
  }
  return {};
}

}  // namespace claimledger
