#include "claimledger/conformance/store_contract.hpp"

// Rules of reads by key, and of their order.
namespace claimledger::conformance {

namespace {

std::vector<Position> positions(const std::vector<StoredEntry>& entries) {
  std::vector<Position> found;
  for (const auto& entry : entries) found.push_back(entry.seq);
  return found;
}

using Positions = std::vector<Position>;

}  // namespace

TEST_P(StoreContract, K01_AnUnknownLineIsEmpty) {
  write({claim_recorded({"alice", "likes"}, ids().claim())});

  EXPECT_TRUE(store().line(agent(), {"alice", "like"}, anywhere, unlimited).empty());
  EXPECT_TRUE(store().line(agent(), {"alic", "elikes"}, anywhere, unlimited).empty());
  EXPECT_TRUE(store().line(agent(), {"likes", "alice"}, anywhere, unlimited).empty());
  EXPECT_TRUE(store().line(agent(), {"", ""}, anywhere, unlimited).empty());
}

TEST_P(StoreContract, K02_ClaimsComeBackInTheOrderAskedAndAbsentWhereUnknown) {
  const auto first = ids().claim();
  const auto second = ids().claim();
  const auto commit = write({claim_recorded(line("a"), first), claim_recorded(line("b"), second)});

  const auto places = store().claims(agent(), std::vector{second, ids().claim(), first, second}, anywhere, unlimited);

  ASSERT_EQ(places.size(), 4U);
  EXPECT_EQ(places[0], (ClaimPlace{line("b"), as_read(commit.entries[1])}));
  EXPECT_FALSE(places[1]);
  EXPECT_EQ(places[2], (ClaimPlace{line("a"), as_read(commit.entries[0])}));
  EXPECT_EQ(places[3], places[0]);
  EXPECT_TRUE(store().claims(agent(), {}, anywhere, unlimited).empty());
}

TEST_P(StoreContract, K03_AClaimIsFoundWhereItBeginsNotWhereItIsMentioned) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim)});
  write({about_claim(kind_number<Corroborated>, line(), claim), claims_served({claim}, "chat")});

  const auto places = store().claims(agent(), std::vector{claim}, anywhere, unlimited);

  ASSERT_TRUE(places.at(0));
  EXPECT_EQ(places[0]->entry.seq, Position{1});

  const auto other = ids().claim();
  const auto begun = write({beginning(about_claim(kind_number<ReviewSettled>, line(), other))});
  EXPECT_EQ(store().claims(agent(), std::vector{other}, anywhere, unlimited).at(0),
            (ClaimPlace{line(), as_read(begun.entries[0])}))
      << "an entry of any kind may begin a claim";
}

TEST_P(StoreContract, K04_DependantsComeByTheChildThenByThePlaceOfTheParent) {
  const auto left = ids().claim();
  const auto right = ids().claim();
  const auto one = ids().claim();
  const auto both = ids().claim();
  write({claim_recorded(line(), left), claim_recorded(line(), right)});
  write({claim_recorded(line(), one, {right})});
  write({claim_recorded(line(), both, {left, right})});

  EXPECT_EQ(store().dependants(agent(), std::vector{left, right}, anywhere, unlimited),
            (std::vector<Derivation>{{right, {3}, one}, {left, {4}, both}, {right, {4}, both}}));
  EXPECT_EQ(store().dependants(agent(), std::vector{right, left}, anywhere, unlimited),
            (std::vector<Derivation>{{right, {3}, one}, {right, {4}, both}, {left, {4}, both}}));
  EXPECT_TRUE(store().dependants(agent(), std::vector{both}, anywhere, unlimited).empty());

  write({with_parents(about_claim(kind_number<Corroborated>, line(), one), {both})});
  EXPECT_EQ(store().dependants(agent(), std::vector{both}, anywhere, unlimited),
            (std::vector<Derivation>{{both, {5}, one}}))
      << "a statement of any kind may have parents";
  EXPECT_TRUE(store().dependants(agent(), {}, anywhere, unlimited).empty());
}

