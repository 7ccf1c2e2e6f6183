#include "application/write_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "claimledger/memory/memory_store.hpp"
#include "crowd.hpp"
#include "random_writes.hpp"
#include "watched_store.hpp"

// Writes that share a turn: each is answered, and the ledger stands, as if they had come one after the other.
namespace claimledger::application {
namespace {

using test::Act;
using test::alice;
using test::bob;
using test::Crowd;
using test::ledger;
using test::saying;
using test::told;
using test::Watched;
using test::Writes;

class WriteGroups : public testing::Test {
 protected:
  std::shared_ptr<Watched> store_ = std::make_shared<Watched>(memory::open());
  Crowd crowd_{store_};

  std::string written() const { return test::predicates(*store_, alice); }
};

void expect_as_one_by_one(std::uint64_t seed, bool several_agents, const Config& config) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto alone = std::make_shared<Watched>(memory::open());
  const auto grouped = std::make_shared<Watched>(memory::open());
  alone->shared = grouped->shared = several_agents;
  Crowd one{alone, config};
  Crowd many{grouped, config};
  Writes writes(seed, several_agents);
  for (int round = 0; round < 12; ++round) {
    std::vector<Act> acts;
    for (std::uint64_t i = 0; i < 2 + (seed + static_cast<std::uint64_t>(round)) % 9; ++i)
      acts.push_back(writes.next());
    ASSERT_EQ(many.together(acts), one.one_by_one(acts)) << "round " << round;
    for (const auto& agent : {alice, bob})
      ASSERT_EQ(ledger(*grouped, agent), ledger(*alone, agent)) << "round " << round;
    writes.learn(*alone);
    if (round % 2 == 0) {
      one.clock->advance(std::chrono::hours{1});
      many.clock->advance(std::chrono::hours{1});
    }
  }
  EXPECT_GT(*std::ranges::max_element(grouped->sizes), 1U) << "nothing came together";
}

}  // namespace

TEST(WriteGroup, OfRandomWritesIsAsOneByOne) {
  const std::uint64_t seeds = std::getenv("CLAIMLEDGER_LONG") ? 2'000 : 60;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Config config;
    config.queue_for_adjudication = seed % 3 == 0;
    config.overturn_policy = seed % 2 == 0 ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    expect_as_one_by_one(seed, seed % 4 == 0, config);
  }
}

// What it says stands for the claim that it was of, also once that claim is corrected again.
TEST(WriteGroup, LeavesARestatementAtItsClaim) {
  const auto alone = std::make_shared<Watched>(memory::open());
  const auto grouped = std::make_shared<Watched>(memory::open());
  Crowd one{alone};
  Crowd many{grouped};
  const Statement said{.subject = "ada", .predicate = "city", .value = Value("Berlin")};
  const auto both = [&](const std::vector<Act>& acts) { EXPECT_EQ(many.together(acts), one.one_by_one(acts)); };
  const auto claim_of_entry = [&](std::size_t batch) { return *ledger(*alone, alice).at(batch).entries.front().claim; };
  both({saying(alice, said)});
  both({{alice, [id = claim_of_entry(0)](Context& c) {
           return told([&] { return correct(c, {.agent = alice, .claim = id, .value = Value("Bonn")}); });
         }}});
  const auto correction = claim_of_entry(1);
  both({{alice, [=](Context& c) { return told([&] { return retract(c, {.agent = alice, .claim = correction}); }); }}});

  both({saying(alice, said),
        {alice, [=](Context& c) { return told([&] { return reopen(c, {.agent = alice, .claim = correction}); }); }}});

  EXPECT_EQ(ledger(*grouped, alice), ledger(*alone, alice));
}

TEST_F(WriteGroups, ComesWithOneAppendInTheOrderOfTheirComing) {
  crowd_.together({saying("a"), saying("b"), saying("c"), saying("d")});

  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{4}));
  EXPECT_EQ(written(), "abcd");
  EXPECT_TRUE(crowd_.context.writers.idle());
}

