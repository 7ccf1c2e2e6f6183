#include "search/characters.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "ensure.hpp"

namespace claimledger::search {
namespace {

struct Range {
  char32_t first, last;
};

template <std::size_t n>
bool within(const std::array<Range, n>& ranges, char32_t code_point) {
  const auto after = std::ranges::upper_bound(ranges, code_point, {}, &Range::first);
  return after != ranges.begin() && code_point <= std::prev(after)->last;
}

// Scripts whose words are not told apart by spaces; and Hangul, whose particles are written onto the word.
constexpr std::array unspaced_scripts = {
    Range{0x0E00, 0x0EFF},    // Thai, Lao
    Range{0x1000, 0x109F},    // Myanmar
    Range{0x1100, 0x11FF},    // Hangul, in parts
    Range{0x1780, 0x17FF},    // Khmer
    Range{0x1950, 0x19DF},    // Tai Le, New Tai Lue
    Range{0x1A20, 0x1AAF},    // Tai Tham
    Range{0x2E80, 0x2FDF},    // radicals
    Range{0x3005, 0x3007},    // iteration marks and the zero of Han
    Range{0x3021, 0x3029},    // numerals
    Range{0x3031, 0x3035},    // kana repeat marks
    Range{0x3038, 0x303C},    // numerals and marks
    Range{0x3041, 0x318F},    // kana, Bopomofo, Hangul
    Range{0x31A0, 0x31BF},    // Bopomofo
    Range{0x31F0, 0x31FF},    // kana
    Range{0x3400, 0x4DBF},    // Han
    Range{0x4E00, 0x9FFF},    // Han
    Range{0xA960, 0xA97F},    // Hangul, in parts
    Range{0xA9E0, 0xA9FF},    // Myanmar
    Range{0xAA60, 0xAADF},    // Myanmar, Tai Viet
    Range{0xAC00, 0xD7FF},    // Hangul
    Range{0xF900, 0xFAFF},    // Han
    Range{0xFF66, 0xFFDC},    // kana and Hangul of half width
    Range{0x16FE0, 0x18D8F},  // iteration marks, Tangut, Khitan
    Range{0x1AFF0, 0x1B2FF},  // kana, Nushu
    Range{0x20000, 0x3FFFF},  // Han
};

// Letters by category that continue a syllable, or voice one, so that they are no character of their own.
constexpr std::array continuing = {
    Range{0x1160, 0x11FF},  // vowels and ends of Hangul
    Range{0xD7B0, 0xD7FF},  // likewise
    Range{0xFF9E, 0xFF9F},  // voicing of half width
};

// Marks that are left out as often as not.
constexpr std::array optional_marks = {
    Range{0x0300, 0x036F}, Range{0x0591, 0x05BD}, Range{0x05BF, 0x05BF}, Range{0x05C1, 0x05C2},
    Range{0x05C4, 0x05C5}, Range{0x05C7, 0x05C7}, Range{0x0640, 0x0640}, Range{0x064B, 0x065F},
    Range{0x0670, 0x0670}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x20D0, 0x20FF},
};

constexpr char32_t zero_width_space = 0x200B;  // stands between words where scripts have no other space
constexpr char32_t breve = 0x0306;
constexpr char32_t diaeresis = 0x0308;
constexpr char32_t cyrillic_e = 0x0435;

bool is_cyrillic(char32_t code_point) { return code_point >= 0x0400 && code_point <= 0x052F; }

// The short i and u and the Ukrainian yi are letters of their own; what is written over an e is left out by most.
bool makes_another_letter(char32_t base, char32_t mark) {
  return is_cyrillic(base) && (mark == breve || (mark == diaeresis && base != cyrillic_e));
}

// Letters that Unicode does not take apart. Empty for others.
std::u32string_view plain_letters(char32_t code_point) {
  switch (code_point) {
    case 0x00E6:
      return U"ae";
    case 0x00F0:
    case 0x0111:
      return U"d";
    case 0x00F8:
      return U"o";
    case 0x00FE:
      return U"th";
    case 0x0127:
      return U"h";
    case 0x0131:
      return U"i";
    case 0x0142:
      return U"l";
    case 0x0153:
      return U"oe";
    case 0x0167:
      return U"t";
    case 0x2019:  // the apostrophe as printers set it
      return U"'";
    default:
      return {};
  }
}

constexpr CharacterKind ascii_kind(char byte) {
  if ((byte >= 'a' && byte <= 'z')) return CharacterKind::lower;
  if ((byte >= 'A' && byte <= 'Z')) return CharacterKind::upper;
  if ((byte >= '0' && byte <= '9')) return CharacterKind::digit;
  return byte == '$' ? CharacterKind::symbol : CharacterKind::separator;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

CharacterKind kind_of_letter(char32_t code_point) {
  if (within(continuing, code_point)) return CharacterKind::mark;
  return within(unspaced_scripts, code_point) ? CharacterKind::unspaced : CharacterKind::lower;
}

const utf8proc_uint8_t* bytes(std::string_view text) { return reinterpret_cast<const utf8proc_uint8_t*>(text.data()); }

// The code points of a text, taken apart as `options` say.
std::vector<utf8proc_int32_t> decomposed(std::string_view text, utf8proc_option_t options) {
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  std::vector<utf8proc_int32_t> code_points(text.size() + 1);
  while (true) {
    const auto room = static_cast<utf8proc_ssize_t>(code_points.size());
    const auto needed = utf8proc_decompose(bytes(text), size, code_points.data(), room, options);
    if (needed == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    ensure(needed >= 0, "only UTF-8 is folded");
    code_points.resize(static_cast<std::size_t>(needed));
    if (needed <= room) return code_points;
  }
}

// Puts them together again.
std::string composed(std::vector<utf8proc_int32_t> code_points, utf8proc_option_t options) {
  const auto count = utf8proc_normalize_utf32(code_points.data(), static_cast<utf8proc_ssize_t>(code_points.size()),
                                              static_cast<utf8proc_option_t>(options | UTF8PROC_COMPOSE));
  ensure(count >= 0, "what was taken apart is put together");
  std::string text;
  std::array<utf8proc_uint8_t, 4> encoded{};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const auto length = utf8proc_encode_char(code_points[i], encoded.data());
    text.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
  }
  return text;
}

}  // namespace

CharacterKind kind_by_library(char32_t code_point) {
  if (code_point == zero_width_space) return CharacterKind::separator;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
      return CharacterKind::upper;
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return kind_of_letter(code_point);
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return within(unspaced_scripts, code_point) && code_point >= 0x3000 ? CharacterKind::unspaced
                                                                          : CharacterKind::digit;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
      return CharacterKind::mark;
    case UTF8PROC_CATEGORY_SO:
      return within(unspaced_scripts, code_point) ? CharacterKind::unspaced : CharacterKind::symbol;
    case UTF8PROC_CATEGORY_SC:
      return CharacterKind::symbol;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
      break;
  }
  return CharacterKind::separator;
}

