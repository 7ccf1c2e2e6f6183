#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <set>
#include <thread>

#include "claimledger/adapter/batch_codec.hpp"
#include "claimledger/adapter/indexed_store.hpp"
#include "claimledger/adapter/kinds.hpp"
#include "claimledger/adapter/ledger_index.hpp"
#include "claimledger/adapter/observed_turn.hpp"
#include "claimledger/conformance/matchers.hpp"

// Tests of claimledger::adapter. The answers of the index are tested by the kit, which runs over the store in memory.
namespace claimledger::adapter {

namespace {

using conformance::fails_with;

const AgentId ada{"ada"};
const LineKey city{"ada", "city"};

Uuid uuid(std::uint8_t number) {
  Uuid id{};
  id.data[15] = number;
  return id;
}

StoredEntry entry(std::uint8_t number, std::uint8_t kind = usual_kind) {
  StoredEntry made;
  made.kind = kind;
  made.body = "body " + std::to_string(number);
  made.hash = sha256({made.body});
  return made;
}

StoredEntry claim(std::uint8_t number) {
  auto made = entry(number);
  made.disposition = usual_disposition;
  made.line = city;
  made.claim = ClaimId{uuid(number)};
  made.begins = true;
  made.content_state = ContentState::present;
  made.content = {.salt = {1, 2, 3}, .body = "said " + std::to_string(number), .search_text = "Ada"};
  return made;
}

StoredEntry tombstone(std::uint64_t erases) {
  auto made = entry(99, kind_number<Tombstone>);
  made.erases = Position{erases};
  return made;
}

Commit after(const Head& head, std::vector<StoredEntry> entries, const AgentId& agent = ada) {
  Commit commit{head, {}, std::move(entries)};
  auto& header = commit.header;
  header.agent = agent;
  header.id.value = uuid(static_cast<std::uint8_t>(200 + head.position.value));
  header.recorded_at.value = Instant{std::chrono::seconds{1'700'000'000 + head.position.value}};
  header.actor = "test";
  header.entries = static_cast<std::uint32_t>(commit.entries.size());
  auto seq = head.position.value;
  for (auto& each : commit.entries) {
    each.seq = Position{++seq};
    each.recorded_at = header.recorded_at;
  }
  return commit;
}

// Every field is filled in somewhere, and absent somewhere else.
Commit of_everything() {
  auto full = claim(1);
  full.handle = AdjudicationId{uuid(7)};
  full.idempotency_key = sha256({"key"});
  full.derived_from = {ClaimId{uuid(3)}, ClaimId{uuid(2)}};
  full.served = {ClaimId{uuid(5)}};
  full.erases = Position{4};
  auto erased = entry(3, 200);
  erased.content_state = ContentState::erased;
  auto commit = after({Position{5}, {}, {}}, {full, entry(2), erased});
  commit.header.format = 3;
  commit.header.clock = ClockSource::replay;
  commit.header.recorded_at.value = Instant{std::chrono::microseconds{-7}};
  for (auto& each : commit.entries) each.recorded_at = commit.header.recorded_at;
  return commit;
}

Bytes encoded(const Commit& commit) { return encode(commit.header, commit.entries); }

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// With the checksums that these bytes would have, whatever they are.
Bytes sealed(char version, std::string_view batch) {
  Bytes bytes = "CLB";
  bytes += version;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(batch.size() >> shift);
  bytes += sha256({bytes}).view().substr(0, 8);
  bytes += batch;
  bytes += sha256({bytes}).view().substr(0, 8);
  return bytes;
}
std::string_view unsealed(std::string_view bytes) { return bytes.substr(20, bytes.size() - 28); }

// Kept by whatever `keeping` does.
class TestStore : public IndexedStore {
 public:
  std::vector<Capability> capabilities() const override { return {}; }
  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return described({{"backend", "test"}}, call);
  }
  Outcome write(const Commit& commit, const Call& call = {}) { return append(std::span(&commit, 1), call).front(); }
  using IndexedStore::restore;

  std::function<void(const Commit&)> keeping = [](const Commit&) {};

 private:
  void keep(const Commit& commit) override { keeping(commit); }
};

}  // namespace

// --- The codec -------------------------------------------------------------------------------------------------------

TEST(BatchCodec, EveryFieldComesBack) {
  const auto commit = of_everything();
  const auto bytes = encoded(commit);

  const auto decoded = decode(bytes + "what follows");

  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->batch, (StoredBatch{commit.header, Position{6}, commit.entries}));
  EXPECT_EQ(decoded->size, bytes.size());
  EXPECT_EQ(encode(decoded->batch.header, decoded->batch.entries), bytes);
}

// Stored batches stay readable: a change of these bytes needs a new version.
TEST(BatchCodec, TheBytesAreThoseOfVersionOne) {
  EXPECT_EQ(hex(encoded(of_everything())),
            "434c420100000000000001927c012d3903f65e6f0000000300000003616461000000000000000000000000000000cdffffff"
            "fffffffff901000000047465737400000003000000000000000610010000000006626f64792031e92b667eb438d66f429e37"
            "c1aab76513c1953666b7cb7997f739bfa786723cfd0100000003616461000000046369747901000000000000000000000000"
            "00000001010100000000000000000000000000000007012c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e"
            "73f826b683000000020000000000000000000000000000000300000000000000000000000000000002000000010000000000"
            "0000000000000000000005010000000000000004010102030000000000000000000000000000000006736169642031000000"
            "03416461100000000006626f647920321997ebe7ee9800e9fe8e16532432e53caf64130b3017bd4dd8bc4698e8b3ed1f0000"
            "00000000000000000000000000c80000000006626f64792033fc6ac673edd9009439a62bd002b3a5085aa3d275efc2d15ebd"
            "61c354c88cbe06000000000000000000000000000002c103f1de6ebea158");
}

TEST(BatchCodec, BytesThatEndTooEarlyAreNoBatchYet) {
  const auto bytes = encoded(of_everything());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(bytes.substr(0, size))) << size;
    EXPECT_EQ(encoded_size(bytes.substr(0, size)), size < batch_prefix ? std::nullopt : std::optional(bytes.size()));
  }
}

