#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// The change feed of many agents: how much it holds, and that nobody keeps the others waiting.
namespace claimledger {
namespace {

enum class Damage { none, unreadable_batches, unreadable_entries, unreadable_ledger, shorter, vanished };

class Watched : public conformance::ForwardingStore {
 public:
  Watched() : ForwardingStore(memory::open()) {}

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    if (agent == damaged && damage == Damage::unreadable_batches) {
      throw StoreFailure(FailureKind::corrupt, "batches", "a page of the file is gone");
    }
    auto found = ForwardingStore::batches(agent, after, limit, call);
    read += found.size();
    std::size_t bytes = 0;
    for (auto& batch : found) {
      for (auto& entry : batch.entries) {
        if (agent == damaged && damage == Damage::unreadable_entries) entry.body.back() ^= 1;
        bytes += entry.content.body.size();
      }
    }
    most_bytes = std::max(most_bytes, bytes);
    most = std::max(most, found.size());
    return found;
  }

  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    auto found = ForwardingStore::agents(after, limit, call);
    for (auto& each : found) {
      if (each.agent == damaged && damage == Damage::unreadable_ledger) each = {each.agent, {}, problem};
      if (each.agent == damaged && damage == Damage::shorter) each.position = Position{1};
    }
    if (damage == Damage::vanished) std::erase_if(found, [&](const AgentHead& each) { return each.agent == damaged; });
    return found;
  }

  AgentId damaged;
  std::string problem = "the file is none";
  Damage damage = Damage::none;
  mutable std::size_t read = 0, most = 0, most_bytes = 0;
};

struct Host {
  void say(const std::string& agent, int times, const std::string& value = "v") {
    for (int i = 0; i < times; ++i) {
      engine.ingest({.agent = AgentId{agent}, .statements = {{"s" + std::to_string(said++), "p", Value(value)}}});
    }
  }
  std::optional<FeedBatch> next(Subscription& feed) const {
    return feed.next({.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{20}});
  }

  std::unique_ptr<Watched> made = std::make_unique<Watched>();
  Watched& store = *made;
  Engine engine = Engine({.store = std::move(made),
                          .clock = std::make_shared<conformance::ManualClock>(),
                          .ids = std::make_shared<conformance::SeededIds>(1)});
  int said = 0;
};

TEST(FeedOfAll, ReadsOneLedgerAtATime) {
  Host host;
  for (int i = 0; i < 50; ++i) host.say("agent " + std::to_string(i), 20);
  auto feed = host.engine.subscribe({});

  ASSERT_TRUE(host.next(feed));
  EXPECT_LE(host.store.read, 1U);
  for (int i = 1; i < 1000; ++i) ASSERT_TRUE(host.next(feed)) << i;

  EXPECT_FALSE(host.next(feed));
  EXPECT_EQ(host.store.read, 1000U) << "each batch once";
}

TEST(FeedOfAll, HoldsFewBatchesWhereTheyAreLarge) {
  Host host;
  host.say("large", 40, std::string(1'000'000, 'x'));
  auto feed = host.engine.subscribe({});
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(host.next(feed));
  EXPECT_LT(host.store.most_bytes, 6'000'000U);
}

TEST(FeedOfAll, GivesEveryAgentItsTurn) {
  Host host;
  host.say("a", 1000);
  host.say("b", 1);
  host.say("c", 1);
  auto feed = host.engine.subscribe({});
  std::set<std::string> heard;
  for (int i = 0; i < 70; ++i) heard.insert(host.next(feed)->header.agent.value);
  EXPECT_EQ(heard.size(), 3U);
}

// Appends of agents after the one that was read last are delivered, and so are those of agents before it.
TEST(FeedOfAll, GoesOnWithWhoeverWrites) {
  Host host;
  auto feed = host.engine.subscribe({});
  for (const auto* agent : {"m", "a", "z", "m", "b", "z", "a"}) {
    host.say(agent, 1);
    const auto batch = host.next(feed);
    ASSERT_TRUE(batch) << agent;
    EXPECT_EQ(batch->header.agent.value, agent);
  }
  EXPECT_FALSE(host.next(feed));
}

