#include "search/analysis.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "claimledger/domain/digest.hpp"
#include "claimledger/failure.hpp"
#include "search/characters.hpp"
#include "search/recipe.hpp"
#include "search/splitter.hpp"
#include "search/stemmer.hpp"
#include "search/stop_words.hpp"

namespace claimledger::search {
namespace {

// What is folded at once, since the library takes a run of marks times itself; and no longer word has a stem.
constexpr std::size_t most_at_once = 256;

// No term has it otherwise: folded it is three dots, which separate words.
constexpr std::string_view cut_here = "\u2026";

// A long term is told from others that begin like it by the digest of the whole.
std::string cut(std::string term) {
  if (term.size() <= Analysis::longest_term) return term;
  constexpr std::size_t digits = 16;
  const auto digest = sha256({term}).hex().substr(0, digits);
  term.resize(cut_at_character(term, Analysis::longest_term - cut_here.size() - digits));
  return term.append(cut_here).append(digest);
}

// What a prefix is looked up in.
std::string cut_beginning(std::string term) {
  if (term.size() <= Analysis::longest_term) return term;
  term.resize(cut_at_character(term, Analysis::longest_beginning));
  return term.append(cut_here);
}

// `change` of a text, some of it at a time.
std::string in_parts(std::string (*change)(std::string_view), std::string_view bytes) {
  if (bytes.size() <= most_at_once) return change(bytes);
  std::string text;
  while (!bytes.empty()) {
    const auto part = cut_at_character(bytes, most_at_once);
    text += change(bytes.substr(0, part));
    bytes.remove_prefix(part);
  }
  return text;
}

std::string plain_of(std::string_view folded) { return in_parts(without_marks, folded); }

void add_distinct(std::vector<std::string>& terms, std::string term) {
  if (!term.empty() && std::ranges::find(terms, term) == terms.end()) terms.push_back(std::move(term));
}

// A word, or the whole of an identifier, in its forms.
struct Forms {
  std::vector<std::string> stems;  // what it is looked up by; at least one
  std::string plain;               // folded, without marks: what a prefix is looked up in

  std::vector<std::string> filed() const {
    auto terms = stems;
    add_distinct(terms, plain);
    return terms;
  }
};

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

bool one_letter(std::string_view word) {
  if (word.empty() || is_digit(word.front())) return false;
  return character_at(word, 0).bytes == word.size();
}

// A number, or a single character.
bool says_little(std::string_view word) { return one_letter(word) || std::ranges::all_of(word, is_digit); }

// One part of a chunk that is left after folding.
struct Part {
  Piece at;
  std::string folded;
};

// A chunk with its parts folded.
struct FoldedChunk {
  Chunk::Kind kind = Chunk::Kind::word;
  std::vector<Part> parts;
  std::string_view suffix;

