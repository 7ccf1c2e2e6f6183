#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/vectors.hpp"

// Where vectors stand, in a store that claims to keep them ("vectors"). Their bytes mean nothing here: a store keeps
// those that it is given, and numbers them.
namespace claimledger::conformance {

namespace {

using Texts = std::vector<std::string>;

const Call unlimited;
constexpr std::size_t all = 1'000'000;
const Position end{1'000'000'000'000};
const EmbeddingModel model{"small", 1, "weights 1"};
const EmbeddingModel other_model{"large", 1, "weights 1"};
const std::vector<std::uint8_t> statements = {kind_number<Rejected>};

// Vectors as "number seq bytes".
struct Looked {
  std::optional<FiledModel> filed;
  Texts vectors;
};

Looked look(Store& store, const AgentId& agent, const EmbeddingModel& of = model, std::uint64_t after = 0,
            std::size_t limit = all) {
  Looked looked;
  const auto note = [&](const FiledVector& each) {
    looked.vectors.push_back(std::to_string(each.number) + ' ' + std::to_string(each.seq.value) + ' ' +
                             std::string(each.vector));
  };
  looked.filed = store.vectors()->read_vectors(agent, of, after, limit, note, unlimited);
  return looked;
}

Texts filed(Store& store, const AgentId& agent, const EmbeddingModel& of = model) {
  return look(store, agent, of).vectors;
}

// How a model stands: "up to 3, 4 filed, 1 erased", or "none". Whoever asks for the models is told the same.
std::string standing(Store& store, const AgentId& agent, const EmbeddingModel& of = model) {
  const auto filed = look(store, agent, of, 0, 0).filed;
  const auto models = store.vectors()->models(agent, unlimited);
  const auto listed = std::ranges::find(models, of, &FiledModel::model);
  EXPECT_EQ(filed.has_value(), listed != models.end());
  if (!filed || listed == models.end()) return "none";
  EXPECT_TRUE(*filed == *listed) << "models() and read_vectors() tell the same";
  return "up to " + std::to_string(filed->up_to.value) + ", " + std::to_string(filed->filed) + " filed, " +
         std::to_string(filed->erased) + " erased";
}

bool file(Store& store, const AgentId& agent, std::uint64_t before, std::uint64_t up_to,
          const std::vector<std::pair<std::uint64_t, std::string>>& vectors, const EmbeddingModel& of = model) {
  std::vector<NewVector> new_vectors;
  for (const auto& [seq, vector] : vectors) new_vectors.push_back({{seq}, vector});
  return store.vectors()->file_vectors(agent, of, {before}, {up_to}, new_vectors, unlimited);
}

void drop(Store& store, const AgentId& agent, const EmbeddingModel& of = model) {
  store.vectors()->drop_vectors(agent, of, unlimited);
}

std::vector<std::uint64_t> without(Store& store, const AgentId& agent, const std::vector<std::uint8_t>& kinds,
                                   std::uint64_t from = 1, std::uint64_t to = end.value, std::size_t limit = all,
                                   const EmbeddingModel& of = model) {
  std::vector<std::uint64_t> found;
  for (const auto seq : store.vectors()->without_vector(agent, of, kinds, {from}, {to}, limit, unlimited))
    found.push_back(seq.value);
  return found;
}

// An entry with content, and its vector; empty: without one.
StoredEntry said(Bytes vector) { return with_vector(with_content(attempt_rejected(), "body"), std::move(vector)); }

// By a model, which made a vector of each statement.
Commit made_by(Commit commit, const std::optional<EmbeddingModel>& by = model) {
  commit.model = by;
  commit.every_vector = by.has_value();
  return commit;
}

// By a model that left some out.
Commit made_in_part(Commit commit) {
  commit = made_by(std::move(commit));
  commit.every_vector = false;
  return commit;
}

}  // namespace

TEST_P(StoreContract, V01_VectorsAreKeptWhereThatIsClaimedAndNowhereElse) {
  EXPECT_EQ(store().vectors() != nullptr, keeps_no_vectors().empty()) << keeps_no_vectors();
}

TEST_P(StoreContract, V02_WhereNoVectorIsFiledNoModelIsThere) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto expect_nothing = [&] {
    EXPECT_TRUE(store().vectors()->models(agent(), unlimited).empty());
    EXPECT_EQ(standing(store(), agent()), "none");
    EXPECT_EQ(filed(store(), agent()), Texts{});
  };
  expect_nothing();

  ASSERT_EQ(append(made_by(draft({said("ashe")}), std::nullopt)), Outcome{}) << "a vector of no model";
  expect_nothing();
  ASSERT_EQ(append(made_by(draft({said(""), attempt_rejected()}))), Outcome{}) << "a model without a vector";
  expect_nothing();
  drop(store(), agent());
  expect_nothing();
}

TEST_P(StoreContract, V03_TheVectorsOfABatchAreFiledWithItByItsModel) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto commit = made_by(draft({said("elms"), attempt_rejected(), said("ashe"), said("ashe"), said("")}));
  ASSERT_EQ(append(commit), Outcome{});

  EXPECT_EQ(standing(store(), agent()), "up to 5, 3 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 elms", "2 3 ashe", "3 4 ashe"}));
  EXPECT_EQ(standing(store(), agent(), other_model), "none");
  EXPECT_EQ(all_batches(), std::vector{batch_of(commit)}) << "no read of the ledger gives vectors back";
  EXPECT_EQ(all_entries(), as_read(commit.entries));
}

