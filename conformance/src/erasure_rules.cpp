#include "claimledger/conformance/store_contract.hpp"

// A tombstone takes the content it names, and nothing else.
namespace claimledger::conformance {

TEST_P(StoreContract, T01_ATombstoneErasesTheContentItNamesAndOnlyThat) {
  const auto before = write({claim_recorded(line(), ids().claim()), claim_recorded(line(), ids().claim()),
                             claim_recorded(line(), ids().claim())});
  const auto tombstone = write({content_erased(Position{2})});

  auto expected = batch_of(before);
  expected.entries[1].content = {};
  expected.entries[1].content_state = ContentState::erased;
  EXPECT_EQ(all_batches(), (std::vector{expected, batch_of(tombstone)}));
}

TEST_P(StoreContract, T02_ErasedContentIsErasedForEveryReadAtEveryPosition) {
  const auto claim = ids().claim();
  write({with_content(claim_recorded(line(), claim), "secret", "source")});
  write({claim_recorded(line("other"), ids().claim())});
  write({content_erased(Position{1})});

  const auto erased = [&](const StoredEntry& entry) {
    return entry.seq == Position{1} && entry.content_state == ContentState::erased && entry.content == StoredContent{};
  };
  EXPECT_TRUE(erased(store().line(agent(), line(), Position{1}, unlimited).at(0)));
  EXPECT_TRUE(erased(store().line(agent(), line(), anywhere, unlimited).at(0)));
  EXPECT_TRUE(erased(store().claims(agent(), std::vector{claim}, Position{2}, unlimited).at(0)->entry));
  EXPECT_TRUE(erased(store().entries(agent(), {}, Position{1}, unlimited).at(0)));
}

TEST_P(StoreContract, T03_ErasedContentIsNotFoundByItsText) {
  write({with_content(attempt_rejected(), "secret", "source"), with_content(attempt_rejected(), "other", "source")});
  ASSERT_EQ(all_entries({.key = key::Text{"source"}}).size(), 2U);

  write({content_erased(Position{1})});

  const auto found = all_entries({.key = key::Text{"source"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].seq, Position{2});
}

TEST_P(StoreContract, T04_ErasureLeavesNumbersHashesAndOtherKeysAlone) {
  const auto claim = ids().claim();
  const auto before = write({claim_recorded(line(), claim)});
  const auto tombstone = write({content_erased(Position{1})});

  EXPECT_EQ(head(), head_of(tombstone));
  const auto entry = all_entries().at(0);
  EXPECT_EQ(entry.body, before.entries[0].body);
  EXPECT_EQ(entry.hash, before.entries[0].hash);
  EXPECT_EQ(store().lines(agent(), {}, {}, 10, anywhere, unlimited).size(), 1U);
  EXPECT_TRUE(store().claims(agent(), std::vector{claim}, anywhere, unlimited).at(0));
}

TEST_P(StoreContract, T05_ATombstoneThatDoesNotLandErasesNothing) {
  const auto before = write({claim_recorded(line(), ids().claim())});
  auto stale = draft({content_erased(Position{1})});
  stale.after.position = Position{0};
  stale.entries[0].seq = Position{1};

  EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);
  expect_refused(draft({content_erased(Position{1}), claim_recorded(line(), *before.entries[0].claim)}));

  EXPECT_EQ(all_batches(), std::vector{batch_of(before)});
}

TEST_P(StoreContract, T06_AnErasedKeyIsGoneAndMayBeUsedAgain) {
  const auto key = ids().key();
  write({with_key(claim_recorded(line(), ids().claim()), key)});
  write({content_erased(Position{1})});

  EXPECT_FALSE(store().by_idempotency_key(agent(), key, anywhere, unlimited));
  EXPECT_FALSE(store().by_idempotency_key(agent(), key, Position{1}, unlimited));

  write({with_key(claim_recorded(line(), ids().claim()), key)});
  EXPECT_EQ(store().by_idempotency_key(agent(), key, anywhere, unlimited).value().seq, Position{3});
}

}  // namespace claimledger::conformance
