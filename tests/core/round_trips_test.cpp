#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// How often a request asks the store, and for how much: each time is a statement, or a way there and back.
namespace claimledger {
namespace {

const AgentId agent{"agent"};

class Counting : public conformance::ForwardingStore {
 public:
  Counting() : Counting(memory::open()) {}
  explicit Counting(std::shared_ptr<Store> inner) : ForwardingStore(inner), inner_(std::move(inner)) {}

  Snapshot snapshot(const AgentId& who, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    most_claims = std::max(most_claims, wanted.claims.size());
    auto found = inner_->snapshot(who, moment, wanted, call);
    std::size_t entries = 0;
    for (const auto& line : found.lines) entries += line.size();
    entries_of_lines += entries;
    most_entries = std::max(most_entries, entries);
    return ++calls, found;
  }
  std::vector<Derivation> dependants(const AgentId& who, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    most_claims = std::max(most_claims, parents.size());
    return ++calls, ForwardingStore::dependants(who, parents, at, call);
  }
  std::vector<StoredBatch> batches(const AgentId& who, Position after, std::size_t limit,
                                   const Call& call) const override {
    return ++calls, inner_->batches(who, after, limit, call);
  }
  std::vector<StoredEntry> open_adjudications(const AgentId& who, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    auto found = ForwardingStore::open_adjudications(who, after, limit, at, call);
    questions += found.size();
    return ++calls, found;
  }

  mutable std::size_t calls = 0, questions = 0, most_claims = 0, entries_of_lines = 0, most_entries = 0;

 private:
  std::shared_ptr<Store> inner_;
};

class RoundTrips : public testing::Test {
 protected:
  template <class Do>
  std::size_t calls(Do request) {
    const auto before = store.calls;
    request();
    return store.calls - before;
  }
  Receipt say(Statement statement) {
    return engine.ingest({.agent = agent, .statements = {std::move(statement)}}).receipts.front();
  }
  static Config queueing() {
    Config config;
    config.queue_for_adjudication = true;
    return config;
  }

  std::unique_ptr<Counting> made = std::make_unique<Counting>();
  Counting& store = *made;
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();
  Engine engine = Engine({.store = std::move(made), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(1)},
                         queueing());
};

TEST_F(RoundTrips, APageOfQuestionsReadsAboutAsMany) {
  for (int i = 0; i < 100; ++i) {
    const auto line = "s" + std::to_string(i);
    say({line, "p", Value("a")});
    Statement rival{line, "p", Value("b")};
    if (i < 90) rival.adjudication_ttl = std::chrono::hours{1};
    say(rival);
  }
  store.questions = 0;
  EXPECT_EQ(engine.pending({.agent = agent, .page = {.limit = 1}}).items.size(), 1U);
  EXPECT_EQ(store.questions, 2U);

  clock->advance(std::chrono::hours{2});
  const auto asked = calls([&] { EXPECT_EQ(engine.pending({.agent = agent, .page = {.limit = 1}}).items.size(), 1U); });
  EXPECT_LE(asked, 12U) << "what has expired is passed over in ever larger steps";
  EXPECT_EQ(engine.pending({.agent = agent, .page = {.limit = 100}}).items.size(), 10U);
  EXPECT_LE(calls([&] { engine.pending({.agent = agent, .page = {.limit = 10}}); }), 30U);
}

TEST_F(RoundTrips, APageOfQuestionsOnOneLineReadsItOnce) {
  constexpr std::size_t challengers = 2'000;
  IngestRequest request{.agent = agent, .statements = {{"s", "p", Value("incumbent")}}};
  for (std::size_t i = 0; i < challengers; ++i) request.statements.push_back({"s", "p", Value(std::to_string(i))});
  engine.ingest(request);
  const auto all = engine.head({.agent = agent}).position.value;
  store.entries_of_lines = 0;

  EXPECT_EQ(engine.pending({.agent = agent, .page = {.limit = 100}}).items.size(), 100U);

  EXPECT_EQ(store.entries_of_lines, all);
}

// Else one batch that touches every line would take as much memory as the whole ledger.
TEST_F(RoundTrips, AnImportHasFewLinesAtATimeInHand) {
  constexpr std::size_t lines = 500, claims = 20;
  Engine source({.store = memory::open(), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(2)}, {});
  for (std::size_t i = 0; i < claims; ++i) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (std::size_t line = 0; line < lines; ++line)
      request.statements.push_back({.subject = "s" + std::to_string(line),
                                    .predicate = "p",
                                    .value = Value(std::to_string(i)),
                                    .source = i == claims / 2 ? "bad" : "good"});
    source.ingest(request);
  }
  const auto look = source.retract_source({.agent = agent, .source = "bad", .dry_run = true});
  source.retract_source({.agent = agent, .source = "bad", .expected_position = look.position});
  const auto batches = source.export_batches({.agent = agent, .limit = claims + 1}).lines;
  ASSERT_EQ(batches.size(), claims + 1);
  for (std::size_t i = 0; i < claims; ++i) engine.import_batch({.line = batches[i]});
  store.most_entries = store.entries_of_lines = 0;

  EXPECT_TRUE(engine.import_batch({.line = batches.back()}));

