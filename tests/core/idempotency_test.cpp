#include <functional>

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
          say Berlin key k                   => CommittedCheap first replayed
          wrote                              => nothing)"},
      {"a restatement: the key belongs to what it produced", R"(
          say Berlin                         => CommittedCheap first
          say Berlin key k                   => CommittedCheap restates = Berlin
          retract Berlin                     => Invalidated retracted
          say Berlin key k                   => CommittedCheap restates = Berlin replayed
          wrote                              => nothing)"},
      {"an echo", R"(
          say Berlin                         => CommittedCheap first
          say Berlin by model key k          => CommittedCheap echo = Berlin
          say Berlin by model key k          => CommittedCheap echo = Berlin replayed
          wrote                              => nothing)"},
      {"a re-entry", R"(
          say Berlin                         => CommittedCheap first
          say Berlin by recall key k         => CommittedCheap recall_reentry = Berlin
          say Berlin by recall key k         => CommittedCheap recall_reentry = Berlin replayed
          wrote                              => nothing)"},
      {"a parked one", R"(
          say Berlin sure 0.1 key k          => PendingLowConfidence below_floor
          say Berlin sure 0.1                => CommittedCheap confirms = Berlin
          say Berlin sure 0.1 key k          => PendingLowConfidence below_floor replayed)"},
      {"an end that was not applied", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2028 source x key k
              => CommittedCheap extends end_not_applied
          say Berlin since 2020 until 2028 source x key k
              => CommittedCheap extends end_not_applied replayed)"},
      {"an end that was not applied to what is restated", R"(
          2026-01-15
          say Berlin since 2020              => CommittedCheap first
          say Berlin since 2020 until 2025 source x key k
              => CommittedCheap restates = Berlin end_not_applied
          say Berlin since 2020 until 2025 source x key k
              => CommittedCheap restates = Berlin end_not_applied replayed)"},
      {"in one batch", R"(
          say Berlin key k ; Berlin key k    => CommittedCheap first ; CommittedCheap first replayed
          wrote                              => ClaimRecorded)"},
      {"beside something new", R"(
          say Berlin key k                   => CommittedCheap first
          say Berlin key k ; Munich key l    => CommittedCheap first replayed ; Contested rivals vs Berlin
          wrote                              => ClaimRecorded)"},
  });
  play({{"with the question it opened", R"(
          say Berlin                         => CommittedCheap first
          say Munich key k                   => QueuedForAdjudication rivals vs Berlin asks
          say Munich key k                   => QueuedForAdjudication rivals vs Berlin replayed asks
          wrote                              => nothing)"}},
       {.queue_for_adjudication = true});
}

// A statement under the key k, after a story; then more happens on the line, and it is said again.
struct Replayed {
  const char* why;
  Config config;
  const char* before;
  Statement said;
  Disposition disposition;
  Rationale rationale;
  std::size_t rivals;
};

Statement stated(const char* value, const char* since = "", const char* until = "") {
  Statement s{.subject = "alice", .predicate = "lives_in", .value = Value(value)};
  if (*since) s.window.from = parse_valid_time(since, "since");
  if (*until) s.window.until = parse_valid_time(until, "until");
  s.idempotency_key = "k";
  return s;
}

