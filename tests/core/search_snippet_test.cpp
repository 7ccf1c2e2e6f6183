#include "search/snippet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "domain/utf8.hpp"
#include "search/graphemes.hpp"
#include "search_random.hpp"

namespace claimledger::search {
namespace {

// The matches are where these words stand, each word a lookup.
std::vector<Match> places_of(std::string_view text, const std::vector<std::string>& words) {
  std::vector<Match> matches;
  for (std::uint32_t lookup = 0; lookup < words.size(); ++lookup)
    for (auto at = text.find(words[lookup]); at != std::string_view::npos; at = text.find(words[lookup], at + 1))
      matches.push_back({at, at + words[lookup].size(), lookup});
  std::ranges::stable_sort(matches, {}, &Match::begin);
  return matches;
}

// The snippet with its marks in brackets and "…" where it is cut.
std::string shown(std::string_view text, const std::vector<std::string>& words, std::size_t most_bytes) {
  const auto made = snippet(text, places_of(text, words), most_bytes);
  EXPECT_LE(made.text.size(), most_bytes);
  auto line = made.text;
  for (auto mark = made.marks.rbegin(); mark != made.marks.rend(); ++mark)
    line.insert(mark->end, "]").insert(mark->begin, "[");
  return (made.cut_before ? "…" : "") + line + (made.cut_after ? "…" : "");
}

TEST(Snippet, AShortTextIsShownWhole) {
  EXPECT_EQ(shown("Ada lives in Munich", {"Ada", "Munich"}, 19), "[Ada] lives in [Munich]");
  EXPECT_EQ(shown("", {}, 0), "");
  EXPECT_EQ(shown("Ada", {}, 100), "Ada");
}

TEST(Snippet, ShowsTheMostDifferentMatches) {
  const std::string filler(100, '.');
  EXPECT_EQ(shown("red red red" + filler + "red blue" + filler, {"red", "blue"}, 11), "….[red] [blue]..…");
}

TEST(Snippet, ThenTheMostMatches) {
  const std::string filler(100, '.');
  EXPECT_EQ(shown("red" + filler + "red red" + filler, {"red"}, 7), "…[red] [red]…");
}

TEST(Snippet, ThenTheEarliest) {
  const std::string filler(100, '.');
  EXPECT_EQ(shown(filler + "red" + filler + "red", {"red"}, 5), "….[red].…");
  EXPECT_EQ(shown("one two three four", {}, 8), "one two…");
}

TEST(Snippet, SharesTheRoomBetweenBothSides) {
  EXPECT_EQ(shown("aaaaaaaaaaXbbbbbbbbbb", {"X"}, 5), "…aa[X]bb…");
  EXPECT_EQ(shown("aaX" + std::string(20, 'b'), {"X"}, 9), "aa[X]bbbbbb…");
  EXPECT_EQ(shown(std::string(20, 'a') + "Xbb", {"X"}, 9), "…aaaaaa[X]bb");
}

TEST(Snippet, CutsAtABlankWhereThatLosesLittle) {
  const std::string_view text = "one two three four five six seven X eight nine ten eleven twelve thirteen";
  EXPECT_EQ(shown(text, {"X"}, 40), "…five six seven [X] eight nine ten…");
  EXPECT_EQ(shown(std::string(100, 'a') + " X " + std::string(100, 'b'), {"X"}, 11), "…aaaa [X] bbbb…");
  // Never inside of what is to be seen.
  EXPECT_EQ(shown("aaaaaR one two three four Baaaaa", {"R", "B"}, 24), "…a[R] one two three four [B]a…");
}

TEST(Snippet, CutsNoCharacterAndNoAccentFromItsLetter) {
  EXPECT_EQ(shown("ééééééé", {}, 5), "éé…");
  EXPECT_EQ(shown("e\u0301e\u0301e\u0301", {}, 5), "e\u0301…");
  EXPECT_EQ(shown("👍🏽👍🏽", {}, 12), "👍🏽…");
  EXPECT_EQ(shown("東京大学", {"大"}, 7), "…[大]…");
  EXPECT_EQ(shown("東京大学", {"大"}, 9), "…京[大]学");
}

TEST(Snippet, AMatchThatDoesNotFitIsCut) {
  EXPECT_EQ(shown("abcdefghij", {"abcdefghij"}, 4), "[abcd]…");
  EXPECT_EQ(shown("xx東京大学", {"東京大学"}, 7), "…[東京]…");
  EXPECT_EQ(shown("é", {"é"}, 1), "…");
}

TEST(Snippet, MatchesThatOverlapAreOneMark) {
  const std::vector<Match> matches = {{0, 6, 0}, {0, 3, 1}, {3, 6, 2}, {7, 8, 3}};
  const auto made = snippet("GitHub x", matches, 100);
  EXPECT_EQ(made.marks, (std::vector<Mark>{{0, 6}, {7, 8}}));
}

TEST(Snippet, AnyBytesMakeASnippet) {
  for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto text = random_text(random, 30);
    std::vector<Match> matches;
    for (auto left = text.empty() ? 0 : random() % 10; left > 0; --left) {
      const auto begin = random() % text.size();
      matches.push_back({begin, begin + 1 + random() % std::min<std::size_t>(text.size() - begin, 20),
                         static_cast<std::uint32_t>(random() % 4)});
    }
    std::ranges::stable_sort(matches, {}, &Match::begin);
    const auto most_bytes = random() % 60;
    const auto made = snippet(text, matches, most_bytes);

    ASSERT_LE(made.text.size(), most_bytes);
    ASSERT_NE(text.find(made.text), std::string::npos);
    ASSERT_EQ(made.cut_before || made.cut_after, made.text.size() < text.size());
    std::size_t end = 0;
    for (const auto& mark : made.marks) {
      ASSERT_LT(mark.begin, mark.end);
      ASSERT_LE(mark.end, made.text.size());
      ASSERT_TRUE(end == 0 || mark.begin > end);
      end = mark.end;
    }
    const bool one_fits = std::ranges::any_of(matches, [&](const auto& m) { return m.end - m.begin <= most_bytes; });
    if (one_fits) {
      ASSERT_FALSE(made.marks.empty());
    }
  }
}

TEST(Snippet, TextThatIsUtf8StaysUtf8) {
  for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::string text;
    for (int i = 0; i < 12; ++i) {
      const auto fragment = fragments.at(random() % fragments.size());
      if (text_problem(fragment).empty()) text += fragment;
    }
    const auto most_bytes = random() % 40;
    EXPECT_EQ(text_problem(snippet(text, {}, most_bytes).text), "") << text;
  }
}

TEST(Graphemes, BreaksLieBetweenWhatAReaderCounts) {
  EXPECT_EQ(break_from("ae\u0301b", 2), 4U);
  EXPECT_EQ(break_up_to("ae\u0301b", 3), 1U);
  EXPECT_EQ(break_from("abc", 1), 1U);
  EXPECT_EQ(break_up_to("abc", 3), 3U);
  EXPECT_EQ(break_from("", 0), 0U);
  std::string marks = "a";
  for (int i = 0; i < 1'000; ++i) marks += "\u0301";
  EXPECT_LT(break_from(marks, 500) - 500, 300U);
  EXPECT_LT(500 - break_up_to(marks, 500), 300U);
}

}  // namespace
}  // namespace claimledger::search
