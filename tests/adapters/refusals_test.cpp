#include <functional>

#include "claimledger/memory/memory_store.hpp"
#include "sqlite/support.hpp"

// What breaks a rule is refused by every store, in the same words.
namespace claimledger::sqlite::test {

namespace {

struct Breach {
  const char* name;
  std::function<void(Commit&)> commit;  // bends a good commit of two claims, which follows one_of_each(1)
  const char* words;
};

const std::vector<Breach> breaches = {
    {"claim twice in the ledger", [](Commit& it) { it.entries[1].claim = claim_id(1); }, "a second time"},
    {"claim twice in the batch", [](Commit& it) { it.entries[1].claim = it.entries[0].claim; }, "a second time"},
    {"unknown parent", [](Commit& it) { it.entries[0].derived_from = {claim_id(77)}; }, "does not have"},
    {"later parent", [](Commit& it) { it.entries[0].derived_from = {claim_id(12)}; }, "does not have"},
    {"its own parent", [](Commit& it) { it.entries[0].derived_from = {claim_id(11)}; }, "does not have"},
    {"about an unknown claim",
     [](Commit& it) {
       it.entries[1].kind = "Corroborated";
       it.entries[1].claim = claim_id(77);
     },
     "does not have"},
    {"serves an unknown claim",
     [](Commit& it) {
       it.entries[1].kind = "Served";
       it.entries[1].claim.reset();
       it.entries[1].served = {claim_id(77)};
     },
     "does not have"},
    {"key used", [](Commit& it) { it.entries[1].idempotency_key = digest(1); }, "already used"},
    {"key twice in the batch",
     [](Commit& it) { it.entries[0].idempotency_key = it.entries[1].idempotency_key = digest(7); }, "already used"},
    {"question opened again",
     [](Commit& it) {
       it.entries[1].kind = "AdjudicationOpened";
       it.entries[1].claim = claim_id(1);
       it.entries[1].handle = AdjudicationId{uuid(1)};
     },
     "a second time"},
    {"question never opened",
     [](Commit& it) {
       it.entries[1].kind = "AdjudicationClosed";
       it.entries[1].claim = claim_id(1);
       it.entries[1].handle = AdjudicationId{uuid(2)};
     },
     "never opened"},
    {"erases what has no content", [](Commit& it) { it.entries[1].erases = Position{4}; }, "has no content"},
    {"erases itself", [](Commit& it) { it.entries[1].erases = Position{6}; }, "has no content"},
    {"erases nothing", [](Commit& it) { it.entries[1].erases = Position{0}; }, "has no content"},
    {"erases the future", [](Commit& it) { it.entries[0].erases = Position{6}; }, "has no content"},
    {"gap", [](Commit& it) { it.entries[1].seq = Position{9}; }, "is numbered 9"},
    {"not the next", [](Commit& it) { it.entries[0].seq = Position{4}; }, "is numbered 4"},
    {"time stands still",
     [](Commit& it) {
       it.header.recorded_at = it.after.recorded_at;
       for (auto& entry : it.entries) entry.recorded_at = it.after.recorded_at;
     },
     "not later"},
    {"an entry of another time", [](Commit& it) { it.entries[1].recorded_at.value += std::chrono::seconds{1}; },
     "not recorded with its batch"},
    {"miscounted", [](Commit& it) { it.header.entries = 3; }, "counts 3 entries"},
    {"empty",
     [](Commit& it) {
       it.entries.clear();
       it.header.entries = 0;
     },
     "at least one entry"},
    {"unknown kind", [](Commit& it) { it.entries[1].kind = "Surprise"; }, "no known kind"},
    {"unknown disposition", [](Commit& it) { it.entries[1].disposition = "Surprise"; }, "no known disposition"},
    {"a claim without a line", [](Commit& it) { it.entries[1].line.reset(); }, "without id or line"},
    {"born erased", [](Commit& it) { it.entries[1].content_state = ContentState::erased; }, "before it was written"},
};

}  // namespace

TEST(Refusals, AreTheSameInEveryStore) {
  for (const auto& breach : breaches) {
    SCOPED_TRACE(breach.name);
    std::vector<std::string> details;
    for (const auto& store : {memory::open(), open({.path = ":memory:"})}) {
      write(*store, alice, one_of_each(1));
      const auto head = store->head(alice, unlimited);
      auto commit = commit_after(head, alice, {claim_entry(11), claim_entry(12)});
      breach.commit(commit);

      const auto outcome = append(*store, commit);

      EXPECT_EQ(outcome.outcome, AppendOutcome::refused);
      EXPECT_NE(outcome.detail.find(breach.words), std::string::npos) << outcome.detail;
      EXPECT_EQ(store->head(alice, unlimited), head);
      details.push_back(outcome.detail);
    }
    EXPECT_EQ(details[0], details[1]);
  }
}

TEST(Refusals, WhatIsErasedIsErasedOnce) {
  for (const auto& store : {memory::open(), open({.path = ":memory:"})}) {
    write(*store, alice, one_of_each(1));
    write(*store, alice, {tombstone(Position{1})});

    const auto again = append(*store, commit_after(store->head(alice, unlimited), alice, {tombstone(Position{1})}));
    const auto twice = append(
        *store, commit_after(store->head(alice, unlimited), alice, {tombstone(Position{2}), tombstone(Position{2})}));

    EXPECT_EQ(again.outcome, AppendOutcome::refused);
    EXPECT_EQ(twice.outcome, AppendOutcome::refused);
  }
}

TEST(Refusals, AClaimUnderAnotherAgentIsAnotherClaim) {
  for (const auto& store : {memory::open(), open({.path = ":memory:"})}) {
    write(*store, alice, one_of_each(1));
    write(*store, bob, one_of_each(1));

    EXPECT_EQ(store->head(bob, unlimited).position, Position{4});
  }
}

}  // namespace claimledger::sqlite::test