TEST(BatchCodec, AFlippedBitIsCorrupt) {
  const auto bytes = encoded(of_everything());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { decode(flipped); })) << bit;
  }
}

TEST(BatchCodec, ALaterVersionIsIncompatible) {
  const auto bytes = encoded(of_everything());
  ASSERT_EQ(sealed(1, unsealed(bytes)), bytes);

  EXPECT_TRUE(fails_with(FailureKind::incompatible, [&] { decode(sealed(2, unsealed(bytes))); }));
}

// Bytes that encode() did not make are refused, and take no more memory than their own length.
TEST(BatchCodec, BytesThatNobodyEncodedAreCorrupt) {
  const auto whole = encoded(of_everything());
  const auto batch = unsealed(whole);
  for (std::size_t size = 0; size < batch.size(); ++size) {
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { decode(sealed(1, batch.substr(0, size))); })) << size;
  }
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { decode(sealed(1, Bytes(batch) + '\0')); }));
  for (std::size_t at = 0; at < 2 * batch.size(); ++at) {
    Bytes changed(batch);
    changed[at / 2] = at % 2 == 0 ? '\xFF' : '\x03';
    try {
      const auto decoded = decode(sealed(1, changed));
      EXPECT_EQ(encode(decoded->batch.header, decoded->batch.entries), sealed(1, changed)) << at / 2;
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt) << at / 2;
    }
  }
  auto none = of_everything();
  none.header.entries = 0;
  EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { decode(encoded(none)); }));
}

TEST(BatchCodec, ErasedContentIsLeftOut) {
  auto keyed = claim(1);
  keyed.idempotency_key = sha256({"key"});
  const auto first = after({}, {keyed, claim(2)});
  const auto second = after({Position{2}, first.header.recorded_at, {}}, {claim(3), tombstone(3), tombstone(1)});
  const auto before = encoded(first) + encoded(second);

  const auto left = without_content(before, second.entries);

  auto expected = first;
  expected.entries[0].content_state = ContentState::erased;
  expected.entries[0].content = {};
  expected.entries[0].idempotency_key.reset();
  auto then = second;
  then.entries[0].content_state = ContentState::erased;
  then.entries[0].content = {};
  EXPECT_EQ(left, encoded(expected) + encoded(then));
  EXPECT_EQ(without_content(before, first.entries), before);
}

// --- The index -------------------------------------------------------------------------------------------------------