TEST_P(StoreContract, K05_DependantsAreDirectOnly) {
  const auto top = ids().claim();
  const auto left = ids().claim();
  const auto right = ids().claim();
  const auto bottom = ids().claim();
  write({claim_recorded(line(), top), claim_recorded(line(), left, {top}), claim_recorded(line(), right, {top}),
         claim_recorded(line(), bottom, {right, left})});

  EXPECT_EQ(store().dependants(agent(), std::vector{top}, anywhere, unlimited),
            (std::vector<Derivation>{{top, {2}, left}, {top, {3}, right}}));
  EXPECT_EQ(store().dependants(agent(), std::vector{left, right}, anywhere, unlimited),
            (std::vector<Derivation>{{left, {4}, bottom}, {right, {4}, bottom}}));
}

TEST_P(StoreContract, K06_AKeyFindsTheEntryItProduced) {
  const auto claim = ids().claim();
  const auto claim_key = ids().key();
  const auto other_key = ids().key();
  const auto commit = write({with_key(claim_recorded(line(), claim), claim_key),
                             with_key(about_claim(kind_number<Corroborated>, line(), claim), other_key)});

  EXPECT_EQ(store().by_idempotency_key(agent(), claim_key, anywhere, unlimited), as_read(commit.entries[0]));
  EXPECT_EQ(store().by_idempotency_key(agent(), other_key, anywhere, unlimited), as_read(commit.entries[1]));
  EXPECT_FALSE(store().by_idempotency_key(agent(), ids().key(), anywhere, unlimited));
}

TEST_P(StoreContract, K07_EntriesAreFoundByOneKeyAndAnyKinds) {
  const auto claim = ids().claim();
  const auto other = ids().claim();
  const auto handle = ids().handle();
  write({claim_recorded(line(), claim), claim_recorded(line("b"), other), attempt_rejected()});
  write({question_opened(line(), claim, handle), claims_served({other, claim}, "chat"),
         claims_served({other}, "chat 2")});
  write({question_closed(line(), claim, handle), about_claim(kind_number<Corroborated>, line("b"), other)});
  const auto page = [&](const EntryQuery& query) { return positions(all_entries(query)); };

  EXPECT_EQ(page({.kinds = {kind_number<ClaimRecorded>}}), (Positions{{1}, {2}}));
  EXPECT_EQ(page({.kinds = {kind_number<Rejected>, kind_number<Corroborated>, 200}}), (Positions{{3}, {8}}));
  EXPECT_EQ(page({.key = key::Disposition{disposition_number(Disposition::committed_cheap)}}), (Positions{{1}, {2}}));
  EXPECT_EQ(page({.key = key::Claim{claim}}), (Positions{{1}, {4}, {7}}));
  EXPECT_EQ(page({.key = key::Line{line("b")}}), (Positions{{2}, {8}}));
  EXPECT_EQ(page({.key = key::Handle{handle}}), (Positions{{4}, {7}}));
  EXPECT_EQ(page({.key = key::ServedClaim{claim}}), (Positions{{5}}));
  EXPECT_EQ(page({.key = key::ServedClaim{other}}), (Positions{{5}, {6}}));
  EXPECT_EQ(page({.key = key::Text{"chat"}}), (Positions{{5}}));
  EXPECT_EQ(page({.from = Position{3}, .to = Position{5}}), (Positions{{3}, {4}, {5}}));
  EXPECT_EQ(page({.from = Position{6}, .to = Position{5}}), (Positions{}));
  const std::vector<std::uint8_t> two_kinds{kind_number<ClaimRecorded>, kind_number<AdjudicationOpened>};
  EXPECT_EQ(page({.kinds = two_kinds}), (Positions{{1}, {2}, {4}}));
  EXPECT_EQ(page({.key = key::Claim{claim}, .kinds = two_kinds}), (Positions{{1}, {4}}));
  EXPECT_EQ(page({.key = key::Claim{claim}, .kinds = two_kinds, .from = Position{2}}), (Positions{{4}}));
  EXPECT_EQ(page({.key = key::Line{line()}, .kinds = {kind_number<AdjudicationClosed>}}), (Positions{{7}}));
  EXPECT_EQ(page({.key = key::Handle{handle}, .kinds = {kind_number<AdjudicationClosed>}}), (Positions{{7}}));
  EXPECT_EQ(page({.key = key::ServedClaim{other}, .kinds = {kind_number<ClaimRecorded>}}), (Positions{}));
  EXPECT_EQ(page({.key = key::Text{"chat"}, .kinds = {kind_number<Served>}}), (Positions{{5}}));
  EXPECT_EQ(page({.key = key::Line{line("nowhere")}, .kinds = two_kinds}), (Positions{}));
}

