#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "support.hpp"
#include "support/race.hpp"

// Writers of several processes, in groups, on one file or one folder; processes are killed wherever they are.
namespace claimledger::sqlite::test {
namespace {

bool run_long() { return std::getenv("CLAIMLEDGER_LONG") != nullptr; }

void expect_race_is_sound(const std::string& path, int agents, std::uint32_t seed) {
  const tests::Race race{.open = [path] { return open({.path = path, .checkpoint_pages = 50}); },
                         .seed = seed,
                         .writers = run_long() ? 64 : 16,
                         .agents = agents,
                         .lines = 4,
                         .operations = run_long() ? 30 : 10};
  std::mt19937 random(race.seed);
  std::uniform_int_distribution<std::uint64_t> moment(race.claims() / 20, race.claims() * 8 / 10);
  std::vector<tests::Fault> faults;
  for (int i = run_long() ? 20 : 8; i > 0; --i)
    faults.push_back(tests::killed(moment(random), static_cast<int>(random() % 4)));

  expect_sound(race, run(race, faults));
}

}  // namespace

TEST(Race, WhatIsAcknowledgedStandsOnceAndInOrderWhoeverIsKilled) {
  const Folder folder;
  expect_race_is_sound(folder / "agent.db", 1, 21);
  expect_race_is_sound(folder / "agents.db", 3, 22);
}

TEST(Race, IsAsSoundInAFolderOfLedgers) {
  const Folder folder;
  expect_race_is_sound(folder / "agents/", 3, 23);
}

}  // namespace claimledger::sqlite::test
