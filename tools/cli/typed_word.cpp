#include "cli/typed_word.hpp"

#include <algorithm>
#include <cctype>

namespace claimledger::cli {

std::string as_spelled(std::string_view typed, std::span<const std::string_view> words) {
  const auto alike = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  for (const auto word : words) {
    if (std::equal(word.begin(), word.end(), typed.begin(), typed.end(), alike)) return std::string(word);
  }
  return std::string(typed);
}

}  // namespace claimledger::cli
