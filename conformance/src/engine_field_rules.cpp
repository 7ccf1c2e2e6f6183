#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/limits.hpp"
#include "story.hpp"

// Everything a caller can say comes back as it was said.
namespace claimledger::conformance {

namespace {

ClaimHistory read_back(const Engine& engine, const AgentId& agent, const ClaimId& claim) {
  const auto found = engine.claim({.agent = agent, .claim = claim});
  EXPECT_TRUE(found) << to_text(claim.value);
  return found.value_or(ClaimHistory{});
}

}  // namespace

TEST_P(StoreContract, W01_EveryEnumeratorComesBack) {
  auto bench = Bench::over(store());
  int line = 0;
  for (const auto cardinality : {Cardinality::functional, Cardinality::set_valued, Cardinality::unknown}) {
    for (const auto provenance : {Provenance::user_asserted, Provenance::external_first_hand,
                                  Provenance::recall_reentry, Provenance::model_derived}) {
      for (const auto criticality : {Criticality::low, Criticality::medium, Criticality::high, Criticality::critical}) {
        auto statement = stated("s", "p" + std::to_string(++line), 1);
        statement.cardinality = cardinality;
        statement.provenance = provenance;
        statement.criticality = criticality;
        const auto back = read_back(bench.engine, agent(), said(bench.engine, agent(), statement));
        EXPECT_EQ(back.cardinality, cardinality);
        EXPECT_EQ(back.slot.provenance, provenance);
        EXPECT_EQ(back.slot.criticality, criticality);
      }
    }
  }
}

TEST_P(StoreContract, W02_JsonOfEveryKindComesBack) {
  auto bench = Bench::over(store());
  const std::vector<std::string> values = {"null",
                                           "true",
                                           "false",
                                           "0",
                                           "-1",
                                           "9007199254740991",
                                           "9007199254740992",
                                           "9007199254740993",
                                           "18446744073709551615",
                                           "18446744073709551614",
                                           "-9223372036854775808",
                                           "9223372036854775807",
                                           "0.1",
                                           "1e+300",
                                           "5e-324",
                                           "1.7976931348623157e+308",
                                           "\"\"",
                                           "\"text\"",
                                           "\"caf\u00e9\"",
                                           "\"cafe\u0301\"",
                                           "\"\U0001F600\"",
                                           R"("\" \\ \n \t \b")",
                                           "[]",
                                           "{}",
                                           R"([1,"1",null,[],{}])",
                                           R"({"":0,"a":{"b":[true]},"é":1})"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = Value::parse(values[i]);
    const auto back =
        read_back(bench.engine, agent(), said(bench.engine, agent(), stated("s", "p" + std::to_string(i), value)));
    EXPECT_EQ(back.slot.value, value) << values[i];
    const auto belief = bench.engine.recall({.agent = agent(), .line = {"s", "p" + std::to_string(i)}});
    ASSERT_TRUE(belief.primary) << values[i];
    EXPECT_EQ(belief.primary->value.text(), value.text());
  }
}

TEST_P(StoreContract, W03_TheLargestAndTheDeepestValueComeBack) {
  auto bench = Bench::over(store());
  const auto deep = std::string(limits::json_depth, '[') + std::string(limits::json_depth, ']');
  const std::string large(limits::value_bytes - 2, 'x');
  auto loaded = stated("s", "loaded", Value(large));
  loaded.metadata = Value::parse(R"({"pad":")" + std::string(limits::metadata_bytes - 10, 'y') + R"("})");

  const auto deep_claim = said(bench.engine, agent(), stated("s", "deep", Value::parse(deep)));
  const auto large_claim = said(bench.engine, agent(), loaded);

  EXPECT_EQ(read_back(bench.engine, agent(), deep_claim).slot.value.text(), deep);
  EXPECT_TRUE(read_back(bench.engine, agent(), large_claim).slot.value == loaded.value);
  EXPECT_TRUE(read_back(bench.engine, agent(), large_claim).metadata == loaded.metadata);
}

