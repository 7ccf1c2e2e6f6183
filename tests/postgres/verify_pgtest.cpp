#include <gtest/gtest.h>

#include "own_schema.hpp"

// Verify finds each row that is filed otherwise than the entries say, and each guard that is gone, though the entries
// themselves are whole.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};
const std::string of_alice = "agent_key('alice')";
const EmbeddingModel model{"small", 2, "weights 1"};

// A ledger with a row in every table: two claims, one derived and with a key, and a serving.
void tell(Engine& engine) {
  claimledger::Statement first{.subject = "ada", .predicate = "says", .value = "Berlin", .source = "a test"};
  first.vector = {1, 0};
  const auto parent = engine.ingest({.agent = alice, .statements = {first}, .model = model}).receipts.front();
  claimledger::Statement child{.subject = "ada", .predicate = "country", .value = "Germany"};
  child.provenance = Provenance::model_derived;
  child.derived_from = {*parent.claim};
  child.idempotency_key = "once";
  child.vector = {0, 1};
  engine.ingest({.agent = alice, .statements = {child}, .model = model});
  engine.recall({.agent = alice, .line = {"ada", "says"}, .serve_to = "chat 7"});
}

struct Forgery {
  std::string sql;
  std::string problem;
};

const std::vector<Forgery> forgeries = {
    {"INSERT INTO derivation SELECT agent_id, agent_key('x'), stream_seq FROM entry WHERE stream_seq = 2",
     "2 derivations"},
    {"INSERT INTO derivation SELECT agent_id, agent_key('x'), 3 FROM entry WHERE stream_seq = 3",
     "which is about no claim"},
    {"INSERT INTO served SELECT agent_id, claim_id, 1 FROM entry WHERE stream_seq = 1", "2 servings"},
    {"INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, kind, begins, body, hash) "
     "SELECT agent_id, 99, 1, recorded_at, kind, false, body, hash FROM entry WHERE stream_seq = 3",
     "names 1 as the first of its batch"},
    {"UPDATE agent SET name = 'mallory'", "filed as mallory"},
    {"UPDATE entry SET line_no = 1 WHERE stream_seq = 3", ""},
    {"UPDATE entry SET subject = NULL, predicate = NULL WHERE stream_seq = 2", "as the first of its line"},
    {"UPDATE entry SET subject = 'bob' WHERE stream_seq = 2", ""},
    {"INSERT INTO line VALUES (" + of_alice + ", 'ada', 'shoe size', 1)", "a line names 1 as its first entry"},
    {"UPDATE line SET first_seq = 9999 WHERE first_seq = 2", "a line names 9999 as its first entry"},
    {"DELETE FROM line WHERE first_seq = 2", "is not found by its name"},
    {"UPDATE entry SET batch_entries = 2 WHERE stream_seq = 1", ""},
    {"UPDATE entry SET recorded_at = 1 WHERE stream_seq = 1", ""},
    {"UPDATE entry SET begins = false WHERE stream_seq = 1", ""},
    {"UPDATE entry SET begins = true, claim_id = agent_key('x') WHERE stream_seq = 3", ""},
    {"UPDATE entry SET erased_by = 3, salt = NULL, content = NULL, search_text = NULL, key_digest = NULL "
     "WHERE stream_seq = 1",
     ""},
    {"ALTER TABLE entry DROP CONSTRAINT only_tombstones_erase; UPDATE entry SET erases = 1 WHERE stream_seq = 3",
     "erases nothing"},
    {"UPDATE derivation SET child_seq = 1", "dependants are wrong"},
    {"UPDATE derivation SET parent_id = agent_key('x')", "dependants are wrong"},
    {"UPDATE entry SET key_digest = sha256('x') WHERE stream_seq = 2", "not found by its idempotency key"},
    {"UPDATE entry SET key_digest = sha256('x') WHERE stream_seq = 1", "2 idempotency keys"},
    {"UPDATE served SET stream_seq = 1", "not found by a claim that it serves"},
    {"UPDATE entry SET search_text = 'Bob' WHERE stream_seq = 1", "other keys than its own"},
    {"DELETE FROM agent", "has no name"},
    {"DELETE FROM derivation", "dependants are wrong"},
    {"UPDATE entry SET key_digest = NULL", "not found by its idempotency key"},
    {"DELETE FROM served", "not found by a claim that it serves"},
    {"DELETE FROM embedding WHERE stream_seq = 2", "entry 2 has another vector of "},
    {"UPDATE embedding SET vector = substr(vector, 1, 4) WHERE stream_seq = 1", "entry 1 has another vector of "},
    {"UPDATE embedding SET vector = decode('0000004000000000', 'hex') WHERE stream_seq = 2",
     "entry 2 has another vector of "},
    {"UPDATE model SET dimensions = 3", "entry 1 has another vector of "},
    {"INSERT INTO embedding SELECT agent_id, 1, 3, 3, vector FROM embedding WHERE stream_seq = 1; "
     "UPDATE model SET filed = 3",
     "entry 3 has another vector of "},
    {"INSERT INTO embedding SELECT agent_id, 7, 1, 1, vector FROM embedding WHERE stream_seq = 1",
     "a vector is filed of model 7, which is not there"},
    {"UPDATE model SET up_to = 9", "the vectors of small reach up to 9"},
    {"DROP TRIGGER embedding_truncate ON embedding", "the trigger embedding_truncate on embedding is missing"},
    {"DROP TRIGGER entry_update ON entry", "the trigger entry_update on entry is missing"},
    {"ALTER TABLE served DISABLE TRIGGER served_update",
     "the trigger served_update on served is missing, altered or switched"},
    {"DROP TRIGGER derivation_truncate ON derivation", "the trigger derivation_truncate on derivation"},
    {"CREATE TRIGGER late AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION only_grows()",
     "the trigger late on entry"},
};

}  // namespace

