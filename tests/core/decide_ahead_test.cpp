#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "claimledger/memory/memory_store.hpp"
#include "held_writers.hpp"
#include "random_writes.hpp"

// Groups of writes that are decided while the one before them is appended: each write is answered, and the ledger
// stands, as if they had come one after the other; and nobody is told what was decided on what is not there.
namespace claimledger::application {
namespace {

using test::Act;
using test::alice;
using test::bob;
using test::Crowd;
using test::Gate;
using test::HeldWriters;
using test::ledger;
using test::Probe;
using test::saying;
using test::told;
using test::Watched;
using test::Writes;

class DecidedAhead : public testing::Test {
 protected:
  std::shared_ptr<Store> memory_ = memory::open();
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>(memory_);
  Crowd crowd_{gate_};
  Crowd other_{memory_, {}, nullptr, 8};  // another engine on the same store, of which no append is held
  Probe probe_{gate_};
  HeldWriters writers_{crowd_, gate_};

  // Writers come, of which the first appends, and is held.
  void hold(const Act& act) {
    writers_.start(act);
    ASSERT_TRUE(gate_->wait_until_holding());
  }
  // … and the others are decided meanwhile.
  void start_ahead(const std::vector<Act>& acts) {
    for (const auto& act : acts) writers_.start(act);
    writers_.start(probe_.act());
    ASSERT_TRUE(probe_.wait_until_decided());
    ASSERT_EQ(probe_.decided_ahead(), 1);
  }
  // The next group: it is decided while the one before it is held, and is held then.
  void follow(const Act& act) {
    Probe probe{gate_};
    writers_.start(act);
    writers_.start(probe.act());
    ASSERT_TRUE(probe.wait_until_decided());
    gate_->let_one_through();
    ASSERT_TRUE(gate_->wait_until_holding());
  }
  std::string written() const { return test::predicates(*memory_, alice); }
};

// Of one seed. Returns how many writes were decided while an append was held.
int expect_as_one_by_one(std::uint64_t seed, bool several_agents, const Config& config) {
  const auto plain = std::make_shared<Watched>(memory::open());
  const auto gate = std::make_shared<Gate>(memory::open());
  plain->shared = gate->shared = several_agents;
  Crowd one{plain, config};
  Crowd many{gate, config};
  Probe probe{gate};
  std::mt19937_64 choice(seed);
  Writes writes(seed, several_agents);
  test::PlainWrites plain_writes(seed);
  std::vector<std::string> expected;
  std::vector<std::string> answers;
  {
    HeldWriters writers{many, gate};
    const auto start = [&](const Act& act, const Act& of_one) {
      expected.push_back(of_one.run(one.context));
      writes.learn(*plain);
      writers.start(act);
    };
    for (int step = 0; step < 60; ++step) {
      const auto what = choice() % 16;
      if (what < 8) {
        const auto act = what < 4 ? writes.next() : plain_writes.next();
        start(act, act);
      } else if (what == 8) {
        const auto act = writes.next_alone();
        start(act, act);
      } else if (what == 9) {
        start(probe.act(), Probe{gate}.act());
      } else if (what == 10 && step % 4 == 0) {
        // Both clocks go on, once nobody has looked at one of them.
        writers.let_all_end();
        one.clock->advance(std::chrono::hours{1});
        many.clock->advance(std::chrono::hours{1});
      } else {
        writers.let_one_through();
      }
    }
    answers = writers.finish();
  }
  EXPECT_EQ(answers, expected);
  for (const auto& agent : {alice, bob}) EXPECT_EQ(ledger(*gate, agent), ledger(*plain, agent));
  EXPECT_TRUE(many.context.writers.idle());
  return probe.decided_ahead();
}

}  // namespace

TEST(DecideAhead, OfRandomWritesIsAsOneByOne) {
  const std::uint64_t seeds = std::getenv("CLAIMLEDGER_LONG") ? 2'000 : 80;
  int ahead = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Config config;
    config.queue_for_adjudication = seed % 3 == 0;
    config.overturn_policy = seed % 2 == 0 ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    ahead += expect_as_one_by_one(seed, seed % 4 == 0, config);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(ahead, 0) << "nothing was decided ahead";
}

TEST_F(DecidedAhead, WhoComesMeanwhileSharesTheNextAppend) {
  hold(saying("a"));
  start_ahead({saying("b")});

  Probe later{gate_};
  writers_.start(saying("c"));
  writers_.start(later.act());
  ASSERT_TRUE(later.wait_until_decided());

  for (const auto& answer : writers_.finish()) EXPECT_TRUE(answer.starts_with("done")) << answer;
  EXPECT_EQ(gate_->sizes, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(written(), "abc");
  EXPECT_EQ(probe_.decided() + later.decided(), 2) << "once each";
}

// … and reads at the end of those that are there: the others have to be remembered.
TEST_F(DecidedAhead, OneGroupFollowsTheOther) {
  const auto numbered = [](int number) { return saying("p" + std::to_string(number)); };
  constexpr int groups = 20;
  hold(numbered(0));
  for (int number = 1; number < groups; ++number) {
    Probe probe{gate_};
    writers_.start(numbered(number));
    writers_.start(probe.act());
    ASSERT_TRUE(probe.wait_until_decided());
    EXPECT_EQ(probe.decided_ahead(), 1);
    EXPECT_EQ(gate_->read_at(), Position{static_cast<std::uint64_t>(number - 1)});
    gate_->let_one_through();
    ASSERT_TRUE(gate_->wait_until_holding());
    EXPECT_EQ(probe.decided(), 1);
  }

  writers_.finish();
  EXPECT_EQ(gate_->sizes, std::vector<std::size_t>(groups, 1));
  const auto batches = ledger(*memory_, alice);
  ASSERT_EQ(batches.size(), std::size_t{groups});
  EXPECT_TRUE(crowd_.context.writers.idle());
}

// It was looked for before it was there, by the first of three groups.
TEST_F(DecidedAhead, AKeyThatAGroupBeforeHasWrittenIsFound) {
  const Statement keyed{.subject = "ada", .predicate = "k", .value = Value("v"), .idempotency_key = "key"};
  hold(saying(alice, keyed));
  start_ahead({saying("b")});
  gate_->let_one_through();
  ASSERT_TRUE(gate_->wait_until_holding());
  Probe third{gate_};
  writers_.start(saying(alice, keyed));
  writers_.start(third.act());
  ASSERT_TRUE(third.wait_until_decided());
  EXPECT_EQ(third.decided_ahead(), 1);

  const auto answers = writers_.finish();

  EXPECT_NE(answers[3].find("replayed"), std::string::npos) << answers[3];
  EXPECT_EQ(written(), "kb");
}

// --- The group before is not written ---------------------------------------------------------------------------------

namespace {

struct Failing {
  const char* why;
  AppendOutcome outcome;
  FailureKind kind;
  int times;  // that it fails, with the second look at what is in doubt
  bool lands;
};
void PrintTo(const Failing& row, std::ostream* out) { *out << row.why; }
const std::vector<Failing> failing = {
    {"nothing was written", AppendOutcome::failed, FailureKind::exhausted, 1, false},
    {"the store refuses it", AppendOutcome::refused, FailureKind::refused, 1, false},
    {"it stays in doubt, and is not there", AppendOutcome::failed, FailureKind::in_doubt, 2, false},
    {"it stays in doubt, and is there", AppendOutcome::failed, FailureKind::in_doubt, 2, true},
};

class DecidedOnAGroupThatFails : public DecidedAhead, public testing::WithParamInterface<Failing> {};

}  // namespace

TEST_P(DecidedOnAGroupThatFails, IsDecidedAgainOnWhatIsThere) {
  const auto& row = GetParam();
  SCOPED_TRACE(row.why);
  int left = row.times;
  gate_->on_append = [&](std::span<const Commit> commits, const Call&) {
    if (left == 0) return gate_->landing(commits);
    if (left-- == row.times && row.lands) gate_->landing(commits);
    return std::vector<Outcome>(commits.size(), {row.outcome, "no", row.kind});
  };
  const Statement keyed{.subject = "ada", .predicate = "k", .value = Value("v"), .idempotency_key = "key"};
  hold(saying(alice, keyed));
  start_ahead({saying(alice, keyed), saying("b")});

  const auto answers = writers_.finish();

  EXPECT_NE(answers[0].find("no"), std::string::npos) << answers[0];
  EXPECT_TRUE(answers[1].starts_with("done")) << answers[1];
  EXPECT_EQ(answers[1].find("replayed") != std::string::npos, row.lands) << answers[1];
  EXPECT_TRUE(answers[2].starts_with("done 2")) << answers[2];
  EXPECT_EQ(written(), "kb");
  EXPECT_EQ(probe_.decided(), 2);
  EXPECT_TRUE(crowd_.context.writers.idle());
}

INSTANTIATE_TEST_SUITE_P(Each, DecidedOnAGroupThatFails, testing::ValuesIn(failing));

// One of those that share a group is not written: also who was decided on the others is decided again.
TEST_F(DecidedAhead, OnAGroupOfWhichOneIsRefusedIsDecidedAgain) {
  bool refuses = true;
  gate_->on_append = [&](std::span<const Commit> commits, const Call&) {
    std::vector<Outcome> outcomes;
    for (const auto& commit : commits) {
      const bool refused = refuses && commit.entries.front().line->predicate == "b";
      outcomes.push_back(refused ? Outcome{AppendOutcome::refused, "no b"} : gate_->landing({&commit, 1}).front());
      refuses = refuses && !refused;
    }
    return outcomes;
  };
  hold(saying("a"));
  start_ahead({saying("b")});
  gate_->let_one_through();
  ASSERT_TRUE(gate_->wait_until_holding());
  Probe on_b{gate_};
  writers_.start(saying("c"));
  writers_.start(on_b.act());
  ASSERT_TRUE(on_b.wait_until_decided());

  const auto answers = writers_.finish();

  EXPECT_NE(answers[1].find("no b"), std::string::npos) << answers[1];
  EXPECT_TRUE(answers[3].starts_with("done 2")) << answers[3];
  EXPECT_EQ(written(), "ac");
  EXPECT_EQ(on_b.decided(), 2);
}

// A store that throws has perhaps written.
TEST_F(DecidedAhead, OnAGroupThatWasThrownAtIsDecidedAgain) {
  bool throws = true;
  gate_->on_append = [&](std::span<const Commit> commits, const Call&) -> std::vector<Outcome> {
    auto outcomes = gate_->landing(commits);
    if (std::exchange(throws, false)) throw std::runtime_error("broken");
    return outcomes;
  };
  hold(saying("a"));
  start_ahead({saying("b")});

  const auto answers = writers_.finish();

  EXPECT_EQ(answers[0], "broken");
  EXPECT_TRUE(answers[1].starts_with("done 2")) << answers[1];
  EXPECT_EQ(written(), "ab");
  EXPECT_EQ(probe_.decided(), 2);
  EXPECT_TRUE(crowd_.context.writers.idle());
}

// --- Another engine writes in between --------------------------------------------------------------------------------

namespace {

Act expecting(std::uint64_t position) {
  return {alice, [=](Context& context) {
            return told([&] {
              return ingest(context, {.agent = alice,
                                      .statements = {{.subject = "ada", .predicate = "b", .value = Value("b")}},
                                      .expected_position = Position{position}});
            });
          }};
}

}  // namespace

TEST_F(DecidedAhead, BeforeTheGroupThatIsAppendedAnotherEngineWasFaster) {
  hold(saying("a"));
  start_ahead({expecting(2)});

  other_.one_by_one({saying("x"), saying("y")});
  const auto answers = writers_.finish();

  for (const auto& answer : answers) EXPECT_TRUE(answer.starts_with("done")) << answer;
  EXPECT_EQ(written(), "xyba") << "whoever decides goes on, and who has lost begins again behind it";
  EXPECT_EQ(probe_.decided(), 2);
}

TEST_F(DecidedAhead, BehindTheGroupThatIsAppendedAnotherEngineWasFaster) {
  hold(saying("a"));
  start_ahead({expecting(1), expecting(2)});

  gate_->before_turn_without_reads = [&] { other_.one_by_one({saying("x")}); };
  const auto answers = writers_.finish();

  EXPECT_TRUE(answers[0].starts_with("done 1")) << answers[0];
  EXPECT_NE(answers[1].find("the ledger is at 2, not at 1"), std::string::npos) << answers[1];
  EXPECT_TRUE(answers[2].starts_with("done 3")) << answers[2];
  EXPECT_TRUE(answers[3].starts_with("done 3")) << answers[3];
  EXPECT_EQ(written(), "axb");
  EXPECT_EQ(probe_.decided(), 2);
}

// … also where no append finds out.
TEST_F(DecidedAhead, BehindTheGroupThatIsAppendedAnotherEngineWasFasterThanAnAnswer) {
  hold(saying("a"));
  start_ahead({expecting(2)});

  gate_->before_turn_without_reads = [&] { other_.one_by_one({saying("x")}); };
  const auto answers = writers_.finish();

  EXPECT_TRUE(answers[1].starts_with("done 3")) << answers[1];
  EXPECT_EQ(written(), "axb");
  EXPECT_EQ(probe_.decided(), 2);
}

namespace {

// A store that takes the end of its last append for the head, unless it is asked afresh.
class Trusting : public Gate {
 public:
  using Gate::Gate;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = Gate::append(commits, call);
    if (has_landed(outcomes.back())) known_ = end_of(commits.back());
    return outcomes;
  }
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    const bool guesses = known_ && !intents.front().afresh && intents.front().wanted.lines.empty();
    auto turn = Gate::begin_write(std::move(intents), call);
    if (guesses) turn->snapshots.front().head = *known_;
    turn->guessed = {guesses};
    return turn;
  }

 private:
  std::optional<Head> known_;
};

}  // namespace

