#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "engine_story.hpp"
#include "laws.hpp"
#include "random_story.hpp"

// Stories by seed, engine beside model, and the laws of the engine's own lines. CLAIMLEDGER_SEED=n runs that story
// alone; CLAIMLEDGER_LONG=1 runs many, from CLAIMLEDGER_FROM on.
namespace claimledger::property {
namespace {

constexpr std::uint64_t seldom = 400;
constexpr std::uint64_t often = 20'000;

void print(const Exceptions& exceptions) {
  std::cout << exceptions.stories << " stories, " << exceptions.only_restates << " with a claim that only restates, "
            << exceptions.answers << " of these seen in the answer\n";
}

// CLAIMLEDGER_STORY names a file with a story in it; its first line, as a comment, names the policy as it is printed.
TEST(AStory, OfAFileAgreesWithTheModel) {
  const auto* path = std::getenv("CLAIMLEDGER_STORY");
  if (path == nullptr) return;
  std::ifstream file(path);
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  const auto first = script.substr(0, script.find('\n'));
  Config config;
  config.queue_for_adjudication = first.find("asked") != std::string::npos;
  if (first.find("newest") != std::string::npos) config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  const auto story = story_of(script, config);
  const auto wrong = side_by_side(story);
  EXPECT_FALSE(wrong) << text(story) << wrong.value_or("");
}

TEST(RandomStories, AgreeWithTheModel) { expect_all(run_of(seldom, often), {}, side_by_side); }

TEST(RandomStories, WithoutCorrectionsAgreeWithTheModel) {
  expect_all(run_of(seldom, often), {.corrections = false}, side_by_side);
}

TEST(RandomStories, StatementsAloneAgreeWithTheModel) {
  expect_all(run_of(seldom, often), {.verbs = false}, side_by_side);
}

TEST(RandomStories, LongOnesAgreeWithTheModel) {
  expect_all(run_of(seldom / 8, often / 8), {.most_steps = 36}, side_by_side);
}

TEST(Laws, RestatingWhatHoldsChangesNothing) {
  expect_all(run_of(seldom / 2, often / 4), {},
             [](const Story& story) { return restating_changes_nothing(drawn_by_engine, story); });
}

TEST(Laws, ThereAndBack) {
  expect_all(run_of(seldom / 8, often / 20), {},
             [](const Story& story) { return there_and_back(drawn_by_engine, story); });
}

TEST(Laws, WhatWasTakenComesBack) {
  expect_all(run_of(seldom / 4, often / 10), {.most_steps = 36},
             [](const Story& story) { return what_was_taken_comes_back(drawn_by_engine, story); });
}

TEST(Laws, ADroppedSourceNeverSpoke) {
  Exceptions exceptions;
  expect_all(run_of(seldom / 2, often / 4), {.verbs = false},
             [&](const Story& story) { return a_dropped_source_never_spoke(drawn_by_engine, story, exceptions); });
  print(exceptions);
}

TEST(Laws, ARetractedClaimNeverWas) {
  Exceptions exceptions;
  expect_all(run_of(seldom / 2, often / 4), {.verbs = false},
             [&](const Story& story) { return a_retracted_claim_never_was(drawn_by_engine, story, exceptions); });
  print(exceptions);
}

TEST(Laws, AConflictIsLocal) {
  expect_all(run_of(seldom, often), {.verbs = false},
             [](const Story& story) { return a_conflict_is_local(drawn_by_engine, story); });
}

}  // namespace
}  // namespace claimledger::property
