#include <gtest/gtest.h>

#include <future>
#include <map>
#include <pqxx/pqxx>
#include <thread>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/matchers.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/vectors.hpp"
#include "own_schema.hpp"

// Vectors, as far as the kit does not see them: what somebody did by hand, waiting, and what verify finds.
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
const EmbeddingModel model{"small", 1, "weights 1"};
const EmbeddingModel other_model{"large", 1, "weights 1"};

class Embeddings : public testing::TestWithParam<std::size_t> {
 protected:
  Embeddings() {
    initialise(schema_.options(), {.partitions = GetParam()});
    store_ = open(schema_.options());
  }

  Vectors& vectors() const { return *store_->vectors(); }

  // A batch with a statement for each of these vectors; an empty one is none.
  void say(const AgentId& agent, const std::vector<Bytes>& of_statements, const EmbeddingModel& by = model) {
    std::vector<StoredEntry> entries;
    for (const auto& vector : of_statements)
      entries.push_back(conformance::with_vector(claim_recorded({"subject", "predicate"}, ids_.claim()), vector));
    append(agent, std::move(entries), by);
  }
  void erase(const AgentId& agent, const std::vector<std::uint64_t>& positions) {
    std::vector<StoredEntry> entries;
    for (const auto position : positions) entries.push_back(content_erased(Position{position}));
    append(agent, std::move(entries), model);
  }
  void append(const AgentId& agent, std::vector<StoredEntry> entries, const EmbeddingModel& by) {
    const auto commit = next(agent, std::move(entries), by);
    const auto outcome = append_one(*store_, commit);
    ASSERT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
    heads_[agent] = conformance::head_of(commit);
  }
  Commit next(const AgentId& agent, std::vector<StoredEntry> entries, const EmbeddingModel& by = model) {
    const auto head = heads_.try_emplace(agent, Head{{}, {}, genesis_hash(agent)}).first->second;
    const auto time = conformance::example_time(static_cast<std::int64_t>(++batches_));
    auto commit = conformance::commit_after(head, agent, ids_.batch(), time, std::move(entries));
    commit.model = by;
    commit.every_vector = true;
    return commit;
  }
  bool file(std::uint64_t before, std::uint64_t up_to, const std::vector<std::pair<std::uint64_t, Bytes>>& late,
            const EmbeddingModel& by = model) const {
    std::vector<NewVector> all;
    for (const auto& [seq, vector] : late) all.push_back({{seq}, vector});
    return vectors().file_vectors(alice, by, {before}, {up_to}, all, unlimited);
  }

