#pragma once

#include <span>
#include <string>
#include <string_view>

#include "claimledger/domain/vocabulary.hpp"
#include "claimledger/failure.hpp"

namespace claimledger::wiring {

// "Low, Medium, High, Critical"
inline std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

// Text of a closed set as a caller typed it. Failure: InvalidInput{field} lists what would be right.
template <class Enum>
Enum parse_enum(std::string_view typed, std::string_view field) {
  if (const auto found = parse<Enum>(typed)) return *found;
  throw InvalidInput(std::string(field), "must be one of " + listed(spellings<Enum>()));
}

// Provenance has three spellings in: "UserAsserted", "External/UserAsserted", "External:UserAsserted".
template <>
inline Provenance parse_enum<Provenance>(std::string_view typed, std::string_view field) {
  if (const auto found = parse_provenance(typed)) return *found;
  throw InvalidInput(std::string(field),
                     "must be one of External/UserAsserted, External/ExternalFirstHand, RecallReEntry, ModelDerived");
}

}  // namespace claimledger::wiring
