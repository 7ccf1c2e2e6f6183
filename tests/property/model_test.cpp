#include "model.hpp"

#include <gtest/gtest.h>

// The model itself, held against the examples that the semantics give in words.
namespace claimledger::model {
namespace {

using namespace std::chrono;

Instant on(int y, unsigned m = 1, unsigned d = 1) { return sys_days{year{y} / month{m} / day{d}}; }
ValidEnd from(int y, unsigned m = 1, unsigned d = 1) { return {{on(y, m, d)}, Granularity::day}; }

Said says(const char* value, std::optional<ValidEnd> since = {}, std::optional<ValidEnd> until = {},
          const char* source = "alice") {
  Said said;
  said.statement = {.subject = "me", .predicate = "lives in", .value = value, .source = source};
  said.statement.window = {since, until};
  return said;
}

Config newest_wins() {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  return config;
}

const LineKey line{"me", "lives in"};

class ModelReads : public testing::Test {
 protected:
  std::string value_at(const Model& model, Instant at) const {
    const auto belief = model.state().belief(line, {at}, {on(2026, 12)}, model.config());
    if (belief.status == BeliefStatus::contested) return "contested";
    if (!belief.primary) return "-";
    return *model.state().claims[belief.primary->claim].value().as_string();
  }
};

TEST_F(ModelReads, MunichSinceMaySaidInJuneSucceedsBerlinSaidInJanuary) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));

  const auto answer = model.ingest({says("Munich", from(2026, 5))}, on(2026, 6));

  EXPECT_EQ(answer.receipts[0].rationale, Rationale::succession);
  EXPECT_EQ(value_at(model, on(2026, 4)), "Berlin");
  EXPECT_EQ(value_at(model, on(2026, 5)), "Munich");
}

TEST_F(ModelReads, BerlinIsPresumedAgainAfterMunichEnds) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));
  model.ingest({says("Munich", from(2026, 5), from(2026, 8))}, on(2026, 6));

  EXPECT_EQ(value_at(model, on(2026, 7)), "Munich");
  EXPECT_EQ(value_at(model, on(2026, 8)), "Berlin");
}

TEST_F(ModelReads, BothSaidTodayAreRivals) {
  Model model({});
  const auto answer = model.ingest({says("Berlin", from(2020)), says("Munich", from(2026, 5))}, on(2026, 6));

  EXPECT_EQ(answer.receipts[1].disposition, Disposition::contested);
  EXPECT_EQ(answer.receipts[1].contested_with, std::vector<Number>{0});
  EXPECT_EQ(value_at(model, on(2026, 4)), "Berlin");
  EXPECT_EQ(value_at(model, on(2026, 5)), "contested");
}

TEST_F(ModelReads, RetractingTheSuccessorGivesTheTailBack) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));
  model.ingest({says("Munich", from(2026, 5))}, on(2026, 6));

  model.retract(1, Provenance::user_asserted, on(2026, 7));

  EXPECT_EQ(value_at(model, on(2026, 5)), "Berlin");
}

TEST_F(ModelReads, EndingTheSuccessorShortensItsCutAndReopeningItCutsAgain) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));
  model.ingest({says("Munich", from(2026, 5))}, on(2026, 6));

  model.end(1, {on(2026, 7)}, Provenance::user_asserted, on(2026, 7));
  EXPECT_EQ(value_at(model, on(2026, 8)), "Berlin");

  model.reopen(1, {}, Provenance::user_asserted, on(2026, 8));
  EXPECT_EQ(value_at(model, on(2026, 8)), "Munich");
}

TEST_F(ModelReads, AnUndatedClaimHoldsFromTheEndOfTheOneBefore) {
  Model model({});
  model.ingest({says("Berlin", {}, from(2022))}, on(2026, 1));
  const auto answer = model.ingest({says("Munich")}, on(2026, 2));

  EXPECT_EQ(answer.receipts[0].disposition, Disposition::committed_cheap);
  EXPECT_EQ(value_at(model, on(2021)), "Berlin");
  EXPECT_EQ(value_at(model, on(2022)), "Munich");
}

TEST_F(ModelReads, TheSameSourceMayStateTheEndOfWhatItLeftOpen) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));

  const auto other = model.ingest({says("Berlin", {}, from(2024), "bob")}, on(2026, 2));
  EXPECT_TRUE(other.receipts[0].end_not_applied);

  const auto answer = model.ingest({says("Berlin", from(2020), from(2024))}, on(2026, 3));
  EXPECT_EQ(answer.receipts[0].rationale, Rationale::ends);
  EXPECT_EQ(model.state().claims[0].disposition, Disposition::invalidated);
  EXPECT_EQ(value_at(model, on(2025)), "-");
}

TEST_F(ModelReads, AnAffirmedUndatedChallengerLeavesThePastItsAnswer) {
  Model model({});
  model.ingest({says("Berlin", from(2020))}, on(2026, 1));
  const auto answer = model.ingest({says("Munich")}, on(2026, 2));
  EXPECT_EQ(answer.receipts[0].disposition, Disposition::contested);

  model.adjudicate_claim(1, Verdict::affirm, Provenance::user_asserted, on(2026, 3));

  EXPECT_EQ(value_at(model, on(2026, 1, 15)), "Berlin");
  EXPECT_EQ(value_at(model, on(2026, 2)), "Munich");
  EXPECT_EQ(model.state().claims[0].disposition, Disposition::superseded);
}

TEST_F(ModelReads, PolicyLetsTheNewestWinBelowTheCriticalityFloor) {
  Model model(newest_wins());
  model.ingest({says("Berlin", from(2020), from(2024))}, on(2026, 1));
  model.ingest({says("Munich", from(2021), from(2022))}, on(2026, 1));
  EXPECT_EQ(value_at(model, on(2020)), "Berlin");
  EXPECT_EQ(value_at(model, on(2021)), "Munich");
  EXPECT_EQ(value_at(model, on(2022)), "Berlin");

  auto grave = says("Rome", from(2021), from(2022));
  grave.statement.criticality = Criticality::high;
  EXPECT_EQ(model.ingest({grave}, on(2026, 1)).receipts[0].rationale, Rationale::rivals);
}

TEST_F(ModelReads, RetractingTheWinnerRestoresTheLoser) {
  Model model(newest_wins());
  model.ingest({says("Berlin", from(2020), from(2024))}, on(2026, 1));
  model.ingest({says("Munich", from(2021), from(2022))}, on(2026, 1));

  model.retract(1, Provenance::user_asserted, on(2026, 2));

  EXPECT_EQ(value_at(model, on(2021)), "Berlin");
  EXPECT_EQ(model.state().claims[0].disposition, Disposition::committed_cheap);
}

TEST_F(ModelReads, WhatWasSaidTwiceBelowTheFloorCounts) {
  Model model({});
  auto faint = says("Berlin", from(2020), from(2024));
  faint.statement.value_confidence = Confidence{1'000};
  faint.statement.valid_time_confidence = Confidence{9'000};

  EXPECT_EQ(model.ingest({faint}, on(2026, 1)).receipts[0].disposition, Disposition::pending_low_confidence);
  EXPECT_EQ(value_at(model, on(2021)), "-");

  EXPECT_EQ(model.ingest({faint}, on(2026, 1)).receipts[0].rationale, Rationale::confirms);
  EXPECT_EQ(value_at(model, on(2021)), "Berlin");
}

}  // namespace
}  // namespace claimledger::model
