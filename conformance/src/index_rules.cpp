#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/ports/search_index.hpp"

// Where words stand, in a store that claims to file them ("search_index"). Terms mean nothing here: a store files those
// that it is given, and in their order by bytes.
namespace claimledger::conformance {

namespace {

using Texts = std::vector<std::string>;
using Kind = TermQuery::Kind;

const Call unlimited;
const Position start{0};
const Position end{1'000'000'000'000};
const std::string recipe = "words 1";
const std::string other_recipe = "words 2";
const std::vector<TermQuery> everything = {{Kind::beginning, ""}};

// Postings as "query term seq xcount", and the index that they were said to come from.
struct Looked {
  TextIndex index;
  Texts postings;
};

Looked look(Store& store, const AgentId& agent, const std::vector<TermQuery>& queries = everything,
            Position from = start, Position to = end, const std::string& by = recipe) {
  Looked looked;
  const auto note = [&](const Posting& posting) {
    looked.postings.push_back(std::to_string(posting.query) + ' ' + std::string(posting.term) + ' ' +
                              std::to_string(posting.seq.value) + " x" + std::to_string(posting.count));
  };
  looked.index = store.search_index()->postings(agent, by, queries, from, to, note, unlimited);
  return looked;
}

// Every term of the ledger, as "term seq xcount".
Texts filed(Store& store, const AgentId& agent, const std::string& by = recipe) {
  auto postings = look(store, agent, everything, start, end, by).postings;
  for (auto& each : postings) each = each.substr(2);
  return postings;
}

TextIndex reach(Store& store, const AgentId& agent) { return store.search_index()->text_index(agent, unlimited); }

bool extend(Store& store, const AgentId& agent, const TextIndex& before, const TextIndex& after,
            const std::vector<std::pair<std::uint64_t, std::string>>& contents) {
  std::vector<ContentTerms> terms;
  for (const auto& [seq, text] : contents) terms.push_back({{seq}, with_terms({}, text).content.terms});
  return store.search_index()->extend(agent, before, after, terms, unlimited);
}

StoredEntry words(std::string_view terms) { return with_terms(with_content(attempt_rejected(), "body"), terms); }

Commit made_by(Commit commit, const std::string& by = recipe) {
  commit.recipe = by;
  return commit;
}

std::vector<TermQuery> terms_of(const Texts& texts, Kind kind = Kind::term) {
  std::vector<TermQuery> queries;
  for (const auto& text : texts) queries.push_back({kind, text});
  return queries;
}

}  // namespace

TEST_P(StoreContract, U01_ASearchIndexIsThereWhereItIsClaimedAndNowhereElse) {
  EXPECT_EQ(store().search_index() != nullptr, files_no_words().empty()) << files_no_words();
}

TEST_P(StoreContract, U02_WhereNothingIsFiledNothingIsFound) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto expect_nothing = [&] {
    EXPECT_EQ(reach(store(), agent()), TextIndex{});
    EXPECT_EQ(look(store(), agent()).index, TextIndex{});
    EXPECT_EQ(filed(store(), agent()), Texts{});
    EXPECT_EQ(filed(store(), agent(), ""), Texts{});
  };
  expect_nothing();

  ASSERT_EQ(append(made_by(draft({words("ash")}), "")), Outcome{});
  expect_nothing();
  ASSERT_EQ(append(made_by(draft({words("birch")}))), Outcome{});
  expect_nothing();
}

TEST_P(StoreContract, U03_TermsOfTheFirstBatchAreFiledByItsRecipe) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto commit =
      made_by(draft({words("birch ash birch"), attempt_rejected(), words(""), words("ash cedar"), attempt_rejected()}));
  ASSERT_EQ(append(commit), Outcome{});

  const TextIndex whole{recipe, {5}};
  EXPECT_EQ(reach(store(), agent()), whole);
  EXPECT_EQ(look(store(), agent()).index, whole);
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 4 x1", "birch 1 x2", "cedar 4 x1"}));
  EXPECT_EQ(all_batches(), std::vector{batch_of(commit)}) << "no read of the ledger gives terms back";
}

TEST_P(StoreContract, U04_TermsAreFiledWhileTheIndexReachesTheHeadByTheSameRecipe) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft({attempt_rejected(), attempt_rejected()}))), Outcome{});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {3}})) << "also by a batch without words";
  ASSERT_EQ(append(made_by(draft({words("birch"), words("ash")}))), Outcome{});

  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {5}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 5 x1", "birch 4 x1"}));
}

