#include <gtest/gtest.h>

#include "own_schema.hpp"

// Verify finds each row that is filed otherwise than the entries say, and each guard that is gone, though the entries
// themselves are whole.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};
const std::string of_alice = "agent_key('alice')";

// A ledger with a row in every table but `erased`: two claims, one derived and with a key, and a serving.
void tell(Engine& engine) {
  const auto parent = say(engine, alice, "ada", "Berlin");
  claimledger::Statement child{.subject = "ada", .predicate = "country", .value = "Germany"};
  child.provenance = Provenance::model_derived;
  child.derived_from = {*parent.claim};
  child.idempotency_key = "once";
  engine.ingest({.agent = alice, .statements = {child}});
  engine.recall({.agent = alice, .line = {"ada", "says"}, .serve_to = "chat 7"});
}

struct Forgery {
  std::string sql;
  std::string problem;
};

const std::vector<Forgery> forgeries = {
    {"INSERT INTO line VALUES (" + of_alice + ", 99, 'ada', 'shoe size', 1)", "line 99"},
    {"INSERT INTO claim VALUES (" + of_alice + ", agent_key('x'), 1)", "3 claims"},
    {"INSERT INTO edge SELECT agent_id, agent_key('x'), stream_seq, claim_id FROM claim WHERE stream_seq = 2",
     "2 derivations"},
    {"INSERT INTO idempotency VALUES (" + of_alice + ", sha256('x'), 1)", "2 idempotency keys"},
    {"INSERT INTO idempotency VALUES (" + of_alice + ", sha256('x'), 9999)", "2 idempotency keys"},
    {"INSERT INTO served SELECT agent_id, claim_id, 1 FROM claim LIMIT 1", "2 servings"},
    {"INSERT INTO erased VALUES (" + of_alice + ", 1, 3)", "1 erasures"},
    {"INSERT INTO content VALUES (" + of_alice + ", 77, substr(sha256('x'), 1, 16), 'x', NULL)", "4 contents"},
    {"INSERT INTO entry SELECT agent_id, 0, 1, recorded_at, kind, NULL, NULL, NULL, NULL, body, hash FROM entry "
     "WHERE stream_seq = 3",
     "names 1 as the first of its batch"},
    {"UPDATE agent SET name = 'mallory'", "filed as mallory"},
    {"UPDATE line SET first_seq = 9999 WHERE line_no = 2", "names 9999 as its first entry"},
    {"UPDATE entry SET batch_seq = 1 WHERE stream_seq = 2", "first of its batch"},
    {"UPDATE claim SET stream_seq = 2 WHERE stream_seq = 1", ""},
    {"UPDATE edge SET child_seq = 1", "as another claim than it records"},
    {"UPDATE edge SET child_id = parent_id", "dependants are wrong"},
    {"UPDATE idempotency SET key_digest = sha256('x')", "not found by its idempotency key"},
    {"UPDATE served SET stream_seq = 1", "not found by a claim that it serves"},
    {"UPDATE content SET lookup = 'Bob' WHERE stream_seq = 1", "other keys than its own"},
    {"DELETE FROM agent", "has no name"},
    {"DELETE FROM line WHERE line_no = 2", ""},
    {"DELETE FROM claim WHERE stream_seq = 1", "not found by its claim"},
    {"DELETE FROM edge", "dependants are wrong"},
    {"DELETE FROM idempotency", "not found by its idempotency key"},
    {"DELETE FROM served", "not found by a claim that it serves"},
    {"DROP TRIGGER entry_update ON entry", "the trigger entry_update on entry is missing"},
    {"ALTER TABLE line DISABLE TRIGGER line_update", "the trigger line_update on line is missing, altered or switched"},
    {"DROP TRIGGER claim_truncate ON claim", "the trigger claim_truncate on claim"},
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
    ASSERT_TRUE(engine.verify(alice).ok) << engine.verify(alice).problem;

    schema.ask("SET session_replication_role = replica; " + forgery.sql);

    const auto found = engine.verify(alice);
    EXPECT_FALSE(found.ok);
    EXPECT_NE(found.problem.find(forgery.problem), std::string::npos) << found.problem;
  }
}

TEST(Verify, OfPartitionsLooksAtTheirGuardsToo) {
  const OwnSchema schema("verify_partitions");
  initialise(schema.options(), {.partitions = 2});
  auto engine = engine_over(schema.options());
  tell(engine);
  ASSERT_TRUE(engine.verify(alice).ok) << engine.verify(alice).problem;

  schema.ask("ALTER TABLE entry_1 DISABLE TRIGGER entry_update");

  EXPECT_NE(engine.verify(alice).problem.find("entry_update on entry_1 is switched off"), std::string::npos)
      << engine.verify(alice).problem;
}

TEST(Verify, ANameWithoutALedgerIsFound) {
  const OwnSchema schema("verify_ghost");
  initialise(schema.options(), {});
  auto engine = engine_over(schema.options());

  schema.ask("INSERT INTO agent VALUES (" + of_alice + ", 'alice')");

  EXPECT_NE(engine.verify(alice).problem.find("no ledger"), std::string::npos);
}

}  // namespace claimledger::postgres::test
