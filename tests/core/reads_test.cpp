#include <functional>
#include <set>

#include "script.hpp"

// Reads: at a position, as of a time, about an instant, asked at a time, page by page.
namespace claimledger {
namespace {

TxTime tx(std::string_view text) { return parse_tx_time(text, "time"); }
ValidTime valid(std::string_view text) { return parse_valid_time(text, "time").at; }

class Reads : public testing::Test {
 protected:
  Reads() {
    script.play(R"(
        2026-01-15
        say Berlin since 2020                => CommittedCheap first
        2026-06-15
        say Munich since 2026-05 source x ; Ulm on born_in source x
                                             => CommittedCheap succession ; CommittedCheap first
        2026-07-01
        drop x                  => dry_run ; Invalidated retracted ; Invalidated retracted : Ulm Munich
        drop! x                 => Invalidated retracted ; Invalidated retracted : Ulm Munich)");
  }
  Belief recall(const At& at, std::optional<ValidTime> valid_at = {}) {
    return script.engine().recall({.agent = script.agent(), .line = script.line(), .at = at, .valid_at = valid_at});
  }
  static std::string value(const Belief& belief) {
    return belief.primary ? *belief.primary->value.as_string() : std::string(text(belief.status));
  }
  const AgentId& agent() const { return script.agent(); }
  Engine& engine() { return script.engine(); }

