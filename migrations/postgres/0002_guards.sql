-- Guards: a row that was written never changes, by whatever role. The one exception is content that a tombstone takes.
-- Grants say what a role may do beyond that.

CREATE FUNCTION only_grows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: the ledger only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- Lets an entry lose its content, with the tombstone that says so, or the name of its line, once none of the line's
-- content is left, and nothing else.
CREATE FUNCTION only_erases() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  allowed entry := OLD;
BEGIN
  IF EXISTS (SELECT
               FROM entry AS t
              WHERE t.agent_id = OLD.agent_id AND t.stream_seq = NEW.erased_by AND t.erases = OLD.stream_seq)
     AND OLD.content IS NOT NULL
  THEN
    allowed.erased_by := NEW.erased_by;
    allowed.salt := NULL;
    allowed.content := NULL;
    allowed.search_text := NULL;
    allowed.key_digest := NULL;
  ELSIF OLD.subject IS NOT NULL
     AND EXISTS (SELECT
                   FROM entry AS e
                  WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.line_no AND e.erased_by IS NOT NULL)
     AND NOT EXISTS (SELECT
                       FROM entry AS e
                      WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.line_no AND e.content IS NOT NULL)
  THEN
    allowed.subject := NULL;
    allowed.predicate := NULL;
  ELSE
    RAISE EXCEPTION 'entry: the ledger only grows' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW IS DISTINCT FROM allowed THEN
    RAISE EXCEPTION 'entry: the ledger only grows, and only content may go' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

-- Lets a line lose its row once its name is gone from its first entry.
CREATE FUNCTION only_forgets() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT
               FROM entry AS e
              WHERE e.agent_id = OLD.agent_id AND e.stream_seq = OLD.first_seq AND e.subject IS NULL)
  THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'line: the ledger only grows' USING ERRCODE = 'restrict_violation';
END
$$;

-- The triggers that have to be there. Bits are those of tgtype: 1 for each row, 2 before, 8 delete, 16 update,
-- 32 truncate. A partition has copies of its table's triggers of rows; TRUNCATE looks at the partition's own.
CREATE FUNCTION wanted_guards() RETURNS TABLE (on_table TEXT, name TEXT, calls TEXT, bits INTEGER)
LANGUAGE sql STABLE AS $$
  SELECT l.name, l.name || '_update', CASE l.name WHEN 'entry' THEN 'only_erases' ELSE 'only_grows' END, 1 + 2 + 16
    FROM unnest(ledger_tables()) AS l (name)
   UNION ALL
  SELECT l.name, l.name || '_delete', CASE l.name WHEN 'line' THEN 'only_forgets' ELSE 'only_grows' END, 1 + 2 + 8
    FROM unnest(ledger_tables()) AS l (name)
   UNION ALL
  SELECT p.name, p.name || '_truncate', 'only_grows', 2 + 32
    FROM unnest(ledger_tables()) AS l (name)
   CROSS JOIN LATERAL with_partitions(l.name) AS p (name)
$$;

DO $guards$
DECLARE
  guard RECORD;
BEGIN
  FOR guard IN SELECT * FROM wanted_guards() LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE %s ON %I FOR EACH %s EXECUTE FUNCTION %I()', guard.name,
                   CASE guard.bits & 56 WHEN 8 THEN 'DELETE' WHEN 16 THEN 'UPDATE' ELSE 'TRUNCATE' END, guard.on_table,
                   CASE guard.bits & 1 WHEN 1 THEN 'ROW' ELSE 'STATEMENT' END, guard.calls);
  END LOOP;
END
$guards$;