TEST_P(StoreContract, U05_ABatchByAnotherRecipeOrNoneLeavesTheIndexAndSoDoAllAfterIt) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  for (const auto& by : {other_recipe, std::string()}) {
    const AgentId who{agent().value + by};
    ASSERT_EQ(append(made_by(draft_for(who, {words("ash"), attempt_rejected()}))), Outcome{});
    const auto expect_as_before = [&] {
      EXPECT_EQ(reach(store(), who), (TextIndex{recipe, {2}}));
      EXPECT_EQ(filed(store(), who), Texts{"ash 1 x1"});
      EXPECT_EQ(filed(store(), who, by), Texts{});
    };

    ASSERT_EQ(append(made_by(draft_for(who, {words("ash birch")}), by)), Outcome{});
    expect_as_before();
    ASSERT_EQ(append(made_by(draft_for(who, {words("ash cedar")}))), Outcome{});
    expect_as_before();
    ASSERT_EQ(append(made_by(draft_for(who, {attempt_rejected()}))), Outcome{});
    expect_as_before();
  }
}

TEST_P(StoreContract, U06_ACommitThatDoesNotLandFilesNothing) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  const auto first = made_by(draft({with_terms(claim_recorded(line(), claim), "ash")}));
  ASSERT_EQ(append(first), Outcome{});
  const auto expect_as_before = [&] {
    EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {1}}));
    EXPECT_EQ(filed(store(), agent()), Texts{"ash 1 x1"});
  };

  auto again = first;
  again.entries[0] = with_terms(again.entries[0], "birch");
  EXPECT_EQ(append(again).outcome, AppendOutcome::already_there);
  expect_as_before();

  auto stale = made_by(draft({words("birch")}));
  stale.after = first.after;
  stale.entries[0].seq = Position{1};
  EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);
  expect_as_before();

  const auto refused = made_by(draft({words("birch"), with_terms(claim_recorded(line(), claim), "cedar")}));
  EXPECT_EQ(append(refused).outcome, AppendOutcome::refused);
  expect_as_before();

  ASSERT_EQ(append(made_by(draft({words("cedar")}))), Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "cedar 2 x1"})) << "and the index goes on";
}

TEST_P(StoreContract, U07_TheIndexFollowsEachCommitOfOneAppend) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  std::vector<Commit> commits = {made_by(draft({with_terms(claim_recorded(line(), claim), "ash")})),
                                 made_by(draft_for(other_agent(), {words("ash")}), other_recipe)};
  const auto add = [&](const AgentId& who, const Head& after, std::vector<StoredEntry> entries, const std::string& by) {
    const TxTime later{after.recorded_at.value + std::chrono::seconds{1}};
    commits.push_back(made_by(commit_after(after, who, ids().batch(), later, std::move(entries)), by));
    return head_of(commits.back());
  };
  const auto first = head_of(commits[0]);
  add(agent(), first, {words("lost"), claim_recorded(line(), claim)}, recipe);  // refused
  const auto second = add(agent(), first, {words("birch"), words("ash")}, recipe);
  const auto theirs = add(other_agent(), head_of(commits[1]), {words("birch")}, other_recipe);
  add(agent(), first, {words("stale")}, recipe);  // a conflict
  const auto third = add(agent(), second, {words("cedar")}, "");
  add(agent(), third, {words("dogwood")}, recipe);
  add(other_agent(), theirs, {content_erased(Position{1})}, recipe);

  const auto outcomes = store().append(commits, unlimited);

  Texts told;
  for (const auto& each : outcomes) told.emplace_back(std::to_string(static_cast<int>(each.outcome)));
  const auto done = std::to_string(static_cast<int>(AppendOutcome::done));
  const auto refused = std::to_string(static_cast<int>(AppendOutcome::refused));
  const auto conflict = std::to_string(static_cast<int>(AppendOutcome::conflict));
  EXPECT_EQ(told, (Texts{done, done, refused, done, done, conflict, done, done, done}));
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {3}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 3 x1", "birch 2 x1"}));
  EXPECT_EQ(reach(store(), other_agent()), (TextIndex{other_recipe, {2}}));
  EXPECT_EQ(filed(store(), other_agent(), other_recipe), Texts{"birch 2 x1"});
}

