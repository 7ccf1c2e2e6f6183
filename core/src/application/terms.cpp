#include "application/terms.hpp"

#include <algorithm>

#include "claimledger/domain/entry_number.hpp"
#include "search/content_text.hpp"

namespace claimledger::application {

const std::vector<std::uint8_t>& kinds_with_words() {
  static const std::vector<std::uint8_t> kinds = {kind_number<ClaimRecorded>, kind_number<Corroborated>};
  return kinds;
}

bool is_found_by_words(std::uint8_t kind) {
  return std::ranges::find(kinds_with_words(), kind) != kinds_with_words().end();
}

std::vector<TermCount> terms_of(search::TermMaker& maker, std::uint8_t kind, const Content& content) {
  if (!is_found_by_words(kind)) return {};
  return maker.terms(search::ContentText(content).document());
}

}  // namespace claimledger::application