TEST(FeedOfAll, OneThatCannotBeReadDoesNotKeepTheOthersWaiting) {
  for (const auto damage : {Damage::unreadable_batches, Damage::unreadable_entries}) {
    SCOPED_TRACE(static_cast<int>(damage));
    Host host;
    for (const auto* agent : {"a", "b", "c"}) host.say(agent, 100);
    host.store.damaged = AgentId{"a"};
    host.store.damage = damage;
    auto feed = host.engine.subscribe({});

    int failures = 0, heard = 0;
    for (int i = 0; i < 300 && heard < 200; ++i) {
      try {
        if (host.next(feed)) ++heard;
      } catch (const StoreFailure& failure) {
        EXPECT_EQ(failure.kind(), FailureKind::corrupt);
        ++failures;
      }
    }
    EXPECT_EQ(heard, 200);
    EXPECT_GT(failures, 0) << "and it is not passed over in silence";
    EXPECT_THROW(host.next(feed), StoreFailure);
    EXPECT_FALSE(feed.positions().contains(AgentId{"a"}));

    host.store.damage = Damage::none;  // repaired
    for (int i = 0; i < 100; ++i) ASSERT_EQ(host.next(feed)->header.agent.value, "a");
    EXPECT_FALSE(host.next(feed));
  }
}

TEST(FeedOfAll, ALedgerThatCannotBeReadIsToldOnceForEachOfItsProblems) {
  Host host;
  for (const auto* agent : {"ada", "bob", "cyd"}) host.say(agent, 2);
  host.store.damaged = AgentId{"bob"};
  host.store.damage = Damage::unreadable_ledger;
  auto feed = host.engine.subscribe({});
  const auto follow = [&] {
    std::multiset<std::string> seen;
    for (int i = 0; i < 10; ++i) {
      try {
        if (const auto batch = host.next(feed)) seen.insert(batch->header.agent.value);
      } catch (const StoreFailure& failure) {
        EXPECT_EQ(failure.kind(), FailureKind::corrupt);
        seen.insert(failure.detail());
      }
    }
    return seen;
  };
  using Seen = std::multiset<std::string>;

  EXPECT_EQ(follow(), (Seen{"ada", "ada", "cyd", "cyd", "the ledger of 'bob' cannot be read: the file is none"}));
  host.store.problem = "the file is cut short";
  host.say("cyd", 1);
  EXPECT_EQ(follow(), (Seen{"cyd", "the ledger of 'bob' cannot be read: the file is cut short"}));
  host.store.damage = Damage::none;
  EXPECT_EQ(follow(), (Seen{"bob", "bob"}));
  host.store.damage = Damage::unreadable_ledger;
  EXPECT_EQ(follow().size(), 1U) << "it broke again";
}

// Nothing would ever come of it, and who waits for it would not be told.
TEST(FeedOfAll, ALedgerThatIsGoneOrShorterThanTheFeedHasComeIsTold) {
  for (const auto* name : {"ada", "bob", "cyd"}) {
    for (const auto damage : {Damage::shorter, Damage::vanished}) {
      Host host;
      for (const auto* agent : {"ada", "bob", "cyd"}) host.say(agent, 2);
      auto feed = host.engine.subscribe({});
      while (host.next(feed)) {
      }
      host.store.damaged = AgentId{name};
      host.store.damage = damage;

      std::string told;
      try {
        host.next(feed);
      } catch (const StoreFailure& failure) {
        EXPECT_EQ(failure.kind(), FailureKind::corrupt);
        told = failure.detail();
      }
      EXPECT_EQ(told, "the ledger of '" + std::string(name) + "' " +
                          (damage == Damage::shorter ? "ends with entry 1" : "is not there any more") +
                          ", and this feed has come to its entry 2");
      EXPECT_FALSE(host.next(feed)) << "told once";
      const auto* other = name == std::string("bob") ? "cyd" : "bob";
      host.say(other, 1);
      EXPECT_EQ(host.next(feed)->header.agent.value, other) << "the others go on";
      host.store.damage = Damage::none;
      host.say(name, 1);
      EXPECT_EQ(host.next(feed)->header.agent.value, name);
    }
  }
}

TEST(ReadingAWholeLedger, HoldsFewBatchesWhereTheyAreLarge) {
  Host host;
  host.say("large", 40, std::string(1'000'000, 'x'));
  EXPECT_TRUE(host.engine.verify({.agent = AgentId{"large"}}).ok);
  std::size_t lines = 0;
  for (ExportRequest request{.agent = AgentId{"large"}};;) {
    const auto some = host.engine.export_batches(request);
    if (some.lines.empty()) break;
    EXPECT_LE(some.lines.size(), 6U);
    lines += some.lines.size();
    request.after = some.last;
  }
  EXPECT_EQ(lines, 40U);
  EXPECT_LT(host.store.most_bytes, 6'000'000U);
}

}  // namespace
}  // namespace claimledger
