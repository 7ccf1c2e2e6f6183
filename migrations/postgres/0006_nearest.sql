-- Vectors that the database compares, where it has the extension pgvector: as numbers of its type in a column beside
-- their bytes, so that they go, are hidden and are partitioned with them. What is answered comes from the bytes. Core
-- decides on an order to the last bit, and this column only says which bytes to read.

-- Whether those that are filed of a model get their numbers at once. Who has brought up the others says so.
ALTER TABLE model ADD COLUMN IF NOT EXISTS compared BOOLEAN NOT NULL DEFAULT false;

-- Adds the column where the extension is there, is new enough and may be used by the owner; true: it was added. Run by
-- every migrate, since the extension may come later. It is never created here: that is for whoever runs the server. As
-- new as 0.8, since nothing older is tested, and by its own word, since a setting could be wrong. MAIN: the numbers
-- stay in the row as long as that fits on a page (about 2,000 dimensions) and the bytes leave it, so that comparing
-- reads little; reading all takes no longer for it.
CREATE OR REPLACE FUNCTION prepare_nearest() RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
  numbers TEXT;
BEGIN
  SELECT format('%I.%I', n.nspname, t.typname) INTO numbers
    FROM pg_extension AS e
    JOIN pg_namespace AS n ON n.oid = e.extnamespace
    JOIN pg_type AS t ON t.typnamespace = n.oid AND t.typname = 'vector'
   WHERE e.extname = 'vector'
     AND string_to_array(substring(e.extversion FROM '^[0-9]+[.][0-9]+'), '.')::INTEGER[] >= '{0,8}'
     AND has_schema_privilege(n.oid, 'USAGE') AND has_type_privilege(t.oid, 'USAGE')
     AND NOT EXISTS (SELECT
                       FROM pg_attribute AS a
                      WHERE a.attrelid = 'embedding'::REGCLASS AND a.attname = 'near' AND NOT a.attisdropped);
  IF NOT FOUND THEN RETURN false; END IF;
  EXECUTE format('ALTER TABLE embedding ADD COLUMN near %s', numbers);
  ALTER TABLE embedding ALTER COLUMN near SET STORAGE MAIN;
  RETURN true;
END
$$;
