#include <set>

#include "claimledger/conformance/store_contract.hpp"
#include "survey.hpp"

// Rules of durability across reopening, and of a store's description of itself.
namespace claimledger::conformance {

TEST_P(StoreContract, D01_ReopeningKeepsEverything) {
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  const auto commits = sample_ledger(head(), agent());
  for (const auto& commit : commits) ASSERT_EQ(append(commit), Outcome{});
  const auto before = survey(store(), agent(), commits, anywhere);
  const auto batches = all_batches();

  reopen();

  EXPECT_EQ(survey(store(), agent(), commits, anywhere), before);
  EXPECT_EQ(all_batches(), batches);
  EXPECT_EQ(head(), head_of(commits.back()));
}

TEST_P(StoreContract, D02_AReopenedLedgerGoesOnWhereItStopped) {
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  const auto claim = ids().claim();
  const auto first = write({claim_recorded(line(), claim)});

  reopen();

  EXPECT_EQ(append(first).outcome, AppendOutcome::already_there);
  expect_refused(draft({claim_recorded(line(), claim)}));
  const auto second = write({claim_recorded(line(), ids().claim(), {claim})});
  reopen();
  EXPECT_EQ(all_batches(), (std::vector{batch_of(first), batch_of(second)}));
}

TEST_P(StoreContract, D03_PlacesAreSeparate) {
  write({claim_recorded(line(), ids().claim())});

  const auto elsewhere = fresh_store();

  EXPECT_EQ(elsewhere->head(agent(), unlimited).position, Position{0});
  EXPECT_TRUE(elsewhere->agents({}, 10, unlimited).empty());
}

TEST_P(StoreContract, D04_CapabilitiesAreNamedOnceAndEachNoHasAReason) {
  std::set<std::string> names;
  for (const auto& capability : store().capabilities()) {
    EXPECT_NE(capability.name, "");
    EXPECT_TRUE(names.insert(capability.name).second) << capability.name << " twice";
    EXPECT_EQ(capability.available, capability.reason.empty()) << capability.name;
    if (!capability.available) RecordProperty(capability.name, capability.reason);
  }
}

TEST_P(StoreContract, D05_DescribingAStoreStartsWithItsBackend) {
  const auto description = store().describe(unlimited);

  ASSERT_FALSE(description.empty());
  EXPECT_EQ(description.front().first, "backend");
  std::set<std::string> keys;
  for (const auto& [key, value] : description) {
    EXPECT_TRUE(keys.insert(key).second) << key << " twice";
  }
}

}  // namespace claimledger::conformance
