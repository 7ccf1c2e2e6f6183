#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "forging.hpp"
#include "search_support.hpp"

// What search() finds is what is believed: each row is a story of one line, a question, and what is found of it,
// without and with history.
namespace claimledger {
namespace {

using test::same;
using test::short_text;

SearchAnswer search(test::Script& script, std::string_view question, bool history = false) {
  return script.engine().search({.agent = script.agent(), .text = std::string(question), .history = history});
}

struct Row {
  const char* why;
  const char* script;
  const char* question;
  const char* found;
  const char* with_history;
};

void expect_found(std::initializer_list<Row> rows, const Config& config = {}) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    test::Script script(config);
    script.play(row.script);
    EXPECT_EQ(short_text(search(script, row.question)), row.found);
    EXPECT_EQ(short_text(search(script, row.question, true)), row.with_history);
  }
}

TEST(Search, FindsWhatIsBelievedAndNotWhatWas) {
  expect_found({
      {"by value", "say Berlin", "berlin", "lives_in TimingUncertain{Berlin}: Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin"},
      {"by subject", "say Berlin", "Alice", "lives_in TimingUncertain{Berlin}: Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin"},
      {"by predicate", "say Berlin", "lives", "lives_in TimingUncertain{Berlin}: Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin"},
      {"by source", "say Berlin source registry", "registry", "lives_in TimingUncertain{Berlin}: Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin"},
      {"not by what nobody said", "say Berlin", "Munich", "nothing", "nothing"},
      {"not by an idempotency key", "say Berlin key registry", "registry", "nothing", "nothing"},
      {"succeeded", "2026-01-15\n say Berlin since 2020\n 2026-06-15\n say Munich since 2026-05", "Berlin", "nothing",
       "lives_in Resolved{Munich}: (Berlin)"},
      {"the successor", "2026-01-15\n say Berlin since 2020\n 2026-06-15\n say Munich since 2026-05", "Munich",
       "lives_in Resolved{Munich}: Munich", "lives_in Resolved{Munich}: Munich"},
      {"both, the newest first", "2026-01-15\n say Berlin since 2020\n 2026-06-15\n say Munich since 2026-05", "alice",
       "lives_in Resolved{Munich}: Munich", "lives_in Resolved{Munich}: Munich (Berlin)"},
      {"its window is over", "say Berlin since 2020 until 2021", "Berlin", "nothing", "lives_in NoBelief{}: (Berlin)"},
      {"its window has not begun", "say Berlin since 2050", "Berlin", "nothing", "lives_in NoBelief{}: (Berlin)"},
      {"ended", "say Berlin since 2020\n end Berlin 2024", "Berlin", "nothing", "lives_in NoBelief{}: (Berlin)"},
      {"ended from some day to come", "say Berlin since 2020\n end Berlin 2050", "Berlin",
       "lives_in Resolved{Berlin}: Berlin", "lives_in Resolved{Berlin}: Berlin"},
      {"ended and reopened", "say Berlin since 2020\n end Berlin 2024\n reopen Berlin", "Berlin",
       "lives_in Resolved{Berlin}: Berlin", "lives_in Resolved{Berlin}: Berlin"},
      {"below the floor", "say Berlin sure 0.1", "Berlin", "nothing", "lives_in NoBelief{}: (Berlin)"},
      {"below the floor, confirmed", "say Berlin sure 0.1\n +1d\n say Berlin sure 0.1", "Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin", "lives_in TimingUncertain{Berlin}: Berlin"},
      {"quarantined", "say Berlin since 2021 until 2020", "Berlin", "nothing", "lives_in NoBelief{}: (Berlin)"},
  });
}

