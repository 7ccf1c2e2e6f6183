#include "wiring/hidden.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace claimledger::wiring {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode's categories Cc, Cf, Zl, Zp, its default-ignorable code points, and of Zs what has the width of a blank, or
// of nothing. U+FE0E and U+FE0F are told apart by what they stand behind.
constexpr std::array<Range, 33> ranges = {
    {{0x00, 0x1F},       {0x7F, 0xA0},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x600, 0x605},
     {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
     {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},
     {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},   {0x3164, 0x3164},   {0xFE00, 0xFE0D},
     {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},
     {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159}, {0x1D173, 0x1D17A},
     {0xE0000, 0xE00FF}, {0xE0100, 0xE01EF}, {0xE01F0, 0xE0FFF}}};

// What U+FE0E and U+FE0F make a picture of, or a sign of: blocks with emoji in them (emoji-variation-sequences.txt).
// Behind anything else they draw nothing, and may carry a message of their own.
constexpr std::array<Range, 12> drawn_two_ways = {{{0xA9, 0xA9},
                                                   {0xAE, 0xAE},
                                                   {0x203C, 0x203C},
                                                   {0x2049, 0x2049},
                                                   {0x2122, 0x2122},
                                                   {0x2139, 0x2139},
                                                   {0x2190, 0x21FF},
                                                   {0x2300, 0x27BF},
                                                   {0x2900, 0x2BFF},
                                                   {0x3030, 0x303D},
                                                   {0x3297, 0x3299},
                                                   {0x1F000, 0x1FAFF}}};

template <std::size_t size>
bool within(const std::array<Range, size>& sorted, char32_t code) {
  const auto after = std::upper_bound(sorted.begin(), sorted.end(), code,
                                      [](char32_t one, const Range& range) { return one < range.first; });
  return after != sorted.begin() && code <= std::prev(after)->last;
}

constexpr Character no_character{0xFFFF, 1, true};

Character decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return no_character;
  auto code = static_cast<char32_t>(first & (0xFFU >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return no_character;
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return too_long || surrogate || code > 0x10FFFF ? no_character : Character{code, length};
}

char32_t code_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 4) {
    --begin;
    if ((static_cast<unsigned char>(text[begin]) & 0xC0U) != 0x80U) break;
  }
  return begin < at ? decode(text, begin).code : 0;
}

// Whether U+FE0E or U+FE0F at this place does what it is for: behind a picture, or in a key's cap, as 1 U+FE0F U+20E3.
bool chooses_a_picture(std::string_view text, std::size_t at, std::size_t bytes) {
  constexpr char32_t key_cap = 0x20E3;
  const auto before = code_before(text, at);
  const bool key = (before >= '0' && before <= '9') || before == '#' || before == '*';
  if (key) return at + bytes < text.size() && decode(text, at + bytes).code == key_cap;
  return within(drawn_two_ways, before);
}

void append_unit(std::string& out, char32_t unit) {
  char escape[12];
  std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(unit));
  out += escape;
}

void append_visible(std::string& out, char32_t code) {
  char escape[12];
  std::snprintf(escape, sizeof escape, "\\u{%x}", static_cast<unsigned>(code));
  out += escape;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
  auto found = decode(text, at);
  const bool selector = found.code == 0xFE0E || found.code == 0xFE0F;
  found.hidden = selector ? !chooses_a_picture(text, at, found.bytes) : within(ranges, found.code);
  return found;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto found = character_at(text, at);
    if (found.hidden)
      append_visible(out, found.code);
    else
      out.append(text.substr(at, found.bytes));
    at += found.bytes;
  }
  return out;
}

std::string without_hidden(std::string json) {
  const auto suspicious = [](char c) { return static_cast<unsigned char>(c) >= 0x7F; };
  if (std::none_of(json.begin(), json.end(), suspicious)) return json;
  std::string out;
  out.reserve(json.size() + 16);
  for (std::size_t at = 0; at < json.size();) {
    const auto found = character_at(json, at);
    if (!found.hidden) {
      out.append(json, at, found.bytes);
    } else if (found.code > 0xFFFF) {
      append_unit(out, 0xD800 + ((found.code - 0x10000) >> 10));
      append_unit(out, 0xDC00 + ((found.code - 0x10000) & 0x3FF));
    } else {
      append_unit(out, found.code);
    }
    at += found.bytes;
  }
  return out;
}

}  // namespace claimledger::wiring
