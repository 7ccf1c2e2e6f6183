#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/ports/vectors.hpp"
#include "support.hpp"

// Verify finds each row that is filed otherwise than the entries say, and each part of the schema that is not as it was
// made, though the entries themselves are whole.
namespace claimledger::sqlite::test {

namespace {

struct Forgery {
  std::string name;
  std::string sql;
  std::string problem;       // in the words of verify
  bool past_guards = false;  // the triggers would refuse it: they are put back afterwards
};

void PrintTo(const Forgery& forgery, std::ostream* out) { *out << forgery.sql; }

// An engine that writes needs a seed of its own: with ids that are there already its batch has landed before.
Engine engine_over(std::unique_ptr<Store> store, std::uint64_t seed = 1) {
  return Engine({.store = std::move(store),
                 .clock = std::make_shared<conformance::ManualClock>(),
                 .ids = std::make_shared<conformance::SeededIds>(seed)});
}

const EmbeddingModel model{"small", 2, "weights 1"};

// A ledger with a row in every table: two claims, one derived and with a key, and a serving.
class Forged : public testing::TestWithParam<Forgery> {
 protected:
  Forged() {
    auto engine = engine_over(open({.path = path_}));
    agent_ = engine.config().agent;
    Statement first{.subject = "ada", .predicate = "city", .value = "Berlin", .source = "Ada"};
    first.vector = {1, 0};
    const auto parent = engine.ingest({.agent = agent_, .statements = {first}, .model = model}).receipts.front();
    Statement child{.subject = "ada", .predicate = "country", .value = "Germany"};
    child.vector = {0, 1};
    child.provenance = Provenance::model_derived;
    child.derived_from = {*parent.claim};
    child.idempotency_key = "once";
    engine.ingest({.agent = agent_, .statements = {child}, .model = model});
    engine.recall({.agent = agent_, .line = {"ada", "city"}, .serve_to = "chat 7"});
  }

  Verification verify() { return engine_over(open({.path = path_})).verify({.agent = agent_}); }

  // Appends a batch of `model`, a second after the last.
  void write_later(Store& store, std::vector<StoredEntry> entries) const {
    const auto head = store.head(agent_, unlimited);
    auto commit = made_by(commit_after(head, agent_, std::move(entries)), model);
    commit.header.recorded_at = TxTime{head.recorded_at.value + std::chrono::seconds{1}};
    commit.every_vector = false;
    for (auto& entry : commit.entries) entry.recorded_at = commit.header.recorded_at;
    const auto outcome = append(store, commit);
    ASSERT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
  }

  // Changes what is stored with every trigger gone, and puts the triggers back as they were.
  void forge(const std::string& sql, bool past_guards) {
    Raw raw(path_);
    raw.run("PRAGMA foreign_keys = OFF");
    std::vector<std::string> guards;
    if (past_guards) {
      raw.run("PRAGMA ignore_check_constraints = ON");
      guards = raw.rows("SELECT sql FROM sqlite_schema WHERE type = 'trigger'");
      for (const auto& name : raw.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
        raw.run("DROP TRIGGER " + name);
      }
    }
    raw.run(sql);
    for (const auto& guard : guards) raw.run(guard);
  }

