#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "search/analysis.hpp"
#include "search/document.hpp"
#include "search/score.hpp"
#include "search/snippet.hpp"

namespace claimledger::search {

class DocumentPlaces;

// One thing to look up among the terms that are filed.
struct Lookup {
  enum class Kind { term, beginning };  // terms that are `text`, or that begin with it
  Kind kind = Kind::term;
  std::string text;
  bool wanted = true;  // false: needed to know what is excluded; finds nothing, scores nothing
  friend bool operator==(const Lookup&, const Lookup&) = default;
};

// What somebody who asked should be told about the question.
enum class Remark {
  none,
  empty,              // nothing was asked
  no_words,           // there is text, and no word in it
  only_exclusions,    // nothing is wanted, so nothing can be found
  only_common_words,  // nothing but stop words; they are looked up all the same
};
// "the question is empty" …; empty for `none`.
std::string_view text(Remark remark);

// What was asked, made ready to look up: the tree of syntax.hpp with the words of an Analysis in it.
//
// Used in this order: lookups() are looked up; a document that has a wanted one is a candidate, with a count for each
// lookup; may_match() and score() read the counts alone; judge() also reads the text, and decides. A document that has
// no wanted lookup never matches. Counts and weights stand in the order of lookups().
//
// Beside other words, a word of several units (an identifier, a run of a script without spaces) is found by any of
// them. In an `all`, and in a field, it has to be there whole or in all of its units. Excluded, it is taken as written:
// whole, or in its units in order. The words of a phrase stand in one field, one right after the other, as stems.
//
// Stop words are left out where they are wanted as words, unless nothing else is.
//
// Immutable; any thread. Any bytes are a question. Keeps its Analysis by value.
class Question {
 public:
  static constexpr std::size_t longest_text = 64 * 1024;  // bytes that are read
  static constexpr std::size_t most_lookups = 128;  // words that would need more are left out, the last ones first

  Question(std::string_view text, const Analysis& analysis);

  // Is there anything to look up? Where not, the answer is empty and remark() says why.
  bool asks() const { return !words_.empty(); }
  Remark remark() const { return remark_; }
  // Was something left out because the question is too long?
  bool cut() const { return cut_; }

  // What to look up, distinct, in the order of the question.
  const std::vector<Lookup>& lookups() const { return lookups_; }

  // How often each lookup stands in a content with these terms (see Analysis::terms). A beginning counts every term
  // that begins so. No count is above 2^32 - 1.
  std::vector<std::uint32_t> counts(std::span<const TermCount> terms) const;

  // Does judge() look into the text? Where not, may_match() is the verdict.
  bool reads_text() const { return reads_text_; }
  // False where no text with these counts matches.
  bool may_match(std::span<const std::uint32_t> counts) const;
  // Does the document match? `counts` are its own.
  bool judge(const Document& document, std::span<const std::uint32_t> counts) const;

  // May the document be found by its meaning? Words that any document may have or lack are not asked for then; what is
  // excluded, phrases, fields and what has to be there beside other words count as ever. `counts` are its own.
  bool allows(const Document& document, std::span<const std::uint32_t> counts) const;
  // What is wanted, without operators, as it was typed: for a model that reads texts. Empty where nothing is.
  const std::string& wanted_text() const { return wanted_text_; }

  // How much of what was asked for the counts cover, in millionths; `weights` hold the idf() of each lookup. Reads
  // counts alone, so that it is known before a text is read: a field and the order of a phrase do not change it.
  std::uint32_t score(std::span<const std::uint32_t> weights, std::span<const std::uint32_t> counts) const;

  // The places of a text of a document that answer wanted lookups, for snippet().
  std::vector<Match> matches(std::string_view text) const;

 private:
  friend class QuestionBuilder;
  // A leaf is what is checked, a list combines its children.
  struct Check {
    enum class Kind { any, all, loose, strict, phrase };
    Kind kind = Kind::any;
    bool excluded = false;
    bool by_text = false;  // counts do not tell
    bool assumed = true;   // what to take for the answer of the text while it is not there, so that nothing is missed
    std::optional<Field> field = {};
    std::vector<QuestionWord> words = {};  // what to find in a text; empty for a beginning
    std::string beginning = {};
    std::vector<ScoredWord> looked_up = {};  // the same as numbers of lookups, by word
    std::vector<Check> children = {};
  };
  // What is looked at.
  struct Content {
    std::span<const std::uint32_t> counts;
    DocumentPlaces* places = nullptr;  // absent: the text is not there
    bool by_meaning = false;           // plain words hold, whether they are there or not
  };
  bool holds(const Check& check, const Content& content) const;
  bool list_holds(const Check& list, const Content& content) const;

  Analysis analysis_;
  std::vector<Lookup> lookups_;
  std::vector<ScoredWord> words_;
  Check root_;
  std::string wanted_text_;
  Remark remark_ = Remark::none;
  bool cut_ = false;
  bool reads_text_ = false;
};

}  // namespace claimledger::search
