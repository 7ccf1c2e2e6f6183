#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/term.hpp"
#include "search/document.hpp"

namespace claimledger::search {

// One place of a text that gives a term. Units (a word, a part of an identifier, a character of a script without
// spaces) are numbered from 0 in reading order. An identifier, or a beginning of it, begins where its first part does
// and is as long as it has parts; a pair of characters is 2 long. So what follows it in the text begins at position +
// length.
struct Occurrence {
  std::string term;
  std::uint32_t position = 0;
  std::uint32_t length = 1;
  std::size_t begin = 0;  // bytes of the text, half-open
  std::size_t end = 0;
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// A unit of a word that a question asks for.
struct QuestionUnit {
  std::vector<std::string> terms;  // any of them is this unit: a word with accents and without
  // A pair of characters that shares its second one with the unit after it.
  bool overlaps = false;
  // Says little alone, as the 2 of HTTPServer2 does. Looked up only where its identifier is asked for exactly.
  bool weak = false;
  friend auto operator<=>(const QuestionUnit&, const QuestionUnit&) = default;
};

// A word that a question asks for: found whole by one of `wholes`, or in its units. Only an identifier has wholes, and
// then two units or more; or none, where its parts are something else, as the C of C++ is.
// A run of a script without spaces has as many units as it has pairs of characters.
struct QuestionWord {
  std::vector<std::string> wholes;
  std::vector<QuestionUnit> units;
  bool common = false;  // a stop word of the language
  friend auto operator<=>(const QuestionWord&, const QuestionWord&) = default;
};

// How texts and questions become terms. What is filed and what is looked up meet because both are made here.
//
// A word gives its stem. Where they differ it gives the folded word as well, which is what a prefix is looked up in:
// the stem of "city" is "citi", and no "city*" would find that. Accents do not count: "café" and "cafe" meet. A word
// with accents is stemmed with them and without, because the stemmers of many languages read them, and gives both.
// An identifier gives its parts, and itself as a whole: joined at '_', '-', apostrophes and changes of case, so that
// foo_bar, fooBar and foobar meet. A number of several parts and a code give their beginnings too: 3.12 finds 3.12.7
// and M404 finds M404dn, not the other way round. A character of a script without spaces gives itself and its pair with
// the next one. Stop words are filed as others are: phrases need them, and a language may be changed.
//
// A term that is too long is cut at a character and ends in a digest of the whole, so that no two are one; what it
// begins with is filed beside it, for prefixes.
//
// Values are immutable; any thread. Any bytes are a text: what is not UTF-8 separates words, as NUL does. Time and
// memory are linear in the text.
class Analysis {
 public:
  static constexpr std::size_t longest_term = 64;       // bytes
  static constexpr std::size_t longest_beginning = 61;  // bytes of a longer one that a prefix is looked up in

  // `language` is one of languages(). Failure: InvalidInput for `search_language`, which names those there are.
  explicit Analysis(std::string_view language = "english");

  // Those of the stemming library, and "none": words are not stemmed.
  static std::vector<std::string> languages();

  // What is filed with a content: its distinct terms in the order of their bytes. A document's are those of its fields
  // taken together.
  std::vector<TermCount> terms(std::string_view text) const;
  std::vector<TermCount> terms(const Document& document) const;

  // Every place of the text that gives a term, by position. Terms of one place stand side by side.
  std::vector<Occurrence> occurrences(std::string_view text) const;

  // The words that this piece of a question asks for, in order.
  std::vector<QuestionWord> question_words(std::string_view text) const;

  // What the terms that `text*` asks for begin with, of any length. Empty where a prefix cannot be looked up in terms:
  // nothing is left of it, or it ends in a script without spaces, whose words are found inside others anyway.
  std::string beginning(std::string_view text) const;

  // Names everything that decides about terms: libraries, Unicode version, stemmer, language and these rules. Terms
  // made by another recipe are not comparable.
  std::string recipe() const;

 private:
  friend class TermMaker;
  std::string language_;  // empty: words are not stemmed
};

// Makes the terms of one document after the other, the same as Analysis: words repeat, and what has come before costs
// little. Remembers some thousand words.
// Threads: one.
class TermMaker {
 public:
  explicit TermMaker(const Analysis& analysis);
  ~TermMaker();

  std::vector<TermCount> terms(const Document& document);

 private:
  class Words;
  std::unique_ptr<Words> words_;
};

}  // namespace claimledger::search
