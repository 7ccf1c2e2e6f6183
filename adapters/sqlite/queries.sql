-- Every statement of the SQLite adapter, in the order a request uses them. Parameters are numbered in column order;
-- ?1 is the agent's number wherever there is one. An entry, its line's name and what became of its content are sixteen
-- columns, always the same: rows.cpp reads them by place. Where a statement has a choice its index is named: without
-- statistics SQLite would rather read a ledger from its start. A partial index wants its condition repeated.

-- name: begin_read
-- Every read of more than one statement sees one snapshot.
BEGIN;

-- name: begin_write
-- append, begin_write, migrate.
BEGIN IMMEDIATE;

-- name: commit
-- append, migrate; ends the snapshot of a read too.
COMMIT;

-- name: rollback
-- After a failure, or an append that changed nothing.
ROLLBACK;

-- name: begin_commit
-- append of several commits: one that is refused takes none of the others with it.
SAVEPOINT one;

-- name: end_commit
RELEASE one;

-- name: undo_commit
ROLLBACK TO one;

-- name: agent_number
-- Every request; index on agent.name. Remembered per connection.
SELECT agent_id FROM agent WHERE name = ?1;

-- name: head
-- head, append; primary key of entry. The last column says whether the batch is whole.
  SELECT e.stream_seq, e.recorded_at, e.hash,
         e.batch_offset + 1 = CASE e.batch_offset
                              WHEN 0 THEN e.batch_size
                              ELSE (SELECT f.batch_size
                                      FROM entry AS f
                                     WHERE f.agent_id = e.agent_id AND f.stream_seq = e.stream_seq - e.batch_offset) END
    FROM entry AS e
   WHERE e.agent_id = ?1
   ORDER BY e.stream_seq DESC
   LIMIT 1;

-- name: batch_of
-- snapshot at a position; primary key of entry, twice: the entry, and the first of its batch.
  SELECT e.stream_seq - e.batch_offset, f.batch_size, e.recorded_at, e.hash
    FROM entry AS e
    LEFT JOIN entry AS f ON f.agent_id = e.agent_id AND f.stream_seq = e.stream_seq - e.batch_offset
   WHERE e.agent_id = ?1 AND e.stream_seq = ?2;

-- name: recorded_at
-- snapshot as of a time, some twenty times: recorded times ascend; primary key of entry.
SELECT recorded_at FROM entry WHERE agent_id = ?1 AND stream_seq = ?2;

-- name: has_batch
-- append of what does not follow the head; batch_by_id.
SELECT 1 FROM entry INDEXED BY batch_by_id WHERE agent_id = ?1 AND batch_id = ?2 AND batch_id IS NOT NULL;

-- name: has_claim
-- append, to say why it was refused; claim_begins.
SELECT 1 FROM entry INDEXED BY claim_begins WHERE agent_id = ?1 AND claim_id = ?2 AND begins = 1;

-- name: has_key
-- append, likewise; entry_by_key.
SELECT 1 FROM entry INDEXED BY entry_by_key WHERE agent_id = ?1 AND key_digest = ?2 AND key_digest IS NOT NULL;

-- name: has_handle
-- append, likewise; entry_by_handle.
SELECT 1
  FROM entry INDEXED BY entry_by_handle
 WHERE agent_id = ?1 AND handle = ?2 AND kind = ?3 AND handle IS NOT NULL;

-- name: add_agent
-- append of an agent's first batch; the number is the next one, without gaps.
INSERT INTO agent (name) VALUES (?1);

-- name: line_number
-- append, line and pages of a line; primary key of line.
SELECT first_seq FROM line WHERE agent_id = ?1 AND subject = ?2 AND predicate = ?3;

-- name: add_line
-- append of the first entry of a line.
INSERT INTO line (agent_id, subject, predicate, first_seq) VALUES (?1, ?2, ?3, ?4);

-- name: add_entry
-- append, once for each entry.
INSERT INTO entry (agent_id, stream_seq, batch_offset, recorded_at, kind, disposition, line_no, claim_id, begins,
                   handle, key_digest, erases, hash, body, salt, content, search_text, subject, predicate, batch_id,
                   batch_size, clock, actor, format)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24);