TEST(Search, WhatWasTakenBackIsNotFoundEvenWithHistory) {
  expect_found({
      {"retracted", "say Berlin\n retract Berlin", "Berlin", "nothing", "nothing"},
      {"retracted and reopened", "say Berlin\n retract Berlin\n reopen Berlin", "Berlin",
       "lives_in TimingUncertain{Berlin}: Berlin", "lives_in TimingUncertain{Berlin}: Berlin"},
      {"denied", "say Berlin since 2020\n say Munich since 2020\n deny Munich!", "Munich", "nothing", "nothing"},
      {"and who contested it stands alone", "say Berlin since 2020\n say Munich since 2020\n deny Munich!", "Berlin",
       "lives_in Resolved{Berlin}: Berlin", "lives_in Resolved{Berlin}: Berlin"},
      {"corrected: the old value", "say Berlin since 2020\n correct Berlin Bonn", "Berlin", "nothing", "nothing"},
      {"corrected: the new value", "say Berlin since 2020\n correct Berlin Bonn", "Bonn",
       "lives_in Resolved{Bonn}: Bonn", "lives_in Resolved{Bonn}: Bonn"},
      {"taking back the correction gives back the old value",
       "say Berlin since 2020\n correct Berlin Bonn\n retract Bonn", "Berlin", "lives_in Resolved{Berlin}: Berlin",
       "lives_in Resolved{Berlin}: Berlin"},
      {"a source dropped", "say Berlin source feed7\n drop feed7\n drop! feed7", "Berlin", "nothing", "nothing"},
      {"a source dropped that another bears out",
       "say Berlin source feed7\n +1d\n say Berlin source Bob\n drop feed7\n drop! feed7", "bob",
       "lives_in TimingUncertain{Berlin}: Berlin", "lives_in TimingUncertain{Berlin}: Berlin"},
      {"the words of the dropped source are gone",
       "say Berlin source feed7\n +1d\n say Berlin source Bob\n drop feed7\n drop! feed7", "feed7", "nothing",
       "nothing"},
      {"retracting the successor gives back the incumbent",
       "2026-01-15\n say Berlin since 2020\n 2026-06-15\n say Munich since 2026-05\n retract Munich", "Berlin",
       "lives_in Resolved{Berlin}: Berlin", "lives_in Resolved{Berlin}: Berlin"},
  });
}

TEST(Search, AContestedLineComesWholeWithAllSides) {
  const auto* const rivals = "say Berlin since 2020\n say Munich since 2020\n say Ulm since 2020";
  expect_found({
      {"by one side", rivals, "Munich", "lives_in Contested{Berlin Munich Ulm}: Munich",
       "lives_in Contested{Berlin Munich Ulm}: Munich"},
      {"by two, the newest first", rivals, "Ulm Berlin", "lives_in Contested{Berlin Munich Ulm}: Ulm Berlin",
       "lives_in Contested{Berlin Munich Ulm}: Ulm Berlin"},
      {"by what all have, once", rivals, "alice", "lives_in Contested{Berlin Munich Ulm}: Ulm Munich Berlin",
       "lives_in Contested{Berlin Munich Ulm}: Ulm Munich Berlin"},
      {"affirmed: the winner", "say Berlin since 2020\n say Munich since 2020\n affirm Munich!", "Munich",
       "lives_in Resolved{Munich}: Munich", "lives_in Resolved{Munich}: Munich"},
      {"affirmed: the loser", "say Berlin since 2020\n say Munich since 2020\n affirm Munich!", "Berlin", "nothing",
       "lives_in Resolved{Munich}: (Berlin)"},
      {"undecided", "say Berlin since 2020\n say Munich since 2020\n unknown Munich!", "Berlin",
       "lives_in Contested{Berlin Munich}: Berlin", "lives_in Contested{Berlin Munich}: Berlin"},
  });
}

TEST(Search, WherePolicyLetsTheNewestWinTheLoserIsHistory) {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  const auto* const won = "say Berlin since 2020 low\n say Munich since 2020 low";
  expect_found(
      {{"the loser", won, "Berlin", "nothing", "lives_in Resolved{Munich}: (Berlin)"},
       {"the winner", won, "Munich", "lives_in Resolved{Munich}: Munich", "lives_in Resolved{Munich}: Munich"}},
      config);
}