TEST_F(WriteGroups, OfSeveralAgentsWaitForEachOtherOnlyWhereTheyShareCommits) {
  const Statement of_bob{.subject = "ada", .predicate = "x", .value = Value("x")};
  store_->shared = true;
  Crowd sharing{store_};

  sharing.together({saying("a"), saying(bob, of_bob), saying("b"), saying(bob, of_bob)});

  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{4}));
  EXPECT_EQ(written(), "ab");
  EXPECT_EQ(ledger(*store_, bob).size(), 2U);
}

TEST_F(WriteGroups, WhoIsRefusedHarmsNoOther) {
  const auto answers = crowd_.together(
      {saying("a"),
       saying(alice, {.subject = "ada", .predicate = "x", .value = Value("x"), .derived_from = {ClaimId{}}}),
       saying("b")});

  EXPECT_EQ(written(), "ab");
  EXPECT_TRUE(answers[1].starts_with("derived_from")) << answers[1];
}

// The store refuses one batch. Those behind it were decided on it, and are decided again.
TEST_F(WriteGroups, AreDecidedAgainBehindABatchThatIsRefused) {
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    std::vector<Outcome> outcomes(commits.size(), {AppendOutcome::conflict});
    bool refused = false;
    for (std::size_t i = 0; i < commits.size() && !refused; ++i) {
      refused = commits[i].entries.front().line->predicate == "b";
      outcomes[i] = refused ? Outcome{AppendOutcome::refused, "no b"} : store_->landing(commits.subspan(i, 1)).front();
    }
    return outcomes;
  };

  const auto answers = crowd_.together({saying("a"), saying("b"), saying("c"), saying("d")});

  EXPECT_EQ(written(), "acd");
  EXPECT_NE(answers[1].find("no b"), std::string::npos) << answers[1];
  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{4, 2}));
}

// An answer by which nothing is written counts only if what it is about is there.
TEST_F(WriteGroups, AreAnsweredAgainBehindABatchThatFailed) {
  Statement keyed{.subject = "ada", .predicate = "k", .value = Value("v"), .idempotency_key = "key"};
  int fails = 1;
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    if (fails-- > 0)
      return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "full", FailureKind::exhausted});
    return store_->landing(commits);
  };

  const auto answers = crowd_.together({saying(alice, keyed), saying(alice, keyed)});

  EXPECT_NE(answers[0].find("full"), std::string::npos) << answers[0];
  EXPECT_EQ(answers[1].find("replayed"), std::string::npos) << answers[1];
  EXPECT_EQ(written(), "k");
}

TEST_F(WriteGroups, InDoubtAreEachAskedForByTheirOwnBatch) {
  int breaks = 1;
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    auto outcomes = store_->landing(commits);
    if (breaks-- <= 0) return outcomes;
    return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "gone", FailureKind::in_doubt});
  };

  const auto answers = crowd_.together({saying("a"), saying("b"), saying("c")});

  for (const auto& answer : answers) EXPECT_TRUE(answer.starts_with("done")) << answer;
  EXPECT_EQ(written(), "abc");
  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{3, 1, 1, 1}));
}

// Nobody knows what became of it, nor whether those behind it may land yet: none is decided again.
TEST_F(WriteGroups, ThatStayInDoubtAreSaidToBe) {
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "gone", FailureKind::in_doubt});
  };

  const auto answers = crowd_.together({saying("a"), saying("b")});

  for (const auto& answer : answers) EXPECT_NE(answer.find("in_doubt"), std::string::npos) << answer;
  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{2, 1}));
}

TEST_F(WriteGroups, BehindOneThatStaysInDoubtAreNotDecidedAgain) {
  int appends = 0;
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    const auto kind = ++appends < 3 ? FailureKind::in_doubt : FailureKind::busy;
    if (appends < 3) return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "gone", kind});
    return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
  };

  const auto answers = crowd_.together({saying("a"), saying("b")});

  for (const auto& answer : answers) EXPECT_NE(answer.find("in_doubt"), std::string::npos) << answer;
  EXPECT_EQ(appends, 2);
}

