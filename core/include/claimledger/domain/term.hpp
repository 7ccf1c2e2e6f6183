#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace claimledger {

// A word as it is searched for, and how often a text has it.
struct TermCount {
  std::string term;
  std::uint32_t count = 0;
  friend auto operator<=>(const TermCount&, const TermCount&) = default;
};

}  // namespace claimledger