TEST(DecideAhead, FollowsNoGuess) {
  const auto memory = std::shared_ptr<Store>(memory::open());
  const auto store = std::make_shared<Trusting>(memory);
  Crowd crowd{store};
  Crowd other{memory, {}, nullptr, 8};
  HeldWriters writers{crowd, store};
  Probe probe{store};
  writers.start(saying("a"));
  ASSERT_TRUE(store->wait_until_holding());
  writers.start(expecting(2));
  writers.start(probe.act());
  ASSERT_TRUE(probe.wait_until_decided());

  store->before_turn_without_reads = [&] { other.one_by_one({saying("x")}); };
  const auto answers = writers.finish();

  EXPECT_TRUE(answers[1].starts_with("done 3")) << answers[1];
}

// --- Who leads -------------------------------------------------------------------------------------------------------

TEST_F(DecidedAhead, WhoLeadsAndIsStoppedWhileItWaitsToAppendIsSoAlone) {
  std::stop_source stop;
  hold(saying("a"));
  start_ahead({saying("b", {.stop = stop.get_token()}), saying("c")});

  stop.request_stop();
  ASSERT_TRUE(writers_.wait_until_ended(1));
  const auto answers = writers_.finish();

  EXPECT_NE(answers[1].find("asked to stop"), std::string::npos) << answers[1];
  EXPECT_TRUE(answers[2].starts_with("done 2")) << answers[2];
  EXPECT_EQ(written(), "ac");
  EXPECT_EQ(probe_.decided(), 2);
  EXPECT_TRUE(crowd_.context.writers.idle());
}

