#include "application/write_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "claimledger/memory/memory_store.hpp"
#include "crowd.hpp"

// Writes that share a turn: each is answered, and the ledger stands, as if they had come one after the other.
namespace claimledger::application {
namespace {

using test::Act;
using test::Crowd;
using test::told;

const AgentId alice{"alice"};
const AgentId bob{"bob"};

// Counts what comes together, and breaks it as it is told.
class Watched : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  bool agents_share_commits() const override { return shared; }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    sizes.push_back(commits.size());
    return on_append ? on_append(commits, call) : inner().append(commits, call);
  }
  std::vector<Outcome> landing(std::span<const Commit> commits) { return inner().append(commits, {}); }
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    for (const auto& line : wanted.lines) {
      if (line.key == damaged) throw StoreFailure(FailureKind::corrupt, "read", "the line is damaged");
    }
    return inner().snapshot(agent, moment, wanted, call);
  }

  bool shared = false;
  std::vector<std::size_t> sizes;  // of the appends
  std::function<std::vector<Outcome>(std::span<const Commit>, const Call&)> on_append;
  LineKey damaged;
};

Act saying(const AgentId& agent, Statement statement, const Call& call = {}) {
  return {agent, [=](Context& context) {
            return told([&] { return ingest(context, {.agent = agent, .statements = {statement}, .call = call}); });
          }};
}
Act saying(const std::string& value, const Call& call = {}) {
  return saying(alice, {.subject = "ada", .predicate = value, .value = Value(value)}, call);
}

std::vector<StoredBatch> ledger(const Store& store, const AgentId& agent) {
  return store.batches(agent, {}, 100'000, {});
}

// Random writes about what is known, among them some that are refused, change nothing, or repeat others.
class Writes {
 public:
  explicit Writes(std::uint64_t seed, bool several_agents) : random_(seed), several_agents_(several_agents) {}

  Act next() {
    const auto agent = several_agents_ && below(2) == 0 ? bob : alice;
    const auto claim = below(3) == 0 ? ClaimOrLine(line()) : ClaimOrLine(this->claim(agent));
    const auto id = this->claim(agent);
    const auto at = below(6) == 0 ? std::optional(at_[agent]) : std::nullopt;
    switch (below(13)) {
      case 0:
        return act(agent,
                   [=](Context& c) { return retract(c, {.agent = agent, .claim = claim, .expected_position = at}); });
      case 1:
        return act(agent,
                   [=](Context& c) { return reopen(c, {.agent = agent, .claim = id, .expected_position = at}); });
      case 2:
      case 3:
        return act(agent, [=, value = value()](Context& c) {
          return correct(c, {.agent = agent, .claim = claim, .value = value, .expected_position = at});
        });
      case 4:
        return act(agent, [=, day = day()](Context& c) {
          return end_validity(c, {.agent = agent, .claim = claim, .at = day, .expected_position = at});
        });
      case 5:
        return act(agent, [=, verdict = static_cast<Verdict>(below(3))](Context& c) {
          return adjudicate(c, {.agent = agent, .question = id, .verdict = verdict, .evidence = "seen"});
        });
      case 6:
        return act(agent, [=, verdict = static_cast<ReviewVerdict>(below(2))](Context& c) {
          return review(c, {.agent = agent, .claim = id, .verdict = verdict, .expected_position = at});
        });
      case 7:
        return act(agent, [=, line = line()](Context& c) {
          recall(c, {.agent = agent, .line = line, .serve_to = "prompt"});
          return WriteAnswer{};
        });
      default:
        return say(agent);
    }
  }
  // What was answered may be asked about from now on.
  void learn(const Store& store) {
    for (const auto& agent : {alice, bob}) {
      for (const auto& batch : ledger(store, agent)) {
        for (const auto& entry : batch.entries) {
          if (entry.claim && seen_.insert(*entry.claim).second) known_[agent].push_back(*entry.claim);
        }
        at_[agent] = Position{batch.first.value + batch.header.entries - 1};
      }
    }
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  LineKey line() { return {"ada", "p" + std::to_string(below(3))}; }
  Value value() { return Value("v" + std::to_string(below(3))); }
  ValidEnd day() {
    return {ValidTime{
        std::chrono::sys_days{std::chrono::year{2025} / 1 / std::chrono::day{static_cast<unsigned>(1 + below(28))}}}};
  }

  ClaimId claim(const AgentId& agent) {
    const auto& known = known_[agent];
    return known.empty() || below(8) == 0 ? ClaimId{} : known[below(known.size())];
  }
  static Act act(const AgentId& agent, std::function<WriteAnswer(Context&)> verb) {
    return {agent, [=](Context& context) { return told([&] { return verb(context); }); }};
  }
  Act say(const AgentId& agent) {
    const auto key = line();
    Statement s{.subject = key.subject, .predicate = key.predicate, .value = value()};
    if (below(3) == 0) s.window.from = day();
    if (below(5) == 0) s.window.until = day();
    if (below(4) == 0) s.cardinality = Cardinality::set_valued;
    if (below(4) == 0) s.source = "source " + std::to_string(below(2));
    if (below(5) == 0) s.idempotency_key = "key " + std::to_string(below(8));
    if (below(6) == 0) s.provenance = Provenance::model_derived;
    if (below(6) == 0) s.value_confidence = {1'000};
    if (below(4) == 0) {
      s.provenance = Provenance::model_derived;
      s.derived_from = {claim(agent)};
    }
    return saying(agent, s);
  }

  std::mt19937_64 random_;
  bool several_agents_;
  std::map<AgentId, std::vector<ClaimId>> known_;
  std::set<ClaimId> seen_;
  std::map<AgentId, Position> at_;
};

class WriteGroups : public testing::Test {
 protected:
  std::shared_ptr<Watched> store_ = std::make_shared<Watched>(memory::open());
  Crowd crowd_{store_};

  // The predicates that stand in the ledger, in order.
  std::string written() const {
    std::string all;
    for (const auto& batch : ledger(*store_, alice)) {
      for (const auto& entry : batch.entries) all += entry.line->predicate;
    }
    return all;
  }
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