TEST_P(StoreContract, K08_ASearchTextMatchesWholeAndByteForByte) {
  const auto at = [&](std::string text) { return with_content(attempt_rejected(), "body", std::move(text)); };
  write({at("caf\u00e9"), at("cafe\u0301"), at("Caf\u00e9"), at("caf"), at("caf\u00e9 "), at("%"), at("")});
  const auto page = [&](const std::string& text) { return positions(all_entries({.key = key::Text{text}})); };

  EXPECT_EQ(page("caf\u00e9"), (Positions{{1}}));
  EXPECT_EQ(page("cafe\u0301"), (Positions{{2}}));
  EXPECT_EQ(page("caf"), (Positions{{4}}));
  EXPECT_EQ(page("caf\u00e9 "), (Positions{{5}}));
  EXPECT_EQ(page("%"), (Positions{{6}}));
  EXPECT_EQ(page("c%"), (Positions{}));
  EXPECT_EQ(page(""), (Positions{}));
}

TEST_P(StoreContract, K09_OpenQuestionsComeByPositionAndEachOnItsOwn) {
  const auto claim = ids().claim();
  std::vector<AdjudicationId> handles;
  for (int i = 0; i < 4; ++i) handles.push_back(ids().handle());
  write({claim_recorded(line(), claim)});
  for (const auto& handle : handles) write({question_opened(line(), claim, handle)});
  write({question_closed(line(), claim, handles[1])});

  EXPECT_EQ(positions(store().open_adjudications(agent(), Position{0}, 10, anywhere, unlimited)),
            (Positions{{2}, {4}, {5}}));
  EXPECT_EQ(positions(store().open_adjudications(agent(), Position{2}, 10, anywhere, unlimited)),
            (Positions{{4}, {5}}));
  EXPECT_EQ(positions(store().open_adjudications(agent(), Position{3}, 1, anywhere, unlimited)), (Positions{{4}}));
}

TEST_P(StoreContract, K10_LinesAreOrderedBytewiseBySubjectThenPredicate) {
  const std::vector<LineKey> ordered = {{"B", "z"},       {"a", "Z"},      {"a", "a"},      {"a", "a b"},
                                        {"a", "\u00e9"},  {"a b", "a"},    {"ab", "a"},     {"b", "a"},
                                        {"e\u0301", "a"}, {"\u00e9", "a"}, {"\uff5a", "a"}, {"\U0001F600", "a"}};
  for (auto key = ordered.rbegin(); key != ordered.rend(); ++key) write({claim_recorded(*key, ids().claim())});

  EXPECT_EQ(store().lines(agent(), {}, {}, 100, anywhere, unlimited), ordered);
  EXPECT_EQ(store().lines(agent(), "a", {}, 100, anywhere, unlimited),
            (std::vector<LineKey>{{"a", "Z"}, {"a", "a"}, {"a", "a b"}, {"a", "\u00e9"}}));
  EXPECT_TRUE(store().lines(agent(), "A", {}, 100, anywhere, unlimited).empty());
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const std::vector<LineKey> rest(ordered.begin() + static_cast<std::ptrdiff_t>(i) + 1, ordered.end());
    EXPECT_EQ(store().lines(agent(), {}, ordered[i], 100, anywhere, unlimited), rest);
  }
  EXPECT_EQ(store().lines(agent(), {}, LineKey{"a", "b"}, 2, anywhere, unlimited),
            (std::vector<LineKey>{{"a", "\u00e9"}, {"a b", "a"}}))
      << "a cursor need not be a line";
}

