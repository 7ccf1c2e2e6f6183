#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "search/document.hpp"

namespace claimledger::search {

inline constexpr std::size_t longest_meaning_text = 8 * 1024;  // bytes; models read a few thousand at most

// The text of a statement that is given to an embedder: subject, predicate and value as one line of plain words. Not
// the source: who said it is not what it means. The predicate is often an identifier, which no model has read in
// sentences: it comes as its words. A text that is too long is cut at a character.
//
// Vectors are of these texts: whoever changes one byte of them changes all that will be filed.
std::string meaning_text(const Document& document);

// An identifier as the words it is made of: user.home_city is "user home city", fetchUserProfile "fetch User Profile".
// Nothing is taken apart before a digit: v1.2.3 and http2 stay. What is no identifier stays as it is.
std::string words_of_identifiers(std::string_view text);

}  // namespace claimledger::search