-- name: add_derivation
-- append of a derived statement, once for each parent: for dependants.
INSERT INTO derivation (agent_id, parent_id, child_seq) VALUES (?1, ?2, ?3);

-- name: add_served
-- append of a serving, once for each claim served: for entries that serve a claim.
INSERT INTO served (agent_id, claim_id, stream_seq) VALUES (?1, ?2, ?3);

-- name: erase_content
-- append of a tombstone: the one change that the triggers allow.
UPDATE entry
   SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL
 WHERE agent_id = ?1 AND stream_seq = ?2 AND (content IS NOT NULL OR key_digest IS NOT NULL);

-- name: text_index
-- append, postings, extend; primary keys of text_index and entry. One that says that it reaches past the head is none,
-- and one without postings fails.
  SELECT recipe, up_to
    FROM text_index
   WHERE agent_id = ?1
     AND up_to BETWEEN 0 AND COALESCE((  SELECT stream_seq
                                           FROM entry
                                          WHERE agent_id = ?1
                                          ORDER BY stream_seq DESC
                                          LIMIT 1), 0)
     AND NOT EXISTS (SELECT 1 FROM posting WHERE agent_id = ?1 AND FALSE);

-- name: set_text_index
-- append, extend: once for a batch.
INSERT INTO text_index (agent_id, recipe, up_to) VALUES (?1, ?2, ?3)
    ON CONFLICT (agent_id) DO UPDATE SET recipe = excluded.recipe, up_to = excluded.up_to;

-- name: add_postings
-- append, extend: once for each block of a term.
INSERT OR REPLACE INTO posting (agent_id, term, stream_seq, count, others) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: postings_of_agent
-- append of tombstones: all postings of the agent are read, once for a batch. No block that begins later has a content
-- that goes.
  SELECT term, stream_seq, count, others
    FROM posting
   WHERE agent_id = ?1 AND stream_seq <= ?2;

-- name: remove_postings
-- append of tombstones: a block with a content that goes; primary key of posting.
DELETE FROM posting WHERE agent_id = ?1 AND term = ?2 AND stream_seq = ?3;

-- name: drop_postings
-- extend of an index that begins anew.
DELETE FROM posting WHERE agent_id = ?1;

-- name: has_content
-- extend: content may have been erased since its terms were made; primary key of entry.
SELECT 1 FROM entry WHERE agent_id = ?1 AND stream_seq = ?2 AND content IS NOT NULL;

-- name: postings_of_term
-- postings: from the last block that begins no later than the window; primary key of posting.
  SELECT stream_seq, count, others
    FROM posting
   WHERE agent_id = ?1 AND term = ?2 AND stream_seq <= ?4
     AND stream_seq >= COALESCE((SELECT MAX(stream_seq)
                                   FROM posting
                                  WHERE agent_id = ?1 AND term = ?2 AND stream_seq <= ?3), ?3)
   ORDER BY stream_seq;

-- name: postings_of_beginning
-- postings: blocks that begin before the window are among them; primary key of posting.
  SELECT term, stream_seq, count, others
    FROM posting
   WHERE agent_id = ?1 AND term >= ?2 AND term < ?3 AND stream_seq <= ?4
   ORDER BY term, stream_seq;

-- name: models
-- append, models; primary key of model. One that says that it reaches past the head reaches nowhere.
  SELECT model_no, name, dimensions, fingerprint,
         CASE WHEN up_to BETWEEN 0 AND COALESCE((  SELECT stream_seq
                                                     FROM entry
                                                    WHERE agent_id = ?1
                                                    ORDER BY stream_seq DESC
                                                    LIMIT 1), 0) THEN up_to ELSE 0 END, filed, erased
    FROM model
   WHERE agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM embedding WHERE agent_id = ?1 AND FALSE)
   ORDER BY model_no;

