#include "claimledger/conformance/store_contract.hpp"

// A write from its reads to its append.
namespace claimledger::conformance {

namespace {

std::vector<WriteIntent> intents_of(const AgentId& agent, Wanted wanted = {}) { return {{agent, std::move(wanted)}}; }

TxTime later_than(const Head& head) {
  return head.position == Position{} ? example_time() : TxTime{head.recorded_at.value + std::chrono::seconds{1}};
}

}  // namespace

TEST_P(StoreContract, X01_ATurnBeginsWithTheLedgerAtItsHead) {
  const auto claim = ids().claim();
  const auto key = ids().key();
  const auto commit = write({with_key(claim_recorded(line(), claim), key)});

  const auto turn =
      store().begin_write(intents_of(agent(), {.lines = {line()}, .keys = {key}, .claims = {claim}}), unlimited);

  ASSERT_EQ(turn->snapshots.size(), 1U);
  const auto& snapshot = turn->snapshots.front();
  EXPECT_EQ(snapshot.head, head_of(commit));
  EXPECT_EQ(snapshot.lines, (std::vector<std::vector<StoredEntry>>{as_read(commit.entries)}));
  EXPECT_EQ(snapshot.keys, std::vector{std::optional(as_read(commit.entries[0]))});
  EXPECT_EQ(snapshot.claims, (std::vector{std::optional(ClaimPlace{line(), as_read(commit.entries[0])})}));
}

TEST_P(StoreContract, X02_ATurnAppendsWhatWasDecidedOnIt) {
  std::vector<StoredBatch> written;
  for (int i = 0; i < 3; ++i) {
    const auto turn = store().begin_write(intents_of(agent(), {.lines = {line()}}), unlimited);
    const auto& at = turn->snapshots.front().head;
    const auto commit =
        commit_after(at, agent(), ids().batch(), later_than(at), {claim_recorded(line(), ids().claim())});

    const auto outcomes = turn->append(std::span(&commit, 1));

    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].outcome, Outcome{});
    EXPECT_FALSE(outcomes[0].fresh);
    written.push_back(batch_of(commit));
  }
  EXPECT_EQ(all_batches(), written) << "the first of them began the ledger";
}

TEST_P(StoreContract, X03_ATurnThatAppendsNothingLeavesNothing) {
  { const auto unused = store().begin_write(intents_of(agent(), {.lines = {line()}}), unlimited); }

  EXPECT_EQ(head().position, Position{0});
  EXPECT_TRUE(store().agents({}, 10, unlimited).empty());
  write({claim_recorded(line(), ids().claim())});
}

TEST_P(StoreContract, X04_ACommitOfATurnIsCheckedLikeAnyOther) {
  const auto claim = ids().claim();
  const auto first = write({claim_recorded(line(), claim)});
  const auto outcome_of = [&](const Commit& commit) {
    const auto turn = store().begin_write(intents_of(agent()), unlimited);
    return turn->append(std::span(&commit, 1)).at(0).outcome.outcome;
  };

  EXPECT_EQ(outcome_of(first), AppendOutcome::already_there);
  EXPECT_EQ(outcome_of(draft({claim_recorded(line(), claim)})), AppendOutcome::refused);
  auto ahead = draft({attempt_rejected()});
  ahead.after.position = Position{5};
  ahead.entries[0].seq = Position{6};
  EXPECT_EQ(outcome_of(ahead), AppendOutcome::conflict);
  EXPECT_EQ(all_batches(), std::vector{batch_of(first)});
}

TEST_P(StoreContract, X05_ReadersAnswerDuringATurn) {
  const auto first = write({claim_recorded(line(), ids().claim())});
  const auto turn = store().begin_write(intents_of(agent(), {.lines = {line()}}), unlimited);

  EXPECT_EQ(head(), head_of(first));
  EXPECT_EQ(all_batches(), std::vector{batch_of(first)});
}

