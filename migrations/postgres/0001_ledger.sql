-- The ledger, in the schema that search_path names: no statement here names one. The tables are those of SQLite, except
-- that an agent is known by a digest of its name: nothing has to be looked up or counted before a write, and hashes of
-- it spread. Every key starts with agent_id. Times are microseconds since 1970. No table refers to another by a foreign
-- key: each would lock and so write the row referred to, at every append; append_batch() asks instead, while it holds
-- the lock of the agent.

CREATE TABLE agent (
  agent_id UUID             NOT NULL,  -- agent_key(name)
  name     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (agent_id)
);
CREATE INDEX agent_by_name ON agent (name);

CREATE TABLE batch (
  agent_id    UUID             NOT NULL,
  first_seq   BIGINT           NOT NULL,
  last_seq    BIGINT           NOT NULL CHECK (last_seq >= first_seq),
  batch_id    UUID             NOT NULL,
  recorded_at BIGINT           NOT NULL,
  clock       TEXT COLLATE "C" NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  format      INTEGER          NOT NULL,
  PRIMARY KEY (agent_id, first_seq)
);
CREATE UNIQUE INDEX batch_by_id ON batch (agent_id, batch_id);
CREATE INDEX batch_by_time ON batch (agent_id, recorded_at);

-- A line by number; its name is content and may go (both NULL) once all that was said on it is erased.
CREATE TABLE line (
  agent_id  UUID             NOT NULL,
  line_no   BIGINT           NOT NULL,
  subject   TEXT COLLATE "C",
  predicate TEXT COLLATE "C",
  first_seq BIGINT           NOT NULL,  -- of its first entry
  PRIMARY KEY (agent_id, line_no),
  CHECK ((subject IS NULL) = (predicate IS NULL))
);
CREATE UNIQUE INDEX line_by_name ON line (agent_id, subject, predicate);

-- Where a claim was recorded.
CREATE TABLE claim (
  agent_id   UUID   NOT NULL,
  claim_id   UUID   NOT NULL,
  stream_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, claim_id)
);

-- kind and disposition are spelled as core spells them; a later version may know more of them, so there is no CHECK.
CREATE TABLE entry (
  agent_id    UUID             NOT NULL,
  stream_seq  BIGINT           NOT NULL,
  batch_seq   BIGINT           NOT NULL,  -- first_seq of its batch
  recorded_at BIGINT           NOT NULL,  -- that of its batch
  kind        TEXT COLLATE "C" NOT NULL,
  disposition TEXT COLLATE "C",           -- NULL: carries none
  line_no     BIGINT,                     -- NULL: belongs to no line
  claim_id    UUID,                       -- NULL: is about no claim
  handle      UUID,                       -- NULL: is about no question
  body        BYTEA            NOT NULL,
  hash        BYTEA            NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (agent_id, stream_seq)
);
CREATE INDEX entry_by_line ON entry (agent_id, line_no, stream_seq) WHERE line_no IS NOT NULL;
-- A claim's own ClaimRecorded is found by the table claim.
CREATE INDEX entry_by_claim ON entry (agent_id, claim_id, stream_seq)
 WHERE claim_id IS NOT NULL AND kind <> 'ClaimRecorded';
CREATE UNIQUE INDEX entry_by_handle ON entry (agent_id, handle, kind) WHERE handle IS NOT NULL;
CREATE INDEX entry_by_kind ON entry (agent_id, kind, stream_seq);
CREATE INDEX entry_by_disposition ON entry (agent_id, disposition, stream_seq) WHERE disposition IS NOT NULL;

-- What a caller typed. Erasing it makes salt, body and lookup NULL.
CREATE TABLE content (
  agent_id   UUID   NOT NULL,
  stream_seq BIGINT NOT NULL,
  salt       BYTEA CHECK (octet_length(salt) = 16),
  body       BYTEA,
  lookup     TEXT COLLATE "C",  -- NULL: not looked up
  PRIMARY KEY (agent_id, stream_seq),
  CHECK ((salt IS NULL) = (body IS NULL)),
  CHECK (body IS NOT NULL OR lookup IS NULL)
);
CREATE INDEX content_by_lookup ON content (agent_id, lookup, stream_seq) WHERE lookup IS NOT NULL;

-- Which claim was derived from which.
CREATE TABLE edge (
  agent_id  UUID   NOT NULL,
  parent_id UUID   NOT NULL,
  child_seq BIGINT NOT NULL,
  child_id  UUID   NOT NULL,
  PRIMARY KEY (agent_id, parent_id, child_seq)
);

-- Which entry a key produced; the digest of the key, never the key.
CREATE TABLE idempotency (
  agent_id   UUID   NOT NULL,
  key_digest BYTEA  NOT NULL CHECK (octet_length(key_digest) = 32),
  stream_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, key_digest)
);

-- Which claims a Served entry names.
CREATE TABLE served (
  agent_id   UUID   NOT NULL,
  claim_id   UUID   NOT NULL,
  stream_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, claim_id, stream_seq)
);

-- Whose content is gone, and the tombstone that says so.
CREATE TABLE erased (
  agent_id      UUID   NOT NULL,
  stream_seq    BIGINT NOT NULL,
  tombstone_seq BIGINT NOT NULL,
  PRIMARY KEY (agent_id, stream_seq)
);

-- Which login role may see and write which agent, where tenancy is enforced; no part of the ledger.
CREATE TABLE tenant (
  agent_id UUID             NOT NULL,
  role     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (agent_id, role)
);
CREATE INDEX tenant_by_role ON tenant (role);
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agents ON tenant FOR SELECT USING (role = session_user);