TEST_P(StoreContract, V04_AModelIsNotedWithItsFirstVectorAndReachesNowhereIfTheLedgerWasThere) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({attempt_rejected()}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "none");
  ASSERT_EQ(append(made_by(draft({said("ashe")}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 0, 1 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), Texts{"1 2 ashe"});

  ASSERT_EQ(append(made_by(draft_for(other_agent(), {attempt_rejected(), said("ashe")}))), Outcome{});
  EXPECT_EQ(standing(store(), other_agent()), "up to 2, 1 filed, 0 erased") << "with the first batch";
}

TEST_P(StoreContract, V05_AModelReachesOnWithEachBatchWhoseStatementsHaveAll) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft({attempt_rejected(), attempt_rejected()}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 3, 1 filed, 0 erased") << "also by a batch without statements";
  ASSERT_EQ(append(made_by(draft({said("elms"), said("figs")}))), Outcome{});

  EXPECT_EQ(standing(store(), agent()), "up to 5, 3 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 4 elms", "3 5 figs"}));
}

TEST_P(StoreContract, V06_AModelThatMissedAStatementStaysBehindAndIsFiledAllTheSame) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe")}))), Outcome{});
  ASSERT_EQ(append(made_in_part(draft({said("elms"), said("")}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 1, 2 filed, 0 erased");
  ASSERT_EQ(append(made_by(draft({said("figs")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft({attempt_rejected()}))), Outcome{});

  EXPECT_EQ(standing(store(), agent()), "up to 1, 3 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms", "3 4 figs"}));

  ASSERT_EQ(append(made_in_part(draft_for(other_agent(), {said("ashe"), said("")}))), Outcome{});
  EXPECT_EQ(standing(store(), other_agent()), "up to 0, 1 filed, 0 erased") << "nor does the first batch";
}

TEST_P(StoreContract, V07_ABatchOfAnotherModelOrNoneLeavesAModelAsItIs) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  for (const auto& by : {std::optional(other_model), std::optional<EmbeddingModel>()}) {
    const AgentId who{agent().value + (by ? by->name : "")};
    ASSERT_EQ(append(made_by(draft_for(who, {said("ashe"), attempt_rejected()}))), Outcome{});
    ASSERT_EQ(append(made_by(draft_for(who, {said("elms"), attempt_rejected()}), by)), Outcome{});
    EXPECT_EQ(standing(store(), who), "up to 2, 1 filed, 0 erased");
    EXPECT_EQ(filed(store(), who), Texts{"1 1 ashe"});
    EXPECT_EQ(filed(store(), who, other_model), by ? Texts{"1 3 elms"} : Texts{});
    ASSERT_EQ(append(made_by(draft_for(who, {said("figs")}))), Outcome{});
    EXPECT_EQ(standing(store(), who), "up to 2, 2 filed, 0 erased") << "behind, from then on";
    EXPECT_EQ(filed(store(), who), (Texts{"1 1 ashe", "2 5 figs"}));
  }
}

TEST_P(StoreContract, V08_ModelsAreTheSameWhereNameDimensionsAndFingerprintAre) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  std::string wide;
  for (int i = 0; i < 256; ++i) wide += "\U0001f44d";  // 1,024 bytes
  const std::vector<EmbeddingModel> models = {
      {"small", 1, "weights 1"},          {"small", 2, "weights 1"},
      {"small", 1, "weights 2"},          {"small", 1, ""},
      {"Small", 1, "weights 1"},          {"small ", 1, "weights 1"},
      {"smallweights 1", 1, ""},          {"caf\u00e9", 4'096, "caf\u00e9"},
      {"cafe\u0301", 4'096, "caf\u00e9"}, {"it's \"x\" \\ %s {1,2} NULL --", 1, "'; DROP TABLE model"},
      {std::string(1'024, 'x'), 1, wide}, {std::string(1'023, 'x'), 1, wide},
      {wide, 1, std::string(1'024, 'x')}, {"\u6771\u4eac", 1, "\n\t"}};
  for (std::size_t i = 0; i < models.size(); ++i) {
    ASSERT_EQ(append(made_by(draft({said("v" + std::to_string(100 + i))}), models[i])), Outcome{}) << i;
  }
  ASSERT_EQ(append(made_by(draft({said("more")}), models[2])), Outcome{});

  std::vector<EmbeddingModel> listed;
  for (const auto& each : store().vectors()->models(agent(), unlimited)) listed.push_back(each.model);
  EXPECT_TRUE(listed == models) << "in the order in which they came";
  for (std::size_t i = 0; i < models.size(); ++i) {
    Texts expected = {"1 " + std::to_string(i + 1) + " v" + std::to_string(100 + i)};
    if (i == 2) expected.push_back("2 " + std::to_string(models.size() + 1) + " more");
    EXPECT_EQ(filed(store(), agent(), models[i]), expected) << i;
  }
  EXPECT_EQ(standing(store(), agent(), {"small", 3, "weights 1"}), "none");

  drop(store(), agent(), models[1]);
  EXPECT_EQ(standing(store(), agent(), models[0]), "up to 1, 1 filed, 0 erased");
  EXPECT_EQ(standing(store(), agent(), models[1]), "up to 0, 1 filed, 1 erased");
  EXPECT_TRUE(file(store(), agent(), 0, 0, {{1, "late"}}, models[9]));
  EXPECT_EQ(filed(store(), agent(), models[9]), (Texts{"1 10 v109", "2 1 late"}));
}

TEST_P(StoreContract, V09_ACommitThatDoesNotLandFilesNoVector) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  const auto first = made_by(draft({with_vector(claim_recorded(line(), claim), "ashe")}));
  ASSERT_EQ(append(first), Outcome{});
  const auto expect_as_before = [&] {
    EXPECT_EQ(standing(store(), agent()), "up to 1, 1 filed, 0 erased");
    EXPECT_EQ(filed(store(), agent()), Texts{"1 1 ashe"});
    EXPECT_EQ(standing(store(), agent(), other_model), "none");
  };

  auto again = made_by(first, other_model);
  again.entries[0].content.vector = "elms";
  EXPECT_EQ(append(again).outcome, AppendOutcome::already_there);
  expect_as_before();

  for (const auto& by : {model, other_model}) {
    auto stale = made_by(draft({said("elms")}), by);
    stale.after = first.after;
    stale.entries[0].seq = Position{1};
    EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);
    expect_as_before();

    const auto refused = made_by(draft({said("elms"), with_vector(claim_recorded(line(), claim), "figs")}), by);
    EXPECT_EQ(append(refused).outcome, AppendOutcome::refused);
    expect_as_before();
  }

  ASSERT_EQ(append(made_by(draft({said("figs")}))), Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 figs"})) << "and no number is left out";
}

TEST_P(StoreContract, V10_VectorsFollowEachCommitOfOneAppend) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  std::vector<Commit> commits = {made_by(draft({with_vector(claim_recorded(line(), claim), "ashe")})),
                                 made_by(draft_for(other_agent(), {said("aaaa")}), other_model)};
  const auto add = [&](const AgentId& who, const Head& after, std::vector<StoredEntry> entries,
                       const std::optional<EmbeddingModel>& by) {
    const TxTime later{after.recorded_at.value + std::chrono::seconds{1}};
    commits.push_back(made_by(commit_after(after, who, ids().batch(), later, std::move(entries)), by));
    return head_of(commits.back());
  };
  const auto first = head_of(commits[0]);
  add(agent(), first, {said("lost"), claim_recorded(line(), claim)}, model);  // refused
  const auto second = add(agent(), first, {said("elms"), said("figs")}, model);
  const auto theirs = add(other_agent(), head_of(commits[1]), {said("bbbb")}, other_model);
  add(agent(), first, {said("late")}, model);  // a conflict
  const auto third = add(agent(), second, {said("none")}, std::nullopt);
  add(agent(), third, {said("gone"), content_erased(Position{2})}, model);
  add(other_agent(), theirs, {content_erased(Position{1})}, other_model);

  const auto outcomes = store().append(commits, unlimited);

  std::vector<AppendOutcome> told;
  for (const auto& each : outcomes) told.push_back(each.outcome);
  constexpr auto done = AppendOutcome::done;
  EXPECT_EQ(told,
            (std::vector{done, done, AppendOutcome::refused, done, done, AppendOutcome::conflict, done, done, done}));
  EXPECT_EQ(standing(store(), agent()), "up to 3, 4 filed, 1 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "3 3 figs", "4 5 gone"}));
  EXPECT_EQ(standing(store(), other_agent(), other_model), "up to 3, 2 filed, 1 erased");
  EXPECT_EQ(filed(store(), other_agent(), other_model), Texts{"2 2 bbbb"});
}

TEST_P(StoreContract, V11_ATurnFilesVectorsAsAnAppendDoes) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  for (const Bytes vector : {"ashe", "elms"}) {
    const auto commit = made_by(draft({said(vector)}));
    const auto turn = store().begin_write({{agent(), {}}}, unlimited);
    EXPECT_EQ(turn->append(std::span(&commit, 1)).at(0).outcome, Outcome{});
  }
  EXPECT_EQ(standing(store(), agent()), "up to 2, 2 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms"}));

  const auto moved = made_by(draft({content_erased(Position{1})}), std::nullopt);
  const auto turn = store().begin_write({{agent(), {}}}, unlimited);
  EXPECT_EQ(turn->append(std::span(&moved, 1)).at(0).outcome, Outcome{});
  EXPECT_EQ(filed(store(), agent()), Texts{"2 2 elms"});
}

TEST_P(StoreContract, V12_TheVectorsOfSeveralAgentsStandApart) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe"), said("elms")}))), Outcome{});
  ASSERT_EQ(append(made_by(draft_for(other_agent(), {said("figs")}))), Outcome{});
  const AgentId third{agent().value + "x"};
  ASSERT_EQ(append(made_by(draft_for(third, {said("oaks")}), other_model)), Outcome{});
  const auto expect_apart = [&] {
    EXPECT_EQ(standing(store(), agent()), "up to 2, 2 filed, 0 erased");
    EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms"}));
    EXPECT_EQ(standing(store(), agent(), other_model), "none");
  };
  expect_apart();
  EXPECT_EQ(filed(store(), other_agent()), Texts{"1 1 figs"});
  EXPECT_EQ(standing(store(), AgentId{agent().value + "y"}), "none");

  ASSERT_EQ(append(made_by(draft_for(other_agent(), {content_erased(Position{1})}))), Outcome{});
  EXPECT_TRUE(file(store(), third, 0, 1, {{1, "pine"}}));
  expect_apart();
  EXPECT_EQ(filed(store(), other_agent()), Texts{});
  drop(store(), third);
  drop(store(), other_agent());
  expect_apart();
  EXPECT_EQ(filed(store(), third, other_model), Texts{"1 1 oaks"});
  EXPECT_EQ(without(store(), agent(), statements), std::vector<std::uint64_t>{});
  EXPECT_EQ(without(store(), third, statements), std::vector<std::uint64_t>{1});
}