TEST_P(StoreContract, U08_ATurnFilesTermsAsAnAppendDoes) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  for (const std::string terms : {"ash", "birch ash"}) {
    const auto commit = made_by(draft({words(terms)}));
    const auto turn = store().begin_write({{agent(), {}}}, unlimited);
    EXPECT_EQ(turn->append(std::span(&commit, 1)).at(0).outcome, Outcome{});
  }

  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {2}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 2 x1", "birch 2 x1"}));

  const auto moved = made_by(draft({content_erased(Position{1})}), other_recipe);
  const auto turn = store().begin_write({{agent(), {}}}, unlimited);
  EXPECT_EQ(turn->append(std::span(&moved, 1)).at(0).outcome, Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 2 x1", "birch 2 x1"}));
}

TEST_P(StoreContract, U09_PostingsComeByQueryThenByTermThenByEntry) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  // In the order of their bytes, which is that of no language.
  const Texts ordered = {"!",         "'",  "50%_",   "A",      "Z",      "a",      "a-b",          "a.b",
                         "a_b",       "aa", "ab",     "b",      "ba",     "cafe",   "cafe\u0301",   "caf\u00e9",
                         "v1.2.3",    "z",  "\u00e4", "\u03b1", "\u05e9", "\u6771", "\u6771\u4eac", "\uff21",
                         "\U0001f44d"};
  std::string backwards;
  for (auto each = ordered.rbegin(); each != ordered.rend(); ++each) backwards += *each + ' ';
  ASSERT_EQ(append(made_by(draft({words(backwards), words("a a b"), words("ab a")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft({words(backwards)}))), Outcome{});

  Texts expected;
  for (const auto& term : ordered) {
    const auto note = [&](int seq, int count) {
      expected.push_back(term + ' ' + std::to_string(seq) + " x" + std::to_string(count));
    };
    note(1, 1);
    if (term == "a" || term == "b") note(2, term == "a" ? 2 : 1);
    if (term == "a" || term == "ab") note(3, 1);
    note(4, 1);
  }
  EXPECT_EQ(filed(store(), agent()), expected);

  std::vector<TermQuery> queries = terms_of({"b", "nowhere", "ab", "b"});
  queries.push_back({Kind::beginning, "b"});
  queries.push_back({Kind::term, "a"});
  EXPECT_EQ(look(store(), agent(), queries).postings,
            (Texts{"0 b 1 x1", "0 b 2 x1", "0 b 4 x1", "2 ab 1 x1", "2 ab 3 x1", "2 ab 4 x1", "3 b 1 x1", "3 b 2 x1",
                   "3 b 4 x1", "4 b 1 x1", "4 b 2 x1", "4 b 4 x1", "4 ba 1 x1", "4 ba 4 x1", "5 a 1 x1", "5 a 2 x2",
                   "5 a 3 x1", "5 a 4 x1"}));
  EXPECT_EQ(look(store(), agent(), {}).postings, Texts{});
  EXPECT_EQ(look(store(), agent(), {}).index, (TextIndex{recipe, {4}})) << "whatever is asked";
}

TEST_P(StoreContract, U10_ATermIsFoundWholeAndABeginningInAllThatBeginSo) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const std::string longest(64, 'x');
  std::string widest;
  for (int i = 0; i < 16; ++i) widest += "\U0001f44d";  // 64 bytes too
  const Texts all = {"a",          "ab",     "abc",          "b%",         "b_c",
                     "b*",         "b\\",    "B%",           "cafe\u0301", "caf\u00e9",
                     "caf\u00e9s", "\u6771", "\u6771\u4eac", longest,      longest.substr(1),
                     widest,       "\ufffd", "\U0001f44d"};
  std::string text;
  for (const auto& each : all) text += each + ' ';
  ASSERT_EQ(append(made_by(draft({words(text)}))), Outcome{});

  for (const auto& beginning : {std::string(),
                                std::string("a"),
                                std::string("ab"),
                                std::string("abcd"),
                                std::string("b"),
                                std::string("b%"),
                                std::string("b_"),
                                std::string("b*"),
                                std::string("b\\"),
                                std::string("caf"),
                                std::string("cafe"),
                                std::string("caf\u00e9"),
                                std::string("\u6771"),
                                longest,
                                longest + "x",
                                longest.substr(2),
                                widest,
                                std::string("\U0001f44d"),
                                std::string("\ufffd"),
                                std::string("nowhere")}) {
    Texts expected;
    for (const auto& term : all)
      if (term.starts_with(beginning)) expected.push_back("0 " + term + " 1 x1");
    std::ranges::sort(expected);
    EXPECT_EQ(look(store(), agent(), {{Kind::beginning, beginning}}).postings, expected) << beginning;
    const bool there = std::ranges::find(all, beginning) != all.end();
    EXPECT_EQ(look(store(), agent(), {{Kind::term, beginning}}).postings,
              there ? Texts{"0 " + beginning + " 1 x1"} : Texts{})
        << beginning;
  }
}

