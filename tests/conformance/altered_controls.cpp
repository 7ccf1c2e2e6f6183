#include <sqlite3.h>

#include <cstdio>

#include "controls.hpp"

// The SQLite adapter itself with one text in its statements altered. The program is linked with --wrap, so that every
// statement that the adapter prepares passes here first; nothing of the adapter is compiled twice.
namespace claimledger::conformance {

namespace {

// Set once, before the first store is opened.
const Control*& altering() {
  static const Control* control = nullptr;
  return control;
}

std::string alter(std::string statement) {
  const auto* control = altering();
  if (!control) return statement;
  bool applied = false;
  for (std::size_t at = 0; (at = statement.find(control->sql, at)) != std::string::npos;
       at += control->altered.size()) {
    statement.replace(at, control->sql.size(), control->altered);
    applied = true;
  }
  if (applied) std::printf("breakage applied\n");
  return statement;
}

Control altered(std::string name, std::string breakage, std::string rule, std::string sql, std::string instead,
                std::string over = "sqlite_memory") {
  return {.name = std::move(name),
          .breakage = std::move(breakage),
          .rule = std::move(rule),
          .over = std::move(over),
          .sql = std::move(sql),
          .altered = std::move(instead)};
}

}  // namespace

void alter_statements(const Control& control) { altering() = new Control(control); }

std::vector<Control> altered_controls() {
  return {
      altered("sql_line_past_at", "`line` has no cutoff", "R03", "e.line_no = ?2 AND e.stream_seq <= ?3",
              "e.line_no = ?2 AND ?3 = ?3"),
      altered("sql_line_unordered", "`line` is ordered by hash", "A06",
              "e.line_no = ?2 AND e.stream_seq <= ?3\n   ORDER BY e.stream_seq",
              "e.line_no = ?2 AND e.stream_seq <= ?3\n   ORDER BY e.hash"),
      altered("sql_position_before", "`position_at` compares with < instead of <=", "P01", "recorded_at <= ?2",
              "recorded_at < ?2"),
      altered("sql_claim_past_at", "`claim_seq` has no cutoff", "R04", "claim_id = ?2 AND stream_seq <= ?3",
              "claim_id = ?2 AND ?3 = ?3"),
      altered("sql_children_past_at", "`children` has no cutoff", "R05", "child_seq <= ?3", "?3 = ?3"),
      altered("sql_key_past_at", "`key_seq` has no cutoff", "R06", "key_digest = ?2 AND stream_seq <= ?3",
              "key_digest = ?2 AND ?3 = ?3"),
      altered("sql_served_past_at", "servings have no cutoff", "R07",
              "FROM served\n   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3",
              "FROM served\n   WHERE agent_id = ?1 AND stream_seq >= ?2 AND ?3 = ?3"),
      altered("sql_answers_past_at", "`open_questions` sees answers after the position", "R08",
              "AND a.stream_seq <= ?3", ""),
      altered("sql_lines_past_at", "`lines` has no cutoff", "R09", "> (?2, ?3) AND first_seq <= ?4",
              "> (?2, ?3) AND ?4 = ?4"),
      altered("sql_subjects_past_at", "`next_subject` has no cutoff", "R10", "subject > ?2 AND first_seq <= ?3",
              "subject > ?2 AND ?3 = ?3"),
      altered("sql_questions_from_cursor", "`open_questions` starts at the cursor", "K09", "e.stream_seq > ?2",
              "e.stream_seq >= ?2"),
      altered("sql_lines_from_cursor", "`lines` starts at the cursor", "K10", "(subject, predicate) > (?2, ?3)",
              "(subject, predicate) >= (?2, ?3)"),
      altered("sql_lines_without_case", "`lines` is ordered without case", "K10", "ORDER BY subject, predicate",
              "ORDER BY subject COLLATE NOCASE, predicate"),
      altered("sql_batches_from_cursor", "`batches` starts at the cursor", "G04", "first_seq > ?2", "first_seq >= ?2"),
      altered("sql_one_too_many", "`agents` gives one more than the limit", "G02", "ORDER BY a.name\n   LIMIT ?2",
              "ORDER BY a.name LIMIT MIN(?2, 1000) + 1"),
      altered("sql_snapshot_inside", "`batch_before` takes the batch that a position lies in", "S04",
              "b.first_seq <= ?2 AND b.last_seq <= ?2", "b.first_seq <= ?2"),
      altered("sql_snapshot_before", "`batch_at` compares with < instead of <=", "S05", "b.recorded_at <= ?2",
              "b.recorded_at < ?2"),
      altered("sql_agents_first", "`agents` names the first batch of each, not the last", "K14",
              "ORDER BY b.first_seq DESC\n                     LIMIT 1)", "ORDER BY b.first_seq LIMIT 1)"),
      altered("sql_repeated_batch", "`has_batch` finds nothing", "A07", "agent_id = ?1 AND batch_id = ?2",
              "agent_id = ?1 AND batch_id = ?2 AND 0"),
      altered("sql_claims_of_all", "claims are looked up for every agent", "I02", "agent_id = ?1 AND claim_id = ?2",
              "?1 = ?1 AND claim_id = ?2"),
      altered("sql_questions_of_all", "`has_question` asks every agent", "A22", "agent_id = ?1 AND handle = ?2",
              "?1 = ?1 AND handle = ?2"),
      altered("sql_content_of_all", "`has_content` asks every agent", "A23",
              "agent_id = ?1 AND stream_seq = ?2 AND body IS NOT NULL",
              "?1 = ?1 AND stream_seq = ?2 AND body IS NOT NULL"),
      altered("sql_key_lost", "`add_idempotency` adds nothing", "K06",
              "INSERT INTO idempotency (agent_id, key_digest, stream_seq) VALUES (?1, ?2, ?3)",
              "INSERT INTO idempotency (agent_id, key_digest, stream_seq) SELECT ?1, ?2, ?3 WHERE 0"),
      altered("sql_edge_lost", "`add_edge` adds nothing", "K04",
              "INSERT INTO edge (agent_id, parent_id, child_seq, child_id) VALUES (?1, ?2, ?3, ?4)",
              "INSERT INTO edge (agent_id, parent_id, child_seq, child_id) SELECT ?1, ?2, ?3, ?4 WHERE 0"),
      altered("sql_served_lost", "`add_served` adds nothing", "K07",
              "INSERT INTO served (agent_id, claim_id, stream_seq) VALUES (?1, ?2, ?3)",
              "INSERT INTO served (agent_id, claim_id, stream_seq) SELECT ?1, ?2, ?3 WHERE 0"),
      altered("sql_lookup_lost", "`add_content` forgets the lookup", "K08",
              "(agent_id, stream_seq, salt, body, lookup) VALUES (?1, ?2, ?3, ?4, ?5)",
              "(agent_id, stream_seq, salt, body, lookup) VALUES (?1, ?2, ?3, ?4, NULLIF(?5, ?5))"),
      altered("sql_erases_nothing", "`erase_content` finds no row", "T01",
              "lookup = NULL WHERE agent_id = ?1 AND stream_seq = ?2",
              "lookup = NULL WHERE agent_id = ?1 AND stream_seq = -?2"),
      altered("sql_trimmed", "`add_line` trims the subject", "E04",
              "(agent_id, line_no, subject, predicate, first_seq) VALUES (?1, ?2, ?3,",
              "(agent_id, line_no, subject, predicate, first_seq) VALUES (?1, ?2, trim(?3),"),
      altered("sql_actor_lost", "`add_batch` forgets the actor", "E07", "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, substr(?7, 1, 0), ?8)"),
      altered("sql_cut_at_nul", "`add_entry` cuts a body at its first NUL", "E01", "?9, ?10, ?11)",
              "?9, CASE WHEN instr(?10, x'00') > 0 THEN substr(?10, 1, instr(?10, x'00') - 1) ELSE ?10 END, ?11)"),
      altered("sql_milliseconds", "`add_entry` rounds to milliseconds", "E08",
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
              "VALUES (?1, ?2, ?3, ?4 / 1000 * 1000, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
      altered("sql_unknown_kind", "an unknown kind is read as a known one", "M03", "e.kind, e.disposition",
              "replace(e.kind, 'Surprise', 'ClaimRecorded'), e.disposition", "sqlite_file"),
      altered("sql_unknown_disposition", "an unknown disposition is read as a known one", "M04",
              "e.kind, e.disposition", "e.kind, replace(e.disposition, 'Surprise', 'CommittedCheap')", "sqlite_file"),
  };
}

}  // namespace claimledger::conformance

extern "C" {

int __real_sqlite3_prepare_v3(sqlite3*, const char*, int, unsigned, sqlite3_stmt**, const char**);

int __wrap_sqlite3_prepare_v3(sqlite3* connection, const char* sql, int bytes, unsigned flags, sqlite3_stmt** statement,
                              const char** tail) {
  const auto altered =
      claimledger::conformance::alter(bytes < 0 ? std::string(sql) : std::string(sql, static_cast<std::size_t>(bytes)));
  return __real_sqlite3_prepare_v3(connection, altered.c_str(), -1, flags, statement, tail);
}

}  // extern "C"