TEST_P(StoreContract, V13_AVectorComesBackByteByByte) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  std::vector<Bytes> vectors = {Bytes(4, '\0'), Bytes(4, '\xff'), "\\000", "'\"\n\r", "\xc3\x28\x80\xfe"};
  Bytes each_byte;
  for (int byte = 0; byte < 256; ++byte) each_byte += static_cast<char>(byte);
  vectors.push_back(each_byte);
  for (const std::size_t size : {1'536U, 4'096U, 8'188U, 16'380U, 16'384U}) {
    Bytes vector;
    for (std::uint64_t part = 0; vector.size() < size; ++part)
      vector += sha256({std::to_string(size), std::to_string(part)}).view();
    vectors.push_back(vector.substr(0, size));
  }
  vectors.emplace_back(16'384, '\0');
  std::vector<StoredEntry> entries, late;
  std::vector<std::pair<std::uint64_t, std::string>> later;
  for (const auto& vector : vectors) entries.push_back(said(vector));
  for (const auto& vector : vectors) later.emplace_back(later.size() + 1, vector);
  ASSERT_EQ(append(made_by(draft(std::move(entries)))), Outcome{});
  ASSERT_TRUE(file(store(), agent(), 0, vectors.size(), later, other_model));

  for (const auto& by : {model, other_model}) {
    std::vector<Bytes> read;
    const auto note = [&](const FiledVector& each) { read.emplace_back(each.vector); };
    store().vectors()->read_vectors(agent(), by, 0, all, note, unlimited);
    ASSERT_EQ(read.size(), vectors.size());
    for (std::size_t i = 0; i < read.size(); ++i) EXPECT_TRUE(read[i] == vectors[i]) << by.name << ' ' << i;
  }
}

TEST_P(StoreContract, V14_VectorsComeByTheirNumbersAndPagesMissAndRepeatNone) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_in_part(draft({said(""), said("2222"), said(""), said("4444")}))), Outcome{});
  ASSERT_TRUE(file(store(), agent(), 0, 0, {{3, "3333"}, {1, "1111"}}));
  ASSERT_EQ(append(made_by(draft({said("5555"), content_erased(Position{4}), said("7777")}))), Outcome{});
  const Texts whole = {"1 2 2222", "3 3 3333", "4 1 1111", "5 5 5555", "6 7 7777"};
  EXPECT_EQ(filed(store(), agent()), whole) << "in the order in which they were filed, with the gap of what is gone";

  for (std::uint64_t after = 0; after <= 8; ++after) {
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{5}, all}) {
      Texts expected;
      for (const auto& each : whole)
        if (std::stoull(each) > after && expected.size() < limit) expected.push_back(each);
      const auto looked = look(store(), agent(), model, after, limit);
      EXPECT_EQ(looked.vectors, expected) << "after " << after << ", at most " << limit;
      EXPECT_TRUE(looked.filed && looked.filed->filed == 6 && looked.filed->erased == 1) << "however little is read";
    }
  }
  EXPECT_EQ(look(store(), agent(), model, std::numeric_limits<std::uint64_t>::max()).vectors, Texts{});
  EXPECT_EQ(look(store(), agent(), model, 2, std::numeric_limits<std::size_t>::max()).vectors.size(), 4U);
}