CREATE FUNCTION ledger_tables() RETURNS TEXT[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['agent', 'batch', 'line', 'claim', 'entry', 'content', 'edge', 'idempotency', 'served', 'erased']
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

-- Guards. They refuse every change of what was written, whoever connects; what a role may do at all is in its grants.

CREATE FUNCTION only_grows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: the ledger only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION only_erases_content() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.salt IS NOT NULL OR NEW.body IS NOT NULL OR NEW.lookup IS NOT NULL OR OLD.body IS NULL
     OR NEW.agent_id IS DISTINCT FROM OLD.agent_id OR NEW.stream_seq IS DISTINCT FROM OLD.stream_seq
     OR NOT EXISTS (SELECT FROM erased AS x WHERE x.agent_id = OLD.agent_id AND x.stream_seq = OLD.stream_seq)
  THEN
    RAISE EXCEPTION 'content: only what a tombstone names may go' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION only_erases_name() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.subject IS NOT NULL OR NEW.predicate IS NOT NULL OR OLD.subject IS NULL
     OR NEW.agent_id IS DISTINCT FROM OLD.agent_id OR NEW.line_no IS DISTINCT FROM OLD.line_no
     OR NEW.first_seq IS DISTINCT FROM OLD.first_seq
     OR NOT EXISTS (SELECT
                      FROM entry AS e
                      JOIN erased AS x ON x.agent_id = e.agent_id AND x.stream_seq = e.stream_seq
                     WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.line_no)
     OR EXISTS (SELECT
                  FROM entry AS e
                  JOIN content AS c ON c.agent_id = e.agent_id AND c.stream_seq = e.stream_seq
                 WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.line_no AND c.body IS NOT NULL)
  THEN
    RAISE EXCEPTION 'line: only the name of a line whose content is erased may go' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION only_tombstones_erase() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT
                   FROM entry AS e
                  WHERE e.agent_id = NEW.agent_id AND e.stream_seq = NEW.tombstone_seq AND e.kind = 'Tombstone')
  THEN
    RAISE EXCEPTION 'erased: the ledger only grows, and only a tombstone erases' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER erased_insert BEFORE INSERT ON erased FOR EACH ROW EXECUTE FUNCTION only_tombstones_erase();

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

DO $guards$
DECLARE
  ledger TEXT;
  part   TEXT;
BEGIN
  FOREACH ledger IN ARRAY ledger_tables() LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION %I()', ledger || '_update',
                   ledger, CASE ledger WHEN 'content' THEN 'only_erases_content'
                                       WHEN 'line' THEN 'only_erases_name'
                                       ELSE 'only_grows' END);
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION only_grows()',
                   ledger || '_delete', ledger);
    FOR part IN SELECT with_partitions(ledger) LOOP
      EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION only_grows()',
                     part || '_truncate', part);
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
    END LOOP;
  END LOOP;
END
$guards$;

-- Who sees which rows. Either a net: a statement that forgot to say whose ledger it is about sees none. Or a wall: a
-- login role sees the agents that the table tenant gives it, whatever it says and whatever role it has taken on.
CREATE FUNCTION enforce_tenancy(enforced BOOLEAN) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  ledger TEXT;
  part   TEXT;
