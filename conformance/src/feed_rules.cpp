#include <atomic>
#include <map>
#include <thread>

#include "answers.hpp"
#include "claimledger/conformance/store_contract.hpp"
#include "story.hpp"

// The change feed: every batch once, in order, first what is there and then what comes.
namespace claimledger::conformance {

namespace {

constexpr auto at_once = [] { return Call{.deadline = std::chrono::steady_clock::now()}; };
// Far beyond any test: a feed that waits for it has failed.
Call patient() { return {.deadline = std::chrono::steady_clock::now() + std::chrono::minutes{5}}; }

std::string say_something(Engine& engine, const AgentId& agent, int number) {
  const auto value = "\"v" + std::to_string(number) + "\"";
  Statement statement{.subject = "s" + std::to_string(number), .predicate = "p", .value = Value::parse(value, "value")};
  engine.ingest({.agent = agent, .statements = {statement}});
  return value;
}

// The values of the claims in the next batches, as many as asked for; the feed has to give them without a gap.
std::vector<std::string> take(Subscription& feed, std::size_t batches, std::map<AgentId, Position>* ends = nullptr) {
  std::vector<std::string> values;
  std::map<AgentId, Position> own;
  auto& at = ends ? *ends : own;
  while (values.size() < batches) {
    const auto batch = feed.next(patient());
    if (!batch) {
      ADD_FAILURE() << "nothing came after " << values.size() << " batches";
      break;
    }
    auto& end = at[batch->header.agent];
    if (ends || end != Position{}) {
      EXPECT_EQ(batch->first.value, end.value + 1) << "a gap or a repetition";
    }
    end = batch->last;
    EXPECT_EQ(batch->entries.size(), batch->header.entries);
    values.push_back(batch->entries.front().record.content.value->text());
  }
  return values;
}

}  // namespace

TEST_P(StoreContract, N01_AMarkIsGivenAtOnce) {
  const auto before = store().await_append(agent(), 0, unlimited);
  write({attempt_rejected()});

  EXPECT_NE(before, 0U);
  EXPECT_NE(store().await_append({}, 0, unlimited), 0U);
}

TEST_P(StoreContract, N02_WaitingEndsWithAnAppend) {
  const auto mark = store().await_append(agent(), 0, unlimited);
  std::thread writer([&] { write({attempt_rejected()}); });

  auto seen = mark;
  while (head().position == Position{0}) seen = store().await_append(agent(), seen, patient());

  writer.join();
  EXPECT_EQ(head().position, Position{1});
}

TEST_P(StoreContract, N03_WaitingEndsWithItsDeadlineOrWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto mark = store().await_append(agent(), 0, unlimited);

  EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { store().await_append(agent(), mark, at_once()); }));
  EXPECT_TRUE(
      fails_with(FailureKind::cancelled, [&] { store().await_append(agent(), mark, {.stop = stop.get_token()}); }));
}

TEST_P(StoreContract, N04_AFeedCatchesUpAndThenGoesOnLive) {
  auto bench = Bench::over(store());
  std::vector<std::string> said;
  for (int i = 0; i < 40; ++i) said.push_back(say_something(bench.engine, agent(), i));
  auto feed = bench.engine.subscribe({.agent = agent()});
  EXPECT_EQ(take(feed, 40), said);
  EXPECT_FALSE(feed.next(at_once())) << "there is no more";

  std::thread writer([&] {
    for (int i = 100; i < 120; ++i) say_something(bench.engine, agent(), i);
  });
  const auto live = take(feed, 20);
  writer.join();

  ASSERT_EQ(live.size(), 20U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(live[static_cast<std::size_t>(i)], "\"v" + std::to_string(100 + i) + "\"");
  EXPECT_EQ(feed.positions().at(agent()), head().position);
}

TEST_P(StoreContract, N05_AFeedGoesOnWhereItStood) {
  auto bench = Bench::over(store());
  std::vector<std::string> said;
  for (int i = 0; i < 6; ++i) said.push_back(say_something(bench.engine, agent(), i));
  auto first = bench.engine.subscribe({.agent = agent()});
  take(first, 2);

  auto second = bench.engine.subscribe({.agent = agent(), .from = first.positions()});

  EXPECT_EQ(take(second, 4), std::vector<std::string>(said.begin() + 2, said.end()));
}

TEST_P(StoreContract, N06_AFeedOfAllHasEveryAgentInItsOwnOrder) {
  auto bench = Bench::over(store());
  const AgentId late{"late"};
  for (int i = 0; i < 20; ++i) {
    say_something(bench.engine, agent(), i);
    say_something(bench.engine, other_agent(), 1'000 + i);
  }
  auto feed = bench.engine.subscribe(
      {.from = {{other_agent(), store().batches(other_agent(), {}, 1, unlimited).front().entries.back().seq}}});
  std::map<AgentId, Position> ends = {{other_agent(), Position{1}}};
  take(feed, 39, &ends);

  std::thread writer([&] {
    for (int i = 0; i < 10; ++i) {
      say_something(bench.engine, late, i);
      say_something(bench.engine, agent(), 100 + i);
    }
  });
  take(feed, 20, &ends);
  writer.join();

  for (const auto& each : store().agents({}, 10, unlimited)) {
    EXPECT_EQ(ends[each.agent], each.position) << each.agent.value;
  }
  EXPECT_EQ(ends.size(), 3U);
}

TEST_P(StoreContract, N07_AFeedHearsWhatAnotherHandleWrites) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  auto reading = Bench::over(store());
  auto writing = Bench::over(second_handle());
  auto feed = reading.engine.subscribe({});

  std::thread writer([&] {
    for (int i = 0; i < 5; ++i) say_something(writing.engine, agent(), i);
  });
  const auto heard = take(feed, 5);
  writer.join();

  EXPECT_EQ(heard, (std::vector<std::string>{"\"v0\"", "\"v1\"", "\"v2\"", "\"v3\"", "\"v4\""}));
}

TEST_P(StoreContract, N08_AFeedThatBeginsInsideABatchSaysSo) {
  write({attempt_rejected(), attempt_rejected()});
  auto bench = Bench::over(store());
  write({attempt_rejected()});

  auto inside = bench.engine.subscribe({.agent = agent(), .from = {{agent(), Position{1}}}});

  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { inside.next(patient()); }));
}

}  // namespace claimledger::conformance