TEST(LedgerIndex, TakesOnlyTheNextBatchOfItsLedger) {
  struct Breach {
    const char* name;
    std::function<void(Commit&)> bend;
  };
  const std::vector<Breach> breaches = {
      {"another agent's", [](Commit& it) { it.header.agent.value = "bob"; }},
      {"there already", [](Commit& it) { it.header.id.value = uuid(200); }},
      {"not later", [](Commit& it) { it.header.recorded_at.value -= std::chrono::seconds{2}; }},
      {"miscounted", [](Commit& it) { ++it.header.entries; }},
      {"empty", [](Commit& it) { it.entries.clear(), it.header.entries = 0; }},
      {"a gap", [](Commit& it) { ++it.entries[1].seq.value; }},
      {"an entry of another time", [](Commit& it) { it.entries[1].recorded_at = {}; }},
      {"a claim without a line", [](Commit& it) { it.entries[0].line.reset(); }},
      {"parents of no claim", [](Commit& it) { it.entries[1].derived_from = {ClaimId{uuid(1)}}; }},
      {"erases the future", [](Commit& it) { it.entries[1].erases = Position{4}; }},
      {"erases nothing", [](Commit& it) { it.entries[1].erases = Position{0}; }}};
  LedgerIndex index(ada);
  const auto first = after(index.head(), {claim(1), claim(2)});
  index.add(first.header, first.entries);
  const auto batches = index.batches({}, 9);
  const auto inventory = index.inventory();
  const auto good = after(index.head(), {claim(3), tombstone(1)});
  for (const auto& breach : breaches) {
    auto bad = good;
    breach.bend(bad);

    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { index.add(bad.header, bad.entries); })) << breach.name;

    EXPECT_EQ(index.batches({}, 9), batches) << breach.name;
    EXPECT_EQ(index.inventory(), inventory) << breach.name;
  }
  index.add(good.header, good.entries);
  EXPECT_EQ(index.head().position, Position{4});
}

TEST(LedgerIndex, ContentThatIsGoneReadsAsErasedWhicheverWayItWent) {
  auto keyed = claim(1);
  keyed.idempotency_key = sha256({"key"});
  LedgerIndex lived(ada);
  const auto first = after(lived.head(), {keyed});
  lived.add(first.header, first.entries);
  const auto second = after(lived.head(), {tombstone(1)});
  lived.add(second.header, second.entries);

  LedgerIndex restored(ada);
  const auto left = without_content(encoded(first) + encoded(second), second.entries);
  for (std::string_view rest = left; !rest.empty();) {
    const auto decoded = decode(rest);
    restored.add(decoded->batch.header, decoded->batch.entries);
    rest.remove_prefix(decoded->size);
  }

  EXPECT_EQ(restored.batches({}, 9), lived.batches({}, 9));
  EXPECT_EQ(restored.inventory(), lived.inventory());
}

// --- The store over indexes ------------------------------------------------------------------------------------------

TEST(IndexedStore, NobodyReadsWhatIsNotKeptYetAndNobodyWaitsForIt) {
  TestStore store;
  const auto commit = after({{}, {}, genesis_hash(ada)}, {claim(1)});
  store.keeping = [&](const Commit&) { EXPECT_EQ(store.head(ada, {}).position, Position{0}); };

  EXPECT_EQ(store.write(commit), Outcome{});

  EXPECT_EQ(store.head(ada, {}).position, Position{1});
}

TEST(IndexedStore, WhatIsNotKeptHasNotHappened) {
  TestStore store;
  const AgentId bob{"bob"};
  const std::vector commits = {after({{}, {}, genesis_hash(ada)}, {claim(1)}),
                               after({{}, {}, genesis_hash(bob)}, {claim(1)}, bob)};
  store.keeping = [&](const Commit& commit) {
    if (commit.header.agent == ada) throw StoreFailure(FailureKind::exhausted, "write", "the disk is full");
  };

  const auto outcomes = store.append(commits, {});

  EXPECT_EQ(outcomes,
            (std::vector{Outcome{AppendOutcome::failed, "the disk is full", FailureKind::exhausted}, Outcome{}}));
  EXPECT_EQ(store.agents({}, 9, {}), (std::vector{AgentHead{bob, Position{1}}}));
  store.keeping = [](const Commit&) {};
  EXPECT_EQ(store.write(commits[0]), Outcome{});
}

