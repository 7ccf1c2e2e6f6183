-- Which contents have a term, and how often: derived from them, and no part of the ledger. It may be thrown away and
-- made again, so nothing keeps its rows from changing. Who sees them, and which partition they are in, is as with every
-- other table of a ledger.

-- Those that only grow.
CREATE FUNCTION guarded_tables() RETURNS TEXT[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['agent', 'entry', 'line', 'derivation', 'served']
$$;

-- All with rows of an agent.
CREATE OR REPLACE FUNCTION ledger_tables() RETURNS TEXT[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['agent', 'entry', 'line', 'derivation', 'served', 'text_index', 'posting']
$$;

-- An index whose postings are thrown away by hand would go on saying that they are there: it goes with them. Where both
-- are named in one TRUNCATE, it is in use.
CREATE FUNCTION forgets_index() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('TRUNCATE %I.text_index', TG_TABLE_SCHEMA);
  RETURN NULL;
EXCEPTION
  WHEN object_in_use THEN RETURN NULL;
END
$$;

-- As in 0002, of the tables that only grow; and what lets an index go with its postings.
CREATE OR REPLACE FUNCTION wanted_guards() RETURNS TABLE (on_table TEXT, name TEXT, calls TEXT, bits INTEGER)
LANGUAGE sql STABLE AS $$
  SELECT l.name, l.name || '_update', CASE l.name WHEN 'entry' THEN 'only_erases' ELSE 'only_grows' END, 1 + 2 + 16
    FROM unnest(guarded_tables()) AS l (name)
   UNION ALL
  SELECT l.name, l.name || '_delete', CASE l.name WHEN 'line' THEN 'only_forgets' ELSE 'only_grows' END, 1 + 2 + 8
    FROM unnest(guarded_tables()) AS l (name)
   UNION ALL
  SELECT p.name, p.name || '_truncate', 'only_grows', 2 + 32
    FROM unnest(guarded_tables()) AS l (name)
   CROSS JOIN LATERAL with_partitions(l.name) AS p (name)
   UNION ALL
  SELECT p.name, p.name || '_truncate', 'forgets_index', 2 + 32
    FROM with_partitions('posting') AS p (name)
$$;

-- Partitions, policies and readers are those of entry, also where a ledger was made before these tables.
DO $tables$
DECLARE
  partitions CONSTANT BIGINT := (SELECT COUNT(*) FROM pg_inherits AS i WHERE i.inhparent = 'entry'::REGCLASS);
  kind       CONSTANT TEXT := CASE WHEN partitions > 0 THEN 'PARTITION BY HASH (agent_id)' ELSE '' END;
  derived    TEXT;
  part       TEXT;
  policy     RECORD;
  reader     TEXT;
BEGIN
  EXECUTE $$
    CREATE TABLE text_index (
      agent_id UUID             NOT NULL,
      recipe   TEXT COLLATE "C" NOT NULL,  -- by which the terms were made
      up_to    BIGINT           NOT NULL,  -- every content up to here has its terms in posting
      PRIMARY KEY (agent_id)
    ) $$ || kind;
  -- Contents that were filed together and have a term stand in one row, the first with its number.
  EXECUTE $$
    CREATE TABLE posting (
      agent_id   UUID             NOT NULL,
      term       TEXT COLLATE "C" NOT NULL,
      stream_seq BIGINT           NOT NULL,
      count      INTEGER          NOT NULL,
      distances  INTEGER[],  -- of those behind the first, from the first; NULL: there are none
      counts     INTEGER[],  -- and how often they have it; NULL: once each
      PRIMARY KEY (agent_id, term, stream_seq)
    ) $$ || kind;
  FOREACH derived IN ARRAY ARRAY['text_index', 'posting'] LOOP
    FOR number IN 0 .. partitions - 1 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                     derived || '_' || number, derived, partitions, number);
    END LOOP;
    FOR part IN SELECT with_partitions(derived) LOOP
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
      FOR policy IN SELECT p.polname AS name, pg_get_expr(p.polqual, p.polrelid) AS condition
                      FROM pg_policy AS p
                     WHERE p.polrelid = 'entry'::REGCLASS LOOP
        EXECUTE format('CREATE POLICY %I ON %I USING (%s)', policy.name, part, policy.condition);
      END LOOP;
      IF derived = 'posting' THEN
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION forgets_index()',
                       part || '_truncate', part);
      END IF;
    END LOOP;
    FOR reader IN SELECT r.rolname
                    FROM pg_class AS c
                   CROSS JOIN LATERAL aclexplode(c.relacl) AS a
                    JOIN pg_roles AS r ON r.oid = a.grantee
                   WHERE c.oid = 'entry'::REGCLASS AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner LOOP
      EXECUTE format('GRANT SELECT ON %I TO %I', derived, reader);
    END LOOP;
  END LOOP;
END
$tables$;
