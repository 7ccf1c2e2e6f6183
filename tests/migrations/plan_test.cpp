#include <gtest/gtest.h>

#include <array>

#include "claimledger/failure.hpp"
#include "claimledger/migrations/migration.hpp"

// The migrations that remain for a database, from those it had and those that this program has.
namespace claimledger::migrations {

namespace {

constexpr std::array three = {Migration{1, "one", "CREATE TABLE one (x)"}, Migration{2, "two", "CREATE TABLE two (x)"},
                              Migration{3, "three", "CREATE TABLE three (x)"}};

Applied had(const Migration& migration) {
  return {migration.version, std::string(migration.name), checksum(migration.sql)};
}

struct Row {
  const char* why;
  std::vector<Applied> applied;
  std::vector<std::uint32_t> left;  // what the plan says
  const char* refusal;              // or why there is none
};

const std::vector<Row> rows = {
    {"a fresh database gets everything", {}, {1, 2, 3}, nullptr},
    {"an older one gets the rest", {had(three[0])}, {2, 3}, nullptr},
    {"a current one gets nothing", {had(three[0]), had(three[1]), had(three[2])}, {}, nullptr},
    {"a newer one is refused", {had(three[0]), had(three[1]), had(three[2]), {4, "four", "x"}}, {}, "newer"},
    {"an edited one is refused", {had(three[0]), {2, "two", checksum("CREATE TABLE two (y)")}}, {}, "another text"},
    {"a gap is refused", {had(three[0]), had(three[2])}, {}, "2 is missing"},
    {"a beginning that is gone is refused", {had(three[1])}, {}, "1 is missing"},
};

}  // namespace

TEST(Plan, IsTheRestOrARefusal) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    std::vector<std::uint32_t> left;
    std::string refusal;
    try {
      for (const auto& migration : plan(row.applied, three)) left.push_back(migration.version);
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::incompatible);
      refusal = failure.detail();
    }
    EXPECT_EQ(left, row.left);
    EXPECT_EQ(refusal.empty(), row.refusal == nullptr) << refusal;
    if (row.refusal) {
      EXPECT_NE(refusal.find(row.refusal), std::string::npos) << refusal;
    }
  }
}

TEST(Plan, AChecksumIsAVersionFiveUuidOfTheText) {
  EXPECT_EQ(checksum("CREATE TABLE one (x)"), checksum("CREATE TABLE one (x)"));
  EXPECT_NE(checksum("CREATE TABLE one (x)"), checksum("CREATE TABLE one (x) "));
  EXPECT_EQ(checksum("").size(), 36U);
  EXPECT_EQ(checksum("")[14], '5');
}

TEST(Plan, TheEmbeddedMigrationsAreNumberedInOrder) {
  std::uint32_t version = 0;
  for (const auto& migration : sqlite()) {
    EXPECT_EQ(migration.version, ++version);
    EXPECT_FALSE(migration.sql.empty());
  }
  EXPECT_GT(version, 0U);
}

}  // namespace claimledger::migrations