TEST(IndexedStore, WhoeverWaitsToWriteHasADeadline) {
  TestStore store;
  const auto commit = after({{}, {}, genesis_hash(ada)}, {claim(1)});
  Outcome late;
  store.keeping = [&](const Commit&) {
    late = store.write(commit, {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{1}});
  };

  EXPECT_EQ(store.write(commit), Outcome{});

  EXPECT_EQ(late.outcome, AppendOutcome::failed);
  EXPECT_EQ(late.failure, FailureKind::timeout);
  EXPECT_EQ(store.write(commit).outcome, AppendOutcome::already_there);
}

// Whether the stop comes before the wait or during it is the scheduler's choice; among so many, some come during it.
TEST(IndexedStore, WhoeverWaitsToWriteCanBeStopped) {
  TestStore store;
  const auto commit = after({{}, {}, genesis_hash(ada)}, {claim(1)});
  store.keeping = [&](const Commit&) {
    for (int round = 0; round < 50; ++round) {
      std::stop_source stop;
      std::atomic<bool> calls = false;
      Outcome stopped;
      std::thread other([&] {
        calls = true;
        calls.notify_one();
        stopped = store.write(commit, {.stop = stop.get_token()});
      });
      calls.wait(false);
      for (int i = 0; i < round; ++i) std::this_thread::yield();
      stop.request_stop();
      other.join();
      EXPECT_EQ(stopped.outcome, AppendOutcome::failed);
      EXPECT_EQ(stopped.failure, FailureKind::cancelled);
    }
  };

  EXPECT_EQ(store.write(commit), Outcome{});
}

TEST(IndexedStore, RestoresWholeBatchesAndNamesWhatIsWrong) {
  const auto first = after({{}, {}, genesis_hash(ada)}, {claim(1)});
  const auto second = after({Position{1}, first.header.recorded_at, first.entries.back().hash}, {claim(2)});
  const auto whole = encoded(first) + encoded(second);
  const auto end_of_first = encoded(first).size();

  TestStore torn;
  EXPECT_EQ(torn.restore(whole.substr(0, whole.size() - 1), "a file"), end_of_first);
  EXPECT_EQ(torn.head(ada, {}).position, Position{1});
  EXPECT_EQ(torn.write(second), Outcome{});

  TestStore damaged;
  auto bytes = whole;
  bytes[end_of_first + 30] ^= 1;
  try {
    damaged.restore(bytes, "a file");
    ADD_FAILURE() << "a damaged batch was restored";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    const auto place = "a file, byte " + std::to_string(end_of_first);
    EXPECT_EQ(failure.detail().substr(0, place.size()), place);
  }
}

// --- Numbers that SQL names ------------------------------------------------------------------------------------------

// What it hides of the turn behind it, the engine would take for read.
TEST(ObservedTurn, SaysAllThatTheTurnBehindItSays) {
  struct Guessing : WriteTurn {
    std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
      return {commits.size(), TurnOutcome{{AppendOutcome::conflict}}};
    }
  };
  auto inner = std::make_unique<Guessing>();
  inner->snapshots.resize(2);
  inner->guessed = {false, true};
  int told = 0;

  ObservedTurn turn(std::move(inner), [&] { ++told; });

  EXPECT_EQ(turn.snapshots.size(), 2U);
  EXPECT_EQ(turn.guessed, (std::vector<bool>{false, true}));
  EXPECT_EQ(turn.append({}).size(), 0U);
  EXPECT_EQ(told, 1);
}

TEST(Kinds, SqlLeavesTheUsualOnesOutOfItsIndexes) {
  namespace fs = std::filesystem;
  std::set<std::string> kinds, dispositions;
  for (const auto* folder : {"adapters", "migrations"}) {
    for (const auto& file : fs::recursive_directory_iterator(fs::path(CLAIMLEDGER_SOURCE_DIR) / folder)) {
      if (file.path().extension() != ".sql") continue;
      std::ifstream in(file.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      static const std::regex condition(R"(\b(kind|disposition) (<>|>) (\d+))");
      for (std::sregex_iterator it(text.begin(), text.end(), condition), end; it != end; ++it) {
        ((*it)[1] == "kind" ? kinds : dispositions).insert((*it)[3]);
      }
    }
  }

  EXPECT_EQ(kinds, std::set{std::to_string(usual_kind)});
  EXPECT_EQ(dispositions, std::set{std::to_string(usual_disposition)});
}

}  // namespace claimledger::adapter
