#include <array>
#include <atomic>
#include <thread>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/ports/search_index.hpp"
#include "pairs.hpp"
#include "searching.hpp"

// Searching, over this store: what is found hangs on the ledger and the question alone, and not on what is filed of it.
namespace claimledger::conformance {

namespace {

using Texts = std::vector<std::string>;

constexpr std::chrono::hours day{24};

void live(Bench& bench, const AgentId& agent, std::uint64_t seed) {
  Life(seed).go_on(bench.engine, *bench.clock, agent, 24);
}

Texts hostile_questions() {
  using namespace std::string_literals;
  std::string terms, marks = "e";
  for (int i = 0; i < 10'000; ++i) terms += "term" + std::to_string(i) + ' ';
  for (int i = 0; i < 2'000; ++i) marks += "\u0301";
  return {"",
          " \n\t",
          "'; DROP TABLE entry; --",
          "\" OR 1=1 --",
          "% _ \\ ' \" ` ; $1 ?1 :a @b",
          "\"Ada lives",
          "((((Ada",
          "Ada))))",
          std::string(100'000, '('),
          std::string(100'000, '"'),
          "AND OR NOT NEAR",
          "NOT -NOT",
          "subject:predicate:value:source:",
          "Ada\0city"s,
          "\0"s,
          "\xff\xfe Ada \xc3",
          "\xed\xa0\x80",
          "\u6771",
          "\u6771\u4eac",
          "\u4eac\u6771",
          "\u05e9\u05dc\u05d5\u05dd",
          "\u202e\u05e9\u05dc\u05d5\u05dd\u202c Ada",
          "cafe\u0301",
          "\u0301",
          marks,
          terms,
          "Ada " + terms,
          std::string(200'000, 'x')};
}

std::string answer(Engine& engine, const AgentId& agent, std::string question, At at = {}) {
  return text_of(engine.search(
      {.agent = agent, .text = std::move(question), .at = at, .history = true, .limit = 50, .explain = true}));
}

std::size_t found(Engine& engine, const AgentId& agent, std::string question, At at = {}) {
  return engine.search({.agent = agent, .text = std::move(question), .at = at, .history = true}).lines.size();
}

// A ledger that is led by several engines, of one clock and one row of ids: some file its words, some don't, and some
// file others. Where the store files none they are all the same.
class LedLedger {
 public:
  LedLedger(Store& store, AgentId whose, std::uint64_t seed)
      : agent(std::move(whose)), store_(store), ids_(std::make_shared<SeededIds>(seed)), life_(seed), random_(seed) {}

  void live_filed(int steps = 12) { live({}, steps); }
  void live_unfiled(int steps = 12) { live({.index_words = false}, steps); }
  void live_filed_otherwise(int steps = 12) { live({.search_language = "none"}, steps); }

  void reindex(bool anew = false) {
    if (!store_.search_index()) return;
    std::uint64_t last = 0;
    const auto note = [&](std::uint64_t done, std::uint64_t all) {
      EXPECT_GT(done, last);
      EXPECT_LE(done, all);
      last = done;
    };
    const auto answer = engine().reindex({.agent = agent, .anew = anew, .progress = note});
    EXPECT_EQ(answer.up_to, store_.head(agent, {}).position);
    EXPECT_EQ(store_.search_index()->text_index(agent, {}), (TextIndex{answer.recipe, answer.up_to}));
    EXPECT_GT(answer.statements, 0U);
  }
  // A reindex that is broken off after a page, by an exception or as an operator does it.
  void reindex_in_part(bool anew = false) {
    if (!store_.search_index()) return;
    struct BrokenOff {};
    const bool stops = random_.one_in(2);
    std::stop_source stop;
    try {
      const auto break_off = [&](std::uint64_t, std::uint64_t) {
        stops ? void(stop.request_stop()) : throw BrokenOff();
      };
      engine().reindex({.agent = agent, .anew = anew, .progress = break_off, .call = {.stop = stop.get_token()}});
      ADD_FAILURE() << "not broken off";
    } catch (const BrokenOff&) {
      EXPECT_FALSE(stops);
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::cancelled) << failure.what();
    }
  }
  // Erases every fifth content, in one batch that was made by this recipe.
  void erase(ExampleIds& ids, const std::string& recipe) {
    const Call call;
    std::vector<StoredEntry> tombstones;
    const auto head = store_.head(agent, call);
    for (const auto& entry : store_.entries(agent, {.limit = 1'000}, head.position, call))
      if (entry.content_state == ContentState::present && entry.seq.value % 5 == 0)
        tombstones.push_back(content_erased(entry.seq));
    clock->advance(day);
    auto commit = commit_after(head, agent, ids.batch(), TxTime{clock->now()}, std::move(tombstones));
    commit.recipe = recipe;
    EXPECT_EQ(store_.append(std::span(&commit, 1), call).at(0), Outcome{});
  }

  Engine engine(Config config = {}) {
    auto borrowed = std::make_unique<ForwardingStore>(std::shared_ptr<Store>(&store_, [](Store*) {}));
    return Engine({.store = std::move(borrowed), .clock = clock, .ids = ids_}, std::move(config));
  }

  const AgentId agent;
  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();

 private:
  void live(Config config, int steps) {
    auto writer = engine(std::move(config));
    life_.go_on(writer, *clock, agent, steps);
  }

  Store& store_;
  std::shared_ptr<SeededIds> ids_;
  Life life_;
  Random random_;
};

// How far the index of a ledger reaches that was led so.
enum class Reaches { all, part, nothing };
struct Way {
  std::string name;
  std::string index;  // in one word or two, for the report
  Reaches reaches;
  std::function<void(LedLedger&)> lead;
};

std::vector<Way> ways_to_an_index() {
  return {
      {"whole", "whole", Reaches::all, [](auto& ledger) { ledger.live_filed(24); }},
      {"half", "half", Reaches::part, [](auto& ledger) { ledger.live_filed(), ledger.live_unfiled(); }},
      {"half and written on", "half", Reaches::part,
       [](auto& ledger) { ledger.live_filed(8), ledger.live_unfiled(8), ledger.live_filed(8); }},
      {"missing", "missing", Reaches::nothing, [](auto& ledger) { ledger.live_unfiled(24); }},
      {"missing and written on", "missing", Reaches::nothing,
       [](auto& ledger) { ledger.live_unfiled(), ledger.live_filed(); }},
      {"stale", "stale", Reaches::nothing, [](auto& ledger) { ledger.live_filed_otherwise(24); }},
      {"stale and written on", "stale", Reaches::nothing,
       [](auto& ledger) { ledger.live_filed_otherwise(), ledger.live_filed(); }},
      {"whole, then other words", "half", Reaches::part,
       [](auto& ledger) { ledger.live_filed(), ledger.live_filed_otherwise(); }},
      {"missing, reindex broken off", "broken off", Reaches::part,
       [](auto& ledger) { ledger.live_unfiled(24), ledger.reindex_in_part(); }},
      {"stale, reindex broken off", "broken off", Reaches::part,
       [](auto& ledger) { ledger.live_filed_otherwise(24), ledger.reindex_in_part(); }},
      {"whole, begun anew and broken off", "broken off", Reaches::part,
       [](auto& ledger) { ledger.live_filed(24), ledger.reindex_in_part(true); }},
      {"broken off and written on", "broken off", Reaches::part,
       [](auto& ledger) { ledger.live_unfiled(20), ledger.reindex_in_part(), ledger.live_filed(8); }},
      {"whole, begun anew", "reindexed", Reaches::all,
       [](auto& ledger) { ledger.live_filed(24), ledger.reindex(true); }},
      {"half, begun anew", "reindexed", Reaches::all,
       [](auto& ledger) { ledger.live_filed(), ledger.live_unfiled(), ledger.reindex(true); }},
      {"stale, begun anew", "reindexed", Reaches::all,
       [](auto& ledger) { ledger.live_filed_otherwise(24), ledger.reindex(true); }},
      {"missing, reindexed", "reindexed", Reaches::all,
       [](auto& ledger) { ledger.live_unfiled(24), ledger.reindex(); }},
      {"broken off, reindexed, written on", "reindexed", Reaches::all,
       [](auto& ledger) {
         ledger.live_filed_otherwise(20), ledger.reindex_in_part(), ledger.reindex(), ledger.live_filed(8);
       }},
  };
}

}  // namespace

TEST_P(StoreContract, H01_RandomSearchesAnswerLikeTheModel) {
  constexpr std::uint64_t everyday = 2;
  Pairs pairs;
  std::size_t lines_of_all = 0;
  for (std::uint64_t seed = 1; seed <= everyday || pairs.too_few(); ++seed) {
    const AgentId who{agent().value + std::to_string(seed)};
    auto here = Bench::over(store(), {.queue_for_adjudication = true}, seed);
    auto model = Bench::over(memory::open(), {.queue_for_adjudication = true}, seed);
    live(here, who, seed);
    live(model, who, seed);
    const auto head = here.engine.head({.agent = who}).position;
    Random random(seed + 100);
    std::size_t lines = 0;
    for (int i = 0; i < 60; ++i) {
      const auto request = some_search(random, who, head, here.clock->now());
      const auto found = here.engine.search(request);
      lines += found.lines.size();
      ASSERT_EQ(text_of(found), text_of(model.engine.search(request))) << "seed " << seed << ": " << request.text;
      pairs.add("as written");
    }
    if (seed <= everyday) {
      EXPECT_GE(lines, 60U) << "seed " << seed << ": questions that find nothing show little";
    }
    lines_of_all += lines;
  }
  EXPECT_GE(lines_of_all, pairs.count()) << "questions that find nothing show little";
}

TEST_P(StoreContract, H02_NoTextIsAWrongQuestion) {
  auto here = Bench::over(store());
  auto model = Bench::over(memory::open());
  live(here, agent(), 3);
  live(model, agent(), 3);
  const auto before = head();

  for (const auto& question : hostile_questions()) {
    EXPECT_EQ(answer(here.engine, agent(), question), answer(model.engine, agent(), question))
        << question.substr(0, 40);
  }
  EXPECT_EQ(head(), before) << "and none writes anything";
}

TEST_P(StoreContract, H03_WhatAFilterExcludesTakesNoPlace) {
  auto bench = Bench::over(store());
  auto lone = from_source(stated("lone", "alone", "quartz", "2015"), "hermit");
  lone.criticality = Criticality::critical;
  auto rival = lone;
  rival.value = Value("graphite");
  std::vector<Statement> crowd{lone, rival};
  for (int i = 0; i < 1'000; ++i) {
    crowd.push_back(stated("crowd", "p" + std::to_string(i), "quartz quartz quartz", "2020", "2030"));
  }
  say(bench.engine, agent(), std::move(crowd));

  const auto expect_lone = [&](const std::string& why, SearchFilter filter, std::optional<ValidTime> valid_at = {}) {
    const auto answer = bench.engine.search(
        {.agent = agent(), .text = "quartz", .filter = std::move(filter), .valid_at = valid_at, .limit = 1});
    ASSERT_EQ(answer.lines.size(), 1U) << why;
    EXPECT_EQ(answer.lines[0].line, (LineKey{"lone", "alone"})) << why;
    EXPECT_EQ(answer.lines[0].belief.alternatives.size(), 2U) << why << ": a contested line comes whole";
    EXPECT_FALSE(answer.more) << why;
  };
  expect_lone("subject", {.subject = "lone"});
  expect_lone("source", {.source = "hermit"});
  expect_lone("status", {.statuses = {BeliefStatus::contested}});
  expect_lone("criticality", {.least_criticality = Criticality::high});
  expect_lone("during", {.valid_during = parse_during("2016", "during")});
  expect_lone("valid at", {}, parse_valid_time("2031", "valid_at").at);

  const auto all = bench.engine.search({.agent = agent(), .text = "quartz", .limit = 1'000});
  EXPECT_EQ(all.lines.size(), 1'000U);
  EXPECT_TRUE(all.more);
  EXPECT_EQ(all.lines[0].line, (LineKey{"crowd", "p999"})) << "of equally good ones the newest";
}

TEST_P(StoreContract, H04_WhatIsWrittenLaterChangesNoAnswerAtAPosition) {
  auto bench = Bench::over(store());
  live(bench, agent(), 4);
  std::vector<std::tuple<std::string, At, std::string>> answered;
  for (const auto& batch : all_batches()) {
    const Position end{batch.first.value + batch.header.entries - 1};
    const At at{.position = end, .asked_at = batch.header.recorded_at};
    for (const auto* question : {"city ada travelling", "caf\u00e9 OR \u6771\u4eac"}) {
      answered.emplace_back(question, at, answer(bench.engine, agent(), question, at));
    }
  }

  live(bench, agent(), 5);
  live(bench, other_agent(), 6);

  for (const auto& [question, at, before] : answered) {
    EXPECT_EQ(answer(bench.engine, agent(), question, at), before) << question << " at " << at.position->value;
  }
}

TEST_P(StoreContract, H05_WhatIsCommittedIsFoundThroughAnotherHandleAtOnce) {
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  auto mine = Bench::over(store(), {}, 1);
  auto theirs = Bench::over(second_handle(), {}, 2);
  EXPECT_EQ(found(theirs.engine, agent(), "quartz"), 0U);
  for (std::size_t i = 1; i <= 8; ++i) {
    auto& writer = i % 2 == 0 ? theirs : mine;
    auto& reader = i % 2 == 0 ? mine : theirs;
    say(writer.engine, agent(), {stated("s", "p" + std::to_string(i), "quartz")});
    EXPECT_EQ(found(reader.engine, agent(), "quartz"), i);
    EXPECT_EQ(found(writer.engine, agent(), "quartz"), i);
  }
  mine.engine.retract({.agent = agent(), .claim = LineKey{"s", "p1"}});
  EXPECT_EQ(found(theirs.engine, agent(), "quartz"), 7U) << "nor is what was taken back";
}

TEST_P(StoreContract, H06_WhatIsErasedIsFoundByNobody) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {from_source(stated("secretive", "lives_in", "Berlin", "2020"), "informer")});
  say(bench.engine, agent(), {stated("secretive", "lives_in", "Munich", "2020"), stated("bob", "likes", "Berlin")});
  say(bench.engine, other_agent(), {from_source(stated("secretive", "lives_in", "Berlin"), "informer")});
  ASSERT_EQ(found(bench.engine, agent(), "informer"), 1U);
  ASSERT_EQ(found(bench.engine, agent(), "Berlin"), 2U);

  write({content_erased(Position{1})});

  for (std::uint64_t position = 0; position <= 4; ++position) {
    const At at{.position = Position{position}};
    for (const auto* question : {"informer", "source:informer", "infor*", "\"secretive lives\" AND Berlin"}) {
      EXPECT_EQ(found(bench.engine, agent(), question, at), 0U) << question << " at " << position;
    }
    EXPECT_EQ(found(bench.engine, agent(), "Berlin", at), position < 3 ? 0U : 1U) << position;
  }
  EXPECT_EQ(found(bench.engine, agent(), "Munich"), 1U);
  EXPECT_EQ(found(bench.engine, other_agent(), "informer"), 1U) << "the other agent's words are its own";
}

TEST_P(StoreContract, H07_NobodyFindsWhatAnotherAgentWrote) {
  auto bench = Bench::over(store());
  say(bench.engine, agent(), {stated("s", "p", "quartz")});
  const auto alone = answer(bench.engine, agent(), "quartz");
  for (const auto& who : {agent().value + " ", agent().value + "x", "A" + agent().value, std::string("other")}) {
    EXPECT_EQ(found(bench.engine, AgentId{who}, "quartz"), 0U) << who;
    say(bench.engine, AgentId{who}, {stated("s", "q", "quartz quartz"), stated("s", "r", "slate")});
    EXPECT_EQ(found(bench.engine, AgentId{who}, "quartz"), 1U) << who;
  }
  EXPECT_EQ(answer(bench.engine, agent(), "quartz"), alone) << "nor do they count";

  const auto both = bench.engine.search({.agent = agent(), .text = "quartz", .more_agents = {AgentId{"other"}}});
  ASSERT_EQ(both.lines.size(), 2U);
  EXPECT_EQ(both.lines[0].agent, AgentId{"other"}) << "the better one";
  EXPECT_EQ(both.lines[1].agent, agent());
}

TEST_P(StoreContract, H08_HoweverFarTheIndexReachesTheAnswerIsTheSame) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto ways = ways_to_an_index();
  Pairs pairs;
  for (std::uint64_t ledger = 0; ledger < ways.size() || pairs.too_few(); ++ledger) {
    const auto& way = ways[ledger % ways.size()];
    const auto seed = ledger + 8;
    SCOPED_TRACE(way.name + ", seed " + std::to_string(seed));
    const AgentId who{agent().value + way.name + std::to_string(seed)};
    const auto memory = memory::open();
    LedLedger here(store(), who, seed);
    LedLedger model(*memory, who, seed);
    way.lead(here);
    way.lead(model);
    auto engine = here.engine();
    auto reference = model.engine();
    Random random(seed + 100);
    const auto expect_equal = [&](int questions) {
      const auto head = engine.head({.agent = who}).position;
      for (; questions > 0; --questions) {
        const auto request = some_search(random, who, head, here.clock->now());
        ASSERT_EQ(text_of(engine.search(request)), text_of(reference.search(request))) << request.text;
        pairs.add(way.index);
      }
    };
    expect_equal(25);
    if (HasFatalFailure()) return;

    const SearchRequest all{.agent = who, .text = "Ada"};
    const auto answer = engine.search(all);
    const auto read = answer.ledgers.at(0).scanned;
    const auto statements = reference.search(all).ledgers.at(0).scanned;
    EXPECT_EQ(read == 0, way.reaches == Reaches::all) << read << " read of " << statements;
    EXPECT_EQ(read == statements, way.reaches == Reaches::nothing) << read << " read of " << statements;

    ExampleIds one(seed);
    ExampleIds same(seed);
    const auto recipe = seed % 2 == 0 ? answer.recipe : "";
    here.erase(one, recipe);
    model.erase(same, recipe);
    expect_equal(15);
    if (HasFatalFailure()) return;
  }
}

TEST_P(StoreContract, H09_WhatIsCommittedIsFoundWhileOthersWriteAndReindex) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint64_t writes = 40;
  const auto shared = backend().cannot_share.empty() ? second_handle() : nullptr;
  auto& theirs = shared ? *shared : store();
  auto writer = Bench::over(store(), {}, 1);
  auto reader = Bench::over(theirs, {}, 2);
  auto mover = Bench::over(theirs, {}, 3);
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint64_t> written = 0;
  std::atomic<std::uint64_t> looks = 0;
  std::atomic<bool> writing = true;
  const auto look = [&] {
    do {
      const auto before = written.load();
      const auto lines = reader.engine.search({.agent = agent(), .text = "quartz", .limit = 100}).lines.size();
      EXPECT_GE(lines, before) << "committed and not found";
      EXPECT_LE(lines, begun) << "found and not committed";
      ++looks;
    } while (writing);
  };
  // Nobody gets far ahead of the reader, whom a store that has one connection lets in by chance.
  const auto after_looks = [&](std::uint64_t least) {
    while (writing && looks < least) std::this_thread::yield();
  };
  const auto move = [&] {
    for (std::uint64_t moves = 0; writing; after_looks(++moves)) {
      try {
        mover.engine.reindex({.agent = agent(), .anew = true});
      } catch (const StoreFailure& failure) {
        EXPECT_EQ(failure.kind(), FailureKind::busy) << failure.what();
      }
    }
  };

  std::thread looking(look);
  std::thread moving(move);
  while (written < writes) {
    begun = written + 1;
    say(writer.engine, agent(), {stated("s", "p" + std::to_string(begun), "quartz")});
    after_looks(++written / 2);
  }
  writing = false;
  looking.join();
  moving.join();
}

TEST_P(StoreContract, H10_WhatIsImportedOrCopiedIsFoundAsWhereItWasSaid) {
  auto model = Bench::over(memory::open());
  live(model, agent(), 5);
  const auto copy = fresh_store();
  auto imported = Bench::over(store());
  auto copied = Bench::over(*copy);
  for (auto* bench : {&imported, &copied}) bench->clock->set(model.clock->now());
  for (const auto& line : model.engine.export_batches({.agent = agent(), .limit = 1'000}).lines)
    imported.engine.import_batch({.line = line});
  copied.engine.copy_from({.source = model.engine, .agent = agent()});

  const auto head = model.engine.head({.agent = agent()}).position;
  Random random(105);
  for (int i = 0; i < 30; ++i) {
    const auto request = some_search(random, agent(), head, model.clock->now());
    const auto expected = text_of(model.engine.search(request));
    ASSERT_EQ(text_of(imported.engine.search(request)), expected) << request.text;
    ASSERT_EQ(text_of(copied.engine.search(request)), expected) << request.text;
  }
  if (!files_no_words().empty()) return;
  for (auto* bench : {&imported, &copied})
    EXPECT_EQ(bench->engine.search({.agent = agent(), .text = "Ada"}).ledgers.at(0).scanned, 0U) << "and is filed";
}

}  // namespace claimledger::conformance
