#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "side_by_side.hpp"

// Laws that need no model: the engine compared with itself.
namespace claimledger::property {
namespace {

using namespace std::chrono;

constexpr std::uint64_t histories = 80;

struct Ledger {
  explicit Ledger(Instant now = start_of_time)
      : clock(std::make_shared<conformance::ManualClock>(now)),
        engine(Parts{.store = memory::open(), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(3)}) {}

  WriteAnswer ingest(const std::vector<Statement>& statements) {
    return engine.ingest({.agent = agent, .statements = statements});
  }

  AgentId agent{"agent"};
  std::shared_ptr<conformance::ManualClock> clock;
  Engine engine;
};

// What the seed's history says, without what refers to claims or to the hours around its clock.
std::vector<Statement> statements_of(std::uint64_t seed) {
  std::vector<Statement> found;
  for (const auto& step : random_history(seed).steps)
    for (const auto& said : step.statements) {
      auto statement = said.statement;
      statement.idempotency_key.reset();
      const auto whole_day = [](const std::optional<ValidEnd>& end) {
        return !end || end->granularity == Granularity::day;
      };
      if (statement.provenance != Provenance::recall_reentry && whole_day(statement.window.from) &&
          whole_day(statement.window.until))
        found.push_back(statement);
    }
  return found;
}

const std::vector<LineKey> both_lines{{"s", "p"}, {"s", "q"}};

std::vector<ValidTime> sampled_instants() {
  std::vector<ValidTime> found;
  for (int y = 2017; y <= 2028; ++y)
    for (const auto m : {January, June}) {
      const Instant instant = sys_days{year{y} / m / 1};
      found.push_back({instant - microseconds{1}});
      found.push_back({instant});
    }
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
  const Instant midyear = sys_days{2026y / August / 15};
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto statements = statements_of(seed);
    if (statements.empty()) continue;
    Ledger at_once(midyear);
    Ledger one_by_one(midyear);

    const auto answer = at_once.ingest(statements);
    std::vector<Receipt> receipts;
    for (const auto& statement : statements) receipts.push_back(one_by_one.ingest({statement}).receipts.at(0));

    for (std::size_t i = 0; i < receipts.size(); ++i) {
      EXPECT_EQ(answer.receipts.at(i).disposition, receipts[i].disposition) << i;
      EXPECT_EQ(answer.receipts.at(i).rationale, receipts[i].rationale) << i;
    }
    for (const auto& line : both_lines)
      for (const auto instant : sampled_instants()) {
        const auto left = at_once.engine.recall({.agent = at_once.agent, .line = line, .valid_at = instant});
        const auto right = one_by_one.engine.recall({.agent = one_by_one.agent, .line = line, .valid_at = instant});
        ASSERT_EQ(outline(left), outline(right)) << line.predicate << " at " << to_text(instant);
      }
  }
}

TEST(Metamorphic, AReadAtAPositionNeverChanges) {
  struct Read {
    RecallRequest request;
    Belief belief;
  };
  for (std::uint64_t seed = 1; seed <= histories / 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto history = random_history(seed);
    SideBySide both(history.config);
    std::vector<Read> reads;

    for (const auto& step : history.steps) {
      if (both.step(step)) break;  // the other tests' business
      for (const auto& line : both_lines)
        for (const auto instant : sampled_instants()) {
          RecallRequest request{.agent = both.agent(), .line = line, .valid_at = instant};
          request.at = {.position = both.head(), .asked_at = TxTime{both.clock().now()}};
          reads.push_back({request, both.engine().recall(request)});
        }
    }

    for (const auto& read : reads) ASSERT_EQ(both.engine().recall(read.request), read.belief);
    EXPECT_TRUE(both.engine().verify(both.agent()).ok);
  }
}

TEST(Metamorphic, SayingAgainUnderTheSameKeyChangesNothing) {
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Ledger ledger;
    auto statements = statements_of(seed);
    std::vector<Receipt> receipts;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      statements[i].idempotency_key = "key " + std::to_string(i);
      ledger.clock->advance(hours{5});
      receipts.push_back(ledger.ingest({statements[i]}).receipts.at(0));
    }
    const auto head = ledger.engine.status(ledger.agent).head;

    for (std::size_t i = statements.size(); i-- > 0;) {
      ledger.clock->advance(hours{5});
      const auto again = ledger.ingest({statements[i]});
      ASSERT_EQ(again.receipts.at(0), receipts[i]) << i;
      ASSERT_EQ(ledger.engine.outcome(ledger.agent, *statements[i].idempotency_key), receipts[i]) << i;
    }
    EXPECT_EQ(ledger.engine.status(ledger.agent).head, head);
  }
}

// The claims of the first line that is contested among first-hand claims, if there is one. Inferred ones stand beside
// each other until somebody says what is so.
std::vector<ClaimHistory> contested_claims(Engine& engine, const AgentId& agent) {
  for (const auto& line : engine.contested(agent, {}, {}, {.limit = 100}).items)
    for (const auto& segment : line.segments)
      if (is_first_hand(segment.values.front().provenance)) return engine.history(agent, line.line).claims;
  return {};
}

TEST(Metamorphic, WhateverIsContestedCanBeJudgedUntilNothingIs) {
  std::size_t judged = 0;
  for (std::uint64_t seed = 1; seed <= 4 * histories; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto history = random_history(seed);
    SideBySide both(history.config);
    for (const auto& step : history.steps)
      if (both.step(step)) break;  // the other tests' business

    Random random(seed);
    for (int round = 0;; ++round) {
      const auto claims = contested_claims(both.engine(), both.agent());
      if (claims.empty()) break;
      ASSERT_LT(round, 200) << "verdicts come to an end";
      const bool done = std::ranges::any_of(claims, [&](const ClaimHistory& claim) {
        const auto answer =
            both.engine().adjudicate({.agent = both.agent(),
                                      .question = claim.slot.claim,
                                      .verdict = random.any_of<Verdict>({Verdict::affirm, Verdict::deny}),
                                      .evidence = "seen"});
        return answer.status == WriteStatus::done;
      });
      ASSERT_TRUE(done) << "none of " << claims.size() << " claims can be judged";
      ++judged;
    }
  }
  EXPECT_GT(judged, histories);
}

}  // namespace
}  // namespace claimledger::property
