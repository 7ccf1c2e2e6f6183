#include "search/characters.hpp"

#include <gtest/gtest.h>

#include <random>

#include "domain/utf8.hpp"
#include "search_random.hpp"

namespace claimledger::search {
namespace {

TEST(Characters, TheQuickWayForAsciiSaysWhatTheLibrarySays) {
  for (char32_t code_point = 0; code_point < 0x80; ++code_point) {
    const std::string text(1, static_cast<char>(code_point));
    EXPECT_EQ(character_at(text, 0).kind, kind_by_library(code_point)) << static_cast<unsigned>(code_point);
  }
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    auto text = random_ascii(random, 40);
    std::erase(text, '\0');
    EXPECT_EQ(folded(text), folded_by_library(text));
    EXPECT_EQ(without_marks(text), without_marks_by_library(text));
  }
}

TEST(Characters, WhatDiffersInLooksWidthOrCaseOnlyIsOne) {
  for (const auto& [a, b] : {std::pair{"CAFÉ", "cafe\u0301"},
                             {"Straße", "STRASSE"},
                             {"ＡＢ１", "ab1"},
                             {"ﬁne", "fine"},
                             {"so\u00ADft", "soft"},
                             {"ｶﾞ", "ガ"},
                             {"Σίσυφος", "ΣΊΣΥΦΟΣ"},
                             {"I", "i"}})
    EXPECT_EQ(folded(a), folded(b));
}

TEST(Characters, MarksThatPeopleLeaveOutAreLeftOut) {
  for (const auto& [marked, plain] : {std::pair{"café", "cafe"},
                                      {"łódź", "lodz"},
                                      {"søren", "soren"},
                                      {"diyarbakır", "diyarbakir"},
                                      {"i\u0307stanbul", "istanbul"},
                                      {"ёлка", "елка"},
                                      {"ά", "α"},
                                      {"مُحَمَّد", "محمد"},
                                      {"שָׁלוֹם", "שלום"},
                                      {"o\u2019brien", "o'brien"},
                                      {"œuvre", "oeuvre"}})
    EXPECT_EQ(without_marks(folded(marked)), folded(plain)) << marked;
}

TEST(Characters, AMarkThatMakesAnotherLetterStays) {
  for (const auto* text : {"чай", "ї", "が", "की", "ไทย", "한국"}) EXPECT_EQ(without_marks(folded(text)), folded(text));
}

TEST(Characters, ATextIsCutAtACharacter) {
  EXPECT_EQ(cut_at_character("abc", 5), 3U);
  EXPECT_EQ(cut_at_character("abc", 2), 2U);
  EXPECT_EQ(cut_at_character("aé", 2), 1U);
  EXPECT_EQ(cut_at_character("a東b", 3), 1U);
  EXPECT_EQ(cut_at_character("a東b", 4), 4U);
  EXPECT_EQ(cut_at_character("é", 1), 0U);
  EXPECT_EQ(cut_at_character(std::string(20, '\x80'), 10), 10U);
}

TEST(Characters, FoldingLeavesText) {
  for (char32_t code_point = 0x80; code_point < 0x110000; ++code_point) {
    if (code_point >= 0xD800 && code_point < 0xE000) continue;
    std::string text;
    if (code_point < 0x800) {
      text = {static_cast<char>(0xC0 | (code_point >> 6))};
    } else if (code_point < 0x10000) {
      text = {static_cast<char>(0xE0 | (code_point >> 12)), static_cast<char>(0x80 | ((code_point >> 6) & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | (code_point >> 18)), static_cast<char>(0x80 | ((code_point >> 12) & 0x3F)),
              static_cast<char>(0x80 | ((code_point >> 6) & 0x3F))};
    }
    text += static_cast<char>(0x80 | (code_point & 0x3F));
    ASSERT_EQ(text_problem(without_marks(folded(text))), "") << static_cast<unsigned>(code_point);
    ASSERT_EQ(character_at(text, 0).bytes, text.size());
  }
}

}  // namespace
}  // namespace claimledger::search