TEST_F(DecidedAhead, WhoHasNoTimeLeftIsLateAlone) {
  hold(saying("a"));
  writers_.start(saying("b", {.deadline = std::chrono::steady_clock::now() - std::chrono::hours{1}}));
  ASSERT_TRUE(writers_.wait_until_ended(1));
  writers_.start(saying("c"));

  const auto answers = writers_.finish();

  EXPECT_NE(answers[1].find("deadline"), std::string::npos) << answers[1];
  EXPECT_TRUE(answers[2].starts_with("done 2")) << answers[2];
  EXPECT_EQ(written(), "ac");
  EXPECT_TRUE(crowd_.context.writers.idle());
}

TEST_F(DecidedAhead, WhatOneWantsAndCannotBeReadIsItsFailureAlone) {
  gate_->damaged = {"ada", "c"};
  hold(saying("a"));
  for (const auto* value : {"b", "c", "d"}) writers_.start(saying(value));
  ASSERT_TRUE(gate_->wait_until([&] { return gate_->damages_met > 0; }));
  ASSERT_TRUE(gate_->is_holding());

  const auto answers = writers_.finish();

  EXPECT_NE(answers[2].find("damaged"), std::string::npos) << answers[2];
  EXPECT_TRUE(answers[1].starts_with("done")) << answers[1];
  EXPECT_TRUE(answers[3].starts_with("done")) << answers[3];
  EXPECT_EQ(written(), "abd");
  EXPECT_TRUE(crowd_.context.writers.idle());
}