TEST_P(StoreContract, V15_ATombstoneTakesTheVectorsOfAllModelsInTheSameAppend) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  for (const auto& by : {std::optional(model), std::optional(other_model), std::optional<EmbeddingModel>()}) {
    const AgentId who{agent().value + (by ? by->name : "")};
    SCOPED_TRACE("erased by a batch of '" + (by ? by->name : "") + "'");
    ASSERT_EQ(append(made_by(draft_for(who, {said("ashe"), said("elms"), said("figs"), attempt_rejected()}))),
              Outcome{});
    ASSERT_TRUE(file(store(), who, 0, 4, {{3, "f---"}, {1, "a---"}}, other_model));

    ASSERT_EQ(append(made_by(draft_for(who, {content_erased(Position{1})}), by)), Outcome{});
    EXPECT_EQ(filed(store(), who), (Texts{"2 2 elms", "3 3 figs"}));
    EXPECT_EQ(filed(store(), who, other_model), Texts{"1 3 f---"});
    const std::string reach = "up to " + std::string(by == model ? "5" : "4");
    EXPECT_EQ(standing(store(), who), reach + ", 3 filed, 1 erased");

    // Also in a batch that brings what it erases.
    ASSERT_EQ(append(made_by(draft_for(who, {said("oaks"), content_erased(Position{6}), content_erased(Position{3}),
                                             content_erased(Position{2}), said("pine")}),
                             by)),
              Outcome{});
    EXPECT_EQ(filed(store(), who), by == model ? Texts{"5 10 pine"} : Texts{});
    EXPECT_EQ(filed(store(), who, other_model), by == other_model ? Texts{"4 10 pine"} : Texts{});
    EXPECT_EQ(standing(store(), who), by == model ? "up to 10, 5 filed, 4 erased" : "up to 4, 3 filed, 3 erased");
    EXPECT_EQ(standing(store(), who, other_model),
              by == other_model ? "up to 10, 4 filed, 3 erased" : "up to 4, 2 filed, 2 erased");
  }
}

