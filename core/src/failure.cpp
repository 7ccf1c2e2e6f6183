#include "claimledger/failure.hpp"

namespace claimledger {

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto inside_a_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (most > 0 && inside_a_character(most)) --most;
  return std::string(text.substr(0, most)) + "…";
}

}  // namespace claimledger
