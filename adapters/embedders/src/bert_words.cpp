#include "bert_words.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace claimledger::embedders {
namespace {

struct Range {
  char32_t first, last;
};

// What the reference takes for Han characters. It leaves out a block by mistake (2B820 to 2B91F), and so do we: the
// vocabulary was counted with it.
constexpr std::array han = {
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xF900, 0xFAFF},   Range{0x20000, 0x2A6DF},
    Range{0x2A700, 0x2B73F}, Range{0x2B740, 0x2B81F}, Range{0x2B920, 0x2CEAF}, Range{0x2F800, 0x2FA1F},
};

bool is_han(char32_t character) {
  return std::ranges::any_of(han,
                             [&](const Range& range) { return range.first <= character && character <= range.last; });
}

enum class Kind {
  letter,   // belongs to a word
  alone,    // is one
  blank,    // stands between words
  nothing,  // left out
};

bool is_ascii_punctuation(char32_t character) {
  return (character >= '!' && character <= '/') || (character >= ':' && character <= '@') ||
         (character >= '[' && character <= '`') || (character >= '{' && character <= '~');
}

Kind kind_of_ascii(char32_t character) {
  if (character == ' ' || character == '\t' || character == '\n' || character == '\r') return Kind::blank;
  if (character < ' ' || character == 0x7F) return Kind::nothing;
  return is_ascii_punctuation(character) ? Kind::alone : Kind::letter;
}

// A letter by itself, but a punctuation mark of ASCII once nothing stands over it or through it.
bool becomes_punctuation(char32_t character) {
  return character == 0x1FEF || character == 0x2260 || character == 0x226E || character == 0x226F;
}

Kind kind_of(char32_t character) {
  if (character < 0x80) return kind_of_ascii(character);
  if (character == 0xFFFD) return Kind::nothing;  // stands for bytes that were no character
  if (becomes_punctuation(character)) return Kind::alone;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return Kind::alone;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return Kind::blank;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
      return Kind::nothing;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_CN:  // may be any of these in a later Unicode
      break;
  }
  return is_han(character) ? Kind::alone : Kind::letter;
}

struct Read {
  char32_t character = 0xFFFD;
  std::size_t bytes = 1;
};

// The character at `at`; what is not UTF-8 comes byte by byte, as nothing.
Read read(std::string_view text, std::size_t at) {
  utf8proc_int32_t character = 0;
  const auto* begin = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
  const auto length = utf8proc_iterate(begin, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
  if (length <= 0) return {};
  return {static_cast<char32_t>(character), static_cast<std::size_t>(length)};
}

void append(std::string& word, utf8proc_int32_t character) {
  std::array<utf8proc_uint8_t, 4> encoded{};
  const auto length = utf8proc_encode_char(character, encoded.data());
  word.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
}

// The character in lower case and without what stands over or under it. Taken apart on its own: the order of several
// marks does not matter where none is kept.
void append_plain(std::string& word, char32_t character) {
  if (character < 0x80) {
    word += static_cast<char>(character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character);
    return;
  }
  std::array<utf8proc_int32_t, 32> parts{};  // none has more than four
  int boundary = 0;
  const auto count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts.data(),
                              static_cast<utf8proc_ssize_t>(parts.size()), UTF8PROC_DECOMPOSE, &boundary);
  if (count <= 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) return;
  for (const auto part : std::span(parts).first(static_cast<std::size_t>(count)))
    if (utf8proc_category(part) != UTF8PROC_CATEGORY_MN) append(word, utf8proc_tolower(part));
}

}  // namespace

bool BertWords::next(std::string& word) {
  word.clear();
  while (at_ < text_.size()) {
    const auto [character, bytes] = read(text_, at_);
    const auto kind = kind_of(character);
    const bool ends = kind == Kind::alone || kind == Kind::blank;
    if (ends && !word.empty()) return true;
    at_ += bytes;
    if (kind == Kind::alone || kind == Kind::letter) append_plain(word, character);
    if (kind == Kind::alone && !word.empty()) return true;
  }
  return !word.empty();
}

}  // namespace claimledger::embedders
