-- Every statement of the SQLite adapter, in the order a request uses them. Parameters are numbered in column order;
-- ?1 is the agent's number wherever there is one. An entry, its content, its line's name and what became of the content
-- are sixteen columns, always the same: rows.cpp reads them by place. Where a statement has a choice its index is
-- named: without statistics SQLite would rather read a ledger from its start.

-- name: begin_read
-- Every read of more than one statement sees one snapshot.
BEGIN;

-- name: begin_write
-- append, migrate.
BEGIN IMMEDIATE;

-- name: commit
-- append, migrate; ends the snapshot of a read too.
COMMIT;

-- name: rollback
-- What ends without a commit: a failure, or an append that changed nothing.
ROLLBACK;

-- name: agent_number
-- Every request; index on agent.name. Remembered per connection.
SELECT agent_id FROM agent WHERE name = ?1;

-- name: head
-- head, append; primary keys of batch and entry.
  SELECT b.last_seq, b.recorded_at, e.hash
    FROM batch AS b
    LEFT JOIN entry AS e ON e.agent_id = b.agent_id AND e.stream_seq = b.last_seq
   WHERE b.agent_id = ?1
   ORDER BY b.first_seq DESC
   LIMIT 1;

-- name: batch_before
-- snapshot at a position; primary key of batch. The batch that holds it, or the one before where it lies inside one.
  SELECT b.last_seq, b.recorded_at, e.hash
    FROM batch AS b
    LEFT JOIN entry AS e ON e.agent_id = b.agent_id AND e.stream_seq = b.last_seq
   WHERE b.agent_id = ?1 AND b.first_seq <= ?2 AND b.last_seq <= ?2
   ORDER BY b.first_seq DESC
   LIMIT 1;

-- name: batch_at
-- snapshot as of a time; batch_by_time.
  SELECT b.last_seq, b.recorded_at, e.hash
    FROM batch AS b INDEXED BY batch_by_time
    LEFT JOIN entry AS e ON e.agent_id = b.agent_id AND e.stream_seq = b.last_seq
   WHERE b.agent_id = ?1 AND b.recorded_at <= ?2
   ORDER BY b.recorded_at DESC
   LIMIT 1;

-- name: position_at
-- position_at; batch_by_time.
  SELECT last_seq
    FROM batch INDEXED BY batch_by_time
   WHERE agent_id = ?1 AND recorded_at <= ?2
   ORDER BY recorded_at DESC
   LIMIT 1;

-- name: has_batch
-- append; batch_by_id.
SELECT 1 FROM batch WHERE agent_id = ?1 AND batch_id = ?2;

-- name: has_claim
-- append; primary key of claim.
SELECT 1 FROM claim WHERE agent_id = ?1 AND claim_id = ?2;

-- name: has_key
-- append; primary key of idempotency.
SELECT 1 FROM idempotency WHERE agent_id = ?1 AND key_digest = ?2;

-- name: has_question
-- append; entry_by_handle.
SELECT 1 FROM entry INDEXED BY entry_by_handle WHERE agent_id = ?1 AND handle = ?2 AND kind = ?3;

-- name: has_content
-- append; primary key of content.
SELECT 1 FROM content WHERE agent_id = ?1 AND stream_seq = ?2 AND body IS NOT NULL;

-- name: add_agent
-- append of an agent's first batch; the number is the next one, without gaps.
INSERT INTO agent (name) VALUES (?1);

-- name: add_batch
-- append, before its entries: what they have in common, filed under the first of them.
INSERT INTO batch (agent_id, first_seq, last_seq, batch_id, recorded_at, clock, actor, format)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: line_number
-- append, line and filters by line; line_by_name.
SELECT line_no, first_seq FROM line INDEXED BY line_by_name WHERE agent_id = ?1 AND subject = ?2 AND predicate = ?3;

-- name: last_line_number
-- append; primary key of line.
SELECT line_no FROM line WHERE agent_id = ?1 ORDER BY line_no DESC LIMIT 1;

-- name: add_line
-- append of the first entry of a line: its name is kept once.
INSERT INTO line (agent_id, line_no, subject, predicate, first_seq) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: add_claim
-- append of a recorded claim, so that it is found by its id.
INSERT INTO claim (agent_id, claim_id, stream_seq) VALUES (?1, ?2, ?3);

-- name: add_entry
-- append, once for each entry; all indexes of entry are written here.
INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, kind, disposition, line_no, claim_id, handle, body,
                   hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: add_content
-- append of an entry with content, apart from it so that it can be erased.
INSERT INTO content (agent_id, stream_seq, salt, body, lookup) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: add_edge
-- append of a derived claim, once for each parent: for dependants.
INSERT INTO edge (agent_id, parent_id, child_seq, child_id) VALUES (?1, ?2, ?3, ?4);