  test::Script script;
};

TEST_F(Reads, WhatWasKnownThenAboutWhatHeldThen) {
  const struct {
    const char* why;
    const char* as_of;
    const char* valid_at;
    std::uint64_t position;
    const char* value;
  } rows[] = {
      {"before anything was known", "2026-01-14T23:59:59.999999Z", "2025", 0, "NoBelief"},
      {"from the first batch on", "2026-01-15", "2025", 1, "Berlin"},
      {"just before the second", "2026-06-14T23:59:59.999999Z", "2026-05", 1, "Berlin"},
      {"with the second", "2026-06-15", "2026-05", 3, "Munich"},
      {"with the second, about before", "2026-06-15", "2026-04-30", 3, "Berlin"},
      {"taken back", "2026-07-01", "2026-05", 5, "Berlin"},
      {"later than the head is the head", "2099", "2026-05", 5, "Berlin"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto belief = recall({.as_of = tx(row.as_of)}, valid(row.valid_at));
    EXPECT_EQ(value(belief), row.value);
    EXPECT_EQ(belief.position, Position{row.position});
    EXPECT_EQ(belief.asked_at, tx(row.as_of));
    EXPECT_EQ(belief.valid_at, valid(row.valid_at));
  }
}

TEST_F(Reads, ByDefaultTheHeadNow) {
  script.act("2026-08-01");
  const auto belief = recall({});
  EXPECT_EQ(belief.position, Position{5});
  EXPECT_EQ(belief.asked_at, tx("2026-08-01"));
  EXPECT_EQ(belief.valid_at, valid("2026-08-01"));
}

TEST_F(Reads, AsOfATimeValidAtIsThatTime) {
  EXPECT_EQ(value(recall({.as_of = tx("2026-06-15")})), "Munich");
  EXPECT_EQ(value(recall({.as_of = tx("2026-06-14")})), "Berlin");
}

TEST_F(Reads, APositionInsideABatchIsTheBatchBeforeAndPastTheHeadTheHead) {
  const auto position = [&](std::uint64_t at) { return recall({.position = Position{at}}).position.value; };
  EXPECT_EQ(position(0), 0U);
  EXPECT_EQ(position(1), 1U);
  EXPECT_EQ(position(2), 1U);
  EXPECT_EQ(position(3), 3U);
  EXPECT_EQ(position(4), 3U);
  EXPECT_EQ(position(5), 5U);
  EXPECT_EQ(position(99), 5U);
}

TEST_F(Reads, PositionAndTimeExcludeEachOther) {
  EXPECT_THROW(recall({.position = Position{1}, .as_of = tx("2026")}), InvalidInput);
}

TEST_F(Reads, TheSameQuestionHasTheSameAnswerForEver) {
  const At at{.position = Position{3}, .asked_at = tx("2026-06-20")};
  const auto belief = recall(at);
  const auto history = engine().history({.agent = agent(), .line = script.line(), .at = at});
  const auto timeline = engine().timeline({.agent = agent(), .line = script.line(), .at = at});
  const auto munich = engine().claim({.agent = agent(), .claim = script.claim("Munich"), .at = at});

  script.play("2027\nsay Rome => Contested rivals vs Berlin\nend Berlin 2026-12 => Invalidated ended");

  EXPECT_EQ(recall(at), belief);
  EXPECT_EQ(engine().history({.agent = agent(), .line = script.line(), .at = at}).claims, history.claims);
  EXPECT_EQ(engine().timeline({.agent = agent(), .line = script.line(), .at = at}).segments, timeline.segments);
  EXPECT_EQ(engine().claim({.agent = agent(), .claim = script.claim("Munich"), .at = at}), munich);
  EXPECT_EQ(munich->position, at.position);
  EXPECT_EQ(munich->asked_at, at.asked_at);
}

TEST_F(Reads, AskedAtDecidesOnAgeAndExpiryNotOnContent) {
  EXPECT_EQ(recall({.asked_at = tx("2026-02-01")}, valid("2025")).currency, Currency::fresh);
  EXPECT_EQ(recall({.asked_at = tx("2026-03-01")}, valid("2025")).currency, Currency::aging_unconfirmed);
  EXPECT_EQ(recall({.asked_at = tx("2026-03-01")}, valid("2025")).position, Position{5});
}

TEST_F(Reads, ExpiryIsReadAtTheTimeOfAsking) {
  test::Script waiting({.queue_for_adjudication = true});
  waiting.play(R"(
      2026-01-15
      say Berlin                             => CommittedCheap first
      2026-01-16
      say Munich ttl 1h                      => QueuedForAdjudication rivals vs Berlin asks)");
  const auto at = [](const char* asked) { return At{.asked_at = tx(asked)}; };
  const auto munich = [&](const At& when) {
    return waiting.engine().claim({.agent = waiting.agent(), .claim = waiting.claim("Munich"), .at = when});
  };
  const auto open = [&](const At& when) {
    return waiting.engine().pending({.agent = waiting.agent(), .at = when}).items.size();
  };

  EXPECT_EQ(munich(at("2026-01-16T00:59:59.999999Z"))->slot.disposition, Disposition::queued_for_adjudication);
  EXPECT_TRUE(munich(at("2026-01-16T00:59:59.999999Z"))->open_adjudication);
  EXPECT_EQ(open(at("2026-01-16T00:59:59.999999Z")), 1U);
  EXPECT_EQ(munich(at("2026-01-16T01:00:00Z"))->slot.disposition, Disposition::contested);
  EXPECT_FALSE(munich(at("2026-01-16T01:00:00Z"))->open_adjudication);
  EXPECT_EQ(open(at("2026-01-16T01:00:00Z")), 0U);
  EXPECT_EQ(open({.as_of = tx("2026-01-15T12:00:00Z")}), 0U) << "not asked yet";
}

TEST_F(Reads, HistoryShowsBothAxes) {
  const auto history = engine().history({.agent = agent(), .line = script.line()});
  ASSERT_EQ(history.claims.size(), 2U);
  const auto& berlin = history.claims[0];
  EXPECT_EQ(berlin.seq, Position{1});
  EXPECT_EQ(berlin.slot.claim, script.claim("Berlin"));
  EXPECT_EQ(berlin.slot.recorded_at, tx("2026-01-15"));
  EXPECT_TRUE(berlin.cuts.empty()) << "a successor cuts nothing: it hides";
  EXPECT_TRUE(history.claims[1].statements.empty());
  EXPECT_EQ(history.claims[1].slot.disposition, Disposition::invalidated);
  EXPECT_EQ(history.at, (AnsweredAt{Position{5}, tx("2026-07-01")}));
  const auto timeline = engine().timeline({.agent = agent(), .line = script.line()});
  EXPECT_EQ(timeline.at, history.at);
  ASSERT_EQ(timeline.segments.size(), 2U);
  EXPECT_EQ(timeline.segments[0].span, (Span{ValidTime::beginning(), valid("2020")}));
  EXPECT_EQ(timeline.segments[1].span, (Span{valid("2020"), ValidTime::forever()}));
}

TEST_F(Reads, HistoryShowsWhoHidesWhomAndWhatIsCut) {
  script.play("end Berlin 2028-02 => Invalidated ended");
  const auto before = engine().history({.agent = agent(), .line = script.line(), .at = {.position = Position{3}}});
  EXPECT_EQ(before.claims[0].followed_by, std::vector{script.claim("Munich")});
  EXPECT_EQ(before.claims[1].follows, std::vector{script.claim("Berlin")});
  EXPECT_EQ(before.claims[0].base, (std::vector{Span{valid("2020"), ValidTime::forever()}}));
  EXPECT_EQ(before.claims[0].validity, (std::vector{Span{valid("2020"), valid("2026-05")}}));

  const auto berlin = engine().history({.agent = agent(), .line = script.line()}).claims[0];
  ASSERT_EQ(berlin.cuts.size(), 1U);
  EXPECT_EQ(berlin.cuts[0].reason, CutReason::end);
  EXPECT_EQ(berlin.cuts[0].cause, std::nullopt);
  EXPECT_EQ(berlin.cuts[0].recorded_at, tx("2026-07-01T00:00:00.000001Z"));
  EXPECT_EQ(berlin.cuts[0].span, (Span{valid("2028-02"), ValidTime::forever()}));
  EXPECT_EQ(berlin.cuts[0].span.from_as, Granularity::month);
  EXPECT_EQ(berlin.validity, berlin.base);
}

TEST_F(Reads, AClaimUnknownAtThePositionIsAbsent) {
  EXPECT_FALSE(engine().claim({.agent = agent(), .claim = ClaimId{}}));
  EXPECT_FALSE(engine().claim({.agent = agent(), .claim = script.claim("Munich"), .at = {.position = Position{1}}}));
  EXPECT_TRUE(engine().claim({.agent = agent(), .claim = script.claim("Munich"), .at = {.position = Position{3}}}));
  EXPECT_FALSE(engine().claim({.agent = AgentId{"another"}, .claim = script.claim("Munich")}));
}

TEST_F(Reads, TheEasyTierAsksTheSame) {
  test::Script easy({.agent = AgentId{"tester"}});
  easy.act("2026-01-15");
  const auto receipt = easy.engine().remember("alice", "lives_in", "Berlin", {.since = "2020", .confidence = 0.9});
  EXPECT_EQ(receipt.rationale, Rationale::first);
  EXPECT_EQ(value(easy.engine().recall("alice", "lives_in")), "Berlin");
  EXPECT_EQ(value(easy.engine().recall("alice", "lives_in", {.valid_at = "2019"})), "NoBelief");
  EXPECT_EQ(value(easy.engine().recall("alice", "lives_in", {.as_of = "2026-01-14"})), "NoBelief");
  const auto slot = easy.engine().recall("alice", "lives_in").primary.value();
  EXPECT_EQ(slot.value_confidence, Confidence{9'000});
  EXPECT_EQ(slot.valid_time_confidence, Confidence{9'000});
  EXPECT_EQ(to_text(*slot.window.from), "2020");
}

TEST_F(Reads, WhereALedgerEndsAtAnyMoment) {
  const auto end = [&](const Moment& moment) { return engine().head({.agent = agent(), .moment = moment}); };
  EXPECT_EQ(end(AtHead{}).position, Position{5});
  EXPECT_EQ(engine().head({.agent = agent()}), end(AtHead{}));
  EXPECT_EQ(end(Position{2}), end(Position{1})) << "inside a batch";
  EXPECT_EQ(end(Position{3}).position, Position{3});
  EXPECT_EQ(end(Position{99}), end(AtHead{})) << "beyond the head";
  EXPECT_EQ(end(tx("2026-06-15")), end(Position{3}));
  EXPECT_EQ(end(tx("2026-01-14")).position, Position{});
  EXPECT_EQ(end(tx("2026-01-14")).hash, genesis_hash(agent()));
  for (const auto& entry : engine().audit({.agent = agent()}).items) {
    const auto head = end(entry.record.seq);
    if (head.position != entry.record.seq) continue;  // not the end of a batch
    EXPECT_EQ(head.hash, entry.hash);
    EXPECT_EQ(head.recorded_at, entry.record.recorded_at);
  }
  EXPECT_EQ(engine().head({.agent = AgentId{"another"}}).position, Position{});
  script.engine().ingest({.agent = AgentId{"another"}, .statements = {{"s", "p", Value("v")}}});
  const auto ledgers = engine().agents({}).items;
  ASSERT_EQ(ledgers.size(), 2U);
  EXPECT_EQ(ledgers[0].agent, AgentId{"another"});
  EXPECT_EQ(ledgers[0].position, Position{1});
  EXPECT_EQ(ledgers[1].position, Position{5});
}

// --- Times at the edge of the calendar

// What somebody said again is as much a reason as what was said first, and nothing of it is lost.
TEST(Restatements, ArePartOfTheClaimWithAllTheyState) {
  test::Script script;
  script.act("2026-01-01");
  const auto say = [&](Statement statement) {
    return *script.engine().ingest({.agent = script.agent(), .statements = {std::move(statement)}}).receipts[0].claim;
  };
  const Value nuts("nuts");
  const auto premise = say({.subject = "test", .predicate = "result", .value = Value("positive")});
  const auto claim = say({.subject = "ada", .predicate = "allergy", .value = nuts});
  EXPECT_EQ(say({.subject = "ada",
                 .predicate = "allergy",
                 .value = nuts,
                 .cardinality = Cardinality::set_valued,
                 .derived_from = {premise},
                 .metadata = Value::parse(R"({"page":7})", "metadata")}),
            claim);

  const auto history = script.engine().claim({.agent = script.agent(), .claim = claim});
  ASSERT_EQ(history->statements.size(), 2U);
  EXPECT_EQ(history->statements[0].derived_from, std::vector<ClaimId>{});
  EXPECT_EQ(history->statements[0].metadata, std::nullopt);
  EXPECT_EQ(history->statements[1].derived_from, std::vector{premise});
  EXPECT_EQ(history->statements[1].metadata->text(), R"({"page":7})");
  EXPECT_EQ(history->statements[1].cardinality, Cardinality::set_valued);

  const auto below =
      script.engine().lineage({.agent = script.agent(), .claim = premise, .direction = Direction::descendants});
  ASSERT_EQ(below.items.size(), 1U);
  EXPECT_EQ(below.items[0].claim, claim);
  const auto fallen = script.engine().retract({.agent = script.agent(), .claim = premise});
  EXPECT_EQ(fallen.marked_for_review, std::vector{claim});
}

TEST(EdgesOfTime, WhatLiesOutsideIsRefusedByName) {
  test::Script script;
  script.play("say Berlin => CommittedCheap first");
  auto& engine = script.engine();
  const auto& agent = script.agent();
  const auto line = script.line();
  const auto field = [](const std::function<void()>& read) {
    try {
      read();
      return std::string("none");
    } catch (const InvalidInput& refused) {
      return refused.field();
    }
  };
  for (const auto instant : {Instant::min(), earliest_instant - std::chrono::microseconds{1},
                             latest_instant + std::chrono::microseconds{1}, Instant::max()}) {
    const TxTime time{instant};
    EXPECT_EQ(field([&] { engine.recall({.agent = agent, .line = line, .at = {.asked_at = time}}); }), "asked_at");
    EXPECT_EQ(field([&] { engine.recall({.agent = agent, .line = line, .at = {.asked_at = time}, .serve_to = "c"}); }),
              "asked_at");
    EXPECT_EQ(field([&] { engine.history({.agent = agent, .line = line, .at = {.as_of = time}}); }), "as_of");
    EXPECT_EQ(field([&] { engine.head({.agent = agent, .moment = time}); }), "moment");
    EXPECT_EQ(field([&] { engine.audit({.agent = agent, .filter = {.recorded_from = time}}); }), "recorded_from");
    EXPECT_EQ(field([&] { engine.audit({.agent = agent, .filter = {.recorded_until = time}}); }), "recorded_until");
  }
}

TEST(EdgesOfTime, TheFirstAndTheLastInstantAreInside) {
  test::Script script;
  script.play("say Berlin => CommittedCheap first");
  auto& engine = script.engine();
  const auto& agent = script.agent();
  const TxTime first{earliest_instant}, last{latest_instant};

  const auto all = engine.audit({.agent = agent, .filter = {.recorded_from = first, .recorded_until = last}});
  EXPECT_EQ(all.items.size(), 1U);
  EXPECT_TRUE(engine.audit({.agent = agent, .filter = {.recorded_until = first}}).items.empty());
  EXPECT_TRUE(engine.audit({.agent = agent, .filter = {.recorded_from = last}}).items.empty());
  EXPECT_EQ(engine.recall({.agent = agent, .line = script.line(), .at = {.as_of = first}}).status,
            BeliefStatus::no_belief);
  const auto late = engine.recall({.agent = agent, .line = script.line(), .at = {.asked_at = last}});
  EXPECT_EQ(late.currency, Currency::decayed);
  const auto early = engine.recall({.agent = agent, .line = script.line(), .at = {.asked_at = first}});
  EXPECT_EQ(early.asked_at, first);
}

// --- Pages

template <class Item, class Read, class Between>
std::vector<Item> all_pages(std::size_t limit, Read read, Between between) {
  std::vector<Item> items;
  PageRequest page{.limit = limit};
  std::optional<AnsweredAt> first;
  for (;;) {
    Page<Item> answer = read(page);
    if (!first) first = answer.at;
    EXPECT_EQ(answer.at, *first);
    EXPECT_LE(answer.items.size(), limit);
    items.insert(items.end(), answer.items.begin(), answer.items.end());
    if (!answer.next) return items;
    page.cursor = *answer.next;
    between();
  }
}

class Pages : public testing::Test {
 protected:
  Pages() {
    for (int i = 0; i < 7; ++i) {
      const auto n = std::to_string(i);
      script.play("line p" + n + "\nsay a" + n + " => CommittedCheap first\nsay b" + n +
                  " => QueuedForAdjudication rivals vs a" + n + " asks\nserve chat => Contested\nsay m" + n +
                  " on q by model from a0" + " => CommittedInferred inferred");
    }
  }
  // Something new at both ends of every list.
  void write() {
    const auto n = std::to_string(written_++);
    script.act("line aa" + n);
    script.act("say x" + n);
    script.act("say y" + n);
    script.act("serve chat");
    script.act("line zz" + n);
    script.act("say m by model from a0");
    script.act("say z" + n);
    script.act("say w" + n);
  }
  template <class Item, class Key, class Read>
  void reads_all(Read read, Key key, std::size_t expected) {
    const PageRequest everything{.limit = 10'000};
    EXPECT_EQ(read(everything).items.size(), expected);
    for (const std::size_t limit : {1U, 2U, 3U, 100U}) {
      SCOPED_TRACE(limit);
      const auto before = read(everything).items;
      const auto stop_writing = written_ + 5;
      const auto paged = all_pages<Item>(limit, read, [&] {
        if (written_ < stop_writing) write();
      });
      ASSERT_EQ(paged.size(), before.size());
      for (std::size_t i = 0; i < paged.size(); ++i) EXPECT_EQ(key(paged[i]), key(before[i])) << i;
    }
  }

  const AgentId& agent() const { return script.agent(); }
  Engine& engine() { return script.engine(); }
  test::Script script{{.queue_for_adjudication = true}};

 private:
  int written_ = 0;
};

TEST_F(Pages, OfContestedLines) {
  reads_all<ContestedLine>(
      [&](const PageRequest& page) { return engine().contested({.agent = agent(), .page = page}); },
      [](const auto& item) { return item.line; }, 8);
}
TEST_F(Pages, OfQuestions) {
  reads_all<AdjudicationItem>(
      [&](const PageRequest& page) { return engine().pending({.agent = agent(), .page = page}); },
      [](const auto& item) { return item.handle; }, 7);
}
TEST_F(Pages, OfASubject) {
  reads_all<LineBelief>(
      [&](const PageRequest& page) { return engine().subject({.agent = agent(), .subject = "alice", .page = page}); },
      [](const auto& item) { return item.line; }, 8);
}
TEST_F(Pages, OfDescendants) {
  reads_all<LineageNode>(
      [&](const PageRequest& page) {
        return engine().lineage(
            {.agent = agent(), .claim = script.claim("a0"), .direction = Direction::descendants, .page = page});
      },
      [](const auto& item) { return item.claim; }, 7);
}
TEST_F(Pages, OfServings) {
  reads_all<Serving>(
      [&](const PageRequest& page) {
        return engine().served({.agent = agent(), .claim_or_context = std::string("chat"), .page = page});
      },
      [](const auto& item) { return item.seq; }, 7);
}
TEST_F(Pages, OfEntriesEitherWay) {
  for (const auto order : {Order::ascending, Order::descending}) {
    const auto head = engine().head({.agent = agent()}).position;
    reads_all<AuditEntry>(
        [&](const PageRequest& page) { return engine().audit({.agent = agent(), .order = order, .page = page}); },
        [](const auto& item) { return item.record.seq; }, head.value);
  }
}
TEST_F(Pages, OfPredicatesAndSubjects) {
  reads_all<LineKey>([&](const PageRequest& page) { return engine().predicates({.agent = agent(), .page = page}); },
                     [](const auto& line) { return line; }, 8);
  reads_all<std::string>([&](const PageRequest& page) { return engine().subjects({.agent = agent(), .page = page}); },
                         [](const auto& subject) { return subject; }, 1);
}

TEST_F(Pages, LineageNamesEachOnceNearestFirst) {
  script.play(R"(
      line deep
      say d1 on d1 by model from a0          => CommittedInferred inferred
      say d2 on d2 by model from a0          => CommittedInferred inferred
      say d3 on d3 by model from d1,d2,a0    => CommittedInferred inferred
      say d4 on d4 by model from d3,d1       => CommittedInferred inferred)");
  const auto up = engine().lineage({.agent = agent(), .claim = script.claim("d4")}).items;
  std::string order;
  for (const auto& node : up) order += script.name(node.claim) + ':' + std::to_string(node.distance) + ' ';
  EXPECT_EQ(order, "d1:1 d3:1 a0:2 d2:2 ");
  EXPECT_TRUE(engine().lineage({.agent = agent(), .claim = ClaimId{}}).items.empty());
  const auto d3 = engine().claim({.agent = agent(), .claim = script.claim("d3")});
  EXPECT_EQ(d3->depth, 2U);
  EXPECT_EQ(d3->nearest_external_anchor, script.claim("a0"));
  // A first-hand statement that names parents has an anchor too, and no depth.
  script.play("say w on w from d4 => CommittedCheap first");
  const auto w = engine().claim({.agent = agent(), .claim = script.claim("w")});
  EXPECT_EQ(w->depth, 0U);
  EXPECT_EQ(w->nearest_external_anchor, script.claim("a0"));
}

TEST_F(Pages, ServingsAreFoundByClaimAndByContextNewestFirst) {
  const auto by_claim = engine().served({.agent = agent(), .claim_or_context = script.claim("b3")}).items;
  ASSERT_EQ(by_claim.size(), 1U);
  EXPECT_EQ(by_claim[0].context, "chat");
  EXPECT_EQ(by_claim[0].claims, (std::vector{script.claim("a3"), script.claim("b3")}));
  const auto by_context = engine().served({.agent = agent(), .claim_or_context = std::string("chat")}).items;
  EXPECT_GT(by_context.front().seq, by_context.back().seq);
  EXPECT_TRUE(engine().served({.agent = agent(), .claim_or_context = std::string("other")}).items.empty());
}

TEST_F(Pages, ContestedAtAnInstantOrAtAny) {
  script.play(R"(
      2026-02-01
      line old
      say u since 2010 until 2012            => CommittedCheap first
      say v since 2011 until 2013            => QueuedForAdjudication rivals vs u asks)");
  EXPECT_EQ(engine().contested({.agent = agent()}).items.size(), 9U);
  const auto then = engine().contested({.agent = agent(), .valid_at = valid("2011-06")}).items;
  ASSERT_EQ(then.size(), 9U);
  EXPECT_EQ(then[0].line.predicate, "old");
  EXPECT_EQ(then[0].segments[0].span, (Span{valid("2011"), valid("2012")}));
  EXPECT_EQ(engine().contested({.agent = agent(), .valid_at = valid("2012")}).items.size(), 8U);
}

// Whatever made a line contested: a page of contested lines looks only at those where an entry says that somebody may
// wait, unless such entries are many.
TEST(ContestedLines, AreListedWhateverMadeThemSo) {
  test::Script script;
  script.play(R"(
      2026-01-15
      say Berlin ; Munich on lives_in                            => CommittedCheap first ; Contested rivals vs Berlin
      line derived
      say a since 2020 on derived by model                       => CommittedInferred inferred
      say b since 2020 on derived by model                       => CommittedInferred inferred
      say c on promoted sure 0.1                                 => PendingLowConfidence below_floor
      say d on promoted                                          => CommittedCheap first
      say c on promoted sure 0.1                                 => Contested confirms = c vs d
      say e on calm                                              => CommittedCheap first)");
  const auto listed = [&] {
    std::string lines;
    for (const auto& item : script.engine().contested({.agent = script.agent()}).items)
      lines += item.line.predicate + " ";
    return lines;
  };
  EXPECT_EQ(listed(), "derived lives_in promoted ");
  // More than are read for a page.
  IngestRequest many{.agent = script.agent(), .statements = {}};
  for (int i = 0; i < 6'000; ++i) {
    many.statements.push_back({"alice", "many" + std::to_string(i), Value("x")});
    many.statements.back().provenance = Provenance::model_derived;
  }
  script.engine().ingest(many);
  EXPECT_EQ(listed(), "derived lives_in promoted ");
}

TEST_F(Pages, TheAuditIsFiltered) {
  const auto count = [&](const AuditFilter& filter) {
    return engine().audit({.agent = agent(), .filter = filter}).items.size();
  };
  EXPECT_EQ(count({.kinds = {"Served"}}), 7U);
  EXPECT_EQ(count({.kinds = {"Served", "AdjudicationOpened"}}), 14U);
  EXPECT_EQ(count({.disposition = Disposition::queued_for_adjudication}), 7U);
  EXPECT_EQ(count({.claim = script.claim("b2")}), 2U);
  EXPECT_EQ(count({.line = LineKey{"alice", "p2"}}), 3U);
  const auto b2 = engine().claim({.agent = agent(), .claim = script.claim("b2")})->slot.recorded_at;
  EXPECT_EQ(count({.recorded_from = b2, .recorded_until = TxTime{b2.value + std::chrono::microseconds{1}}}), 2U);
  EXPECT_EQ(count({.recorded_from = b2, .recorded_until = b2}), 0U);
  EXPECT_THROW(count({.kinds = {"Nonsense"}}), InvalidInput);
}

// Each pair of filters, whichever of them the store looks by: an entry has to fit both.
TEST_F(Pages, FiltersOfTheAuditHoldTogether) {
  const auto positions = [&](const AuditFilter& filter) {
    std::set<std::uint64_t> found;
    for (const auto& entry : engine().audit({.agent = agent(), .filter = filter, .page = {.limit = 1000}}).items) {
      found.insert(entry.record.seq.value);
    }
    return found;
  };
  const auto b2 = engine().claim({.agent = agent(), .claim = script.claim("b2")})->slot.recorded_at;
  struct Filter {
    std::string member;
    std::function<void(AuditFilter&)> set;
  };
  const std::vector<Filter> filters = {
      {"kinds", [](AuditFilter& it) { it.kinds = {"ClaimRecorded"}; }},
      {"kinds",
       [](AuditFilter& it) {
         it.kinds = {"AdjudicationOpened", "Served"};
       }},
      {"disposition", [](AuditFilter& it) { it.disposition = Disposition::queued_for_adjudication; }},
      {"disposition", [](AuditFilter& it) { it.disposition = Disposition::committed_cheap; }},
      {"claim", [&](AuditFilter& it) { it.claim = script.claim("b2"); }},
      {"line",
       [](AuditFilter& it) {
         it.line = LineKey{"alice", "p2"};
       }},
      {"line",
       [](AuditFilter& it) {
         it.line = LineKey{"alice", "p3"};
       }},
      {"from", [&](AuditFilter& it) { it.recorded_from = b2; }},
      {"until", [&](AuditFilter& it) { it.recorded_until = b2; }},
  };
  std::size_t together = 0;
  for (const auto& one : filters) {
    for (const auto& other : filters) {
      if (one.member == other.member) continue;
      AuditFilter first, second, both;
      one.set(first);
      other.set(second);
      one.set(both);
      other.set(both);
      const auto of_first = positions(first);
      auto wanted = positions(second);
      std::erase_if(wanted, [&](auto seq) { return !of_first.contains(seq); });
      EXPECT_EQ(positions(both), wanted) << one.member << " and " << other.member;
      together += wanted.empty() ? 0U : 1U;
    }
  }
  EXPECT_GT(together, 20U);
}

}  // namespace
}  // namespace claimledger
