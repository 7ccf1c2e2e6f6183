#include "search/meaning_text.hpp"

#include "search/characters.hpp"
#include "search/splitter.hpp"

namespace claimledger::search {

std::string words_of_identifiers(std::string_view text) {
  std::string words;
  std::size_t done = 0;
  Splitter splitter(text);
  for (Chunk chunk; splitter.next(chunk);) {
    if (chunk.kind != Chunk::Kind::word) continue;
    for (std::size_t i = 1; i < chunk.pieces.size(); ++i) {
      const auto [begin, end] = chunk.pieces[i];
      if (character_at(text, begin).kind == CharacterKind::digit) continue;
      words += text.substr(done, chunk.pieces[i - 1].end - done);
      words += ' ';
      done = begin;
    }
  }
  words += text.substr(done);
  return words;
}

std::string meaning_text(const Document& document) {
  std::string text(document.subject);
  const auto add = [&text](std::string_view part) {
    if (!text.empty() && !part.empty()) text += ' ';
    text += part;
  };
  add(words_of_identifiers(document.predicate));
  add(document.value);
  text.resize(cut_at_character(text, longest_meaning_text));
  return text;
}

}  // namespace claimledger::search