TEST_P(StoreContract, V16_ATombstoneThatDoesNotLandTakesNoVector) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto claim = ids().claim();
  ASSERT_EQ(append(made_by(draft({with_vector(claim_recorded(line(), claim), "ashe")}))), Outcome{});

  auto stale = made_by(draft({content_erased(Position{1})}));
  stale.after.hash = {};
  EXPECT_EQ(append(stale).outcome, AppendOutcome::conflict);
  expect_refused(made_by(draft({content_erased(Position{1}), claim_recorded(line(), claim)})));

  EXPECT_EQ(filed(store(), agent()), Texts{"1 1 ashe"});
  EXPECT_EQ(standing(store(), agent()), "up to 1, 1 filed, 0 erased");
}

TEST_P(StoreContract, V17_FilingLaterGoesOnWhereTheModelReached) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  write({said(""), said(""), attempt_rejected(), said(""), said("")});

  EXPECT_TRUE(file(store(), agent(), 0, 1, {{1, "ashe"}}));
  EXPECT_EQ(standing(store(), agent()), "up to 1, 1 filed, 0 erased");
  EXPECT_TRUE(file(store(), agent(), 1, 3, {{2, "elms"}, {5, "oaks"}}));
  EXPECT_EQ(standing(store(), agent()), "up to 3, 3 filed, 0 erased") << "one behind where it reaches, too";
  EXPECT_TRUE(file(store(), agent(), 3, 3, {}));
  EXPECT_TRUE(file(store(), agent(), 3, 5, {{4, "figs"}}));
  EXPECT_EQ(standing(store(), agent()), "up to 5, 4 filed, 0 erased");

  ASSERT_EQ(append(made_by(draft({said("pine")}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 6, 5 filed, 0 erased") << "and appends go on from there";
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms", "3 5 oaks", "4 4 figs", "5 6 pine"}));
  EXPECT_TRUE(file(store(), agent(), 0, 0, {}, other_model));
  EXPECT_EQ(standing(store(), agent(), other_model), "up to 0, 0 filed, 0 erased") << "noted without a vector";
}

TEST_P(StoreContract, V18_AnEntryKeepsTheFirstVectorOfAModel) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_in_part(draft({said("ashe"), said(""), said("")}))), Outcome{});

  EXPECT_TRUE(file(store(), agent(), 0, 2, {{1, "late"}, {2, "elms"}, {2, "late"}, {1, "late"}, {3, "figs"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms", "3 3 figs"}));
  EXPECT_EQ(standing(store(), agent()), "up to 2, 3 filed, 0 erased") << "and no number is left out";
  EXPECT_TRUE(file(store(), agent(), 2, 3, {{3, "late"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms", "3 3 figs"}));
  EXPECT_TRUE(file(store(), agent(), 0, 3, {{3, "other"}}, other_model));
  EXPECT_EQ(filed(store(), agent(), other_model), Texts{"1 3 other"}) << "of another model it has another";
}

TEST_P(StoreContract, V19_WhatIsErasedOrNeverWasGetsNoVector) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  write({said(""), said(""), said(""), attempt_rejected()});
  write({content_erased(Position{1}), content_erased(Position{3})});

  // Their vectors were made before they were erased.
  EXPECT_TRUE(
      file(store(), agent(), 0, 6, {{3, "figs"}, {2, "elms"}, {1, "ashe"}, {4, "oaks"}, {7, "pine"}, {0, "zero"}}));
  EXPECT_EQ(filed(store(), agent()), Texts{"1 2 elms"});
  EXPECT_EQ(standing(store(), agent()), "up to 6, 1 filed, 0 erased");
  auto odd = made_by(draft({with_vector(attempt_rejected(), "none"), said("ashe")}));
  ASSERT_EQ(append(odd), Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 2 elms", "2 8 ashe"})) << "nor by its batch";
}

TEST_P(StoreContract, V20_FilingBehindAGapOrPastTheHeadDoesNothing) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe"), attempt_rejected()}))), Outcome{});
  write({said(""), said("")});

  EXPECT_FALSE(file(store(), agent(), 3, 4, {{4, "figs"}})) << "nobody vouches for entry 3";
  EXPECT_FALSE(file(store(), agent(), 4, 4, {{4, "figs"}}));
  EXPECT_FALSE(file(store(), agent(), 2, 5, {{4, "figs"}})) << "there is no entry 5";
  EXPECT_FALSE(file(store(), agent(), 1, 1, {{1, "figs"}}, other_model)) << "a model that is not there reaches nowhere";
  EXPECT_FALSE(file(store(), other_agent(), 0, 0, {})) << "there is no ledger";
  EXPECT_FALSE(file(store(), other_agent(), 0, 1, {{1, "figs"}}));
  EXPECT_EQ(standing(store(), agent()), "up to 2, 1 filed, 0 erased");
  EXPECT_EQ(standing(store(), agent(), other_model), "none");
  EXPECT_EQ(standing(store(), other_agent()), "none");

  EXPECT_TRUE(file(store(), agent(), 0, 1, {{3, "figs"}})) << "what reaches further never goes back";
  EXPECT_EQ(standing(store(), agent()), "up to 2, 2 filed, 0 erased");
  EXPECT_TRUE(file(store(), agent(), 1, 4, {{4, "oaks"}}));
  EXPECT_EQ(standing(store(), agent()), "up to 4, 3 filed, 0 erased");
}

TEST_P(StoreContract, V21_WhatHasNoVectorIsFoundByKindAndPosition) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  using Found = std::vector<std::uint64_t>;
  EXPECT_EQ(without(store(), agent(), statements), Found{});
  const auto claim = [&] { return claim_recorded(line(), ids().claim()); };
  ASSERT_EQ(append(made_in_part(draft({said(""), attempt_rejected(), claim(), said("elms"), said("")}))), Outcome{});
  write({claims_served({}, "context"), content_erased(Position{5}), said(""), claim()});
  const std::vector<std::uint8_t> both = {kind_number<ClaimRecorded>, kind_number<Rejected>};

  EXPECT_EQ(without(store(), agent(), both), (Found{1, 3, 8, 9})) << "with content, and not erased";
  EXPECT_EQ(without(store(), agent(), statements), (Found{1, 8}));
  EXPECT_EQ(without(store(), agent(), {kind_number<ClaimRecorded>}), (Found{3, 9}));
  EXPECT_EQ(without(store(), agent(), {kind_number<Rejected>, kind_number<Rejected>}), (Found{1, 8}));
  EXPECT_EQ(without(store(), agent(), {}), Found{}) << "of no kind";
  EXPECT_EQ(without(store(), agent(), both, 1, end.value, all, other_model), (Found{1, 3, 4, 8, 9}));
  EXPECT_EQ(without(store(), other_agent(), both), Found{});

  for (std::uint64_t from = 0; from <= 10; ++from) {
    for (std::uint64_t to = 0; to <= 10; ++to) {
      for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{3}, all}) {
        Found expected;
        for (const std::uint64_t seq : {1U, 3U, 8U, 9U})
          if (seq >= from && seq <= to && expected.size() < limit) expected.push_back(seq);
        EXPECT_EQ(without(store(), agent(), both, from, to, limit), expected) << from << " to " << to << ", " << limit;
      }
    }
  }
  ASSERT_TRUE(file(store(), agent(), 0, 3, {{1, "ashe"}, {3, "figs"}}));
  EXPECT_EQ(without(store(), agent(), both), (Found{8, 9}));
  drop(store(), agent());
  EXPECT_EQ(without(store(), agent(), both), (Found{1, 3, 4, 8, 9}));
}

TEST_P(StoreContract, V22_DroppingTakesAllVectorsOfAModelAndItsNumbersGoOn) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe"), said("elms"), content_erased(Position{1})}))), Outcome{});
  ASSERT_TRUE(file(store(), agent(), 0, 3, {{2, "e---"}}, other_model));
  ASSERT_EQ(standing(store(), agent()), "up to 3, 2 filed, 1 erased");

  drop(store(), agent());
  EXPECT_EQ(standing(store(), agent()), "up to 0, 2 filed, 2 erased");
  EXPECT_EQ(filed(store(), agent()), Texts{});
  EXPECT_EQ(filed(store(), agent(), other_model), Texts{"1 2 e---"});
  drop(store(), agent(), {"unknown", 1, ""});
  drop(store(), other_agent());
  EXPECT_EQ(standing(store(), agent(), {"unknown", 1, ""}), "none");
  EXPECT_EQ(standing(store(), other_agent()), "none");
  EXPECT_EQ(standing(store(), agent(), other_model), "up to 3, 1 filed, 0 erased");
  drop(store(), agent());
  EXPECT_EQ(standing(store(), agent()), "up to 0, 2 filed, 2 erased") << "once more is nothing more";

  ASSERT_EQ(append(made_by(draft({said("figs")}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 0, 3 filed, 2 erased") << "which does not reach the batch before";
  EXPECT_TRUE(file(store(), agent(), 0, 4, {{2, "elms"}}));
  EXPECT_EQ(filed(store(), agent()), (Texts{"3 4 figs", "4 2 elms"}));
  EXPECT_EQ(standing(store(), agent()), "up to 4, 4 filed, 2 erased");
  ASSERT_EQ(append(made_by(draft({content_erased(Position{2})}))), Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 5, 4 filed, 3 erased");
}

TEST_P(StoreContract, V23_AnotherHandleSeesVectorsAtOnce) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  if (!backend().cannot_share.empty()) GTEST_SKIP() << backend().cannot_share;
  const auto other = second_handle();
  EXPECT_EQ(standing(*other, agent()), "none");

  ASSERT_EQ(append(made_by(draft({said("ashe")}))), Outcome{});
  EXPECT_EQ(filed(*other, agent()), Texts{"1 1 ashe"});
  EXPECT_EQ(standing(*other, agent()), "up to 1, 1 filed, 0 erased");
  ASSERT_EQ(append(*other, made_by(draft({said("elms")}))), Outcome{});
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms"}));
  EXPECT_EQ(standing(store(), agent()), "up to 2, 2 filed, 0 erased");
  write({said("")});
  EXPECT_TRUE(file(*other, agent(), 2, 3, {{3, "figs"}}));
  ASSERT_EQ(append(made_by(draft({said("oaks"), content_erased(Position{1})}))), Outcome{});
  EXPECT_EQ(standing(*other, agent()), "up to 5, 4 filed, 1 erased") << "what it was before is not remembered";
  drop(*other, agent());
  EXPECT_FALSE(file(store(), agent(), 5, 5, {}));
  ASSERT_EQ(append(made_by(draft({said("pine")}))), Outcome{});
  EXPECT_EQ(standing(*other, agent()), "up to 0, 5 filed, 4 erased");
  EXPECT_EQ(filed(*other, agent()), Texts{"5 6 pine"});
}

TEST_P(StoreContract, V24_ReopeningKeepsVectors) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  if (!backend().cannot_reopen.empty()) GTEST_SKIP() << backend().cannot_reopen;
  ASSERT_EQ(append(made_by(draft({said("ashe"), said("elms"), attempt_rejected()}))), Outcome{});
  write_for(other_agent(), {said("")});
  ASSERT_TRUE(file(store(), other_agent(), 0, 1, {{1, "figs"}}, other_model));

  reopen();

  EXPECT_EQ(standing(store(), agent()), "up to 3, 2 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "2 2 elms"}));
  EXPECT_EQ(filed(store(), other_agent(), other_model), Texts{"1 1 figs"});
  ASSERT_EQ(append(made_by(draft({said("oaks"), content_erased(Position{1})}))), Outcome{});
  drop(store(), other_agent(), other_model);
  reopen();
  EXPECT_EQ(standing(store(), agent()), "up to 5, 3 filed, 1 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"2 2 elms", "3 4 oaks"}));
  EXPECT_EQ(standing(store(), other_agent(), other_model), "up to 0, 1 filed, 1 erased");
}

TEST_P(StoreContract, V25_HowAModelStandsAndItsVectorsAreOfOneMoment) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint64_t batches = 40;
  std::atomic<bool> writing = true;
  std::atomic<std::uint64_t> looks = 0;
  // Each batch has two statements, half of the batches bring their vectors, and the others are filed later. Now and
  // then all are dropped. A number is that of one entry for good.
  std::map<std::uint64_t, std::uint64_t> entry_of;
  const auto watch = [&] {
    std::uint64_t most = 0;
    do {
      std::vector<std::uint64_t> numbers;
      std::set<std::uint64_t> entries;
      const auto note = [&](const FiledVector& each) {
        numbers.push_back(each.number);
        EXPECT_TRUE(entries.insert(each.seq.value).second) << "two of entry " << each.seq.value;
        EXPECT_EQ(entry_of.try_emplace(each.number, each.seq.value).first->second, each.seq.value) << each.number;
      };
      const auto filed = store().vectors()->read_vectors(agent(), model, 0, all, note, unlimited);
      ++looks;
      if (!filed) continue;
      EXPECT_TRUE(std::ranges::is_sorted(numbers));
      EXPECT_EQ(numbers.size(), filed->filed - filed->erased) << "not what the model is said to have";
      EXPECT_LE(numbers.empty() ? 0 : numbers.back(), filed->filed);
      EXPECT_GE(filed->filed, most) << "numbers go back";
      for (std::uint64_t seq = 1; seq <= filed->up_to.value; ++seq) EXPECT_TRUE(entries.contains(seq)) << seq;
      EXPECT_LE(filed->up_to, store().head(agent(), unlimited).position) << "filed before it was there";
      most = filed->filed;
    } while (writing);
  };
  // Nobody gets far ahead of the reader, whom a store that has one connection lets in by chance.
  const auto after_looks = [&](std::uint64_t least) {
    while (writing && looks < least) std::this_thread::yield();
  };
  const auto catch_up = [&] {
    for (std::uint64_t moves = 1; writing; after_looks(moves++)) {
      if (moves % 8 == 0) drop(store(), agent());
      const auto now = look(store(), agent(), model, 0, 0).filed;
      const auto from = now ? now->up_to.value : 0;
      const auto to = store().head(agent(), unlimited).position.value;
      std::vector<std::pair<std::uint64_t, std::string>> vectors;
      for (const auto seq : without(store(), agent(), statements, from + 1, to)) vectors.emplace_back(seq, "late");
      if (to > 0) file(store(), agent(), from, to, vectors);
    }
  };
  std::thread reader(watch);
  std::thread filer(catch_up);
  for (std::uint64_t written = 0; written < batches;) {
    const bool brings = written % 2 == 0;
    const auto commit = draft({said(brings ? "soon" : ""), said(brings ? "soon" : "")});
    if (append(brings ? made_by(commit) : commit) == Outcome{}) after_looks(++written / 2);
  }
  writing = false;
  reader.join();
  filer.join();

  EXPECT_EQ(head().position, Position{2 * batches});
  const auto last = look(store(), agent());
  ASSERT_TRUE(last.filed);
  EXPECT_EQ(last.vectors.size(), last.filed->filed - last.filed->erased);
}

TEST_P(StoreContract, V26_AThousandVectorsAreFiledAtOnceAndTakenAtOnce) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  constexpr std::uint64_t count = 1'000;
  std::vector<StoredEntry> entries, tombstones;
  std::vector<std::pair<std::uint64_t, std::string>> vectors;
  Texts expected;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    const auto vector = "v" + std::to_string(100'000 + seq) + std::string(1'529, 'x');
    entries.push_back(said(vector));
    tombstones.push_back(content_erased(Position{seq}));
    vectors.emplace_back(seq, vector);
    expected.push_back(std::to_string(seq) + ' ' + std::to_string(seq) + ' ' + vector);
  }
  ASSERT_EQ(append(made_by(draft(std::move(entries)))), Outcome{});
  ASSERT_TRUE(file(store(), agent(), 0, count, vectors, other_model));
  EXPECT_TRUE(filed(store(), agent()) == expected);
  EXPECT_TRUE(filed(store(), agent(), other_model) == expected);

  write(std::move(tombstones));
  EXPECT_EQ(standing(store(), agent()), "up to 1000, 1000 filed, 1000 erased");
  EXPECT_EQ(standing(store(), agent(), other_model), "up to 1000, 1000 filed, 1000 erased");
  EXPECT_EQ(filed(store(), agent()), Texts{});
  EXPECT_EQ(filed(store(), agent(), other_model), Texts{});
}

TEST_P(StoreContract, V27_ACallOfVectorsPastItsDeadlineOrStoppedDoesNothing) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  ASSERT_EQ(append(made_by(draft({said("ashe"), said("")}))), Outcome{});
  auto& vectors = *store().vectors();
  const std::vector<NewVector> elms = {{{2}, "elms"}};
  std::stop_source source;
  source.request_stop();
  const Call late{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds{1}};
  const Call stopped{.stop = source.get_token()};

  for (const auto& each : {std::pair{late, FailureKind::timeout}, {stopped, FailureKind::cancelled}}) {
    const auto& call = each.first;
    const auto kind = each.second;
    const auto ignore = [](const FiledVector&) { ADD_FAILURE() << "visited"; };
    EXPECT_TRUE(fails_with(kind, [&] { vectors.models(agent(), call); }));
    EXPECT_TRUE(fails_with(kind, [&] { vectors.read_vectors(agent(), model, 0, all, ignore, call); }));
    EXPECT_TRUE(fails_with(kind, [&] { vectors.without_vector(agent(), model, statements, {1}, end, all, call); }));
    EXPECT_TRUE(fails_with(kind, [&] { vectors.file_vectors(agent(), model, {2}, {2}, elms, call); }));
    EXPECT_TRUE(fails_with(kind, [&] { vectors.drop_vectors(agent(), model, call); }));
  }

  EXPECT_EQ(standing(store(), agent()), "up to 2, 1 filed, 0 erased");
  EXPECT_EQ(filed(store(), agent()), Texts{"1 1 ashe"});
  const Call kept{.deadline = std::chrono::steady_clock::now() + std::chrono::hours{1}, .stop = {}};
  EXPECT_TRUE(vectors.file_vectors(agent(), model, {2}, {2}, elms, kept));
}

TEST_P(StoreContract, V30_ATurnFilesTheVectorsOfSeveralBatches) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto turn = store().begin_write({{agent(), {}}}, unlimited);
  std::vector<Commit> commits = {made_by(draft({said("ashe")}))};
  const auto add = [&](std::vector<StoredEntry> entries, const std::optional<EmbeddingModel>& by) {
    const auto after = head_of(commits.back());
    const TxTime later{after.recorded_at.value + std::chrono::seconds{1}};
    commits.push_back(made_by(commit_after(after, agent(), ids().batch(), later, std::move(entries)), by));
  };
  add({said("elms"), attempt_rejected(), said("figs")}, model);
  add({said("oaks"), content_erased(Position{2})}, model);

  for (const auto& each : turn->append(commits)) EXPECT_EQ(each.outcome, Outcome{});

  EXPECT_EQ(standing(store(), agent()), "up to 6, 4 filed, 1 erased");
  EXPECT_EQ(filed(store(), agent()), (Texts{"1 1 ashe", "3 4 figs", "4 5 oaks"}));

  // One without vectors among them leaves the model behind, as it does alone.
  commits = {made_by(draft({said("pine")}))};
  add({said("rose")}, std::nullopt);
  add({said("yews")}, model);
  const auto next = store().begin_write({{agent(), {}}}, unlimited);
  for (const auto& each : next->append(commits)) EXPECT_EQ(each.outcome, Outcome{});
  EXPECT_EQ(standing(store(), agent()), "up to 7, 6 filed, 1 erased");
}

}  // namespace claimledger::conformance