TEST(Search, FindsDissentAndSaysThatItIsNotTheAnswer) {
  expect_found({
      {"a model against a person", "say Berlin since 2020\n say Paris since 2020 by model", "Paris",
       "lives_in Resolved{Berlin ~Paris}: (Paris)", "lives_in Resolved{Berlin ~Paris}: (Paris)"},
      {"a person against a model that spoke before", "say Paris since 2020 by model\n say Berlin since 2020", "Paris",
       "lives_in Resolved{Berlin ~Paris}: (Paris)", "lives_in Resolved{Berlin ~Paris}: (Paris)"},
      {"a model alone", "say Paris since 2020 by model", "Paris", "lives_in Resolved{Paris}: Paris",
       "lives_in Resolved{Paris}: Paris"},
      {"the answer beside dissent", "say Berlin since 2020\n say Paris since 2020 by model", "Berlin",
       "lives_in Resolved{Berlin ~Paris}: Berlin", "lives_in Resolved{Berlin ~Paris}: Berlin"},
      {"dissent from what is over: nothing is believed",
       "say Berlin since 2020 until 2022\n say Paris since 2020 by model", "Paris", "nothing",
       "lives_in NoBelief{~Paris}: (Paris)"},
  });
}

TEST(Search, FindsTheMembersOfASet) {
  const auto* const set = "say tea set\n say coffee set\n say milk set";
  expect_found({
      {"one member, with the whole set", set, "coffee", "lives_in set{coffee milk tea}: coffee",
       "lives_in set{coffee milk tea}: coffee"},
      {"several, the newest first", set, "tea milk", "lives_in set{coffee milk tea}: milk tea",
       "lives_in set{coffee milk tea}: milk tea"},
      {"a member that ended", "say tea since 2020 set\n say coffee since 2020 set\n end tea 2022", "tea", "nothing",
       "lives_in set{coffee}: (tea)"},
  });
}

TEST(Search, AnyStatementOfAClaimFindsItOnce) {
  test::Script script;
  script.play("say Berlin source diary\n +1d\n say Berlin source registry\n +1d\n say Berlin source census");
  for (const auto* question : {"diary", "registry", "census", "diary registry census", "Berlin"}) {
    SCOPED_TRACE(question);
    EXPECT_EQ(short_text(search(script, question)), "lives_in TimingUncertain{Berlin}: Berlin");
  }
  const auto statement = [&](std::string_view question) {
    return search(script, question).lines.at(0).claims.at(0).statement;
  };
  EXPECT_EQ(statement("diary"), Position{1});
  EXPECT_EQ(statement("registry"), Position{2});
  EXPECT_EQ(statement("Berlin"), Position{3}) << "of equally good ones the newest";
  EXPECT_EQ(statement("Berlin registry"), Position{2}) << "the best, though another is newer";
  EXPECT_EQ(short_text(search(script, "diary AND registry")), "nothing") << "no one statement has both";
}

TEST(Search, AClaimIsFoundByAnotherStatementWhereItsBestOneIsExcluded) {
  test::Script script;
  script.play("say Berlin source diary\n +1d\n say Berlin source registry");
  EXPECT_EQ(short_text(search(script, "Berlin -registry")), "lives_in TimingUncertain{Berlin}: Berlin");
  EXPECT_EQ(search(script, "Berlin -registry").lines.at(0).claims.at(0).statement, Position{1});
  EXPECT_EQ(short_text(search(script, "Berlin -registry -diary")), "nothing");
}

// --- Time ------------------------------------------------------------------------------------------------------------

constexpr auto* life = R"(
    2026-02-01
    say Berlin since 2020
    2026-03-01
    say Munich since 2026-02-15
    2026-04-01
    retract Munich
    2026-05-01
    end Berlin 2026-04-20
    2026-06-01
    reopen Berlin
    2026-07-01
    correct Berlin Bonn
    2026-08-01)";

