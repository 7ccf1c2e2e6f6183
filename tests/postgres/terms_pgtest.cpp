#include <gtest/gtest.h>

#include <future>
#include <limits>
#include <map>
#include <pqxx/pqxx>
#include <set>
#include <sstream>
#include <thread>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/matchers.hpp"
#include "claimledger/ports/search_index.hpp"
#include "own_schema.hpp"

// The index of terms: what is filed with a batch, what an extension files, what a tombstone takes, and what is found.
namespace claimledger::postgres::test {

namespace {

using conformance::claim_recorded;
using conformance::content_erased;
using conformance::fails_with;
using std::chrono::milliseconds;
using Found = std::vector<std::string>;

const Call unlimited;
const AgentId alice{"alice"};
const AgentId bob{"bob"};
constexpr Position end{1'000'000};

std::string text_of(const TextIndex& index) { return index.recipe + " up to " + std::to_string(index.up_to.value); }

class Terms : public testing::TestWithParam<std::size_t> {
 protected:
  Terms() {
    initialise(schema_.options(), {.partitions = GetParam()});
    store_ = open(schema_.options());
  }

  SearchIndex& index() const { return *store_->search_index(); }

  // A batch with one entry for each of these texts, whose terms are its words; the outcome has to be `done`.
  void say(const AgentId& agent, const std::string& recipe, const std::vector<std::string>& texts) {
    std::vector<StoredEntry> entries;
    for (const auto& text : texts) {
      auto entry = claim_recorded({"subject", "predicate"}, ids_.claim());
      entry.content.terms = terms(text);
      entries.push_back(std::move(entry));
    }
    append(agent, recipe, std::move(entries));
  }
  void erase(const AgentId& agent, const std::string& recipe, const std::vector<std::uint64_t>& positions) {
    std::vector<StoredEntry> entries;
    for (const auto position : positions) entries.push_back(content_erased(Position{position}));
    append(agent, recipe, std::move(entries));
  }
  void append(const AgentId& agent, const std::string& recipe, std::vector<StoredEntry> entries) {
    auto& head = heads_.try_emplace(agent, Head{{}, {}, genesis_hash(agent)}).first->second;
    auto commit =
        conformance::commit_after(head, agent, ids_.batch(),
                                  conformance::example_time(static_cast<std::int64_t>(++batches_)), std::move(entries));
    commit.recipe = recipe;
    const auto outcome = append_one(*store_, commit);
    ASSERT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
    head = conformance::head_of(commit);
  }

  // "a b b": a once, b twice.
  static std::vector<TermCount> terms(const std::string& text) {
    std::map<std::string, std::uint32_t> counts;
    std::istringstream words(text);
    for (std::string word; words >> word;) ++counts[word];
    std::vector<TermCount> all;
    for (const auto& [term, count] : counts) all.push_back({term, count});
    return all;
  }

  bool extend(const TextIndex& before, const TextIndex& after,
              const std::vector<std::pair<std::uint64_t, std::string>>& texts, const AgentId& agent = alice,
              const Call& call = unlimited) {
    std::vector<ContentTerms> contents;
    for (const auto& [position, text] : texts) contents.push_back({Position{position}, terms(text)});
    return index().extend(agent, before, after, contents, call);
  }

  // "1.word@5x2": the second query found that word, in the entry at 5, twice.
  Found found(const std::string& recipe, const std::vector<TermQuery>& queries, const AgentId& agent = alice,
              Position from = {}, Position to = end) const {
    Found all;
    const auto looked_into = index().postings(
        agent, recipe, queries, from, to,
        [&](const Posting& posting) {
          all.push_back(std::to_string(posting.query) + "." + std::string(posting.term) + "@" +
                        std::to_string(posting.seq.value) + "x" + std::to_string(posting.count));
        },
        unlimited);
    EXPECT_EQ(looked_into, index().text_index(agent, unlimited));
    return all;
  }
  Found everything(const std::string& recipe = "r", const AgentId& agent = alice) const {
    return found(recipe, {{TermQuery::Kind::beginning, ""}}, agent);
  }
  std::string reach(const AgentId& agent = alice) const { return text_of(index().text_index(agent, unlimited)); }
  std::string rows() const { return schema_.ask_one("SELECT COUNT(*) FROM posting"); }