TEST_P(StoreContract, U11_PostingsBeginAndEndWithTheWindow) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  for (int batch = 0; batch < 3; ++batch) ASSERT_EQ(append(made_by(draft({words("ab"), words("ab ac")}))), Outcome{});
  const std::vector<TermQuery> queries = {{Kind::term, "ab"}, {Kind::beginning, "a"}};
  for (std::uint64_t from = 0; from <= 8; ++from) {
    for (std::uint64_t to = 0; to <= 8; ++to) {
      Texts expected;
      const auto note = [&](const std::string& term, std::uint64_t step) {
        for (std::uint64_t seq = step; seq <= 6; seq += step)
          if (seq >= from && seq <= to) expected.push_back(term + ' ' + std::to_string(seq) + " x1");
      };
      note("0 ab", 1);
      note("1 ab", 1);
      note("1 ac", 2);
      const auto looked = look(store(), agent(), queries, Position{from}, Position{to});
      EXPECT_EQ(looked.postings, expected) << from << " to " << to;
      EXPECT_EQ(looked.index, (TextIndex{recipe, {6}})) << "however little is looked at";
    }
  }
}

TEST_P(StoreContract, U12_ALookByAnotherRecipeFindsNothingAndSaysWhichThereIs) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash")}))), Outcome{});

  for (const auto& by : {other_recipe, std::string(), recipe + " ", std::string("Words 1")}) {
    const auto looked = look(store(), agent(), everything, start, end, by);
    EXPECT_EQ(looked.index, (TextIndex{recipe, {1}})) << by;
    EXPECT_EQ(looked.postings, Texts{}) << by;
  }
}

TEST_P(StoreContract, U13_TheWordsOfSeveralAgentsStandApart) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash"), words("birch")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft_for(other_agent(), {words("ash birch birch")}), other_recipe)), Outcome{});
  const AgentId third{agent().value + "x"};
  ASSERT_EQ(append(made_by(draft_for(third, {words("cedar")}))), Outcome{});
  const auto expect_apart = [&] {
    EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "birch 2 x1"}));
    EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {2}}));
  };
  expect_apart();
  EXPECT_EQ(filed(store(), other_agent(), other_recipe), (Texts{"ash 1 x1", "birch 1 x2"}));
  EXPECT_EQ(reach(store(), AgentId{agent().value + "y"}), TextIndex{});

  ASSERT_EQ(append(made_by(draft_for(other_agent(), {content_erased(Position{1})}), other_recipe)), Outcome{});
  ASSERT_TRUE(extend(store(), third, {recipe, {1}}, {other_recipe, {1}}, {{1, "dogwood"}}));
  expect_apart();
  EXPECT_EQ(filed(store(), other_agent(), other_recipe), Texts{});
  EXPECT_EQ(filed(store(), third, other_recipe), Texts{"dogwood 1 x1"});
}

TEST_P(StoreContract, U14_ATombstoneTakesTheTermsOfWhatItErasesInTheSameAppend) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  for (const auto& by : {recipe, other_recipe, std::string()}) {
    SCOPED_TRACE("erased by a batch of '" + by + "'");
    const AgentId who{agent().value + by};
    ASSERT_EQ(append(made_by(draft_for(who, {words("ash birch"), words("ash"), words("cedar"), attempt_rejected()}))),
              Outcome{});
    const bool follows = by == recipe;
    const auto expect_filed = [&](Texts expected, std::uint64_t up_to) {
      EXPECT_EQ(filed(store(), who), expected);
      EXPECT_EQ(reach(store(), who), (TextIndex{recipe, {follows ? up_to : 4}}));
    };

    ASSERT_EQ(append(made_by(draft_for(who, {content_erased(Position{1})}), by)), Outcome{});
    expect_filed({"ash 2 x1", "cedar 3 x1"}, 5);

    // Also where the index lags by now, and in a batch that brings what it erases.
    ASSERT_EQ(append(made_by(draft_for(who, {words("dogwood"), content_erased(Position{6}), content_erased(Position{3}),
                                             words("elm")}),
                             by)),
              Outcome{});
    auto left = Texts{"ash 2 x1"};
    if (follows) left.emplace_back("elm 9 x1");
    expect_filed(left, 9);

    ASSERT_EQ(append(made_by(draft_for(who, {content_erased(Position{2})}))), Outcome{});
    left.erase(left.begin());
    expect_filed(left, 10);
  }
}

