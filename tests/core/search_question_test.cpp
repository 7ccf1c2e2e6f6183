#include "search/question.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "search_random.hpp"

namespace claimledger::search {
namespace {

using Strings = std::vector<std::string>;

const Analysis& english() {
  static const Analysis analysis;
  return analysis;
}

Question ask(std::string_view text) { return {text, english()}; }

bool finds(std::string_view question, const Document& document) {
  const auto asked = ask(question);
  return asked.judge(document, asked.counts(english().terms(document)));
}
bool finds(std::string_view question, std::string_view value) { return finds(question, Document{.value = value}); }

// The share of a document, if every lookup is as rare as another.
std::uint32_t share(std::string_view question, std::string_view value) {
  const auto asked = ask(question);
  const std::vector<std::uint32_t> weights(asked.lookups().size(), 1'000);
  return asked.score(weights, asked.counts(english().terms(value)));
}

// The lookups, a beginning with a star, those not wanted with a minus.
Strings lookups(std::string_view question) {
  const auto asked = ask(question);
  Strings texts;
  for (const auto& lookup : asked.lookups())
    texts.push_back((lookup.wanted ? "" : "-") + lookup.text + (lookup.kind == Lookup::Kind::beginning ? "*" : ""));
  return texts;
}

TEST(Question, AsksForAnyOfItsWords) {
  EXPECT_TRUE(finds("cities in Bavaria", "a city"));
  EXPECT_TRUE(finds("cities in Bavaria", "bavarian and Bavaria"));
  EXPECT_FALSE(finds("cities in Bavaria", "a village in Hesse"));
  EXPECT_EQ(lookups("City cities trav* -Berlin"), (Strings{"citi", "trav*", "-berlin"}));
  EXPECT_EQ(lookups("(city -town) town"), (Strings{"citi", "town"}));
}

TEST(Question, LeavesOutStopWordsUnlessNothingIsLeft) {
  EXPECT_EQ(lookups("where is the city"), (Strings{"citi"}));
  EXPECT_EQ(ask("where is the city").remark(), Remark::none);
  EXPECT_EQ(lookups("to be"), (Strings{"to", "be"}));
  EXPECT_EQ(ask("to be").remark(), Remark::only_common_words);
  EXPECT_TRUE(ask("to be").asks());
  EXPECT_EQ(lookups("the -city"), (Strings{"the", "-citi"}));
  EXPECT_EQ(lookups("city -the subject:it \"to be\""), (Strings{"citi", "-the", "it", "to", "be"}));
  EXPECT_EQ(lookups("the AND city"), (Strings{"citi"}));
  EXPECT_TRUE(finds("(the -Berlin) AND city", "city of Munich"));
  EXPECT_FALSE(finds("(the -Berlin) AND city", "city of Berlin"));
  EXPECT_TRUE(finds("(the -Berlin) OR city", "city of Berlin"));
  EXPECT_TRUE(finds("city AND -(?! -Berlin)", "city of Berlin"));
}

TEST(Question, SaysWhyItAsksForNothing) {
  struct Row {
    const char* question;
    Remark remark;
  };
  const Row rows[] = {{"", Remark::empty},
                      {" \n ", Remark::empty},
                      {"?!", Remark::no_words},
                      {"\"\"", Remark::no_words},
                      {"\xFF", Remark::no_words},
                      {"*", Remark::no_words},
                      {"-city", Remark::only_exclusions},
                      {"NOT (a b)", Remark::only_exclusions},
                      {"?! -city", Remark::only_exclusions}};
  for (const auto& [question, remark] : rows) {
    const auto asked = ask(question);
    EXPECT_FALSE(asked.asks()) << question;
    EXPECT_EQ(asked.remark(), remark) << question;
    EXPECT_FALSE(text(asked.remark()).empty());
    EXPECT_FALSE(asked.judge({.value = "a city"}, asked.counts(english().terms("a city")))) << question;
  }
  EXPECT_EQ(text(Remark::none), "");
}

TEST(Question, WhatIsExcludedIsNotFound) {
  EXPECT_TRUE(finds("city -Berlin", "city of Munich"));
  EXPECT_FALSE(finds("city -Berlin", "city of Berlin"));
  EXPECT_FALSE(finds("city -Ber*", "city of Berlin"));
  EXPECT_FALSE(finds("city -(Berlin AND wall)", "city of Berlin, wall"));
  EXPECT_TRUE(finds("city -(Berlin AND wall)", "city of Berlin"));
  EXPECT_TRUE(finds("city -old,wall*", "old city"));
  EXPECT_FALSE(finds("city -old,wall*", "old walls of a city"));
  EXPECT_TRUE(finds("city -C++", "city C"));
  EXPECT_FALSE(finds("city -C++", "city C++"));
  EXPECT_TRUE(finds("city -(Berlin -wall)", "city of Berlin, wall"));
  EXPECT_FALSE(finds("city -(Berlin -wall)", "city of Berlin"));
}

TEST(Question, AWordOfSeveralPartsIsExcludedAsWrittenOnly) {
  EXPECT_FALSE(finds("city -foo_bar", "city fooBar"));
  EXPECT_FALSE(finds("city -foo_bar", "city foo bar"));
  EXPECT_TRUE(finds("city -foo_bar", "city bar foo"));
  EXPECT_TRUE(finds("city -foo_bar", "city foo"));
  EXPECT_FALSE(finds("city -東京大学", "city 東京大学"));
  EXPECT_TRUE(finds("city -東京大学", "city 京大 東京 大学"));
}

TEST(Question, AllMeansAll) {
  EXPECT_TRUE(finds("Ada AND city", "Ada's city"));
  EXPECT_FALSE(finds("Ada AND city", "Ada"));
  EXPECT_TRUE(finds("Ada AND (city OR town)", "town of Ada"));
  EXPECT_FALSE(finds("Ada AND snake_case", "Ada's snake"));
  EXPECT_TRUE(finds("Ada AND snake_case", "Ada's snake in a case"));
  EXPECT_TRUE(finds("Ada AND snake_case", "Ada's snakecase"));
  EXPECT_FALSE(finds("Ada AND 東京大", "Ada 東京"));
}

TEST(Question, BesideOtherWordsAPartIsEnough) {
  EXPECT_TRUE(finds("snake_case", "a snake"));
  EXPECT_TRUE(finds("東京大学", "東京"));
  EXPECT_FALSE(finds("HTTPServer2", "page 2"));
  EXPECT_FALSE(finds("v1.2.3", "1 2 3"));
  EXPECT_TRUE(finds("v1.2.3", "release 1.2.3"));
}

TEST(Question, APhraseStandsInOrderInOneField) {
  EXPECT_TRUE(finds("\"new york\"", "in New York City"));
  EXPECT_FALSE(finds("\"new york\"", "york is new"));
  EXPECT_FALSE(finds("\"new york\"", "new old york"));
  EXPECT_TRUE(finds("\"travelling light\"", "she travels light"));
  EXPECT_TRUE(finds("\"to be or not to be\"", "To be, or not to be?"));
  EXPECT_FALSE(finds("\"to be or not to be\"", "to be or to be"));
  EXPECT_FALSE(finds("\"Ada city\"", Document{.subject = "Ada", .predicate = "city"}));
  EXPECT_FALSE(finds("york -\"new york\"", "new york"));
  EXPECT_TRUE(finds("york -\"new york\"", "york, new"));
  EXPECT_TRUE(finds("\"user guide\"", "the user's guide"));
}

TEST(Question, APhraseSeesTheSpellingsOfAnIdentifier) {
  for (const auto* value : {"a GitHub issue", "a github issue", "a git-hub issue", "a git hub issue"})
    EXPECT_TRUE(finds("\"GitHub issue\"", value)) << value;
  EXPECT_FALSE(finds("\"GitHub issue\"", "git hub an issue"));
  EXPECT_FALSE(finds("\"GitHub issue\"", "hub git issue"));
  EXPECT_TRUE(finds("\"a GitHub\" ", "a GitHub"));
  EXPECT_TRUE(finds("\"東京大学 map\"", "東京大学 map"));
  EXPECT_FALSE(finds("\"東京大学 map\"", "東京大学院 map"));
  EXPECT_TRUE(finds("\"C 2\"", "c_2"));
  EXPECT_TRUE(finds("\"c_2 map\"", "C 2 map"));
  EXPECT_TRUE(finds("\"learn C++ fast\"", "learn C++ fast"));
  EXPECT_FALSE(finds("\"learn C++ fast\"", "learn C fast, not C++"));
  EXPECT_FALSE(finds("\"learn C++ fast\"", "learn fast C++"));
}

TEST(Question, AFieldHasToHoldIt) {
  const Document document{.subject = "Ada", .predicate = "home_town", .value = "Munich, Bavaria", .source = "chat 7"};
  for (const auto* question : {"subject:Ada", "predicate:home_town", "predicate:homeTown", "value:\"munich bavaria\"",
                               "value:Mun*", "source:7", "value:(Berlin OR Munich)", "subject:Bob value:Munich",
                               "subject:Ada AND value:Munich", "Ada -subject:Munich"})
    EXPECT_TRUE(finds(question, document)) << question;
  for (const auto* question : {"value:HTTPServer2", "value:wi-fi"})
    EXPECT_TRUE(finds(question, Document{.value = "http server, wifi"})) << question;
  for (const auto* question : {"subject:Munich", "value:Ada", "predicate:home_run", "value:\"bavaria munich\"",
                               "subject:Mun*", "source:Ada", "subject:Ada AND value:Berlin", "Munich -subject:Ada",
                               "Munich -subject:(Ada Bob)", "subject:\"munich bavaria\""})
    EXPECT_FALSE(finds(question, document)) << question;
}

// What is longer than a term may be is told apart by its end all the same.
TEST(Question, LongIdentifiersThatBeginAlikeAreOthers) {
  const std::string base = "https://wiki.example.org/projects/claimledger/documents/architecture-decisions/";
  for (const auto& [one, other] : std::vector<std::pair<std::string, std::string>>{
           {base + "alpha", base + "beta"},
           {base + "alpha", base + "alphabet"},
           {std::string(299, 'w'), std::string(300, 'w')},
           {std::string(600, 'w') + "x", std::string(600, 'w') + "y"},
           {std::string(64, 'w'), std::string(65, 'w')},
           {std::string(100, 'w') + "\u00E4", std::string(100, 'w') + "\u00F6"}}) {
    SCOPED_TRACE(one);
    for (const auto* before : {"", "value:", "link AND "}) {
      EXPECT_TRUE(finds(before + one, "the link " + one));
      EXPECT_FALSE(finds(before + one + " -link", "the link " + one));
    }
    EXPECT_FALSE(finds("value:" + one, "the link " + other));
    EXPECT_FALSE(finds("link AND " + one, "the link " + other));
    EXPECT_FALSE(finds('"' + one + '"', "the link " + other));
    EXPECT_TRUE(finds('"' + one + '"', "the link " + one));
    EXPECT_TRUE(finds("link -" + one, "the link " + other)) << "another is excluded";
    EXPECT_FALSE(finds("link -" + one, "the link " + one));
  }
}

TEST(Question, ALongBeginningIsReadWhole) {
  const std::string base(70, 'w');
  for (const auto length : {std::size_t{10}, Analysis::longest_beginning - 1, Analysis::longest_beginning,
                            Analysis::longest_beginning + 1, base.size()}) {
    SCOPED_TRACE(length);
    const auto beginning = base.substr(0, length);
    for (const std::string before : {"", "value:", "link AND "}) {
      EXPECT_TRUE(finds(before + beginning + "*", "link " + base + "x"));
      EXPECT_FALSE(finds(before + beginning + "y*", "link " + base + "x")) << before;
      EXPECT_FALSE(finds(before + beginning + "*", "link w"));
    }
    EXPECT_FALSE(finds("link -" + beginning + "*", "link " + base + "x"));
    EXPECT_TRUE(finds("link -" + beginning + "y*", "link " + base + "x"));
  }
  EXPECT_TRUE(finds("https://wiki.example.org/projects/claimledger/documents/archi*",
                    "see https://wiki.example.org/projects/claimledger/documents/architecture-decisions/alpha"));
}

TEST(Question, ScoresTheShareOfWhatWasAskedFor) {
  EXPECT_EQ(share("city town", "city town"), 454'545U);
  EXPECT_EQ(share("city town", "city"), 454'545U / 2);
  EXPECT_EQ(share("city cities", "city"), 454'545U);  // one word, asked for twice
  EXPECT_EQ(share("city cities town", "town"), 454'545U / 2);
  EXPECT_EQ(share("東京大学 town", "town"), 454'545U / 4);  // each pair is a word
  EXPECT_EQ(share("city -town", "city"), 454'545U);
  EXPECT_EQ(share("résumé", "resume"), 454'545U);
  EXPECT_EQ(share("resume", "résumé"), 454'545U);
  EXPECT_EQ(share("GitHub", "github"), 454'545U);
  EXPECT_EQ(share("GitHub", "GitHub"), 454'545U);
  EXPECT_EQ(share("GitHub", "git"), 454'545U / 2);
  EXPECT_EQ(share("GitHub city", "city"), 454'545U / 2);
  EXPECT_EQ(share("東京大学", "東京"), 454'545U / 3);
  EXPECT_EQ(share("city city*", "city"), 454'545U);
  EXPECT_EQ(share("travel*", "travels"), 625'000U);  // begins two terms: the word and its stem
}

TEST(Question, CountsWhatBeginsSo) {
  const auto asked = ask("trav* city");
  EXPECT_EQ(asked.counts(english().terms("travel travels, traverse; trap")), (std::vector<std::uint32_t>{5, 0}));
  const std::vector<TermCount> many = {{"trav", 4'000'000'000U}, {"travel", 4'000'000'000U}};
  EXPECT_EQ(asked.counts(many), (std::vector<std::uint32_t>{4'294'967'295U, 0}));
}

TEST(Question, MarksWhatAnswersIt) {
  const std::string value = "Cities travel to Berlin";
  const auto matches = ask("city trav* -berlin").matches(value);
  EXPECT_EQ(matches, (std::vector<Match>{{0, 6, 0}, {7, 13, 1}}));
}

TEST(Question, ReadsATextOnlyWhereCountsDoNotTell) {
  for (const auto* question : {"city", "a AND b", "city -berlin", "trav*", "\"city\"", "foo_bar", "東京大学"})
    EXPECT_FALSE(ask(question).reads_text()) << question;
  for (const auto* question : {"\"a b\"", "subject:a", "a -foo_bar", "\"GitHub\"", "value:a*"})
    EXPECT_TRUE(ask(question).reads_text()) << question;
}

TEST(Question, WhatIsTooLongIsCutAndSaysSo) {
  std::string words;
  for (int i = 0; i < 10'000; ++i)
    words += "word" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i) + " ";
  const Strings questions = {words, "\"" + words + "\"", "city AND (" + words + ")", words + " -b"};
  for (const auto& question : questions) {
    const auto asked = ask(question);
    EXPECT_TRUE(asked.cut());
    EXPECT_TRUE(asked.asks());
    EXPECT_LE(asked.lookups().size(), Question::most_lookups);
    EXPECT_GE(asked.lookups().size(), Question::most_lookups - 3);
  }
  std::string beginnings;
  for (int i = 0; i < 1'000; ++i) beginnings += "word" + std::to_string(i) + "* ";
  EXPECT_EQ(ask(beginnings).lookups().size(), Question::most_lookups);
  EXPECT_TRUE(ask(beginnings).cut());
  const auto excluded = ask("city -\"" + words + "\"");
  EXPECT_TRUE(excluded.cut());
  EXPECT_EQ(lookups("city -\"" + words + "\""), Strings{"citi"});
  EXPECT_EQ(lookups("city -(Berlin AND (" + words + "))"), Strings{"citi"});
  EXPECT_EQ(lookups("city -" + words.substr(0, 4) + " town -(" + words + ")"), (Strings{"citi", "-word", "town"}));
  EXPECT_TRUE(ask("city " + std::string(Question::longest_text, ' ') + "town").cut());
  EXPECT_FALSE(ask("city town").cut());
}

Document random_document(std::mt19937_64& random, std::array<std::string, 4>& texts) {
  for (auto& text : texts) text = random_text(random, 8);
  return {texts[0], texts[1], texts[2], texts[3]};
}

// What is not a candidate never matches, and nothing that matches is ruled out before its text is read.
TEST(Question, EveryMatchHasAWantedLookupAndIsForeseen) {
  std::size_t matched = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto question = random_text(random, 10);
    const auto asked = ask(question);
    std::array<std::string, 4> texts;
    const auto document = random_document(random, texts);
    const auto counts = asked.counts(english().terms(document));
    ASSERT_LE(asked.lookups().size(), Question::most_lookups);
    ASSERT_FALSE(asked.judge(document, std::vector<std::uint32_t>(counts.size())));
    if (!asked.judge(document, counts)) continue;
    ++matched;
    ASSERT_TRUE(asked.may_match(counts)) << question;
    bool wanted = false;
    for (std::size_t i = 0; i < counts.size(); ++i) wanted = wanted || (asked.lookups()[i].wanted && counts[i] > 0);
    ASSERT_TRUE(wanted) << question;
    const std::vector<std::uint32_t> weights(counts.size(), 1'000);
    ASSERT_LT(asked.score(weights, counts), 1'000'000U);
  }
  EXPECT_GT(matched, 1'000U);
}

TEST(Question, WhatIsForeseenWithoutATextIsNeverLess) {
  EXPECT_TRUE(finds("city -(Berlin -\"old wall\")", "city Berlin old wall"));
  EXPECT_FALSE(finds("city -(Berlin -\"old wall\")", "city Berlin wall old"));
  EXPECT_TRUE(finds("city -(subject:Ada Bob)", "city Ada"));
  EXPECT_TRUE(finds("city -(Ada -subject:Bob)", Document{.subject = "Bob", .value = "city Ada"}));
}

// A phrase of words that stand side by side in a text is found there.
TEST(Question, APhraseTakenFromATextIsFoundInIt) {
  std::size_t asked = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::string text;
    for (int i = 0; i < 8; ++i) text += std::string(fragments.at(random() % 45)) + ' ';
    std::string phrase = text.substr(0, text.find(' ', text.size() / 2));
    if (phrase.find('"') != std::string::npos || !ask("\"" + phrase + "\"").asks()) continue;
    ++asked;
    ASSERT_TRUE(finds("\"" + phrase + "\"", text)) << phrase;
  }
  EXPECT_GT(asked, 2'000U);
}

TEST(Question, KeepsWhatItNeeds) {
  const auto asked = [] { return Question(std::string("\"new york\""), Analysis("english")); }();
  const auto copy = asked;
  EXPECT_TRUE(copy.judge({.value = "new york"}, copy.counts(english().terms("new york"))));
}

}  // namespace
}  // namespace claimledger::search