TEST_P(StoreContract, X06_WhatIsDecidedOnAStaleAssumptionDoesNotLand) {
  const auto stale = store().snapshot(agent(), AtHead{}, {.lines = {line()}}, unlimited);
  const auto winner = write({claim_recorded(line(), ids().claim())});
  const auto turn = store().begin_write({{agent(), {.lines = {line()}}, stale}}, unlimited);
  const auto decided_on = [&](const Snapshot& seen) {
    EXPECT_LE(seen.lines.at(0).size(), 1U);
    return commit_after(seen.head, agent(), ids().batch(), later_than(seen.head),
                        {claim_recorded(line(), ids().claim())});
  };

  auto commit = decided_on(turn->snapshots.front());
  auto outcome = turn->append(std::span(&commit, 1)).at(0);
  if (outcome.fresh) {
    EXPECT_EQ(outcome.outcome.outcome, AppendOutcome::conflict);
    EXPECT_EQ(outcome.fresh->head, head_of(winner));
    commit = decided_on(*outcome.fresh);
    outcome = turn->append(std::span(&commit, 1)).at(0);
  }

  EXPECT_EQ(outcome.outcome, Outcome{});
  EXPECT_EQ(commit.after, head_of(winner));
  EXPECT_EQ(all_batches(), (std::vector{batch_of(winner), batch_of(commit)}));
}

TEST_P(StoreContract, X07_ATurnMayWriteForSeveralAgents) {
  write({claim_recorded(line(), ids().claim())});
  const auto turn = store().begin_write({{agent()}, {other_agent()}}, unlimited);
  ASSERT_EQ(turn->snapshots.size(), 2U);
  std::vector<Commit> commits;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& at = turn->snapshots[i].head;
    commits.push_back(commit_after(at, i == 0 ? agent() : other_agent(), ids().batch(), later_than(at),
                                   {claim_recorded(line(), ids().claim())}));
  }

  const auto outcomes = turn->append(commits);

  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].outcome, Outcome{});
  EXPECT_EQ(outcomes[1].outcome, Outcome{});
  EXPECT_EQ(head(), head_of(commits[0]));
  EXPECT_EQ(store().head(other_agent(), unlimited), head_of(commits[1]));
}

namespace {

// Commits that follow each other after a head.
class Following {
 public:
  Following(const AgentId& agent, const Head& at, ExampleIds& ids) : agent_(agent), at_(at), ids_(ids) {}

  void add(std::vector<StoredEntry> entries) {
    commits.push_back(commit_after(at_, agent_, ids_.batch(), later_than(at_), std::move(entries)));
    at_ = head_of(commits.back());
  }

  std::vector<Commit> commits;

 private:
  AgentId agent_;
  Head at_;
  ExampleIds& ids_;
};

std::vector<AppendOutcome> kinds_of(const std::vector<TurnOutcome>& outcomes) {
  std::vector<AppendOutcome> kinds;
  for (const auto& each : outcomes) kinds.push_back(each.outcome.outcome);
  return kinds;
}

}  // namespace

TEST_P(StoreContract, X08_ATurnAppendsBatchesThatFollowEachOther) {
  const auto known = write({claim_recorded(line(), ids().claim())});
  for (const auto& who : {agent(), other_agent()}) {
    const auto parent = ids().claim();
    const auto turn = store().begin_write(intents_of(who, {.lines = {line(), line("hates")}}), unlimited);
    Following all(who, turn->snapshots.front().head, ids());
    all.add({with_key(claim_recorded(line(), parent), ids().key())});
    all.add({claim_recorded(line("hates"), ids().claim()), attempt_rejected()});
    all.add({claim_recorded(line("fears"), ids().claim(), {parent}), claim_recorded(line("hates"), ids().claim()),
             claim_recorded(line(), ids().claim())});
    all.add({claim_recorded(line("fears"), ids().claim())});

    const auto outcomes = turn->append(all.commits);

    EXPECT_EQ(kinds_of(outcomes), std::vector(4, AppendOutcome::done));
    EXPECT_EQ(store().head(who, unlimited), head_of(all.commits.back()));
    std::vector<StoredBatch> batches;
    if (who == agent()) batches.push_back(batch_of(known));
    for (const auto& commit : all.commits) batches.push_back(batch_of(commit));
    EXPECT_EQ(store().batches(who, {}, 100, unlimited), batches);
    // And the next write knows of all of them.
    const auto next = store().begin_write(intents_of(who, {.lines = {line("hates")}}), unlimited);
    EXPECT_EQ(next->snapshots.front().head, head_of(all.commits.back()));
    EXPECT_EQ(next->snapshots.front().lines.front().size(), 2U);
  }
}