TEST_P(StoreContract, U15_ATombstoneThatDoesNotLandTakesNoTerms) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  ASSERT_EQ(append(made_by(draft({with_terms(claim_recorded(line(), claim), "ash")}))), Outcome{});

  auto stale = made_by(draft({content_erased(Position{1})}));
  stale.after.hash = {};
  EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);
  expect_refused(made_by(draft({content_erased(Position{1}), claim_recorded(line(), claim)})));

  EXPECT_EQ(filed(store(), agent()), Texts{"ash 1 x1"});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {1}}));
}

TEST_P(StoreContract, U16_ExtendingGoesOnWhereTheIndexEnded) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  write({words(""), words(""), attempt_rejected(), words(""), words("")});

  EXPECT_TRUE(extend(store(), agent(), {}, {recipe, {1}}, {{1, "birch ash birch"}}));
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {1}}));
  EXPECT_TRUE(extend(store(), agent(), {recipe, {1}}, {recipe, {3}}, {{2, "ash"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 2 x1", "birch 1 x2"}));
  EXPECT_TRUE(extend(store(), agent(), {recipe, {3}}, {recipe, {4}}, {}));
  EXPECT_TRUE(extend(store(), agent(), {recipe, {4}}, {recipe, {5}}, {{5, "\u6771 caf\u00e9"}}));
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {5}}));

  ASSERT_EQ(append(made_by(draft({words("cedar")}))), Outcome{});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {6}})) << "and appends go on from there";
  EXPECT_EQ(filed(store(), agent()),
            (Texts{"ash 1 x1", "ash 2 x1", "birch 1 x2", "caf\u00e9 5 x1", "cedar 6 x1", "\u6771 5 x1"}));
}

TEST_P(StoreContract, U17_ExtendingByAnotherRecipeOrNotFurtherBeginsAnew) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash"), words("ash birch"), words("cedar")}))), Outcome{});

  EXPECT_TRUE(extend(store(), agent(), {recipe, {3}}, {recipe, {3}}, {{1, "elm"}, {3, "elm"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"elm 1 x1", "elm 3 x1"})) << "as far as before is not further";
  EXPECT_TRUE(extend(store(), agent(), {recipe, {3}}, {recipe, {2}}, {{2, "fir"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{"fir 2 x1"});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {2}}));

  EXPECT_TRUE(extend(store(), agent(), {recipe, {2}}, {other_recipe, {3}}, {{1, "gorse"}, {2, "gorse"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{});
  EXPECT_EQ(filed(store(), agent(), other_recipe), (Texts{"gorse 1 x1", "gorse 2 x1"})) << "another recipe, further";
  EXPECT_EQ(reach(store(), agent()), (TextIndex{other_recipe, {3}}));

  EXPECT_TRUE(extend(store(), agent(), {other_recipe, {3}}, {other_recipe, {}}, {}));
  EXPECT_EQ(reach(store(), agent()), (TextIndex{other_recipe, {}})) << "nothing is filed, by this recipe";
  EXPECT_EQ(filed(store(), agent(), other_recipe), Texts{});
  ASSERT_EQ(append(made_by(draft({words("hazel")}), other_recipe)), Outcome{});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{other_recipe, {}})) << "which is not the head";
  EXPECT_TRUE(extend(store(), agent(), {other_recipe, {}}, {other_recipe, {4}}, {{1, "ivy"}, {4, "hazel"}}));
  EXPECT_EQ(filed(store(), agent(), other_recipe), (Texts{"hazel 4 x1", "ivy 1 x1"}));
}

TEST_P(StoreContract, U18_WhatSomebodyElseMovedIsNotExtended) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash"), words("birch")}))), Outcome{});

  for (const auto& before : {TextIndex{}, TextIndex{recipe, {1}}, TextIndex{recipe, {3}}, TextIndex{other_recipe, {2}},
                             TextIndex{"", {2}}, TextIndex{recipe, {}}}) {
    for (const auto& after : {TextIndex{recipe, {2}}, TextIndex{recipe, {4}}, TextIndex{other_recipe, {2}}}) {
      EXPECT_FALSE(extend(store(), agent(), before, after, {{1, "elm"}, {2, "elm"}})) << before.recipe;
      EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {2}}));
      EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "birch 2 x1"}));
    }
  }
  ASSERT_EQ(append(made_by(draft({words("cedar")}))), Outcome{});
  EXPECT_FALSE(extend(store(), agent(), {recipe, {2}}, {recipe, {3}}, {{3, "cedar cedar"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "birch 2 x1", "cedar 3 x1"}));
}

