#include <gtest/gtest.h>

#include <string>

#include "search/meaning_text.hpp"

// What an embedder reads of a statement.
namespace claimledger::search {
namespace {

TEST(MeaningText, IsSubjectPredicateAndValueAndNotTheSource) {
  EXPECT_EQ(meaning_text({.subject = "Ada", .predicate = "user.home_city", .value = "Munich", .source = "Grace"}),
            "Ada user home city Munich");
}

TEST(MeaningText, LeavesNoGapForWhatIsEmpty) {
  EXPECT_EQ(meaning_text({.subject = "Ada", .predicate = "", .value = "Munich"}), "Ada Munich");
  EXPECT_EQ(meaning_text({.subject = "", .predicate = "city", .value = ""}), "city");
  EXPECT_EQ(meaning_text({}), "");
}

TEST(MeaningText, LeavesSubjectAndValueAsTheyAre) {
  EXPECT_EQ(meaning_text({.subject = "atlas_web", .predicate = "is at", .value = "https://example.org/fooBar"}),
            "atlas_web is at https://example.org/fooBar");
}

TEST(MeaningText, IsCutAtACharacter) {
  std::string accents;
  for (int i = 0; i < 5'000; ++i) accents += "é";  // two bytes each

  const auto text = meaning_text({.subject = "x", .predicate = "", .value = accents});

  EXPECT_EQ(text, "x " + accents.substr(0, longest_meaning_text - 2));
  EXPECT_EQ(meaning_text({.subject = "xy", .value = accents}), "xy " + accents.substr(0, longest_meaning_text - 4));
}

TEST(WordsOfIdentifiers, TakesJointsAndChangesOfCaseApart) {
  EXPECT_EQ(words_of_identifiers("user.home_city"), "user home city");
  EXPECT_EQ(words_of_identifiers("fetchUserProfile"), "fetch User Profile");
  EXPECT_EQ(words_of_identifiers("HTTPServer"), "HTTP Server");
  EXPECT_EQ(words_of_identifiers("max-retry/backoff::ms"), "max retry backoff ms");
}

TEST(WordsOfIdentifiers, KeepsNumbersWhereTheyAre) {
  EXPECT_EQ(words_of_identifiers("v1.2.3"), "v1.2.3");
  EXPECT_EQ(words_of_identifiers("http2_port"), "http2 port");
  EXPECT_EQ(words_of_identifiers("python 3.12"), "python 3.12");
}

TEST(WordsOfIdentifiers, KeepsWhatIsNoIdentifier) {
  for (const std::string text : {"", " ", "home city", "isn't (yet) known!", "C++ and C#", "职业", "επάγγελμα",
                                 "🦄 x", "a _ b", "-x-", "\xFF_\xFE"})
    EXPECT_EQ(words_of_identifiers(text), text);
}

}  // namespace
}  // namespace claimledger::search
