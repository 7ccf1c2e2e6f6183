-- The reads of the port, each one routine, so that a request is one statement and one round trip: it says whose ledger
-- it is about, for this transaction only, and then asks. A routine also brings the planner's settings with it, which
-- behind a pooler nothing else could.

-- snapshot. `moment` says what `up_to` is: position or time; at the head it is past every position. First the head of
-- that moment; then each list by its place in what was asked.
CREATE OR REPLACE FUNCTION read_snapshot_1(the_agent UUID, moment TEXT, up_to BIGINT, subjects TEXT[],
                                           predicates TEXT[], line_after BIGINT[], keys BYTEA[], claims UUID[])
RETURNS TABLE (part TEXT, place BIGINT, found whole_entry) LANGUAGE plpgsql STABLE AS $$
DECLARE
  cutoff BIGINT := up_to;
  head   RECORD;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  IF moment = 'position' THEN
    cutoff := read_batch_end_1(the_agent, up_to);
  ELSIF moment = 'time' THEN
    cutoff := read_position_at_1(the_agent, up_to);
  END IF;
    SELECT e.stream_seq, e.recorded_at, e.hash, e.batch_seq
      INTO head
      FROM entry AS e
     WHERE e.agent_id = the_agent AND e.stream_seq <= cutoff
     ORDER BY e.stream_seq DESC
     LIMIT 1;
  IF moment = 'head' AND head.stream_seq
     <> (SELECT e.stream_seq + e.batch_entries - 1
           FROM entry AS e
          WHERE e.agent_id = the_agent AND e.stream_seq = head.batch_seq)
  THEN
    RAISE EXCEPTION 'the batch at % has lost entries', head.batch_seq USING ERRCODE = 'data_corrupted';
  END IF;
  cutoff := COALESCE(head.stream_seq, 0);
  -- entry_by_erasure. Beside the head the last tombstone: what was read before it may show what it took.
  RETURN QUERY SELECT 'head', 0::BIGINT,
                      ROW(the_agent, cutoff, head.recorded_at, NULL, NULL, NULL, NULL, NULL, NULL, head.hash, NULL,
                          NULL, NULL, (  SELECT e.erased_by
                                           FROM entry AS e
                                          WHERE e.agent_id = the_agent AND e.erased_by IS NOT NULL
                                          ORDER BY e.erased_by DESC
                                          LIMIT 1), NULL, NULL, NULL)::whole_entry;
  -- Primary keys of line and entry, entry_by_line. line_no is the entry that has to be the first.
  IF cardinality(subjects) > 0 THEN
    RETURN QUERY
      SELECT 'line', w.place,
             ROW(the_agent, e.stream_seq, e.recorded_at, e.kind, e.disposition, e.claim_id, e.begins, e.handle, e.body,
                 e.hash, e.salt, e.content, e.search_text, e.erased_by, l.first_seq, NULL, NULL)::whole_entry
        FROM unnest(subjects, predicates, line_after) WITH ORDINALITY AS w (subject, predicate, after, place)
       CROSS JOIN LATERAL (SELECT n.first_seq FROM line AS n
                            WHERE n.agent_id = the_agent AND n.subject = w.subject AND n.predicate = w.predicate
                              AND n.first_seq <= cutoff
                           OFFSET 0) AS l
        LEFT JOIN LATERAL (SELECT n.stream_seq, n.recorded_at, n.kind, n.disposition, n.claim_id, n.begins, n.handle,
                                  n.body, n.hash, n.salt, n.content, n.search_text, n.erased_by
                             FROM (SELECT f.*
                                     FROM entry AS f
                                    WHERE f.agent_id = the_agent AND f.stream_seq = l.first_seq
                                    UNION ALL
                                   SELECT f.*
                                     FROM entry AS f
                                    WHERE f.agent_id = the_agent AND f.line_no = l.first_seq
                                      AND f.line_no <> f.stream_seq AND f.stream_seq > w.after
                                      AND f.stream_seq <= cutoff) AS n
                            WHERE n.stream_seq > w.after AND n.stream_seq <= cutoff
                           OFFSET 0) AS e ON true
       ORDER BY w.place, e.stream_seq;
  END IF;
  -- entry_by_key.
  IF cardinality(keys) > 0 THEN
    RETURN QUERY
      SELECT 'key', w.place, e.found
        FROM unnest(keys) WITH ORDINALITY AS w (key_digest, place)
       CROSS JOIN LATERAL (SELECT n.stream_seq FROM entry AS n
                            WHERE n.agent_id = the_agent AND n.key_digest = w.key_digest AND n.stream_seq <= cutoff
                           OFFSET 0) AS k
       CROSS JOIN LATERAL (SELECT n AS found FROM whole_entry AS n
                            WHERE n.agent_id = the_agent AND n.stream_seq = k.stream_seq OFFSET 0) AS e
       ORDER BY w.place;
    -- A caller that finds its key at the head takes the write for acknowledged. The batch may be on no standby yet:
    -- something to commit makes this answer wait for the standbys as that write should have.
    IF FOUND AND moment = 'head' AND current_setting('synchronous_standby_names') <> '' AND NOT pg_is_in_recovery() THEN
      PERFORM pg_logical_emit_message(true, 'claimledger', '');
    END IF;
  END IF;
  -- entry_by_claim.
  IF cardinality(claims) > 0 THEN
    RETURN QUERY
      SELECT 'claim', w.place, e.found
        FROM unnest(claims) WITH ORDINALITY AS w (claim_id, place)
       CROSS JOIN LATERAL (SELECT n.stream_seq FROM entry AS n
                            WHERE n.agent_id = the_agent AND n.claim_id = w.claim_id AND n.begins
                              AND n.stream_seq <= cutoff
                           OFFSET 0) AS k
       CROSS JOIN LATERAL (SELECT n AS found FROM whole_entry AS n
                            WHERE n.agent_id = the_agent AND n.stream_seq = k.stream_seq OFFSET 0) AS e
       ORDER BY w.place;
  END IF;