TEST_P(StoreContract, U19_WhatIsErasedOrNeverWasIsNotFiled) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  write({words(""), words(""), words(""), attempt_rejected()});
  write({content_erased(Position{1}), content_erased(Position{3})});

  // Their terms were made before they were erased.
  EXPECT_TRUE(extend(store(), agent(), {}, {recipe, {2}}, {{1, "ash"}, {2, "ash"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{"ash 2 x1"});
  EXPECT_TRUE(extend(store(), agent(), {recipe, {2}}, {recipe, {6}}, {{3, "birch"}, {4, "birch"}, {5, "birch"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{"ash 2 x1"}) << "nor is an entry without content";
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {6}}));
  EXPECT_TRUE(extend(store(), agent(), {recipe, {6}}, {other_recipe, {6}}, {{1, "ash"}, {2, "ash"}, {7, "ash"}}));
  EXPECT_EQ(filed(store(), agent(), other_recipe), Texts{"ash 2 x1"}) << "nor is one that is not there";
}

TEST_P(StoreContract, U20_AContentMayHaveTenThousandTerms) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  StoredEntry large = with_content(attempt_rejected(), "body");
  std::vector<TermQuery> queries;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    auto number = std::to_string(i);
    number.insert(0, 5 - number.size(), '0');
    large.content.terms.push_back({"t" + number, i + 1});
    if (i % 7 == 0) queries.push_back({Kind::term, "t" + number});
  }
  large.content.terms.push_back({"u", 1'048'576});  // as often as a mebibyte may have it
  ASSERT_EQ(append(made_by(draft({large, words("t00007")}))), Outcome{});

  EXPECT_EQ(filed(store(), agent()).size(), 10'002U);
  const auto found = look(store(), agent(), queries).postings;
  ASSERT_EQ(found.size(), queries.size() + 1);
  EXPECT_EQ(found[1], "1 t00007 1 x8");
  EXPECT_EQ(found[2], "1 t00007 2 x1");
  EXPECT_EQ(found.back(), std::to_string(queries.size() - 1) + " t09996 1 x9997");
  EXPECT_EQ(look(store(), agent(), terms_of({"u"})).postings, Texts{"0 u 1 x1048576"});

  // More postings than a statement has parameters in any database, filed at once and taken out at once.
  std::vector<ContentTerms> contents;
  std::vector<StoredEntry> tombstones;
  for (std::uint64_t seq = 1; seq <= 9; ++seq) {
    contents.push_back({{seq}, large.content.terms});
    tombstones.push_back(content_erased(Position{seq}));
  }
  write({words(""), words(""), words(""), words(""), words(""), words(""), words("")});
  EXPECT_TRUE(store().search_index()->extend(agent(), {recipe, {2}}, {other_recipe, {9}}, contents, unlimited));
  EXPECT_EQ(filed(store(), agent(), other_recipe).size(), 9U * 10'001U);
  EXPECT_EQ(look(store(), agent(), terms_of({"t09999"}), start, end, other_recipe).postings.size(), 9U);
  write(std::move(tombstones));
  EXPECT_EQ(filed(store(), agent(), other_recipe), Texts{});
}

TEST_P(StoreContract, U21_AnotherHandleSeesWhatIsFiledAtOnce) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  const auto other = second_handle();
  EXPECT_EQ(reach(*other, agent()), TextIndex{});

  ASSERT_EQ(append(made_by(draft({words("ash")}))), Outcome{});
  EXPECT_EQ(filed(*other, agent()), Texts{"ash 1 x1"});
  EXPECT_EQ(reach(*other, agent()), (TextIndex{recipe, {1}}));
  ASSERT_EQ(append(*other, made_by(draft({words("birch")}))), Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "birch 2 x1"}));
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {2}}));
  EXPECT_TRUE(extend(*other, agent(), {recipe, {2}}, {other_recipe, {1}}, {{1, "cedar"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{});
  ASSERT_EQ(append(made_by(draft({words("dogwood")}))), Outcome{});
  EXPECT_EQ(reach(*other, agent()), (TextIndex{other_recipe, {1}})) << "what it was before is not remembered";
  EXPECT_FALSE(extend(store(), agent(), {recipe, {2}}, {recipe, {3}}, {{3, "elm"}}));
  EXPECT_TRUE(extend(store(), agent(), {other_recipe, {1}}, {other_recipe, {3}}, {{2, "fir"}}));
  ASSERT_EQ(append(*other, made_by(draft({content_erased(Position{1}), words("elm")}), other_recipe)), Outcome{});
  EXPECT_EQ(filed(store(), agent(), other_recipe), (Texts{"elm 5 x1", "fir 2 x1"}));
}

TEST_P(StoreContract, U22_ReopeningKeepsTheIndex) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  ASSERT_EQ(append(made_by(draft({words("ash"), words("birch"), attempt_rejected()}))), Outcome{});
  write_for(other_agent(), {words("")});
  ASSERT_TRUE(extend(store(), other_agent(), {}, {other_recipe, {1}}, {{1, "cedar"}}));

  reopen();

  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {3}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "birch 2 x1"}));
  EXPECT_EQ(filed(store(), other_agent(), other_recipe), Texts{"cedar 1 x1"});
  ASSERT_EQ(append(made_by(draft({words("ash"), content_erased(Position{1})}))), Outcome{});
  reopen();
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {5}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 4 x1", "birch 2 x1"}));
}