  EXPECT_EQ(store.entries_of_lines, lines * claims) << "each line is read once";
  EXPECT_LE(store.most_entries, 5'000U);
  EXPECT_EQ(engine.head({.agent = agent}).hash, source.head({.agent = agent}).hash);
}

TEST_F(RoundTrips, AVerbOnOneClaimLooksOnceForIt) {
  const auto claim = *say({"s", "p", Value("a")}).claim;
  const auto other = *say({"s", "p", Value("b")}).claim;
  EXPECT_EQ(calls([&] { engine.claim({.agent = agent, .claim = claim}); }), 2U);
  EXPECT_EQ(calls([&] { engine.claim({.agent = agent, .claim = {}}); }), 1U);
  EXPECT_EQ(calls([&] {
              engine.adjudicate({.agent = agent, .question = other, .verdict = Verdict::affirm, .evidence = "seen"});
            }),
            3U)
      << "and whether anything is derived from the loser; what is derived from the winner is not marked";
  EXPECT_EQ(calls([&] { engine.review({.agent = agent, .claim = claim, .verdict = ReviewVerdict::keep}); }), 2U);
  EXPECT_EQ(calls([&] { engine.retract({.agent = agent, .claim = {}}); }), 1U);
}

TEST_F(RoundTrips, AKeyedBatchIsReplayedWithFewQuestions) {
  IngestRequest request{.agent = agent, .statements = {}};
  for (int i = 0; i < 100; ++i) {
    Statement statement{"s" + std::to_string(i), "p", Value("a")};
    statement.idempotency_key = "key " + std::to_string(i);
    request.statements.push_back(std::move(statement));
  }
  const auto first = engine.ingest(request);
  EXPECT_EQ(calls([&] { EXPECT_EQ(engine.ingest(request).receipts.front().claim, first.receipts.front().claim); }), 2U);
}

TEST_F(RoundTrips, DependantsAreLookedUpTogether) {
  const auto parent = *say({"s", "p", Value("a")}).claim;
  for (int i = 0; i < 50; ++i) {
    Statement child{"c", "p" + std::to_string(i), Value(i)};
    child.provenance = Provenance::model_derived;
    child.derived_from = {parent};
    say(child);
  }
  // The snapshot, the line, two waves of dependants, where they stand, and their fifty lines.
  EXPECT_LE(calls([&] { engine.retract({.agent = agent, .claim = parent}); }), 56U);
}

TEST_F(RoundTrips, LineageGoesAsFarAsThePageAndAsksForSoManyAtATime) {
  auto last = *say({"s", "p", Value("root")}).claim;
  const auto root = last;
  IngestRequest wide{.agent = agent, .statements = {}};
  for (int i = 0; i < 3000; ++i) {
    Statement child{"wide", "p" + std::to_string(i), Value(i)};
    child.provenance = Provenance::model_derived;
    child.derived_from = {root};
    wide.statements.push_back(std::move(child));
  }
  engine.ingest(wide);
  for (int i = 0; i < 30; ++i) {
    Statement child{"deep", "p" + std::to_string(i), Value(i)};
    child.provenance = Provenance::model_derived;
    child.derived_from = {last};
    last = *say(child).claim;
  }
  store.most_claims = 0;
  const auto all =
      engine.lineage({.agent = agent, .claim = root, .direction = Direction::descendants, .page = {.limit = 10'000}})
          .items;
  EXPECT_EQ(all.size(), 3030U);
  EXPECT_LE(store.most_claims, 1000U);
  EXPECT_LE(calls([&] { engine.lineage({.agent = agent, .claim = last, .page = {.limit = 3}}); }), 10U)
      << "each step asks where its claims stand and reads their lines: a claim is derived as its statements say";

  std::vector<ClaimId> paged;
  for (PageRequest page{.limit = 7};;) {
    const auto some = engine.lineage({.agent = agent, .claim = last, .page = page});
    for (const auto& node : some.items) paged.push_back(node.claim);
    if (!some.next) break;
    page.cursor = *some.next;
  }
  const auto whole = engine.lineage({.agent = agent, .claim = last, .page = {.limit = 100}}).items;
  ASSERT_EQ(paged.size(), 30U);
  ASSERT_EQ(whole.size(), 30U);
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(paged[i], whole[i].claim);
}

// Over a network each question is a wait.
TEST_F(RoundTrips, AVerificationAsksForTheKeysOfManyBatchesAtOnce) {
  constexpr int batches = 300;
  for (int i = 0; i < batches; ++i) {
    Statement statement{"a", "p", Value(i)};
    statement.idempotency_key = "key " + std::to_string(i);
    say(statement);
  }

  EXPECT_LE(calls([&] { EXPECT_TRUE(engine.verify({.agent = agent}).ok); }), batches / 10U);
}

TEST_F(RoundTrips, AVerificationOfOneLargeBatchAsksForAThousandKeysAtATime) {
  std::vector<Statement> statements;
  for (int i = 0; i < 2'500; ++i) {
    statements.push_back({"s" + std::to_string(i % 10), "p", Value(i)});
    statements.back().idempotency_key = "key " + std::to_string(i);
  }
  engine.ingest({.agent = agent, .statements = statements});

  EXPECT_LE(calls([&] { EXPECT_TRUE(engine.verify({.agent = agent}).ok); }), 30U);
}

}  // namespace
}  // namespace claimledger