TEST(Verify, FindsEachForgery) {
  for (const auto& forgery : forgeries) {
    SCOPED_TRACE(forgery.sql);
    const OwnSchema schema("verify");
    initialise(schema.options(), {});
    auto engine = engine_over(schema.options());
    tell(engine);
    ASSERT_TRUE(engine.verify({.agent = alice}).ok) << engine.verify({.agent = alice}).problem;

    schema.ask("SET session_replication_role = replica; " + forgery.sql);

    const auto found = engine.verify({.agent = alice});
    EXPECT_FALSE(found.ok);
    EXPECT_NE(found.problem.find(forgery.problem), std::string::npos) << found.problem;
  }
}

TEST(Verify, DoesNotMissVectorsThatAreNotFiled) {
  const OwnSchema schema("verify_vectors");
  initialise(schema.options(), {});
  auto engine = engine_over(schema.options());
  tell(engine);
  for (const auto* sql : {"UPDATE model SET up_to = 1; DELETE FROM embedding WHERE stream_seq > 1",
                          "UPDATE model SET up_to = 0; DELETE FROM embedding", "TRUNCATE embedding"}) {
    schema.ask(sql);
    EXPECT_TRUE(engine.verify({.agent = alice}).ok) << sql << ": " << engine.verify({.agent = alice}).problem;
  }
}

TEST(Verify, OfPartitionsLooksAtTheirGuardsToo) {
  const OwnSchema schema("verify_partitions");
  initialise(schema.options(), {.partitions = 2});
  auto engine = engine_over(schema.options());
  tell(engine);
  ASSERT_TRUE(engine.verify({.agent = alice}).ok) << engine.verify({.agent = alice}).problem;

  schema.ask("ALTER TABLE entry_1 DISABLE TRIGGER entry_update");

  EXPECT_NE(engine.verify({.agent = alice}).problem.find("entry_update on entry_1 is switched off"), std::string::npos)
      << engine.verify({.agent = alice}).problem;
}

TEST(Verify, ANameWithoutALedgerIsFound) {
  const OwnSchema schema("verify_ghost");
  initialise(schema.options(), {});
  auto engine = engine_over(schema.options());

  schema.ask("INSERT INTO agent VALUES (" + of_alice + ", 'alice')");

  EXPECT_NE(engine.verify({.agent = alice}).problem.find("no ledger"), std::string::npos);
}

}  // namespace claimledger::postgres::test
