#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

#include "wiring/parse_enum.hpp"

// Words of closed sets on the command line. JSON takes them only as they are spelled.
namespace claimledger::cli {

// The one of these words that was typed, in upper or lower case; what was typed if it is none of them.
std::string as_spelled(std::string_view typed, std::span<const std::string_view> words);

// A word of a closed set as a person types it: in upper or lower case, a provenance with "External/" or without.
// Failure: InvalidInput{field} lists what would be right.
template <class Enum>
Enum typed_word(std::string_view typed, std::string_view field) {
  std::string spelled;
  if constexpr (std::same_as<Enum, Provenance>) {
    constexpr std::string_view kinds[] = {"External/", "External:"};
    if (const auto end = typed.find_first_of("/:"); end != std::string_view::npos) {
      spelled = as_spelled(typed.substr(0, end + 1), kinds);
      typed.remove_prefix(end + 1);
    }
  }
  return wiring::parse_enum<Enum>(spelled + as_spelled(typed, spellings<Enum>()), field);
}

}  // namespace claimledger::cli
