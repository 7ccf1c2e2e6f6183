-- verify and describe.

-- The first guard that is missing, altered or switched off, or one that is not of our making; empty where all are
-- whole.
CREATE OR REPLACE FUNCTION read_guards_1() RETURNS TEXT LANGUAGE sql STABLE AS $$
  WITH found AS (
         SELECT p.name AS on_table, t.tgname::TEXT AS name, t.tgparentid <> 0 AS copied,
                t.tgenabled IN ('O', 'A') AS enabled, t.tgtype AS bits, t.tgfoid AS calls,
                t.tgqual IS NULL AND t.tgattr::TEXT = '' AS always
           FROM unnest(ledger_tables()) AS l (name)
          CROSS JOIN LATERAL with_partitions(l.name) AS p (name)
           JOIN pg_trigger AS t ON t.tgrelid = p.name::REGCLASS AND NOT t.tgisinternal)
  SELECT COALESCE(
    (SELECT format('the trigger %s on %s is missing, altered or switched off', w.name, w.on_table)
       FROM wanted_guards() AS w
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
        AND NOT EXISTS (SELECT FROM wanted_guards() AS w WHERE w.on_table = f.on_table AND w.name = f.name)
      LIMIT 1),
    '')
$$;

-- The first of an agent's vectors, of the oldest and a sample of the others, whose numbers are not those of its bytes:
-- it would be looked for where it is not. Compared the other way round than they are made: numbers as bytes, the most
-- significant first. -0 and 0 are one. NULL: none. Primary key of embedding.
CREATE OR REPLACE FUNCTION read_wrong_numbers_1(the_agent UUID) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  IF pgvector_schema() IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT v.stream_seq
            FROM model AS m
           CROSS JOIN LATERAL (SELECT n.stream_seq, n.near, n.vector
                                 FROM embedding AS n
                                WHERE n.agent_id = the_agent AND n.model_no = m.model_no
                                  AND (n.filed_no <= 1024 OR n.filed_no % 64 = 0)
                               OFFSET 0) AS v
           WHERE m.agent_id = the_agent AND v.near IS NOT NULL
             AND (cardinality(v.near::REAL[]) * 4 <> octet_length(v.vector)
                  OR EXISTS (SELECT
                               FROM unnest(v.near::REAL[]) WITH ORDINALITY AS n (number, place)
                              CROSS JOIN LATERAL (SELECT float4send(n.number) AS bytes, n.place::INTEGER * 4 AS behind
                                                  OFFSET 0) AS s
                              WHERE n.number <> 0
                                AND (get_byte(s.bytes, 3) <> get_byte(v.vector, s.behind - 4)
                                     OR get_byte(s.bytes, 2) <> get_byte(v.vector, s.behind - 3)
                                     OR get_byte(s.bytes, 1) <> get_byte(v.vector, s.behind - 2)
                                     OR get_byte(s.bytes, 0) <> get_byte(v.vector, s.behind - 1))))
           LIMIT 1);
END
$$;

-- status: how many vectors of a model have no numbers; NULL: there is no column for them. Primary key of embedding.
CREATE OR REPLACE FUNCTION read_uncompared_1(the_agent UUID, model_name TEXT, model_dimensions INTEGER,
                                             model_fingerprint TEXT) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  which RECORD;
BEGIN
  SELECT * INTO which FROM read_model_1(the_agent, model_name, model_dimensions, model_fingerprint);
  IF pgvector_schema() IS NULL THEN RETURN NULL; END IF;
  RETURN (SELECT COUNT(*)
            FROM embedding AS v
           WHERE v.agent_id = the_agent AND v.model_no = which.model_no AND v.filed_no <= which.filed
             AND v.near IS NULL);
END
$$;

