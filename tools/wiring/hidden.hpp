#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace claimledger::wiring {

// The character that begins there, in UTF-8; a byte that is none of UTF-8 stands alone, as U+FFFF.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  // It shows nothing, or other than what it is. These are control characters, which may steer a terminal; those that
  // turn the direction of what follows; those that take no room, so that two texts look the same: zero-width, tag and
  // fill characters, variation selectors but where they choose between text and emoji; separators of lines and
  // paragraphs; and spaces that are not U+0020 but look like it.
  bool hidden = false;
};
Character character_at(std::string_view text, std::size_t at);

// Text that somebody else wrote, safe to show: each hidden character becomes \u{..}.
std::string printable(std::string_view text);

// A JSON document with each of these, which stand in its strings only, as \uXXXX. It means the same.
std::string without_hidden(std::string json);

}  // namespace claimledger::wiring
