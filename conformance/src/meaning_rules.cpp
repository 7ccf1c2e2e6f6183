#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/ports/vectors.hpp"
#include "pairs.hpp"
#include "searching.hpp"

// Searching by meaning, over this store: what is found hangs on the ledger, the vectors that are filed and the
// question.
namespace claimledger::conformance {

namespace {

constexpr std::chrono::hours day{24};

const auto model_one = embedder_of_words("one");
const auto model_two = embedder_of_words("two");

// A ledger that is led by several engines, of one clock and one row of ids: with a model or another, or without.
class LedLedger {
 public:
  LedLedger(Store& store, AgentId whose, std::uint64_t seed)
      : agent(std::move(whose)), store_(store), ids_(std::make_shared<SeededIds>(seed)), life_(seed) {}

  void live(std::shared_ptr<Embedder> embedder = model_one, int steps = 10) {
    auto writer = engine(std::move(embedder));
    life_.go_on(writer, *clock, agent, steps);
  }
  void live_without(int steps = 10) { live(nullptr, steps); }
  void embed(std::shared_ptr<Embedder> embedder = model_one, bool anew = false) {
    const auto answer = engine(std::move(embedder)).embed({.agent = agent, .anew = anew});
    EXPECT_EQ(answer.up_to, store_.head(agent, {}).position);
  }
  // Files vectors of the first statements, as an embed does that is broken off. They point anywhere.
  void embed_in_part() {
    const auto head = store_.head(agent, {}).position;
    const std::vector<std::uint8_t> kinds = {kind_number<ClaimRecorded>, kind_number<Corroborated>};
    const auto without = store_.vectors()->without_vector(agent, model_one->model(), kinds, {1}, head, 7, {});
    const std::vector<float> anywhere(model_one->model().dimensions, 0.25F);  // length 1
    std::vector<NewVector> vectors;
    for (const auto& seq : without) vectors.push_back({seq, bytes_of(anywhere)});
    ASSERT_TRUE(store_.vectors()->file_vectors(agent, model_one->model(), {}, without.back(), vectors, {}));
  }
  // Erases every fifth content.
  void erase(ExampleIds& ids) {
    std::vector<StoredEntry> tombstones;
    const auto head = store_.head(agent, {});
    for (const auto& entry : store_.entries(agent, {.limit = 1'000}, head.position, {}))
      if (entry.content_state == ContentState::present && entry.seq.value % 5 == 0)
        tombstones.push_back(content_erased(entry.seq));
    clock->advance(day);
    const auto commit = commit_after(head, agent, ids.batch(), TxTime{clock->now()}, std::move(tombstones));
    EXPECT_EQ(store_.append(std::span(&commit, 1), {}).at(0), Outcome{});
  }

  Engine engine(std::shared_ptr<Embedder> embedder, const Config& config = {}) {
    auto borrowed = std::make_unique<ForwardingStore>(std::shared_ptr<Store>(&store_, [](Store*) {}));
    return Engine({.store = std::move(borrowed), .clock = clock, .ids = ids_, .embedder = std::move(embedder)}, config);
  }

  const AgentId agent;
  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();

 private:
  static Bytes bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
  }

  Store& store_;
  std::shared_ptr<SeededIds> ids_;
  Life life_;
};

struct Way {
  std::string name;
  std::string vectors;  // in a word or two, for the report
  std::function<void(LedLedger&)> lead;
};

std::vector<Way> ways_to_vectors() {
  return {
      {"whole", "whole", [](auto& ledger) { ledger.live(model_one, 20); }},
      {"half", "half", [](auto& ledger) { ledger.live(), ledger.live_without(); }},
      {"half and written on", "half", [](auto& ledger) { ledger.live(), ledger.live_without(), ledger.live(); }},
      {"missing", "missing", [](auto& ledger) { ledger.live_without(20); }},
      {"missing and written on", "missing", [](auto& ledger) { ledger.live_without(), ledger.live(); }},
      {"of another model", "of another model", [](auto& ledger) { ledger.live(model_two, 20); }},
      {"of another model, then of this", "of another model",
       [](auto& ledger) { ledger.live(model_two), ledger.live(); }},
      {"of both, one after the other", "embedded",
       [](auto& ledger) { ledger.live(model_two), ledger.live(), ledger.embed(); }},
      {"missing, embedded", "embedded", [](auto& ledger) { ledger.live_without(20), ledger.embed(); }},
      {"half, embedded", "embedded", [](auto& ledger) { ledger.live_without(), ledger.live(), ledger.embed(); }},
      {"half, embedded and written on", "embedded",
       [](auto& ledger) { ledger.live_without(), ledger.live(), ledger.embed(), ledger.live(); }},
      {"missing, embedding broken off", "broken off",
       [](auto& ledger) { ledger.live_without(20), ledger.embed_in_part(); }},
      {"broken off, then embedded", "embedded",
       [](auto& ledger) { ledger.live_without(20), ledger.embed_in_part(), ledger.embed(); }},
      {"whole, begun anew", "embedded",
       [](auto& ledger) { ledger.live(model_one, 20), ledger.embed(model_one, true); }},
  };
}

SearchRequest some_search_by_meaning(Random& random, const AgentId& agent, Position head, Instant now) {
  auto request = some_search(random, agent, head, now);
  if (random.one_in(3)) request.by = static_cast<SearchBy>(random.below(4));
  if (random.one_in(3)) request.meaning_share = Score{static_cast<std::uint32_t>(random.below(1'000'001))};
  if (random.one_in(2)) request.least_cosine = Score{static_cast<std::uint32_t>(random.below(600'000))};
  if (request.by == SearchBy::ranks) request.recency_share = {};
  return request;
}

// The answer, or why there is none.
std::string outcome(Engine& engine, const SearchRequest& request) {
  try {
    return text_of(engine.search(request));
  } catch (const InvalidInput& refused) {
    return refused.what();
  }
}

}  // namespace

TEST_P(StoreContract, H11_HoweverVectorsWereFiledTheAnswerIsTheSame) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto ways = ways_to_vectors();
  Pairs pairs;
  std::size_t found = 0;
  for (std::uint64_t ledger = 0; ledger < ways.size() || pairs.too_few(); ++ledger) {
    const auto& way = ways[ledger % ways.size()];
    const auto seed = ledger + 71;
    SCOPED_TRACE(way.name + ", seed " + std::to_string(seed));
    const AgentId who{agent().value + way.name + std::to_string(seed)};
    const auto memory = memory::open();
    LedLedger here(store(), who, seed);
    LedLedger model(*memory, who, seed);
    way.lead(here);
    way.lead(model);
    auto engine = here.engine(model_one);
    auto forgetful = here.engine(model_one, {.vector_cache_bytes = 0});  // a store that compares is asked every time
    auto reference = model.engine(model_one);
    Random random(seed + 100);
    const auto expect_equal = [&](int questions) {
      const auto head = engine.head({.agent = who}).position;
      for (; questions > 0; --questions) {
        const auto request = some_search_by_meaning(random, who, head, here.clock->now());
        const auto answer = outcome(questions % 2 == 0 ? engine : forgetful, request);
        ASSERT_EQ(answer, outcome(reference, request)) << request.text;
        pairs.add(way.vectors);
        found += answer.find("believed") != std::string::npos;
      }
    };
    expect_equal(25);
    if (HasFatalFailure()) return;
    // Those of embed_in_part() are of no text.
    const auto verified = engine.verify({.agent = who, .vectors_again = 0});
    EXPECT_TRUE(verified.ok) << verified.problem;

    ExampleIds one(seed);
    ExampleIds same(seed);
    here.erase(one);
    model.erase(same);
    expect_equal(15);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(100 * found, 27 * pairs.count()) << "questions that find nothing show little";
}

TEST_P(StoreContract, H12_WhatIsCommittedIsFoundByItsMeaningThroughAnotherHandleAtOnce) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  LedLedger ledger(store(), agent(), 1);
  auto mine = ledger.engine(model_one);
  auto theirs = ledger.engine(model_one);  // with a cache of its own
  const auto found = [&](const std::string& text) {
    return theirs.search({.agent = agent(), .text = text, .by = SearchBy::meaning}).lines.size();
  };
  say(mine, agent(), {stated("s", "p", "quartz")});
  EXPECT_EQ(found("s p quartz"), 1U);
  say(mine, agent(), {stated("t", "p", "quartz")});
  EXPECT_EQ(found("s p quartz"), 2U) << "what was filed since is read, too";
  ledger.engine(model_one).embed({.agent = agent(), .anew = true});
  EXPECT_EQ(found("s p quartz"), 2U) << "also where all are filed anew";
  write({content_erased(Position{1})});
  EXPECT_EQ(found("s p quartz"), 1U) << "and what was erased is gone";
}

TEST_P(StoreContract, H13_ModelsAreNeverMixed) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  LedLedger ledger(store(), agent(), 2);
  auto one = ledger.engine(model_one);
  auto two = ledger.engine(model_two);
  say(one, agent(), {stated("s", "p", "of one")});
  say(two, agent(), {stated("s", "q", "of two")});
  const auto compared = [&](Engine& engine) {
    const auto answer = engine.search({.agent = agent(), .text = "anything"});
    return std::pair(answer.ledgers.at(0).compared, answer.ledgers.at(0).pending);
  };
  EXPECT_EQ(compared(one), std::pair(std::uint64_t{1}, std::uint64_t{1}));
  EXPECT_EQ(compared(two), std::pair(std::uint64_t{1}, std::uint64_t{1}));
  two.embed({.agent = agent()});
  EXPECT_EQ(compared(one), std::pair(std::uint64_t{1}, std::uint64_t{1}));
  EXPECT_EQ(compared(two), std::pair(std::uint64_t{2}, std::uint64_t{0}));
  EXPECT_EQ(one.status({.agent = agent()}).models.size(), 2U);
}

}  // namespace claimledger::conformance
