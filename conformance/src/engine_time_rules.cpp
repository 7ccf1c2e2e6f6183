#include <algorithm>

#include "claimledger/conformance/store_contract.hpp"
#include "story.hpp"

// The engine's promises about time, over this store.
namespace claimledger::conformance {

namespace {

using std::chrono::microseconds;

std::vector<TxTime> recorded_times(const std::vector<StoredBatch>& batches) {
  std::vector<TxTime> times;
  for (const auto& batch : batches) times.push_back(batch.header.recorded_at);
  return times;
}

}  // namespace

TEST_P(StoreContract, Q01_RecordedTimeGoesOnWhileTheClockStandsStill) {
  auto bench = Bench::over(store());
  for (int i = 0; i < 20; ++i) say(bench.engine, agent(), {stated("alice", "p" + std::to_string(i), i)});

  const auto times = recorded_times(all_batches());
  ASSERT_EQ(times.size(), 20U);
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_EQ(times[i].value, bench.clock->now() + microseconds{i});
  }
}

TEST_P(StoreContract, Q02_RecordedTimeGoesOnWhenTheClockStepsBack) {
  auto bench = Bench::over(store());
  for (const int step : {0, -1'000'000, 5, -7, 900'000'000, 0, -1}) {
    bench.clock->advance(microseconds{step});
    say(bench.engine, agent(), {stated("alice", "likes", step)});
  }

  const auto times = recorded_times(all_batches());
  ASSERT_EQ(times.size(), 7U);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_EQ(std::adjacent_find(times.begin(), times.end()), times.end());
}

TEST_P(StoreContract, Q03_EveryAnswerAtAPositionIsTheSameForEver) {
  auto bench = Bench::over(store(), {.queue_for_adjudication = true});
  tell_story(bench, agent());
  const auto topics = Topics::of(bench.engine, agent());
  std::vector<std::pair<At, std::vector<std::string>>> answered;
  for (const auto& batch : all_batches()) {
    const Position end{batch.first.value + batch.header.entries - 1};
    const At at{.position = end, .asked_at = batch.header.recorded_at};
    answered.emplace_back(at, survey(bench.engine, agent(), topics, at));
  }

  tell_story(bench, agent());

  for (const auto& [at, before] : answered) {
    EXPECT_EQ(survey(bench.engine, agent(), topics, at), before) << "at " << at.position->value;
  }
}

TEST_P(StoreContract, Q04_EveryReadHonoursItsCutoffToTheMicrosecond) {
  auto bench = Bench::over(store(), {.queue_for_adjudication = true});
  tell_story(bench, agent());
  const auto topics = Topics::of(bench.engine, agent());

  Position before{0};
  const auto batches = all_batches();
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const auto time = batches[i].header.recorded_at;
    const Position end{batches[i].first.value + batches[i].header.entries - 1};
    const TxTime earlier{time.value - microseconds{1}};
    const TxTime later{time.value + microseconds{1}};
    const bool alone = i + 1 == batches.size() || batches[i + 1].header.recorded_at > later;
    const auto as_of = [&](TxTime cutoff) { return survey(bench.engine, agent(), topics, {.as_of = cutoff}); };
    const auto at = [&](Position position, TxTime asked_at) {
      return survey(bench.engine, agent(), topics, {.position = position, .asked_at = asked_at});
    };
    EXPECT_EQ(as_of(earlier), at(before, earlier)) << "just before batch " << i;
    EXPECT_EQ(as_of(time), at(end, time)) << "batch " << i;
    if (alone) {
      EXPECT_EQ(as_of(later), at(end, later)) << "just after batch " << i;
    }
    before = end;
  }
}

TEST_P(StoreContract, Q05_APositionInsideABatchIsTheBatchBefore) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {stated("alice", "a", 1)});
  say(bench.engine, agent(), {stated("alice", "b", 1), stated("alice", "c", 1), stated("alice", "d", 1)});
  const auto topics = Topics::of(bench.engine, agent());
  const TxTime asked{bench.clock->now()};
  const auto at = [&](std::uint64_t position) {
    return survey(bench.engine, agent(), topics, {.position = Position{position}, .asked_at = asked});
  };

  EXPECT_EQ(at(2), at(1));
  EXPECT_EQ(at(3), at(1));
  EXPECT_NE(at(4), at(1));
  EXPECT_EQ(at(9), at(4));
}

}  // namespace claimledger::conformance
