-- Where contents point by the models that read them: derived from them, and no part of the ledger. It may be thrown
-- away and made again, so nothing keeps its rows from changing. Who sees them, and which partition they are in, is as
-- with every other table of a ledger.

CREATE OR REPLACE FUNCTION ledger_tables() RETURNS TEXT[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['agent', 'entry', 'line', 'derivation', 'served', 'text_index', 'posting', 'model', 'embedding']
$$;

-- A model whose vectors are thrown away by hand would go on saying that they are there: it goes with them. Where both
-- are named in one TRUNCATE, it is in use.
CREATE OR REPLACE FUNCTION forgets_models() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('TRUNCATE %I.model', TG_TABLE_SCHEMA);
  RETURN NULL;
EXCEPTION
  WHEN object_in_use THEN RETURN NULL;
END
$$;

-- As in 0004, and what lets models go with their vectors.
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
  SELECT p.name, p.name || '_truncate', f.calls, 2 + 32
    FROM (VALUES ('posting', 'forgets_index'), ('embedding', 'forgets_models')) AS f (name, calls)
   CROSS JOIN LATERAL with_partitions(f.name) AS p (name)
$$;

-- Partitions, policies and readers are those of entry. Where the tables of 0004 were lost and are made anew, these are
-- there.
DO $tables$
DECLARE
  partitions CONSTANT BIGINT := (SELECT COUNT(*) FROM pg_inherits AS i WHERE i.inhparent = 'entry'::REGCLASS);
  kind       CONSTANT TEXT := CASE WHEN partitions > 0 THEN 'PARTITION BY HASH (agent_id)' ELSE '' END;
  derived    TEXT;
  part       TEXT;
  policy     RECORD;
  reader     TEXT;
BEGIN
  IF to_regclass('embedding') IS NOT NULL THEN RETURN; END IF;
  EXECUTE $$
    CREATE TABLE model (
      agent_id    UUID             NOT NULL,
      model_no    BIGINT           NOT NULL,  -- in the order in which they came
      name        TEXT COLLATE "C" NOT NULL,
      dimensions  INTEGER          NOT NULL,
      fingerprint TEXT COLLATE "C" NOT NULL,
      up_to       BIGINT           NOT NULL,  -- every statement up to here has its vector in embedding
      filed       BIGINT           NOT NULL,  -- vectors so far
      erased      BIGINT           NOT NULL,  -- of those: how many are gone
      PRIMARY KEY (agent_id, model_no)
    ) $$ || kind;
  EXECUTE $$
    CREATE TABLE embedding (
      agent_id   UUID   NOT NULL,
      model_no   BIGINT NOT NULL,
      filed_no   BIGINT NOT NULL,  -- in the order in which they were filed
      stream_seq BIGINT NOT NULL,
      vector     BYTEA  NOT NULL,
      PRIMARY KEY (agent_id, model_no, filed_no)
    ) $$ || kind;
  CREATE UNIQUE INDEX embedding_by_entry ON embedding (agent_id, stream_seq, model_no);
  -- As it came: numbers do not become smaller.
  ALTER TABLE embedding ALTER COLUMN vector SET STORAGE EXTERNAL;
  FOREACH derived IN ARRAY ARRAY['model', 'embedding'] LOOP
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
      IF derived = 'embedding' THEN
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION forgets_models()',
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
