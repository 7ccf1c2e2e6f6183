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
      altered("sql_line_past_at", "`line` has no cutoff", "R03", "e.stream_seq > ?3 AND e.stream_seq <= ?4",
              "e.stream_seq > ?3 AND ?4 = ?4"),
      altered("sql_line_from_start", "`line` starts at the first entry", "S08",
              "e.stream_seq > ?3 AND e.stream_seq <= ?4", "?3 = ?3 AND e.stream_seq <= ?4"),
      altered("sql_line_unordered", "`line` is ordered by hash", "A06",
              "e.line_no < e.stream_seq\n   ORDER BY e.stream_seq", "e.line_no < e.stream_seq\n   ORDER BY e.hash"),
      altered("sql_claim_past_at", "`claim_seq` has no cutoff", "R04", "claim_id = ?2 AND stream_seq <= ?3",
              "claim_id = ?2 AND ?3 = ?3"),
      altered("sql_dependants_past_at", "`dependants` has no cutoff", "R05", "d.child_seq <= ?3", "?3 = ?3"),
      altered("sql_key_past_at", "`key_seq` has no cutoff", "R06", "key_digest = ?2 AND stream_seq <= ?3",
              "key_digest = ?2 AND ?3 = ?3"),
      altered("sql_served_past_at", "servings have no cutoff", "R07",
              "FROM served\n   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3",
              "FROM served\n   WHERE agent_id = ?1 AND stream_seq >= ?2 AND ?3 = ?3"),
      altered("sql_handles_past_at", "entries of a question have no cutoff", "R08",
              "stream_seq BETWEEN ?2 AND ?3 AND handle = ?4", "stream_seq >= ?2 AND ?3 = ?3 AND handle = ?4"),
      altered("sql_lines_past_at", "`lines` has no cutoff", "R09", "> (?2, ?3) AND first_seq <= ?4",
              "> (?2, ?3) AND ?4 = ?4"),
      altered("sql_subjects_past_at", "`next_subject` has no cutoff", "R10", "subject > ?2 AND first_seq <= ?3",
              "subject > ?2 AND ?3 = ?3"),
      altered("sql_kinds_after_cursor", "entries of a kind start behind the cursor", "K09",
              "FROM entry INDEXED BY entry_by_kind\n   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3",
              "FROM entry INDEXED BY entry_by_kind\n   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 + 1 AND ?3"),
      altered("sql_lines_from_cursor", "`lines` starts at the cursor", "K10", "(subject, predicate) > (?2, ?3)",
              "(subject, predicate) >= (?2, ?3)"),
      altered("sql_lines_without_case", "`lines` is ordered without case", "K10", "ORDER BY subject, predicate",
              "ORDER BY subject COLLATE NOCASE, predicate"),
      altered("sql_one_too_many", "`agents` gives one more than the limit", "G02", "ORDER BY a.name\n   LIMIT ?2",
              "ORDER BY a.name LIMIT MIN(?2, 1000) + 1"),
      altered("sql_snapshot_inside", "`batch_of` takes the batch that a position lies in", "S04",
              "SELECT e.stream_seq - e.batch_offset, f.batch_size, e.recorded_at",
              "SELECT e.stream_seq, 1, e.recorded_at"),
      altered("sql_snapshot_before", "a time is looked for a microsecond early", "S05", "SELECT recorded_at FROM entry",
              "SELECT recorded_at + 1 FROM entry"),
      altered("sql_agents_first", "`agents` names the first entry of each, not the last", "K14",
              "ORDER BY e.stream_seq DESC\n                     LIMIT 1)", "ORDER BY e.stream_seq LIMIT 1)"),
      altered("sql_repeated_batch", "`has_batch` finds nothing", "A07", "batch_id = ?2 AND batch_id IS NOT NULL",
              "batch_id = ?2 AND batch_id IS NOT NULL AND 0"),
      altered("sql_key_lost", "`add_entry` forgets the key", "K06", "?9, ?10, ?11, ?12",
              "?9, ?10, NULLIF(?11, ?11), ?12"),
      altered("sql_begins_lost", "`add_entry` forgets that a claim begins", "K02", "?8, ?9, ?10", "?8, 0 * ?9, ?10"),
      altered("sql_derivation_lost", "`add_derivation` adds nothing", "K04",
              "(agent_id, parent_id, child_seq) VALUES (?1, ?2, ?3)",
              "(agent_id, parent_id, child_seq) SELECT ?1, ?2, ?3 WHERE 0"),
      altered("sql_served_lost", "`add_served` adds nothing", "K07",
              "INSERT INTO served (agent_id, claim_id, stream_seq) VALUES (?1, ?2, ?3)",
              "INSERT INTO served (agent_id, claim_id, stream_seq) SELECT ?1, ?2, ?3 WHERE 0"),
      altered("sql_text_lost", "`add_entry` forgets the text to search by", "K08", "?16, ?17, ?18",
              "?16, NULLIF(?17, ?17), ?18"),
      altered("sql_erases_nothing", "`erase_content` finds no row", "T01",
              "WHERE agent_id = ?1 AND stream_seq = ?2 AND (content",
              "WHERE agent_id = ?1 AND stream_seq = -?2 AND (content"),
      altered("sql_erases_no_key", "`erase_content` leaves the key", "T06", "key_digest = NULL",
              "key_digest = key_digest"),
      altered("sql_trimmed", "`add_line` trims the subject", "E04",
              "(agent_id, subject, predicate, first_seq) VALUES (?1, ?2,",
              "(agent_id, subject, predicate, first_seq) VALUES (?1, trim(?2),"),
      altered("sql_actor_lost", "`add_entry` forgets the actor", "E07", "?22, ?23, ?24)",
              "?22, substr(?23, 1, 0), ?24)"),
      altered("sql_cut_at_nul", "`add_entry` cuts a body at its first NUL", "E01", "?13, ?14, ?15",
              "?13, CASE WHEN instr(?14, x'00') > 0 THEN substr(?14, 1, instr(?14, x'00') - 1) ELSE ?14 END, ?15"),
      altered("sql_milliseconds", "`add_entry` rounds to milliseconds", "E08", "VALUES (?1, ?2, ?3, ?4, ?5",
              "VALUES (?1, ?2, ?3, ?4 / 1000 * 1000, ?5"),
      altered("sql_unknown_kind", "an unknown kind is read as a known one", "M03", "e.kind, e.disposition",
              "CASE e.kind WHEN 250 THEN 16 ELSE e.kind END, e.disposition", "sqlite_file"),
      altered("sql_unknown_disposition", "an unknown disposition is read as a known one", "M04",
              "e.kind, e.disposition", "e.kind, CASE e.disposition WHEN 250 THEN 0 ELSE e.disposition END",
              "sqlite_file"),
      altered("sql_index_lags", "the index reaches one entry less than it does", "U03",
              "INSERT INTO text_index (agent_id, recipe, up_to) VALUES (?1, ?2, ?3)",
              "INSERT INTO text_index (agent_id, recipe, up_to) VALUES (?1, ?2, ?3 - 1)"),
      altered("sql_terms_without_case", "a beginning's terms are ordered without case", "U09",
              "ORDER BY term, stream_seq", "ORDER BY term COLLATE NOCASE, stream_seq"),
      altered("sql_postings_backwards", "postings of a term come newest first", "U09",
              "stream_seq <= ?3), ?3)\n   ORDER BY stream_seq", "stream_seq <= ?3), ?3)\n   ORDER BY stream_seq DESC"),
      altered("sql_beginning_is_a_pattern", "a beginning is looked up by LIKE", "U10", "term >= ?2 AND term < ?3",
              "term LIKE ?2 || '%' AND ?3 = ?3"),
      altered("sql_term_is_a_beginning", "a term is looked up as a beginning", "U10", "agent_id = ?1 AND term = ?2 AND",
              "agent_id = ?1 AND substr(term, 1, length(?2)) = ?2 AND"),
      altered("sql_postings_from_here", "a block that begins before the window is left out", "U11",
              "AND stream_seq <= ?3), ?3)", "AND stream_seq = ?3), ?3)"),
      altered("sql_erases_terms_of_all", "a tombstone takes the terms of every agent", "U13",
              "WHERE agent_id = ?1 AND term = ?2 AND stream_seq = ?3;",
              "WHERE ?1 = ?1 AND term = ?2 AND stream_seq = ?3;"),
      altered("sql_erases_first_of_block", "a tombstone takes the terms of the first of those filed together", "U26",
              "WHERE agent_id = ?1 AND stream_seq <= ?2;", "WHERE agent_id = ?1 AND stream_seq = ?2;"),
      altered("sql_keeps_terms", "a tombstone takes no terms", "U14",
              "WHERE agent_id = ?1 AND term = ?2 AND stream_seq = ?3;",
              "WHERE agent_id = ?1 AND 0 AND term = ?2 AND stream_seq = ?3;"),
      altered("sql_drops_nothing", "what was filed stays when the index begins anew", "U17",
              "DELETE FROM posting WHERE agent_id = ?1", "DELETE FROM posting WHERE 0 AND agent_id = ?1"),
      altered("sql_files_erased", "what is erased is filed", "U19", "stream_seq = ?2 AND content IS NOT NULL",
              "stream_seq = ?2"),
      altered("sql_counts_in_16_bits", "a term is counted in sixteen bits", "U20",
              "(agent_id, term, stream_seq, count, others) VALUES (?1, ?2, ?3, ?4,",
              "(agent_id, term, stream_seq, count, others) VALUES (?1, ?2, ?3, ?4 & 65535,"),
      altered("sql_model_lags", "a model reaches one entry less than it does", "V03",
              "erased)\nVALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
              "erased)\nVALUES (?1, ?2, ?3, ?4, ?5, ?6 - 1, ?7, ?8)"),
      altered("sql_model_stays", "how far a model reaches is set once", "V05", "SET up_to = excluded.up_to",
              "SET up_to = model.up_to"),
      altered("sql_one_fingerprint", "a model is kept without its fingerprint", "V08",
              "SELECT model_no, name, dimensions, fingerprint", "SELECT model_no, name, dimensions, ''"),
      altered("sql_models_backwards", "models come newest first", "V08", "ORDER BY model_no;",
              "ORDER BY model_no DESC;"),
      altered("sql_vectors_of_all", "the vectors of every agent are read", "V12",
              "FROM embedding\n   WHERE agent_id = ?1", "FROM embedding\n   WHERE ?1 = ?1"),
      altered("sql_vectors_cut", "a vector is cut at its first NUL", "V13",
              "stream_seq, vector) VALUES (?1, ?2, ?3, ?4, ?5)",
              "stream_seq, vector) VALUES (?1, ?2, ?3, ?4, CASE WHEN instr(?5, x'00') > 0 THEN "
              "substr(?5, 1, instr(?5, x'00') - 1) ELSE ?5 END)"),
      altered("sql_vectors_by_entry", "vectors come by entry, not by number", "V14", "ORDER BY filed_no",
              "ORDER BY stream_seq"),
      altered("sql_vectors_from_cursor", "a page of vectors begins at the cursor", "V14", "filed_no > ?3",
              "filed_no >= ?3"),
      altered("sql_keeps_vectors", "a tombstone takes no vector", "V15",
              "DELETE FROM embedding WHERE agent_id = ?1 AND stream_seq = ?2",
              "DELETE FROM embedding WHERE agent_id = ?1 AND stream_seq = -?2"),
      altered("sql_erases_uncounted", "what a tombstone took is not counted", "V15", "erased = excluded.erased",
              "erased = model.erased"),
      altered("sql_files_again", "an entry's second vector takes the place of the first", "V18",
              "model_no = ?3 AND filed_no <= ?4", "model_no = ?3 AND filed_no < 0 * ?4"),
      altered("sql_files_erased_vectors", "what is erased gets a vector", "V19",
              "stream_seq = ?2 AND content IS NOT NULL", "stream_seq = ?2"),
      altered("sql_finds_erased", "erased content is said to have no vector", "V21",
              "AND e.content IS NOT NULL\n     AND NOT EXISTS", "AND NOT EXISTS"),
      altered("sql_finds_every_kind", "what has no vector is found whatever its kind", "V21",
              "e.kind IN (SELECT value FROM json_each(?3))", "?3 = ?3"),
      altered("sql_drops_all_models", "the vectors of every model are dropped", "V22",
              "DELETE FROM embedding WHERE agent_id = ?1 AND model_no = ?2",
              "DELETE FROM embedding WHERE agent_id = ?1 AND ?2 = ?2"),
      altered("sql_drops_no_vector", "dropping leaves the vectors where they are", "V22",
              "DELETE FROM embedding WHERE agent_id = ?1 AND model_no = ?2",
              "DELETE FROM embedding WHERE agent_id = ?1 AND model_no = -?2"),
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