  bool identifier() const { return kind == Chunk::Kind::word && (parts.size() > 1 || !suffix.empty()); }
};

// What of a joint stays in the whole of an identifier. Not what people leave out, or write another way.
std::string kept_of_joint(std::string_view joint, std::string_view before, std::string_view after) {
  if (joint == "-") return is_digit(before.back()) && is_digit(after.front()) ? "-" : "";
  if (joint == ".") return one_letter(before) && one_letter(after) ? "" : ".";  // U.S.A. is USA
  if (joint == "\\") return "/";
  const bool dropped = joint.starts_with('_') || joint == "'" || static_cast<unsigned char>(joint.front()) >= 0x80;
  return dropped ? "" : std::string(joint);
}

// What stands between a part and the one before it.
std::string_view joint_before(std::string_view text, const FoldedChunk& chunk, std::size_t part) {
  const auto begin = chunk.parts[part - 1].at.end;
  return text.substr(begin, chunk.parts[part].at.begin - begin);
}

// Parts of a chunk, from `first` to before `last`, as one.
std::string joined_parts(std::string_view text, const FoldedChunk& chunk, std::size_t first, std::size_t last) {
  auto joined = chunk.parts[first].folded;
  for (auto i = first + 1; i < last; ++i) {
    const auto& part = chunk.parts[i].folded;
    const auto joint = joint_before(text, chunk, i);
    if (!joint.empty()) joined += kept_of_joint(joint, chunk.parts[i - 1].folded, part);
    joined += part;
  }
  return joined;
}

std::string whole(std::string_view text, const FoldedChunk& chunk, std::size_t first) {
  return joined_parts(text, chunk, first, chunk.parts.size()).append(chunk.suffix);
}

// v1.2.3 is also 1.2.3.
bool is_version(const FoldedChunk& chunk) {
  return chunk.parts.size() > 2 && chunk.parts[0].folded == "v" && chunk.parts[0].at.end == chunk.parts[1].at.begin &&
         is_digit(chunk.parts[1].folded.front());
}

bool is_number(std::string_view part) { return std::ranges::all_of(part, is_digit); }

// Whether a part goes on with the number that ends before it: the 7 of 3.12.7, the 05 of 2026-05-01.
bool continues_number(std::string_view text, const FoldedChunk& chunk, std::size_t part) {
  if (part == 0 || !is_number(chunk.parts[part].folded) || !is_number(chunk.parts[part - 1].folded)) return false;
  const auto joint = joint_before(text, chunk, part);
  return joint == "." || joint == "-";
}

// How much of a code like M404dn or sha256sum its letters and first digits are; 0: it is none.
std::size_t length_of_code(std::string_view part) {
  const auto letter = [](char byte) { return byte >= 'a' && byte <= 'z'; };
  const auto digits = std::ranges::find_if_not(part, letter);
  const auto rest = std::find_if_not(digits, part.end(), is_digit);
  const bool code = digits != part.begin() && rest != digits && rest != part.end() && letter(*rest);
  return code ? static_cast<std::size_t>(rest - part.begin()) : 0;
}

// Reads a text chunk by chunk.
class Reader {
 public:
  Reader(std::string_view text, Stemmer& stemmer) : text_(text), splitter_(text), stemmer_(stemmer) {}

  bool next(FoldedChunk& chunk) {
    while (next_raw())
      if (fold(chunk)) return true;
    return false;
  }

  // In two steps: the next chunk as it stands, and folded. False: there is none; nothing of it is left.
  bool next_raw() { return splitter_.next(raw_); }
  bool fold(FoldedChunk& chunk) const {
    chunk.kind = raw_.kind;
    chunk.suffix = raw_.suffix;
    chunk.parts.clear();
    for (const auto& piece : raw_.pieces) {
      auto text = in_parts(folded, bytes_of(piece));
      // Characters that nobody sees are no part.
      if (!plain_of(text).empty()) chunk.parts.push_back({piece, std::move(text)});
    }
    return !chunk.parts.empty();
  }
  // The chunk where it is a word of one part and of letters of ASCII alone, so that its terms are those of forms();
  // empty for any other.
  std::string_view plain_word() const {
    if (raw_.kind != Chunk::Kind::word || raw_.pieces.size() != 1 || !raw_.suffix.empty()) return {};
    const auto word = bytes_of(raw_.pieces.front());
    return word.size() <= most_at_once && std::ranges::all_of(word, is_ascii_letter) ? word : std::string_view();
  }

  Forms forms(std::string_view word) {
    auto plain = plain_of(word);
    Forms forms;
    if (plain != word) add_distinct(forms.stems, cut(plain_of(stem(word))));
    add_distinct(forms.stems, cut(stem(plain)));
    if (forms.stems.empty()) forms.stems.push_back(cut(plain));  // a stemmer may leave nothing
    forms.plain = cut_beginning(std::move(plain));
    return forms;
  }

  // The characters of a script without spaces have no stems.
  static std::string sign(std::string_view characters) { return cut(plain_of(characters)); }

  // The wholes of an identifier, and how many of its first parts each leaves out.
  std::vector<std::pair<Forms, std::size_t>> wholes(const FoldedChunk& chunk) {
    std::vector<std::pair<Forms, std::size_t>> found;
    found.emplace_back(forms(whole(text_, chunk, 0)), 0);
    if (is_version(chunk)) found.emplace_back(forms(whole(text_, chunk, 1)), 1);
    return found;
  }

