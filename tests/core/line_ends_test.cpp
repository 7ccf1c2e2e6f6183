#include "application/line_ends.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "application/kept_lines.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "random_writes.hpp"
#include "rules/line_end.hpp"

// Statements that are decided on the end of their line alone: what is answered and what is written is what it is where
// the whole line is read.
namespace claimledger::application {
namespace {

using test::alice;
using test::Crowd;
using test::ledger;
using test::PlainWrites;
using test::Writes;

// Counts the lines that are read.
class CountingStore : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    lines += wanted.lines.size();
    return inner().snapshot(agent, moment, wanted, call);
  }
  mutable std::size_t lines = 0;
};

Config without_ends(Config config) {
  config.line_cache_bytes = 0;
  return config;
}

Statement on(const std::string& predicate, const std::string& value, int from, int until = 0) {
  Statement s{.subject = "ada", .predicate = predicate, .value = Value(value)};
  const auto day = [](int n) { return ValidEnd{ValidTime{Instant{std::chrono::days{20'000 + n}}}}; };
  s.window.from = day(from);
  if (until != 0) s.window.until = day(until);
  return s;
}

// In some builds for tests each line is kept whole, and then no end is needed.
bool keeps_each_line() {
  FoldedLine line;
  line.entries = 1;
  return KeptLines(1'000'000).wants(line);
}

class DecidedOnEnds : public testing::Test {
 protected:
  void SetUp() override {
    if (keeps_each_line()) GTEST_SKIP() << "each line is kept whole in this build";
  }

  // How many lines the engine reads to write these, one after the other.
  std::size_t reads(const std::vector<Statement>& statements) { return reads(crowd_, statements); }
  std::size_t reads(Crowd& crowd, const std::vector<Statement>& statements) {
    const auto before = store_->lines;
    for (const auto& s : statements) test::saying(alice, s).run(crowd.context);
    return store_->lines - before;
  }

  std::shared_ptr<CountingStore> store_ = std::make_shared<CountingStore>(memory::open());
  Crowd crowd_{store_};
};

}  // namespace

TEST(DecidedOnTheEnd, RandomStatementsAreAsOnTheWholeLine) {
  const std::uint64_t seeds = std::getenv("CLAIMLEDGER_LONG") ? 3'000 : 120;
  std::size_t read = 0, read_without = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Config config;
    config.queue_for_adjudication = seed % 3 == 0;
    config.overturn_policy = seed % 2 == 0 ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    config.quarantine_future_starts = seed % 5 == 0;
    if (seed % 4 > 1) config.line_cache_bytes = std::size_t{64} << 10;  // no room for lines, but for ends
    const auto counted = std::make_shared<CountingStore>(memory::open());
    const auto counted_without = std::make_shared<CountingStore>(memory::open());
    Crowd ours{counted, config};
    Crowd plain{counted_without, without_ends(config)};
    Crowd other{counted, config, nullptr, 8};  // another engine on the same store
    Crowd other_plain{counted_without, without_ends(config), nullptr, 8};
    std::mt19937_64 random(seed);
    PlainWrites statements(seed);
    Writes acts(seed, false);
    for (int step = 0; step < 150; ++step) {
      if (random() % 5 == 0) {
        for (auto* crowd : {&ours, &plain, &other, &other_plain}) crowd->clock->advance(std::chrono::hours{9});
      }
      const bool elsewhere = random() % 40 == 0;
      const auto act = random() % 40 == 0 ? acts.next() : statements.next();
      const auto expected = act.run(elsewhere ? other_plain.context : plain.context);
      ASSERT_EQ(act.run(elsewhere ? other.context : ours.context), expected) << "step " << step;
      acts.learn(*counted_without);
    }
    ASSERT_EQ(ledger(*counted, alice), ledger(*counted_without, alice));
    read += counted->lines;
    read_without += counted_without->lines;
  }
  if (!keeps_each_line()) {
    EXPECT_LT(read, read_without * 9 / 10) << "of " << read_without;
  }
}

// Long lines with all that can be done to them: each write goes on from what those before it left.
TEST(DecidedOnKeptLines, RandomWritesAreAsOnLinesReadAnew) {
  const std::uint64_t seeds = std::getenv("CLAIMLEDGER_LONG") ? 300 : 12;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Config config;
    config.queue_for_adjudication = seed % 3 == 0;
    config.overturn_policy = seed % 2 == 0 ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    const std::shared_ptr<Store> kept = memory::open();
    const std::shared_ptr<Store> anew = memory::open();
    Crowd ours{kept, config};
    Crowd plain{anew, without_ends(config)};
    std::mt19937_64 random(seed);
    Writes writes(seed, false);
    PlainWrites statements(seed, false);
    for (int step = 0; step < 500; ++step) {
      if (random() % 5 == 0) {
        for (auto* crowd : {&ours, &plain}) crowd->clock->advance(std::chrono::hours{9});
      }
      const auto what = random() % 10;
      const auto act = what == 0 ? writes.next_alone() : what < 6 ? writes.next() : statements.next();
      const auto expected = act.run(plain.context);
      ASSERT_EQ(act.run(ours.context), expected) << "step " << step;
      writes.learn(*anew);
    }
    ASSERT_EQ(ledger(*kept, alice), ledger(*anew, alice));
    const auto verified = verify(ours.context, {.agent = alice});
    ASSERT_TRUE(verified.ok) << verified.problem;
  }
}

TEST_F(DecidedOnEnds, SpareTheReadOfAPlainLine) {
  EXPECT_EQ(reads({on("home", "Bonn", 1, 2)}), 1U);
  EXPECT_EQ(reads({on("home", "Bonn", 2, 3), on("home", "Ulm", 5, 6), on("home", "Ulm", 4, 5)}), 0U);
  EXPECT_EQ(reads({on("work", "Bonn", 1'000)}), 1U) << "another line";
  EXPECT_EQ(reads({on("work", "Ulm", 1'001), on("work", "Kiel", 1'002)}), 0U) << "each follows the one before";
  EXPECT_EQ(reads({on("work", "Kiel", 1'002)}), 0U) << "and one is said again";
  EXPECT_EQ(reads({on("work", "Rome", 1'010, 1'012), on("work", "Rome", 1'020)}), 0U) << "for two days, and for good";
}

TEST_F(DecidedOnEnds, AreNotEnoughWhereAClaimHoldsThatIsLeftOut) {
  reads({on("home", "Bonn", 1, 2), on("home", "Ulm", 5, 6)});
  EXPECT_EQ(reads({on("home", "Kiel", 5, 6)}), 1U) << "contradicts";
  EXPECT_EQ(reads({on("home", "Kiel", 9, 10)}), 1U) << "a line with two sides is not plain";
}

TEST_F(DecidedOnEnds, OfALedgerThatAnotherWroteAreForgotten) {
  Crowd other{store_, {}, nullptr, 8};
  reads({on("home", "Bonn", 1, 2), on("work", "Bonn", 1, 2)});
  EXPECT_EQ(reads({on("home", "Bonn", 3, 4)}), 0U);
  EXPECT_EQ(reads(other, {on("home", "Ulm", 5, 6)}), 1U);
  EXPECT_EQ(reads({on("home", "Kiel", 5, 6)}), 1U);
  EXPECT_EQ(reads({on("work", "Kiel", 5, 6)}), 1U) << "all those of that ledger";
}

TEST_F(DecidedOnEnds, AreNoneWithoutRoom) {
  Crowd plain{store_, without_ends({}), nullptr, 8};
  reads(plain, {on("home", "Bonn", 1, 2)});
  EXPECT_EQ(reads(plain, {on("home", "Bonn", 3, 4)}), 1U);
}

TEST_F(DecidedOnEnds, ThatWereUsedLastAreKept) {
  Config config;
  config.line_cache_bytes = std::size_t{64} << 10;
  Crowd small{store_, config, nullptr, 8};
  for (int line = 0; line < 500; ++line) reads(small, {on("p" + std::to_string(line), "Bonn", 1, 2)});
  EXPECT_EQ(reads(small, {on("p499", "Bonn", 3, 4)}), 0U);
  EXPECT_EQ(reads(small, {on("p0", "Bonn", 3, 4)}), 1U);
}

}  // namespace claimledger::application
