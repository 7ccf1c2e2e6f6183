#include "posting_bytes.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace claimledger::sqlite::test {

namespace {

using Other = common::PostingBlock::Other;

std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs(const std::vector<Other>& others) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (const auto& [distance, count] : others) found.emplace_back(distance, count);
  return found;
}

constexpr auto most = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TEST(PostingBytes, AreReadAsTheyWereWritten) {
  std::vector<Other> read;
  for (const std::vector<Other>& others : {std::vector<Other>{},
                                           {{1, 1}},
                                           {{1, 1}, {2, 1}, {63, 1}, {64, 1}, {200, 1}},
                                           {{1, 0}, {3, 2}, {4, 127}, {5, 128}, {6, most}},
                                           {{most - 1, 1}, {most, most}}}) {
    ASSERT_TRUE(posting_bytes::read(posting_bytes::written(others), read));
    EXPECT_EQ(pairs(read), pairs(others));
  }
  EXPECT_EQ(posting_bytes::written(std::vector<Other>{{1, 1}, {2, 1}, {65, 2}}).size(), 4U) << "mostly a byte each";
}

TEST(PostingBytes, ThatNobodyWroteAreRefused) {
  std::vector<Other> read;
  for (const std::string bytes : {"\x80",                      // breaks off
                                  "\x02\x80",                  // … behind a whole one
                                  "\x03",                      // without the count that it announces
                                  "\x01\x01",                  // no further than the one before
                                  "\x80\x80\x80\x80\x80\x02",  // longer than any
                                  "\xFE\xFF\xFF\xFF\x3F"}) {   // further than any
    EXPECT_FALSE(posting_bytes::read(bytes, read)) << bytes.size();
  }
  EXPECT_FALSE(posting_bytes::read(std::string(1, '\0'), read)) << "no further than the one before";
}

TEST(PostingBytes, OfAnyKindAreReadInOrderOrNotAtAll) {
  std::mt19937_64 random(1);
  std::vector<Other> read;
  int readable = 0;
  for (int round = 0; round < 20'000; ++round) {
    SCOPED_TRACE(round);
    std::string bytes(random() % 12, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % (round % 2 == 0 ? 256 : 130));
    if (!posting_bytes::read(bytes, read)) continue;
    ++readable;
    std::uint32_t before = 0;
    for (const auto& [distance, count] : read) {
      ASSERT_GT(distance, before);
      before = distance;
    }
    const auto once = pairs(read);
    ASSERT_TRUE(posting_bytes::read(posting_bytes::written(read), read));
    ASSERT_EQ(pairs(read), once);
  }
  EXPECT_GT(readable, 1'000) << "of 20,000";
}

// Each as "term first xcount +distance xcount …".
std::vector<std::string> blocks_of(common::PostingBlocks& blocks) {
  std::vector<std::string> shown;
  blocks.visit([&](const common::PostingBlock& block) {
    auto& text = shown.emplace_back(block.term);
    text += " " + std::to_string(block.first) + " x" + std::to_string(block.count);
    for (const auto& [distance, count] : block.others)
      text += " +" + std::to_string(distance) + " x" + std::to_string(count);
  });
  return shown;
}

TEST(PostingBlocks, AreByTermAndThenByContentAndWhatWasSaidLastCounts) {
  const std::vector<TermCount> first = {{"b", 1}, {"a", 2}, {"b", 3}};
  const std::vector<TermCount> second = {{"b", 4}, {"b", 5}};
  const std::vector<TermCount> third = {{"b", 1}};
  common::PostingBlocks blocks;
  blocks.add(7, first);
  blocks.add(9, second);
  blocks.add(2, third);
  EXPECT_EQ(blocks_of(blocks), (std::vector<std::string>{"a 7 x2", "b 2 x1 +5 x3 +7 x5"}));
}

TEST(PostingBlocks, HoldNoMoreThanARowDoesAndNothingTooFarAway) {
  constexpr std::int64_t far = std::numeric_limits<std::int32_t>::max();
  common::PostingBlocks apart;
  for (const auto content : {std::int64_t{1}, 1 + far, 2 + far}) apart.add(content, "a", 1);
  EXPECT_EQ(blocks_of(apart), (std::vector<std::string>{"a 1 x1 +2147483647 x1", "a 2147483649 x1"}));

  common::PostingBlocks many;
  std::vector<std::string> begins;
  for (std::int64_t content = 1; content <= 300; ++content) many.add(content, "a", 1);
  many.visit([&](const common::PostingBlock& block) {
    begins.push_back(std::to_string(block.first) + " and " + std::to_string(block.others.size()));
  });
  EXPECT_EQ(begins, (std::vector<std::string>{"1 and 127", "129 and 127", "257 and 43"}));
}

}  // namespace claimledger::sqlite::test
