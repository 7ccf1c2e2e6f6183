#include "claimledger/limits.hpp"

#include <functional>

#include "script.hpp"

// Each bound at its value and one past it; nothing is written for what is refused.
namespace claimledger {
namespace {

class Limits : public testing::Test {
 protected:
  static Statement plain() { return {.subject = "alice", .predicate = "likes", .value = Value("tea")}; }

  // The field that was refused, or "" where nothing was.
  std::string refused(const Statement& statement) {
    return refused_by([&] { script.engine().ingest({.agent = script.agent(), .statements = {statement}}); });
  }
  static std::string refused_by(const std::function<void()>& work) {
    try {
      work();
    } catch (const InvalidInput& bad) {
      return bad.field();
    }
    return {};
  }
  Position head() { return script.engine().head({.agent = script.agent()}).position; }

  test::Script script;
};

std::string text_of(std::size_t bytes) { return std::string(bytes, 'x'); }

TEST_F(Limits, EveryTextOfAStatementHasItsLength) {
  const struct {
    const char* field;
    std::size_t most;
    std::function<void(Statement&, std::string)> set;
  } rows[] = {
      {"subject", limits::text_bytes, [](auto& s, auto text) { s.subject = text; }},
      {"predicate", limits::text_bytes, [](auto& s, auto text) { s.predicate = text; }},
      {"source", limits::text_bytes, [](auto& s, auto text) { s.source = text; }},
      {"idempotency_key", limits::text_bytes, [](auto& s, auto text) { s.idempotency_key = text; }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.field);
    const auto with = [&](const std::string& text) {
      auto statement = plain();
      row.set(statement, text);
      return refused(statement);
    };
    EXPECT_EQ(with(text_of(row.most)), "");
    const auto before = head();
    EXPECT_EQ(with(text_of(row.most + 1)), row.field);
    EXPECT_EQ(with(""), row.field);
    EXPECT_EQ(with(std::string("a\0b", 3)), row.field);
    EXPECT_EQ(with("\xff"), row.field);
    EXPECT_EQ(head(), before);
    EXPECT_EQ(with("x"), "");
  }
}

TEST_F(Limits, AgentContextEvidenceAndWhyHaveTheirLength) {
  script.play("say Berlin => CommittedCheap first\nsay Munich => Contested rivals vs Berlin");
  auto& engine = script.engine();
  const auto claim = script.claim("Munich");
  const auto agent = script.agent();
  const struct {
    const char* field;
    std::size_t most;
    std::function<void(std::string)> use;
  } rows[] = {
      {"agent", limits::agent_bytes,
       [&](const auto& text) { engine.ingest({.agent = AgentId{text}, .statements = {plain()}}); }},
      {"serve_to", limits::text_bytes,
       [&](const auto& text) { engine.recall({.agent = agent, .line = script.line(), .serve_to = text}); }},
      {"why", limits::text_bytes,
       [&](const auto& text) { engine.reopen({.agent = agent, .claim = claim, .why = text}); }},
      {"evidence", limits::text_bytes,
       [&](const auto& text) { engine.adjudicate({.agent = agent, .question = claim, .evidence = text}); }},
      {"source", limits::text_bytes,
       [&](const auto& text) { engine.retract_source({.agent = agent, .source = text, .dry_run = true}); }},
      {"idempotency_key", limits::text_bytes,
       [&](const auto& text) { engine.outcome({.agent = agent, .idempotency_key = text}); }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.field);
    EXPECT_EQ(refused_by([&] { row.use(text_of(row.most)); }), "");
    const auto before = head();
    EXPECT_EQ(refused_by([&] { row.use(text_of(row.most + 1)); }), row.field);
    EXPECT_EQ(refused_by([&] { row.use(""); }), row.field);
    EXPECT_EQ(head(), before);
  }
}

TEST_F(Limits, AValueHasAMebibyte) {
  auto statement = plain();
  statement.value = Value(text_of(limits::value_bytes - 2));  // and two quotes
  EXPECT_EQ(refused(statement), "");
  statement.value = Value(text_of(limits::value_bytes - 1));
  EXPECT_EQ(refused(statement), "value");
}

TEST_F(Limits, MetadataIsAnObjectOf64Kibibytes) {
  const auto metadata = [](std::size_t bytes) { return Value::parse("{\"a\":\"" + text_of(bytes - 8) + "\"}"); };
  auto statement = plain();
  statement.metadata = metadata(limits::metadata_bytes);
  EXPECT_EQ(refused(statement), "");
  statement.metadata = metadata(limits::metadata_bytes + 1);
  EXPECT_EQ(refused(statement), "metadata");
  statement.metadata = Value::parse("[1]");
  EXPECT_EQ(refused(statement), "metadata");
}

TEST_F(Limits, AClaimHas64KnownParents) {
  std::vector<ClaimId> parents;
  for (std::size_t i = 0; i <= limits::derived_from; ++i) {
    script.act("say v on p" + std::to_string(i) + " as c" + std::to_string(i));
    parents.push_back(script.claim("c" + std::to_string(i)));
  }
  auto statement = plain();
  statement.provenance = Provenance::model_derived;
  statement.derived_from = parents;
  EXPECT_EQ(refused(statement), "derived_from");
  statement.derived_from.pop_back();
  EXPECT_EQ(refused(statement), "");
  statement.derived_from = {parents[0], parents[0]};
  EXPECT_EQ(refused(statement), "derived_from");
  statement.derived_from = {ClaimId{}};
  EXPECT_EQ(refused(statement), "derived_from");
}

TEST_F(Limits, AnotherAgentsClaimIsNoParent) {
  script.play("say Berlin => CommittedCheap first");
  auto statement = plain();
  statement.derived_from = {script.claim("Berlin")};
  const IngestRequest request{.agent = AgentId{"another"}, .statements = {statement}};
  EXPECT_EQ(refused_by([&] { script.engine().ingest(request); }), "derived_from");
}

TEST_F(Limits, ABatchHoldsAtLeastOneAndAtMostAHundredThousandStatements) {
  const auto ingest = [&](std::vector<Statement> statements) {
    return refused_by([&] { script.engine().ingest({.agent = script.agent(), .statements = std::move(statements)}); });
  };
  EXPECT_EQ(ingest({}), "statements");
  EXPECT_EQ(ingest(std::vector(limits::batch_claims + 1, plain())), "statements");
  EXPECT_EQ(head(), Position{0});
  auto reply = plain();
  reply.idempotency_key = "one";  // the same again costs nothing
  EXPECT_EQ(ingest(std::vector(limits::batch_claims, reply)), "");
  EXPECT_EQ(head(), Position{1});
}

TEST_F(Limits, DatesLieInTheCalendarAndTimesToLiveAreLongerThanNothing) {
  using std::chrono::microseconds;
  auto statement = plain();
  statement.window.from = ValidEnd{{earliest_instant}};
  statement.window.until = ValidEnd{{latest_instant}};
  EXPECT_EQ(refused(statement), "");
  statement.window.from = ValidEnd{{earliest_instant - microseconds{1}}};
  EXPECT_EQ(refused(statement), "valid_from");
  statement = plain();
  statement.window.until = ValidEnd{{latest_instant + microseconds{1}}};
  EXPECT_EQ(refused(statement), "valid_until");
  statement = plain();
  statement.adjudication_ttl = microseconds{0};
  EXPECT_EQ(refused(statement), "adjudication_ttl");
  statement.adjudication_ttl = microseconds{1};
  EXPECT_EQ(refused(statement), "");
}

TEST_F(Limits, ConfidencesLieBetweenNoneAndAll) {
  for (const std::int32_t bad : {-1, 10'001}) {
    auto statement = plain();
    statement.value_confidence.basis_points = bad;
    EXPECT_EQ(refused(statement), "value_confidence");
    statement = plain();
    statement.valid_time_confidence = Confidence{bad};
    EXPECT_EQ(refused(statement), "valid_time_confidence");
  }
  for (const std::int32_t fine : {0, 10'000}) {
    auto statement = plain();
    statement.value_confidence.basis_points = fine;
    EXPECT_EQ(refused(statement), "");
  }
}

TEST_F(Limits, TheFieldNamesTheStatementOfABatch) {
  auto bad = plain();
  bad.subject.clear();
  EXPECT_EQ(refused_by([&] {
              script.engine().ingest({.agent = script.agent(), .statements = {plain(), bad}});
            }),
            "statements[1].subject");
  EXPECT_EQ(head(), Position{0});
}

}  // namespace
}  // namespace claimledger
