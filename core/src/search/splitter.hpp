#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "search/characters.hpp"

namespace claimledger::search {

// Bytes of a text, half-open.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};

// What is written without a break.
struct Chunk {
  enum class Kind {
    word,      // a word, or an identifier with its parts as pieces
    unspaced,  // characters of a script without spaces as pieces
    symbol,    // one sign
  };
  Kind kind = Kind::word;
  std::vector<Piece> pieces;
  std::size_t end = 0;  // a word may have an ending that belongs to no piece: the ++ of C++, the 's of Ada's
  // "++" or "#" after a word, which make a name of it; else empty.
  std::string_view suffix;
};

// Takes a text apart, chunk by chunk, without looking at the words.
//
// A word is a run of letters, digits and marks. It goes on over one of . / @ : _ - ' & + # = ? ~ or a backslash that
// stands between two of these, over "://", "::", "__" and "++", and is an identifier then. So is one that changes from
// lower to upper case within, or once from letters to digits or back: fooBar, HTTPServer2. One with many changes is a
// code and has no parts. An apostrophe with a short ending belongs to its word (don't), and 's is left out.
//
// Bounded, so that no text makes it slow: 32 pieces in a word, 8 of them between two joints. What is left is the next
// word.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  // The next chunk, in the place of `chunk`. False at the end of the text.
  bool next(Chunk& chunk);

 private:
  // A run of letters, digits and marks, from at_, as one piece or several.
  void add_run(Chunk& chunk);
  // Past the run that starts here.
  std::size_t end_of_run(std::size_t begin) const;
  std::vector<Piece> parts_of_run(Piece run) const;
  // Where the word goes on after what joins it at `at`; absent where nothing does.
  std::optional<std::size_t> past_joint(std::size_t at) const;
  void take_word(Chunk& chunk);
  void take_unspaced(Chunk& chunk);
  void take_ending(Chunk& chunk);
  std::size_t past_marks(std::size_t at) const;
  bool word_starts(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace claimledger::search
