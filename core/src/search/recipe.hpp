#pragma once

#include <string>

namespace claimledger::search {

// What decides about the terms of a text, on one line: "terms 3, utf8proc 2.8.0, Unicode 15.0.0, english stems
// 0123456789abcdef". `language` as of Stemmer. The stemming library tells no version, so it is known by what it makes
// of some words.
std::string recipe(const std::string& language);

}  // namespace claimledger::search