TEST(Search, AsOfATimeFindsWhatWasBelievedThen) {
  test::Script script;
  script.play(life);
  const struct {
    const char* as_of;
    std::uint64_t position;
    const char* found;  // by "alice"
  } rows[] = {
      {"2026-01-31T23:59:59.999999Z", 0, "nothing"},
      {"2026-02-01", 1, "lives_in Resolved{Berlin}: Berlin"},
      {"2026-02-28T23:59:59.999999Z", 1, "lives_in Resolved{Berlin}: Berlin"},
      {"2026-03-01", 2, "lives_in Resolved{Munich}: Munich"},
      {"2026-03-31T23:59:59.999999Z", 2, "lives_in Resolved{Munich}: Munich"},
      {"2026-04-01", 3, "lives_in Resolved{Berlin}: Berlin"},
      {"2026-04-30T23:59:59.999999Z", 3, "lives_in Resolved{Berlin}: Berlin"},
      {"2026-05-01", 4, "nothing"},
      {"2026-05-31T23:59:59.999999Z", 4, "nothing"},
      {"2026-06-01", 6, "lives_in Resolved{Berlin}: Berlin"},
      {"2026-07-01", 0, "lives_in Resolved{Bonn}: Bonn"},
      {"2099", 0, "lives_in Resolved{Bonn}: Bonn"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.as_of);
    const auto as_of = parse_tx_time(row.as_of, "as_of");
    const auto answer =
        script.engine().search({.agent = script.agent(), .text = "alice", .at = {.as_of = as_of}, .history = false});
    EXPECT_EQ(short_text(answer), row.found);
    EXPECT_EQ(answer.ledgers.at(0).at.asked_at, as_of);
    if (row.position == 0 && answer.lines.empty()) {
      EXPECT_EQ(answer.ledgers.at(0).at.position, Position{0});
    }
    if (row.position != 0) {
      EXPECT_EQ(answer.ledgers.at(0).at.position, Position{row.position});
    }
    // What it says of the line is what recall() says, for every position that a line was found at.
    for (const auto& line : answer.lines) {
      EXPECT_EQ(line.belief, script.engine().recall({.agent = line.agent, .line = line.line, .at = {.as_of = as_of}}));
    }
  }
}

TEST(Search, AtAPositionAndAboutAnInstantItAgreesWithRecall) {
  test::Script script;
  script.play(life);
  const auto head = script.engine().head({.agent = script.agent()}).position;
  std::size_t found = 0;
  for (std::uint64_t position = 0; position <= head.value + 1; ++position) {
    for (const auto* valid_at : {"2019-12-31T23:59:59.999999Z", "2020", "2026-02-14T23:59:59.999999Z", "2026-02-15",
                                 "2026-04-19T23:59:59.999999Z", "2026-04-20", "2026-08-01", "2099"}) {
      SCOPED_TRACE("position " + std::to_string(position) + " about " + valid_at);
      const At at{.position = Position{position}};
      const auto instant = parse_valid_time(valid_at, "valid_at").at;
      const auto belief =
          script.engine().recall({.agent = script.agent(), .line = script.line(), .at = at, .valid_at = instant});
      const auto answer =
          script.engine().search({.agent = script.agent(), .text = "alice", .at = at, .valid_at = instant});
      ASSERT_EQ(answer.lines.size(), belief.status == BeliefStatus::no_belief ? 0U : 1U);
      if (answer.lines.empty()) continue;
      EXPECT_EQ(answer.lines[0].belief, belief);
      EXPECT_EQ(answer.lines[0].claims.at(0).slot.value, belief.primary.value().value);
      ++found;
    }
  }
  EXPECT_GT(found, 20U);
}

