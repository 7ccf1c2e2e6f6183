#include "search/splitter.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace claimledger::search {
namespace {

using enum CharacterKind;

constexpr std::size_t most_pieces = 32;
constexpr std::size_t most_parts_of_a_run = 8;

constexpr std::string_view joints = "./@:_-'&+#=?~\\";
constexpr std::array<std::string_view, 4> long_joints = {"://", "::", "__", "++"};
constexpr std::array<std::string_view, 3> printed_joints = {"\u2019", "\u2010", "\u2011"};  // ’ and two hyphens

constexpr std::array<std::string_view, 2> apostrophes = {"'", "\u2019"};
// What follows an apostrophe and belongs to the word, in lower case.
constexpr std::array<std::string_view, 6> short_endings = {"t", "d", "m", "ll", "re", "ve"};

// Most words are of these, and found sooner by them.
bool is_lower_ascii(char byte) { return byte >= 'a' && byte <= 'z'; }
bool in_an_ascii_word(char byte) { return is_ascii_letter(byte) || (byte >= '0' && byte <= '9'); }

bool in_a_word(CharacterKind kind) { return kind == lower || kind == upper || kind == digit; }

std::size_t length_of_apostrophe(std::string_view text) {
  for (const auto& each : apostrophes)
    if (text.starts_with(each)) return each.size();
  return 0;
}

std::size_t length_of_joint(std::string_view text) {
  for (const auto& each : long_joints)
    if (text.starts_with(each)) return each.size();
  for (const auto& each : printed_joints)
    if (text.starts_with(each)) return each.size();
  return !text.empty() && joints.find(text.front()) != std::string_view::npos ? 1 : 0;
}

// A change between two characters of a run at which a new part begins.
struct Change {
  std::size_t at = 0;
  bool of_case = false;  // else between letters and digits
};

}  // namespace

bool Splitter::word_starts(std::size_t at) const {
  return at < text_.size() && in_a_word(character_at(text_, at).kind);
}

std::size_t Splitter::past_marks(std::size_t at) const {
  while (at < text_.size()) {
    const auto character = character_at(text_, at);
    if (character.kind != mark) break;
    at += character.bytes;
  }
  return at;
}

std::size_t Splitter::end_of_run(std::size_t begin) const {
  for (auto at = begin;;) {
    const auto run = at;
    while (at < text_.size() && in_an_ascii_word(text_[at])) ++at;
    if (at > run) at = past_marks(at);
    if (!word_starts(at)) return at;
    at = past_marks(at + character_at(text_, at).bytes);
  }
}

// A change of case begins a part at the upper letter after a lower one or a digit (fooBar), and at the last upper
// letter before a lower one (HTTPServer).
std::vector<Piece> Splitter::parts_of_run(Piece run) const {
  const auto word = text_.substr(run.begin, run.end - run.begin);
  if (is_ascii_letter(word.front()) && std::ranges::all_of(word.substr(1), is_lower_ascii)) return {run};
  std::vector<Change> changes;
  std::size_t digit_changes = 0;
  auto before = separator;
  for (auto at = run.begin; at < run.end;) {
    const auto kind = character_at(text_, at).kind;
    const auto next = past_marks(at + character_at(text_, at).bytes);
    const auto after = next < run.end ? character_at(text_, next).kind : separator;
    const bool by_digit = before != separator && (before == digit) != (kind == digit);
    const bool by_case = kind == upper && (before == lower || before == digit || (before == upper && after == lower));
    if (by_digit) ++digit_changes;
    if (by_digit || by_case) changes.push_back({at, by_case});
    if (changes.size() > 2 * most_parts_of_a_run) return {run};
    before = kind;
    at = next;
  }

  if (digit_changes > 1) std::erase_if(changes, [](const Change& change) { return !change.of_case; });
  if (changes.size() >= most_parts_of_a_run) return {run};
  std::vector<Piece> parts;
  for (const auto& change : changes) {
    parts.push_back({run.begin, change.at});
    run.begin = change.at;
  }
  parts.push_back(run);
  return parts;
}

void Splitter::add_run(Chunk& chunk) {
  auto end = end_of_run(at_);
  const Piece run{at_, end};
  // don't is one word, and so is Ada's, without its ending.
  if (const auto apostrophe = end < text_.size() ? length_of_apostrophe(text_.substr(end)) : 0; apostrophe > 0) {
    const auto begin = end + apostrophe;
    const auto past = end_of_run(begin);
    const auto ending = past - begin <= 2 ? folded(text_.substr(begin, past - begin)) : std::string();
    const bool last = !past_joint(past);
    if (last && ending == "s") {
      chunk.pieces.push_back(run);
      at_ = past;
      return;
    }
    if (last && std::ranges::find(short_endings, ending) != short_endings.end()) {
      chunk.pieces.push_back({at_, past});
      at_ = past;
      return;
    }
  }
  const auto parts = parts_of_run(run);
  chunk.pieces.insert(chunk.pieces.end(), parts.begin(), parts.end());
  at_ = end;
}

std::optional<std::size_t> Splitter::past_joint(std::size_t at) const {
  if (at >= text_.size()) return {};
  const auto length = length_of_joint(text_.substr(at));
  if (length == 0 || !word_starts(at + length)) return {};
  return at + length;
}

void Splitter::take_ending(Chunk& chunk) {
  const auto rest = text_.substr(at_);
  const std::size_t length = rest.starts_with("++") ? 2 : rest.starts_with("#") ? 1 : 0;
  if (length == 0 || word_starts(at_ + length)) return;
  chunk.suffix = rest.substr(0, length);
  at_ += length;
}

void Splitter::take_word(Chunk& chunk) {
  chunk.kind = Chunk::Kind::word;
  add_run(chunk);
  while (chunk.pieces.size() + most_parts_of_a_run <= most_pieces) {
    const auto joined = past_joint(at_);
    if (!joined) break;
    at_ = *joined;
    add_run(chunk);
  }
  take_ending(chunk);
}

void Splitter::take_unspaced(Chunk& chunk) {
  chunk.kind = Chunk::Kind::unspaced;
  while (at_ < text_.size()) {
    const auto character = character_at(text_, at_);
    if (character.kind != unspaced) break;
    const auto end = past_marks(at_ + character.bytes);
    chunk.pieces.push_back({at_, end});
    at_ = end;
  }
}

bool Splitter::next(Chunk& chunk) {
  chunk.pieces.clear();
  chunk.suffix = {};
  while (at_ < text_.size()) {
    const auto character = character_at(text_, at_);
    if (in_a_word(character.kind)) {
      take_word(chunk);
    } else if (character.kind == unspaced) {
      take_unspaced(chunk);
    } else if (character.kind == symbol) {
      chunk.kind = Chunk::Kind::symbol;
      const auto end = past_marks(at_ + character.bytes);
      chunk.pieces.push_back({at_, end});
      at_ = end;
    } else {
      at_ += character.bytes;
      continue;
    }
    chunk.end = at_;
    return true;
  }
  return false;
}

}  // namespace claimledger::search