TEST_P(StoreContract, W04_ComposedAndDecomposedTextsStayApart) {
  auto bench = Bench::over(store());
  const std::vector<std::string> texts = {
      "caf\u00e9",   "cafe\u0301", "\u212b", "\u00c5", "A\u030a", "\U0001F600", "\U0001F469\u200d\U0001F680",
      "Stra\u00dfe", "STRASSE"};
  for (const auto& text : texts) {
    auto statement = with_idempotency(from_source(stated(text, text, Value(text)), text), text);
    statement.metadata = Value::parse("{" + Value(text).text() + ":" + Value(text).text() + "}");
    const auto back = read_back(bench.engine, agent(), said(bench.engine, agent(), statement));
    EXPECT_EQ(back.line, (LineKey{text, text}));
    EXPECT_EQ(back.slot.value.as_string(), text);
    EXPECT_EQ(back.slot.source, text);
    EXPECT_EQ(back.metadata, statement.metadata);
  }

  EXPECT_EQ(bench.engine.subjects({.agent = agent()}).items.size(), texts.size());
  for (const auto& text : texts) EXPECT_TRUE(bench.engine.outcome({.agent = agent(), .idempotency_key = text})) << text;
}

TEST_P(StoreContract, W05_WindowsKeepTheirMicrosecondsYearsAndForm) {
  auto bench = Bench::over(store());
  const std::vector<std::pair<std::string, std::string>> windows = {
      {"0001", "9999"},
      {"0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"},
      {"2020", ""},
      {"2020-03", "2020-04"},
      {"2020-03-01", "2020-03-02"},
      {"1969-12-31T23:59:59.999999Z", "1970"},
      {"2020-02-29T12:00:00+05:30", "2021"},
      {"", "2031-01"}};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto statement = stated("s", "p" + std::to_string(i), 1, windows[i].first, windows[i].second);
    const auto back = read_back(bench.engine, agent(), said(bench.engine, agent(), statement));
    EXPECT_EQ(back.slot.window, statement.window) << windows[i].first << " to " << windows[i].second;
  }
}

TEST_P(StoreContract, W06_NumbersIdsAndListsComeBack) {
  auto bench = Bench::over(store());
  std::vector<ClaimId> parents;
  for (std::size_t i = 0; i < limits::derived_from; ++i) {
    parents.push_back(said(bench.engine, agent(), stated("parent", std::to_string(i), i)));
  }
  auto statement = derived(stated("s", "p", 1, "2020"), parents);
  statement.value_confidence = Confidence{1};
  statement.valid_time_confidence = Confidence{9'999};

  const auto back = read_back(bench.engine, agent(), said(bench.engine, agent(), statement));

  EXPECT_EQ(back.derived_from, parents);
  EXPECT_EQ(back.slot.value_confidence, Confidence{1});
  EXPECT_EQ(back.slot.valid_time_confidence, Confidence{9'999});
  EXPECT_EQ(back.depth, 1U);
  EXPECT_TRUE(back.nearest_external_anchor);
}

TEST_P(StoreContract, W07_TheAuditShowsEveryWordThatWasTyped) {
  auto bench = Bench::over(store());
  auto statement = with_idempotency(from_source(stated("s", "p", "v"), "source"), "key");
  statement.metadata = Value::parse(R"({"m":1})");
  const auto claim = said(bench.engine, agent(), statement);
  bench.engine.recall({.agent = agent(), .line = {"s", "p"}, .serve_to = "context"});
  const auto rival = said(bench.engine, agent(), stated("s", "p", "w"));
  bench.engine.adjudicate({.agent = agent(), .question = rival, .verdict = Verdict::deny, .evidence = "evidence"});
  bench.engine.retract({.agent = agent(), .claim = claim, .why = "why"});

  const auto all = bench.engine.audit({.agent = agent(), .filter = {.claim = claim}}).items.at(0).record.content;
  EXPECT_EQ(all.subject, "s");
  EXPECT_EQ(all.predicate, "p");
  EXPECT_EQ(all.value, Value("v"));
  EXPECT_EQ(all.source, "source");
  EXPECT_EQ(all.metadata, statement.metadata);
  EXPECT_EQ(all.idempotency_key, "key");
  std::string words;
  for (const auto& entry : bench.engine.audit({.agent = agent()}).items) {
    for (const auto& word : {entry.record.content.why, entry.record.content.evidence, entry.record.content.context}) {
      if (word) words += *word + ' ';
    }
  }
  EXPECT_EQ(words, "context evidence why ");
}

TEST_P(StoreContract, W08_VerifyFindsNothingWrongInAWholeLife) {
  auto bench = Bench::over(store(), {.queue_for_adjudication = true});
  tell_story(bench, agent());

  const auto verification = bench.engine.verify({.agent = agent()});

  EXPECT_TRUE(verification.ok) << verification.problem;
  EXPECT_EQ(verification.position, head().position);
  EXPECT_EQ(verification.entries, head().position.value);
  EXPECT_EQ(verification.head_hash, head().hash);
}

}  // namespace claimledger::conformance