TEST(Search, AboutTheTimeBeforeItFindsWhatWasSuperseded) {
  test::Script script;
  script.play("2026-01-15\n say Berlin since 2020\n 2026-06-15\n say Munich since 2026-05");
  const auto about = [&](std::string_view question, std::string_view valid_at) {
    return short_text(script.engine().search({.agent = script.agent(),
                                              .text = std::string(question),
                                              .valid_at = parse_valid_time(valid_at, "valid_at").at}));
  };
  EXPECT_EQ(about("Berlin", "2026-04"), "lives_in Resolved{Berlin}: Berlin");
  EXPECT_EQ(about("Berlin", "2026-05"), "nothing");
  EXPECT_EQ(about("Munich", "2026-05"), "lives_in Resolved{Munich}: Munich");
  EXPECT_EQ(about("Munich", "2026-04"), "nothing");
}

TEST(Search, APositionInsideABatchIsTheBatchBefore) {
  test::Script script;
  script.play("say Berlin\n say red on likes ; blue on hates");
  const auto at = [&](std::uint64_t position) {
    const auto answer =
        script.engine().search({.agent = script.agent(), .text = "alice", .at = {.position = Position{position}}});
    return std::pair(answer.ledgers.at(0).at.position.value, answer.lines.size());
  };
  EXPECT_EQ(at(1), std::pair(std::uint64_t{1}, std::size_t{1}));
  EXPECT_EQ(at(2), std::pair(std::uint64_t{1}, std::size_t{1}));
  EXPECT_EQ(at(3), std::pair(std::uint64_t{3}, std::size_t{3}));
  EXPECT_EQ(at(99), std::pair(std::uint64_t{3}, std::size_t{3}));
}

TEST(Search, WhatIsWrittenLaterChangesNoAnswerAtAPosition) {
  test::Script script;
  script.play("2026-02-01\n say Berlin since 2020 source Ada\n say Munich since 2020\n say Berlin on born_in");
  const auto position = script.engine().head({.agent = script.agent()}).position;
  const TxTime asked{script.clock().now()};
  std::vector<SearchRequest> requests;
  for (const auto* question : {"Berlin", "alice", "Berlin Munich ada", "\"lives in\" berlin", "b*", "berlin -munich"}) {
    for (const bool history : {false, true}) {
      requests.push_back({.agent = script.agent(),
                          .text = question,
                          .at = {.position = position, .asked_at = asked},
                          .history = history,
                          .explain = true});
    }
  }
  std::vector<SearchAnswer> before;
  for (const auto& request : requests) before.push_back(script.engine().search(request));
  ASSERT_EQ(short_text(before[0]),
            "born_in TimingUncertain{Berlin}: Berlin | "
            "lives_in Contested{Berlin Munich}: Berlin");

  script.play(
      "+1d\n retract Munich\n correct Berlin Bonn\n say Berlin on name source Ada\n +1d\n say Berlin on born_in");
  std::vector<Statement> others;
  for (int i = 0; i < 500; ++i) {
    others.push_back({.subject = "alice", .predicate = "p" + std::to_string(i), .value = "Berlin Munich ada"});
  }
  script.engine().ingest({.agent = AgentId{"another"}, .statements = others});
  script.engine().ingest({.agent = script.agent(), .statements = others});

  for (std::size_t i = 0; i < requests.size(); ++i) {
    SCOPED_TRACE(requests[i].text);
    const auto after = script.engine().search(requests[i]);
    EXPECT_TRUE(same(after, before[i])) << short_text(after) << "\nbefore: " << short_text(before[i]);
    ASSERT_EQ(after.ledgers.at(0).terms.size(), before[i].ledgers.at(0).terms.size());
    for (std::size_t t = 0; t < after.ledgers[0].terms.size(); ++t) {
      EXPECT_EQ(after.ledgers[0].terms[t].statements, before[i].ledgers[0].terms[t].statements);
      EXPECT_EQ(after.ledgers[0].terms[t].bits, before[i].ledgers[0].terms[t].bits);
    }
  }
}

TEST(Search, OneAgentsClaimsAreNotFoundByAnother) {
  test::Script script;
  script.play("say Berlin");
  for (const auto* stranger : {"another", "teste", "tester "}) {
    const auto answer = script.engine().search({.agent = AgentId{stranger}, .text = "Berlin", .history = true});
    EXPECT_EQ(short_text(answer), "nothing") << stranger;
    EXPECT_EQ(answer.ledgers.at(0).at.position, Position{0});
  }
}