-- name: set_model
-- append, file_vectors, drop_vectors: once for a batch.
INSERT INTO model (agent_id, model_no, name, dimensions, fingerprint, up_to, filed, erased)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (agent_id, model_no) DO UPDATE SET up_to = excluded.up_to, filed = excluded.filed,
                                                   erased = excluded.erased;

-- name: has_vector
-- file_vectors; embedding_by_entry. What has a higher number than the last that was filed is nobody's.
SELECT 1 FROM embedding WHERE agent_id = ?1 AND stream_seq = ?2 AND model_no = ?3 AND filed_no <= ?4;

-- name: add_vector
-- append, file_vectors: once for each. A row that somebody put in its way goes.
INSERT OR REPLACE INTO embedding (agent_id, model_no, filed_no, stream_seq, vector) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: erase_vector
-- append of a tombstone, once for each model; embedding_by_entry.
DELETE FROM embedding WHERE agent_id = ?1 AND stream_seq = ?2 AND model_no = ?3 RETURNING filed_no;

-- name: drop_vectors
-- drop_vectors; primary key of embedding.
DELETE FROM embedding WHERE agent_id = ?1 AND model_no = ?2;

-- name: vectors
-- read_vectors; primary key of embedding.
  SELECT filed_no, stream_seq, vector
    FROM embedding
   WHERE agent_id = ?1 AND model_no = ?2 AND filed_no > ?3 AND filed_no <= ?4
   ORDER BY filed_no
   LIMIT ?5;

-- name: without_vector
-- without_vector; primary key of entry, embedding_by_entry. -1: of no model.
  SELECT e.stream_seq
    FROM entry AS e
   WHERE e.agent_id = ?1 AND e.kind IN (SELECT value FROM json_each(?3)) AND e.stream_seq BETWEEN ?4 AND ?5
     AND e.content IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM embedding AS v
                      WHERE v.agent_id = ?1 AND v.stream_seq = e.stream_seq AND v.model_no = ?2
                        AND v.filed_no <= ?7)
   ORDER BY e.stream_seq
   LIMIT ?6;

-- name: line
-- snapshot: a line's entries behind its first; entry_by_line, then the primary key of entry. The caller knows the
-- line's name.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.begins, e.handle, e.body, e.hash,
         e.salt, e.content, e.search_text, NULL, NULL, NULL,
         CASE WHEN e.content IS NULL
              THEN EXISTS (SELECT 1 FROM entry AS t INDEXED BY entry_by_erased
                            WHERE t.agent_id = e.agent_id AND t.erases = e.stream_seq AND t.erases IS NOT NULL) END
    FROM entry AS e INDEXED BY entry_by_line
   WHERE e.agent_id = ?1 AND e.line_no = ?2 AND e.stream_seq > ?3 AND e.stream_seq <= ?4 AND e.line_no < e.stream_seq
   ORDER BY e.stream_seq;

-- name: entry
-- snapshot, pages by a key; primary key of entry, and of the first entry of its line, which has the name.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.begins, e.handle, e.body, e.hash,
         e.salt, e.content, e.search_text, e.line_no, f.subject, f.predicate,
         CASE WHEN e.content IS NULL
              THEN EXISTS (SELECT 1 FROM entry AS t INDEXED BY entry_by_erased
                            WHERE t.agent_id = e.agent_id AND t.erases = e.stream_seq AND t.erases IS NOT NULL) END
    FROM entry AS e
    LEFT JOIN entry AS f ON f.agent_id = e.agent_id AND f.stream_seq = e.line_no
   WHERE e.agent_id = ?1 AND e.stream_seq = ?2;

-- name: entries_from
-- batches; primary key of entry.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.begins, e.handle, e.body, e.hash,
         e.salt, e.content, e.search_text, e.line_no, f.subject, f.predicate,
         CASE WHEN e.content IS NULL
              THEN EXISTS (SELECT 1 FROM entry AS t INDEXED BY entry_by_erased
                            WHERE t.agent_id = e.agent_id AND t.erases = e.stream_seq AND t.erases IS NOT NULL) END
    FROM entry AS e
    LEFT JOIN entry AS f ON f.agent_id = e.agent_id AND f.stream_seq = e.line_no
   WHERE e.agent_id = ?1 AND e.stream_seq BETWEEN ?2 AND ?3
   ORDER BY e.stream_seq
   LIMIT ?4;