  Folder folder_;
  std::string path_ = folder_ / "agent.db";
  AgentId agent_;
};

const std::vector<Forgery> forgeries = {
    // Plain inserts, which no trigger refuses.
    {"extra_agent", "INSERT INTO agent (name) VALUES ('ghost')", "has a name and no ledger"},
    {"gap_of_agents", "INSERT INTO agent VALUES (99, 'ghost')", "agent 99 has a name"},
    {"agents_from_five",
     "UPDATE agent SET agent_id = 5; UPDATE entry SET agent_id = 5; UPDATE line SET agent_id = 5; "
     "UPDATE derivation SET agent_id = 5; UPDATE served SET agent_id = 5",
     "numbered without gaps", true},
    {"lost_content",
     "UPDATE entry SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL WHERE stream_seq = 1",
     "entry 1 has lost its content", true},
    {"row_of_no_agent", "INSERT INTO served SELECT 2, claim_id, 1 FROM entry LIMIT 1", "served has rows of no agent"},
    {"posting_of_no_agent", "INSERT INTO posting VALUES (2, 'munich', 1, 1, NULL)", "posting has rows of no agent"},
    {"extra_posting", "INSERT INTO posting VALUES (1, 'munich', 1, 1, NULL)",
     "entry 1 has other words filed than its own"},
    {"posting_of_a_serving", "INSERT INTO posting VALUES (1, 'munich', 3, 1, NULL)", "entry 3 has other words filed"},
    {"altered_posting", "UPDATE posting SET count = 2 WHERE term = 'berlin'", "entry 1 has other words filed"},
    {"moved_posting", "UPDATE posting SET stream_seq = 2 WHERE term = 'berlin'", "entry 1 has other words filed"},
    {"extra_posting_behind_another", "UPDATE posting SET others = x'02' WHERE term = 'berlin'",
     "entry 2 has other words filed"},
    {"garbled_posting", "UPDATE posting SET others = x'80' WHERE term = 'berlin'",
     "the word \"berlin\" is filed in a way that nobody files words; `claimledger reindex --anew`"},
    {"missing_posting", "DELETE FROM posting WHERE term = 'germani'", "entry 2 has other words filed"},
    {"vector_of_no_agent", "INSERT INTO embedding VALUES (2, 1, 1, 1, x'00')", "embedding has rows of no agent"},
    {"model_of_no_agent", "INSERT INTO model VALUES (2, 1, 'small', 2, '', 0, 0, 0)", "model has rows of no agent"},
    {"vector_of_no_model", "INSERT INTO embedding VALUES (1, 7, 1, 1, x'0000803f00000000')",
     "a vector is filed of model 7, which is not there"},
    {"vector_past_the_last", "INSERT INTO embedding SELECT 1, 1, 9, 3, vector FROM embedding WHERE filed_no = 1",
     "a vector is filed "},
    {"vector_of_an_entry_to_come",
     "UPDATE embedding SET stream_seq = 9 WHERE stream_seq = 2; UPDATE model SET up_to = 1",
     "a vector is filed for entry 9, which has no content"},
    {"vector_of_a_serving",
     "INSERT INTO embedding SELECT 1, 1, 3, 3, vector FROM embedding WHERE filed_no = 1; UPDATE model SET filed = 3",
     "entry 3 has another vector of "},
    {"missing_vector", "DELETE FROM embedding WHERE stream_seq = 1", "entry 1 has another vector of "},
    {"missing_vectors", "DELETE FROM embedding", "entry 1 has another vector of "},
    {"short_vector", "UPDATE embedding SET vector = x'0000803f' WHERE stream_seq = 2",
     "entry 2 has another vector of "},
    {"longer_vector", "UPDATE embedding SET vector = x'0000803f0000000000000000' WHERE stream_seq = 2",
     "entry 2 has another vector of "},
    {"vector_of_another_length", "UPDATE embedding SET vector = x'0000004000000000' WHERE stream_seq = 1",
     "entry 1 has another vector of "},
    {"vector_not_finite", "UPDATE embedding SET vector = x'0000c07f00000000' WHERE stream_seq = 2",
     "entry 2 has another vector of "},
    {"model_of_other_dimensions", "UPDATE model SET dimensions = 3", "entry 1 has another vector of "},
    {"extra_line", "INSERT INTO line VALUES (1, 'ada', 'shoe size', 1)", "line 1 has another name"},
    {"extra_derivation", "INSERT INTO derivation VALUES (1, zeroblob(16), 1)", "2 derivations"},
    {"extra_serving", "INSERT INTO served SELECT 1, claim_id, 1 FROM entry WHERE stream_seq = 1", "2 servings"},
    {"extra_key", "UPDATE entry SET key_digest = zeroblob(32) WHERE stream_seq = 1", "2 idempotency keys", true},
    {"extra_erasure", "UPDATE entry SET erases = 1 WHERE stream_seq = 3", "CHECK constraint failed", true},
    {"extra_entry",
     "INSERT INTO entry (agent_id, stream_seq, batch_offset, recorded_at, kind, begins, hash, body) SELECT 1, 4, 1, "
     "recorded_at, kind, 0, hash, body FROM entry WHERE stream_seq = 3",
     "is missing", true},
    {"altered_line", "UPDATE line SET first_seq = 9999 WHERE first_seq = 2", "", true},
    {"altered_line_name", "UPDATE line SET predicate = 'town' WHERE first_seq = 1", "line 1 has another name", true},
    {"altered_name", "UPDATE entry SET predicate = 'town' WHERE stream_seq = 1", "another line", true},
    {"altered_line_of_entry", "UPDATE entry SET line_no = 1 WHERE stream_seq = 2", "", true},
    {"altered_batch_of_entry",
     "UPDATE entry SET batch_offset = 1, batch_id = NULL, batch_size = NULL WHERE stream_seq = 2", "", true},
    {"altered_batch", "UPDATE entry SET batch_size = 2 WHERE stream_seq = 2", "", true},
    {"altered_claim", "UPDATE entry SET begins = 0 WHERE stream_seq = 1", "other keys than its own", true},
    {"altered_derivation", "UPDATE derivation SET child_seq = 1", "dependants are wrong", true},
    {"altered_parent", "UPDATE derivation SET parent_id = zeroblob(16)", "dependants are wrong", true},
    {"altered_key", "UPDATE entry SET key_digest = zeroblob(32) WHERE key_digest IS NOT NULL",
     "not found by its idempotency key", true},
    {"altered_serving", "UPDATE served SET stream_seq = 1", "not found by a claim that it serves", true},
    {"altered_text", "UPDATE entry SET search_text = 'Bob' WHERE stream_seq = 1", "other keys than its own", true},
    {"missing_line", "DELETE FROM line WHERE first_seq = 2", "names a line", true},
    {"missing_derivation", "DELETE FROM derivation", "dependants are wrong", true},
    {"missing_key", "UPDATE entry SET key_digest = NULL", "not found by its idempotency key", true},
    {"missing_serving", "DELETE FROM served", "not found by a claim that it serves", true},
    {"missing_batch", "DELETE FROM entry WHERE stream_seq = 2", "is missing", true},
    {"dropped_index", "DROP INDEX entry_by_line", "the index entry_by_line is missing"},
    {"dropped_trigger", "DROP TRIGGER entry_update", "the trigger entry_update is missing"},
    {"altered_trigger",
     "DROP TRIGGER entry_update; CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN SELECT 1; END",
     "the trigger entry_update reads otherwise"},
    {"unknown_trigger", "CREATE TRIGGER late AFTER INSERT ON entry BEGIN SELECT 1; END", "the trigger late"},
};

}  // namespace

TEST_P(Forged, IsFound) {
  ASSERT_TRUE(verify().ok) << verify().problem;

  forge(GetParam().sql, GetParam().past_guards);

  const auto found = verify();
  EXPECT_FALSE(found.ok);
  EXPECT_NE(found.problem.find(GetParam().problem), std::string::npos) << found.problem;
}

INSTANTIATE_TEST_SUITE_P(Rows, Forged, testing::ValuesIn(forgeries), [](const auto& each) { return each.param.name; });

class Schema : public Forged {};

// An index that lacks what its table has: what is looked up by it is not found, and no entry shows it.
constexpr auto empty_index =
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' AND 0' WHERE name = 'entry_by_text'; "
    "PRAGMA writable_schema = RESET; REINDEX entry_by_text; PRAGMA writable_schema = ON; "
    "UPDATE sqlite_schema SET sql = substr(sql, 1, length(sql) - 6) WHERE name = 'entry_by_text'; "
    "PRAGMA writable_schema = RESET";

TEST_F(Schema, AnIndexThatDisagreesWithItsTableIsFound) {
  forge(empty_index, false);

  const auto found = verify();
  EXPECT_FALSE(found.ok);
  EXPECT_NE(found.problem.find("the database is damaged: "), std::string::npos) << found.problem;
  EXPECT_NE(found.problem.find("entry_by_text"), std::string::npos) << found.problem;
}

// The file is read as a whole, so once for all who are asked for in turn.
TEST_F(Schema, ADamagedIndexIsFoundForEachAgent) {
  auto engine = engine_over(open({.path = path_}));
  const AgentId other{"other"};
  engine.ingest({.agent = other, .statements = {{.subject = "a", .predicate = "b", .value = "c"}}});
  for (const auto& agent : {agent_, other, agent_}) EXPECT_TRUE(engine.verify({.agent = agent}).ok);

  forge(empty_index, false);

  for (const auto& agent : {agent_, other, agent_}) EXPECT_FALSE(engine.verify({.agent = agent}).ok) << agent.value;
}

// What is not filed is read by a search, and what another recipe made is not used.
TEST_F(Schema, WordsThatAreNotFiledAreNotMissed) {
  for (const auto* sql : {"UPDATE text_index SET up_to = 1; DELETE FROM posting WHERE stream_seq > 1",
                          "UPDATE text_index SET recipe = 'another'; DELETE FROM posting WHERE stream_seq = 1",
                          "DELETE FROM text_index; DELETE FROM posting"}) {
    forge(sql, false);
    EXPECT_TRUE(verify().ok) << sql << ": " << verify().problem;
  }
}

// What has no vector yet has none behind where its model reaches.
TEST_F(Schema, VectorsThatAreNotFiledAreNotMissed) {
  for (const auto* sql :
       {"UPDATE model SET up_to = 1; DELETE FROM embedding WHERE stream_seq > 1",
        "INSERT INTO model VALUES (1, 2, 'another', 2, '', 0, 0, 0)",
        "UPDATE model SET up_to = 0; DELETE FROM embedding WHERE stream_seq = 1",
        "UPDATE model SET up_to = 999999 WHERE model_no = 2", "DELETE FROM model; DELETE FROM embedding"}) {
    forge(sql, false);
    EXPECT_TRUE(verify().ok) << sql << ": " << verify().problem;
  }
}

TEST_F(Schema, AVectorThatOutlivedItsContentIsFound) {
  const auto store = open({.path = path_});
  write_later(*store, {tombstone({1})});
  EXPECT_EQ(store->inventory(agent_, unlimited).problem, "");
  EXPECT_EQ(standing(*store, agent_, model), "up to 2, 2 filed, 1 erased");

  forge("INSERT INTO embedding SELECT 1, 1, 1, 1, vector FROM embedding", false);

  EXPECT_EQ(store->inventory(agent_, unlimited).problem, "a vector is filed for entry 1, which has no content");
}

// Rows that somebody put where the next would go: they are not read, and nothing is refused for them.
TEST_F(Schema, StrayVectorsAreInNobodysWay) {
  const auto stray = [&](int number, int seq) {
    forge("INSERT OR REPLACE INTO embedding VALUES (1, 1, " + std::to_string(number) + ", " + std::to_string(seq) +
              ", x'7374726179')",
          false);
  };
  const auto store = open({.path = path_});
  const auto file = [&](std::uint64_t seq, Bytes vector) {
    const auto up_to = store->head(agent_, unlimited).position;
    const std::vector<NewVector> page = {{{seq}, std::move(vector)}};
    return store->vectors()->file_vectors(agent_, model, {}, up_to, page, unlimited);
  };
  const auto last = [&] { return vectors(*store, agent_, model).back(); };
  stray(3, 99);  // with the next number
  stray(8, 4);   // of the next entry
  stray(9, 3);   // of an entry without content
  ASSERT_EQ(vectors(*store, agent_, model).size(), 2U);

  const auto entry = with_content(claim_entry(70), "content");
  write_later(*store, {with_vector(entry, "soon")});
  EXPECT_EQ(last(), "3 4 soon");

  stray(4, 98);
  write_later(*store, {with_content(claim_entry(71), "content")});
  stray(12, 5);
  const std::vector<std::uint8_t> kinds = {entry.kind};
  EXPECT_EQ(store->vectors()->without_vector(agent_, model, kinds, {}, anywhere, 9, unlimited),
            std::vector{Position{5}});
  EXPECT_TRUE(file(5, "late"));
  EXPECT_EQ(last(), "4 5 late");
  EXPECT_EQ(standing(*store, agent_, model), "up to 5, 4 filed, 0 erased");

  stray(20, 6);
  write_later(*store, {with_content(claim_entry(72), "content")});
  write_later(*store, {tombstone({6})});
  EXPECT_EQ(standing(*store, agent_, model), "up to 5, 4 filed, 0 erased") << "what was not filed is not counted";
}

// Somebody has moved its end: searches find the same, by the same scores.
TEST_F(Schema, WordsBehindTheEndOfTheirIndexAreRead) {
  auto engine = engine_over(open({.path = path_}), 2);
  const auto found = [&](const std::string& words) {
    SearchRequest request{.agent = agent_, .text = words};
    request.at.position = engine.head({.agent = agent_}).position;  // the clock stands still
    request.history = true;
    const auto answer = engine.search(request);
    std::vector<Score> scores;
    for (const auto& line : answer.lines) scores.push_back(line.score);
    return scores;
  };
  const auto before = found("berlin ada germany");
  ASSERT_EQ(before.size(), 2U);
  for (const auto* end : {"0", "1", "2", "999999", "-5"}) {
    SCOPED_TRACE(end);
    forge("UPDATE text_index SET up_to = " + std::string(end), false);
    EXPECT_EQ(found("berlin ada germany"), before);
  }

  engine.remember("ada", "hobby", "sailing");
  EXPECT_EQ(found("sailing").size(), 1U);
  EXPECT_EQ(engine.reindex({.agent = agent_}).up_to, engine.head({.agent = agent_}).position);
  EXPECT_EQ(found("sailing").size(), 1U);
  EXPECT_TRUE(verify().ok) << verify().problem;
}

TEST_F(Schema, IndexesOfAnOperatorAreLeftAlone) {
  forge(
      "CREATE INDEX by_body ON entry (body); CREATE TABLE notes (x UNIQUE); CREATE VIEW v AS SELECT 1; ANALYZE; "
      "CREATE UNIQUE INDEX one_note ON notes (x); CREATE TRIGGER notes_insert AFTER INSERT ON notes BEGIN SELECT 1; "
      "END",
      false);

  EXPECT_TRUE(verify().ok) << verify().problem;
  EXPECT_EQ(describe(*open({.path = path_}), "schema"), "whole");
}

TEST_F(Schema, AnIndexOfAnOperatorMayForbidNothing) {
  forge("CREATE UNIQUE INDEX one_of_each ON line (agent_id, predicate) WHERE predicate = 'zz'", false);

  EXPECT_FALSE(verify().ok);
  EXPECT_NE(verify().problem.find("one_of_each is not of our making"), std::string::npos) << verify().problem;
}

TEST_F(Schema, AMissingIndexIsCorruptAndPointsAtVerify) {
  forge("DROP INDEX entry_by_line", false);
  auto engine = engine_over(open({.path = path_}));

  try {
    engine.recall("ada", "city");
    FAIL() << "answered";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_NE(failure.detail().find("claimledger verify"), std::string::npos) << failure.detail();
  }
  EXPECT_NE(describe(*open({.path = path_}), "schema").find("entry_by_line"), std::string::npos);
}

// Only a store writes tombstones so far: what it files for erased entries is looked at without the engine.
TEST(ErasedEntries, AreCountedWithTheirTombstones) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  write(*store, alice, {tombstone(Position{1})});

  const auto found = store->inventory(alice, unlimited);
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.keys, 0U) << "that of an erased entry";
  EXPECT_EQ(found.erasures, (std::vector<Erasure>{{Position{1}, Position{5}}}));
}

}  // namespace claimledger::sqlite::test
