#include <gtest/gtest.h>

#include <iostream>

#include "own_schema.hpp"

// How often a request goes to the server and back, which is what it costs across a network.
namespace claimledger::postgres::test {

namespace {

class RoundTrips : public testing::Test {
 protected:
  RoundTrips() : engine_(engine_over(counting())) {
    say(engine_, agent_, "a", "word");  // what a first request brings with it is not counted
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

  OwnSchema schema_{"round trips"};
  std::shared_ptr<std::atomic<std::uint64_t>> counter_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  const AgentId agent_{"alice"};
  Engine engine_;

 private:
  Options counting() const {
    auto options = schema_.options();
    options.round_trips = counter_;
    options.notify = false;  // told on another connection, by another thread
    return options;
  }
};

}  // namespace

TEST_F(RoundTrips, OfReads) {
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
  EXPECT_EQ(count("history", [&] { engine_.history(agent_, {"a", "says"}, {}); }), 1U);
  EXPECT_LE(count("subject", [&] { engine_.subject(agent_, "a", {}, {}, {}); }), 3U);
}

TEST_F(RoundTrips, OfAWriteThatNobodyContests) {
  EXPECT_LE(count("remember", [&] { say(engine_, agent_, "b", "word"); }), 2U);
  EXPECT_LE(count("remember again", [&] { say(engine_, agent_, "b", "word"); }), 2U);
  auto keyed = statement("c");
  keyed.idempotency_key = "key";
  EXPECT_LE(count("remember under a key", [&] { engine_.ingest({.agent = agent_, .statements = {keyed}}); }), 2U);
}

TEST_F(RoundTrips, OfABatchDoNotGrowWithIt) {
  std::vector<Statement> thousand;
  for (int i = 0; i < 1'000; ++i) thousand.push_back(statement("s" + std::to_string(i)));

  EXPECT_LE(count("a batch of 1,000", [&] { engine_.ingest({.agent = agent_, .statements = thousand}); }), 2U);
}

}  // namespace claimledger::postgres::test