TEST_P(StoreContract, X09_BehindABatchThatDoesNotLandNoneOfItsTurnLands) {
  const auto claim = ids().claim();
  const auto key = ids().key();
  std::vector<StoredBatch> written = {batch_of(write({with_key(claim_recorded(line(), claim), key)}))};
  const auto reuses = [&](int what) {
    if (what == 0) return claim_recorded(line(), claim);
    if (what == 1) return with_key(claim_recorded(line(), ids().claim()), key);
    return claim_recorded(line("hates"), written.back().entries.front().claim.value());
  };
  for (int what = 0; what < 3; ++what) {
    const auto turn = store().begin_write(intents_of(agent(), {.lines = {line()}}), unlimited);
    Following all(agent(), turn->snapshots.front().head, ids());
    all.add({claim_recorded(line(), ids().claim())});
    all.add({claim_recorded(line(), ids().claim())});
    all.add({claim_recorded(line(), ids().claim()), reuses(what)});
    all.add({claim_recorded(line(), ids().claim())});

    const auto outcomes = turn->append(all.commits);

    constexpr auto done = AppendOutcome::done;
    EXPECT_EQ(kinds_of(outcomes), (std::vector{done, done, AppendOutcome::refused, AppendOutcome::conflict}));
    written.push_back(batch_of(all.commits[0]));
    written.push_back(batch_of(all.commits[1]));
    EXPECT_EQ(all_batches(), written);
  }
}

TEST_P(StoreContract, X10_OfBatchesDecidedOnAStaleAssumptionNoneLands) {
  const auto stale = store().snapshot(agent(), AtHead{}, {.lines = {line()}}, unlimited);
  std::vector<StoredBatch> written = {batch_of(write({claim_recorded(line(), ids().claim())}))};
  auto turn = store().begin_write({{agent(), {.lines = {line()}}, stale}}, unlimited);
  auto at = turn->snapshots.front();
  for (int tries = 0; tries < 2; ++tries) {
    Following all(agent(), at.head, ids());
    for (int i = 0; i < 3; ++i) all.add({claim_recorded(line(), ids().claim())});
    const auto outcomes = turn->append(all.commits);
    if (outcomes.front().fresh) {
      EXPECT_EQ(kinds_of(outcomes), std::vector(3, AppendOutcome::conflict));
      at = *outcomes.front().fresh;
      EXPECT_EQ(at.lines.front().size(), 1U);
      continue;
    }
    EXPECT_EQ(kinds_of(outcomes), std::vector(3, AppendOutcome::done));
    for (const auto& commit : all.commits) written.push_back(batch_of(commit));
    break;
  }
  EXPECT_EQ(all_batches(), written);
}

TEST_P(StoreContract, X11_BehindABatchThatIsThereAlreadyTheNextOneLands) {
  const auto there = write({claim_recorded(line(), ids().claim())});
  for (int more = 1; more < 3; ++more) {
    const auto turn = store().begin_write(intents_of(agent(), {.lines = {line()}}), unlimited);
    Following all(agent(), turn->snapshots.front().head, ids());
    for (int i = 0; i < more; ++i) all.add({claim_recorded(line(), ids().claim())});
    auto commits = all.commits;
    commits.insert(commits.begin(), there);

    const auto kinds = kinds_of(turn->append(commits));

    auto expected = std::vector(commits.size(), AppendOutcome::done);
    expected.front() = AppendOutcome::already_there;
    EXPECT_EQ(kinds, expected);
    EXPECT_EQ(head(), head_of(commits.back()));
  }
}

TEST_P(StoreContract, X12_ATurnReadsAfreshWhereItIsAskedTo) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  write({claim_recorded(line(), ids().claim())});
  const auto theirs = draft({claim_recorded(line("hates"), ids().claim())});
  ASSERT_EQ(append(*second_handle(), theirs), Outcome{});

  const auto turn =
      store().begin_write({{.agent = agent(), .wanted = {.lines = {line("hates")}}, .afresh = true}}, unlimited);

  EXPECT_TRUE(turn->guessed.empty() || !turn->guessed.front());
  EXPECT_EQ(turn->snapshots.front().head, head_of(theirs));
  EXPECT_EQ(turn->snapshots.front().lines.front(), as_read(theirs.entries));
}

TEST_P(StoreContract, X13_ATurnThatReadsNothingSaysSo) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  write({claim_recorded(line(), ids().claim())});
  const auto theirs = draft({claim_recorded(line("hates"), ids().claim())});
  ASSERT_EQ(append(*second_handle(), theirs), Outcome{});

  const auto turn = store().begin_write(intents_of(agent(), {.lines = {line("hates")}}), unlimited);

  const bool guessed = !turn->guessed.empty() && turn->guessed.front();
  EXPECT_TRUE(guessed || turn->snapshots.front().head == head_of(theirs));
}

}  // namespace claimledger::conformance
