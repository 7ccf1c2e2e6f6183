#include "application/writer_queues.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <numeric>
#include <thread>
#include <vector>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// Writers within one engine: those of one agent one after another, no longer than their call lasts, and agents apart.
namespace claimledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds long_enough{60};  // for what should happen at once, on the busiest machine

const AgentId alice{"alice"};

// An append of alice's that asks for it does not return before it is let go.
class StuckStore : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (commits[0].header.actor == "stuck") {
      stuck_.set_value();
      let_go_.get_future().wait();
    }
    return ForwardingStore::append(commits, call);
  }
  void wait_until_stuck() { stuck_.get_future().wait(); }
  void let_go() { let_go_.set_value(); }

 private:
  std::promise<void> stuck_;
  std::promise<void> let_go_;
};

// An engine in which a writer of alice's has the turn, until it is let go.
class Turns : public testing::Test {
 protected:
  Turns() : held_(std::async(std::launch::async, [this] { return say(alice, {}, "stuck"); })) {
    store_->wait_until_stuck();
  }
  ~Turns() override { let_go(); }

  Position say(const AgentId& agent, const Call& call = {}, const std::string& actor = "other") {
    IngestRequest request{.agent = agent, .statements = {{.subject = "user", .predicate = "said", .value = actor}}};
    request.statements[0].cardinality = Cardinality::set_valued;
    request.caller.actor = actor;
    request.call = call;
    return engine_.ingest(request).position;
  }
  void let_go() {
    if (!std::exchange(free_, true)) store_->let_go();
  }

  // The failure of a writer of alice's that waits behind the stuck one. The wait has a limit, should the writer not
  // give up.
  std::optional<FailureKind> kind_of_failure(std::future<Position>& waiting) {
    if (waiting.wait_for(long_enough) != std::future_status::ready) return {};
    try {
      waiting.get();
    } catch (const StoreFailure& failure) {
      return failure.kind();
    }
    return {};
  }

  std::shared_ptr<StuckStore> store_ = std::make_shared<StuckStore>(memory::open());
  Engine engine_{{.store = std::make_unique<conformance::ForwardingStore>(store_),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(1)}};
  bool free_ = false;
  std::future<Position> held_;
};

}  // namespace

TEST_F(Turns, NoAgentWaitsForAnother) {
  auto others = std::async(std::launch::async, [&] {
    for (int i = 0; i < 300; ++i) say(AgentId{"agent " + std::to_string(i)});
  });

  EXPECT_EQ(others.wait_for(long_enough), std::future_status::ready);
  let_go();
}

TEST_F(Turns, AWriterWaitsNoLongerThanItsDeadline) {
  auto waiting =
      std::async(std::launch::async, [&] { return say(alice, {.deadline = steady_clock::now() + milliseconds{20}}); });

  EXPECT_EQ(kind_of_failure(waiting), FailureKind::timeout);
  let_go();
}

TEST_F(Turns, AWriterThatIsStoppedWhileItWaitsGivesUp) {
  std::stop_source source;
  auto waiting = std::async(std::launch::async, [&] { return say(alice, {.stop = source.get_token()}); });
  EXPECT_EQ(waiting.wait_for(milliseconds{20}), std::future_status::timeout) << "it should wait";

  source.request_stop();

  EXPECT_EQ(kind_of_failure(waiting), FailureKind::cancelled);
  let_go();
}

TEST_F(Turns, AWriterWithTimeGetsItsTurnWhenTheOtherIsDone) {
  auto hasty =
      std::async(std::launch::async, [&] { return say(alice, {.deadline = steady_clock::now() + milliseconds{1}}); });
  auto patient =
      std::async(std::launch::async, [&] { return say(alice, {.deadline = steady_clock::now() + long_enough}); });
  EXPECT_EQ(kind_of_failure(hasty), FailureKind::timeout);

  let_go();

  EXPECT_EQ(held_.get(), Position{1});
  EXPECT_EQ(patient.get(), Position{2});
}

TEST(WriterQueues, AreTakenInTheOrderInWhichTheyAreAskedFor) {
  constexpr std::size_t writers = 8;
  application::WriterQueues queues;
  std::vector<std::size_t> order;  // whoever has the turn writes it
  auto turn = queues.acquire(alice, {});
  std::vector<std::thread> threads;
  for (std::size_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      const auto mine = queues.acquire(alice, {});
      order.push_back(writer);
    });
    while (queues.asked() <= writer + 1) std::this_thread::yield();
  }
  turn.release();
  {
    // Whoever asks again comes last.
    const auto again = queues.acquire(alice, {});
    order.push_back(writers);
  }
  for (auto& thread : threads) thread.join();

  std::vector<std::size_t> expected(writers + 1);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
  EXPECT_TRUE(queues.idle());
}

TEST(WriterQueues, AreTakenByOneAtATimeAndLeaveNothingBehind) {
  application::WriterQueues queues;
  std::array<std::atomic<int>, 3> inside{};
  std::array<int, 3> taken{};  // by nobody else while inside
  std::atomic<int> given_up = 0;
  std::stop_source stopped;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 6; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < 300; ++round) {
        const auto agent = static_cast<std::size_t>(round + writer) % 3;
        Call call;
        if (round % 4 == 1) call.deadline = steady_clock::now() + std::chrono::microseconds{round};
        if (round % 4 == 2 && round > 200) call.stop = stopped.get_token();
        if (round == 250) stopped.request_stop();
        try {
          auto turn = queues.acquire(AgentId{std::to_string(agent)}, call);
          EXPECT_EQ(++inside[agent], 1);
          ++taken[agent];
          if (round % 8 == 0) std::this_thread::yield();
          --inside[agent];
          if (round % 2 == 0) turn.release();
        } catch (const StoreFailure&) {
          ++given_up;
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();

  EXPECT_EQ(taken[0] + taken[1] + taken[2] + given_up, 6 * 300);
  EXPECT_TRUE(queues.idle());
}

}  // namespace claimledger
