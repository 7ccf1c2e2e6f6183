#include <atomic>
#include <random>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "survey.hpp"

// Rules of snapshots: all that was wanted, of one moment.
namespace claimledger::conformance {

namespace {

// The same snapshot, composed from the single reads at a position.
Snapshot read_singly(const Store& store, const AgentId& agent, Position at, const Wanted& wanted) {
  const Call call;
  Snapshot read;
  for (const auto& [key, after] : wanted.lines) read.lines.push_back(store.line(agent, key, at, call, after));
  for (const auto& key : wanted.keys) read.keys.push_back(store.by_idempotency_key(agent, key, at, call));
  read.claims = store.claims(agent, wanted.claims, at, call);
  return read;
}

void expect_holds(const Snapshot& snapshot, const Snapshot& expected, const std::string& when) {
  EXPECT_EQ(snapshot.lines, expected.lines) << when;
  EXPECT_EQ(snapshot.keys, expected.keys) << when;
  EXPECT_EQ(snapshot.claims, expected.claims) << when;
}

}  // namespace

TEST_P(StoreContract, S01_ASnapshotHoldsWhatWasWantedInTheOrderAsked) {
  const auto first = ids().claim();
  const auto second = ids().claim();
  const auto key = ids().key();
  write({claim_recorded(line("a"), first), with_key(claim_recorded(line("b"), second, {first}), key)});
  write({with_content(about_claim(kind_number<Corroborated>, line("a"), first), "said again")});
  const Wanted wanted{.lines = {line("b"), line("none"), line("a")},
                      .keys = {ids().key(), key},
                      .claims = {second, ids().claim(), first}};

  const auto snapshot = store().snapshot(agent(), AtHead{}, wanted, unlimited);

  EXPECT_EQ(snapshot.head, head());
  ASSERT_EQ(snapshot.lines.size(), 3U);
  EXPECT_EQ(snapshot.lines[0].size(), 1U);
  EXPECT_EQ(snapshot.lines[2].size(), 2U);
  expect_holds(snapshot, read_singly(store(), agent(), snapshot.head.position, wanted), "at the head");
}

TEST_P(StoreContract, S02_ASnapshotOfNothingWantedIsTheHead) {
  write({claim_recorded(line(), ids().claim())});

  const auto snapshot = store().snapshot(agent(), AtHead{}, {}, unlimited);

  EXPECT_EQ(snapshot.head, head());
  EXPECT_TRUE(snapshot.lines.empty());
  EXPECT_TRUE(snapshot.keys.empty());
  EXPECT_TRUE(snapshot.claims.empty());
}

TEST_P(StoreContract, S03_ASnapshotOfAnAgentNeverHeardOfIsEmpty) {
  const AgentId stranger{"nobody"};
  const Wanted wanted{.lines = {line(), line("b")}, .keys = {ids().key()}, .claims = {ids().claim()}};

  for (const auto& moment : {Moment{AtHead{}}, Moment{Position{5}}, Moment{example_time()}}) {
    const auto snapshot = store().snapshot(stranger, moment, wanted, unlimited);
    EXPECT_EQ(snapshot.head, (Head{{}, {}, genesis_hash(stranger)}));
    EXPECT_EQ(snapshot.lines, std::vector<std::vector<StoredEntry>>(2));
    EXPECT_EQ(snapshot.keys, std::vector<std::optional<StoredEntry>>(1));
    EXPECT_EQ(snapshot.claims, std::vector<std::optional<ClaimPlace>>(1));
  }
}

TEST_P(StoreContract, S04_ASnapshotAtAPositionEndsWithABatch) {
  const auto genesis = head();
  std::vector<Head> heads = {genesis};
  for (int i = 0; i < 3; ++i) {
    const auto end = head_of(
        write({claim_recorded(line(), ids().claim()), attempt_rejected(), claim_recorded(line(), ids().claim())}));
    heads.insert(heads.end(), {heads.back(), heads.back(), end});
  }

  const auto at = [&](std::uint64_t position) {
    return store().snapshot(agent(), Position{position}, {.lines = {line()}}, unlimited);
  };
  for (std::uint64_t position = 0; position < heads.size(); ++position) {
    EXPECT_EQ(at(position).head, heads[position]) << "at " << position;
    EXPECT_EQ(at(position).lines.front().size(), heads[position].position.value / 3 * 2) << "at " << position;
  }
  EXPECT_EQ(at(1'000'000).head, heads.back()) << "past the head";
}

TEST_P(StoreContract, S05_ASnapshotAsOfATimeEndsWithTheLastBatchRecordedUntilThen) {
  const auto early = example_time(1'000);
  const auto late = example_time(5'000);
  const auto genesis = head();
  const auto first = head_of(write_at(early, {claim_recorded(line(), ids().claim())}));
  const auto second = head_of(write_at(late, {claim_recorded(line(), ids().claim())}));

  const auto as_of = [&](TxTime base, int microseconds) {
    const TxTime time{base.value + std::chrono::microseconds{microseconds}};
    return store().snapshot(agent(), time, {.lines = {line()}}, unlimited);
  };
  EXPECT_EQ(as_of(early, -1).head, genesis);
  EXPECT_EQ(as_of(early, 0).head, first);
  EXPECT_EQ(as_of(late, -1).head, first);
  EXPECT_EQ(as_of(late, 0).head, second);
  EXPECT_EQ(as_of(late, 1).head, second);
  EXPECT_TRUE(as_of(early, -1).lines.front().empty());
  EXPECT_EQ(as_of(late, -1).lines.front().size(), 1U);
}

TEST_P(StoreContract, S06_ASnapshotIsOfOneMomentWhileOthersWrite) {
  std::atomic<bool> writing = true;
  std::thread reader([&] {
    do {
      const auto snapshot = store().snapshot(agent(), AtHead{}, {.lines = {line("a"), line("b")}}, unlimited);
      EXPECT_EQ(snapshot.lines[0].size(), snapshot.head.position.value / 2);
      EXPECT_EQ(snapshot.lines[1].size(), snapshot.head.position.value / 2);
    } while (writing);
  });
  for (int i = 0; i < 40; ++i) {
    write({claim_recorded(line("a"), ids().claim()), claim_recorded(line("b"), ids().claim())});
  }
  writing = false;
  reader.join();
}

TEST_P(StoreContract, S07_SnapshotsAtEveryMomentAnswerLikeTheModel) {
  const auto model = memory::open();
  const auto commits = sample_ledger(head(), agent());
  Wanted wanted;
  std::vector<Moment> moments = {AtHead{}};
  for (const auto& commit : commits) {
    ASSERT_EQ(append(commit), Outcome{});
    ASSERT_EQ(append(*model, commit), Outcome{});
    for (int offset = -1; offset <= 1; ++offset) {
      moments.emplace_back(TxTime{commit.header.recorded_at.value + std::chrono::microseconds{offset}});
    }
    for (const auto& entry : commit.entries) {
      moments.emplace_back(entry.seq);
      if (entry.line) wanted.lines.push_back(*entry.line);
      if (entry.claim) wanted.claims.push_back(*entry.claim);
      if (entry.idempotency_key) wanted.keys.push_back(*entry.idempotency_key);
    }
  }

  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto here = store().snapshot(agent(), moments[i], wanted, unlimited);
    const auto there = model->snapshot(agent(), moments[i], wanted, unlimited);
    EXPECT_EQ(here.head, there.head) << "moment " << i;
    expect_holds(here, there, "moment " + std::to_string(i));
  }
}

TEST_P(StoreContract, S08_ALineIsReadFromAPositionOn) {
  const auto claim = ids().claim();
  const auto commit = write({claim_recorded(line(), claim), about_claim(kind_number<Corroborated>, line(), claim)});
  const auto later = write({claim_recorded(line("b"), ids().claim()), claim_recorded(line(), ids().claim())});
  const auto after = [&](std::uint64_t position) {
    return store().snapshot(agent(), AtHead{}, {.lines = {{line(), Position{position}}}}, unlimited).lines.at(0);
  };

  const auto all = as_read(std::vector{commit.entries[0], commit.entries[1], later.entries[1]});
  for (std::uint64_t position = 0; position <= 5; ++position) {
    auto expected = all;
    std::erase_if(expected, [&](const auto& entry) { return entry.seq.value <= position; });
    EXPECT_EQ(after(position), expected) << "after " << position;
  }
}

}  // namespace claimledger::conformance
