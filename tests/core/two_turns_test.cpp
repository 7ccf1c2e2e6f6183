#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "application/decided.hpp"
#include "application/write.hpp"
#include "application/writer_queues.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "crowd.hpp"

// The turn to decide and the turn to append, each with one at a time, and what passes from one to the next.
namespace claimledger::application {
namespace {

using std::chrono::steady_clock;

const AgentId alice{"alice"};

class TwoTurns : public testing::Test {
 protected:
  // Never done: the queues only hand it out.
  struct Named {
    explicit Named(Context& context) : vectors(context, call), write(context, request, decide, vectors) {}
    Caller caller = {};
    Call call = {};
    WriteRequest request{alice, caller, call};
    Decide decide;
    WriteVectors vectors;
    Write write;
  };

  // One that waits, in a thread of its own, until it has its turn, which it gives up at once, or was done by another.
  class Waiting {
   public:
    Waiting(TwoTurns& test, const Call& call = {}) : named(test.crowd_.context) {
      const auto asked = test.queues_.asked();
      thread_ = std::thread([this, &queues = test.queues_, call] {
        try {
          led = queues.acquire_or_be_done(alice, call, named.write).has_value();
        } catch (const StoreFailure& failure) {
          failed = failure.kind();
        }
      });
      while (test.queues_.asked() == asked) std::this_thread::yield();
    }
    ~Waiting() { join(); }
    void join() {
      if (thread_.joinable()) thread_.join();
    }

    Named named;
    std::atomic<bool> led = false;
    std::optional<FailureKind> failed;

   private:
    std::thread thread_;
  };

  // All that wait, as many as may be taken.
  static std::vector<Write*> take_all(WriterQueues::Turn& turn) {
    turn.look_ahead([](const Write&) { return true; });
    std::vector<Write*> taken;
    while (auto* write = turn.take()) taken.push_back(write);
    return taken;
  }

