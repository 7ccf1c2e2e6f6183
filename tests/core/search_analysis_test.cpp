#include "search/analysis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "claimledger/failure.hpp"
#include "domain/utf8.hpp"
#include "search_random.hpp"

namespace claimledger::search {
namespace {

using Strings = std::vector<std::string>;

const Analysis& english() {
  static const Analysis analysis;
  return analysis;
}

std::set<std::string> filed(std::string_view text, const Analysis& analysis = english()) {
  std::set<std::string> terms;
  for (const auto& [term, count] : analysis.terms(text)) terms.insert(term);
  return terms;
}

// Does the one word of `question` meet the text: whole, or in all of its units?
bool finds(std::string_view question, std::string_view text, const Analysis& analysis = english()) {
  const auto terms = filed(text, analysis);
  const auto any = [&](const Strings& of) {
    return std::ranges::any_of(of, [&](const auto& term) { return terms.contains(term); });
  };
  const auto words = analysis.question_words(question);
  return !words.empty() && std::ranges::all_of(words, [&](const auto& word) {
    return any(word.wholes) ||
           (!word.units.empty() && std::ranges::all_of(word.units, [&](const auto& unit) { return any(unit.terms); }));
  });
}

bool prefix_finds(std::string_view prefix, std::string_view text) {
  const auto start = english().beginning(prefix);
  return !start.empty() && std::ranges::any_of(filed(text), [&](const auto& term) { return term.starts_with(start); });
}

TEST(Analysis, FindsAWordByItsStem) {
  EXPECT_TRUE(finds("cities", "a city"));
  EXPECT_TRUE(finds("TRAVEL", "travelling"));
  EXPECT_TRUE(finds("travelled", "Travel"));
  EXPECT_FALSE(finds("travel", "gravel"));
}

TEST(Analysis, FindsABeginningAsItIsWritten) {
  for (const auto* text : {"travel", "travelling", "traveller", "Travels"}) EXPECT_TRUE(prefix_finds("trav", text));
  EXPECT_TRUE(prefix_finds("travelli", "travelling"));
  EXPECT_TRUE(prefix_finds("city", "city"));  // whose stem is citi
  EXPECT_TRUE(prefix_finds("happil", "Happily"));
  EXPECT_TRUE(prefix_finds("CAF", "café"));
  EXPECT_TRUE(prefix_finds("café", "cafeteria"));
  EXPECT_TRUE(prefix_finds("foo_b", "fooBar"));
  EXPECT_TRUE(prefix_finds("v1.2", "v1.2.3"));
  EXPECT_TRUE(prefix_finds("1.2", "v1.2.3"));
  EXPECT_TRUE(prefix_finds("bar", "foo_bars"));
  EXPECT_FALSE(prefix_finds("travels", "travel"));
  EXPECT_EQ(english().beginning("東京"), "");
  EXPECT_EQ(english().beginning("iPhone手機"), "");
  EXPECT_EQ(english().beginning("!"), "");
}

TEST(Analysis, AccentsDoNotCount) {
  for (const auto* language : {"english", "french", "german", "russian", "none"}) {
    SCOPED_TRACE(language);
    const Analysis analysis(language);
    for (const auto& [a, b] : {std::pair{"café", "cafe"},
                               {"résumé", "resume"},
                               {"nationalités", "nationalites"},
                               {"Häuser", "hauser"},
                               {"ёлки", "елки"},
                               {"İstanbul", "istanbul"},
                               {"Łódź", "lodz"}}) {
      EXPECT_TRUE(finds(a, b, analysis)) << a;
      EXPECT_TRUE(finds(b, a, analysis)) << b;
    }
  }
  EXPECT_TRUE(finds("nationalité", "nationalités", Analysis("french")));
  EXPECT_TRUE(finds("Haus", "Häuser", Analysis("german")));
  EXPECT_TRUE(finds("créer", "créées", Analysis("french")));  // whose stems without accents differ
  EXPECT_EQ(filed("re\u0301sume\u0301s"), filed("résumés"));
}

TEST(Analysis, NoLocaleTurnsAnIIntoAnother) {
  EXPECT_TRUE(finds("title", "TITLE"));
  EXPECT_TRUE(finds("DIYARBAKIR", "Diyarbakır"));
}

struct Row {
  const char* text;
  std::set<std::string> terms;
};

TEST(Analysis, AnIdentifierIsFiledWholeAndSplit) {
  const Row rows[] = {
      {"snake_case", {"snakecas", "snakecase", "snake", "case"}},
      {"snake__case", {"snakecas", "snakecase", "snake", "case"}},
      {"camelCase", {"camelcas", "camelcase", "camel", "case"}},
      {"kebab-case", {"kebabcas", "kebabcase", "kebab", "case"}},
      {"HTTPServer2", {"httpserver2", "http", "server", "2"}},
      {"v1.2.3", {"v1.2.3", "v1", "1.2.3", "1.2", "v", "1", "2", "3"}},
      {"a/b/c.txt", {"a/b/c.txt", "a", "b", "c", "txt"}},
      {"a\\b", {"a/b", "a", "b"}},
      {"foo@bar.net", {"foo@bar.net", "foo", "bar", "net"}},
      {"https://x.org/y?z=1", {"https://x.org/y?z=1", "https", "x", "org", "y", "z", "1"}},
      {"std::map", {"std::map", "std", "map"}},
      {"2024-05-10", {"2024-05-10", "2024-05", "2024", "05", "10"}},
      {"3.14", {"3.14", "3", "14"}},
      {"U.S.A.", {"usa", "u", "s", "a"}},
      {"C++", {"c++", "c"}},
      {"C#", {"c#", "c"}},
      {"O'Brien", {"obrien", "o", "brien"}},
      {"O\u2019Brien", {"obrien", "o", "brien"}},
      {"don't", {"don't"}},
      {"don\u2019t", {"don't"}},
      {"Ada's", {"ada"}},
      {"550e8400", {"550e8400"}},
      {"end...start", {"end", "start"}},
      {"one--two", {"one", "two"}},
      {"one - two", {"one", "two"}},
      {"(x)", {"x"}},
      {"$5", {"$", "5"}},
  };
  for (const auto& row : rows) EXPECT_EQ(filed(row.text), row.terms) << row.text;
}

TEST(Analysis, SpellingsOfOneIdentifierMeet) {
  const auto spellings = {"foo_bar", "fooBar", "FooBar", "foo-bar", "foobar", "FOO_BAR"};
  for (const auto* a : spellings)
    for (const auto* b : spellings) EXPECT_TRUE(finds(a, b)) << a << ' ' << b;
  EXPECT_TRUE(finds("GitHub", "github"));
  EXPECT_TRUE(finds("wi-fi", "WiFi"));
  EXPECT_TRUE(finds("v1.2.3", "version 1.2.3"));
  EXPECT_TRUE(finds("1.2.3", "v1.2.3"));
  EXPECT_TRUE(finds("USA", "the U.S.A."));
  EXPECT_TRUE(finds("c.txt", "a/b/c.txt"));
}

TEST(Analysis, ANumberIsFoundByWhatItBeginsWith) {
  for (const auto* text : {"3.12.7", "v3.12.7", "python-3.12.7", "3.12.7-rc1"})
    EXPECT_TRUE(finds("3.12", text)) << text;
  EXPECT_TRUE(finds("v3.12", "v3.12.7"));
  EXPECT_TRUE(finds("2026-05", "on 2026-05-01"));
  EXPECT_TRUE(finds("192.168.1", "192.168.1.10"));
  EXPECT_TRUE(finds("6.1.0", "linux-image-6.1.0-26-amd64"));
  EXPECT_TRUE(finds("6.1.0-26", "linux-image-6.1.0-26-amd64"));
  // Not by what is only like it, nor the shorter one by the longer.
  for (const auto* other : {"3.1", "3.127", "1.2"}) EXPECT_FALSE(finds(other, "3.12.7")) << other;
  EXPECT_FALSE(finds("3.12.7", "3.12"));
  EXPECT_FALSE(finds("3.12.7", "3.12.8"));
  EXPECT_EQ(filed("3.12.7"), (std::set<std::string>{"3.12.7", "3.12", "3", "12", "7"}));
}

TEST(Analysis, APartBetweenJointsIsFiledThoughItHasPartsItself) {
  EXPECT_EQ(filed("w1-5"), (std::set<std::string>{"w1-5", "w1", "w", "1", "5"}));
  EXPECT_TRUE(filed("sensor_w1_left").contains("w1"));
  EXPECT_TRUE(filed("https://db2.example.org/x").contains("db2"));
  EXPECT_TRUE(filed("old.userNames.list").contains("usernam")) << "by its stem";
  EXPECT_TRUE(filed("v3.12.7").contains("v3"));
  EXPECT_EQ(filed("userName"), (std::set<std::string>{"usernam", "username", "user", "name"})) << "it is the whole";
  EXPECT_FALSE(filed("w2-15").contains("w1"));
}

TEST(Analysis, ACodeIsFoundByItsLettersAndFirstDigits) {
  EXPECT_TRUE(finds("M404", "LaserJet M404dn"));
  EXPECT_TRUE(finds("m404dn", "LaserJet M404dn"));
  EXPECT_TRUE(finds("sha256", "sha256sum"));
  EXPECT_FALSE(finds("M404dn", "M404"));
  EXPECT_FALSE(finds("M40", "M404dn"));
  EXPECT_EQ(filed("M404dn"), (std::set<std::string>{"m404dn", "m404"}));
  EXPECT_EQ(filed("550e8400"), (std::set<std::string>{"550e8400"})) << "no name has digits first";
}

TEST(Analysis, APartThatSaysLittleIsNotLookedUpAlone) {
  const auto weak = [](std::string_view text) {
    const auto words = english().question_words(text);
    std::vector<bool> flags;
    for (const auto& unit : words.at(0).units) flags.push_back(unit.weak);
    return flags;
  };
  EXPECT_EQ(weak("HTTPServer2"), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(weak("C++"), (std::vector<bool>{}));
  EXPECT_EQ(weak("and/or"), (std::vector<bool>{true, true}));
  EXPECT_EQ(weak("2"), (std::vector<bool>{false}));
}

TEST(Analysis, AScriptWithoutSpacesIsFiledByCharacterAndPair) {
  EXPECT_EQ(filed("東京大"), (std::set<std::string>{"東", "京", "大", "東京", "京大"}));
  EXPECT_EQ(filed("ｶﾞｽ"), filed("ガス"));
  EXPECT_EQ(filed("\u1112\u1161\u11AB국"), filed("한국"));
  EXPECT_EQ(filed("か\u3099"), filed("が"));
  EXPECT_TRUE(finds("東京", "私は東京大学にいます"));
  EXPECT_TRUE(finds("京", "東京"));
  EXPECT_TRUE(finds("ไทย", "ภาษาไทย"));
  EXPECT_TRUE(finds("서울", "서울에서"));
  EXPECT_FALSE(finds("京東", "東京"));
  EXPECT_EQ(filed("iPhone手機"), (std::set<std::string>{"iphon", "iphone", "i", "phone", "手", "機", "手機"}));
}

TEST(Analysis, PairsOverlapInAQuestion) {
  const auto words = english().question_words("東京大学");
  ASSERT_EQ(words.size(), 1U);
  ASSERT_EQ(words[0].units.size(), 3U);
  EXPECT_EQ(words[0].units[0], (QuestionUnit{{"東京"}, true, false}));
  EXPECT_EQ(words[0].units[2], (QuestionUnit{{"大学"}, false, false}));
}

TEST(Analysis, CountsHowOftenATermStands) {
  EXPECT_EQ(english().terms("city, cities; CITY"), (std::vector<TermCount>{{"citi", 3}, {"cities", 1}, {"city", 2}}));
  EXPECT_EQ(english().terms("C++ C++"), (std::vector<TermCount>{{"c", 2}, {"c++", 2}}));
  EXPECT_EQ(english().terms("cat-s"), (std::vector<TermCount>{{"cat", 1}, {"cats", 1}, {"s", 1}}));  // whole and part
  const Document document{.subject = "Ada", .predicate = "likes", .value = "Ada, map", .source = "map"};
  EXPECT_EQ(english().terms(document), (std::vector<TermCount>{{"ada", 2}, {"like", 1}, {"likes", 1}, {"map", 2}}));
}

// What one place gives twice counts once.
std::vector<TermCount> counted_by_place(const std::string& text, const Analysis& analysis) {
  std::set<std::pair<std::string, std::uint32_t>> places;
  for (const auto& place : analysis.occurrences(text)) places.emplace(place.term, place.position);
  std::vector<TermCount> counts;
  for (const auto& [term, position] : places) {
    if (counts.empty() || counts.back().term != term) counts.push_back({term, 0});
    ++counts.back().count;
  }
  return counts;
}

// Of thousands of words, each of which comes again and again, in every case that it may be written in.
std::string words_of(std::mt19937_64& random) {
  static constexpr std::string_view endings[] = {"", "s", "ing", "ed", "ness", "2", "'s", "-up", "++"};
  std::string text;
  for (auto left = random() % 12; left > 0; --left) {
    std::string word = "w";
    for (auto number = random() % 3'000; number > 0; number /= 10) word += static_cast<char>('a' + number % 10);
    if (random() % 4 == 0) word[0] = 'W';
    if (random() % 9 == 0) word.back() = static_cast<char>(std::toupper(word.back()));
    text += word + std::string(endings[random() % std::size(endings)]) + " ";
  }
  return text;
}

TEST(Analysis, TermsAreTheSameWhateverCameBefore) {
  for (const auto* language : {"english", "german", "none"}) {
    const Analysis analysis(language);
    TermMaker maker(analysis);
    for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
      SCOPED_TRACE(std::string(language) + " " + std::to_string(seed));
      std::mt19937_64 random(seed);
      const auto text = words_of(random) + random_text(random, 5) + " " + words_of(random);
      const auto terms = maker.terms({.value = text});
      ASSERT_EQ(terms, counted_by_place(text, analysis)) << text;
      ASSERT_EQ(maker.terms({.value = text}), terms) << text;
    }
  }
}

TEST(Analysis, ANumberBeforeLettersIsAPart) {
  EXPECT_EQ(filed("4runner", Analysis("none")), (std::set<std::string>{"4", "runner", "4runner"}));
  EXPECT_EQ(filed("runner4", Analysis("none")), (std::set<std::string>{"4", "runner", "runner4"}));
}

TEST(Analysis, StopWordsAreFiledAndNamedInAQuestion) {
  EXPECT_TRUE(filed("to be").contains("be"));
  EXPECT_TRUE(english().question_words("The").at(0).common);
  EXPECT_TRUE(english().question_words("don\u2019t").at(0).common);
  EXPECT_FALSE(english().question_words("city").at(0).common);
  EXPECT_FALSE(english().question_words("log-in").at(0).common);
  EXPECT_FALSE(Analysis("none").question_words("the").at(0).common);
  EXPECT_TRUE(Analysis("german").question_words("für").at(0).common);
  EXPECT_TRUE(Analysis("french").question_words("été").at(0).common);
  EXPECT_TRUE(Analysis("spanish").question_words("qué").at(0).common);
}

TEST(Analysis, NumbersItsPlacesInReadingOrder) {
  const auto places = english().occurrences("see GitHub now");
  const std::vector<Occurrence> expected = {
      {"see", 0, 1, 0, 3}, {"git", 1, 1, 4, 7}, {"github", 1, 2, 4, 10}, {"hub", 2, 1, 7, 10}, {"now", 3, 1, 11, 14}};
  EXPECT_EQ(places, expected);
}

TEST(Analysis, ALongTermIsCutAtACharacterAndKeepsADigestOfTheWhole) {
  const Analysis plain("none");
  EXPECT_EQ(filed(std::string(64, 'x'), plain), std::set<std::string>{std::string(64, 'x')});
  // printf 'x%.0s' {1..100} | sha256sum
  EXPECT_EQ(filed(std::string(100, 'x'), plain),
            (std::set<std::string>{std::string(45, 'x') + "\u202609ecb6ebc8bcefc7", std::string(61, 'x') + "\u2026"}));
  std::string letters = "x";
  for (int i = 0; i < 60; ++i) letters += "ж";
  std::set<std::size_t> sizes;
  for (const auto& term : filed(letters, plain)) {
    EXPECT_EQ(text_problem(term), "");
    sizes.insert(term.size());
  }
  EXPECT_EQ(sizes, std::set<std::size_t>{64});
  // What is not seen is folded away, however much of it there is.
  std::string unseen = "x";
  for (int i = 0; i < 1'000; ++i) unseen += "\u00AD";
  EXPECT_EQ(filed(unseen + "y"), std::set<std::string>{"xy"});
  EXPECT_TRUE(english().question_words("\u0640").empty());
}

TEST(Analysis, AnyBytesAreAText) {
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto text = random_text(random, 30);
    std::uint32_t position = 0;
    for (const auto& place : english().occurrences(text)) {
      ASSERT_LE(place.end, text.size());
      ASSERT_LT(place.begin, place.end);
      ASSERT_GE(place.position, position);
      ASSERT_GE(place.length, 1U);
      position = place.position;
      ASSERT_FALSE(place.term.empty());
      ASSERT_LE(place.term.size(), Analysis::longest_term);
      ASSERT_EQ(text_problem(place.term), "");
    }
    const auto terms = english().terms(text);
    ASSERT_TRUE(std::ranges::is_sorted(terms, {}, &TermCount::term));
    ASSERT_EQ(std::ranges::adjacent_find(terms, {}, &TermCount::term), terms.end());
  }
}

TEST(Analysis, BytesThatAreNoTextSeparateWords) {
  EXPECT_EQ(filed("one\xFFtwo"), (std::set<std::string>{"one", "two"}));
  EXPECT_EQ(filed(std::string_view("one\0two", 7)), (std::set<std::string>{"one", "two"}));
  EXPECT_EQ(filed("\xED\xA0\x80\xC0\x80"), std::set<std::string>{});
  EXPECT_EQ(filed("one\u200Btwo"), (std::set<std::string>{"one", "two"}));
}

// What stands alone is found in the same words elsewhere: every word of a text finds the text.
TEST(Analysis, EveryWordOfATextFindsIt) {
  for (const auto& language : Analysis::languages()) {
    const Analysis analysis(language);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      SCOPED_TRACE(language + " " + std::to_string(seed));
      std::mt19937_64 random(seed);
      const auto text = random_text(random, 12);
      if (!analysis.question_words(text).empty()) {
        EXPECT_TRUE(finds(text, text, analysis)) << text;
      }
    }
  }
}

TEST(Analysis, AHugeTextOfOneKindIsRead) {
  const auto repeated = [](std::string_view part) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    return text;
  };
  for (const auto* part :
       {"x", "\u0301", "\u0323\u0301", "a/", "aB1", "a'", "'", "東", "\xFF", "\u200D", "👍", "http://"}) {
    SCOPED_TRACE(part);
    const auto text = "x" + repeated(part);
    for (const auto& term : english().terms(text)) EXPECT_LE(term.term.size(), Analysis::longest_term);
    for (const auto& place : english().occurrences(text)) ASSERT_LE(place.length, 32U);
  }
  EXPECT_EQ(filed("aBcDeFgHiJkLmNoPq"), std::set<std::string>{"abcdefghijklmnopq"});
}

TEST(Analysis, ALanguageNobodyKnowsIsRefused) {
  try {
    Analysis analysis("klingon");
    FAIL() << "took klingon";
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "search_language");
    EXPECT_NE(refused.why().find("\"klingon\" is not one of "), std::string::npos) << refused.why();
    EXPECT_NE(refused.why().find("english"), std::string::npos) << refused.why();
    EXPECT_NE(refused.why().find("none"), std::string::npos) << refused.why();
  }
  for (const auto& language : Analysis::languages()) EXPECT_NO_THROW(Analysis{language}) << language;
  EXPECT_THROW(Analysis(""), InvalidInput);
}

TEST(Analysis, TheRecipeNamesWhatDecidesAboutTerms) {
  const auto recipe = english().recipe();
  for (const auto* part : {"terms 3", "utf8proc ", "Unicode ", "english stems "})
    EXPECT_NE(recipe.find(part), std::string::npos) << recipe;
  EXPECT_EQ(recipe, Analysis("english").recipe());
  EXPECT_NE(Analysis("none").recipe().find("no stems"), std::string::npos);
  std::set<std::string> recipes;
  for (const auto& language : Analysis::languages()) recipes.insert(Analysis(language).recipe());
  EXPECT_EQ(recipes.size(), Analysis::languages().size());
}

}  // namespace
}  // namespace claimledger::search
