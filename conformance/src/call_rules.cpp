#include <functional>

#include "claimledger/conformance/store_contract.hpp"
#include "survey.hpp"

// Deadlines and cancelled calls.
namespace claimledger::conformance {

namespace {

// Every method that takes a call, with the name under which a failure is reported.
std::vector<std::pair<std::string, std::function<void(const Call&)>>> every_read(const Store& store,
                                                                                 const AgentId& agent) {
  const Position at{100};
  const LineKey line{"alice", "likes"};
  static const std::vector<ClaimId> claims(1);
  return {
      {"head", [&store, agent](const Call& call) { store.head(agent, call); }},
      {"position_at", [&store, agent](const Call& call) { store.position_at(agent, example_time(), call); }},
      {"line", [&store, agent, line, at](const Call& call) { store.line(agent, line, at, call); }},
      {"claims", [&store, agent, at](const Call& call) { store.claims(agent, claims, at, call); }},
      {"dependants", [&store, agent, at](const Call& call) { store.dependants(agent, claims, at, call); }},
      {"by_idempotency_key", [&store, agent, at](const Call& call) { store.by_idempotency_key(agent, {}, at, call); }},
      {"entries", [&store, agent, at](const Call& call) { store.entries(agent, {.limit = 9}, at, call); }},
      {"open_adjudications",
       [&store, agent, at](const Call& call) { store.open_adjudications(agent, {}, 9, at, call); }},
      {"lines", [&store, agent, at](const Call& call) { store.lines(agent, {}, {}, 9, at, call); }},
      {"subjects", [&store, agent, at](const Call& call) { store.subjects(agent, {}, 9, at, call); }},
      {"batches", [&store, agent](const Call& call) { store.batches(agent, {}, 9, call); }},
      {"snapshot",
       [&store, agent, line](const Call& call) { store.snapshot(agent, AtHead{}, {.lines = {line}}, call); }},
      {"inventory", [&store, agent](const Call& call) { store.inventory(agent, call); }},
      {"await_append", [&store, agent](const Call& call) { store.await_append(agent, 0, call); }},
      {"agents", [&store](const Call& call) { store.agents({}, 9, call); }},
      {"describe", [&store](const Call& call) { store.describe(call); }},
  };
}

Call too_late() { return {.deadline = std::chrono::steady_clock::now() - std::chrono::seconds{1}}; }

Call stopped() {
  std::stop_source source;
  source.request_stop();
  return {.stop = source.get_token()};
}

}  // namespace

TEST_P(StoreContract, L01_AReadPastItsDeadlineTimesOut) {
  write({claim_recorded(line(), ids().claim())});

  for (const auto& [name, read] : every_read(store(), agent())) {
    EXPECT_TRUE(fails_with(FailureKind::timeout, [&read = read] { read(too_late()); })) << name;
  }
}

TEST_P(StoreContract, L02_AStoppedReadIsCancelled) {
  write({claim_recorded(line(), ids().claim())});

  for (const auto& [name, read] : every_read(store(), agent())) {
    EXPECT_TRUE(fails_with(FailureKind::cancelled, [&read = read] { read(stopped()); })) << name;
  }
}

TEST_P(StoreContract, L03_AnAppendPastItsDeadlineWritesNothing) {
  const auto commit = draft({claim_recorded(line(), ids().claim())});

  const auto outcome = store().append(std::span(&commit, 1), too_late()).at(0);
  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::timeout);

  EXPECT_EQ(head().position, Position{0});
  EXPECT_EQ(append(commit), Outcome{}) << "the store stays usable";
}

TEST_P(StoreContract, L04_AStoppedAppendWritesNothing) {
  const auto commit = draft({claim_recorded(line(), ids().claim())});

  const auto outcome = store().append(std::span(&commit, 1), stopped()).at(0);
  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::cancelled);

  EXPECT_EQ(head().position, Position{0});
  EXPECT_EQ(append(commit), Outcome{}) << "the store stays usable";
}

TEST_P(StoreContract, L05_ADeadlineThatIsKeptChangesNothing) {
  std::stop_source never;
  const Call patient{.deadline = std::chrono::steady_clock::now() + std::chrono::hours{24}, .stop = never.get_token()};
  const auto commit = draft({claim_recorded(line(), ids().claim())});

  EXPECT_EQ(store().append(std::span(&commit, 1), patient), std::vector<Outcome>(1));

  EXPECT_EQ(store().head(agent(), patient), head_of(commit));
  EXPECT_EQ(store().line(agent(), line(), anywhere, patient), as_read(commit.entries));
  for (const auto& [name, read] : every_read(store(), agent())) EXPECT_NO_THROW(read(patient)) << name;
}

}  // namespace claimledger::conformance