END
$$;

-- snapshot at a time: the last entry recorded at or before it, since times ascend with positions. Some twenty look-ups
-- of the primary key.
CREATE OR REPLACE FUNCTION read_position_at_1(the_agent UUID, up_to BIGINT) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  low    BIGINT := 0;  -- recorded by then
  high   BIGINT;       -- recorded later
  middle BIGINT;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  high := 1 + COALESCE((  SELECT e.stream_seq
                            FROM entry AS e
                           WHERE e.agent_id = the_agent
                           ORDER BY e.stream_seq DESC
                           LIMIT 1), 0);
  WHILE high - low > 1 LOOP
    middle := low + (high - low) / 2;
    IF (SELECT e.recorded_at <= up_to FROM entry AS e WHERE e.agent_id = the_agent AND e.stream_seq = middle) THEN
      low := middle;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END
$$;

-- snapshot at a position: the end of the batch that ends there or, where the position lies inside one, of the batch
-- before; past the head, the head. Primary key.
CREATE OR REPLACE FUNCTION read_batch_end_1(the_agent UUID, up_to BIGINT) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  last  RECORD;
  whole BIGINT;
BEGIN
    SELECT e.stream_seq, e.batch_seq
      INTO last
      FROM entry AS e
     WHERE e.agent_id = the_agent AND e.stream_seq <= up_to
     ORDER BY e.stream_seq DESC
     LIMIT 1;
  SELECT e.stream_seq + e.batch_entries - 1
    INTO whole
    FROM entry AS e
   WHERE e.agent_id = the_agent AND e.stream_seq = last.batch_seq;
  RETURN CASE WHEN whole <= last.stream_seq THEN whole ELSE COALESCE(last.batch_seq - 1, 0) END;
END
$$;

-- dependants. Primary keys of derivation and entry.
CREATE OR REPLACE FUNCTION read_dependants_1(the_agent UUID, parents UUID[], up_to BIGINT)
RETURNS TABLE (place BIGINT, child_seq BIGINT, child_id UUID) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT w.place, d.child_seq, e.claim_id
      FROM unnest(parents) WITH ORDINALITY AS w (parent_id, place)
     CROSS JOIN LATERAL (SELECT n.child_seq FROM derivation AS n
                          WHERE n.agent_id = the_agent AND n.parent_id = w.parent_id AND n.child_seq <= up_to
                         OFFSET 0) AS d
      LEFT JOIN LATERAL (SELECT n.claim_id FROM entry AS n
                          WHERE n.agent_id = the_agent AND n.stream_seq = d.child_seq OFFSET 0) AS e ON true
     ORDER BY d.child_seq, w.place;
END
$$;

