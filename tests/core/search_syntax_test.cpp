#include "search/syntax.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "search_random.hpp"

namespace claimledger::search {
namespace {

struct Row {
  const char* question;
  const char* tree;
};

void expect(std::initializer_list<Row> rows) {
  for (const auto& row : rows) EXPECT_EQ(text(parse(row.question)), row.tree) << row.question;
}

TEST(Syntax, WordsAreAlternatives) {
  expect({{"", "any()"},
          {" \t\n", "any()"},
          {"city", "any(words:city)"},
          {"where does Ada live", "any(words:where, words:does, words:Ada, words:live)"},
          {"a and b or not c", "any(words:a, words:and, words:b, words:or, words:not, words:c)"},
          {"a OR b", "any(words:a, words:b)"}});
}

TEST(Syntax, AndBindsCloserThanOr) {
  expect({{"a AND b", "any(all(words:a, words:b))"},
          {"a AND b AND c", "any(all(words:a, words:b, words:c))"},
          {"a b AND c d", "any(words:a, all(words:b, words:c), words:d)"},
          {"a OR b AND c", "any(words:a, all(words:b, words:c))"}});
}

TEST(Syntax, WhatIsExcludedIsMarked) {
  expect({{"a -b", "any(words:a, not words:b)"},
          {"a NOT b", "any(words:a, not words:b)"},
          {"a AND -b", "any(all(words:a, not words:b))"},
          {"a AND NOT b", "any(all(words:a, not words:b))"},
          {"-\"x y\"", "any(not phrase:x y)"},
          {"-subject:a", "any(not words in subject:a)"},
          {"-a -b", "any(not any(words:a, words:b))"},
          {"-a AND -b", "any(not any(words:a, words:b))"},
          {"x (-a)", "any(words:x, not words:a)"},
          {"x AND (-a -b)", "any(all(words:x, not any(words:a, words:b)))"},
          {"-(a b)", "any(not any(words:a, words:b))"},
          {"NOT -a", "any(words:a)"},
          {"-(-a)", "any(words:a)"},
          {"-(-a -b)", "any(words:a, words:b)"},
          {"--flag - x well-known", "any(words:--flag, words:-, words:x, words:well-known)"}});
}

TEST(Syntax, QuotesKeepWordsTogetherAndKeywordsPlain) {
  expect({{"\"new york\" trip", "any(phrase:new york, words:trip)"},
          {"\u201Cnew york\u201D", "any(phrase:new york)"},
          {"\"a AND (b\"", "any(phrase:a AND (b)"},
          {"\"-a subject:b\"", "any(phrase:-a subject:b)"},
          {"x \"never closed OR", "any(words:x, phrase:never closed OR)"},
          {"x\"y\"z", "any(words:x, phrase:y, words:z)"},
          {"\"", "any()"},
          {"\"\" a", "any(words:a)"}});
}

TEST(Syntax, AStarAtTheEndAsksForABeginning) {
  expect({{"trav*", "any(prefix:trav)"},
          {"trav** *", "any(prefix:trav)"},
          {"value:trav*", "any(prefix in value:trav)"},
          {"a*b", "any(words:a*b)"}});
}

TEST(Syntax, AFieldIsNamedBeforeWhatStandsInIt) {
  expect({{"subject:Ada", "any(words in subject:Ada)"},
          {"Predicate:x source:chat value:\"a b\"",
           "any(words in predicate:x, words in source:chat, phrase in value:a b)"},
          {"source:user:anna", "any(words in source:user:anna)"},
          {"subject:(a b) c", "any(any(words in subject:a, words in subject:b), words:c)"},
          {"subject:((a) b)", "any(words in subject:a, words in subject:b)"},
          {"subject:(a value:b)", "any(words in subject:a, words in value:b)"},
          {"subject:AND", "any(words in subject:AND)"},
          {"subject: a", "any(words:subject:, words:a)"},
          {"colour:red 10:30", "any(words:colour:red, words:10:30)"},
          {"(subject:)", "any(words:subject:)"}});
}

TEST(Syntax, ParenthesesGroup) {
  expect({{"(a OR b) AND c", "any(all(any(words:a, words:b), words:c))"},
          {"a AND (b AND c)", "any(all(words:a, all(words:b, words:c)))"},
          {"((a))", "any(words:a)"},
          {"f(x)", "any(words:f, words:x)"}});
}

TEST(Syntax, WhatHasNoOtherSideIsNotSeen) {
  expect({{"AND", "any()"},
          {"a AND", "any(words:a)"},
          {"OR a", "any(words:a)"},
          {"AND a", "any(words:a)"},
          {"a AND OR b", "any(words:a, words:b)"},
          {"a AND AND b", "any(all(words:a, words:b))"},
          {"NOT", "any()"},
          {"a NOT", "any(words:a)"},
          {"(a", "any(words:a)"},
          {"a)", "any(words:a)"},
          {")(", "any()"},
          {"() a", "any(words:a)"},
          {"-() a", "any(words:a)"},
          {"a AND () b", "any(all(words:a, words:b))"}});
}

std::size_t depth(const Node& node) {
  std::size_t deepest = 0;
  for (const auto& child : node.children) deepest = std::max(deepest, depth(child));
  return deepest + 1;
}

TEST(Syntax, NestingIsBounded) {
  const std::string open(100'000, '(');
  const std::string close(100'000, ')');
  EXPECT_EQ(text(parse(open + "a" + close + " b")), "any(words:a, words:b)");
  EXPECT_EQ(text(parse(open)), "any()");
  const auto deepest = open.substr(0, deepest_nesting - 1) + "subject:(a (b) c)";
  EXPECT_EQ(text(parse(deepest)), "any(words in subject:a, words in subject:b, words in subject:c)");
  EXPECT_EQ(text(parse(close + "a")), "any(words:a)");

  std::string nested;
  for (int i = 0; i < 50'000; ++i) nested += "x AND (y OR -(";
  EXPECT_LE(depth(parse(nested)), 2 * deepest_nesting + 3);
  std::string minus;
  for (int i = 0; i < 50'000; ++i) minus += "-(";
  EXPECT_LE(depth(parse(minus + "a b")), 3U);
}

TEST(Syntax, AnyBytesAreAQuestion) {
  for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto tree = parse(random_text(random, 40));
    EXPECT_EQ(tree.kind, Node::Kind::any);
    EXPECT_FALSE(tree.excluded);
    EXPECT_LE(depth(tree), 2 * deepest_nesting + 3);
  }
}

}  // namespace
}  // namespace claimledger::search