// --- What is passed on -----------------------------------------------------------------------------------------------

namespace {

Statement on_a_day(int number) {
  const auto day = [](int n) {
    return ValidEnd{ValidTime{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + std::chrono::days{n}}};
  };
  return {.subject = "ada",
          .predicate = "hot",
          .value = Value(std::to_string(number)),
          .window = {.from = day(number), .until = day(number + 1)}};
}

constexpr int long_line = 300;

// One that is worth keeping.
Act saying_long_line() {
  std::vector<Statement> statements;
  for (int number = 0; number < long_line; ++number) statements.push_back(on_a_day(number));
  return {alice, [=](Context& context) {
            return told([&] { return ingest(context, {.agent = alice, .statements = statements}); });
          }};
}

}  // namespace

TEST_F(DecidedAhead, LongLinesPassFromGroupToGroup) {
  constexpr int groups = 10;
  other_.one_by_one({saying_long_line()});
  hold(saying(alice, on_a_day(long_line)));
  EXPECT_EQ(gate_->entries_read, std::size_t{long_line}) << "the first time";
  gate_->entries_read = 0;
  for (int group = 1; group < groups; ++group) {
    ASSERT_NO_FATAL_FAILURE(follow(saying(alice, on_a_day(long_line + group))));
  }
  writers_.finish();
  crowd_.one_by_one({saying(alice, on_a_day(long_line + groups))});

  EXPECT_LE(gate_->entries_read, std::size_t{2 * groups});
  EXPECT_EQ(ledger(*memory_, alice).size(), std::size_t{1 + groups + 1});
}