-- open_adjudications. entry_by_kind for what was opened, entry_by_handle for what closed it.
CREATE OR REPLACE FUNCTION read_open_adjudications_1(the_agent UUID, after BIGINT, up_to BIGINT, at_most BIGINT,
                                                     opened SMALLINT, closed SMALLINT)
RETURNS SETOF whole_entry LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT w.*
      FROM (SELECT q.stream_seq
              FROM entry AS q
             WHERE q.agent_id = the_agent AND q.kind = opened AND q.kind <> 16 AND q.stream_seq > after
               AND q.stream_seq <= up_to
               AND NOT EXISTS (SELECT
                                 FROM entry AS a
                                WHERE a.agent_id = the_agent AND a.handle = q.handle AND a.kind = closed
                                  AND a.stream_seq <= up_to
                               OFFSET 0)
             ORDER BY q.stream_seq
             LIMIT at_most) AS open
     CROSS JOIN LATERAL (SELECT n.* FROM whole_entry AS n
                          WHERE n.agent_id = the_agent AND n.stream_seq = open.stream_seq OFFSET 0) AS w
     ORDER BY open.stream_seq;
END
$$;

-- lines, of all subjects or of one. Primary key of line.
CREATE OR REPLACE FUNCTION read_lines_1(the_agent UUID, after_subject TEXT, after_predicate TEXT, up_to BIGINT,
                                        at_most BIGINT)
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