  // Some parts of a chunk, as one.
  struct Section {
    std::string text;
    std::size_t first, parts;
    Piece at;
  };
  // What is a name of its own: 3.12 of 3.12.7, 2026-05 of 2026-05-01, M404 of M404dn. Who asks for the shorter one
  // means the longer one, too, and not the other way round: a question does not look for these.
  std::vector<Section> beginnings(const FoldedChunk& chunk) const {
    std::vector<Section> found;
    const auto& parts = chunk.parts;
    for (std::size_t first = 0; first < parts.size(); ++first) {
      const auto& [at, folded] = parts[first];
      if (const auto length = length_of_code(folded); length > 0 && folded.size() == at.end - at.begin)
        found.push_back({cut(folded.substr(0, length)), first, 1, {at.begin, at.begin + length}});
      if (continues_number(text_, chunk, first)) continue;
      for (auto last = first + 1; last + 1 < parts.size() && continues_number(text_, chunk, last); ++last) {
        found.push_back({cut(joined_parts(text_, chunk, first, last + 1)),
                         first,
                         last + 1 - first,
                         {at.begin, parts[last].at.end}});
      }
    }
    return found;
  }

  // What stands between two joints of an identifier and has several parts: w1 of w1-5.
  std::vector<Section> runs(const FoldedChunk& chunk) const {
    std::vector<Section> found;
    const auto& parts = chunk.parts;
    for (std::size_t first = 0, last = 0; first < parts.size(); first = last) {
      last = first + 1;
      while (last < parts.size() && joint_before(text_, chunk, last).empty()) ++last;
      const bool all = last - first == parts.size();
      if (last - first > 1 && !all)
        found.push_back({joined_parts(text_, chunk, first, last),
                         first,
                         last - first,
                         {parts[first].at.begin, parts[last - 1].at.end}});
    }
    return found;
  }

 private:
  std::string_view bytes_of(const Piece& piece) const { return text_.substr(piece.begin, piece.end - piece.begin); }
  std::string stem(std::string_view word) {
    return word.size() <= most_at_once ? stemmer_.stem(word) : std::string(word);
  }

  std::string_view text_;
  Splitter splitter_;
  Chunk raw_;
  Stemmer& stemmer_;
};

// Collects the places of a text.
class Places {
 public:
  void add(FoldedChunk& chunk, Reader& reader) {
    const auto& parts = chunk.parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& [at, text] = parts[i];
      if (chunk.kind == Chunk::Kind::word) {
        add(reader.forms(text).filed(), i, 1, at);
      } else {
        add({Reader::sign(text)}, i, 1, at);
        if (i + 1 < parts.size())
          add({Reader::sign(text + parts[i + 1].folded)}, i, 2, {at.begin, parts[i + 1].at.end});
      }
    }
    if (chunk.identifier()) {
      const auto end = parts.back().at.end + chunk.suffix.size();
      for (const auto& [forms, skipped] : reader.wholes(chunk))
        add(forms.filed(), skipped, parts.size() - skipped, {parts[skipped].at.begin, end});
    }
    if (chunk.kind == Chunk::Kind::word) {
      for (auto& each : reader.beginnings(chunk)) add({std::move(each.text)}, each.first, each.parts, each.at);
      for (const auto& each : reader.runs(chunk)) add(reader.forms(each.text).filed(), each.first, each.parts, each.at);
    }
    first_ += static_cast<std::uint32_t>(parts.size());
  }

  // A word of one part, by its terms. Where it stands in the text is of no account.
  void add_word(const std::vector<std::string>& terms) {
    add(terms, 0, 1, {});
    ++first_;
  }

  std::vector<Occurrence> take() { return std::move(places_); }

 private:
  void add(std::vector<std::string> terms, std::size_t offset, std::size_t length, Piece at) {
    for (auto& term : terms) {
      if (term.empty()) continue;
      places_.push_back({std::move(term), first_ + static_cast<std::uint32_t>(offset),
                         static_cast<std::uint32_t>(length), at.begin, at.end});
    }
  }

  std::vector<Occurrence> places_;
  std::uint32_t first_ = 0;
};

// A word that gives a term twice, whole and in its first part, has it once.
std::vector<TermCount> counted(std::vector<Occurrence> places) {
  const auto by_term = [](const Occurrence& place) { return std::tie(place.term, place.position); };
  std::ranges::sort(places, {}, by_term);
  const auto same = [&](const Occurrence& a, const Occurrence& b) { return by_term(a) == by_term(b); };
  places.erase(std::unique(places.begin(), places.end(), same), places.end());
  std::vector<TermCount> counts;
  for (auto& place : places) {
    if (counts.empty() || counts.back().term != place.term) counts.push_back({std::move(place.term), 0});
    ++counts.back().count;
  }
  return counts;
}

std::string names(const std::vector<std::string>& languages) {
  std::string text;
  for (const auto& language : languages) text += (text.empty() ? "" : ", ") + language;
  return text;
}

}  // namespace

