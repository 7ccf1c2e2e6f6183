#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace claimledger::search {

// What a character is to somebody who looks for the words of a text.
enum class CharacterKind : std::uint8_t {
  separator,  // whatever else there is: blanks, punctuation, bytes that are not UTF-8
  lower,      // a letter that is not upper case; many scripts have no other
  upper,      // upper or title case
  digit,      // any number
  mark,       // belongs to the character before it: accents, vowel signs, joiners, soft hyphens
  unspaced,   // a letter of a script that is written without spaces, or whose words are written onto each other
  symbol,     // a sign that somebody may look for: emoji, currencies
};

struct Character {
  CharacterKind kind = CharacterKind::separator;
  std::size_t bytes = 1;  // at least 1; what is not UTF-8 comes byte by byte
};

// The character of `text` that starts at `at`, which is inside of it.
Character character_at(std::string_view text, std::size_t at);

inline bool is_ascii_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

// Where the text may be cut so that nothing longer than `most` bytes is left and no character is torn. Bytes that
// continue no character count as characters.
std::size_t cut_at_character(std::string_view text, std::size_t most);

// What differs in looks, width or case only becomes one (NFKC and full case folding, in no locale: 'I' is 'i'
// everywhere), and characters that are not seen are gone. `text` is UTF-8; absurdly long runs of marks cost their
// square, so that words are cut before they are folded.
std::string folded(std::string_view text);

// Folded text without the marks that people leave out: accents of Latin, Greek and Cyrillic letters, the vowel points
// of Hebrew and Arabic; and with plain letters for those that have a stroke through them instead. A mark that makes
// another letter stays, as in Japanese, in the scripts of India and in the Cyrillic short i.
std::string without_marks(std::string_view folded);

// The same without the way that is quicker for ASCII. For tests.
CharacterKind kind_by_library(char32_t code_point);
std::string folded_by_library(std::string_view text);
std::string without_marks_by_library(std::string_view folded);

}  // namespace claimledger::search
