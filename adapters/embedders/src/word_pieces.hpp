#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace claimledger::embedders {

// The pieces that a vocabulary has, each with its number. A piece that goes on inside a word begins with "##".
class Vocabulary {
 public:
  // `pieces` as they are numbered, from 0; each once and none empty, otherwise std::invalid_argument. Refers to them.
  explicit Vocabulary(const std::vector<std::string_view>& pieces);

  // Takes a word of BertWords apart, from the front, each time the longest piece that there is, and adds their numbers.
  // False, with nothing added: some of it is in no piece, or it is longer than a hundred characters.
  bool add_pieces(std::string_view word, std::vector<std::uint32_t>& numbers) const;

 private:
  // The number of the longest beginning of `rest` that is a piece, and its bytes; 0 bytes: there is none.
  struct Found {
    std::uint32_t number = 0;
    std::size_t bytes = 0;
  };
  Found longest(std::string_view rest, bool begins) const;

  using Numbers = std::unordered_map<std::string_view, std::uint32_t>;
  Numbers beginnings_;
  Numbers insides_;  // without their "##"
  std::size_t longest_piece_ = 0;
};

}  // namespace claimledger::embedders
