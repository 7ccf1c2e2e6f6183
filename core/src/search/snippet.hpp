#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "claimledger/domain/snippet.hpp"

namespace claimledger::search {

// A place of a text that answers a lookup of a question; bytes, half-open.
struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint32_t lookup = 0;
  friend bool operator==(const Match&, const Match&) = default;
};

// The part of `text` of at most `most_bytes` with most to show: the most different lookups, then the most matches, then
// the earliest. `matches` are by begin. The rest of the room is shared between both sides, and cut at a blank if
// that loses no more than an eighth, else between characters as a reader counts them (grapheme clusters), so that no
// accent loses its letter. A match that does not fit whole is cut as well. Bytes that are not UTF-8 are shown as they
// are. Time is that of sorting the matches.
Snippet snippet(std::string_view text, std::span<const Match> matches, std::size_t most_bytes);

}  // namespace claimledger::search