// The call of who leads ends the append of all, and is no matter of the others.
TEST_F(WriteGroups, WhoLeadsAndIsLateIsLateAlone) {
  store_->shared = true;
  Crowd sharing{store_};
  std::stop_source stop;
  store_->on_append = [&](std::span<const Commit> commits, const Call& call) {
    if (!call.stop.stop_possible()) return store_->landing(commits);
    stop.request_stop();
    return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "stopped", FailureKind::cancelled});
  };
  const Statement of_bob{.subject = "ada", .predicate = "x", .value = Value("x")};

  const auto answers = sharing.together({saying("a", {.stop = stop.get_token()}), saying(bob, of_bob), saying("b")});

  EXPECT_NE(answers[0].find("stopped"), std::string::npos) << answers[0];
  EXPECT_TRUE(answers[1].starts_with("done")) << answers[1];
  EXPECT_EQ(written(), "b");
}

TEST_F(WriteGroups, WhoIsOverBeforeItIsDecidedIsLeftOut) {
  std::stop_source stop;
  const Act stops{alice, [&](Context& context) {
                    return told([&] {
                      const WriteRequest request{alice, {}, {}};
                      return write(context, request, [&](Attempt&) {
                        stop.request_stop();
                        return WriteAnswer{};
                      });
                    });
                  }};

  const auto answers = crowd_.together({stops, saying("a", {.stop = stop.get_token()}), saying("b")});

  EXPECT_NE(answers[1].find("asked to stop"), std::string::npos) << answers[1];
  EXPECT_EQ(written(), "b");
}

// Once taken, a write waits for the append of all.
TEST_F(WriteGroups, WhoHasLessTimeThanWhoLeadsHasATurnOfItsOwn) {
  const auto hours = [](int count) {
    return Call{.deadline = std::chrono::steady_clock::now() + std::chrono::hours{count}};
  };

  crowd_.together({saying("a", hours(2)), saying("b", hours(3)), saying("c"), saying("d", hours(1))});

  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{3, 1}));
  EXPECT_EQ(written(), "abcd");
}

TEST_F(WriteGroups, WhatOneMeetsThatIsDamagedIsItsFailureAlone) {
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    const auto is_b = [](const Commit& commit) { return commit.entries.front().line->predicate == "b"; };
    if (std::ranges::none_of(commits, is_b)) return store_->landing(commits);
    return std::vector<Outcome>(commits.size(), {AppendOutcome::failed, "damaged", FailureKind::corrupt});
  };

  const auto answers = crowd_.together({saying("a"), saying("b"), saying("c")});

  EXPECT_NE(answers[1].find("damaged"), std::string::npos) << answers[1];
  EXPECT_EQ(written(), "ac");
}

TEST_F(WriteGroups, WhatOneWantsAndCannotBeReadIsItsFailureAlone) {
  store_->damaged = {"ada", "b"};

  const auto answers = crowd_.together({saying("a"), saying("b"), saying("c")});

  EXPECT_NE(answers[1].find("damaged"), std::string::npos) << answers[1];
  EXPECT_EQ(written(), "ac");
}

// A store that takes what it knows for what is there, and checks it as it appends.
class Guessing : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  struct Turn : WriteTurn {
    explicit Turn(Store& store) : store_(store) {}
    std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
      std::vector<TurnOutcome> outcomes(commits.size(), TurnOutcome{{AppendOutcome::conflict}});
      const auto fresh = store_.snapshot(alice, AtHead{}, wanted_, {});
      if (fresh.head != commits.front().after || fresh.lines != snapshots.front().lines) {
        outcomes.front().fresh = fresh;
        snapshots.front() = fresh;
        return outcomes;
      }
      outcomes.clear();
      for (auto& outcome : store_.append(commits, {})) outcomes.push_back({std::move(outcome)});
      return outcomes;
    }
    Store& store_;
    Wanted wanted_;
  };
  // Of lines it knows none.
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    auto turn = std::make_unique<Turn>(inner());
    turn->wanted_ = intents.front().wanted;
    turn->snapshots = {inner().snapshot(alice, AtHead{}, turn->wanted_, call)};
    afresh.push_back(intents.front().afresh);
    turn->guessed = {!afresh.back()};
    if (!afresh.back()) {
      for (auto& line : turn->snapshots.front().lines) line.clear();
    }
    return turn;
  }
  std::vector<bool> afresh;  // of each turn
};

