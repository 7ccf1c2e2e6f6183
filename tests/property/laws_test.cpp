#include "laws.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "random_story.hpp"

// The laws, of the model itself: where it breaks one, the specification contradicts itself or the model is wrong.
namespace claimledger::property {
namespace {

const Run run = run_of(300, 20'000);

TEST(ModelLaws, RestatingWhatHoldsChangesNothing) {
  expect_all(run, {}, [](const Story& story) { return restating_changes_nothing(drawn_by_model, story); });
}

TEST(ModelLaws, ThereAndBack) {
  expect_all(run, {}, [](const Story& story) { return there_and_back(drawn_by_model, story); });
}

TEST(ModelLaws, ADroppedSourceNeverSpoke) {
  Exceptions exceptions;
  expect_all(run, {.verbs = false},
             [&](const Story& story) { return a_dropped_source_never_spoke(drawn_by_model, story, exceptions); });
  std::cout << exceptions.stories << " stories, " << exceptions.only_restates << " with a claim that only restates, "
            << exceptions.answers << " of these seen in the answer\n";
}

TEST(ModelLaws, ARetractedClaimNeverWas) {
  Exceptions exceptions;
  expect_all(run, {.verbs = false},
             [&](const Story& story) { return a_retracted_claim_never_was(drawn_by_model, story, exceptions); });
  std::cout << exceptions.stories << " stories, " << exceptions.only_restates << " with a claim that only restates, "
            << exceptions.answers << " of these seen in the answer\n";
}

TEST(ModelLaws, AConflictIsLocal) {
  expect_all(run, {.verbs = false}, [](const Story& story) { return a_conflict_is_local(drawn_by_model, story); });
}

TEST(ModelLaws, JudgedAnewItIsTheSameLine) {
  expect_all(run, {}, [](const Story& story) -> std::optional<std::string> {
    Model model(story);
    const auto before = picture_of(model, story.steps.size());
    const auto again = model.anew(story.steps.size());
    for (const auto& claim : again.claims) {
      const auto* was = model.after(story.steps.size()).find(claim.id);
      if (was == nullptr || again.validity(claim) != model.after(story.steps.size()).validity(*was))
        return "another line";
      if ((again.validity(claim) & ~again.base(claim)).any()) return "validity outside the base";
      if (claim.counts && (again.base(claim) & ~claim.window).any()) return "base outside the window";
    }
    return {};
  });
}

}  // namespace
}  // namespace claimledger::property
