#pragma once

#include <vector>

#include "application/context.hpp"

namespace claimledger::application {

// The kinds of entries that are found by their words.
const std::vector<std::uint8_t>& kinds_with_words();

bool is_found_by_words(std::uint8_t kind);

// The terms of what is found by its words; none for other entries. `content`: that of the entry, empty where it has
// none or none any more.
std::vector<TermCount> terms_of(search::TermMaker& maker, std::uint8_t kind, const Content& content);

}  // namespace claimledger::application