Statement unsure(Statement s) {
  s.value_confidence = Confidence{1'000};
  return s;
}

Statement functional(Statement s) {
  s.cardinality = Cardinality::functional;
  return s;
}

Statement by_model(Statement s) {
  s.provenance = Provenance::model_derived;
  return s;
}

std::vector<Replayed> replayed() {
  const Config plain;
  const Config asks{.queue_for_adjudication = true};
  const Config newest{.overturn_policy = OverturnPolicy::newest_first_hand_wins};
  using enum Disposition;
  return {
      {"a first value", plain, "", stated("Rome"), committed_cheap, Rationale::first, 0},
      {"a successor", plain, "say Berlin since 2020", stated("Rome", "2026-02"), committed_cheap, Rationale::succession,
       0},
      {"a contested challenger", plain, "say Berlin", stated("Rome"), contested, Rationale::rivals, 1},
      {"of two rivals", plain, "say Berlin\nsay Munich", stated("Rome"), contested, Rationale::rivals, 2},
      {"a queued challenger", asks, "say Berlin\nsay Munich", stated("Rome"), queued_for_adjudication,
       Rationale::rivals, 2},
      {"a restatement of a queued challenger", asks, "say Berlin\nsay Rome", stated("Rome"), queued_for_adjudication,
       Rationale::restates, 1},
      {"a restatement of an incumbent with rivals", plain, "say Rome\nsay Berlin", stated("Rome"), committed_cheap,
       Rationale::restates, 1},
      {"what the policy does not let win", newest, "say Berlin since 2020\nsay Ulm since 2020 high",
       stated("Rome", "2020"), contested, Rationale::rivals, 2},
      {"a winner by policy", newest, "say Berlin since 2020", stated("Rome", "2020"), committed_cheap,
       Rationale::newest_wins, 1},
      {"a winner by policy over two", newest, "say Berlin since 2020 until 2022\nsay Ulm since 2023 until 2024",
       stated("Rome", "2020", "2030"), committed_cheap, Rationale::newest_wins, 2},
      {"a confirmation that promotes", plain, "say Rome sure 0.1", unsure(stated("Rome")), committed_cheap,
       Rationale::confirms, 0},
      {"a confirmation that promotes a challenger", plain, "say Berlin\nsay Rome sure 0.1", unsure(stated("Rome")),
       contested, Rationale::confirms, 1},
      {"a confirmation that promotes a queued challenger", asks, "say Berlin\nsay Rome sure 0.1",
       unsure(stated("Rome")), queued_for_adjudication, Rationale::confirms, 1},
      {"a confirmation that promotes a winner", newest, "say Berlin\nsay Rome sure 0.1", unsure(stated("Rome")),
       committed_cheap, Rationale::confirms, 1},
      {"a newcomer that ends a set", plain, "say red set\nsay blue set", functional(stated("Rome")), contested,
       Rationale::rivals, 2},
      {"a newcomer that ends a set, with questions", asks, "say red set\nsay blue set", functional(stated("Rome")),
       queued_for_adjudication, Rationale::rivals, 2},
      {"an inferred claim that contradicts", plain, "say Berlin\nsay Munich", by_model(stated("Rome")),
       pending_conflict, Rationale::contradicts, 2},
  };
}

TEST(Idempotency, AReceiptGivenAgainIsTheFirstButForSayingSo) {
  for (const auto& [why, config, before, said, disposition, rationale, rivals] : replayed()) {
    SCOPED_TRACE(why);
    test::Script script(config);
    script.play(before);
    const auto first = script.engine().ingest({.agent = script.agent(), .statements = {said}}).receipts.at(0);
    EXPECT_EQ(text(first.disposition), text(disposition));
    EXPECT_EQ(text(first.rationale), text(rationale));
    EXPECT_EQ(first.contested_with.size(), rivals);
    EXPECT_EQ(first.rivals, rivals);
    EXPECT_EQ(first.handle.has_value(), disposition == Disposition::queued_for_adjudication);
    EXPECT_FALSE(first.replayed);
    auto expected = first;
    expected.replayed = true;
    const auto head = [&] { return script.engine().head({.agent = script.agent()}).position; };
    const auto same_again = [&, &statement = said] {
      const auto at = head();
      const auto again = script.engine().ingest({.agent = script.agent(), .statements = {statement}});
      EXPECT_EQ(again.status, WriteStatus::done);
      EXPECT_EQ(again.receipts, std::vector{expected});
      EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k"}), expected);
      EXPECT_EQ(head(), at);
    };

    same_again();
    for (const auto* more : {"+1d", "say Paris since 2019", "say Oslo", "+40d", "sweep"}) {
      SCOPED_TRACE(more);
      script.act(more);
      same_again();
    }
    script.engine().retract({.agent = script.agent(), .claim = *first.claim});
    same_again();
  }
}

// Each of its receipts is rebuilt from the line as it was when its own statement had been decided.
TEST(Idempotency, ReceiptsOfOneBatchAreGivenAgainOneByOne) {
  for (const bool asks : {false, true}) {
    test::Script script({.queue_for_adjudication = asks});
    IngestRequest request{.agent = script.agent(), .statements = {}};
    for (const auto* value : {"Berlin", "Munich", "Berlin", "Rome"}) {
      request.statements.push_back(stated(value));
      request.statements.back().idempotency_key = "k" + std::to_string(request.statements.size());
    }
    auto expected = script.engine().ingest(request).receipts;
    ASSERT_EQ(expected.size(), 4U);
    EXPECT_EQ(expected[3].rivals, 2U);
    for (auto& receipt : expected) receipt.replayed = true;

    EXPECT_EQ(script.engine().ingest(request).receipts, expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k" + std::to_string(i + 1)}),
                expected[i])
          << i;
    }
  }
}