BEGIN
  FOREACH ledger IN ARRAY ledger_tables() LOOP
    FOR part IN SELECT with_partitions(ledger) LOOP
      EXECUTE format('DROP POLICY IF EXISTS named_agent ON %I', part);
      EXECUTE format('DROP POLICY IF EXISTS every_agent ON %I', part);
      EXECUTE format('DROP POLICY IF EXISTS tenant_agents ON %I', part);
      IF enforced THEN
        EXECUTE format('CREATE POLICY tenant_agents ON %I USING (agent_id IN '
                       '(SELECT t.agent_id FROM tenant AS t WHERE t.role = session_user))', part);
        CONTINUE;
      END IF;
      EXECUTE format('CREATE POLICY named_agent ON %I USING (agent_id = '
                     '(SELECT NULLIF(current_setting(''claimledger.agent_id'', true), '''')::UUID))', part);
      -- For lists of agents and how far they go.
      IF ledger IN ('agent', 'batch') THEN
        EXECUTE format('CREATE POLICY every_agent ON %I FOR SELECT USING ('
                       '(SELECT current_setting(''claimledger.every_agent'', true)) = ''on'')', part);
      END IF;
    END LOOP;
  END LOOP;
END
$$;

DO $net$
BEGIN
  SET LOCAL client_min_messages = warning;  -- nothing is there yet to drop
  PERFORM enforce_tenancy(false);
END
$net$;

-- What writers and readers may do: look, and call the functions below. Nobody but the owner may change a table by hand,
-- and partitions are reached through their tables only.
CREATE FUNCTION grant_roles(writer TEXT, reader TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  each TEXT;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', current_schema(), writer, reader);
  FOREACH each IN ARRAY ledger_tables() || ARRAY['tenant', 'schema_migrations'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO %I, %I', each, writer, reader);
  END LOOP;
  FOR each IN SELECT p.oid::REGPROCEDURE
                FROM pg_proc AS p
               WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                 AND starts_with(p.proname, 'read_') LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I, %I', each, writer, reader);
  END LOOP;
  EXECUTE format('GRANT EXECUTE ON FUNCTION append_batch TO %I', writer);
END
$$;
REVOKE ALL ON FUNCTION enforce_tenancy, grant_roles FROM PUBLIC;

-- The requests of the port, each one function, so that a request is one statement and one round trip: it says whose
-- ledger it is about, for this transaction only, and then asks. Planned once and for tables of any size, along the
-- indexes: without statistics Postgres would rather read a young table from its start, and keep to that. What is looked
-- up for each row of something else ends with OFFSET 0, behind which the planner does not look: it would turn some of
-- them round, to a walk over all rows of an agent, which is as cheap while there are three, or of a whole table.

-- Digest of an agent's name; the adapter computes the same.
CREATE FUNCTION agent_key(name TEXT) RETURNS UUID LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(substr(sha256(convert_to('claimledger/1 agent' || chr(10) || name, 'UTF8')), 1, 16), 'hex')::UUID
$$;

-- What an append of this agent locks: 64 bits of its own, different in another schema of the same database.
CREATE FUNCTION agent_lock(agent UUID) RETURNS BIGINT LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT uuid_hash_extended(agent, 'batch'::REGCLASS::OID::BIGINT)
$$;

-- An entry, its content, its line's name and what became of the content.
CREATE TYPE whole_entry AS (
  stream_seq  BIGINT,
  recorded_at BIGINT,
  kind        TEXT,
  disposition TEXT,
  claim_id    UUID,
  handle      UUID,
  body        BYTEA,
  hash        BYTEA,
  content_seq BIGINT,  -- NULL: has no content
  salt        BYTEA,
  content     BYTEA,
  lookup      TEXT,
  line_no     BIGINT,
  subject     TEXT,
  predicate   TEXT,
  erased      BOOLEAN  -- NULL where content is there
);

-- Primary keys of entry, line and content.
CREATE FUNCTION entry_at(agent UUID, seq BIGINT) RETURNS SETOF whole_entry LANGUAGE sql STABLE AS $$
  SELECT e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.handle, e.body, e.hash,
         c.stream_seq, c.salt, c.body, c.lookup, e.line_no, l.subject, l.predicate,
         CASE WHEN c.stream_seq IS NOT NULL AND c.body IS NULL
              THEN EXISTS (SELECT FROM erased AS x WHERE x.agent_id = agent AND x.stream_seq = seq OFFSET 0) END
    FROM entry AS e
    LEFT JOIN LATERAL (SELECT n.subject, n.predicate FROM line AS n
                        WHERE n.agent_id = agent AND n.line_no = e.line_no OFFSET 0) AS l ON true
    LEFT JOIN LATERAL (SELECT n.stream_seq, n.salt, n.body, n.lookup FROM content AS n
                        WHERE n.agent_id = agent AND n.stream_seq = seq OFFSET 0) AS c ON true
   WHERE e.agent_id = agent AND e.stream_seq = seq
  OFFSET 0
$$;

-- head, snapshot, line, claims, by_idempotency_key. `moment` says what `up_to` is: head (nothing), position, time, or
-- cutoff: a position that is taken as it is. First the head, unless it is a cutoff; then each list by its place in what
-- was asked. named_seq is the entry that has to be there: the first of its line, the one that a key or a claim names.
CREATE FUNCTION read_snapshot(the_agent UUID, moment TEXT, up_to BIGINT, subjects TEXT[], predicates TEXT[],
                              keys BYTEA[], claims UUID[])
RETURNS TABLE (part TEXT, place BIGINT, named_seq BIGINT, found whole_entry) LANGUAGE plpgsql STABLE AS $$
DECLARE
  cutoff    BIGINT := up_to;
  last_seq  BIGINT;
  last_time BIGINT;
  last_hash BYTEA;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  IF moment <> 'cutoff' THEN
    IF moment = 'head' THEN
      SELECT b.last_seq, b.recorded_at INTO last_seq, last_time
        FROM batch AS b WHERE b.agent_id = the_agent ORDER BY b.first_seq DESC LIMIT 1;
    ELSIF moment = 'position' THEN
      -- The batch that holds it, or the one before where it lies inside one.
      SELECT b.last_seq, b.recorded_at INTO last_seq, last_time
        FROM batch AS b WHERE b.agent_id = the_agent AND b.first_seq <= up_to AND b.last_seq <= up_to
       ORDER BY b.first_seq DESC LIMIT 1;
    ELSE
      SELECT b.last_seq, b.recorded_at INTO last_seq, last_time
        FROM batch AS b WHERE b.agent_id = the_agent AND b.recorded_at <= up_to
       ORDER BY b.recorded_at DESC LIMIT 1;
    END IF;
    SELECT e.hash INTO last_hash FROM entry AS e WHERE e.agent_id = the_agent AND e.stream_seq = last_seq;
    cutoff := COALESCE(last_seq, 0);
    RETURN QUERY SELECT 'head', 0::BIGINT, cutoff,
                        ROW(last_seq, last_time, NULL, NULL, NULL, NULL, NULL, last_hash, NULL, NULL, NULL, NULL, NULL,
                            NULL, NULL, NULL)::whole_entry;
  END IF;
  -- line_by_name, entry_by_line, then the primary key of content.
  IF cardinality(subjects) > 0 THEN
    RETURN QUERY
      SELECT 'line', w.place, l.first_seq,
             ROW(e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.handle, e.body, e.hash,
                 c.stream_seq, c.salt, c.body, c.lookup, NULL, NULL, NULL,
                 CASE WHEN c.stream_seq IS NOT NULL AND c.body IS NULL
                      THEN EXISTS (SELECT FROM erased AS x
                                    WHERE x.agent_id = the_agent AND x.stream_seq = e.stream_seq
                                   OFFSET 0) END)::whole_entry
        FROM unnest(subjects, predicates) WITH ORDINALITY AS w (subject, predicate, place)
       CROSS JOIN LATERAL (SELECT n.line_no, n.first_seq FROM line AS n
                            WHERE n.agent_id = the_agent AND n.subject = w.subject AND n.predicate = w.predicate
                              AND n.first_seq <= cutoff OFFSET 0) AS l
        LEFT JOIN LATERAL (SELECT n.agent_id, n.stream_seq, n.recorded_at, n.kind, n.disposition, n.claim_id, n.handle,
                                  n.body, n.hash
                             FROM entry AS n
                            WHERE n.agent_id = the_agent AND n.line_no = l.line_no AND n.stream_seq <= cutoff
                           OFFSET 0) AS e ON true
        LEFT JOIN LATERAL (SELECT n.stream_seq, n.salt, n.body, n.lookup FROM content AS n
                            WHERE n.agent_id = the_agent AND n.stream_seq = e.stream_seq OFFSET 0) AS c ON true
       ORDER BY w.place, e.stream_seq;
  END IF;
  -- Primary key of idempotency.
  IF cardinality(keys) > 0 THEN
    RETURN QUERY
      SELECT 'key', w.place, i.stream_seq, e
        FROM unnest(keys) WITH ORDINALITY AS w (key_digest, place)
       CROSS JOIN LATERAL (SELECT n.stream_seq FROM idempotency AS n
                            WHERE n.agent_id = the_agent AND n.key_digest = w.key_digest AND n.stream_seq <= cutoff
                           OFFSET 0) AS i
        LEFT JOIN LATERAL entry_at(the_agent, i.stream_seq) AS e ON true
       ORDER BY w.place;
    -- Who finds its key at the head takes the write for acknowledged. That may stand here and nowhere else yet:
    -- something to commit makes this answer wait for the standbys as that write should have.
    IF FOUND AND moment = 'head' AND current_setting('synchronous_standby_names') <> '' AND NOT pg_is_in_recovery() THEN
      PERFORM pg_logical_emit_message(true, 'claimledger', '');
    END IF;
  END IF;
  -- Primary key of claim.
  IF cardinality(claims) > 0 THEN
    RETURN QUERY
      SELECT 'claim', w.place, k.stream_seq, e
        FROM unnest(claims) WITH ORDINALITY AS w (claim_id, place)
       CROSS JOIN LATERAL (SELECT n.stream_seq FROM claim AS n
                            WHERE n.agent_id = the_agent AND n.claim_id = w.claim_id AND n.stream_seq <= cutoff
                           OFFSET 0) AS k
        LEFT JOIN LATERAL entry_at(the_agent, k.stream_seq) AS e ON true
       ORDER BY w.place;
  END IF;
END
$$;

-- batch_by_time.
CREATE FUNCTION read_position_at(the_agent UUID, up_to BIGINT) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN (  SELECT b.last_seq
              FROM batch AS b
             WHERE b.agent_id = the_agent AND b.recorded_at <= up_to
             ORDER BY b.recorded_at DESC
             LIMIT 1);
END
$$;

-- Primary key of edge.
CREATE FUNCTION read_dependants(the_agent UUID, parents UUID[], up_to BIGINT)
RETURNS TABLE (place BIGINT, child_id UUID) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT w.place, d.child_id
      FROM unnest(parents) WITH ORDINALITY AS w (parent_id, place)
     CROSS JOIN LATERAL (SELECT n.child_seq, n.child_id FROM edge AS n
                          WHERE n.agent_id = the_agent AND n.parent_id = w.parent_id AND n.child_seq <= up_to
                         OFFSET 0) AS d
     ORDER BY d.child_seq, w.place;
END
$$;

-- entry_by_kind for the questions, entry_by_handle for their answers.
CREATE FUNCTION read_open_questions(the_agent UUID, after BIGINT, up_to BIGINT, at_most BIGINT)
RETURNS SETOF whole_entry LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT w.*
      FROM (SELECT q.stream_seq
              FROM entry AS q
             WHERE q.agent_id = the_agent AND q.kind = 'AdjudicationOpened' AND q.stream_seq > after
               AND q.stream_seq <= up_to
               AND NOT EXISTS (SELECT
                                 FROM entry AS a
                                WHERE a.agent_id = the_agent AND a.handle = q.handle AND a.kind = 'AdjudicationClosed'
                                  AND a.stream_seq <= up_to
                               OFFSET 0)
             ORDER BY q.stream_seq
             LIMIT at_most) AS open
     CROSS JOIN LATERAL entry_at(the_agent, open.stream_seq) AS w
     ORDER BY w.stream_seq;
END
$$;

-- line_by_name.
CREATE FUNCTION read_lines(the_agent UUID, after_subject TEXT, after_predicate TEXT, up_to BIGINT, at_most BIGINT)
RETURNS TABLE (subject TEXT, predicate TEXT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT l.subject, l.predicate
      FROM line AS l
     WHERE l.agent_id = the_agent AND (l.subject, l.predicate) > (after_subject, after_predicate)
       AND l.first_seq <= up_to
     ORDER BY l.subject, l.predicate
     LIMIT at_most;
END
$$;

CREATE FUNCTION read_lines_of_subject(the_agent UUID, of_subject TEXT, after_predicate TEXT, up_to BIGINT,
                                      at_most BIGINT)
RETURNS TABLE (subject TEXT, predicate TEXT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT l.subject, l.predicate
      FROM line AS l
     WHERE l.agent_id = the_agent AND l.subject = of_subject AND l.predicate > after_predicate
       AND l.first_seq <= up_to
     ORDER BY l.predicate
     LIMIT at_most;
END
$$;

-- line_by_name, once for each subject: a search for the next, not a walk over its lines.
CREATE FUNCTION read_subjects(the_agent UUID, after_subject TEXT, up_to BIGINT, at_most BIGINT)
RETURNS SETOF TEXT LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    WITH RECURSIVE found (subject) AS (
      (  SELECT l.subject
           FROM line AS l
          WHERE l.agent_id = the_agent AND l.subject > after_subject AND l.first_seq <= up_to
          ORDER BY l.subject
          LIMIT 1)
       UNION ALL
      SELECT (  SELECT l.subject
                  FROM line AS l
                 WHERE l.agent_id = the_agent AND l.subject > f.subject AND l.first_seq <= up_to
                 ORDER BY l.subject
                 LIMIT 1)
        FROM found AS f
       WHERE f.subject IS NOT NULL)
    SELECT f.subject FROM found AS f WHERE f.subject IS NOT NULL LIMIT at_most;
END
$$;

-- Primary keys of batch and entry.
CREATE FUNCTION read_batches(the_agent UUID, after BIGINT, at_most BIGINT)
RETURNS TABLE (first_seq BIGINT, last_seq BIGINT, batch_id UUID, recorded_at BIGINT, clock TEXT, actor TEXT,
               format INTEGER, found whole_entry) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT b.first_seq, b.last_seq, b.batch_id, b.recorded_at, b.clock, b.actor, b.format, w
      FROM (SELECT n.first_seq, n.last_seq, n.batch_id, n.recorded_at, n.clock, n.actor, n.format
              FROM batch AS n
             WHERE n.agent_id = the_agent AND n.first_seq > after
             ORDER BY n.first_seq
             LIMIT at_most) AS b
      LEFT JOIN LATERAL (SELECT n.stream_seq FROM entry AS n
                          WHERE n.agent_id = the_agent AND n.stream_seq BETWEEN b.first_seq AND b.last_seq
                         OFFSET 0) AS e ON true
      LEFT JOIN LATERAL entry_at(the_agent, e.stream_seq) AS w ON true
     ORDER BY b.first_seq, e.stream_seq;
END
$$;

-- agent_by_name, then the last batch of each. A name stands here from its first batch on.
CREATE FUNCTION read_agents(after_name TEXT, at_most BIGINT)
RETURNS TABLE (name TEXT, last_seq BIGINT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.every_agent', 'on', true);
  RETURN QUERY
    SELECT a.name, (  SELECT b.last_seq
                        FROM batch AS b
                       WHERE b.agent_id = a.agent_id
                       ORDER BY b.first_seq DESC
                       LIMIT 1)
      FROM agent AS a
     WHERE a.name > after_name
     ORDER BY a.name
     LIMIT at_most;
END
$$;

-- A page of entries: the most selective key of what is wanted gives positions from its index, in order, and the rest is
-- held against each entry. One function for each such key and each direction, made from one text: read_entries_up,
-- read_entries_of_line_down … NULL does not restrict.
DO $pages$
DECLARE
  driver RECORD;
  way    RECORD;
BEGIN
  FOR driver IN SELECT k.suffix, k.source
                  FROM (VALUES
    ('',                'entry AS p WHERE p.agent_id = the_agent'),
    ('_of_served',      'served AS p WHERE p.agent_id = the_agent AND p.claim_id = of_served'),
    -- Two at most, so they are sorted; the index that has them in order has everything else too.
    ('_of_handle',      '(SELECT n.stream_seq FROM entry AS n
                           WHERE n.agent_id = the_agent AND n.handle = of_handle OFFSET 0) AS p WHERE true'),
    ('_of_claim',       '(SELECT k.stream_seq
                            FROM claim AS k
                           WHERE k.agent_id = the_agent AND k.claim_id = of_claim
                             AND k.stream_seq BETWEEN first AND last
                           UNION ALL
                          SELECT n.stream_seq
                            FROM entry AS n
                           WHERE n.agent_id = the_agent AND n.claim_id = of_claim AND n.kind <> ''ClaimRecorded''
                             AND n.stream_seq BETWEEN first AND last) AS p WHERE true'),
    ('_of_line',        'entry AS p WHERE p.agent_id = the_agent AND p.line_no = (SELECT l.line_no
                                                                                    FROM line AS l
                                                                                   WHERE l.agent_id = the_agent
                                                                                     AND l.subject = of_subject
                                                                                     AND l.predicate = of_predicate)'),
    ('_of_lookup',      'content AS p WHERE p.agent_id = the_agent AND p.lookup = of_lookup'),
    ('_of_disposition', 'entry AS p WHERE p.agent_id = the_agent AND p.disposition = of_disposition'),
    ('_of_kinds',       '(SELECT DISTINCT unnest(kinds)) AS d (kind)
                          CROSS JOIN LATERAL (  SELECT n.stream_seq
                                                  FROM entry AS n
                                                 WHERE n.agent_id = the_agent AND n.kind = d.kind
                                                   AND n.stream_seq BETWEEN first AND last
                                                 ORDER BY n.stream_seq %1$s
                                                 LIMIT at_most) AS p WHERE true')) AS k (suffix, source)
  LOOP
    FOR way IN SELECT w.suffix, w.direction FROM (VALUES ('_up', 'ASC'), ('_down', 'DESC')) AS w (suffix, direction)
    LOOP
      EXECUTE format($page$
        CREATE FUNCTION %I(the_agent UUID, first BIGINT, last BIGINT, at_most BIGINT, kinds TEXT[], of_disposition TEXT,
                           of_claim UUID, of_subject TEXT, of_predicate TEXT, of_handle UUID, of_served UUID,
                           of_lookup TEXT)
        RETURNS SETOF whole_entry LANGUAGE plpgsql STABLE AS $body$
        BEGIN
          PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
          RETURN QUERY
            SELECT e.*
              FROM (SELECT p.stream_seq
                      FROM %s
                       AND p.stream_seq BETWEEN first AND last
                     ORDER BY p.stream_seq %s) AS p
             CROSS JOIN LATERAL entry_at(the_agent, p.stream_seq) AS e
             WHERE (kinds IS NULL OR e.kind = ANY (kinds))
               AND (of_disposition IS NULL OR e.disposition = of_disposition)
               AND (of_claim IS NULL OR e.claim_id = of_claim)
               AND (of_subject IS NULL OR (e.subject = of_subject AND e.predicate = of_predicate))
               AND (of_handle IS NULL OR e.handle = of_handle)
               AND (of_lookup IS NULL OR e.lookup = of_lookup)
             ORDER BY p.stream_seq %s
             LIMIT at_most;
        END
        $body$
        $page$, 'read_entries' || driver.suffix || way.suffix, format(driver.source, way.direction), way.direction,
        way.direction);
    END LOOP;
  END LOOP;
END
$pages$;

-- verify, describe: the first of the triggers above that is missing, altered or switched off, or one that is not of
-- our making; empty where there is none. A partition's triggers of rows are copies of its table's.
CREATE FUNCTION read_guards() RETURNS TEXT LANGUAGE sql STABLE AS $$
  WITH ledger (name) AS (SELECT unnest(ledger_tables())),
       part (name) AS (SELECT p.name FROM ledger AS l CROSS JOIN LATERAL with_partitions(l.name) AS p (name)),
       wanted (on_table, name, calls, bits) AS (
         -- Bits of tgtype: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
         SELECT l.name, l.name || '_update', CASE l.name WHEN 'content' THEN 'only_erases_content'
                                                         WHEN 'line' THEN 'only_erases_name'
                                                         ELSE 'only_grows' END, 1 + 2 + 16
           FROM ledger AS l
          UNION ALL
         SELECT l.name, l.name || '_delete', 'only_grows', 1 + 2 + 8 FROM ledger AS l
          UNION ALL
         SELECT p.name, p.name || '_truncate', 'only_grows', 2 + 32 FROM part AS p
          UNION ALL
         SELECT 'erased', 'erased_insert', 'only_tombstones_erase', 1 + 2 + 4),
       found AS (
         SELECT p.name AS on_table, t.tgname::TEXT AS name, t.tgparentid <> 0 AS copied,
                t.tgenabled IN ('O', 'A') AS enabled, t.tgtype AS bits, t.tgfoid AS calls,
                t.tgqual IS NULL AND t.tgattr::TEXT = '' AS always
           FROM part AS p
           JOIN pg_trigger AS t ON t.tgrelid = p.name::REGCLASS AND NOT t.tgisinternal)
  SELECT COALESCE(
    (SELECT format('the trigger %s on %s is missing, altered or switched off', w.name, w.on_table)
       FROM wanted AS w
      WHERE NOT EXISTS (SELECT
                          FROM found AS f
                         WHERE f.on_table = w.on_table AND f.name = w.name AND f.bits = w.bits AND f.enabled
                           AND f.always AND f.calls = w.calls::REGPROC)
      LIMIT 1),
    (SELECT format('the trigger %s on %s is switched off', f.name, f.on_table)
       FROM found AS f
      WHERE f.copied AND NOT f.enabled
      LIMIT 1),
    (SELECT format('the trigger %s on %s is not of our making', f.name, f.on_table)
       FROM found AS f
      WHERE NOT f.copied
        AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.on_table = f.on_table AND w.name = f.name)
      LIMIT 1),
    '')
$$;

-- verify: counts all that is filed for an agent, lists what is erased, and then the first row that contradicts another
-- in columns which no read shows. Along the primary keys, and entry_by_line.
CREATE FUNCTION read_inventory(the_agent UUID)
RETURNS TABLE (part TEXT, amount BIGINT, tombstone BIGINT, problem TEXT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY SELECT 'batches', COUNT(*), MAX(n.last_seq), NULL FROM batch AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'entries', COUNT(*), NULL::BIGINT, NULL FROM entry AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'contents', COUNT(*), NULL::BIGINT, NULL FROM content AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'lines', COUNT(*), NULL::BIGINT, NULL FROM line AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'claims', COUNT(*), NULL::BIGINT, NULL FROM claim AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'derivations', COUNT(*), NULL::BIGINT, NULL FROM edge AS n WHERE n.agent_id = the_agent;
  RETURN QUERY SELECT 'servings', COUNT(*), NULL::BIGINT, NULL FROM served AS n WHERE n.agent_id = the_agent;
  RETURN QUERY
    SELECT 'keys', COUNT(*), NULL::BIGINT, NULL
      FROM idempotency AS n
     WHERE n.agent_id = the_agent
       AND NOT EXISTS (SELECT FROM erased AS x
                        WHERE x.agent_id = the_agent AND x.stream_seq = n.stream_seq OFFSET 0);
  RETURN QUERY
    SELECT 'erasure', n.stream_seq, n.tombstone_seq, NULL
      FROM erased AS n
     WHERE n.agent_id = the_agent
     ORDER BY n.stream_seq;
  RETURN QUERY
    SELECT 'problem', NULL::BIGINT, NULL::BIGINT, p.problem
      FROM (SELECT NULLIF(read_guards(), '') AS problem
             UNION ALL
            SELECT format('the agent is filed as %s', n.name)
              FROM agent AS n
             WHERE n.agent_id = the_agent AND agent_key(n.name) <> the_agent
             UNION ALL
            SELECT 'the agent has no name'
             WHERE EXISTS (SELECT FROM batch AS n WHERE n.agent_id = the_agent)
               AND NOT EXISTS (SELECT FROM agent AS n WHERE n.agent_id = the_agent)
             UNION ALL
            SELECT 'the agent has a name and no ledger'
             WHERE EXISTS (SELECT FROM agent AS n WHERE n.agent_id = the_agent)
               AND NOT EXISTS (SELECT FROM batch AS n WHERE n.agent_id = the_agent)
             UNION ALL
            SELECT format('entry %s names %s as the first of its batch', e.stream_seq, e.batch_seq)
              FROM entry AS e
             WHERE e.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM batch AS b
                                WHERE b.agent_id = the_agent AND b.first_seq = e.batch_seq
                                  AND e.stream_seq BETWEEN b.first_seq AND b.last_seq
                               OFFSET 0)
             UNION ALL
            SELECT format('line %s names %s as its first entry', l.line_no, l.first_seq)
              FROM line AS l
             WHERE l.agent_id = the_agent
               AND l.first_seq IS DISTINCT FROM (SELECT MIN(e.stream_seq)
                                                   FROM entry AS e
                                                  WHERE e.agent_id = the_agent AND e.line_no = l.line_no)
             UNION ALL
            SELECT format('entry %s is filed as derived, and as another claim than it records', d.child_seq)
              FROM edge AS d
             WHERE d.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM claim AS k
                                WHERE k.agent_id = the_agent AND k.claim_id = d.child_id
                                  AND k.stream_seq = d.child_seq
                               OFFSET 0)
             UNION ALL
            SELECT format('entry %s is erased and has several idempotency keys', x.stream_seq)
              FROM idempotency AS i
             CROSS JOIN LATERAL (SELECT n.stream_seq FROM erased AS n
                                  WHERE n.agent_id = the_agent AND n.stream_seq = i.stream_seq OFFSET 0) AS x
             WHERE i.agent_id = the_agent
             GROUP BY x.stream_seq
            HAVING COUNT(*) > 1) AS p
     WHERE p.problem IS NOT NULL
     LIMIT 1;
END
$$;

-- How much there is: agents, entries.
CREATE FUNCTION read_size() RETURNS TABLE (agents BIGINT, entries BIGINT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.every_agent', 'on', true);
  RETURN QUERY
    SELECT COUNT(*), COALESCE(SUM((  SELECT b.last_seq
                                       FROM batch AS b
                                      WHERE b.agent_id = a.agent_id
                                      ORDER BY b.first_seq DESC
                                      LIMIT 1)), 0)::BIGINT
      FROM agent AS a;
END
$$;

-- The one function that writes. Judges a batch under the agent's lock and, if it may land, writes it; see
-- adapters/postgres/README.md for what comes in. Each statement sees what is committed when it begins, so all that come
-- after the lock see the batch before. Of the rules, those that ask the ledger: what the batch needs to be there and
-- what it needs not to be there. `refused` says in `detail` what is there; the adapter finds the words. The rest of the
-- rules it has checked: where one is broken, `writes` is false, and all that is asked is whether a rule is what it
-- breaks, or whether it came late or twice.
CREATE FUNCTION append_batch(
  the_agent UUID, the_name TEXT, genesis BYTEA, after_seq BIGINT, after_time BIGINT, after_hash BYTEA, writes BOOLEAN,
  patience TEXT, the_batch UUID, the_time BIGINT, the_clock TEXT, the_actor TEXT, the_format INTEGER,
  needed_claims UUID[], new_claims UUID[], new_claim_places BIGINT[],
  new_keys BYTEA[], new_key_places BIGINT[],
  needed_questions UUID[], opened UUID[], closed UUID[],
  needed_contents BIGINT[], erased_seqs BIGINT[], tombstone_places BIGINT[],
  subjects TEXT[], predicates TEXT[], line_places BIGINT[],
  kinds TEXT[], dispositions TEXT[], entry_lines INTEGER[], entry_claims UUID[], handles UUID[], bodies BYTEA[],
  hashes BYTEA[],
  content_places BIGINT[], salts BYTEA[], contents BYTEA[], lookups TEXT[],
  parents UUID[], child_places BIGINT[], children UUID[],
  served_claims UUID[], served_places BIGINT[],
  OUT outcome TEXT, OUT detail TEXT) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  head       RECORD;
  first      BIGINT := after_seq + 1;
  numbers    BIGINT[];
  erased_seq BIGINT;
BEGIN
  detail := '';
  -- The adapter says nothing of the kind; who writes SQL by hand may.
  IF the_agent IS DISTINCT FROM agent_key(the_name) OR writes IS NULL THEN
    RAISE EXCEPTION 'agent_key(the_name) is not the_agent' USING ERRCODE = 'restrict_violation';
  ELSIF writes AND after_seq > 0 AND the_time <= after_time THEN
    RAISE EXCEPTION 'a batch is recorded later than the one that it follows' USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', patience, true);
  PERFORM pg_advisory_xact_lock(agent_lock(the_agent));

  -- Primary keys of agent, batch and entry; batch_by_id.
  SELECT a.name, b.last_seq, b.recorded_at, e.hash,
         EXISTS (SELECT FROM batch AS s WHERE s.agent_id = the_agent AND s.batch_id = the_batch) AS is_there
    INTO head
    FROM (SELECT the_agent AS agent_id) AS w
    LEFT JOIN agent AS a ON a.agent_id = w.agent_id
    LEFT JOIN LATERAL (SELECT n.last_seq, n.recorded_at
                         FROM batch AS n
                        WHERE n.agent_id = w.agent_id
                        ORDER BY n.first_seq DESC
                        LIMIT 1) AS b ON true
    LEFT JOIN LATERAL (SELECT n.hash FROM entry AS n
                        WHERE n.agent_id = the_agent AND n.stream_seq = b.last_seq OFFSET 0) AS e ON true;

  IF head.name <> the_name THEN
    RAISE EXCEPTION 'another agent has the same digest' USING ERRCODE = 'restrict_violation';
  ELSIF head.last_seq IS NOT NULL AND head.hash IS NULL THEN
    RAISE EXCEPTION 'entry % is missing, the last of its batch', head.last_seq USING ERRCODE = 'data_corrupted';
  ELSIF head.is_there THEN
    -- It may stand here and nowhere else yet. Something to commit makes this commit wait as the first should have.
    PERFORM pg_logical_emit_message(true, 'claimledger', '');
    outcome := 'already_there';
    RETURN;
  ELSIF (COALESCE(head.last_seq, 0), COALESCE(head.recorded_at, 0), COALESCE(head.hash, genesis))
     IS DISTINCT FROM (after_seq, after_time, after_hash) THEN
    outcome := 'conflict';
    RETURN;
  END IF;

  -- Primary keys of claim, idempotency and content; entry_by_handle.
  IF NOT writes
     OR (cardinality(new_claims) > 0
         AND EXISTS (SELECT
                       FROM unnest(new_claims) AS w (claim_id)
                      CROSS JOIN LATERAL (SELECT FROM claim AS k
                                           WHERE k.agent_id = the_agent AND k.claim_id = w.claim_id OFFSET 0) AS f))
     OR (cardinality(needed_claims) > 0
         AND (SELECT COUNT(*)
                FROM unnest(needed_claims) AS w (claim_id)
               CROSS JOIN LATERAL (SELECT FROM claim AS k
                                    WHERE k.agent_id = the_agent AND k.claim_id = w.claim_id OFFSET 0) AS f)
             < cardinality(needed_claims))
     OR (cardinality(new_keys) > 0
         AND EXISTS (SELECT
                       FROM unnest(new_keys) AS w (key_digest)
                      CROSS JOIN LATERAL (SELECT FROM idempotency AS i
                                           WHERE i.agent_id = the_agent AND i.key_digest = w.key_digest OFFSET 0) AS f))
     OR (cardinality(opened) > 0
         AND EXISTS (SELECT
                       FROM unnest(opened) AS w (handle)
                      CROSS JOIN LATERAL (SELECT FROM entry AS q
                                           WHERE q.agent_id = the_agent AND q.handle = w.handle
                                             AND q.kind = 'AdjudicationOpened' OFFSET 0) AS f))
     OR (cardinality(closed) > 0
         AND EXISTS (SELECT
                       FROM unnest(closed) AS w (handle)
                      CROSS JOIN LATERAL (SELECT FROM entry AS q
                                           WHERE q.agent_id = the_agent AND q.handle = w.handle
                                             AND q.kind = 'AdjudicationClosed' OFFSET 0) AS f))
     OR (cardinality(needed_questions) > 0
         AND (SELECT COUNT(*)
                FROM unnest(needed_questions) AS w (handle)
               CROSS JOIN LATERAL (SELECT FROM entry AS q
                                    WHERE q.agent_id = the_agent AND q.handle = w.handle
                                      AND q.kind = 'AdjudicationOpened' OFFSET 0) AS f)
             < cardinality(needed_questions))
     OR (cardinality(needed_contents) > 0
         AND (SELECT COUNT(*)
                FROM unnest(needed_contents) AS w (seq)
               CROSS JOIN LATERAL (SELECT FROM content AS c
                                    WHERE c.agent_id = the_agent AND c.stream_seq = w.seq AND c.body IS NOT NULL
                                   OFFSET 0) AS f)
             < cardinality(needed_contents))
  THEN
    outcome := 'refused';
    SELECT COALESCE(string_agg(f.fact, chr(10)), '') INTO detail
      FROM (SELECT 'claim ' || f.claim_id
              FROM unnest(needed_claims || new_claims) AS w (claim_id)
             CROSS JOIN LATERAL (SELECT k.claim_id FROM claim AS k
                                  WHERE k.agent_id = the_agent AND k.claim_id = w.claim_id OFFSET 0) AS f
             UNION ALL
            SELECT 'key ' || encode(f.key_digest, 'hex')
              FROM unnest(new_keys) AS w (key_digest)
             CROSS JOIN LATERAL (SELECT i.key_digest FROM idempotency AS i
                                  WHERE i.agent_id = the_agent AND i.key_digest = w.key_digest OFFSET 0) AS f
             UNION ALL
            SELECT f.kind || ' ' || f.handle
              FROM unnest(opened || closed || needed_questions) AS w (handle)
             CROSS JOIN LATERAL (SELECT q.kind, q.handle FROM entry AS q
                                  WHERE q.agent_id = the_agent AND q.handle = w.handle OFFSET 0) AS f
             UNION ALL
            SELECT 'content ' || f.stream_seq
              FROM unnest(needed_contents) AS w (seq)
             CROSS JOIN LATERAL (SELECT c.stream_seq FROM content AS c
                                  WHERE c.agent_id = the_agent AND c.stream_seq = w.seq AND c.body IS NOT NULL
                                 OFFSET 0) AS f) AS f (fact);
    RETURN;
  END IF;

  IF head.name IS NULL THEN
    INSERT INTO agent (agent_id, name) VALUES (the_agent, the_name);
  END IF;
  INSERT INTO batch (agent_id, first_seq, last_seq, batch_id, recorded_at, clock, actor, format)
  VALUES (the_agent, first, after_seq + cardinality(kinds), the_batch, the_time, the_clock, the_actor, the_format);

  -- line_by_name. Lines said of before keep their numbers, the others count on.
  IF cardinality(subjects) > 0 THEN
    numbers := ARRAY(  SELECT l.line_no
                         FROM unnest(subjects, predicates) WITH ORDINALITY AS w (subject, predicate, place)
                         LEFT JOIN LATERAL (SELECT n.line_no FROM line AS n
                                             WHERE n.agent_id = the_agent AND n.subject = w.subject
                                               AND n.predicate = w.predicate OFFSET 0) AS l ON true
                        ORDER BY w.place);
    IF array_position(numbers, NULL) IS NOT NULL THEN
      numbers := ARRAY(  SELECT COALESCE(w.number, COALESCE((  SELECT l.line_no
                                                                 FROM line AS l
                                                                WHERE l.agent_id = the_agent
                                                                ORDER BY l.line_no DESC
                                                                LIMIT 1), 0)
                                                   + COUNT(*) FILTER (WHERE w.number IS NULL) OVER (ORDER BY w.place))
                           FROM unnest(numbers) WITH ORDINALITY AS w (number, place)
                          ORDER BY w.place);
      INSERT INTO line (agent_id, line_no, subject, predicate, first_seq)
      SELECT the_agent, w.number, w.subject, w.predicate, after_seq + w.place
        FROM unnest(numbers, subjects, predicates, line_places) AS w (number, subject, predicate, place)
       WHERE NOT EXISTS (SELECT FROM line AS l WHERE l.agent_id = the_agent AND l.line_no = w.number OFFSET 0);
    END IF;
  END IF;

  IF cardinality(new_claims) > 0 THEN
    INSERT INTO claim (agent_id, claim_id, stream_seq)
    SELECT the_agent, w.claim_id, after_seq + w.place
      FROM unnest(new_claims, new_claim_places) AS w (claim_id, place);
  END IF;

  INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, kind, disposition, line_no, claim_id, handle, body,
                     hash)
  SELECT the_agent, after_seq + w.place, first, the_time, w.kind, w.disposition, numbers[w.line], w.claim_id, w.handle,
         w.body, w.hash
    FROM unnest(kinds, dispositions, entry_lines, entry_claims, handles, bodies, hashes) WITH ORDINALITY
      AS w (kind, disposition, line, claim_id, handle, body, hash, place);

  IF cardinality(content_places) > 0 THEN
    INSERT INTO content (agent_id, stream_seq, salt, body, lookup)
    SELECT the_agent, after_seq + w.place, w.salt, w.body, w.lookup
      FROM unnest(content_places, salts, contents, lookups) AS w (place, salt, body, lookup);
  END IF;
  IF cardinality(parents) > 0 THEN
    INSERT INTO edge (agent_id, parent_id, child_seq, child_id)
    SELECT the_agent, w.parent_id, after_seq + w.place, w.child_id
      FROM unnest(parents, child_places, children) AS w (parent_id, place, child_id);
  END IF;
  IF cardinality(new_keys) > 0 THEN
    INSERT INTO idempotency (agent_id, key_digest, stream_seq)
    SELECT the_agent, w.key_digest, after_seq + w.place
      FROM unnest(new_keys, new_key_places) AS w (key_digest, place);
  END IF;
  IF cardinality(served_claims) > 0 THEN
    INSERT INTO served (agent_id, claim_id, stream_seq)
    SELECT the_agent, w.claim_id, after_seq + w.place
      FROM unnest(served_claims, served_places) AS w (claim_id, place);
  END IF;
  IF cardinality(erased_seqs) > 0 THEN
    INSERT INTO erased (agent_id, stream_seq, tombstone_seq)
    SELECT the_agent, w.seq, after_seq + w.place
      FROM unnest(erased_seqs, tombstone_places) AS w (seq, place);
    -- The one change that the guards allow; one by one, so that it is found by its key.
    FOREACH erased_seq IN ARRAY erased_seqs LOOP
      UPDATE content AS c
         SET salt = NULL, body = NULL, lookup = NULL
       WHERE c.agent_id = the_agent AND c.stream_seq = erased_seq;
    END LOOP;
  END IF;
  outcome := 'done';
END
$$;

DO $settings$
DECLARE
  request TEXT;
BEGIN
  FOR request IN SELECT p.oid::REGPROCEDURE
                   FROM pg_proc AS p
                  WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                    AND (starts_with(p.proname, 'read_') OR p.proname = 'append_batch') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path FROM CURRENT', request);
    EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', request);
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', request);
    EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off', request);
    EXECUTE format('ALTER FUNCTION %s SET enable_hashjoin = off', request);
    EXECUTE format('ALTER FUNCTION %s SET enable_mergejoin = off', request);
    EXECUTE format('ALTER FUNCTION %s SET enable_material = off', request);
    EXECUTE format('ALTER FUNCTION %s SET jit = off', request);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', request);
  END LOOP;
END
$settings$;
