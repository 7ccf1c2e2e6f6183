#include <functional>
#include <stdexcept>

#include "script.hpp"

// Somebody who is told of questions: after the commit, outside every lock, at least once.
namespace claimledger {
namespace {

class Listener : public Oracle {
 public:
  void asked(const AdjudicationItem& item) override {
    heard.push_back(item);
    if (answer) answer(item);
  }

  std::vector<AdjudicationItem> heard;
  std::function<void(const AdjudicationItem&)> answer;
};

TEST(OracleCallback, IsToldOnceAfterTheCommit) {
  Listener oracle;
  test::Script script({}, &oracle);
  Position head;
  oracle.answer = [&](const auto&) { head = script.engine().head({.agent = script.agent()}).position; };

  script.play("say Berlin => CommittedCheap first\nsay Munich => QueuedForAdjudication rivals vs Berlin asks");

  ASSERT_EQ(oracle.heard.size(), 1U);
  const auto& item = oracle.heard[0];
  EXPECT_EQ(head, Position{3}) << "the batch had landed";
  EXPECT_EQ(item.agent, script.agent());
  EXPECT_EQ(item.handle, script.handle("Munich"));
  EXPECT_EQ(item.line, script.line());
  EXPECT_EQ(item.challenger.claim, script.claim("Munich"));
  EXPECT_EQ(item.challenger.value, Value("Munich"));
  ASSERT_EQ(item.rivals.size(), 1U);
  EXPECT_EQ(item.rivals[0].claim, script.claim("Berlin"));
  EXPECT_EQ(item.opened, Position{3});
  EXPECT_EQ(item.expires_at, std::nullopt);
}

TEST(OracleCallback, MayAnswerAtOnce) {
  Listener oracle;
  test::Script script({}, &oracle);
  oracle.answer = [&](const AdjudicationItem& item) {
    script.engine().adjudicate(
        {.agent = item.agent, .question = item.handle, .verdict = Verdict::affirm, .evidence = "it knows"});
  };

  script.play(R"(
      say Berlin since 2020                  => CommittedCheap first
      say Munich since 2021                  => QueuedForAdjudication rivals vs Berlin asks
      state Munich                           => CommittedCheap
      state Berlin                           => Superseded
      pending                                => none)");
}

TEST(OracleCallback, MayThrow) {
  Listener oracle;
  oracle.answer = [](const auto&) { throw std::runtime_error("no idea"); };
  test::Script script({}, &oracle);

  script.play(R"(
      say Berlin                             => CommittedCheap first
      say Munich                             => QueuedForAdjudication rivals vs Berlin asks
      pending                                => Munich vs Berlin)");

  EXPECT_EQ(script.engine().tell_pending(), 1U);
  EXPECT_EQ(oracle.heard.size(), 2U);
}

TEST(OracleCallback, IsToldAgainOnlyOfWhatIsOpen) {
  Listener oracle;
  test::Script script({}, &oracle);
  script.play(R"(
      say Berlin                             => CommittedCheap first
      say Munich                             => QueuedForAdjudication rivals vs Berlin asks
      say Paris on born_in                   => CommittedCheap first
      say Rome on born_in ttl 1h             => QueuedForAdjudication rivals vs Paris asks)");
  oracle.heard.clear();

  EXPECT_EQ(script.engine().tell_pending(), 2U);
  ASSERT_EQ(oracle.heard.size(), 2U);
  EXPECT_EQ(oracle.heard[0].challenger.claim, script.claim("Munich"));
  EXPECT_TRUE(oracle.heard[1].expires_at);

  script.act("+1h");
  EXPECT_EQ(script.engine().tell_pending(), 2U) << "it was recorded some microseconds after the clock";
  script.act("+1h");
  EXPECT_EQ(script.engine().tell_pending(), 1U) << "the other has expired";
  script.act("deny Munich");
  EXPECT_EQ(script.engine().tell_pending(), 0U);
}

TEST(OracleCallback, IsToldOfEveryWayAQuestionOpens) {
  Listener oracle;
  test::Script script({}, &oracle);
  script.play(R"(
      2026-01-15
      say Berlin since 2020                  => CommittedCheap first
      retract Berlin                         => Invalidated retracted
      say Munich since 2021                  => CommittedCheap first
      reopen Berlin                          => Reinstated reopened vs Munich
      state Munich                           => QueuedForAdjudication vs Berlin asks
      unknown Munich!                        => Contested unsettled vs Berlin
      reconcile                              => lives_in returned opened 1 contested 1)");

  ASSERT_EQ(oracle.heard.size(), 2U);
  EXPECT_EQ(oracle.heard[0].challenger.claim, script.claim("Munich")) << "it counts from later on";
  EXPECT_EQ(oracle.heard[1].challenger.claim, script.claim("Munich"));
  EXPECT_NE(oracle.heard[0].handle, oracle.heard[1].handle);
}

TEST(OracleCallback, HearsNothingOfAQuestionThatIsSettledInTheSameBatch) {
  Listener oracle;
  test::Script script({}, &oracle);
  script.play(R"(
      say Berlin                             => CommittedCheap first
      say Munich                             => QueuedForAdjudication rivals vs Berlin asks
      unknown Munich                         => Contested unsettled vs Berlin)");
  oracle.heard.clear();

  script.play("affirm Munich! => CommittedCheap affirmed");

  EXPECT_TRUE(oracle.heard.empty());
}

}  // namespace
}  // namespace claimledger