TEST_P(StoreContract, U23_WhatIsFiledIsSeenWithItsBatchOrNotAtAll) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint64_t batches = 40;
  const std::vector<TermQuery> queries = terms_of({"all", "each"});
  std::atomic<bool> writing = true;
  std::atomic<std::uint64_t> looks = 0;
  // Each batch has two entries with both words. A word is read after another, and both are of one moment.
  const auto watch = [&] {
    do {
      const auto [index, found] = look(store(), agent(), queries);
      ++looks;
      if (index.recipe != recipe) continue;
      EXPECT_EQ(index.up_to.value % 2, 0U) << "half a batch";
      EXPECT_EQ(found.size(), 2 * index.up_to.value) << "not what the index is said to reach";
      EXPECT_LE(index.up_to, store().head(agent(), unlimited).position) << "filed before it was there";
    } while (writing);
  };
  // Nobody gets far ahead of the reader, whom a store that has one connection lets in by chance.
  const auto after_looks = [&](std::uint64_t least) {
    while (writing && looks < least) std::this_thread::yield();
  };
  // Begins anew now and then, and catches up.
  const auto move = [&] {
    for (std::uint64_t moves = 0; writing; after_looks(++moves)) {
      const auto before = reach(store(), agent());
      if (before.up_to.value < 4) continue;
      if (!extend(store(), agent(), before, {recipe, {2}}, {{1, "all each"}, {2, "all each"}})) continue;
      for (bool moved = false; !moved;) {
        const auto from = reach(store(), agent());
        const auto to = store().head(agent(), unlimited).position;
        if (from.up_to == to) break;
        std::vector<std::pair<std::uint64_t, std::string>> contents;
        for (auto seq = from.up_to.value + 1; seq <= to.value; ++seq) contents.emplace_back(seq, "all each");
        moved = extend(store(), agent(), from, {recipe, to}, contents);
      }
    }
  };
  std::thread reader(watch);
  std::thread mover(move);
  for (std::uint64_t written = 0; written < batches;) {
    if (append(made_by(draft({words("all each"), words("each all")}))) == Outcome{}) after_looks(++written / 2);
  }
  writing = false;
  reader.join();
  mover.join();

  EXPECT_EQ(head().position, Position{2 * batches});
  EXPECT_EQ(look(store(), agent(), queries).postings.size(), 2 * reach(store(), agent()).up_to.value);
}

TEST_P(StoreContract, U24_ACallOfTheIndexPastItsDeadlineOrStoppedDoesNothing) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({words("ash")}))), Outcome{});
  auto& index = *store().search_index();
  std::stop_source source;
  source.request_stop();
  const Call late{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds{1}};
  const Call stopped{.stop = source.get_token()};

  for (const auto& each : {std::pair{late, FailureKind::timeout}, {stopped, FailureKind::cancelled}}) {
    const auto& call = each.first;
    const auto kind = each.second;
    const auto ignore = [](const Posting&) { ADD_FAILURE() << "visited"; };
    EXPECT_TRUE(fails_with(kind, [&] { index.text_index(agent(), call); }));
    EXPECT_TRUE(fails_with(kind, [&] { index.postings(agent(), recipe, everything, start, end, ignore, call); }));
    EXPECT_TRUE(fails_with(kind, [&] { index.extend(agent(), {recipe, {1}}, {other_recipe, {1}}, {}, call); }));
  }

  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {1}}));
  EXPECT_EQ(filed(store(), agent()), Texts{"ash 1 x1"});
  const Call kept{.deadline = std::chrono::steady_clock::now() + std::chrono::hours{1}, .stop = {}};
  EXPECT_EQ(index.text_index(agent(), kept), (TextIndex{recipe, {1}}));
}

