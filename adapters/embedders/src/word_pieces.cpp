#include "word_pieces.hpp"

#include <algorithm>
#include <stdexcept>

namespace claimledger::embedders {
namespace {

constexpr std::string_view inside = "##";
constexpr std::size_t longest_word = 100;  // characters, as in the reference

bool begins_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

Vocabulary::Vocabulary(const std::vector<std::string_view>& pieces) {
  beginnings_.reserve(pieces.size());
  for (std::size_t number = 0; number < pieces.size(); ++number) {
    auto piece = pieces[number];
    const bool goes_on = piece.starts_with(inside) && piece.size() > inside.size();
    if (goes_on) piece.remove_prefix(inside.size());
    longest_piece_ = std::max(longest_piece_, piece.size());
    const bool is_new = (goes_on ? insides_ : beginnings_).emplace(piece, static_cast<std::uint32_t>(number)).second;
    if (piece.empty() || !is_new) throw std::invalid_argument("a piece that is empty or there twice");
  }
}

Vocabulary::Found Vocabulary::longest(std::string_view rest, bool begins) const {
  const auto& numbers = begins ? beginnings_ : insides_;
  for (auto bytes = std::min(rest.size(), longest_piece_); bytes > 0; --bytes) {
    if (bytes < rest.size() && !begins_a_character(rest[bytes])) continue;
    if (const auto found = numbers.find(rest.substr(0, bytes)); found != numbers.end()) return {found->second, bytes};
  }
  return {};
}

bool Vocabulary::add_pieces(std::string_view word, std::vector<std::uint32_t>& numbers) const {
  if (static_cast<std::size_t>(std::ranges::count_if(word, begins_a_character)) > longest_word) return false;
  const auto before = numbers.size();
  for (std::size_t at = 0; at < word.size();) {
    const auto [number, bytes] = longest(word.substr(at), at == 0);
    if (bytes == 0) {
      numbers.resize(before);
      return false;
    }
    numbers.push_back(number);
    at += bytes;
  }
  return true;
}

}  // namespace claimledger::embedders
