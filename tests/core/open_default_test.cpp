#include <gtest/gtest.h>

#include <filesystem>

#include "claimledger/engine.hpp"

namespace claimledger {
namespace {

TEST(OpenDefault, RefusesAConfigurationBeforeItMakesAFile) {
  const auto file = std::filesystem::path(testing::TempDir()) / "claimledger_open_default.db";
  std::filesystem::remove(file);
  Config config;
  config.aging_after = config.decayed_after + std::chrono::microseconds{1};

  EXPECT_THROW(open_default(file.string(), config), InvalidInput);

  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace claimledger