  OwnSchema schema_{"terms of " + std::to_string(GetParam())};
  std::unique_ptr<Store> store_;
  std::map<AgentId, Head> heads_;
  conformance::ExampleIds ids_;
  std::uint64_t batches_ = 0;
};

}  // namespace

TEST_P(Terms, AreFiledWithTheirBatchAndTheIndexReachesItsEnd) {
  EXPECT_EQ(index().text_index(alice, unlimited), TextIndex{});
  EXPECT_EQ(everything(""), Found{});

  say(alice, "r", {"b a b", "c"});
  EXPECT_EQ(reach(), "r up to 2");
  say(alice, "r", {"a"});
  append(alice, "r", {conformance::attempt_rejected()});

  EXPECT_EQ(reach(), "r up to 4");
  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.a@3x1", "0.b@1x2", "0.c@2x1"}));
  EXPECT_EQ(reach(bob), " up to 0");
}

TEST_P(Terms, OfABatchThatIsThereAlreadyAreFiledOnce) {
  auto entry = claim_recorded({"subject", "predicate"}, ids_.claim());
  entry.content.terms = terms("a");
  auto commit = conformance::commit_after({{}, {}, genesis_hash(alice)}, alice, ids_.batch(),
                                          conformance::example_time(), {entry});
  commit.recipe = "r";
  EXPECT_EQ(append_one(*store_, commit).outcome, AppendOutcome::done);
  EXPECT_EQ(append_one(*store_, commit).outcome, AppendOutcome::already_there);

  EXPECT_EQ(everything(), Found{"0.a@1x1"});
}

TEST_P(Terms, AreLeftOutByAWriterWithoutARecipe) {
  say(alice, "", {"a"});
  EXPECT_EQ(reach(), " up to 0");
  EXPECT_EQ(rows(), "0");

  say(alice, "r", {"b"});

  EXPECT_EQ(reach(), " up to 0") << "the ledger was not empty, so the index would not be whole";
  EXPECT_EQ(rows(), "0");
}

TEST_P(Terms, AreLeftOutWhereTheIndexIsBehind) {
  say(alice, "r", {"a"});
  say(alice, "", {"b"});
  say(alice, "r", {"c"});

  EXPECT_EQ(reach(), "r up to 1");
  EXPECT_EQ(everything(), Found{"0.a@1x1"});
}

TEST_P(Terms, AreLeftOutWhereTheIndexIsOfAnotherRecipe) {
  say(alice, "r", {"a"});
  say(alice, "another", {"b"});

  EXPECT_EQ(reach(), "r up to 1");
  EXPECT_EQ(everything(), Found{"0.a@1x1"});
  EXPECT_EQ(everything("another"), Found{});
}

TEST_P(Terms, ThatAreNamedTwiceOrCountedTooOftenAreFiledAllTheSame) {
  auto entry = claim_recorded({"subject", "predicate"}, ids_.claim());
  entry.content.terms = {{"a", 1}, {"a", 1}, {"b", 4'000'000'000}};
  append(alice, "r", {entry});

  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.b@1x2147483647"}));
}

TEST_P(Terms, ThatCannotBeFiledRefuseNoBatchAndLeaveTheIndexBehind) {
  say(alice, "r", {"a"});
  schema_.ask("INSERT INTO posting VALUES (agent_key('alice'), 'b', 2, 7)");
  say(alice, "r", {"a b"});
  EXPECT_EQ(reach(), "r up to 1");
  EXPECT_EQ(everything(), Found{"0.a@1x1"}) << "what somebody left behind the index is not found";

  EXPECT_TRUE(extend({"r", {1}}, {"r", {2}}, {{2, "a b"}}));
  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.a@2x1", "0.b@2x1"}));

  std::string endless;  // no page of an index holds it, and it does not compress
  for (std::uint64_t number = 1; endless.size() < 20'000; ++number) endless += sha256({std::to_string(number)}).hex();
  say(alice, "r", {"c " + endless});
  EXPECT_EQ(reach(), "r up to 2");
  EXPECT_EQ(store_->head(alice, unlimited).position, Position{3});
}

TEST_P(Terms, OfWhatATombstoneTakesAreGone) {
  say(alice, "r", {"a b", "a", "a c"});
  say(bob, "r", {"a", "a", "a"});
  erase(alice, "r", {1, 3});

  EXPECT_EQ(everything(), Found{"0.a@2x1"});
  EXPECT_EQ(reach(), "r up to 5");
  EXPECT_EQ(everything("r", bob).size(), 3U);
}

TEST_P(Terms, OfWhatIsErasedAreGoneWhateverTheIndexIsLike) {
  say(alice, "r", {"a", "b", "c", "d"});
  erase(alice, "", {1});
  EXPECT_EQ(everything(), (Found{"0.b@2x1", "0.c@3x1", "0.d@4x1"})) << "by a writer that files none";
  erase(alice, "another", {2});
  EXPECT_EQ(everything(), (Found{"0.c@3x1", "0.d@4x1"})) << "by one of another recipe";
  schema_.ask("TRUNCATE text_index");
  erase(alice, "r", {3});
  EXPECT_EQ(rows(), "1") << "without an index";
}

TEST_P(Terms, AreGoneWithABatchThatIsUndone) {
  say(alice, "r", {"a"});
  auto entry = content_erased(Position{1});
  auto unheard = conformance::commit_after(heads_[alice], alice, ids_.batch(), conformance::example_time(9), {entry});
  unheard.recipe = "r";
  schema_.ask("ALTER TABLE posting RENAME TO away");
  EXPECT_THROW(append_one(*store_, unheard), StoreFailure);
  schema_.ask("ALTER TABLE away RENAME TO posting");

  EXPECT_EQ(store_->head(alice, unlimited).position, Position{1});
  EXPECT_EQ(everything(), Found{"0.a@1x1"});
}

TEST_P(Terms, ExtendGoesOn) {
  say(alice, "", {"a", "b", "c", "d"});

  EXPECT_TRUE(extend({}, {"r", {2}}, {{1, "a"}, {2, "b b"}}));
  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.b@2x2"}));
  EXPECT_TRUE(extend({"r", {2}}, {"r", {4}}, {{4, "d"}}));

  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.b@2x2", "0.d@4x1"}));
  say(alice, "r", {"e"});
  EXPECT_EQ(reach(), "r up to 5") << "a batch follows it";
}

TEST_P(Terms, ExtendBeginsAnew) {
  say(alice, "r", {"a", "b"});
  say(bob, "r", {"z"});

  EXPECT_TRUE(extend({"r", {2}}, {"another", {1}}, {{1, "x"}}));
  EXPECT_EQ(everything("another"), Found{"0.x@1x1"});
  EXPECT_TRUE(extend({"another", {1}}, {"another", {1}}, {{1, "y"}}));
  EXPECT_EQ(everything("another"), Found{"0.y@1x1"}) << "no further than before";
  EXPECT_TRUE(extend({"another", {1}}, {"a third", {2}}, {{2, "w"}}));
  EXPECT_EQ(everything("a third"), Found{"0.w@2x1"}) << "further, but by another recipe";
  EXPECT_TRUE(extend({"a third", {2}}, {"another", {}}, {}));
  EXPECT_EQ(reach(), "another up to 0");
  EXPECT_EQ(everything("another"), Found{});
  EXPECT_EQ(everything("r", bob), Found{"0.z@1x1"});
}

TEST_P(Terms, ExtendDoesNothingWhereTheIndexIsNotAsItWas) {
  say(alice, "r", {"a", "b"});

  for (const auto& before : {TextIndex{}, TextIndex{"r", {1}}, TextIndex{"r", {3}}, TextIndex{"another", {2}}}) {
    EXPECT_FALSE(extend(before, {"another", {1}}, {{1, "x"}})) << text_of(before);
  }
  EXPECT_FALSE(extend({"r", {2}}, {"r", {3}}, {{1, "x"}})) << "the ledger does not reach that far";
  EXPECT_FALSE(extend({}, {"r", {}}, {}, bob)) << "has no ledger";

  EXPECT_EQ(everything(), (Found{"0.a@1x1", "0.b@2x1"}));
  EXPECT_EQ(reach(), "r up to 2");
  EXPECT_EQ(reach(bob), " up to 0");
}

TEST_P(Terms, ExtendFilesNothingOfWhatWasErasedMeanwhile) {
  say(alice, "", {"a", "b"});
  erase(alice, "", {1});

  EXPECT_TRUE(extend({}, {"r", {3}}, {{1, "a"}, {2, "b"}, {3, "no content"}, {9, "no entry"}}));

  EXPECT_EQ(everything(), Found{"0.b@2x1"});
  EXPECT_EQ(schema_.ask_one("SELECT problem FROM read_inventory_1(agent_key('alice'))"), "");
}

TEST_P(Terms, ExtendWaitsForAWriterAsAWriterDoes) {
  say(alice, "", {"a"});
  auto impatient = schema_.options();
  impatient.lock_timeout = milliseconds{50};
  const auto store = open(impatient);
  const auto extend_soon = [&](const Call& call) {
    return store->search_index()->extend(alice, {}, {"r", {1}}, {}, call);
  };
  {
    pqxx::connection writer(tests::shared_server());
    pqxx::work work(writer);
    work.exec(schema_.enter() + "SELECT pg_advisory_xact_lock(agent_lock(agent_key('alice')))");
    EXPECT_TRUE(fails_with(FailureKind::busy, [&] { extend_soon({}); }));
    EXPECT_TRUE(fails_with(FailureKind::timeout,
                           [&] { extend_soon({.deadline = std::chrono::steady_clock::now() + milliseconds{20}}); }));
    std::stop_source stop;
    auto stopped = std::async(std::launch::async, [&] {
      const auto patient = open(schema_.options());
      return fails_with(FailureKind::cancelled, [&] {
        patient->search_index()->extend(alice, {}, {"r", {1}}, {}, {.stop = stop.get_token()});
      });
    });
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
    EXPECT_TRUE(stopped.get());
    EXPECT_EQ(reach(), " up to 0");
  }
  EXPECT_TRUE(extend_soon({}));
}

TEST_P(Terms, AreFoundByQueryThenTermThenPosition) {
  say(alice, "r", {"ab b", "a ab abc", "b", "ab"});
  say(bob, "r", {"ab"});

  EXPECT_EQ(
      found("r", {{TermQuery::Kind::term, "b"},
                  {TermQuery::Kind::beginning, "ab"},
                  {TermQuery::Kind::term, "nowhere"},
                  {TermQuery::Kind::term, "a"},
                  {TermQuery::Kind::term, "b"}}),
      (Found{"0.b@1x1", "0.b@3x1", "1.ab@1x1", "1.ab@2x1", "1.ab@4x1", "1.abc@2x1", "3.a@2x1", "4.b@1x1", "4.b@3x1"}));
  EXPECT_EQ(found("r", {{TermQuery::Kind::term, "ab"}, {TermQuery::Kind::beginning, "a"}}, alice, {2}, {3}),
            (Found{"0.ab@2x1", "1.a@2x1", "1.ab@2x1", "1.abc@2x1"}));
  EXPECT_EQ(found("r", {}), Found{});
  EXPECT_EQ(found("r", {{TermQuery::Kind::term, ""}}), Found{});
  EXPECT_EQ(found("another", {{TermQuery::Kind::term, "b"}}), Found{}) << "of another recipe";
}

TEST_P(Terms, ThatBeginSoAreThoseByTheirBytes) {
  say(alice, "r", {"a A é z Z caf café cafés \U0001F44D %x _x \\x"});

  EXPECT_EQ(found("r", {{TermQuery::Kind::beginning, "caf"}}), (Found{"0.caf@1x1", "0.café@1x1", "0.cafés@1x1"}));
  EXPECT_EQ(found("r", {{TermQuery::Kind::beginning, "A"}, {TermQuery::Kind::beginning, "a"}}),
            (Found{"0.A@1x1", "1.a@1x1"}));
  EXPECT_EQ(found("r", {{TermQuery::Kind::beginning, "%"}, {TermQuery::Kind::beginning, "_"}}),
            (Found{"0.%x@1x1", "1._x@1x1"}));
  EXPECT_EQ(everything(), (Found{"0.%x@1x1", "0.A@1x1", "0.Z@1x1", "0.\\x@1x1", "0._x@1x1", "0.a@1x1", "0.caf@1x1",
                                 "0.café@1x1", "0.cafés@1x1", "0.z@1x1", "0.é@1x1", "0.\U0001F44D@1x1"}));
}

// A search reads what it found: as many entries as a page may have, in the order of the ledger, each once.
TEST_P(Terms, LeadToTheirEntriesByPosition) {
  constexpr std::uint64_t most = 1'024;
  for (int batch = 0; batch < 3; ++batch) say(alice, "r", std::vector<std::string>(400, "a"));
  say(bob, "r", {"a"});
  key::Positions wanted;
  for (std::uint64_t i = 0; i < most; ++i) wanted.positions.push_back({(i * 7'919) % 1'201});  // 0 is nowhere
  wanted.positions.push_back({5});
  wanted.positions.push_back({5});
  wanted.positions.push_back(end);
  wanted.positions.push_back({std::numeric_limits<std::uint64_t>::max()});
  std::set<std::uint64_t> there;
  for (const auto position : wanted.positions) {
    if (position.value >= 1 && position.value <= 800) there.insert(position.value);
  }
  const auto positions = [&](EntryQuery query, Position at) {
    query.key = wanted;
    std::vector<std::uint64_t> got;
    for (const auto& entry : store_->entries(alice, query, at, unlimited)) got.push_back(entry.seq.value);
    return got;
  };

  EXPECT_EQ(positions({.limit = most}, {800}), std::vector<std::uint64_t>(there.begin(), there.end()));
  EXPECT_EQ(positions({.order = Order::descending, .limit = most}, {800}),
            std::vector<std::uint64_t>(there.rbegin(), there.rend()));
  EXPECT_EQ(positions({.limit = 2}, end), std::vector<std::uint64_t>(there.begin(), std::next(there.begin(), 2)));
  EXPECT_EQ(positions({.kinds = {1}, .limit = most}, end), std::vector<std::uint64_t>{});
  wanted.positions.clear();
  EXPECT_EQ(positions({.limit = most}, end), std::vector<std::uint64_t>{});
}

// Whoever throws postings away by hand throws the index away, so that no search relies on it.
TEST_P(Terms, AreThrownAwayWithTheirIndex) {
  auto tables = schema_.ask("SELECT inhrelid::REGCLASS::TEXT FROM pg_inherits WHERE inhparent = 'posting'::REGCLASS");
  tables.push_back("posting");
  tables.push_back("posting, text_index");
  for (const auto& table : tables) {
    SCOPED_TRACE(table);
    say(alice, "r", {"a"});
    const auto position = heads_[alice].position;
    ASSERT_TRUE(extend(index().text_index(alice, unlimited), {"r", position}, {{position.value, "a"}}));
    ASSERT_EQ(reach(), "r up to " + std::to_string(position.value));

    schema_.ask("TRUNCATE " + table);

    EXPECT_EQ(reach(), " up to 0");
    EXPECT_EQ(everything(), Found{});
    EXPECT_EQ(schema_.ask_one("SELECT problem FROM read_inventory_1(agent_key('alice'))"), "");
  }
  EXPECT_EQ(rows(), "0");
}

TEST_P(Terms, ThatWereDroppedAreMadeAnewByMigrate) {
  for (const auto* table : {"posting", "text_index", "posting, text_index"}) {
    SCOPED_TRACE(table);
    say(alice, "r", {"a"});
    const auto position = heads_[alice].position;
    ASSERT_TRUE(extend(index().text_index(alice, unlimited), {"r", position}, {{position.value, "a"}}));
    const auto before = migrate(schema_.options()).applied;
    const auto policies = [&] {
      return schema_.ask(
          "SELECT c.relname || p.polname FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid "
          "WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE ORDER BY 1");
    };
    const auto walls = policies();
    schema_.ask(std::string("DROP TABLE ") + table);
    try {
      everything();
      ADD_FAILURE() << "answered";
    } catch (const StoreFailure& failure) {
      EXPECT_NE(failure.detail().find("`claimledger migrate`"), std::string::npos) << failure.detail();
    }
    // The second replaces functions of the first.
    const std::vector<std::string> both = {"0004_terms", "0005_vectors"};
    EXPECT_EQ(pending_migrations(schema_.options()).pending, both);

    EXPECT_EQ(migrate(schema_.options()).pending, both);

    EXPECT_TRUE(migrate(schema_.options()).pending.empty());
    EXPECT_EQ(migrate(schema_.options()).applied, before);
    EXPECT_EQ(policies(), walls);
    EXPECT_EQ(reach(), " up to 0");
    EXPECT_EQ(everything(""), Found{});
    EXPECT_EQ(schema_.ask_one("SELECT read_guards_1()"), "");
    EXPECT_EQ(schema_.ask_one("SELECT problem FROM read_inventory_1(agent_key('alice'))"), "");
    EXPECT_EQ(store_->head(alice, unlimited).position, position);
  }
}

TEST_P(Terms, ThatContradictTheLedgerAreAProblem) {
  say(alice, "r", {"a"});
  const auto problem = [&] { return store_->inventory(alice, unlimited).problem; };
  EXPECT_EQ(problem(), "");

  schema_.ask("INSERT INTO posting VALUES (agent_key('alice'), 'left over', 2, 1)");
  EXPECT_EQ(problem(), "a term is filed for entry 2, which has no content");
  schema_.ask("DELETE FROM posting WHERE stream_seq = 2; UPDATE text_index SET up_to = 2");
  EXPECT_EQ(problem(), "the index of terms reaches up to 2, further than the ledger");
  schema_.ask(
      "UPDATE text_index SET up_to = 1; CREATE TRIGGER spy BEFORE INSERT ON posting FOR EACH ROW "
      "EXECUTE FUNCTION only_grows()");
  EXPECT_EQ(problem(), "the trigger spy on posting is not of our making");
}

INSTANTIATE_TEST_SUITE_P(Partitions, Terms, testing::Values(0, 4),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

}  // namespace claimledger::postgres::test
