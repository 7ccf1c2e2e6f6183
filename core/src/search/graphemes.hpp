#pragma once

#include <cstddef>
#include <string_view>

// Where a text may be cut so that no accent loses its letter and no emoji its skin: between characters as a reader
// counts them (extended grapheme clusters). One longer than 256 bytes is cut between characters of Unicode.
namespace claimledger::search {

// The first such place from `at` on.
std::size_t break_from(std::string_view text, std::size_t at);

// The last such place up to `at`.
std::size_t break_up_to(std::string_view text, std::size_t at);

}  // namespace claimledger::search