-- name: add_idempotency
-- append of an entry that was asked for under a key.
INSERT INTO idempotency (agent_id, key_digest, stream_seq) VALUES (?1, ?2, ?3);

-- name: add_served
-- append of a serving, once for each claim served: for entries that serve a claim.
INSERT INTO served (agent_id, claim_id, stream_seq) VALUES (?1, ?2, ?3);

-- name: add_erased
-- append of a tombstone: which entry's content it erased.
INSERT INTO erased (agent_id, stream_seq, tombstone_seq) VALUES (?1, ?2, ?3);

-- name: erase_content
-- append of a tombstone: the one change that the triggers allow.
UPDATE content SET salt = NULL, body = NULL, lookup = NULL WHERE agent_id = ?1 AND stream_seq = ?2;

-- name: line
-- line; entry_by_line, then the primary keys of entry and content. The caller knows the line's name.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.handle, e.body, e.hash,
         c.stream_seq, c.salt, c.body, c.lookup, NULL, NULL, NULL,
         CASE WHEN c.stream_seq IS NOT NULL AND c.body IS NULL
              THEN EXISTS (SELECT 1 FROM erased AS x WHERE x.agent_id = e.agent_id AND x.stream_seq = e.stream_seq) END
    FROM entry AS e INDEXED BY entry_by_line
    LEFT JOIN content AS c ON c.agent_id = e.agent_id AND c.stream_seq = e.stream_seq
   WHERE e.agent_id = ?1 AND e.line_no = ?2 AND e.stream_seq <= ?3
   ORDER BY e.stream_seq;

-- name: entry
-- claims, by_idempotency_key, filtered entries; primary keys of entry, line and content.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.handle, e.body, e.hash,
         c.stream_seq, c.salt, c.body, c.lookup, e.line_no, l.subject, l.predicate,
         CASE WHEN c.stream_seq IS NOT NULL AND c.body IS NULL
              THEN EXISTS (SELECT 1 FROM erased AS x WHERE x.agent_id = e.agent_id AND x.stream_seq = e.stream_seq) END
    FROM entry AS e
    LEFT JOIN line AS l ON l.agent_id = e.agent_id AND l.line_no = e.line_no
    LEFT JOIN content AS c ON c.agent_id = e.agent_id AND c.stream_seq = e.stream_seq
   WHERE e.agent_id = ?1 AND e.stream_seq = ?2;

-- name: entries_from
-- batches, entries; primary keys of entry, line and content.
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.handle, e.body, e.hash,
         c.stream_seq, c.salt, c.body, c.lookup, e.line_no, l.subject, l.predicate,
         CASE WHEN c.stream_seq IS NOT NULL AND c.body IS NULL
              THEN EXISTS (SELECT 1 FROM erased AS x WHERE x.agent_id = e.agent_id AND x.stream_seq = e.stream_seq) END
    FROM entry AS e
    LEFT JOIN line AS l ON l.agent_id = e.agent_id AND l.line_no = e.line_no
    LEFT JOIN content AS c ON c.agent_id = e.agent_id AND c.stream_seq = e.stream_seq
   WHERE e.agent_id = ?1 AND e.stream_seq BETWEEN ?2 AND ?3
   ORDER BY e.stream_seq
   LIMIT ?4;

-- name: claim_seq
-- claims; primary key of claim.
SELECT stream_seq FROM claim WHERE agent_id = ?1 AND claim_id = ?2 AND stream_seq <= ?3;

-- name: key_seq
-- by_idempotency_key; primary key of idempotency.
SELECT stream_seq FROM idempotency WHERE agent_id = ?1 AND key_digest = ?2 AND stream_seq <= ?3;

-- name: children
-- dependants; primary key of edge.
  SELECT child_seq, child_id
    FROM edge
   WHERE agent_id = ?1 AND parent_id = ?2 AND child_seq <= ?3
   ORDER BY child_seq;

-- name: open_questions
-- open_adjudications; entry_by_kind for the questions, entry_by_handle for their answers.
  SELECT e.stream_seq
    FROM entry AS e INDEXED BY entry_by_kind
   WHERE e.agent_id = ?1 AND e.kind = 'AdjudicationOpened' AND e.stream_seq > ?2 AND e.stream_seq <= ?3
     AND NOT EXISTS (SELECT 1 FROM entry AS a INDEXED BY entry_by_handle
                      WHERE a.agent_id = e.agent_id AND a.handle = e.handle AND a.kind = 'AdjudicationClosed'
                        AND a.stream_seq <= ?3)
   ORDER BY e.stream_seq
   LIMIT ?4;

