#include "rules/line_past.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>

#include "application/folded_line.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "random_writes.hpp"

// A line that remembers what it was answers as of any position as one that is folded up to there. It is derived after
// each entry: that, too, changes nothing.
namespace claimledger::application {
namespace {

using test::alice;
using test::Crowd;
using test::Writes;

// The instants at which anything about the line may begin or end, each with the one before it, and both ends of time.
std::vector<ValidTime> instants_of(const std::vector<StoredEntry>& entries) {
  std::set<ValidTime> instants{ValidTime::beginning(), ValidTime::forever()};
  const auto add = [&](ValidTime at) {
    instants.insert(at);
    instants.insert({at.value - std::chrono::microseconds{1}});
  };
  for (const auto& entry : entries) add(as_valid(entry.recorded_at));
  for (unsigned day = 1; day <= 28; ++day) {
    add({std::chrono::sys_days{std::chrono::year{2025} / 1 / std::chrono::day{day}}});
  }
  return {instants.begin(), instants.end()};
}

struct Counts {
  std::size_t probes = 0, unlike_now = 0, believed = 0, sets = 0;
};

void expect_as_folded(const std::vector<StoredEntry>& entries, std::mt19937_64& random, Counts& counts) {
  const auto whole = FoldedLine::with_past(entries);
  ASSERT_TRUE(whole.past);
  const auto instants = instants_of(entries);
  const auto belief = [](const rules::TakingPart& part, ValidTime valid_at, Position position) {
    const TxTime asked{Instant{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}};
    return rules::belief(part, valid_at, {position, asked, Config().aging_after, Config().decayed_after});
  };
  for (std::size_t count = 0; count <= entries.size(); ++count) {
    const auto position = count == 0 ? Position{} : entries[count - 1].seq;
    const auto then = FoldedLine::of(std::span(entries).first(count)).state;
    for (int i = 0; i < 12; ++i) {
      const auto valid_at = instants[random() % instants.size()];
      const auto expected = belief(rules::taking_part(then, valid_at), valid_at, position);
      const auto past = whole.past->taking_part(whole.state, position, valid_at);
      ASSERT_EQ(belief(past.on(whole.state), valid_at, position), expected)
          << "entry " << position.value << ", valid at " << to_text(valid_at);
      const auto now = belief(rules::taking_part(whole.state, valid_at), valid_at, position);
      ++counts.probes;
      counts.unlike_now += now == expected ? 0 : 1;
      counts.believed += expected.status == BeliefStatus::no_belief ? 0 : 1;
      counts.sets += expected.set ? 1 : 0;
    }
  }
}

// Visits the lines of a ledger that random writes made, for each seed.
using Visit = std::function<void(const std::vector<StoredEntry>& entries, std::mt19937_64& random)>;
void each_random_line(std::uint64_t seeds, const Visit& visit) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const std::shared_ptr<Store> store = memory::open();
    Config config;
    config.queue_for_adjudication = seed % 3 == 0;
    config.overturn_policy = seed % 2 == 0 ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    Crowd crowd{store, config};
    Writes writes(seed, false);
    test::PlainWrites statements(seed, false);
    // Some are long: what an entry names may begin only later.
    const int steps = seed % 10 == 0 ? 400 : 90;
    for (int step = 0; step < steps; ++step) {
      if (random() % 4 == 0) crowd.clock->advance(std::chrono::hours{5});
      const auto what = random() % 10;
      (what == 0 ? writes.next_alone() : what < 6 ? writes.next() : statements.next()).run(crowd.context);
      writes.learn(*store);
    }
    const auto head = store->head(alice, {}).position;
    for (const auto& key : store->lines(alice, {}, {}, 10, head, {})) {
      visit(store->line(alice, key, head, {}), random);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

std::uint64_t seeds() { return std::getenv("CLAIMLEDGER_LONG") ? 2'000 : 50; }

}  // namespace

TEST(LinePast, AnswersAsALineThatIsFoldedUpToThere) {
  Counts counts;
  each_random_line(seeds(), [&](const auto& entries, auto& random) { expect_as_folded(entries, random, counts); });
  EXPECT_GT(counts.probes, 500U * seeds());
  EXPECT_GT(counts.believed, counts.probes / 3);
  EXPECT_GT(counts.unlike_now, counts.probes / 4);
  EXPECT_GT(counts.sets, counts.probes / 50);
  RecordProperty("probes", static_cast<int>(counts.probes));
}

// A retraction writes what becomes of the claims that are there before it writes those that begin.
TEST(LineState, FollowsAClaimThatALaterEntryBegins) {
  const auto id = [](std::uint8_t number) {
    ClaimId claim;
    claim.value.data[15] = number;
    return claim;
  };
  const ClaimId newer = id(1), moved = id(2), older = id(3);
  std::uint64_t seq = 0;
  const auto record = [&](Entry entry, const char* value) {
    ++seq;
    Record made{Position{seq}, TxTime{Instant{std::chrono::hours{seq}}}, std::move(entry)};
    if (value == nullptr) return made;
    made.content_state = ContentState::present;
    made.content.value = Value(value);
    return made;
  };
  const auto said = [](const ClaimId& claim, int day) {
    ClaimRecorded entry;
    entry.claim.id = claim;
    entry.claim.trusted = true;
    entry.claim.window.from = ValidEnd{ValidTime{Instant{std::chrono::days{day}}}};
    return entry;
  };
  const auto judged = [](const ClaimId& claim, std::vector<Position> statements, std::vector<ClaimId> follows) {
    Judged entry;
    entry.claim = claim;
    entry.statements = std::move(statements);
    if (!entry.statements.empty()) entry.counts_from = entry.statements.front();
    if (entry.statements.empty()) entry.otherwise = entry.disposition = Disposition::invalidated;
    entry.follows = std::move(follows);
    return entry;
  };
  auto of_older = judged(older, {Position{1}}, {});
  of_older.begins = true;
  const std::vector<Record> records = {
      record(said(moved, 100), "A"), record(said(newer, 200), "B"), record(judged(moved, {}, {}), nullptr),
      record(judged(newer, {Position{2}}, {older}), nullptr), record(of_older, nullptr)};
  rules::LineState once, often;
  for (const auto& each : records) {
    once.apply(Record(each));
    often.apply(Record(each));
    often.derive();
  }
  once.derive();
  for (const auto* line : {&once, &often}) {
    const auto& hidden = line->at(older);
    ASSERT_EQ(hidden.followed_by.size(), 1U);
    EXPECT_EQ(hidden.validity.spans().size(), 1U);
    EXPECT_EQ(hidden.validity.end(), (ValidTime{Instant{std::chrono::days{200}}}));
  }
}

TEST(LineState, IsTheSameHoweverOftenItIsDerived) {
  each_random_line(seeds(), [](const auto& entries, auto&) {
    rules::LineState often;
    for (std::size_t count = 1; count <= entries.size(); ++count) {
      fold_onto(often, read_entry(entries[count - 1]));
      often.derive();
      const auto once = FoldedLine::of(std::span(entries).first(count)).state;
      for (const auto& claim : once.claims()) {
        if (!claim.has_statement()) continue;
        const auto& same = often.at(claim.id);
        ASSERT_EQ(same.said, claim.said) << "entry " << entries[count - 1].seq.value;
        ASSERT_EQ(same.rank.from, claim.rank.from) << "entry " << entries[count - 1].seq.value;
        ASSERT_EQ(same.rank.place, claim.rank.place) << "entry " << entries[count - 1].seq.value;
        ASSERT_TRUE(same.validity == claim.validity && same.base == claim.base && same.cover == claim.cover)
            << "entry " << entries[count - 1].seq.value;
        ASSERT_EQ(same.followed_by, claim.followed_by) << "entry " << entries[count - 1].seq.value;
        ASSERT_EQ(same.counts, claim.counts) << "entry " << entries[count - 1].seq.value;
      }
    }
  });
}

}  // namespace claimledger::application