CREATE OR REPLACE FUNCTION read_lines_of_subject_1(the_agent UUID, of_subject TEXT, after_predicate TEXT, up_to BIGINT,
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

-- subjects. Primary key of line, once for each: a search for the next, not a walk over its lines.
CREATE OR REPLACE FUNCTION read_subjects_1(the_agent UUID, after_subject TEXT, up_to BIGINT, at_most BIGINT)
RETURNS SETOF TEXT LANGUAGE plpgsql STABLE AS $$
DECLARE
  last TEXT := after_subject;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  FOR each IN 1 .. at_most LOOP
    last := (  SELECT l.subject
                 FROM line AS l
                WHERE l.agent_id = the_agent AND l.subject > last AND l.first_seq <= up_to
                ORDER BY l.subject
                LIMIT 1);
    EXIT WHEN last IS NULL;
    RETURN NEXT last;
  END LOOP;
END
$$;

-- batches. Primary key: the first one after a position, and from each the next.
CREATE OR REPLACE FUNCTION read_batches_1(the_agent UUID, after BIGINT, at_most BIGINT)
RETURNS TABLE (first_seq BIGINT, entries INTEGER, batch_id UUID, recorded_at BIGINT, clock SMALLINT, actor TEXT,
               format INTEGER, found whole_entry) LANGUAGE plpgsql STABLE AS $$
DECLARE
  batch RECORD;
  next  BIGINT;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  next := (  SELECT e.stream_seq
               FROM entry AS e
              WHERE e.agent_id = the_agent AND e.stream_seq > after AND e.batch_seq = e.stream_seq
              ORDER BY e.stream_seq
              LIMIT 1);
  FOR each IN 1 .. at_most LOOP
    SELECT e.stream_seq, e.batch_entries, e.batch_id, e.recorded_at, e.clock, e.actor, e.format
      INTO batch
      FROM entry AS e
     WHERE e.agent_id = the_agent AND e.stream_seq = next AND e.batch_seq = e.stream_seq;
    IF NOT FOUND THEN
      IF EXISTS (SELECT FROM entry AS e WHERE e.agent_id = the_agent AND e.stream_seq >= next) THEN
        RAISE EXCEPTION 'entry % is missing', next USING ERRCODE = 'data_corrupted';
      END IF;
      RETURN;
    END IF;
    next := batch.stream_seq + batch.batch_entries;
    RETURN QUERY
      SELECT batch.stream_seq, batch.batch_entries, batch.batch_id, batch.recorded_at, batch.clock, batch.actor,
             batch.format, w
        FROM whole_entry AS w
       WHERE w.agent_id = the_agent AND w.stream_seq >= batch.stream_seq AND w.stream_seq < next
       ORDER BY w.stream_seq;
  END LOOP;
END
$$;

-- agents. agent_by_name, then the head of each, under its own name.
CREATE OR REPLACE FUNCTION read_agents_1(after_name TEXT, at_most BIGINT)
RETURNS TABLE (name TEXT, last_seq BIGINT) LANGUAGE plpgsql STABLE AS $$
DECLARE
  each RECORD;
BEGIN
  PERFORM set_config('claimledger.every_agent', 'on', true);
  FOR each IN SELECT a.agent_id, a.name FROM agent AS a WHERE a.name > after_name ORDER BY a.name LIMIT at_most LOOP
    PERFORM set_config('claimledger.agent_id', each.agent_id::TEXT, true);
    name := each.name;
    last_seq := (  SELECT e.stream_seq
                     FROM entry AS e
                    WHERE e.agent_id = each.agent_id
                    ORDER BY e.stream_seq DESC
                    LIMIT 1);
    RETURN NEXT;
  END LOOP;
END
$$;

-- postings, text_index. First the index itself: place 0, its recipe, how far it reaches, behind which nothing is found.
-- Then what is found by each of `texts`, in order, all blocks of a term in one row, which costs a quarter of a row for
-- each: one after the other along the primary key, so nothing is sorted. A term that was asked for is not sent back.
-- Blocks may begin before `first` and end behind `last`. `others`: what stands behind the first content of each block,
-- distances and then counts, where there are any, and a semicolon.
CREATE OR REPLACE FUNCTION read_postings_1(the_agent UUID, the_recipe TEXT, beginnings BOOLEAN[], texts TEXT[],
                                           first BIGINT, last BIGINT)
RETURNS TABLE (place BIGINT, term TEXT, seq BIGINT, seqs BIGINT[], counts INTEGER[], others TEXT)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  reach BIGINT;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  SELECT t.recipe, t.up_to INTO term, seq FROM text_index AS t WHERE t.agent_id = the_agent;
  place := 0;
  term := COALESCE(term, '');
  seq := COALESCE(seq, 0);
  RETURN NEXT;
  IF term <> the_recipe THEN RETURN; END IF;
  reach := LEAST(last, seq);
  seq := NULL;
  FOR each IN 1 .. cardinality(texts) LOOP
    IF beginnings[each] THEN
      -- chr(1114111): no text that begins so comes after the last character behind it.
      RETURN QUERY
        SELECT each::BIGINT, f.term, NULL::BIGINT, array_agg(f.stream_seq), array_agg(f.count),
               string_agg(CONCAT(f.distances::TEXT, f.counts::TEXT), ';') || ';'
          FROM (  SELECT p.term, p.stream_seq, p.count, p.distances, p.counts
                    FROM posting AS p
                   WHERE p.agent_id = the_agent AND p.term >= texts[each] AND p.term < texts[each] || chr(1114111)
                     AND p.stream_seq <= reach
                   ORDER BY p.term, p.stream_seq) AS f
         GROUP BY f.term
         ORDER BY f.term;
    ELSE
      RETURN QUERY
        SELECT each::BIGINT, NULL::TEXT, NULL::BIGINT, array_agg(f.stream_seq), array_agg(f.count),
               string_agg(CONCAT(f.distances::TEXT, f.counts::TEXT), ';') || ';'
          FROM (  SELECT p.stream_seq, p.count, p.distances, p.counts
                    FROM posting AS p
                   WHERE p.agent_id = the_agent AND p.term = texts[each] AND p.stream_seq <= reach
                     AND p.stream_seq >= COALESCE((  SELECT b.stream_seq
                                                       FROM posting AS b
                                                      WHERE b.agent_id = the_agent AND b.term = texts[each]
                                                        AND b.stream_seq <= first
                                                      ORDER BY b.stream_seq DESC
                                                      LIMIT 1), first)
                   ORDER BY p.stream_seq) AS f
        HAVING COUNT(*) > 0;
    END IF;
  END LOOP;
END
$$;

-- models. Primary key of model.
CREATE OR REPLACE FUNCTION read_models_1(the_agent UUID)
RETURNS TABLE (name TEXT, dimensions INTEGER, fingerprint TEXT, up_to BIGINT, filed BIGINT, erased BIGINT)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT m.name, m.dimensions, m.fingerprint, m.up_to, m.filed, m.erased
      FROM model AS m
     WHERE m.agent_id = the_agent
     ORDER BY m.model_no;
END
$$;

-- How a model stands in a ledger; all NULL: it is not there. Not as a row of the table, which nobody could drop then.
-- Primary key of model.
CREATE OR REPLACE FUNCTION read_model_1(the_agent UUID, model_name TEXT, model_dimensions INTEGER,
                                        model_fingerprint TEXT, OUT model_no BIGINT, OUT up_to BIGINT,
                                        OUT filed BIGINT, OUT erased BIGINT)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  SELECT m.model_no, m.up_to, m.filed, m.erased INTO model_no, up_to, filed, erased
    FROM model AS m
   WHERE m.agent_id = the_agent AND m.name = model_name AND m.dimensions = model_dimensions
     AND m.fingerprint = model_fingerprint;
END
$$;

-- read_vectors. First the model itself, without a vector: the number of the last, how far it reaches, how many are
-- erased. No row: it is not there. What has a higher number than the last is nobody's. Primary key of embedding.
CREATE OR REPLACE FUNCTION read_vectors_1(the_agent UUID, model_name TEXT, model_dimensions INTEGER,
                                          model_fingerprint TEXT, after_number BIGINT, at_most BIGINT)
RETURNS TABLE (number BIGINT, seq BIGINT, erased BIGINT, vector BYTEA) LANGUAGE plpgsql STABLE AS $$
DECLARE
  which RECORD;
BEGIN
  SELECT * INTO which FROM read_model_1(the_agent, model_name, model_dimensions, model_fingerprint);
  IF which.model_no IS NULL THEN RETURN; END IF;
  RETURN QUERY SELECT which.filed, which.up_to, which.erased, NULL::BYTEA;
  RETURN QUERY
    SELECT v.filed_no, v.stream_seq, NULL::BIGINT, v.vector
      FROM embedding AS v
     WHERE v.agent_id = the_agent AND v.model_no = which.model_no AND v.filed_no > after_number
       AND v.filed_no <= which.filed
     ORDER BY v.filed_no
     LIMIT at_most;
END
$$;

-- The schema of pgvector, where the column of its type is there and who asks may use it; else NULL. As SQL has it.
CREATE OR REPLACE FUNCTION pgvector_schema() RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT quote_ident(n.nspname)
    FROM pg_attribute AS a
    JOIN pg_type AS t ON t.oid = a.atttypid
    JOIN pg_namespace AS n ON n.oid = t.typnamespace
   WHERE a.attrelid = 'embedding'::REGCLASS AND a.attname = 'near' AND NOT a.attisdropped
     AND has_schema_privilege(n.oid, 'USAGE')
$$;

-- nearest. First the model itself, as in read_vectors, with what became of it in `state` and how many vectors there are
-- up to the position; then, if they were compared, the nearest, and those that could not be. All are compared: the
-- order is by an expression, for which no index serves, since one that is approximate loses most answers under the
-- filter by agent (core/SEARCH.md). So it is along the primary key of embedding; embedding_by_entry where some lie
-- behind the position.
CREATE OR REPLACE FUNCTION read_nearest_1(
  the_agent UUID, model_name TEXT, model_dimensions INTEGER, model_fingerprint TEXT, question REAL[], at BIGINT,
  among BIGINT, at_least BIGINT, at_most BIGINT)
RETURNS TABLE (number BIGINT, seq BIGINT, erased BIGINT, compared BIGINT, state TEXT, product FLOAT8, vector BYTEA)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  tolerated CONSTANT BIGINT := 1024;  -- without numbers; more are sooner read than compared one by one
  home      CONSTANT TEXT   := pgvector_schema();
  which     RECORD;
  nearest   RECORD;
BEGIN
  SELECT * INTO which FROM read_model_1(the_agent, model_name, model_dimensions, model_fingerprint);
  IF which.model_no IS NULL THEN RETURN; END IF;
  compared := which.filed - which.erased;
  IF home IS NULL OR compared < at_least THEN
    RETURN QUERY SELECT which.filed, which.up_to, which.erased, compared,
                        CASE WHEN home IS NULL THEN 'unprepared' ELSE 'few' END, NULL::FLOAT8, NULL::BYTEA;
    RETURN;
  END IF;
  EXECUTE format($nearest$
    SELECT array_agg(n.filed_no) AS numbers, array_agg(n.product) AS products,
           COUNT(*) - COUNT(n.product) AS without
      FROM (SELECT v.filed_no, -(v.near OPERATOR(%1$s.<#>) $1::%1$s.vector) AS product
              FROM embedding AS v
             WHERE v.agent_id = $2 AND v.model_no = $3 AND v.filed_no <= $4 AND v.stream_seq <= $5
             ORDER BY product DESC NULLS FIRST, v.stream_seq DESC
             LIMIT $6) AS n
    $nearest$, home)
    INTO nearest
   USING question, the_agent, which.model_no, LEAST(among, which.filed), at, at_most + tolerated;
  IF nearest.without > tolerated THEN
    RETURN QUERY SELECT which.filed, which.up_to, which.erased, compared, 'behind', NULL::FLOAT8, NULL::BYTEA;
    RETURN;
  END IF;
  IF EXISTS (SELECT
               FROM embedding AS v
              WHERE v.agent_id = the_agent AND v.stream_seq > at AND v.model_no = which.model_no)
  THEN
    compared := (SELECT COUNT(*)
                   FROM embedding AS v
                  WHERE v.agent_id = the_agent AND v.stream_seq <= at AND v.model_no = which.model_no
                    AND v.filed_no <= which.filed);
  END IF;
  RETURN QUERY SELECT which.filed, which.up_to, which.erased, compared, 'compared', NULL::FLOAT8, NULL::BYTEA;
  RETURN QUERY
    SELECT w.number, v.stream_seq, NULL::BIGINT, NULL::BIGINT, NULL, w.product, v.vector
      FROM unnest(nearest.numbers[:nearest.without + at_most], nearest.products) AS w (number, product)
     CROSS JOIN LATERAL (SELECT n.stream_seq, n.vector
                           FROM embedding AS n
                          WHERE n.agent_id = the_agent AND n.model_no = which.model_no AND n.filed_no = w.number
                         OFFSET 0) AS v;
END
$$;

-- read_vectors_of. embedding_by_entry.
CREATE OR REPLACE FUNCTION read_vectors_of_1(the_agent UUID, model_name TEXT, model_dimensions INTEGER,
                                             model_fingerprint TEXT, among BIGINT, seqs BIGINT[])
RETURNS TABLE (number BIGINT, seq BIGINT, vector BYTEA) LANGUAGE plpgsql STABLE AS $$
DECLARE
  which RECORD;
BEGIN
  SELECT * INTO which FROM read_model_1(the_agent, model_name, model_dimensions, model_fingerprint);
  RETURN QUERY
    SELECT v.filed_no, v.stream_seq, v.vector
      FROM unnest(seqs) AS w (seq)
     CROSS JOIN LATERAL (SELECT n.filed_no, n.stream_seq, n.vector
                           FROM embedding AS n
                          WHERE n.agent_id = the_agent AND n.stream_seq = w.seq AND n.model_no = which.model_no
                            AND n.filed_no <= LEAST(among, which.filed)
                         OFFSET 0) AS v;
END
$$;

-- without_vector. Primary key of entry, embedding_by_entry.
CREATE OR REPLACE FUNCTION read_without_vector_1(the_agent UUID, model_name TEXT, model_dimensions INTEGER,
                                                 model_fingerprint TEXT, kinds SMALLINT[], first BIGINT, last BIGINT,
                                                 at_most BIGINT)
RETURNS SETOF BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  which RECORD;
BEGIN
  SELECT * INTO which FROM read_model_1(the_agent, model_name, model_dimensions, model_fingerprint);
  RETURN QUERY
    SELECT e.stream_seq
      FROM entry AS e
     WHERE e.agent_id = the_agent AND e.stream_seq BETWEEN first AND last AND (e.kind = ANY (kinds)) IS TRUE
       AND e.content IS NOT NULL
       AND NOT EXISTS (SELECT FROM embedding AS v
                        WHERE v.agent_id = the_agent AND v.stream_seq = e.stream_seq
                          AND v.model_no = which.model_no AND v.filed_no <= which.filed
                       OFFSET 0)
     ORDER BY e.stream_seq
     LIMIT at_most;
END
$$;

-- entries: a page along one key. Which index gives the positions, in order, follows from the key: `id` names a claim, a
-- served claim or an adjudication item, `words` are a line's name or a text; `disposition` is one, and `positions` are
-- those of entries.
CREATE OR REPLACE FUNCTION read_entries_1(the_agent UUID, key TEXT, id UUID, words TEXT[], disposition SMALLINT,
                                          positions BIGINT[], kinds SMALLINT[], first BIGINT, last BIGINT,
                                          descending BOOLEAN, at_most BIGINT)
RETURNS SETOF whole_entry LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
DECLARE
  way    CONSTANT TEXT := CASE WHEN descending THEN 'DESC' ELSE 'ASC' END;
  source CONSTANT TEXT := CASE key
    WHEN 'all' THEN 'entry AS p WHERE p.agent_id = $1'
    -- entry_by_kind, once for each kind.
    WHEN 'kinds' THEN format('(SELECT DISTINCT unnest($6)) AS d (kind)
                               CROSS JOIN LATERAL (  SELECT n.stream_seq
                                                       FROM entry AS n
                                                      WHERE n.agent_id = $1 AND n.kind = d.kind AND n.kind <> 16
                                                        AND n.stream_seq BETWEEN $7 AND $8
                                                      ORDER BY n.stream_seq %s
                                                      LIMIT $9) AS p WHERE true', way)
    WHEN 'claim' THEN '(SELECT n.stream_seq
                          FROM entry AS n
                         WHERE n.agent_id = $1 AND n.claim_id = $2 AND n.begins AND n.stream_seq BETWEEN $7 AND $8
                         UNION ALL
                        SELECT n.stream_seq
                          FROM entry AS n
                         WHERE n.agent_id = $1 AND n.claim_id = $2 AND NOT n.begins
                           AND n.stream_seq BETWEEN $7 AND $8) AS p WHERE true'
    WHEN 'line' THEN '(SELECT l.first_seq AS stream_seq
                         FROM line AS l
                        WHERE l.agent_id = $1 AND l.subject = $3 AND l.predicate = $4
                          AND l.first_seq BETWEEN $7 AND $8
                        UNION ALL
                       SELECT n.stream_seq
                         FROM entry AS n
                        WHERE n.agent_id = $1 AND n.line_no <> n.stream_seq AND n.stream_seq BETWEEN $7 AND $8
                          AND n.line_no = (SELECT l.first_seq
                                             FROM line AS l
                                            WHERE l.agent_id = $1 AND l.subject = $3 AND l.predicate = $4)) AS p
                      WHERE true'
    -- Two at most, so they are sorted; the primary key has them in order, after everything else.
    WHEN 'handle' THEN '(SELECT n.stream_seq FROM entry AS n
                          WHERE n.agent_id = $1 AND n.handle = $2 OFFSET 0) AS p WHERE true'
    WHEN 'served' THEN 'served AS p WHERE p.agent_id = $1 AND p.claim_id = $2'
    -- Compared as rows, which only these indexes give in order: nothing says yet that a text or a disposition is rare.
    WHEN 'text' THEN 'entry AS p WHERE p.agent_id = $1 AND p.search_text IS NOT NULL
                                   AND (p.search_text, p.stream_seq) BETWEEN ($3, $7) AND ($3, $8)'
    -- entry_by_disposition leaves out what nearly every entry carries.
    WHEN 'disposition' THEN 'entry AS p WHERE p.agent_id = $1 AND p.disposition <> 0
                                          AND (p.disposition, p.stream_seq) BETWEEN ($5, $7) AND ($5, $8)'
    WHEN 'committed' THEN 'entry AS p WHERE p.agent_id = $1 AND p.disposition = 0'
    -- A page of them, sorted as those of a handle are.
    WHEN 'positions' THEN '(SELECT DISTINCT unnest($10) AS stream_seq OFFSET 0) AS p WHERE true'
  END;
  ahead  CONSTANT TEXT := CASE key WHEN 'text' THEN 'p.search_text, ' WHEN 'disposition' THEN 'p.disposition, '
                                   ELSE '' END;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY EXECUTE format($page$
    SELECT e.*
      FROM (SELECT %3$s p.stream_seq
              FROM %1$s
               AND p.stream_seq BETWEEN $7 AND $8
             ORDER BY %4$s p.stream_seq %2$s) AS p
     CROSS JOIN LATERAL (SELECT n.* FROM whole_entry AS n
                          WHERE n.agent_id = $1 AND n.stream_seq = p.stream_seq OFFSET 0) AS e
     WHERE $6 IS NULL OR e.kind = ANY ($6)
     ORDER BY %4$s p.stream_seq %2$s
     LIMIT $9
    $page$, source, way, ahead, replace(ahead, ',', ' ' || way || ','))
    USING the_agent, id, words[1], words[2], disposition, kinds, first, last, at_most, positions;
END
$$;
