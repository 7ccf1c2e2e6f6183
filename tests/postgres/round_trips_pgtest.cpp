#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <thread>

#include "own_schema.hpp"

// How often a request goes to the server and back, which is what it costs across a network, and what it costs the
// server; on a connection of one's own and behind a pooler that gives out connections by transaction.
namespace claimledger::postgres::test {

namespace {

class RoundTrips : public testing::TestWithParam<bool> {
 protected:
  RoundTrips() : engine_(short_lines()) {
    say(engine_, agent_, "a", "word");  // what a first request brings with it is not counted
    engine_.recall({.agent = agent_, .line = {"a", "says"}});
    engine_.subject({.agent = agent_, .subject = "a"});
  }

  template <class Work>
  std::uint64_t count(const char* what, Work work) {
    const auto before = counter_->load();
    work();
    const auto trips = counter_->load() - before;
    std::cout << "  " << what << ": " << trips << '\n';
    return trips;
  }
  Statement statement(const std::string& subject) const {
    return {.subject = subject, .predicate = "says", .value = Value::parse("\"word\"", "value"), .source = "a test"};
  }
  void recall(Engine& engine, const std::string& subject) {
    engine.recall({.agent = agent_, .line = {subject, "says"}});
  }

  Options counting() const {
    auto options = schema_.options();
    options.bouncer = GetParam() ? Bouncer::yes : Bouncer::automatic;
    options.round_trips = counter_;
    options.notify = false;  // told on another connection, by another thread
    options.pool_size = 1;
    options.application_name = "round trips " + schema_.suffix();
    return options;
  }

  // A build for tests keeps short lines too, and looks after them.
  Engine short_lines() const {
    Config config;
    config.line_cache_bytes = 0;
    return engine_over(counting(), config);
  }

  // Processor time that the server has spent on our one session, in nanoseconds; 0 where it can't be seen.
  std::int64_t server_time() const {
    std::int64_t spent = 0;
    for (const auto& pid : schema_.ask("SELECT pid FROM pg_stat_activity WHERE application_name = '" +
                                       counting().application_name + "'")) {
      std::int64_t time = 0;
      if (std::ifstream("/proc/" + pid + "/schedstat") >> time) spent += time;
    }
    return spent;
  }
  // Prints what one of many calls costs the server.
  template <class Work>
  void cost(const char* what, Work work) {
    constexpr int calls = 200;
    for (int i = 0; i < 20; ++i) work(i);
    const auto before = server_time();
    for (int i = 20; i < 20 + calls; ++i) work(i);
    std::cout << "  server, " << what << ": " << (server_time() - before) / calls / 1'000 << " µs\n";
  }

