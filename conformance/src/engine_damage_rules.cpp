#include "claimledger/conformance/store_contract.hpp"
#include "story.hpp"

// Stored bytes that were changed behind the store's back are noticed, never skipped.
namespace claimledger::conformance {

namespace {

// Three lines of one claim each; the second, which is damaged, is said once more at the end.
const LineKey first{"s", "first"};
const LineKey second{"s", "second"};
constexpr Position damaged{2};

void tell_three(Store& store, const AgentId& agent) {
  auto bench = Bench::over(store);
  for (const auto predicate : {"first", "second", "third", "second"}) {
    say(bench.engine, agent, {from_source(stated("s", predicate, "a value"), predicate)});
  }
}

void expect_named_by_verify(const Engine& engine, const AgentId& agent) {
  const auto verification = engine.verify({.agent = agent});
  EXPECT_FALSE(verification.ok);
  EXPECT_EQ(verification.first_bad, damaged) << verification.problem;
  EXPECT_NE(verification.problem, "");
}

// A read that needs the damaged entry fails as corrupt; any other read answers.
void expect_corrupt(Engine& engine, const AgentId& agent) {
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { engine.history({.agent = agent, .line = second}); }));
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { engine.recall({.agent = agent, .line = second}); }));
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { engine.audit({.agent = agent}); }));
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { say(engine, agent, {stated("s", "second", "another value")}); }));
  EXPECT_EQ(engine.history({.agent = agent, .line = first}).claims.size(), 1U);
  expect_named_by_verify(engine, agent);
}

}  // namespace

TEST_P(StoreContract, M01_AFlippedBitOfAnEntryIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::flip_body, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M02_AFlippedBitOfContentIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::flip_content, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M03_AnUnknownKindIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::unknown_kind, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M04_AnUnknownDispositionIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::unknown_disposition, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M05_AMissingEntryIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::remove_entry, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M06_MissingContentIsCorrupt) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::remove_content, agent(), damaged});

  auto bench = Bench::over(store());
  expect_corrupt(bench.engine, agent());
}

TEST_P(StoreContract, M07_AFlippedBitOfAHashIsFoundByVerify) {
  if (!backend().cannot_damage.empty()) GTEST_SKIP() << backend().cannot_damage;
  tell_three(store(), agent());

  damage({DamageKind::flip_hash, agent(), damaged});

  auto bench = Bench::over(store());
  expect_named_by_verify(bench.engine, agent());
}

}  // namespace claimledger::conformance
