#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "story.hpp"

// Keys that make a write safe to repeat, and the same story told on another store.
namespace claimledger::conformance {

TEST_P(StoreContract, O01_TheOutcomeOfAKeyIsTheReceiptOfItsWrite) {
  auto bench = Bench::over(store());
  const auto first = say(bench.engine, agent(), {with_idempotency(stated("s", "p", 1), "first")}).receipts.at(0);
  const auto rival = say(bench.engine, agent(), {with_idempotency(stated("s", "p", 2), "rival")}).receipts.at(0);
  const auto again = say(bench.engine, agent(), {with_idempotency(stated("s", "p", 1), "again")}).receipts.at(0);

  EXPECT_EQ(bench.engine.outcome({.agent = agent(), .idempotency_key = "first"}), given_again(first));
  EXPECT_EQ(bench.engine.outcome({.agent = agent(), .idempotency_key = "rival"}), given_again(rival));
  EXPECT_EQ(bench.engine.outcome({.agent = agent(), .idempotency_key = "again"}), given_again(again));
  EXPECT_FALSE(bench.engine.outcome({.agent = agent(), .idempotency_key = "unused"}));
  EXPECT_FALSE(bench.engine.outcome({.agent = other_agent(), .idempotency_key = "first"}));
}

TEST_P(StoreContract, O02_TheSameWriteUnderItsKeyIsWrittenOnce) {
  auto bench = Bench::over(store());
  const auto request = with_idempotency(from_source(stated("s", "p", 1, "2020"), "diary"), "key");
  const auto first = say(bench.engine, agent(), {request}).receipts.at(0);
  say(bench.engine, agent(), {stated("s", "p", 2, "2020")});
  const auto before = all_batches();

  EXPECT_EQ(say(bench.engine, agent(), {request}).receipts.at(0), given_again(first));
  EXPECT_EQ(all_batches(), before);
}

TEST_P(StoreContract, O03_AKeyIsNotReusedForOtherContent) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {with_idempotency(stated("s", "p", 1), "key")});
  const auto before = all_batches();

  EXPECT_THROW(say(bench.engine, agent(), {with_idempotency(stated("s", "p", 2), "key")}), InvalidInput);

  EXPECT_EQ(all_batches(), before);
  EXPECT_EQ(say(bench.engine, other_agent(), {with_idempotency(stated("s", "p", 2), "key")}).status, WriteStatus::done);
}

TEST_P(StoreContract, O04_KeysAndOutcomesOutliveTheHandle) {
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  const auto request = with_idempotency(stated("s", "p", 1), "key");
  auto before = Bench::over(store());
  const auto first = say(before.engine, agent(), {request}).receipts.at(0);

  reopen();

  auto after = Bench::over(store(), {}, 2);
  EXPECT_EQ(after.engine.outcome({.agent = agent(), .idempotency_key = "key"}), given_again(first));
  EXPECT_EQ(say(after.engine, agent(), {request}).receipts.at(0), given_again(first));
}

TEST_P(StoreContract, O05_AnExpectedPositionThatMovedIsAConflict) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {stated("s", "p", 1)});
  const auto before = all_batches();

  const auto answer =
      bench.engine.ingest({.agent = agent(), .statements = {stated("s", "q", 1)}, .expected_position = Position{0}});

  EXPECT_EQ(answer.status, WriteStatus::conflict);
  EXPECT_EQ(answer.position, head().position);
  EXPECT_EQ(all_batches(), before);
}

TEST_P(StoreContract, Y01_TheSameStoryGivesTheSameLedgerAsTheModel) {
  for (const bool queue : {false, true}) {
    for (const auto policy : {OverturnPolicy::contested_first, OverturnPolicy::newest_first_hand_wins}) {
      const Config config{.overturn_policy = policy, .queue_for_adjudication = queue};
      const auto where = fresh_store();
      const auto model = memory::open();
      auto here = Bench::over(*where, config);
      auto there = Bench::over(*model, config);

      EXPECT_EQ(tell_story(here, agent()), tell_story(there, agent()));

      EXPECT_EQ(where->batches(agent(), {}, 1'000, unlimited), model->batches(agent(), {}, 1'000, unlimited));
      const auto topics = Topics::of(there.engine, agent());
      EXPECT_EQ(survey(here.engine, agent(), topics, {}), survey(there.engine, agent(), topics, {}));
    }
  }
}

TEST_P(StoreContract, Y02_AnExportImportedElsewhereHasTheSameHashes) {
  auto bench = Bench::over(store(), {.queue_for_adjudication = true});
  tell_story(bench, agent());
  const auto model = memory::open();
  auto copy = Bench::over(*model, {}, 99);
  const auto elsewhere = fresh_store();
  auto back = Bench::over(*elsewhere, {}, 98);
  for (const auto* other : {&copy, &back}) other->clock->set(bench.clock->now());

  const auto carry = [&](Engine& from, Engine& to) {
    ExportRequest request{.agent = agent(), .limit = 3};
    for (auto some = from.export_batches(request); !some.lines.empty(); some = from.export_batches(request)) {
      for (const auto& line : some.lines) EXPECT_TRUE(to.import_batch({.line = line}));
      request.after = some.last;
    }
  };
  carry(bench.engine, copy.engine);
  carry(copy.engine, back.engine);

  EXPECT_EQ(model->head(agent(), unlimited), head());
  EXPECT_EQ(elsewhere->head(agent(), unlimited), head());
  EXPECT_EQ(elsewhere->batches(agent(), {}, 1'000, unlimited), all_batches());
  EXPECT_TRUE(back.engine.verify({.agent = agent()}).ok);

  // The same without a file between them, there and back.
  const auto beside = memory::open();
  const auto again = fresh_store();
  auto away = Bench::over(*beside, {}, 97);
  auto home = Bench::over(*again, {}, 96);
  for (const auto* other : {&away, &home}) other->clock->set(bench.clock->now());
  EXPECT_EQ(away.engine.copy_from({.source = bench.engine, .agent = agent()}).status, CopyStatus::done);
  EXPECT_EQ(home.engine.copy_from({.source = away.engine, .agent = agent()}).status, CopyStatus::done);

  EXPECT_EQ(beside->batches(agent(), {}, 1'000, unlimited), all_batches());
  EXPECT_EQ(again->batches(agent(), {}, 1'000, unlimited), all_batches());
  EXPECT_TRUE(home.engine.verify({.agent = agent()}).ok);
}

TEST_P(StoreContract, Y03_AWholeLifeOutlivesItsHandle) {
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  const At at{.asked_at = TxTime{ManualClock().now()}};
  Topics topics;
  std::vector<std::string> before;
  {
    auto bench = Bench::over(store(), {.queue_for_adjudication = true});
    tell_story(bench, agent());
    topics = Topics::of(bench.engine, agent());
    before = survey(bench.engine, agent(), topics, at);
  }

  reopen();

  auto bench = Bench::over(store(), {.queue_for_adjudication = true}, 2);
  EXPECT_EQ(survey(bench.engine, agent(), topics, at), before);
  EXPECT_TRUE(bench.engine.verify({.agent = agent()}).ok);
}

}  // namespace claimledger::conformance