TEST(Idempotency, ACorrectionGivenAgainIsTheFirstButForSayingSo) {
  for (const bool asks : {false, true}) {
    test::Script script({.queue_for_adjudication = asks});
    script.play("say Berlin since 2020\nsay Ulm since 2020");
    CorrectRequest request{.agent = script.agent(), .claim = script.claim("Ulm"), .value = Value("Ulm on the Danube")};
    request.idempotency_key = "k";
    const auto first = script.engine().correct(request);
    ASSERT_EQ(first.status, WriteStatus::done);
    ASSERT_FALSE(first.receipts.empty());
    auto expected = first.receipts.front();
    EXPECT_EQ(expected.contested_with, std::vector{script.claim("Berlin")});
    expected.replayed = true;
    const auto same_again = [&] {
      const auto at = script.engine().head({.agent = script.agent()}).position;
      const auto again = script.engine().correct(request);
      EXPECT_EQ(again.status, WriteStatus::done);
      EXPECT_EQ(again.receipts, std::vector{expected});
      EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k"}), expected);
      EXPECT_EQ(script.engine().head({.agent = script.agent()}).position, at);
    };

    same_again();
    script.act("+1d");
    script.act("say Paris since 2020");
    same_again();
    script.act("retract Berlin");
    same_again();

    request.source = "-";
    EXPECT_THROW(script.engine().correct(request), InvalidInput) << "a source, where there was none";
    request.source.reset();
    request.value = Value("Neu-Ulm");
    EXPECT_THROW(script.engine().correct(request), InvalidInput) << "the key of another correction";
    EXPECT_THROW(script.engine().ingest({.agent = script.agent(), .statements = {stated("Ulm on the Danube")}}),
                 InvalidInput)
        << "the key of a correction, for a statement";
  }
}

// Two keyed statements are taken back and given back: what their lines are judged anew with carries neither key.
TEST(Idempotency, EntriesByJudgingAnewCarryNoKey) {
  test::Script script;
  script.play(R"(
      2026-01-15
      say Berlin since 2020 source x key a       => CommittedCheap first
      say Ulm since 2020 key b                   => Contested rivals vs Berlin
      say Berlin since 2021 source y key c       => CommittedCheap restates = Berlin vs Ulm
      drop x                                     => dry_run ; Contested said_by_others vs Ulm : Berlin
      drop! x                                    => Contested said_by_others vs Ulm : Berlin
      retract Ulm                                => Invalidated retracted
      reopen Ulm                                 => Reinstated reopened vs Berlin)");
  std::map<std::string, std::size_t> keyed;
  std::size_t judged = 0;
  for (const auto& entry : script.engine().audit({.agent = script.agent(), .page = {.limit = 100}}).items) {
    const bool anew = std::holds_alternative<Judged>(entry.record.entry);
    judged += anew ? 1 : 0;
    if (!entry.record.content.idempotency_key) continue;
    EXPECT_FALSE(anew);
    ++keyed[*entry.record.content.idempotency_key];
  }
  EXPECT_GT(judged, 0U);
  EXPECT_EQ(keyed, (std::map<std::string, std::size_t>{{"a", 1}, {"b", 1}, {"c", 1}}));
  EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "c"})->rationale, Rationale::restates);
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

// A change of one field of a request that comes again under its key.
template <class Request>
struct Changed {
  const char* field;
  std::function<void(Request&)> change;
};

