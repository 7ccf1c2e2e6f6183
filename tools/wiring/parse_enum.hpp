#pragma once

#include <string>
#include <string_view>

#include "claimledger/domain/vocabulary.hpp"
#include "claimledger/failure.hpp"

namespace claimledger::wiring {

// Text of a closed set as a caller typed it. Failure: InvalidInput{field} lists what would be right.
template <class Enum>
Enum parse_enum(std::string_view typed, std::string_view field) {
  if (const auto found = parse<Enum>(typed)) return *found;
  std::string why = "must be one of";
  const char* separator = " ";
  for (const auto spelling : spellings<Enum>()) {
    why.append(separator).append(spelling);
    separator = ", ";
  }
  throw InvalidInput(std::string(field), why);
}

// Provenance has three spellings in: "UserAsserted", "External/UserAsserted", "External:UserAsserted".
template <>
inline Provenance parse_enum<Provenance>(std::string_view typed, std::string_view field) {
  if (const auto found = parse_provenance(typed)) return *found;
  throw InvalidInput(std::string(field),
                     "must be one of External/UserAsserted, External/ExternalFirstHand, RecallReEntry, ModelDerived");
}

}  // namespace claimledger::wiring