TEST_P(StoreContract, K11_SubjectsAreOrderedBytewiseAndEachOnce) {
  const std::vector<std::string> ordered = {"B", "a", "a b", "ab", "e\u0301", "\u00e9", "\uff5a", "\U0001F600"};
  for (auto subject = ordered.rbegin(); subject != ordered.rend(); ++subject) {
    write({claim_recorded({*subject, "x"}, ids().claim()), claim_recorded({*subject, "y"}, ids().claim())});
  }

  EXPECT_EQ(store().subjects(agent(), {}, 100, anywhere, unlimited), ordered);
  EXPECT_EQ(store().subjects(agent(), "a", 3, anywhere, unlimited), (std::vector<std::string>{"a b", "ab", "e\u0301"}));
  EXPECT_EQ(store().subjects(agent(), "aa", 1, anywhere, unlimited), (std::vector<std::string>{"ab"}));
}

TEST_P(StoreContract, K12_ALineIsListedOnceHoweverManyEntriesItHas) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim), about_claim(kind_number<Corroborated>, line(), claim)});
  write({claim_recorded(line(), ids().claim())});

  EXPECT_EQ(store().lines(agent(), {}, {}, 100, anywhere, unlimited), std::vector{line()});
  EXPECT_EQ(store().subjects(agent(), {}, 100, anywhere, unlimited), std::vector<std::string>{"alice"});
}

TEST_P(StoreContract, K13_AgentsAreOrderedBytewise) {
  const std::vector<std::string> ordered = {"A", "a", "a/b", "ab", "\u00e9", "\U0001F600"};
  std::vector<AgentHead> agents;
  for (const auto& name : ordered) agents.push_back({AgentId{name}, Position{1}});
  for (auto each = agents.rbegin(); each != agents.rend(); ++each) write_for(each->agent, {attempt_rejected()});

  EXPECT_EQ(store().agents({}, 100, unlimited), agents);
  EXPECT_EQ(store().agents(AgentId{"a"}, 2, unlimited), (std::vector<AgentHead>{agents[2], agents[3]}));
  EXPECT_EQ(store().agents(AgentId{"b"}, 1, unlimited), (std::vector<AgentHead>{agents[4]}));
}

TEST_P(StoreContract, K14_AgentsComeWithTheEndOfTheirLedgers) {
  const AgentId other{"other"};
  write({attempt_rejected(), attempt_rejected()});
  write_for(other, {attempt_rejected()});
  write({attempt_rejected()});

  const auto found = store().agents({}, 100, unlimited);

  EXPECT_EQ(std::set<Position>({found.at(0).position, found.at(1).position}),
            std::set<Position>({Position{1}, Position{3}}));
  for (const auto& each : found) {
    EXPECT_EQ(each.position, store().head(each.agent, unlimited).position) << each.agent.value;
  }
}

