-- The settings of every routine, applied after all of them: its schema; plans that are made once and along the indexes,
-- since without statistics Postgres would rather read a young table from its start, and keep to that; and the right of
-- those who may call the others to call it. OFFSET 0 in a routine stops the planner from flattening a subquery:
-- flattened, a generic plan made on a small table becomes a walk over all of an agent's rows.
DO $settings$
DECLARE
  routine RECORD;
  setting TEXT;
BEGIN
  FOR routine IN SELECT p.oid::REGPROCEDURE AS name
                   FROM pg_proc AS p
                  WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                    AND p.proname ~ '^(append|read)_' LOOP
    FOREACH setting IN ARRAY ARRAY['search_path FROM CURRENT', 'plan_cache_mode = force_generic_plan',
                                   'enable_seqscan = off', 'enable_bitmapscan = off', 'enable_hashjoin = off',
                                   'enable_mergejoin = off', 'enable_material = off', 'jit = off'] LOOP
      EXECUTE format('ALTER FUNCTION %s SET %s', routine.name, setting);
    END LOOP;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', routine.name);
  END LOOP;
  FOR routine IN SELECT n.oid::REGPROCEDURE AS name, r.rolname
                   FROM pg_proc AS n
                   JOIN pg_roles AS r
                     ON r.oid IN (SELECT a.grantee
                                    FROM pg_proc AS o
                                   CROSS JOIN LATERAL aclexplode(o.proacl) AS a
                                   WHERE o.pronamespace = n.pronamespace AND o.proowner <> a.grantee
                                     AND split_part(o.proname, '_', 1) = split_part(n.proname, '_', 1))
                  WHERE n.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                    AND n.proname ~ '^(append|read)_' LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', routine.name, routine.rolname);
  END LOOP;
END
$settings$;