Character character_at(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80) return {ascii_kind(text[at]), 1};
  utf8proc_int32_t code_point = 0;
  const auto left = static_cast<utf8proc_ssize_t>(text.size() - at);
  const auto length = utf8proc_iterate(bytes(text) + at, left, &code_point);
  if (length <= 0) return {CharacterKind::separator, 1};
  return {kind_by_library(static_cast<char32_t>(code_point)), static_cast<std::size_t>(length)};
}

std::size_t cut_at_character(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  // A character has at most three bytes after its first.
  for (auto at = most; at + 3 >= most; --at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) return at;
    if (at == 0) break;
  }
  return most;
}

std::string folded_by_library(std::string_view text) {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                                          UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  return composed(decomposed(text, options), UTF8PROC_STABLE);
}

std::string folded(std::string_view text) {
  if (!is_ascii(text)) return folded_by_library(text);
  std::string lower(text);
  for (auto& byte : lower)
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  return lower;
}

std::string without_marks_by_library(std::string_view folded) {
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
  std::vector<utf8proc_int32_t> kept;
  char32_t base = 0;
  for (const auto each : decomposed(folded, options)) {
    const auto code_point = static_cast<char32_t>(each);
    if (within(optional_marks, code_point)) {
      if (makes_another_letter(base, code_point)) kept.push_back(each);
      continue;
    }
    base = code_point;
    const auto plain = plain_letters(code_point);
    if (plain.empty()) kept.push_back(each);
    for (const auto letter : plain) kept.push_back(static_cast<utf8proc_int32_t>(letter));
  }
  return composed(std::move(kept), UTF8PROC_STABLE);
}

std::string without_marks(std::string_view folded) {
  return is_ascii(folded) ? std::string(folded) : without_marks_by_library(folded);
}

}  // namespace claimledger::search