  test::Crowd crowd_{memory::open()};
  WriterQueues queues_;
};

}  // namespace

TEST_F(TwoTurns, OneDecidesWhileAnotherAppends) {
  auto first = queues_.acquire_to_decide(alice, {});
  EXPECT_TRUE(first.may_append());
  const auto decided = std::make_shared<Decided>();
  first.pass_on(decided);

  auto second = queues_.acquire_to_decide(alice, {});
  EXPECT_FALSE(second.may_append());
  EXPECT_EQ(second.take_decided(), decided);
  EXPECT_EQ(second.take_decided(), nullptr) << "once";
  EXPECT_EQ(first.take_decided(), nullptr) << "another has it";
  first.end_append();
  EXPECT_TRUE(second.may_append());
  second.wait_to_append({});

  first.release();
  EXPECT_FALSE(queues_.idle());
  second.release();
  EXPECT_TRUE(queues_.idle());
}

TEST_F(TwoTurns, WhatNobodyTookIsTakenBackOrGone) {
  auto first = queues_.acquire(alice, {});
  const auto decided = std::make_shared<Decided>();
  first.pass_on(decided);
  EXPECT_EQ(first.take_decided(), decided);
  first.pass_on(decided);
  first.end_append();

  auto second = queues_.acquire(alice, {});
  EXPECT_EQ(second.take_decided(), nullptr);
  EXPECT_EQ(decided.use_count(), 1);
}

TEST_F(TwoTurns, WhoPassesOnLetsTheFirstDecideWhoWaits) {
  auto first = queues_.acquire(alice, {});
  Waiting second(*this);
  Waiting third(*this);

  first.pass_on(nullptr);
  second.join();
  third.join();

  EXPECT_TRUE(second.led);
  EXPECT_TRUE(third.led);
}

TEST_F(TwoTurns, WhoDecidesWaitsToAppendUntilTheOtherEndsIt) {
  auto first = queues_.acquire(alice, {});
  first.pass_on(nullptr);
  std::atomic<bool> appends = false;
  std::thread second([&] {
    auto turn = queues_.acquire_to_decide(alice, {});
    turn.wait_to_append({});
    EXPECT_TRUE(appends.exchange(true)) << "the other still appended";
  });
  while (queues_.asked() < 2) std::this_thread::yield();

  appends = true;
  first.end_append();
  second.join();
}

TEST_F(TwoTurns, WhoWaitsToAppendIsWokenByWhoComes) {
  auto first = queues_.acquire(alice, {});
  first.pass_on(nullptr);
  auto second = queues_.acquire_to_decide(alice, {});
  {
    std::optional<Waiting> third;
    std::thread comes([&] { third.emplace(*this); });
    second.wait_to_append({}, /*or_somebody_waits=*/true);
    comes.join();

    EXPECT_FALSE(second.may_append());
    const auto taken = take_all(second);
    EXPECT_EQ(taken, (std::vector<Write*>{&third->named.write}));
    second.release(taken);
  }
  first.release();
  EXPECT_TRUE(queues_.idle());
}

TEST_F(TwoTurns, WhoWaitsToAppendDoesSoNoLongerThanItsCall) {
  auto first = queues_.acquire(alice, {});
  first.pass_on(nullptr);
  auto second = queues_.acquire_to_decide(alice, {});
  const auto kind_of = [&](const Call& call) -> std::optional<FailureKind> {
    try {
      second.wait_to_append(call);
    } catch (const StoreFailure& failure) {
      return failure.kind();
    }
    return {};
  };
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(kind_of({.deadline = steady_clock::now() - std::chrono::hours{1}}), FailureKind::timeout);
  EXPECT_EQ(kind_of({.stop = stop.get_token()}), FailureKind::cancelled);
  EXPECT_FALSE(second.may_append());
  first.release();
  EXPECT_EQ(kind_of({.deadline = steady_clock::now() - std::chrono::hours{1}}), std::nullopt) << "it is free";
}

TEST_F(TwoTurns, WhoBeginsAgainDecidesBeforeAllWhoWait) {
  auto first = queues_.acquire(alice, {});
  first.pass_on(nullptr);
  auto second = queues_.acquire_to_decide(alice, {});
  Waiting third(*this);
  std::thread again([&] {
    first.wait_to_decide({});
    EXPECT_FALSE(third.led);
    first.release();
  });
  // It needs a turn of its own.
  while (second.look_ahead([](const Write&) { return true; })) std::this_thread::yield();
  EXPECT_TRUE(second.may_append()) << "who begins again has ended its append";

  second.release();
  again.join();
  third.join();

  EXPECT_TRUE(third.led);
  EXPECT_TRUE(queues_.idle());
}

TEST_F(TwoTurns, WhoIsPutBackWaitsInFrontInItsOrder) {
  auto turn = queues_.acquire(alice, {});
  Waiting a(*this);
  Waiting b(*this);
  const auto taken = take_all(turn);
  Waiting c(*this);
  ASSERT_EQ(taken, (std::vector<Write*>{&a.named.write, &b.named.write}));

  turn.put_back(taken);
  const auto again = take_all(turn);

  EXPECT_EQ(again, (std::vector<Write*>{&a.named.write, &b.named.write, &c.named.write}));
  turn.release(again);
}

// Nobody decides when they are put back: the first of them does.
TEST_F(TwoTurns, WhoIsPutBackByWhoHasPassedOnDecides) {
  auto first = queues_.acquire(alice, {});
  Waiting a(*this);
  Waiting b(*this);
  const auto taken = take_all(first);
  first.pass_on(nullptr);

  first.put_back(taken);
  first.release();
  a.join();
  b.join();

  EXPECT_TRUE(a.led);
  EXPECT_TRUE(b.led);
  EXPECT_TRUE(queues_.idle());
}

TEST_F(TwoTurns, WhoBeginsAgainComesBeforeThoseThatItPutsBack) {
  auto first = queues_.acquire(alice, {});
  Waiting a(*this);
  const auto taken = take_all(first);
  first.pass_on(nullptr);

  first.wait_to_decide({}, taken);

  EXPECT_EQ(take_all(first), taken) << "it waits still";
  first.release(taken);
  a.join();
  EXPECT_FALSE(a.led);
}

TEST_F(TwoTurns, WhoIsTakenDoesNotLeaveUntilItIsPutBack) {
  std::stop_source stop;
  auto turn = queues_.acquire(alice, {});
  Waiting waiting(*this, {.stop = stop.get_token()});
  const auto taken = take_all(turn);

  stop.request_stop();
  turn.put_back(taken);
  waiting.join();

  EXPECT_EQ(waiting.failed, FailureKind::cancelled);
  turn.release();
  EXPECT_TRUE(queues_.idle());
}

namespace {

// Writers of one queue, which do what they may in a random order. Each write is to be done once, by whoever it is, and
// told so; one decides at a time, and one appends.
class Stress {
 public:
  explicit Stress(std::uint64_t seed) : seed_(seed) {}

