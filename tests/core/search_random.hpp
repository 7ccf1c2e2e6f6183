#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

// Random texts for the tests of search: words, identifiers, scripts of all kinds, operators and bytes that are no text.
namespace claimledger::search {

inline constexpr std::array<std::string_view, 64> fragments = {
    "travelling",
    "city",
    "cities",
    "Ada",
    "the",
    "don't",
    "O\u2019Brien",
    "HTTPServer2",
    "snake_case",
    "fooBar",
    "v1.2.3",
    "a/b/c.txt",
    "foo@bar.example",
    "https://example.com/x?y=1",
    "U.S.A.",
    "C++",
    "C#",
    "2024-05-10",
    "caf\u00E9",
    "cafe\u0301",
    "\u0130stanbul",
    "Diyarbak\u0131r",
    "stra\u00DFe",
    "\uFB01ne",
    "\uFF21\uFF22\uFF11",
    "\u6771\u4EAC\u5927\u5B66",
    "\u30AB\u30BF\u30AB\u30CA",
    "\uFF76\uFF9E",
    "\uD55C\uAD6D\uC5B4",
    "\u1112\u1161\u11AB",
    "\u0E20\u0E32\u0E29\u0E32\u0E44\u0E17\u0E22",
    "\u05E9\u05DC\u05D5\u05DD",
    "\u0645\u064F\u062D\u064E\u0645\u0651\u062F",
    "\u0447\u0430\u0439",
    "\u0451\u043B\u043A\u0430",
    "\U0001F44D\U0001F3FD",
    "\U0001F468\u200D\U0001F469\u200D\U0001F467",
    "e\u0301\u0302\u0303\u0304",
    "so\u00ADft",
    "\u200B",
    "\u202E",
    "\xFF",
    "\xC3",
    "\xED\xA0\x80",
    "\xF8\x88",
    " ",
    " ",
    " ",
    "\n",
    "\"",
    "\u201C",
    "-",
    "*",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "subject:",
    "value:",
    "__",
    "--",
    ".",
    "'s",
};

inline std::string random_text(std::mt19937_64& random, std::size_t most_fragments) {
  std::string text;
  for (auto left = random() % (most_fragments + 1); left > 0; --left) {
    switch (random() % 8) {
      case 0:
        text += static_cast<char>(random() % 256);
        break;
      case 1:
      case 2:
        text += ' ';
        break;
      default:
        text += fragments.at(random() % fragments.size());
    }
  }
  return text;
}

inline std::string random_ascii(std::mt19937_64& random, std::size_t most_bytes) {
  std::string text;
  for (auto left = random() % (most_bytes + 1); left > 0; --left) text += static_cast<char>(random() % 128);
  return text;
}

}  // namespace claimledger::search