// … and are kept when nobody goes on from them.
TEST_F(DecidedAhead, LongLinesAreKeptByTheLastGroup) {
  other_.one_by_one({saying_long_line()});
  hold(saying(alice, on_a_day(long_line)));
  start_ahead({saying("b")});
  writers_.finish();
  gate_->entries_read = 0;

  crowd_.one_by_one({saying(alice, on_a_day(long_line + 1))});

  EXPECT_LE(gate_->entries_read, 2U);
}

// It is written by every third group, and by the others another one.
TEST_F(DecidedAhead, LongLinesAreGivenBackByWhoDoesNotWantThem) {
  constexpr int groups = 10;
  other_.one_by_one({saying_long_line()});
  hold(saying(alice, on_a_day(long_line)));
  gate_->entries_read = 0;
  for (int group = 1; group < groups; ++group) {
    const auto act = group % 3 == 0 ? saying(alice, on_a_day(long_line + group)) : saying("p" + std::to_string(group));
    ASSERT_NO_FATAL_FAILURE(follow(act));
  }
  writers_.finish();
  crowd_.one_by_one({saying(alice, on_a_day(long_line + groups))});

  EXPECT_LE(gate_->entries_read, std::size_t{2 * groups});
}

TEST_F(DecidedAhead, LongLinesPassAGroupThatWritesNothing) {
  other_.one_by_one({saying_long_line()});
  hold(saying(alice, on_a_day(long_line)));
  gate_->entries_read = 0;
  start_ahead({});
  writers_.finish();

  crowd_.one_by_one({saying(alice, on_a_day(long_line + 1))});

  EXPECT_LE(gate_->entries_read, 2U);
}

// --- Who needs a turn of its own -------------------------------------------------------------------------------------

TEST_F(DecidedAhead, WhoNeedsItsOwnTurnGetsOne) {
  auto of_source = Statement{.subject = "ada", .predicate = "s", .value = Value("s"), .source = "somebody"};
  const Act alone{alice, [](Context& context) {
                    return told([&] {
                      return retract_source(context,
                                            {.agent = alice, .source = "somebody", .expected_position = Position{1}});
                    });
                  }};
  hold(saying(alice, of_source));
  writers_.start(alone);
  writers_.start(saying("b"));
  writers_.start(saying("c"));

  const auto answers = writers_.finish();

  for (const auto& answer : answers) EXPECT_TRUE(answer.starts_with("done")) << answer;
  EXPECT_NE(answers[1].find("retracted"), std::string::npos) << answers[1];
  EXPECT_EQ(gate_->sizes, (std::vector<std::size_t>{1, 1, 2}));
  EXPECT_EQ(written(), "ssbc");
}

}  // namespace claimledger::application
