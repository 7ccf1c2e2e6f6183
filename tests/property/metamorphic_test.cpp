#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "engine_story.hpp"
#include "random_story.hpp"

// Laws of how things are asked and written, of the engine compared with itself. The laws of a line are in laws.hpp.
namespace claimledger::property {
namespace {

using namespace std::chrono;

constexpr std::uint64_t stories = 80;

struct Ledger {
  explicit Ledger(Instant now = day(0))
      : clock(std::make_shared<conformance::ManualClock>(now)),
        engine(Parts{.store = memory::open(), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(3)}) {}

  WriteAnswer ingest(const std::vector<Statement>& statements) {
    return engine.ingest({.agent = agent, .statements = statements});
  }

  AgentId agent{"agent"};
  std::shared_ptr<conformance::ManualClock> clock;
  Engine engine;
};

std::vector<Statement> statements_of(std::uint64_t seed) {
  std::vector<Statement> found;
  for (const auto& step : random_story(seed, {.verbs = false}).steps) found.push_back(step.word);
  return found;
}

// Without ids and times: those differ between two ledgers.
std::vector<std::string> outline(const Belief& belief) {
  std::vector<std::string> found{std::string(text(belief.status))};
  const auto add = [&](const Slot& slot) {
    found.push_back(slot.value.text() + " " + std::string(text(slot.disposition)) + " " +
                    std::to_string(slot.corroboration_count));
  };
  if (belief.primary) add(*belief.primary);
  for (const auto& slot : belief.alternatives) add(slot);
  for (const auto& slot : belief.dissent) add(slot);
  for (const auto marker : belief.markers) found.emplace_back(text(marker));
  return found;
}

TEST(Metamorphic, OneBatchDecidesAsManyBatchesAtTheSameClock) {
  // No statement names an instant of this day, within which the many batches are a microsecond apart.
  const auto midyear = day(200);
  for (std::uint64_t seed = 1; seed <= stories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto statements = statements_of(seed);
    Ledger at_once(midyear);
    Ledger one_by_one(midyear);

    const auto answer = at_once.ingest(statements);
    std::vector<Receipt> receipts;
    for (const auto& statement : statements) receipts.push_back(one_by_one.ingest({statement}).receipts.at(0));

    for (std::size_t i = 0; i < receipts.size(); ++i) {
      EXPECT_EQ(answer.receipts.at(i).disposition, receipts[i].disposition) << i;
      EXPECT_EQ(answer.receipts.at(i).rationale, receipts[i].rationale) << i;
    }
    for (std::int64_t date = -12; date <= 20; ++date) {
      const ValidTime instant{day(date)};
      const auto left = at_once.engine.recall({.agent = at_once.agent, .line = story_line, .valid_at = instant});
      const auto right = one_by_one.engine.recall({.agent = one_by_one.agent, .line = story_line, .valid_at = instant});
      ASSERT_EQ(outline(left), outline(right)) << "on day " << date;
    }
  }
}

TEST(Metamorphic, SayingAgainUnderTheSameKeyChangesNothing) {
  for (std::uint64_t seed = 1; seed <= stories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Ledger ledger;
    auto statements = statements_of(seed);
    std::vector<Receipt> receipts;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      statements[i].idempotency_key = "key " + std::to_string(i);
      ledger.clock->advance(hours{5});
      receipts.push_back(ledger.ingest({statements[i]}).receipts.at(0));
    }
    const auto head = ledger.engine.head({.agent = ledger.agent});

    for (std::size_t i = statements.size(); i-- > 0;) {
      ledger.clock->advance(hours{5});
      auto again = ledger.ingest({statements[i]}).receipts.at(0);
      EXPECT_TRUE(again.replayed);
      again.replayed = false;
      ASSERT_EQ(again, receipts[i]) << i;
    }
    EXPECT_EQ(ledger.engine.head({.agent = ledger.agent}), head);
  }
}

TEST(Metamorphic, WhateverIsContestedCanBeJudgedUntilNothingIs) {
  std::size_t judged = 0;
  for (std::uint64_t seed = 1; seed <= 4 * stories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Ledger ledger;
    for (const auto& statement : statements_of(seed)) {
      ledger.clock->advance(hours{24});
      ledger.ingest({statement});
    }

    Random random(seed);
    for (int round = 0;; ++round) {
      if (ledger.engine.contested({.agent = ledger.agent}).items.empty()) break;
      ASSERT_LT(round, 200) << "verdicts come to an end";
      const auto claims = ledger.engine.history({.agent = ledger.agent, .line = story_line}).claims;
      const bool done = std::ranges::any_of(claims, [&](const ClaimHistory& claim) {
        const auto answer =
            ledger.engine.adjudicate({.agent = ledger.agent,
                                      .question = claim.slot.claim,
                                      .verdict = random.any_of<Verdict>({Verdict::affirm, Verdict::deny}),
                                      .evidence = "seen"});
        return answer.status == WriteStatus::done;
      });
      ASSERT_TRUE(done) << "none of " << claims.size() << " claims can be judged";
      ++judged;
    }
  }
  EXPECT_GT(judged, stories);
}

}  // namespace
}  // namespace claimledger::property