  // "1 2 ashe": the first that was filed, for the entry at 2.
  Found filed(const AgentId& agent = alice, const EmbeddingModel& by = model) const {
    Found all;
    const auto note = [&](const FiledVector& each) {
      all.push_back(std::to_string(each.number) + " " + std::to_string(each.seq.value) + " " +
                    std::string(each.vector));
    };
    vectors().read_vectors(agent, by, 0, 1'000, note, unlimited);
    return all;
  }
  std::string standing(const AgentId& agent = alice, const EmbeddingModel& by = model) const {
    const auto now = vectors().read_vectors(
        agent, by, 0, 0, [](const FiledVector&) {}, unlimited);
    if (!now) return "none";
    return "up to " + std::to_string(now->up_to.value) + ", " + std::to_string(now->filed) + " filed, " +
           std::to_string(now->erased) + " erased";
  }
  std::vector<Position> without() const {
    const std::vector<std::uint8_t> kinds = {kind_number<ClaimRecorded>};
    return vectors().without_vector(alice, model, kinds, {}, {1'000'000}, 1'000, unlimited);
  }
  void put(int model_number, int number, int seq, const char* vector = "stray") const {
    schema_.ask("INSERT INTO embedding VALUES (agent_key('alice'), " + std::to_string(model_number) + ", " +
                std::to_string(number) + ", " + std::to_string(seq) + ", '" + vector + "')");
  }
  std::string problem() const { return store_->inventory(alice, unlimited).problem; }

  OwnSchema schema_{"vectors of " + std::to_string(GetParam())};
  std::unique_ptr<Store> store_;
  std::map<AgentId, Head> heads_;
  conformance::ExampleIds ids_;
  std::uint64_t batches_ = 0;
};

}  // namespace

TEST_P(Embeddings, ThatCannotBeFiledRefuseNoBatchAndAreFiledLater) {
  say(alice, {"ashe"});
  put(1, 2, 99);  // with the next number
  say(alice, {"elms"});
  EXPECT_EQ(store_->head(alice, unlimited).position, Position{2});
  EXPECT_EQ(standing(), "up to 1, 1 filed, 0 erased");
  EXPECT_EQ(filed(), Found{"1 1 ashe"}) << "what somebody left is not found";
  EXPECT_EQ(without(), std::vector{Position{2}});

  EXPECT_TRUE(file(1, 2, {{2, "late"}}));
  EXPECT_EQ(filed(), (Found{"1 1 ashe", "2 2 late"}));
  EXPECT_EQ(problem(), "") << "and the stray one is gone";

  put(1, 9, 3);  // of the next entry
  say(alice, {"figs"});
  EXPECT_EQ(without(), std::vector{Position{3}}) << "a stray one does not count";
  EXPECT_TRUE(file(2, 3, {{3, "figs"}}));
  say(alice, {"oaks"});
  EXPECT_EQ(filed(), (Found{"1 1 ashe", "2 2 late", "3 3 figs", "4 4 oaks"}));
  EXPECT_EQ(standing(), "up to 4, 4 filed, 0 erased");
}

TEST_P(Embeddings, OfNoModelAreInNobodysWay) {
  say(alice, {""});
  put(1, 1, 1);
  EXPECT_EQ(filed(), Found{});
  EXPECT_EQ(standing(), "none");
  say(alice, {"elms"});
  EXPECT_EQ(store_->head(alice, unlimited).position, Position{2});

  EXPECT_TRUE(file(0, 2, {{1, "ashe"}, {2, "elms"}}));

  EXPECT_EQ(filed(), (Found{"1 1 ashe", "2 2 elms"}));
  EXPECT_EQ(problem(), "");
}

TEST_P(Embeddings, ThatWereNeverFiledAreNotCountedWhenTheyGo) {
  say(alice, {"ashe", "", ""});
  put(1, 7, 2);
  erase(alice, {1, 2});

  EXPECT_EQ(standing(), "up to 5, 1 filed, 1 erased");
  EXPECT_EQ(schema_.ask_one("SELECT COUNT(*) FROM embedding"), "0");
}

TEST_P(Embeddings, AreGoneWithABatchThatIsUndone) {
  say(alice, {"ashe"});
  const auto unheard = next(alice, {content_erased(Position{1})});
  schema_.ask("ALTER TABLE embedding RENAME TO away");
  EXPECT_THROW(append_one(*store_, unheard), StoreFailure);
  schema_.ask("ALTER TABLE away RENAME TO embedding");

  EXPECT_EQ(store_->head(alice, unlimited).position, Position{1});
  EXPECT_EQ(filed(), Found{"1 1 ashe"});
  EXPECT_EQ(standing(), "up to 1, 1 filed, 0 erased");
}

// The row by which the wall of a tenant would know them is the entry's too.
TEST_P(Embeddings, StandInThePartitionOfTheirEntry) {
  say(alice, {"ashe"});
  say(bob, {"elms"});
  const auto remainder = [&](const std::string& table) {
    return schema_.ask("SELECT substring(tableoid::REGCLASS::TEXT FROM '[0-9]+$') FROM " + table +
                       " WHERE agent_id = agent_key('alice') LIMIT 1");
  };
  EXPECT_EQ(remainder("embedding"), remainder("entry"));
  EXPECT_EQ(remainder("model"), remainder("entry"));
}

TEST_P(Embeddings, AreKeptAsTheyCame) {
  say(alice, {Bytes(16'384, 'v')});

  EXPECT_EQ(schema_.ask_one("SELECT pg_column_size(vector) FROM embedding"), "16384") << "and not compressed";
}

TEST_P(Embeddings, WaitForAWriterAsAWriterDoes) {
  say(alice, {"ashe", ""});
  auto impatient = schema_.options();
  impatient.lock_timeout = milliseconds{50};
  const auto store = open(impatient);
  const std::vector<NewVector> late = {{{2}, "late"}};
  const auto file_soon = [&](Store& by, const Call& call) {
    return by.vectors()->file_vectors(alice, model, {}, {2}, late, call);
  };
  const auto drop_soon = [&](Store& by, const Call& call) { by.vectors()->drop_vectors(alice, model, call); };
  {
    pqxx::connection writer(tests::shared_server());
    pqxx::work work(writer);
    work.exec(schema_.enter() + "SELECT pg_advisory_xact_lock(agent_lock(agent_key('alice')))");
    const auto soon = [] { return Call{.deadline = std::chrono::steady_clock::now() + milliseconds{20}}; };
    EXPECT_TRUE(fails_with(FailureKind::busy, [&] { file_soon(*store, {}); }));
    EXPECT_TRUE(fails_with(FailureKind::busy, [&] { drop_soon(*store, {}); }));
    EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { file_soon(*store, soon()); }));
    EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { drop_soon(*store, soon()); }));
    std::stop_source stop;
    auto stopped = std::async(std::launch::async, [&] {
      const auto patient = open(schema_.options());
      return fails_with(FailureKind::cancelled, [&] { file_soon(*patient, {.stop = stop.get_token()}); });
    });
    const auto waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%" +
                         schema_.name() + "%append_vectors_1(%'";
    while (schema_.ask_one(waiting) == "0") std::this_thread::yield();
    stop.request_stop();
    EXPECT_TRUE(stopped.get());
    EXPECT_EQ(filed(), Found{"1 1 ashe"});
  }
  EXPECT_TRUE(file_soon(*store, {}));
  drop_soon(*store, {});
  EXPECT_EQ(standing(), "up to 0, 2 filed, 2 erased");
}