  template <class Named>
  void write(std::uint64_t number, Context& context) {
    std::mt19937_64 random(seed_ * 1'000 + number);
    Named named(context);
    Call call;
    if (number % 5 == 0) call.deadline = steady_clock::now() + std::chrono::microseconds{number};
    auto& mine = done_of(named.write);
    try {
      auto turn = queues.acquire_or_be_done(alice, call, named.write);
      if (turn) lead(*turn, named.write, call, random);
      EXPECT_EQ(mine, 1);
      ++done;
    } catch (const StoreFailure&) {
      EXPECT_EQ(mine, 0);
      ++given_up;
    }
    forget(named.write);
  }

  WriterQueues queues;
  std::atomic<std::size_t> done = 0, given_up = 0, ahead = 0;

 private:
  std::atomic<int>& done_of(const Write& write) {
    const std::scoped_lock lock(mutex_);
    return done_[&write];
  }
  void forget(const Write& write) {
    const std::scoped_lock lock(mutex_);
    done_.erase(&write);
  }

  void lead(WriterQueues::Turn& turn, Write& leader, const Call& call, std::mt19937_64& random) {
    const auto chance = [&](std::uint64_t one_of) { return random() % one_of == 0; };
    bool decides_again = false;
    while (true) {
      if (std::exchange(decides_again, true)) turn.wait_to_decide(call);
      EXPECT_EQ(++deciding_, 1);
      turn.look_ahead([&](const Write&) { return !chance(8); });
      std::vector<Write*> taken;
      while (auto* write = turn.take()) taken.push_back(write);
      if (!turn.may_append()) {
        if (turn.take_decided()) ++ahead;
        if (chance(2)) std::this_thread::yield();
        try {
          turn.wait_to_append(call, chance(2));
          while (!turn.may_append()) turn.wait_to_append(call);
        } catch (const StoreFailure&) {
          --deciding_;
          turn.put_back(taken);
          throw;
        }
      }
      if (chance(4)) {
        turn.put_back(taken);
        taken.clear();
      }
      EXPECT_EQ(++appending_, 1);
      --deciding_;
      turn.pass_on(std::make_shared<Decided>());
      if (chance(2)) std::this_thread::yield();
      const bool fails = chance(6);
      --appending_;
      if (!turn.take_decided()) turn.end_append();
      if (fails) {
        turn.put_back(taken);
        continue;
      }
      for (auto* write : taken) ++done_of(*write);
      ++done_of(leader);
      turn.release(taken);
      return;
    }
  }

  std::uint64_t seed_;
  std::atomic<int> deciding_ = 0, appending_ = 0;
  std::mutex mutex_;
  std::map<const Write*, std::atomic<int>> done_;
};

}  // namespace

TEST_F(TwoTurns, AreTakenByOneAtATimeAndLeaveNothingBehind) {
  constexpr std::uint64_t seed = 5;
  constexpr std::uint64_t writers = 8, rounds = 400;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Stress stress(seed);
  std::vector<std::thread> threads;
  for (std::uint64_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::uint64_t round = 0; round < rounds; ++round)
        stress.write<Named>(round * writers + writer, crowd_.context);
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(stress.done + stress.given_up, writers * rounds);
  EXPECT_GT(stress.done, writers * rounds / 2);
  EXPECT_TRUE(stress.queues.idle());
}

}  // namespace claimledger::application
