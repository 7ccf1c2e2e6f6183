-- The ledger, in the schema that search_path names: no statement here names one. One row for each entry; what belongs
-- to a batch or a line as a whole stands in the row of its first entry. SQLite has nearly the same columns; here an
-- agent is known by a digest of its name: nothing has to be looked up or counted before a write, and hashes of it
-- spread. Every key begins with agent_id. Times are microseconds since 1970; kinds, dispositions and clocks are the
-- numbers of core/FORMAT.md. No table refers to another by a foreign key: each would lock and so write the row referred
-- to, at every append.

-- Digest of an agent's name; the adapter computes the same.
CREATE FUNCTION agent_key(name TEXT) RETURNS UUID LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(substr(sha256(convert_to('claimledger/1 agent' || chr(10) || name, 'UTF8')), 1, 16), 'hex')::UUID
$$;

CREATE TABLE agent (
  agent_id UUID             NOT NULL,  -- agent_key(name)
  name     TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
  PRIMARY KEY (agent_id)
);
CREATE INDEX agent_by_name ON agent (name);

CREATE TABLE entry (
  agent_id      UUID     NOT NULL,
  stream_seq    BIGINT   NOT NULL CHECK (stream_seq > 0),
  batch_seq     BIGINT   NOT NULL,  -- of the first entry of its batch
  recorded_at   BIGINT   NOT NULL,  -- that of its batch
  line_no       BIGINT,             -- of the first entry of its line; NULL: belongs to no line
  erases        BIGINT,             -- a tombstone's: the entry whose content it takes
  erased_by     BIGINT,             -- the tombstone that took this entry's content
  kind          SMALLINT NOT NULL,
  disposition   SMALLINT,           -- NULL: carries none
  begins        BOOLEAN  NOT NULL,  -- the entry with which its claim begins
  claim_id      UUID,               -- NULL: is about no claim
  handle        UUID,               -- NULL: is about no adjudication item
  body          BYTEA    NOT NULL,
  hash          BYTEA    NOT NULL CHECK (octet_length(hash) = 32),
  -- The text that a caller typed; all NULL once erased.
  salt          BYTEA CHECK (octet_length(salt) = 16),
  content       BYTEA,
  search_text   TEXT COLLATE "C" CHECK (search_text <> ''),   -- NULL: not searched for
  key_digest    BYTEA CHECK (octet_length(key_digest) = 32),  -- of the idempotency key; NULL: has none
  -- In the first entry of a line: its name, which is content too and goes with the last content of the line.
  subject       TEXT COLLATE "C",
  predicate     TEXT COLLATE "C",
  -- In the first entry of a batch.
  batch_id      UUID,
  batch_entries INTEGER,
  clock         SMALLINT,
  actor         TEXT COLLATE "C",
  format        INTEGER,
  PRIMARY KEY (agent_id, stream_seq),
  CHECK ((salt IS NULL) = (content IS NULL)),
  CHECK (content IS NOT NULL OR search_text IS NULL),
  CHECK (erased_by IS NULL OR (content IS NULL AND key_digest IS NULL AND erased_by > stream_seq)),
  CHECK ((subject IS NULL) = (predicate IS NULL)),
  CHECK (subject IS NULL OR line_no = stream_seq),
  CHECK ((batch_seq = stream_seq) = (batch_id IS NOT NULL)),
  CHECK (num_nulls(batch_id, batch_entries, clock, actor, format) IN (0, 5)),
  CHECK (batch_entries > 0),
  CONSTRAINT only_tombstones_erase CHECK (erases IS NULL OR (erases < stream_seq AND kind = 31))
);
-- A plain claim enters five B-trees: the primary key, the first three, and entry_by_line or, where it is the first of
-- its line, the primary key of line.
CREATE UNIQUE INDEX entry_by_batch ON entry (agent_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE UNIQUE INDEX entry_by_claim ON entry (agent_id, claim_id) WHERE begins;
CREATE INDEX entry_by_text ON entry (agent_id, search_text, stream_seq) WHERE search_text IS NOT NULL;
CREATE INDEX entry_by_line ON entry (agent_id, line_no, stream_seq) WHERE line_no <> stream_seq;
CREATE UNIQUE INDEX entry_by_key ON entry (agent_id, key_digest) WHERE key_digest IS NOT NULL;
CREATE UNIQUE INDEX entry_by_handle ON entry (agent_id, handle, kind) WHERE handle IS NOT NULL;
CREATE INDEX entry_about_claim ON entry (agent_id, claim_id, stream_seq) WHERE claim_id IS NOT NULL AND NOT begins;
CREATE INDEX entry_by_erasure ON entry (agent_id, erased_by) WHERE erased_by IS NOT NULL;
-- Nearly every entry is a ClaimRecorded (16) and CommittedCheap (0): no index is needed to find those.
CREATE INDEX entry_by_kind ON entry (agent_id, kind, stream_seq) WHERE kind <> 16;
CREATE INDEX entry_by_disposition ON entry (agent_id, disposition, stream_seq) WHERE disposition <> 0;

-- Lines by name. The name is content too: its row may go, once it is gone from the line's first entry.
CREATE TABLE line (
  agent_id  UUID             NOT NULL,
  subject   TEXT COLLATE "C" NOT NULL,
  predicate TEXT COLLATE "C" NOT NULL,
  first_seq BIGINT           NOT NULL,  -- of its first entry
  PRIMARY KEY (agent_id, subject, predicate)
);

-- Which claims an entry derives its own from.
CREATE TABLE derivation (
  agent_id  UUID   NOT NULL,
  parent_id UUID   NOT NULL,
  child_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, parent_id, child_seq)
);