// Whoever throws vectors away by hand throws the models away, so that no search relies on them.
TEST_P(Embeddings, AreThrownAwayWithTheirModels) {
  auto tables = schema_.ask("SELECT inhrelid::REGCLASS::TEXT FROM pg_inherits WHERE inhparent = 'embedding'::REGCLASS");
  tables.push_back("embedding");
  tables.push_back("embedding, model");
  say(bob, {"oaks"}, other_model);
  for (const auto& table : tables) {
    SCOPED_TRACE(table);
    say(alice, {"ashe"});
    const auto position = heads_[alice].position.value;
    ASSERT_TRUE(file(0, position, {{position, "ashe"}, {1, "elms"}}));
    ASSERT_TRUE(standing().starts_with("up to " + std::to_string(position)));

    schema_.ask("TRUNCATE " + table);

    EXPECT_EQ(standing(), "none");
    EXPECT_EQ(standing(bob, other_model), "none");
    EXPECT_EQ(filed(), Found{});
    EXPECT_EQ(without().size(), position);
  }
  EXPECT_EQ(schema_.ask_one("SELECT COUNT(*) FROM embedding"), "0");
  EXPECT_EQ(problem(), "");
}

// Only the models: what is left of their vectors is in nobody's way.
TEST_P(Embeddings, OfModelsThatWereThrownAwayAreFiledAgain) {
  say(alice, {"ashe", "elms"});
  schema_.ask("TRUNCATE model");
  EXPECT_EQ(filed(), Found{});
  EXPECT_EQ(problem(), "a vector is filed of model 1, which is not there");

  EXPECT_TRUE(file(0, 2, {{2, "late"}, {1, "last"}}));

  EXPECT_EQ(filed(), (Found{"1 2 late", "2 1 last"}));
  EXPECT_EQ(problem(), "");
}

TEST_P(Embeddings, WhoseTablesWereDroppedAreMadeAnewByMigrate) {
  for (const auto* table : {"model", "embedding", "model, embedding"}) {
    SCOPED_TRACE(table);
    say(alice, {"ashe"});
    const auto walls = schema_.ask(
        "SELECT c.relname || p.polname FROM pg_policy AS p "
        "JOIN pg_class AS c ON c.oid = p.polrelid "
        "WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE ORDER BY 1");
    schema_.ask(std::string("DROP TABLE ") + table);
    try {
      filed();
      ADD_FAILURE() << "answered";
    } catch (const StoreFailure& failure) {
      EXPECT_NE(failure.detail().find("`claimledger migrate`"), std::string::npos) << failure.detail();
    }

    EXPECT_EQ(migrate(schema_.options()).pending, (std::vector<std::string>{"0005_vectors", "0006_nearest"}));

    EXPECT_TRUE(migrate(schema_.options()).pending.empty());
    EXPECT_EQ(schema_.ask("SELECT c.relname || p.polname FROM pg_policy AS p "
                          "JOIN pg_class AS c ON c.oid = p.polrelid "
                          "WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE ORDER BY 1"),
              walls);
    EXPECT_EQ(standing(), "none");
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(schema_.ask_one("SELECT read_guards_1()"), "");
  }
}

TEST_P(Embeddings, ThatContradictTheLedgerAreAProblem) {
  say(alice, {"ashe"});
  erase(alice, {1});
  say(alice, {"elms"});
  EXPECT_EQ(problem(), "");

  put(1, 1, 1);
  EXPECT_EQ(problem(), "a vector is filed for entry 1, which has no content");
  schema_.ask("UPDATE embedding SET stream_seq = 9 WHERE stream_seq = 1");
  EXPECT_EQ(problem(), "a vector is filed for entry 9, which has no content");
  schema_.ask("DELETE FROM embedding WHERE stream_seq = 9");
  put(1, 3, 9);
  EXPECT_NE(problem(), "") << "with a number that was not given yet";
  schema_.ask("DELETE FROM embedding WHERE stream_seq = 9");
  put(2, 1, 3);
  EXPECT_EQ(problem(), "a vector is filed of model 2, which is not there");
  schema_.ask("DELETE FROM embedding WHERE model_no = 2; UPDATE model SET up_to = 4");
  EXPECT_EQ(problem(), "the vectors of small reach up to 4, further than the ledger");
  schema_.ask(
      "UPDATE model SET up_to = 3; CREATE TRIGGER spy BEFORE INSERT ON embedding FOR EACH ROW "
      "EXECUTE FUNCTION only_grows()");
  EXPECT_EQ(problem(), "the trigger spy on embedding is not of our making");
  schema_.ask("DROP TRIGGER spy ON embedding; DROP TRIGGER embedding_truncate ON embedding");
  EXPECT_EQ(problem(), "the trigger embedding_truncate on embedding is missing, altered or switched off");
}

INSTANTIATE_TEST_SUITE_P(Partitions, Embeddings, testing::Values(0, 4),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

}  // namespace claimledger::postgres::test
