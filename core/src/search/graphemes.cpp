#include "search/graphemes.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace claimledger::search {
namespace {

constexpr std::size_t longest_cluster = 256;

struct CodePoint {
  utf8proc_int32_t value = 0xFFFD;  // of a byte that is not UTF-8
  std::size_t bytes = 1;
};

CodePoint code_point_at(std::string_view text, std::size_t at) {
  CodePoint found;
  utf8proc_int32_t value = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  if (length > 0) found = {value, static_cast<std::size_t>(length)};
  return found;
}

// A place at or before `at` where a cluster begins: after an ASCII letter or blank, or far enough away.
std::size_t safe_start(std::string_view text, std::size_t at) {
  const auto least = at - std::min(at, longest_cluster);
  auto start = at;
  const auto is_plain = [&](std::size_t i) { return text[i] == ' ' || (text[i] >= 'a' && text[i] <= 'z'); };
  while (start > least && !(start < text.size() && is_plain(start))) --start;
  while (start > 0 && start < at && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) ++start;
  return start;
}

// Calls visit(place) for each break from a safe start before `at` on, in order, until it returns true or the text ends;
// the end of the text is a break as well.
template <class Visit>
void each_break(std::string_view text, std::size_t at, const Visit& visit) {
  auto place = safe_start(text, at);
  if (visit(place)) return;
  utf8proc_int32_t state = 0;
  auto cluster = place;
  while (place < text.size()) {
    const auto here = code_point_at(text, place);
    place += here.bytes;
    const bool broken = place >= text.size() ||
                        utf8proc_grapheme_break_stateful(here.value, code_point_at(text, place).value, &state) ||
                        place - cluster >= longest_cluster;
    if (!broken) continue;
    cluster = place;
    if (visit(place)) return;
  }
}

}  // namespace

std::size_t break_from(std::string_view text, std::size_t at) {
  auto found = text.size();
  each_break(text, at, [&](std::size_t place) {
    if (place < at) return false;
    found = place;
    return true;
  });
  return found;
}

std::size_t break_up_to(std::string_view text, std::size_t at) {
  std::size_t found = 0;
  each_break(text, at, [&](std::size_t place) {
    if (place > at) return true;
    found = place;
    return place == at;
  });
  return found;
}

}  // namespace claimledger::search
