#include <functional>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "sqlite/support.hpp"

// Every store refuses a commit that breaks a rule, in the same words.
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
    {"key used", [](Commit& it) { it.entries[1].idempotency_key = digest(1); }, "already used"},
    {"key twice in the batch",
     [](Commit& it) { it.entries[0].idempotency_key = it.entries[1].idempotency_key = digest(7); },
     "repeats an idempotency key"},
    {"question opened again",
     [](Commit& it) {
       it.entries[1].kind = kind_number<AdjudicationOpened>;
       it.entries[1].begins = false;
       it.entries[1].handle = AdjudicationId{uuid(1)};
     },
     "has already"},
    {"handle twice in the batch",
     [](Commit& it) { it.entries[0].handle = it.entries[1].handle = AdjudicationId{uuid(9)}; }, "repeats a handle"},
    {"erases itself", [](Commit& it) { it.entries[1].erases = Position{6}; }, "no earlier entry"},
    {"erases the future", [](Commit& it) { it.entries[0].erases = Position{6}; }, "no earlier entry"},
    {"erases, and is no tombstone", [](Commit& it) { it.entries[1].erases = Position{1}; }, "no tombstone"},
    {"erases nothing", [](Commit& it) { it.entries[1].erases = Position{0}; }, "no earlier entry"},
    {"a parent twice",
     [](Commit& it) {
       it.entries[1].derived_from = {claim_id(1), claim_id(2), claim_id(1)};
     },
     "names a parent twice"},
    {"a served claim twice",
     [](Commit& it) {
       it.entries[1].served = {claim_id(1), claim_id(1)};
     },
     "names a served claim twice"},
    {"parents of no claim",
     [](Commit& it) {
       it.entries[1].begins = false;
       it.entries[1].claim.reset();
       it.entries[1].derived_from = {claim_id(1)};
     },
     "about no claim"},
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

TEST(Refusals, AClaimUnderAnotherAgentIsAnotherClaim) {
  for (const auto& store : {memory::open(), open({.path = ":memory:"})}) {
    write(*store, alice, one_of_each(1));
    write(*store, bob, one_of_each(1));

    EXPECT_EQ(store->head(bob, unlimited).position, Position{4});
  }
}

}  // namespace claimledger::sqlite::test