TEST(Idempotency, EveryFieldThatWasTypedIsContentOfAStatement) {
  test::Script script;
  script.play("say parent on p\nsay other on q");
  Statement full = stated("Berlin", "2020", "2030");
  full.source = "Ann";
  full.valid_time_confidence = Confidence{9'000};
  full.derived_from = {script.claim("parent")};
  full.metadata = Value::parse(R"({"page": 1})", "metadata");
  full.adjudication_ttl = std::chrono::hours{1};
  const auto first = script.engine().ingest({.agent = script.agent(), .statements = {full}});
  ASSERT_FALSE(first.receipts.at(0).replayed);

  // A field more does not compile here: the tables below need it too.
  [[maybe_unused]] const auto& [subject, predicate, value, cardinality, provenance, source, window, sure, timing,
                                criticality, parents, metadata, key, ttl, vector] = full;
  const std::vector<Changed<Statement>> content{
      {"subject", [](auto& s) { s.subject = "bob"; }},
      {"predicate", [](auto& s) { s.predicate = "born_in"; }},
      {"value", [](auto& s) { s.value = Value("Bonn"); }},
      {"cardinality", [](auto& s) { s.cardinality = Cardinality::functional; }},
      {"provenance", [](auto& s) { s.provenance = Provenance::external_first_hand; }},
      {"source", [](auto& s) { s.source = "Bob"; }},
      {"no source", [](auto& s) { s.source.reset(); }},
      {"since", [](auto& s) { s.window.from = parse_valid_time("2021", "since"); }},
      {"the granularity of since", [](auto& s) { s.window.from = parse_valid_time("2020-01", "since"); }},
      {"no since", [](auto& s) { s.window.from.reset(); }},
      {"until", [](auto& s) { s.window.until = parse_valid_time("2031", "until"); }},
      {"no until", [](auto& s) { s.window.until.reset(); }},
      {"value_confidence", [](auto& s) { s.value_confidence = Confidence{9'999}; }},
      {"valid_time_confidence", [](auto& s) { s.valid_time_confidence = Confidence{9'001}; }},
      {"no valid_time_confidence", [](auto& s) { s.valid_time_confidence.reset(); }},
      {"criticality", [](auto& s) { s.criticality = Criticality::high; }},
      {"derived_from", [&](auto& s) { s.derived_from = {script.claim("other")}; }},
      {"no derived_from", [](auto& s) { s.derived_from.clear(); }},
      {"metadata", [](auto& s) { s.metadata = Value::parse(R"({"page": 2})", "metadata"); }},
      {"no metadata", [](auto& s) { s.metadata.reset(); }},
      {"adjudication_ttl", [](auto& s) { s.adjudication_ttl = std::chrono::hours{2}; }},
      {"no adjudication_ttl", [](auto& s) { s.adjudication_ttl.reset(); }},
  };
  for (const auto& [field, change] : content) {
    SCOPED_TRACE(field);
    auto again = full;
    change(again);
    EXPECT_THROW(script.engine().ingest({.agent = script.agent(), .statements = {again}}), InvalidInput);
  }
  const std::vector<Changed<IngestRequest>> beside{
      {"expected_position", [](auto& r) { r.expected_position = Position{1}; }},
      {"caller", [](auto& r) { r.caller.actor = "somebody"; }},
      {"call", [](auto& r) { r.call.deadline = std::chrono::steady_clock::time_point::max(); }},
      {"vector",
       [](auto& r) {
         r.model = EmbeddingModel{"mine", 2};
         r.statements[0].vector = {1, 0};
       }},
  };
  for (const auto& [field, change] : beside) {
    SCOPED_TRACE(field);
    IngestRequest again{.agent = script.agent(), .statements = {full}};
    change(again);
    EXPECT_TRUE(script.engine().ingest(again).receipts.at(0).replayed);
  }
}

TEST(Idempotency, EveryFieldThatWasTypedIsContentOfACorrection) {
  test::Script script;
  script.play("say Berlin\nsay other on q");
  CorrectRequest full{.agent = script.agent(), .claim = script.claim("Berlin"), .value = Value("Bonn")};
  full.window = stated("", "2020", "2030").window;
  full.cardinality = Cardinality::functional;
  full.criticality = Criticality::low;
  full.value_confidence = Confidence{9'000};
  full.valid_time_confidence = Confidence{8'000};
  full.source = "Ann";
  full.metadata = Value::parse(R"({"page": 1})", "metadata");
  full.why = "a slip";
  full.idempotency_key = "k";
  ASSERT_FALSE(script.engine().correct(full).receipts.at(0).replayed);

  // A field more does not compile here: the tables below need it too.
  [[maybe_unused]] const auto& [agent, claim, value, window, cardinality, criticality, sure, timing, source, metadata,
                                provenance, why, key, expected, caller, call] = full;
  const std::vector<Changed<CorrectRequest>> content{
      {"claim", [&](auto& r) { r.claim = script.claim("other"); }},
      {"a line for a claim", [&](auto& r) { r.claim = script.line(); }},
      {"value", [](auto& r) { r.value = Value("Ulm"); }},
      {"since", [](auto& r) { r.window->from = parse_valid_time("2021", "since"); }},
      {"the granularity of since", [](auto& r) { r.window->from = parse_valid_time("2020-01", "since"); }},
      {"until", [](auto& r) { r.window->until = parse_valid_time("2031", "until"); }},
      {"no until", [](auto& r) { r.window->until.reset(); }},
      {"no window", [](auto& r) { r.window.reset(); }},
      {"cardinality", [](auto& r) { r.cardinality = Cardinality::set_valued; }},
      {"no cardinality", [](auto& r) { r.cardinality.reset(); }},
      {"criticality", [](auto& r) { r.criticality = Criticality::high; }},
      {"no criticality", [](auto& r) { r.criticality.reset(); }},
      {"value_confidence", [](auto& r) { r.value_confidence = Confidence{9'001}; }},
      {"no value_confidence", [](auto& r) { r.value_confidence.reset(); }},
      {"valid_time_confidence", [](auto& r) { r.valid_time_confidence = Confidence{8'001}; }},
      {"no valid_time_confidence", [](auto& r) { r.valid_time_confidence.reset(); }},
      {"source", [](auto& r) { r.source = "Bob"; }},
      {"no source", [](auto& r) { r.source.reset(); }},
      {"metadata", [](auto& r) { r.metadata = Value::parse(R"({"page": 2})", "metadata"); }},
      {"no metadata", [](auto& r) { r.metadata.reset(); }},
      {"provenance", [](auto& r) { r.provenance = Provenance::external_first_hand; }},
      {"why", [](auto& r) { r.why = "quite another reason"; }},
      {"no why", [](auto& r) { r.why.reset(); }},
  };
  for (const auto& [field, change] : content) {
    SCOPED_TRACE(field);
    auto again = full;
    change(again);
    EXPECT_THROW(script.engine().correct(again), InvalidInput);
  }
  const std::vector<Changed<CorrectRequest>> beside{
      {"expected_position", [](auto& r) { r.expected_position = Position{1}; }},
      {"caller", [](auto& r) { r.caller.actor = "somebody"; }},
      {"call", [](auto& r) { r.call.deadline = std::chrono::steady_clock::time_point::max(); }},
  };
  for (const auto& [field, change] : beside) {
    SCOPED_TRACE(field);
    auto again = full;
    change(again);
    EXPECT_TRUE(script.engine().correct(again).receipts.at(0).replayed);
  }
}

class Write : public testing::Test {
 protected:
  IngestRequest request(const char* value, std::optional<std::string> key = {}) {
    Statement statement{.subject = "alice", .predicate = "lives_in", .value = Value(value)};
    statement.idempotency_key = std::move(key);
    return {.agent = script.agent(), .statements = {statement}};
  }
  Position head() { return script.engine().head({.agent = script.agent()}).position; }

  // These, as they are given again for the same key.
  static std::vector<Receipt> given_again(std::vector<Receipt> receipts) {
    for (auto& receipt : receipts) receipt.replayed = true;
    return receipts;
  }

  test::Script script;
};

TEST_F(Write, TheReceiptThatComesAgainIsTheFirstInEveryField) {
  const auto first = script.engine().ingest(request("Berlin", "k"));
  script.act("+1h");
  script.act("say Munich");

  const auto again = script.engine().ingest(request("Berlin", "k"));

  EXPECT_EQ(again.receipts, given_again(first.receipts));
  EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k"}), given_again(first.receipts)[0]);
}

TEST_F(Write, OutcomeKnowsWhetherAKeyCommitted) {
  EXPECT_EQ(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k"}), std::nullopt);
  script.engine().ingest(request("Berlin", "k"));
  EXPECT_TRUE(script.engine().outcome({.agent = script.agent(), .idempotency_key = "k"}));
  EXPECT_EQ(script.engine().outcome({.agent = AgentId{"another"}, .idempotency_key = "k"}), std::nullopt);
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
  EXPECT_EQ(again.receipts, given_again(first.receipts));
}

TEST_F(Write, AMovedHeadIsAConflictForEveryVerb) {
  script.play("say Berlin => CommittedCheap first");
  const auto agent = script.agent();
  const auto claim = script.claim("Berlin");
  const auto at = parse_valid_time("2030", "at");
  const Position moved{7};
  auto& engine = script.engine();

  EXPECT_EQ(engine.end_validity({.agent = agent, .claim = claim, .at = at, .expected_position = moved}).status,
            WriteStatus::conflict);
  EXPECT_EQ(engine.retract({.agent = agent, .claim = claim, .expected_position = moved}).status, WriteStatus::conflict);
  EXPECT_EQ(engine.reopen({.agent = agent, .claim = claim, .expected_position = moved}).status, WriteStatus::conflict);
  EXPECT_EQ(engine.review({.agent = agent, .claim = claim, .verdict = ReviewVerdict::keep, .expected_position = moved})
                .status,
            WriteStatus::conflict);
  EXPECT_EQ(engine.retract_source({.agent = agent, .source = "x", .expected_position = moved}).status,
            WriteStatus::conflict);
  EXPECT_EQ(head(), Position{1});
}

TEST_F(Write, AMovedHeadIsAConflictAlsoWhereNothingWouldBeWritten) {
  script.play("say Berlin => CommittedCheap first\nretract Berlin => Invalidated retracted");
  RetractRequest about{.agent = script.agent(), .claim = script.claim("Berlin"), .expected_position = Position{1}};

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
  EXPECT_EQ(again.receipts, given_again(first.receipts));
  EXPECT_EQ(engine.outcome({.agent = script.agent(), .idempotency_key = "k"}), given_again(first.receipts)[0]);
}

TEST_F(Write, WhatIsLeftOutIsTheSameAsItsDefault) {
  auto wanted = request("Berlin");
  wanted.statements[0].idempotency_key = "k";
  auto spelled = wanted;
  spelled.statements[0].valid_time_confidence = Confidence{0};

  const auto first = script.engine().ingest(wanted);

  EXPECT_EQ(script.engine().ingest(spelled).receipts, given_again(first.receipts));
}

TEST_F(Write, WhoMayNotStateMayJudgeAndTheOtherWayRound) {
  script.play("say Berlin => CommittedCheap first");
  auto wanted = request("Munich");
  wanted.caller.may_judge = false;
  EXPECT_EQ(script.engine().ingest(wanted).receipts[0].disposition, Disposition::contested);
  RetractRequest about{.agent = script.agent(), .claim = script.claim("Berlin"), .caller = {.actor = "judge"}};
  about.caller.may_state = false;
  EXPECT_EQ(script.engine().retract(about).receipts[0].disposition, Disposition::invalidated);
}

TEST_F(Write, WhatIsUnknownIsNotFound) {
  script.play("say Berlin => CommittedCheap first");
  const auto agent = script.agent();
  const ClaimId unknown{};
  auto& engine = script.engine();

  EXPECT_EQ(engine.retract({.agent = agent, .claim = unknown}).status, WriteStatus::not_found);
  EXPECT_EQ(engine.end_validity({.agent = agent, .claim = unknown, .at = {}}).status, WriteStatus::not_found);
  EXPECT_EQ(engine.reopen({.agent = agent, .claim = unknown}).status, WriteStatus::not_found);
  EXPECT_EQ(engine.review({.agent = agent, .claim = unknown, .verdict = ReviewVerdict::keep}).status,
            WriteStatus::not_found);
  for (const auto& asking : {agent, AgentId{"another"}}) {
    EXPECT_EQ(engine.adjudicate({.agent = asking, .question = AdjudicationId{}, .evidence = "x"}).status,
              WriteStatus::not_found);
  }
  EXPECT_EQ(engine.retract({.agent = AgentId{"another"}, .claim = script.claim("Berlin")}).status,
            WriteStatus::not_found);
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