-- name: claim_seq
-- snapshot; claim_begins.
SELECT stream_seq
  FROM entry INDEXED BY claim_begins
 WHERE agent_id = ?1 AND claim_id = ?2 AND stream_seq <= ?3 AND begins = 1;

-- name: key_seq
-- snapshot; entry_by_key.
SELECT stream_seq
  FROM entry INDEXED BY entry_by_key
 WHERE agent_id = ?1 AND key_digest = ?2 AND stream_seq <= ?3 AND key_digest IS NOT NULL;

-- name: dependants
-- dependants; primary keys of derivation and entry.
  SELECT d.child_seq, e.claim_id
    FROM derivation AS d
    LEFT JOIN entry AS e ON e.agent_id = d.agent_id AND e.stream_seq = d.child_seq
   WHERE d.agent_id = ?1 AND d.parent_id = ?2 AND d.child_seq <= ?3
   ORDER BY d.child_seq;

-- name: seqs_up
-- entries, ascending, when no key narrows them down; primary key of entry.
  SELECT stream_seq, kind, disposition
    FROM entry
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3
   ORDER BY stream_seq;

-- name: seqs_down
-- … descending; primary key of entry.
  SELECT stream_seq, kind, disposition
    FROM entry
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3
   ORDER BY stream_seq DESC;

-- name: seqs_of_line_up
-- entries of a line, its first and the others; primary key of entry, entry_by_line.
  SELECT stream_seq
    FROM entry
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND stream_seq = ?4 AND line_no = ?4
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_line
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND line_no = ?4 AND line_no < stream_seq
   ORDER BY stream_seq;

-- name: seqs_of_line_down
-- … descending; primary key of entry, entry_by_line.
  SELECT stream_seq
    FROM entry
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND stream_seq = ?4 AND line_no = ?4
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_line
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND line_no = ?4 AND line_no < stream_seq
   ORDER BY stream_seq DESC;

-- name: seqs_of_claim_up
-- entries about a claim; claim_begins, entry_by_claim.
  SELECT stream_seq
    FROM entry INDEXED BY claim_begins
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND begins = 1
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_claim
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND claim_id IS NOT NULL AND begins = 0
   ORDER BY stream_seq;

-- name: seqs_of_claim_down
-- … descending; claim_begins, entry_by_claim.
  SELECT stream_seq
    FROM entry INDEXED BY claim_begins
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND begins = 1
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_claim
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND claim_id IS NOT NULL AND begins = 0
   ORDER BY stream_seq DESC;

-- name: seqs_of_handle_up
-- entries of a question, two at most; entry_by_handle.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_handle
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND handle = ?4 AND handle IS NOT NULL
   ORDER BY stream_seq;

-- name: seqs_of_handle_down
-- … descending; entry_by_handle.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_handle
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND handle = ?4 AND handle IS NOT NULL
   ORDER BY stream_seq DESC;

-- name: seqs_of_served_up
-- servings of a claim; primary key of served.
  SELECT stream_seq
    FROM served
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4
   ORDER BY stream_seq;

-- name: seqs_of_served_down
-- … descending; primary key of served.
  SELECT stream_seq
    FROM served
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4
   ORDER BY stream_seq DESC;

-- name: seqs_of_text_up
-- entries of a source or a context; entry_by_text.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_text
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND search_text = ?4 AND search_text IS NOT NULL
   ORDER BY stream_seq;

-- name: seqs_of_text_down
-- … descending; entry_by_text.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_text
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND search_text = ?4 AND search_text IS NOT NULL
   ORDER BY stream_seq DESC;

-- name: seqs_of_disposition_up
-- entries that carry a disposition other than CommittedCheap; entry_by_disposition.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_disposition
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND disposition = ?4 AND disposition > 0
   ORDER BY stream_seq;