TEST_P(StoreContract, K15_AllThatIsFiledIsCounted) {
  const auto first = ids().claim();
  const auto second = ids().claim();
  write({with_key(claim_recorded(line(), first), ids().key()), with_key(claim_recorded(line(), second), ids().key())});
  write({claim_recorded(line("other"), ids().claim(), {first, second}), claims_served({first, second}, "chat")});
  write({content_erased(Position{1})});
  write_for(other_agent(), {claim_recorded(line(), ids().claim())});

  const auto counted = store().inventory(agent(), unlimited);
  if (!counted.counted) GTEST_SKIP() << "this store files nothing apart from its entries";
  const Inventory expected{.position = Position{5},
                           .counted = true,
                           .batches = 3,
                           .entries = 5,
                           .contents = 4,
                           .lines = 2,
                           .claims = 3,
                           .derivations = 2,
                           .servings = 2,
                           .keys = 1,
                           .erasures = {{Position{1}, Position{5}}},
                           .problem = ""};
  EXPECT_EQ(counted, expected);
  Inventory nothing;
  nothing.counted = true;
  EXPECT_EQ(store().inventory(AgentId{"unheard of"}, unlimited), nothing);
}

TEST_P(StoreContract, K16_EntriesAreFoundByTheirNumbers) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim), attempt_rejected(), about_claim(kind_number<Corroborated>, line(), claim)});
  write({attempt_rejected(), claim_recorded(line("b"), ids().claim())});
  write({attempt_rejected()});
  write_for(other_agent(), {attempt_rejected(), attempt_rejected()});
  const auto numbered = [&](Positions numbers, EntryQuery query = {}) {
    query.key = key::Positions{std::move(numbers)};
    return positions(all_entries(query));
  };
  const Positions mixed = {{5}, {1}, {6}, {3}, {5}, {99}, {2}, {0}, {1}, {7}};

  EXPECT_EQ(numbered(mixed), (Positions{{1}, {2}, {3}, {5}, {6}})) << "each once, by its number";
  EXPECT_EQ(numbered(mixed, {.order = Order::descending}), (Positions{{6}, {5}, {3}, {2}, {1}}));
  EXPECT_EQ(numbered({}), Positions{});
  EXPECT_EQ(numbered({{0}, {7}, {1'000'000}}), Positions{});
  EXPECT_EQ(numbered(mixed, {.from = Position{2}, .to = Position{5}}), (Positions{{2}, {3}, {5}}));
  EXPECT_EQ(numbered(mixed, {.from = Position{4}, .to = Position{4}}), Positions{});
  EXPECT_EQ(numbered(mixed, {.kinds = {kind_number<Rejected>, kind_number<Corroborated>}}), (Positions{{2}, {3}, {6}}));
  EXPECT_EQ(numbered(mixed, {.kinds = {kind_number<Tombstone>}}), Positions{});

  const auto page = [&](Position at, Order order, std::size_t limit) {
    const EntryQuery query{.key = key::Positions{mixed}, .order = order, .limit = limit};
    return positions(store().entries(agent(), query, at, unlimited));
  };
  EXPECT_EQ(page(anywhere, Order::ascending, 2), (Positions{{1}, {2}}));
  EXPECT_EQ(page(anywhere, Order::descending, 2), (Positions{{6}, {5}}));
  EXPECT_EQ(page(anywhere, Order::descending, 0), Positions{});
  EXPECT_EQ(page(Position{5}, Order::descending, 2), (Positions{{5}, {3}}));
  EXPECT_EQ(page(Position{4}, Order::ascending, 9), (Positions{{1}, {2}, {3}})) << "what came later is not there";
  EXPECT_EQ(page(Position{0}, Order::ascending, 9), Positions{});

  EXPECT_EQ(all_entries({.key = key::Positions{{{3}, {1}}}}), (std::vector{all_entries().at(0), all_entries().at(2)}));
  Positions all;
  for (std::uint64_t seq = 3'000; seq > 0; --seq) all.push_back({seq});
  EXPECT_EQ(numbered(all), (Positions{{1}, {2}, {3}, {4}, {5}, {6}}));
  EXPECT_EQ(positions(store().entries(AgentId{"nobody"}, {.key = key::Positions{all}}, anywhere, unlimited)),
            Positions{});
}

}  // namespace claimledger::conformance