TEST(Search, WritesNothing) {
  test::Script script;
  script.play("say Berlin since 2020\n say Munich since 2020");
  const auto head = script.engine().head({.agent = script.agent()});
  for (const auto* question : {"Berlin", "", "nowhere", "(((", "alice"}) {
    script.engine().search({.agent = script.agent(), .text = question, .history = true, .explain = true});
    script.engine().search({.agent = AgentId{"never heard of"}, .text = question});
    script.engine().context({.search = {.agent = script.agent(), .text = question}});
  }
  EXPECT_EQ(script.engine().head({.agent = script.agent()}).hash, head.hash);
  EXPECT_EQ(script.engine().agents({}).items.size(), 1U) << "a search makes no ledger";
}

// --- Erasing ---------------------------------------------------------------------------------------------------------

// The ledger of a script in a store of its own, with these entries erased at its end.
class Erased {
 public:
  Erased(test::Script& script, std::vector<std::uint64_t> entries) : agent_(script.agent()) {
    auto batches = test::unsealed(script.store(), agent_);
    auto last = batches.back();
    last.header.id.value.data[15] ^= 1;
    last.header.recorded_at.value += std::chrono::hours{1};
    last.entries.clear();
    for (const auto entry : entries) last.entries.push_back({Tombstone{.erased = {entry}}, std::nullopt, std::nullopt});
    batches.push_back(last);
    auto store = memory::open();
    EXPECT_EQ(test::plant(*store, agent_, test::sealed(batches, agent_)), std::nullopt);
    auto clock = std::make_shared<conformance::ManualClock>(script.clock().now() + std::chrono::hours{2});
    engine_.emplace(Parts{
        .store = std::move(store), .clock = std::move(clock), .ids = std::make_shared<conformance::SeededIds>(9)});
    EXPECT_TRUE(engine_->verify({.agent = agent_}).ok);
  }
  std::string found(std::string_view question, At at = {}) {
    return short_text(engine_->search({.agent = agent_, .text = std::string(question), .at = at, .history = true}));
  }

 private:
  AgentId agent_;
  std::optional<Engine> engine_;
};

TEST(Search, WhatWasErasedIsFoundByNobodyAtAnyPosition) {
  test::Script script;
  script.play("say Berlin since 2020 source diary\n say Munich since 2020 source letter\n say Rome on born_in");
  ASSERT_EQ(short_text(search(script, "Berlin")), "lives_in Contested{Berlin Munich}: Berlin");
  Erased erased(script, {1});
  for (const auto* question : {"Berlin", "diary", "Ber*", "\"Berlin\"", "value:Berlin", "source:diary"}) {
    SCOPED_TRACE(question);
    EXPECT_EQ(erased.found(question), "nothing");
    for (std::uint64_t position = 0; position <= 4; ++position) {
      EXPECT_EQ(erased.found(question, {.position = Position{position}}), "nothing") << position;
    }
  }
  EXPECT_EQ(erased.found("Munich"), "lives_in Resolved{Munich}: Munich");
  EXPECT_EQ(erased.found("alice"), "born_in TimingUncertain{Rome}: Rome | lives_in Resolved{Munich}: Munich");
}

TEST(Search, AnErasedRestatementLeavesItsClaimToBeFoundByTheOthers) {
  test::Script script;
  script.play("say Berlin source diary\n +1d\n say Berlin source letter");
  Erased erased(script, {2});
  EXPECT_EQ(erased.found("letter"), "nothing");
  EXPECT_EQ(erased.found("Berlin"), "lives_in TimingUncertain{Berlin}: Berlin");
  Erased first(script, {1});
  EXPECT_EQ(first.found("diary"), "nothing");
}

}  // namespace
}  // namespace claimledger