-- name: seqs_of_disposition_down
-- … descending; entry_by_disposition.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_disposition
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND disposition = ?4 AND disposition > 0
   ORDER BY stream_seq DESC;

-- name: seqs_of_kind_up
-- entries of a kind other than ClaimRecorded; entry_by_kind.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_kind
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND kind = ?4 AND kind <> 16
   ORDER BY stream_seq
   LIMIT ?5;

-- name: seqs_of_kind_down
-- … descending; entry_by_kind.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_kind
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND kind = ?4 AND kind <> 16
   ORDER BY stream_seq DESC
   LIMIT ?5;

-- name: lines
-- lines; primary key of line.
  SELECT subject, predicate
    FROM line
   WHERE agent_id = ?1 AND (subject, predicate) > (?2, ?3) AND first_seq <= ?4
   ORDER BY subject, predicate
   LIMIT ?5;

-- name: lines_of_subject
-- lines of one subject; primary key of line.
  SELECT subject, predicate
    FROM line
   WHERE agent_id = ?1 AND subject = ?2 AND predicate > ?3 AND first_seq <= ?4
   ORDER BY predicate
   LIMIT ?5;

-- name: next_subject
-- subjects, once for each; primary key of line.
  SELECT subject
    FROM line
   WHERE agent_id = ?1 AND subject > ?2 AND first_seq <= ?3
   ORDER BY subject
   LIMIT 1;

-- name: batch
-- batches, once for each: an entry, and the columns of its batch where it is the first; primary key of entry.
  SELECT stream_seq, batch_offset, batch_size, batch_id, recorded_at, clock, actor, format
    FROM entry
   WHERE agent_id = ?1 AND stream_seq = ?2;

-- name: agents
-- agents; index on agent.name, then the last entry of each. A name stands here from its first batch on.
  SELECT a.name, (  SELECT e.stream_seq
                      FROM entry AS e
                     WHERE e.agent_id = a.agent_id
                     ORDER BY e.stream_seq DESC
                     LIMIT 1)
    FROM agent AS a
   WHERE a.name > ?1
   ORDER BY a.name
   LIMIT ?2;

-- name: entry_count
-- describe; reads the last entry of each agent.
  SELECT COALESCE(SUM((  SELECT stream_seq
                           FROM entry AS e
                          WHERE e.agent_id = a.agent_id
                          ORDER BY stream_seq DESC
                          LIMIT 1)), 0),
         COUNT(*)
    FROM agent AS a;

-- name: inventory
-- verify; counts every table.
  SELECT COALESCE(MAX(e.stream_seq), 0), COUNT(e.batch_id), COUNT(*),
         SUM(e.content IS NOT NULL
             OR EXISTS (SELECT 1 FROM entry AS t INDEXED BY entry_by_erased
                         WHERE t.agent_id = e.agent_id AND t.erases = e.stream_seq AND t.erases IS NOT NULL)),
         (SELECT COUNT(*) FROM line WHERE agent_id = ?1),
         SUM(e.begins),
         (SELECT COUNT(*) FROM derivation WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM served WHERE agent_id = ?1),
         COUNT(e.key_digest)
    FROM entry AS e
   WHERE e.agent_id = ?1;

-- name: erasures
-- verify; entry_by_erased.
  SELECT erases, stream_seq
    FROM entry INDEXED BY entry_by_erased
   WHERE agent_id = ?1 AND erases IS NOT NULL
   ORDER BY erases;