-- Which claims a Served entry names.
CREATE TABLE served (
  agent_id   UUID   NOT NULL,
  claim_id   UUID   NOT NULL,
  stream_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, claim_id, stream_seq)
);

CREATE FUNCTION ledger_tables() RETURNS TEXT[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['agent', 'entry', 'line', 'derivation', 'served']
$$;

-- A table, where it is partitioned its partitions too: triggers of rows reach them by themselves, those of TRUNCATE and
-- policies do not.
CREATE FUNCTION with_partitions(ledger TEXT) RETURNS SETOF TEXT LANGUAGE sql STABLE AS $$
  SELECT ledger
   UNION ALL
  SELECT c.relname::TEXT
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
   WHERE i.inhparent = ledger::REGCLASS
$$;

-- Where the setting claimledger.partitions asks for it, each table is made anew, still empty, as that many partitions
-- by hash of the agent, with the same constraints and indexes.
DO $partitions$
DECLARE
  partitions CONSTANT INTEGER := COALESCE(NULLIF(current_setting('claimledger.partitions', true), ''), '0')::INTEGER;
  ledger              TEXT;
  definition          TEXT;
  definitions         TEXT[];
BEGIN
  IF partitions = 0 THEN RETURN; END IF;
  FOREACH ledger IN ARRAY ledger_tables() LOOP
    definitions := ARRAY(SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', ledger, conname,
                                       pg_get_constraintdef(oid))
                           FROM pg_constraint
                          WHERE conrelid = ledger::REGCLASS AND contype = 'p')
                || ARRAY(SELECT pg_get_indexdef(indexrelid)
                           FROM pg_index
                          WHERE indrelid = ledger::REGCLASS AND NOT indisprimary);
    EXECUTE format('CREATE TABLE new_table (LIKE %I INCLUDING CONSTRAINTS) PARTITION BY HASH (agent_id)', ledger);
    EXECUTE format('DROP TABLE %I', ledger);
    EXECUTE format('ALTER TABLE new_table RENAME TO %I', ledger);
    FOREACH definition IN ARRAY definitions LOOP
      EXECUTE definition;
    END LOOP;
    FOR part IN 0 .. partitions - 1 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                     ledger || '_' || part, ledger, partitions, part);
    END LOOP;
  END LOOP;
END
$partitions$;

-- An entry as it is read: with the name of its line. A reader of the view needs the rights, and meets the policies, of
-- the table. OFFSET 0 keeps the planner from making one join of both, which may walk over all of an agent.
CREATE VIEW whole_entry WITH (security_invoker = true) AS
  SELECT e.agent_id, e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.begins, e.handle, e.body, e.hash,
         e.salt, e.content, e.search_text, e.erased_by, e.line_no, l.subject, l.predicate
    FROM entry AS e
    LEFT JOIN LATERAL (SELECT n.subject, n.predicate FROM entry AS n
                        WHERE n.agent_id = e.agent_id AND n.stream_seq = e.line_no OFFSET 0) AS l ON true;