-- name: seqs_up
-- entries, ascending, when no key narrows them down; primary key of entry.
  SELECT stream_seq FROM entry WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 ORDER BY stream_seq;

-- name: seqs_down
-- … descending; primary key of entry.
  SELECT stream_seq FROM entry WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 ORDER BY stream_seq DESC;

-- name: seqs_of_line_up
-- entries of a line; entry_by_line.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_line
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND line_no = ?4
   ORDER BY stream_seq;

-- name: seqs_of_line_down
-- … descending; entry_by_line.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_line
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND line_no = ?4
   ORDER BY stream_seq DESC;

-- name: seqs_of_claim_up
-- entries about a claim; primary key of claim, entry_by_claim.
  SELECT stream_seq FROM claim WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_claim
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND kind <> 'ClaimRecorded'
   ORDER BY stream_seq;

-- name: seqs_of_claim_down
-- … descending; primary key of claim, entry_by_claim.
  SELECT stream_seq FROM claim WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4
   UNION ALL
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_claim
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND claim_id = ?4 AND kind <> 'ClaimRecorded'
   ORDER BY stream_seq DESC;

-- name: seqs_of_handle_up
-- entries of a question, two at most; entry_by_handle.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_handle
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND handle = ?4
   ORDER BY stream_seq;

-- name: seqs_of_handle_down
-- … descending; entry_by_handle.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_handle
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND handle = ?4
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

-- name: seqs_of_lookup_up
-- entries of a source or a context; content_by_lookup.
  SELECT stream_seq
    FROM content INDEXED BY content_by_lookup
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND lookup = ?4
   ORDER BY stream_seq;

-- name: seqs_of_lookup_down
-- … descending; content_by_lookup.
  SELECT stream_seq
    FROM content INDEXED BY content_by_lookup
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND lookup = ?4
   ORDER BY stream_seq DESC;

-- name: seqs_of_disposition_up
-- entries that carry a disposition; entry_by_disposition.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_disposition
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND disposition = ?4
   ORDER BY stream_seq;

-- name: seqs_of_disposition_down
-- … descending; entry_by_disposition.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_disposition
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND disposition = ?4
   ORDER BY stream_seq DESC;

-- name: seqs_of_kind_up
-- entries of a kind; entry_by_kind.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_kind
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND kind = ?4
   ORDER BY stream_seq
   LIMIT ?5;

-- name: seqs_of_kind_down
-- … descending; entry_by_kind.
  SELECT stream_seq
    FROM entry INDEXED BY entry_by_kind
   WHERE agent_id = ?1 AND stream_seq BETWEEN ?2 AND ?3 AND kind = ?4
   ORDER BY stream_seq DESC
   LIMIT ?5;

-- name: lines
-- lines; line_by_name.
  SELECT subject, predicate
    FROM line INDEXED BY line_by_name
   WHERE agent_id = ?1 AND (subject, predicate) > (?2, ?3) AND first_seq <= ?4
   ORDER BY subject, predicate
   LIMIT ?5;

-- name: lines_of_subject
-- lines of one subject; line_by_name.
  SELECT subject, predicate
    FROM line INDEXED BY line_by_name
   WHERE agent_id = ?1 AND subject = ?2 AND predicate > ?3 AND first_seq <= ?4
   ORDER BY predicate
   LIMIT ?5;

-- name: next_subject
-- subjects, once for each; line_by_name.
  SELECT subject
    FROM line INDEXED BY line_by_name
   WHERE agent_id = ?1 AND subject > ?2 AND first_seq <= ?3
   ORDER BY subject
   LIMIT 1;

-- name: batches
-- batches; primary key of batch.
  SELECT first_seq, last_seq, batch_id, recorded_at, clock, actor, format
    FROM batch
   WHERE agent_id = ?1 AND first_seq > ?2
   ORDER BY first_seq
   LIMIT ?3;

-- name: agents
-- agents; index on agent.name, then the last batch of each. A name stands here from its first batch on.
  SELECT a.name, (  SELECT b.last_seq
                      FROM batch AS b
                     WHERE b.agent_id = a.agent_id
                     ORDER BY b.first_seq DESC
                     LIMIT 1)
    FROM agent AS a
   WHERE a.name > ?1
   ORDER BY a.name
   LIMIT ?2;

-- name: entry_count
-- describe; reads the last batch of each agent.
  SELECT COALESCE(SUM((  SELECT last_seq
                           FROM batch AS b
                          WHERE b.agent_id = a.agent_id
                          ORDER BY first_seq DESC
                          LIMIT 1)), 0),
         COUNT(*)
    FROM agent AS a;