-- inventory: counts all that is filed for an agent, lists what is erased, and names the first row that contradicts
-- another in columns and tables which no read of the ledger shows. Along the primary keys.
CREATE OR REPLACE FUNCTION read_inventory_1(
  the_agent UUID, OUT last_seq BIGINT, OUT batches BIGINT, OUT entries BIGINT, OUT contents BIGINT, OUT lines BIGINT,
  OUT claims BIGINT, OUT keys BIGINT, OUT derivations BIGINT, OUT servings BIGINT, OUT erased BIGINT[],
  OUT tombstones BIGINT[], OUT problem TEXT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  SELECT COALESCE(MAX(e.stream_seq), 0), COUNT(e.batch_id), COUNT(*), COUNT(e.content) + COUNT(e.erased_by),
         COUNT(*) FILTER (WHERE e.begins), COUNT(e.key_digest),
         COALESCE(array_agg(e.stream_seq ORDER BY e.stream_seq) FILTER (WHERE e.erased_by IS NOT NULL), '{}'),
         COALESCE(array_agg(e.erased_by ORDER BY e.stream_seq) FILTER (WHERE e.erased_by IS NOT NULL), '{}')
    INTO last_seq, batches, entries, contents, claims, keys, erased, tombstones
    FROM entry AS e
   WHERE e.agent_id = the_agent;
  lines := (SELECT COUNT(*) FROM line AS l WHERE l.agent_id = the_agent);
  derivations := (SELECT COUNT(*) FROM derivation AS d WHERE d.agent_id = the_agent);
  servings := (SELECT COUNT(*) FROM served AS s WHERE s.agent_id = the_agent);
  problem := (
    SELECT p.problem
      FROM (SELECT NULLIF(read_guards_1(), '') AS problem
             UNION ALL
            SELECT format('the agent is filed as %s', a.name)
              FROM agent AS a
             WHERE a.agent_id = the_agent AND agent_key(a.name) <> the_agent
             UNION ALL
            SELECT 'the agent has no name'
             WHERE entries > 0 AND NOT EXISTS (SELECT FROM agent AS a WHERE a.agent_id = the_agent)
             UNION ALL
            SELECT 'the agent has a name and no ledger'
             WHERE entries = 0 AND EXISTS (SELECT FROM agent AS a WHERE a.agent_id = the_agent)
             UNION ALL
            SELECT format('entry %s names %s as the first of its batch', e.stream_seq, e.batch_seq)
              FROM entry AS e
             WHERE e.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM entry AS b
                                WHERE b.agent_id = the_agent AND b.stream_seq = e.batch_seq
                                  AND e.stream_seq BETWEEN b.stream_seq AND b.stream_seq + b.batch_entries - 1
                                  AND e.recorded_at = b.recorded_at
                               OFFSET 0)
             UNION ALL
            SELECT format('entry %s names %s as the first of its line', e.stream_seq, e.line_no)
              FROM entry AS e
             WHERE e.agent_id = the_agent AND e.line_no IS NOT NULL
               AND NOT EXISTS (SELECT
                                 FROM entry AS l
                                WHERE l.agent_id = the_agent AND l.stream_seq = e.line_no
                                  AND l.line_no = l.stream_seq AND (l.subject IS NOT NULL OR e.content IS NULL)
                               OFFSET 0)
             UNION ALL
            SELECT format('a line names %s as its first entry, which has another name', l.first_seq)
              FROM line AS l
             WHERE l.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM entry AS e
                                WHERE e.agent_id = the_agent AND e.stream_seq = l.first_seq
                                  AND e.subject = l.subject AND e.predicate = l.predicate
                               OFFSET 0)
             UNION ALL
            SELECT format('the line of entry %s is not found by its name', e.stream_seq)
              FROM entry AS e
             WHERE e.agent_id = the_agent AND e.subject IS NOT NULL
               AND NOT EXISTS (SELECT
                                 FROM line AS l
                                WHERE l.agent_id = the_agent AND l.subject = e.subject AND l.predicate = e.predicate
                                  AND l.first_seq = e.stream_seq
                               OFFSET 0)
             UNION ALL
            SELECT format('entry %s is erased by %s, which is no tombstone of it', e.stream_seq, e.erased_by)
              FROM entry AS e
             WHERE e.agent_id = the_agent AND e.erased_by IS NOT NULL
               AND NOT EXISTS (SELECT
                                 FROM entry AS t
                                WHERE t.agent_id = the_agent AND t.stream_seq = e.erased_by
                                  AND t.erases = e.stream_seq
                               OFFSET 0)
             UNION ALL
            SELECT format('entry %s is a tombstone of %s and erases nothing', t.stream_seq, t.erases)
              FROM entry AS t
             WHERE t.agent_id = the_agent AND t.erases IS NOT NULL
               AND NOT EXISTS (SELECT
                                 FROM entry AS e
                                WHERE e.agent_id = the_agent AND e.stream_seq = t.erases
                                  AND e.erased_by = t.stream_seq
                               OFFSET 0)
             UNION ALL
            SELECT format('a derivation names %s as its entry, which is about no claim', d.child_seq)
              FROM derivation AS d
             WHERE d.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM entry AS e
                                WHERE e.agent_id = the_agent AND e.stream_seq = d.child_seq
                                  AND e.claim_id IS NOT NULL
                               OFFSET 0)
             UNION ALL
            SELECT format('the index of terms reaches up to %s, further than the ledger', t.up_to)
              FROM text_index AS t
             WHERE t.agent_id = the_agent AND t.up_to > last_seq
             UNION ALL
            SELECT format('a term is filed for entry %s, which has no content', p.stream_seq)
              FROM (SELECT DISTINCT n.stream_seq + w.distance AS stream_seq
                      FROM posting AS n
                     CROSS JOIN LATERAL unnest(0 || n.distances) AS w (distance)
                     WHERE n.agent_id = the_agent
                    OFFSET 0) AS p
             WHERE NOT EXISTS (SELECT
                                 FROM entry AS e
                                WHERE e.agent_id = the_agent AND e.stream_seq = p.stream_seq AND e.content IS NOT NULL
                               OFFSET 0)
             UNION ALL
            SELECT format('the vectors of %s reach up to %s, further than the ledger', m.name, m.up_to)
              FROM model AS m
             WHERE m.agent_id = the_agent AND m.up_to > last_seq
             UNION ALL
            SELECT format('a vector is filed for entry %s, which has no content', v.stream_seq)
              FROM embedding AS v
             WHERE v.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM entry AS e
                                WHERE e.agent_id = the_agent AND e.stream_seq = v.stream_seq AND e.content IS NOT NULL
                               OFFSET 0)
             UNION ALL
            SELECT format('a vector is filed of model %s, which is not there', v.model_no)
              FROM embedding AS v
             WHERE v.agent_id = the_agent
               AND NOT EXISTS (SELECT
                                 FROM model AS m
                                WHERE m.agent_id = the_agent AND m.model_no = v.model_no AND m.filed >= v.filed_no
                               OFFSET 0)
             UNION ALL
            SELECT format('the numbers of the vector of entry %s are not those of its bytes', w.seq)
              FROM read_wrong_numbers_1(the_agent) AS w (seq)
             WHERE w.seq IS NOT NULL) AS p
     WHERE p.problem IS NOT NULL
     LIMIT 1);
END
$$;

-- How much there is: agents, entries.
CREATE OR REPLACE FUNCTION read_size_1(OUT agents BIGINT, OUT entries BIGINT) LANGUAGE sql STABLE AS $$
  SELECT COUNT(*), COALESCE(SUM(a.last_seq), 0)::BIGINT FROM read_agents_1('', NULL) AS a
$$;