class GuessedGroups : public testing::Test {
 protected:
  std::shared_ptr<Guessing> store_ = std::make_shared<Guessing>(memory::open());

  // With a line that the store knows nothing of.
  GuessedGroups() {
    Crowd before{store_};
    before.one_by_one({saying("known")});
    store_->afresh.clear();
  }
  static Act retracting() {
    return {alice, [](Context& c) {
              return told([&] { return retract(c, {.agent = alice, .claim = LineKey{"ada", "known"}}); });
            }};
  }
};

// An answer by which nothing is written has nobody else who checks it.
TEST_F(GuessedGroups, AnswerNothingThatNobodyHasChecked) {
  Crowd crowd{store_};

  const auto answers = crowd.together({retracting()});

  EXPECT_NE(answers[0].find("retracted"), std::string::npos) << answers[0];
  EXPECT_EQ(store_->afresh, (std::vector<bool>{false, true}));
}

TEST_F(GuessedGroups, AreDecidedAgainAsAWholeWhereTheGuessWasWrong) {
  Crowd crowd{store_};

  const auto answers = crowd.together({retracting(), saying("new"), saying("known")});

  EXPECT_NE(answers[0].find("retracted"), std::string::npos) << answers[0];
  for (const auto& answer : answers) EXPECT_TRUE(answer.starts_with("done")) << answer;
  EXPECT_EQ(store_->afresh, std::vector<bool>{false});
}

// Whatever a write had changed in memory before it failed, the next one does not see.
TEST_F(WriteGroups, WhoFailsHavingDraftedLeavesNothing) {
  const Act fails{alice, [](Context& context) {
                    return told([&] {
                      const WriteRequest request{alice, {}, {}, {.lines = {LineKey{"ada", "a"}}}};
                      return write(context, request, [](Attempt& attempt) -> WriteAnswer {
                        auto line = attempt.on(attempt.view.line({"ada", "a"}));
                        Claim claim;
                        claim.id = ClaimId{attempt.ids.uuid(attempt.draft.now.value)};
                        Content content;
                        content.value = Value("never said");
                        rules::decide(line, {claim, content}, attempt.policy());
                        throw std::runtime_error("thought better of it");
                      });
                    });
                  }};

  const auto answers = crowd_.together({fails, saying("a"), fails, saying("a")});

  EXPECT_EQ(answers[0], "thought better of it");
  EXPECT_EQ(answers[1].find("against"), std::string::npos) << answers[1];
  EXPECT_EQ(written(), "aa");
}

TEST_F(WriteGroups, WhoNeedsItsOwnTurnGetsOne) {
  const Act alone{alice, [](Context& context) {
                    return told([&] {
                      const auto head = context.store().head(alice, {}).position;
                      return retract_source(context, {.agent = alice, .source = "s", .expected_position = head});
                    });
                  }};

  crowd_.together({saying("a"), saying("b"), alone, saying("c"), saying("d")});

  EXPECT_EQ(store_->sizes, (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(written(), "abcd");
}

// A store that breaks its promise and throws has perhaps written: nobody decides again.
TEST_F(WriteGroups, OfAStoreThatThrowsFailForAll) {
  store_->on_append = [&](std::span<const Commit> commits, const Call&) -> std::vector<Outcome> {
    store_->landing(commits);
    throw std::runtime_error("broken");
  };

  const auto answers = crowd_.together({saying("a"), saying("b")});

  EXPECT_EQ(answers, (std::vector<std::string>{"broken", "broken"}));
  EXPECT_EQ(written(), "ab");
  EXPECT_TRUE(crowd_.context.writers.idle());
}

TEST_F(WriteGroups, ThatAreSlowerThanOthersTooOftenGiveUp) {
  store_->on_append = [&](std::span<const Commit> commits, const Call&) {
    return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
  };

  const auto answers = crowd_.together({saying("a"), saying("b")});

  for (const auto& answer : answers) EXPECT_NE(answer.find("faster 64 times"), std::string::npos) << answer;
  EXPECT_TRUE(crowd_.context.writers.idle());
}

}  // namespace claimledger::application
