#include "claimledger/conformance/store_contract.hpp"

// How a time becomes a position.
namespace claimledger::conformance {

TEST_P(StoreContract, P01_ATimeNamesTheLastBatchRecordedAtOrBeforeIt) {
  write_at(example_time(1'000), {attempt_rejected(), attempt_rejected()});
  write_at(example_time(2'000), {attempt_rejected()});
  write_at(example_time(2'001), {attempt_rejected(), attempt_rejected()});
  const auto position_at = [&](std::int64_t time) {
    return store().position_at(agent(), example_time(time), unlimited);
  };

  EXPECT_EQ(position_at(999), Position{0});
  EXPECT_EQ(position_at(1'000), Position{2});
  EXPECT_EQ(position_at(1'001), Position{2});
  EXPECT_EQ(position_at(1'999), Position{2});
  EXPECT_EQ(position_at(2'000), Position{3});
  EXPECT_EQ(position_at(2'001), Position{5});
  EXPECT_EQ(position_at(2'002), Position{5});
}

TEST_P(StoreContract, P02_BeforeTheFirstBatchIsZeroAndAfterTheLastIsTheHead) {
  write({attempt_rejected()});
  write({attempt_rejected(), attempt_rejected()});

  EXPECT_EQ(store().position_at(agent(), TxTime{earliest_instant}, unlimited), Position{0});
  EXPECT_EQ(store().position_at(agent(), TxTime{}, unlimited), Position{0});
  EXPECT_EQ(store().position_at(agent(), TxTime{latest_instant}, unlimited), Position{3});
}

TEST_P(StoreContract, P03_AnAgentNeverHeardOfStandsAtZeroAtAnyTime) {
  write({attempt_rejected()});

  EXPECT_EQ(store().position_at(other_agent(), TxTime{latest_instant}, unlimited), Position{0});
}

TEST_P(StoreContract, P04_RecordedTimesMayLieAnywhereInTheCalendar) {
  write_at(TxTime{earliest_instant}, {attempt_rejected()});
  write_at(TxTime{earliest_instant + std::chrono::microseconds{1}}, {attempt_rejected()});
  write_at(TxTime{Instant{std::chrono::microseconds{-1}}}, {attempt_rejected()});
  write_at(TxTime{Instant{std::chrono::microseconds{1}}}, {attempt_rejected()});
  write_at(TxTime{latest_instant}, {attempt_rejected()});

  EXPECT_EQ(store().position_at(agent(), TxTime{earliest_instant}, unlimited), Position{1});
  EXPECT_EQ(store().position_at(agent(), TxTime{Instant{std::chrono::microseconds{-2}}}, unlimited), Position{2});
  EXPECT_EQ(store().position_at(agent(), TxTime{Instant{std::chrono::microseconds{-1}}}, unlimited), Position{3});
  EXPECT_EQ(store().position_at(agent(), TxTime{Instant{}}, unlimited), Position{3});
  EXPECT_EQ(store().position_at(agent(), TxTime{latest_instant - std::chrono::microseconds{1}}, unlimited),
            Position{4});
  EXPECT_EQ(store().position_at(agent(), TxTime{latest_instant}, unlimited), Position{5});
  EXPECT_EQ(head().recorded_at, TxTime{latest_instant});
}

}  // namespace claimledger::conformance