  OwnSchema schema_{"round trips"};
  std::shared_ptr<std::atomic<std::uint64_t>> counter_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  const AgentId agent_{"alice"};
  Engine engine_;
};

}  // namespace

TEST_P(RoundTrips, OfReads) {
  EXPECT_EQ(count("recall", [&] { engine_.recall({.agent = agent_, .line = {"a", "says"}}); }), 1U);
  EXPECT_EQ(count("recall at a position",
                  [&] {
                    engine_.recall({.agent = agent_, .line = {"a", "says"}, .at = {.position = Position{1}}});
                  }),
            1U);
  EXPECT_EQ(count("recall as of a time",
                  [&] {
                    engine_.recall(
                        {.agent = agent_, .line = {"a", "says"}, .at = {.as_of = TxTime{system::SystemClock{}.now()}}});
                  }),
            1U);
  EXPECT_EQ(count("history", [&] { engine_.history({.agent = agent_, .line = {"a", "says"}}); }), 1U);
  EXPECT_EQ(count("timeline", [&] { engine_.timeline({.agent = agent_, .line = {"a", "says"}}); }), 1U);
  EXPECT_LE(count("subject", [&] { engine_.subject({.agent = agent_, .subject = "a"}); }), 4U);
}

TEST_P(RoundTrips, AWriteTakesOneWhereWhatTheProcessKnowsStillHolds) {
  EXPECT_EQ(count("a new line", [&] { say(engine_, agent_, "b", "word"); }), 1U);
  EXPECT_EQ(count("a line that it wrote last", [&] { say(engine_, agent_, "b", "word"); }), 1U);
  EXPECT_EQ(count("another value", [&] { say(engine_, agent_, "b", "another"); }), 1U);
  auto keyed = statement("c");
  keyed.idempotency_key = "key";
  EXPECT_EQ(count("under a key", [&] { engine_.ingest({.agent = agent_, .statements = {keyed}}); }), 1U);
}

TEST_P(RoundTrips, AWriteTakesTwoAtFirstAndAfterAnotherProcessWrote) {
  auto another = short_lines();
  another.recall({.agent = AgentId{"bob"}, .line = {"a", "says"}});
  const AgentId carol{"carol"};
  EXPECT_EQ(count("the first write of a process", [&] { say(engine_, carol, "a", "word"); }), 2U);

  say(another, agent_, "d", "word");
  EXPECT_EQ(count("after another process wrote", [&] { say(engine_, agent_, "e", "word"); }), 2U);
  EXPECT_EQ(count("after that", [&] { say(engine_, agent_, "f", "word"); }), 1U);
  EXPECT_EQ(count("on the line that the other wrote", [&] { say(engine_, agent_, "d", "word"); }), 2U);

  say(another, agent_, "g", "word");
  recall(engine_, "g");
  EXPECT_EQ(count("on a line that it read last", [&] { say(engine_, agent_, "g", "another"); }), 1U);

  auto keyed = statement("h");
  keyed.idempotency_key = "key of both";
  const auto theirs = another.ingest({.agent = agent_, .statements = {keyed}}).receipts.front();
  const auto ours = engine_.ingest({.agent = agent_, .statements = {keyed}}).receipts.front();
  EXPECT_EQ(ours.claim, theirs.claim) << "the key was used meanwhile";
  EXPECT_TRUE(engine_.verify({.agent = agent_}).ok);
}

TEST_P(RoundTrips, OfABatchDoNotGrowWithIt) {
  std::vector<Statement> thousand;
  for (int i = 0; i < 1'000; ++i) thousand.push_back(statement("s" + std::to_string(i)));

  EXPECT_EQ(count("a batch of 1,000", [&] { engine_.ingest({.agent = agent_, .statements = thousand}); }), 1U);
}

// One that is kept is asked for its end, and where somebody else wrote, whether anything was erased.
TEST_P(RoundTrips, OfALongLine) {
  auto engine = engine_over(counting());
  std::vector<Statement> hundred(100, statement("long"));
  for (int i = 0; i < 100; ++i) hundred[static_cast<std::size_t>(i)].value = i;
  engine.ingest({.agent = agent_, .statements = hundred});
  recall(engine, "long");
  EXPECT_EQ(count("recall", [&] { recall(engine, "long"); }), 1U);
  say(engine, agent_, "long", "word");
  EXPECT_EQ(count("a claim on it", [&] { say(engine, agent_, "long", "another"); }), 1U);
  EXPECT_EQ(count("recall after a write", [&] { recall(engine, "long"); }), 2U);
  auto another = short_lines();
  say(another, agent_, "b", "word");
  // One that is kept for writes, as a build for tests does, was changed by the first attempt, and is read whole.
  EXPECT_LE(count("a claim on it after another process wrote", [&] { say(engine, agent_, "long", "a third"); }), 5U);
  EXPECT_TRUE(engine.verify({.agent = agent_}).ok);
}

TEST_P(RoundTrips, AndWhatTheyCostTheServer) {
  cost("a claim on a new line", [&](int i) { say(engine_, agent_, "new " + std::to_string(i), "word"); });
  cost("a claim said again", [&](int i) { say(engine_, agent_, "new " + std::to_string(i), "word"); });
  cost("recall of a line of one", [&](int i) { recall(engine_, "new " + std::to_string(i)); });
  auto another = short_lines();
  cost("two processes by turns, both writes", [&](int i) {
    say(engine_, agent_, "ours " + std::to_string(i), "word");
    say(another, agent_, "theirs " + std::to_string(i), "word");
  });
}

INSTANTIATE_TEST_SUITE_P(Postgres, RoundTrips, testing::Bool(),
                         [](const auto& of) { return of.param ? "behind_a_pooler" : "of_ones_own"; });

// Writers of one agent write in the order in which they ask, also from processes that know nothing of each other: from
// one write of a writer to its next every other one has about one turn.
TEST(Turns, AreFairToSixteenWritersOfOneAgent) {
  const OwnSchema schema("turns");
  initialise(schema.options(), {});
  constexpr std::size_t writers = 16, claims = 25;
  std::vector<std::vector<std::uint64_t>> wrote(writers);
  std::vector<std::thread> threads;
  for (std::size_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      auto options = schema.options();
      options.pool_size = 1;
      options.notify = false;
      auto engine = engine_over(options);
      say(engine, AgentId{"warm " + std::to_string(writer)}, "a", "word");
      for (std::size_t i = 0; i < claims; ++i) {
        const auto subject = std::to_string(writer) + " " + std::to_string(i);
        wrote[writer].push_back(say(engine, AgentId{"alice"}, subject, "word").position.value);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<std::uint64_t> turns;
  for (const auto& each : wrote) {
    for (std::size_t i = 1; i < each.size(); ++i) turns.push_back(each[i] - each[i - 1]);
  }
  std::sort(turns.begin(), turns.end());
  const auto at = [&](std::size_t percent) { return turns[turns.size() * percent / 100]; };
  std::cout << "  from a write to the next of the same writer: p50 " << at(50) << " turns, p99 " << at(99) << "\n";

  EXPECT_LE(at(99), 5 * writers);
  auto engine = engine_over(schema.options());
  EXPECT_EQ(engine.head({.agent = AgentId{"alice"}}).position, Position{writers * claims});
}

}  // namespace claimledger::postgres::test