-- name: misfit
-- verify: a row that contradicts another, in columns that no read of the port shows; primary keys and entry_by_line.
  SELECT 'entry ' || e.stream_seq || ' names ' || (e.stream_seq - e.batch_offset) || ' as the first of its batch'
    FROM entry AS e
   WHERE e.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM entry AS f
                      WHERE f.agent_id = ?1 AND f.stream_seq = e.stream_seq - e.batch_offset AND f.batch_offset = 0
                        AND e.batch_offset < f.batch_size)
   UNION ALL
  SELECT 'line ' || l.first_seq || ' has another name, or does not begin with that entry'
    FROM line AS l
   WHERE l.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM entry AS e
                      WHERE e.agent_id = ?1 AND e.stream_seq = l.first_seq AND e.line_no = l.first_seq
                        AND e.subject = l.subject AND e.predicate = l.predicate)
   UNION ALL
  SELECT 'entry ' || e.stream_seq || ' names a line that it does not begin'
    FROM entry AS e
   WHERE e.agent_id = ?1 AND e.subject IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM line AS l
                      WHERE l.agent_id = ?1 AND l.subject = e.subject AND l.predicate = e.predicate
                        AND l.first_seq = e.stream_seq)
   UNION ALL
  SELECT 'a vector is filed for entry ' || v.stream_seq || ', which has no content'
    FROM embedding AS v
   WHERE v.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM entry AS e
                      WHERE e.agent_id = ?1 AND e.stream_seq = v.stream_seq AND e.content IS NOT NULL)
   UNION ALL
  SELECT 'a vector is filed of model ' || v.model_no || ', which is not there'
    FROM embedding AS v
   WHERE v.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM model AS m
                      WHERE m.agent_id = ?1 AND m.model_no = v.model_no AND m.filed >= v.filed_no)
   LIMIT 1;

-- name: stray_agent
-- verify: an agent without a ledger, or rows of no agent. Agents are numbered from 1 without gaps, so the ends of each
-- table tell.
  SELECT 'agent ' || a.agent_id || ' has a name and no ledger'
    FROM agent AS a
   WHERE NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.agent_id = a.agent_id)
   UNION ALL
  SELECT 'agents are not numbered without gaps'
   WHERE (SELECT COUNT(*) FROM agent) <> COALESCE((SELECT MAX(agent_id) FROM agent), 0)
   UNION ALL
  SELECT 'the table ' || t.name || ' has rows of no agent'
    FROM (SELECT 'entry' AS name, (SELECT MIN(agent_id) FROM entry) AS low, (SELECT MAX(agent_id) FROM entry) AS high
           UNION ALL SELECT 'line', (SELECT MIN(agent_id) FROM line), (SELECT MAX(agent_id) FROM line)
           UNION ALL SELECT 'derivation', (SELECT MIN(agent_id) FROM derivation), (SELECT MAX(agent_id) FROM derivation)
           UNION ALL SELECT 'served', (SELECT MIN(agent_id) FROM served), (SELECT MAX(agent_id) FROM served)
           UNION ALL SELECT 'posting', (SELECT MIN(agent_id) FROM posting), (SELECT MAX(agent_id) FROM posting)
           UNION ALL SELECT 'text_index', (SELECT MIN(agent_id) FROM text_index),
                            (SELECT MAX(agent_id) FROM text_index)
           UNION ALL SELECT 'model', (SELECT MIN(agent_id) FROM model), (SELECT MAX(agent_id) FROM model)
           UNION ALL SELECT 'embedding', (SELECT MIN(agent_id) FROM embedding),
                            (SELECT MAX(agent_id) FROM embedding)) AS t
   WHERE t.low < 1 OR t.high > COALESCE((SELECT MAX(agent_id) FROM agent), 0)
   LIMIT 1;

-- name: schema_objects
-- verify, describe: compared with the schema of a fresh database, so it is read whole.
  SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name;

-- name: schema_version
-- describe; primary key of schema_migrations. Also the read that begins the snapshot of a backup.
SELECT MAX(version) FROM schema_migrations;

-- name: migrations_applied
-- open, migrate: compared with what this program brings. A handful, read whole.
SELECT version, name, checksum FROM schema_migrations ORDER BY version;

-- name: add_migration
-- migrate, in the transaction of the migration itself.
INSERT INTO schema_migrations (version, name, checksum, applied_at)
VALUES (?1, ?2, ?3, CAST(strftime('%s', 'now') AS INTEGER) * 1000000);

-- name: create_migrations
-- The one table that no migration makes.
CREATE TABLE IF NOT EXISTS schema_migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT    NOT NULL,
  checksum   TEXT    NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;
