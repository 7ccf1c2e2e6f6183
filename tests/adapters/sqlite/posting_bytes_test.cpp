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

}  // namespace claimledger::sqlite::test