-- name: inventory
-- verify; counts every table, along whichever key is the smallest.
  SELECT (SELECT last_seq FROM batch WHERE agent_id = ?1 ORDER BY first_seq DESC LIMIT 1),
         (SELECT COUNT(*) FROM batch WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM entry WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM content WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM line WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM claim WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM edge WHERE agent_id = ?1),
         (SELECT COUNT(*) FROM served WHERE agent_id = ?1),
         (SELECT COUNT(*)
            FROM idempotency AS i
           WHERE i.agent_id = ?1
             AND NOT EXISTS (SELECT 1 FROM erased AS x WHERE x.agent_id = ?1 AND x.stream_seq = i.stream_seq));

-- name: erasures
-- verify; primary key of erased.
  SELECT stream_seq, tombstone_seq FROM erased WHERE agent_id = ?1 ORDER BY stream_seq;

-- name: misfit
-- verify: a row that contradicts another, in columns that no read of the port shows; primary keys and entry_by_line.
  SELECT 'entry ' || e.stream_seq || ' names ' || e.batch_seq || ' as the first of its batch'
    FROM entry AS e
   WHERE e.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM batch AS b
                      WHERE b.agent_id = ?1 AND b.first_seq = e.batch_seq
                        AND e.stream_seq BETWEEN b.first_seq AND b.last_seq)
   UNION ALL
  SELECT 'line ' || l.line_no || ' names ' || l.first_seq || ' as its first entry'
    FROM line AS l
   WHERE l.agent_id = ?1
     AND l.first_seq IS NOT (SELECT MIN(e.stream_seq)
                               FROM entry AS e INDEXED BY entry_by_line
                              WHERE e.agent_id = ?1 AND e.line_no = l.line_no)
   UNION ALL
  SELECT 'entry ' || d.child_seq || ' is filed as derived, and as another claim than it records'
    FROM edge AS d
   WHERE d.agent_id = ?1
     AND NOT EXISTS (SELECT 1 FROM claim AS c
                      WHERE c.agent_id = ?1 AND c.claim_id = d.child_id AND c.stream_seq = d.child_seq)
   UNION ALL
  SELECT 'entry ' || k.stream_seq || ' is erased and has several idempotency keys'
    FROM (  SELECT i.stream_seq
              FROM idempotency AS i
             CROSS JOIN erased AS x
             WHERE i.agent_id = ?1 AND x.agent_id = ?1 AND x.stream_seq = i.stream_seq
             GROUP BY i.stream_seq
            HAVING COUNT(*) > 1) AS k
   LIMIT 1;

-- name: stray_agent
-- verify: an agent without a ledger, or rows of no agent. Agents are numbered from 1 without gaps, so the ends of each
-- table tell.
  SELECT 'agent ' || a.agent_id || ' has a name and no ledger'
    FROM agent AS a
   WHERE NOT EXISTS (SELECT 1 FROM batch AS b WHERE b.agent_id = a.agent_id)
   UNION ALL
  SELECT 'agents are not numbered without gaps'
   WHERE (SELECT COUNT(*) FROM agent) <> COALESCE((SELECT MAX(agent_id) FROM agent), 0)
   UNION ALL
  SELECT 'the table ' || t.name || ' has rows of no agent'
    FROM (SELECT 'batch' AS name, (SELECT MIN(agent_id) FROM batch) AS low, (SELECT MAX(agent_id) FROM batch) AS high
           UNION ALL SELECT 'line', (SELECT MIN(agent_id) FROM line), (SELECT MAX(agent_id) FROM line)
           UNION ALL SELECT 'claim', (SELECT MIN(agent_id) FROM claim), (SELECT MAX(agent_id) FROM claim)
           UNION ALL SELECT 'entry', (SELECT MIN(agent_id) FROM entry), (SELECT MAX(agent_id) FROM entry)
           UNION ALL SELECT 'content', (SELECT MIN(agent_id) FROM content), (SELECT MAX(agent_id) FROM content)
           UNION ALL SELECT 'edge', (SELECT MIN(agent_id) FROM edge), (SELECT MAX(agent_id) FROM edge)
           UNION ALL SELECT 'idempotency', (SELECT MIN(agent_id) FROM idempotency),
                            (SELECT MAX(agent_id) FROM idempotency)
           UNION ALL SELECT 'served', (SELECT MIN(agent_id) FROM served), (SELECT MAX(agent_id) FROM served)
           UNION ALL SELECT 'erased', (SELECT MIN(agent_id) FROM erased), (SELECT MAX(agent_id) FROM erased)) AS t
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