Analysis::Analysis(std::string_view language) : language_(language) {
  const auto known = languages();
  if (std::ranges::find(known, language) == known.end())
    throw InvalidInput("search_language", "\"" + shortened(language, 40) + "\" is not one of " + names(known));
  if (language == "none") language_.clear();
}

std::string Analysis::recipe() const { return search::recipe(language_); }

std::vector<std::string> Analysis::languages() {
  auto names = Stemmer::languages();
  names.insert(std::ranges::lower_bound(names, "none"), "none");
  return names;
}

std::vector<Occurrence> Analysis::occurrences(std::string_view text) const {
  Stemmer stemmer(language_);
  Reader reader(text, stemmer);
  Places places;
  for (FoldedChunk chunk; reader.next(chunk);) places.add(chunk, reader);
  auto found = places.take();
  std::ranges::stable_sort(found, {}, &Occurrence::position);
  return found;
}

std::vector<TermCount> Analysis::terms(std::string_view text) const { return terms(Document{.value = text}); }

std::vector<TermCount> Analysis::terms(const Document& document) const { return TermMaker(*this).terms(document); }

// A stemmer, and the terms of plain words that came before, as they were written.
class TermMaker::Words {
 public:
  explicit Words(const std::string& language) : stemmer_(language) {}

  Stemmer& stemmer() { return stemmer_; }
  const std::vector<std::string>& terms_of(std::string_view word, Reader& reader) {
    if (const auto known = terms_.find(word); known != terms_.end()) return known->second;
    if (terms_.size() == most_words) terms_.clear();
    return terms_.emplace(word, reader.forms(folded(word)).filed()).first->second;
  }

 private:
  static constexpr std::size_t most_words = 16'384;
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard looks for it
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Stemmer stemmer_;
  std::unordered_map<std::string, std::vector<std::string>, Hash, std::equal_to<>> terms_;
};

TermMaker::TermMaker(const Analysis& analysis) : words_(std::make_unique<Words>(analysis.language_)) {}
TermMaker::~TermMaker() = default;

std::vector<TermCount> TermMaker::terms(const Document& document) {
  Places places;  // of one field behind those of the other
  FoldedChunk chunk;
  for (const auto field : all_fields) {
    Reader reader(document[field], words_->stemmer());
    while (reader.next_raw()) {
      if (const auto word = reader.plain_word(); !word.empty()) {
        places.add_word(words_->terms_of(word, reader));
      } else if (reader.fold(chunk)) {
        places.add(chunk, reader);
      }
    }
  }
  return counted(places.take());
}

std::vector<QuestionWord> Analysis::question_words(std::string_view text) const {
  Stemmer stemmer(language_);
  Reader reader(text, stemmer);
  std::vector<QuestionWord> words;
  for (FoldedChunk chunk; reader.next(chunk);) {
    auto& word = words.emplace_back();
    const auto& parts = chunk.parts;
    if (chunk.kind != Chunk::Kind::word) {
      const bool pairs = parts.size() > 1;
      for (std::size_t i = 0; i + (pairs ? 1 : 0) < parts.size(); ++i) {
        const auto last = i + 2 >= parts.size();
        word.units.push_back({{Reader::sign(pairs ? parts[i].folded + parts[i + 1].folded : parts[i].folded)}, !last});
      }
      continue;
    }
    for (const auto& part : parts) {
      // C is not C++.
      if (!chunk.suffix.empty()) break;
      auto forms = reader.forms(part.folded);
      const bool weak = says_little(forms.plain) || is_stop_word(language_, forms.plain);
      word.units.push_back({std::move(forms.stems), false, chunk.identifier() && weak});
      word.common = !chunk.identifier() && is_stop_word(language_, forms.plain);
    }
    if (chunk.identifier()) {
      for (auto& [forms, skipped] : reader.wholes(chunk))
        for (auto& stem : forms.stems) add_distinct(word.wholes, std::move(stem));
    }
  }
  return words;
}

std::string Analysis::beginning(std::string_view text) const {
  Stemmer stemmer(language_);
  Reader reader(text, stemmer);
  std::string last;
  for (FoldedChunk chunk; reader.next(chunk);) {
    last.clear();
    if (chunk.kind == Chunk::Kind::word) last = plain_of(whole(text, chunk, 0));
  }
  return last;
}

}  // namespace claimledger::search
