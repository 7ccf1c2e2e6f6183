#include "script.hpp"

// Said twice, written once; expected positions; who may say anything at all: section 5, steps 1 and 2.
namespace claimledger {
namespace {

using test::play;

TEST(Idempotency, TheSameAgainAnswersTheFirstReceipt) {
  play({
      {"a claim", R"(
          say Berlin key k                   => CommittedCheap first
          say Munich                         => Contested rivals vs Berlin
          say Berlin key k                   => CommittedCheap first
          wrote                              => nothing)"},
      {"a restatement: the key belongs to what it produced", R"(
          say Berlin                         => CommittedCheap first
          say Berlin key k                   => CommittedCheap restates = Berlin
          retract Berlin                     => Invalidated retracted
          say Berlin key k                   => CommittedCheap restates = Berlin
          wrote                              => nothing)"},
      {"an echo", R"(
          say Berlin                         => CommittedCheap first
          say Berlin by model key k          => CommittedCheap echo = Berlin
          say Berlin by model key k          => CommittedCheap echo = Berlin
          wrote                              => nothing)"},
      {"a re-entry", R"(
          say Berlin                         => CommittedCheap first
          say Berlin by recall key k         => CommittedCheap recall_reentry = Berlin
          say Berlin by recall key k         => CommittedCheap recall_reentry = Berlin
          wrote                              => nothing)"},
      {"a parked one", R"(
          say Berlin sure 0.1 key k          => PendingLowConfidence below_floor
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          say Berlin sure 0.1 key k          => PendingLowConfidence below_floor)"},
      {"an end that was not applied", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2028 source x key k => CommittedCheap extends end_not_applied
          say Berlin since 2020 until 2028 source x key k => CommittedCheap extends end_not_applied)"},
      {"in one batch", R"(
          say Berlin key k ; Berlin key k    => CommittedCheap first ; CommittedCheap first
          wrote                              => ClaimRecorded)"},
      {"beside something new", R"(
          say Berlin key k                   => CommittedCheap first
          say Berlin key k ; Munich key l    => CommittedCheap first ; Contested rivals vs Berlin
          wrote                              => ClaimRecorded)"},
  });
  play({{"with the question it opened", R"(
          say Berlin                         => CommittedCheap first
          say Munich key k                   => QueuedForAdjudication rivals vs Berlin asks
          say Munich key k                   => QueuedForAdjudication rivals vs Berlin asks
          wrote                              => nothing)"}},
       {.queue_for_adjudication = true});
}

TEST(Idempotency, AKeyForOtherContentIsRefused) {
  for (const std::string other :
       {"say Munich key k", "say Berlin since 2020 key k", "say Berlin until 2030 key k", "say Berlin source x key k",
        "say Berlin by world key k", "say Berlin sure 0.9 key k", "say Berlin timing 0.5 key k", "say Berlin set key k",
        "say Berlin high key k", "say Berlin on born_in key k", "say Berlin from parent key k",
        "say Berlin ttl 1h key k"}) {
    SCOPED_TRACE(other);
    test::Script().play("say parent on p => CommittedCheap first\nsay Berlin key k => CommittedCheap first\n" + other +
                        " => InvalidInput idempotency_key\nwrote => nothing");
  }
  play({{"in one batch nothing of it is written", R"(
          say Berlin key k ; Munich key k    => InvalidInput statements[1].idempotency_key
          wrote                              => nothing
          believe                            => NoBelief)"}});
}

class Write : public testing::Test {
 protected:
  IngestRequest request(const char* value, std::optional<std::string> key = {}) {
    Statement statement{.subject = "alice", .predicate = "lives_in", .value = Value(value)};
    statement.idempotency_key = std::move(key);
    return {.agent = script.agent(), .statements = {statement}};
  }
  Position head() { return script.engine().status(script.agent()).head.position; }

  test::Script script;
};

TEST_F(Write, TheReceiptThatComesAgainIsTheFirstInEveryField) {
  const auto first = script.engine().ingest(request("Berlin", "k"));
  script.act("+1h");
  script.act("say Munich");

  const auto again = script.engine().ingest(request("Berlin", "k"));

  EXPECT_EQ(again.receipts, first.receipts);
  EXPECT_EQ(script.engine().outcome(script.agent(), "k"), first.receipts[0]);
}

TEST_F(Write, OutcomeKnowsWhetherAKeyCommitted) {
  EXPECT_EQ(script.engine().outcome(script.agent(), "k"), std::nullopt);
  script.engine().ingest(request("Berlin", "k"));
  EXPECT_TRUE(script.engine().outcome(script.agent(), "k"));
  EXPECT_EQ(script.engine().outcome(AgentId{"another"}, "k"), std::nullopt);
}

TEST_F(Write, AMovedHeadIsAConflict) {
  auto wanted = request("Berlin");
  wanted.expected_position = Position{0};
  EXPECT_EQ(script.engine().ingest(wanted).status, WriteStatus::done);

  wanted.statements[0].value = Value("Munich");
  const auto answer = script.engine().ingest(wanted);
  EXPECT_EQ(answer.status, WriteStatus::conflict);
  EXPECT_EQ(answer.position, Position{1});
  EXPECT_TRUE(answer.receipts.empty());
  EXPECT_EQ(head(), Position{1});

  wanted.expected_position = Position{1};
  EXPECT_EQ(script.engine().ingest(wanted).status, WriteStatus::done);
}

TEST_F(Write, AKeyAnswersBeforeTheHeadIsCompared) {
  auto wanted = request("Berlin", "k");
  wanted.expected_position = Position{0};
  const auto first = script.engine().ingest(wanted);

  const auto again = script.engine().ingest(wanted);

  EXPECT_EQ(again.status, WriteStatus::done);
  EXPECT_EQ(again.receipts, first.receipts);
}

TEST_F(Write, AMovedHeadIsAConflictForEveryVerb) {
  script.play("say Berlin => CommittedCheap first");
  const ClaimRequest about{.agent = script.agent(), .claim = script.claim("Berlin"), .expected_position = Position{7}};
  const auto at = parse_valid_time("2030", "at");
  auto& engine = script.engine();

  EXPECT_EQ(engine.end_validity(about, at).status, WriteStatus::conflict);
  EXPECT_EQ(engine.retract(about).status, WriteStatus::conflict);
  EXPECT_EQ(engine.reopen(about, {}).status, WriteStatus::conflict);
  EXPECT_EQ(engine.retract_source({.agent = script.agent(), .source = "x", .expected_position = Position{7}}).status,
            WriteStatus::conflict);
  EXPECT_EQ(head(), Position{1});
}

TEST_F(Write, AMovedHeadIsAConflictAlsoWhereNothingWouldBeWritten) {
  script.play("say Berlin => CommittedCheap first\nretract Berlin => Invalidated retracted");
  ClaimRequest about{.agent = script.agent(), .claim = script.claim("Berlin"), .expected_position = Position{1}};

  EXPECT_EQ(script.engine().retract(about).status, WriteStatus::conflict);
  about.expected_position = Position{2};
  EXPECT_EQ(script.engine().retract(about).status, WriteStatus::nothing_to_do);
}

TEST_F(Write, WhoMayNotStateLeavesAnAttempt) {
  auto wanted = request("Berlin");
  wanted.caller = {.actor = "reader", .may_state = false};

  const auto answer = script.engine().ingest(wanted);

  ASSERT_EQ(answer.receipts.size(), 1U);
  EXPECT_EQ(answer.receipts[0].disposition, Disposition::rejected);
  EXPECT_EQ(answer.receipts[0].rationale, Rationale::not_allowed);
  EXPECT_FALSE(answer.receipts[0].claim);
  script.play("believe => NoBelief");
}

TEST_F(Write, WhoMayNotStateIsHeldToTheSameRules) {
  script.play("say Rome => CommittedCheap first");
  auto wanted = request("Berlin");
  wanted.caller = {.actor = "reader", .may_state = false};
  wanted.statements[0].idempotency_key = "k";
  auto moved = wanted;
  moved.expected_position = Position{77};
  auto orphan = wanted;
  orphan.statements[0].derived_from = {ClaimId{}};
  auto& engine = script.engine();

  EXPECT_EQ(engine.ingest(moved).status, WriteStatus::conflict);
  EXPECT_THROW(engine.ingest(orphan), InvalidInput);
  const auto first = engine.ingest(wanted);
  const auto again = engine.ingest(wanted);

  EXPECT_EQ(first.position, Position{2});
  EXPECT_EQ(again.position, Position{2});
  EXPECT_EQ(again.receipts, first.receipts);
  EXPECT_EQ(engine.outcome(script.agent(), "k"), first.receipts[0]);
}

TEST_F(Write, WhatIsLeftOutIsTheSameAsItsDefault) {
  auto wanted = request("Berlin");
  wanted.statements[0].idempotency_key = "k";
  auto spelled = wanted;
  spelled.statements[0].valid_time_confidence = Confidence{0};

  const auto first = script.engine().ingest(wanted);

  EXPECT_EQ(script.engine().ingest(spelled).receipts, first.receipts);
}

TEST_F(Write, WhoMayNotStateMayJudgeAndTheOtherWayRound) {
  script.play("say Berlin => CommittedCheap first");
  auto wanted = request("Munich");
  wanted.caller.may_judge = false;
  EXPECT_EQ(script.engine().ingest(wanted).receipts[0].disposition, Disposition::contested);
  ClaimRequest about{.agent = script.agent(), .claim = script.claim("Berlin"), .caller = {.actor = "judge"}};
  about.caller.may_state = false;
  EXPECT_EQ(script.engine().retract(about).receipts[0].disposition, Disposition::invalidated);
}

TEST_F(Write, WhatIsUnknownIsNotFound) {
  script.play("say Berlin => CommittedCheap first");
  const ClaimRequest about{.agent = script.agent(), .claim = ClaimId{}};
  auto& engine = script.engine();

  EXPECT_EQ(engine.retract(about).status, WriteStatus::not_found);
  EXPECT_EQ(engine.end_validity(about, {}).status, WriteStatus::not_found);
  EXPECT_EQ(engine.reopen(about, {}).status, WriteStatus::not_found);
  EXPECT_EQ(engine.review(about, ReviewVerdict::keep).status, WriteStatus::not_found);
  for (const auto& agent : {script.agent(), AgentId{"another"}}) {
    EXPECT_EQ(engine.adjudicate({.agent = agent, .question = AdjudicationId{}, .evidence = "x"}).status,
              WriteStatus::not_found);
  }
  const ClaimRequest foreign{.agent = AgentId{"another"}, .claim = script.claim("Berlin")};
  EXPECT_EQ(engine.retract(foreign).status, WriteStatus::not_found);
  EXPECT_EQ(head(), Position{1});
}

TEST_F(Write, TheLedgersTimeGoesOnWhateverTheClockDoes) {
  script.play("2026-01-15\nsay Berlin => CommittedCheap first");
  const auto first = script.engine().ingest(request("Munich")).receipts[0].recorded_at;
  EXPECT_EQ(first.value, script.clock().now() + std::chrono::microseconds{1});
  script.act("-30d");
  const auto second = script.engine().ingest(request("Rome")).receipts[0].recorded_at;
  EXPECT_EQ(second.value, first.value + std::chrono::microseconds{1});
  script.act("2026-02");
  EXPECT_EQ(script.engine().ingest(request("Paris")).receipts[0].recorded_at.value, script.clock().now());
}

}  // namespace
}  // namespace claimledger