TEST_P(StoreContract, U25_ATurnFilesTheTermsOfSeveralBatches) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  const auto turn = store().begin_write({{agent(), {}}}, unlimited);
  std::vector<Commit> commits = {made_by(draft({words("ash")}))};
  const auto add = [&](std::vector<StoredEntry> entries, const std::string& by) {
    const auto after = head_of(commits.back());
    const TxTime later{after.recorded_at.value + std::chrono::seconds{1}};
    commits.push_back(made_by(commit_after(after, agent(), ids().batch(), later, std::move(entries)), by));
  };
  add({words("birch ash"), words("cedar")}, recipe);
  add({words("ash dogwood"), content_erased(Position{2})}, recipe);

  for (const auto& each : turn->append(commits)) EXPECT_EQ(each.outcome, Outcome{});

  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {5}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"ash 1 x1", "ash 4 x1", "cedar 3 x1", "dogwood 4 x1"}));

  // One by another recipe among them stops the index, as it does alone.
  commits = {made_by(draft({words("elm")}))};
  add({words("fir")}, other_recipe);
  add({words("gum")}, recipe);
  const auto next = store().begin_write({{agent(), {}}}, unlimited);
  for (const auto& each : next->append(commits)) EXPECT_EQ(each.outcome, Outcome{});
  EXPECT_EQ(reach(store(), agent()), (TextIndex{recipe, {6}}));
}

// More contents than a store may keep together, of which some are erased, and windows that begin and end among them.
TEST_P(StoreContract, U26_ATermOfManyContentsFiledAtOnceIsFoundInEach) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint64_t many = 300;
  std::set<std::uint64_t> erased;
  const auto text_of = [](std::uint64_t seq) {
    return (seq % 3 == 0 ? "ash ash" : "ash") + std::string(seq % 2 == 0 ? " birch" : "");
  };
  const auto expect_windows = [&](const std::string& by) {
    for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {0, many}, {1, 1}, {2, 2}, {127, 130}, {128, 128}, {129, 257}, {200, 100}, {299, many}}) {
      Texts ash, birch;
      for (auto seq = std::max(from, std::uint64_t{1}); seq <= std::min(to, many); ++seq) {
        if (erased.contains(seq)) continue;
        ash.push_back(" ash " + std::to_string(seq) + (seq % 3 == 0 ? " x2" : " x1"));
        if (seq % 2 == 0) birch.push_back(" birch " + std::to_string(seq) + " x1");
      }
      Texts expected;
      for (const auto& each : ash) expected.push_back('0' + each);
      for (const auto& each : ash) expected.push_back('1' + each);
      for (const auto& each : birch) expected.push_back('1' + each);
      const std::vector<TermQuery> queries = {{Kind::term, "ash"}, {Kind::beginning, ""}};
      EXPECT_EQ(look(store(), agent(), queries, Position{from}, Position{to}, by).postings, expected)
          << from << " to " << to;
    }
  };
  const auto erase = [&](const std::vector<std::uint64_t>& seqs) {
    std::vector<StoredEntry> tombstones;
    for (const auto seq : seqs) tombstones.push_back(content_erased(Position{seq}));
    ASSERT_EQ(append(made_by(draft(std::move(tombstones)))), Outcome{});
    erased.insert(seqs.begin(), seqs.end());
  };
  std::vector<StoredEntry> entries;
  for (std::uint64_t seq = 1; seq <= many; ++seq) entries.push_back(words(text_of(seq)));
  ASSERT_EQ(append(made_by(draft(std::move(entries)))), Outcome{});
  expect_windows(recipe);

  erase({1});
  expect_windows(recipe);
  erase({2, 64, 127, 128, 129, 130, 131, 258, 299, many});
  expect_windows(recipe);

  // And filed once more: what is erased by now is not.
  std::vector<std::pair<std::uint64_t, std::string>> contents;
  for (std::uint64_t seq = 1; seq <= many; ++seq) contents.emplace_back(seq, text_of(seq));
  ASSERT_TRUE(extend(store(), agent(), reach(store(), agent()), {other_recipe, {many}}, contents));
  expect_windows(other_recipe);
  erase({3, 200});
  expect_windows(other_recipe);
}

}  // namespace claimledger::conformance
