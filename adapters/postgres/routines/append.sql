-- append, begin_write: the one routine that writes.

-- The key of the lock that an append of this agent takes: 64 bits of its own, different in another schema of the same
-- database.
CREATE OR REPLACE FUNCTION agent_lock(agent UUID) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT uuid_hash_extended(agent, 'entry'::REGCLASS::OID::BIGINT)
$$;

-- The bytes of a vector as numbers, the same to the last bit: floats of 4 bytes, the least significant first. NULL:
-- they are of another width, or of no finite numbers. A column of pgvector's type takes these, so that its name, which
-- may be in any schema, is not needed here.
CREATE OR REPLACE FUNCTION vector_numbers(bytes BYTEA, dimensions INTEGER) RETURNS REAL[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF octet_length(bytes) <> 4 * dimensions THEN RETURN NULL; END IF;
  RETURN ARRAY(
    SELECT (n.sign * CASE WHEN n.exponent = 0 THEN n.fraction * 2::FLOAT8 ^ -149
                          ELSE (n.fraction + 8388608) * 2::FLOAT8 ^ (n.exponent - 150) END)::REAL
      FROM (SELECT CASE WHEN get_byte(bytes, i + 3) < 128 THEN 1 ELSE -1 END AS sign,
                   get_byte(bytes, i + 3) % 128 * 2 + get_byte(bytes, i + 2) / 128 AS exponent,
                   get_byte(bytes, i + 2) % 128 * 65536 + get_byte(bytes, i + 1) * 256 + get_byte(bytes, i) AS fraction
              FROM generate_series(0, 4 * dimensions - 4, 4) AS i) AS n);
EXCEPTION
  WHEN numeric_value_out_of_range THEN RETURN NULL;
END
$$;

-- Takes the terms of these entries away, which may be of any recipe: all of the agent's are looked through, once for a
-- batch. Erasing is rare, and an index by entry would be paid for by every write. A block is taken out whole, and what
-- is left of it filed again. IS TRUE, so that what is erased is looked up in a hash table.
CREATE OR REPLACE FUNCTION append_no_terms_1(the_agent UUID, erased BIGINT[]) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  first CONSTANT BIGINT := (SELECT MIN(w.seq) FROM unnest(erased) AS w (seq));
  last  CONSTANT BIGINT := (SELECT MAX(w.seq) FROM unnest(erased) AS w (seq));
  block RECORD;
BEGIN
  FOR block IN
    DELETE FROM posting AS p
     USING (SELECT n.term, n.stream_seq
              FROM posting AS n
             WHERE n.agent_id = the_agent AND n.stream_seq <= last
               AND n.stream_seq + COALESCE(n.distances[cardinality(n.distances)], 0) >= first
               AND EXISTS (SELECT
                             FROM unnest(0 || n.distances) AS w (distance)
                            WHERE (n.stream_seq + w.distance IN (SELECT unnest(erased))) IS TRUE)
            OFFSET 0) AS gone
     WHERE p.agent_id = the_agent AND p.term = gone.term AND p.stream_seq = gone.stream_seq
    RETURNING p.*
  LOOP
    INSERT INTO posting (agent_id, term, stream_seq, count, distances, counts)
    SELECT the_agent, block.term, w.seqs[1], w.counts[1],
           NULLIF(ARRAY(SELECT (s.seq - w.seqs[1])::INTEGER FROM unnest(w.seqs[2:]) AS s (seq)), '{}'),
           CASE WHEN 1 <> ANY (w.counts[2:]) THEN w.counts[2:] END
      FROM (SELECT array_agg(e.seq ORDER BY e.seq) AS seqs, array_agg(e.count ORDER BY e.seq) AS counts
              FROM (SELECT block.stream_seq AS seq, block.count AS count
                     UNION ALL
                    SELECT block.stream_seq + o.distance, COALESCE(o.count, 1)
                      FROM unnest(block.distances, block.counts) AS o (distance, count)) AS e
             WHERE (e.seq IN (SELECT unnest(erased))) IS NOT TRUE) AS w
     WHERE w.seqs IS NOT NULL;
  END LOOP;
END
$$;

-- Writes batches, one behind the other, if the first follows the head and what was assumed holds, or none of them; see
-- adapters/postgres/README.md for what comes in. All that comes after the lock sees the batch before, since each
-- statement sees what is committed when it begins. The first row of the answer says what became of them in `part`:
-- done, already_there (the first is), conflict or stale. After stale come the rows of read_snapshot at the head, so
-- that the writer decides again without asking for them. Unique keys that are taken are an error; read_taken then says
-- which. Their entries stand in the same columns, and `sizes` says how many each batch has.
CREATE OR REPLACE FUNCTION append_1(
  the_agent UUID, the_name TEXT, genesis BYTEA, wait_at_most TEXT, kept BOOLEAN, keeps BOOLEAN,
  after_seq BIGINT, after_time BIGINT, after_hash BYTEA,
  batches UUID[], times BIGINT[], clocks SMALLINT[], actors TEXT[], formats INTEGER[], sizes INTEGER[],
  subjects TEXT[], predicates TEXT[], last_seqs BIGINT[],
  speculates BOOLEAN, wanted_lines INTEGER, lines_after BIGINT[], wanted_keys BYTEA[], wanted_claims UUID[],
  kinds SMALLINT[], dispositions SMALLINT[], entry_lines INTEGER[], claims UUID[], beginnings BOOLEAN[],
  handles UUID[], erasures BIGINT[], bodies BYTEA[], hashes BYTEA[], salts BYTEA[], contents BYTEA[],
  search_texts TEXT[], keys BYTEA[],
  parents UUID[], child_places BIGINT[], served_claims UUID[], served_places BIGINT[],
  the_recipe TEXT, terms TEXT[], term_places BIGINT[], term_counts INTEGER[], distances TEXT[], other_counts TEXT[],
  model_name TEXT, model_dimensions INTEGER, model_fingerprint TEXT, every_vector BOOLEAN, vectors BYTEA[],
  vector_places BIGINT[])
RETURNS TABLE (part TEXT, place BIGINT, found whole_entry) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  first    CONSTANT BIGINT := after_seq + 1;
  size     CONSTANT INTEGER := cardinality(kinds);
  head     RECORD;
  firsts   BIGINT[];   -- the first entry of each batch
  batch_of INTEGER[];  -- each entry
  numbers  BIGINT[];   -- of the lines; NULL: new
  number   BIGINT;
  outcome  TEXT;
  filed    RECORD;
  erased   RECORD;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', wait_at_most, true),
          pg_advisory_xact_lock(agent_lock(the_agent));
  IF kept THEN
    PERFORM pg_advisory_unlock(agent_lock(the_agent)), set_config('idle_session_timeout', '0', false);
  END IF;

  -- Primary key.
    SELECT e.stream_seq, e.recorded_at, e.hash
      INTO head
      FROM entry AS e
     WHERE e.agent_id = the_agent
     ORDER BY e.stream_seq DESC
     LIMIT 1;
  IF (COALESCE(head.stream_seq, 0), COALESCE(head.recorded_at, 0), COALESCE(head.hash, genesis))
     IS DISTINCT FROM (after_seq, after_time, after_hash)
  THEN
    outcome := CASE WHEN EXISTS (SELECT FROM entry AS e WHERE e.agent_id = the_agent AND e.batch_id = batches[1])
                    THEN 'already_there' WHEN speculates THEN 'stale' ELSE 'conflict' END;
  ELSE
    -- Primary key of line.
    IF cardinality(subjects) = 1 THEN
      numbers := ARRAY[(SELECT l.first_seq
                          FROM line AS l
                         WHERE l.agent_id = the_agent AND l.subject = subjects[1] AND l.predicate = predicates[1])];
    ELSIF cardinality(subjects) > 1 THEN
      numbers := ARRAY(  SELECT l.first_seq
                           FROM unnest(subjects, predicates) WITH ORDINALITY AS w (subject, predicate, place)
                           LEFT JOIN LATERAL (SELECT n.first_seq FROM line AS n
                                               WHERE n.agent_id = the_agent AND n.subject = w.subject
                                                 AND n.predicate = w.predicate OFFSET 0) AS l ON true
                          ORDER BY w.place);
    END IF;
    -- entry_by_line, entry_by_key.
    IF speculates AND (
         EXISTS (SELECT
                   FROM unnest(last_seqs, numbers) AS w (last_seq, number)
                  WHERE w.last_seq <> COALESCE((  SELECT e.stream_seq
                                                    FROM entry AS e
                                                   WHERE e.agent_id = the_agent AND e.line_no = w.number
                                                     AND e.line_no <> e.stream_seq
                                                   ORDER BY e.stream_seq DESC
                                                   LIMIT 1), w.number, 0))
         OR (cardinality(wanted_keys) > 0
             AND EXISTS (SELECT
                           FROM unnest(wanted_keys) AS w (key_digest)
                          CROSS JOIN LATERAL (SELECT FROM entry AS e
                                               WHERE e.agent_id = the_agent AND e.key_digest = w.key_digest
                                              OFFSET 0) AS f)))
    THEN
      outcome := 'stale';
    END IF;
  END IF;

  IF outcome = 'stale' THEN
    IF keeps THEN
      -- The agent's turn is kept until the next append of this session: what the writer is told now is still so then.
      -- A client that is gone is waited for only so long.
      PERFORM pg_advisory_lock(agent_lock(the_agent)), set_config('idle_session_timeout', '10s', false);
    END IF;
    RETURN QUERY SELECT outcome, 0::BIGINT, NULL::whole_entry;
    RETURN QUERY
      SELECT * FROM read_snapshot_1(the_agent, 'head', 9223372036854775807, subjects[:wanted_lines],
                                    predicates[:wanted_lines], lines_after, wanted_keys, wanted_claims);
    RETURN;
  ELSIF outcome IS NOT NULL THEN
    -- The batch may be on this server and on no standby yet. Something to commit makes this commit wait for the
    -- standbys, as the first should have.
    IF outcome = 'already_there' THEN PERFORM pg_logical_emit_message(true, 'claimledger', ''); END IF;
    RETURN QUERY SELECT outcome, 0::BIGINT, NULL::whole_entry;
    RETURN;
  END IF;

  -- The adapter does neither; who writes SQL by hand may.
  IF after_seq > 0 AND times[1] <= after_time
     OR cardinality(times) > 1
        AND EXISTS (SELECT
                      FROM unnest(times[2:], times[:cardinality(times) - 1]) AS w (at, before)
                     WHERE w.at <= w.before)
  THEN
    RAISE EXCEPTION 'a batch is recorded later than the one that it follows' USING ERRCODE = 'restrict_violation';
  END IF;
  IF after_seq = 0 THEN
    IF the_agent IS DISTINCT FROM agent_key(the_name) THEN
      RAISE EXCEPTION 'agent_key(the_name) is not the_agent' USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO agent (agent_id, name) VALUES (the_agent, the_name);
  END IF;

  IF size = 1 THEN
    number := CASE WHEN entry_lines[1] IS NOT NULL THEN COALESCE(numbers[entry_lines[1]], first) END;
    INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, line_no, erases, kind, disposition, begins,
                       claim_id, handle, body, hash, salt, content, search_text, key_digest, subject, predicate,
                       batch_id, batch_entries, clock, actor, format)
    VALUES (the_agent, first, first, times[1], number, erasures[1], kinds[1], dispositions[1], beginnings[1],
            claims[1], handles[1], bodies[1], hashes[1], salts[1], contents[1], search_texts[1], keys[1],
            CASE WHEN number = first THEN subjects[entry_lines[1]] END,
            CASE WHEN number = first THEN predicates[entry_lines[1]] END,
            batches[1], 1, clocks[1], actors[1], formats[1]);
    IF number = first THEN
      INSERT INTO line (agent_id, subject, predicate, first_seq)
      VALUES (the_agent, subjects[entry_lines[1]], predicates[entry_lines[1]], first);
    END IF;
  ELSE
    firsts := ARRAY(SELECT first + SUM(s.size) OVER (ORDER BY s.batch) - s.size
                      FROM unnest(sizes) WITH ORDINALITY AS s (size, batch)
                     ORDER BY s.batch);
    batch_of := ARRAY(SELECT s.batch
                        FROM unnest(sizes) WITH ORDINALITY AS s (size, batch)
                       CROSS JOIN generate_series(1, s.size)
                       ORDER BY s.batch);
    INSERT INTO entry (agent_id, stream_seq, batch_seq, recorded_at, line_no, erases, kind, disposition, begins,
                       claim_id, handle, body, hash, salt, content, search_text, key_digest, subject, predicate,
                       batch_id, batch_entries, clock, actor, format)
    SELECT the_agent, w.seq, firsts[w.batch], times[w.batch], w.number, w.erasure, w.kind, w.disposition, w.begins,
           w.claim, w.handle, w.body, w.hash, w.salt, w.content, w.search_text, w.key,
           CASE WHEN w.number = w.seq THEN subjects[w.line] END,
           CASE WHEN w.number = w.seq THEN predicates[w.line] END,
           CASE WHEN w.begins_batch THEN batches[w.batch] END, CASE WHEN w.begins_batch THEN sizes[w.batch] END,
           CASE WHEN w.begins_batch THEN clocks[w.batch] END, CASE WHEN w.begins_batch THEN actors[w.batch] END,
           CASE WHEN w.begins_batch THEN formats[w.batch] END
      FROM (SELECT u.*, after_seq + u.place AS seq, after_seq + u.place = firsts[u.batch] AS begins_batch,
                   CASE WHEN u.line IS NOT NULL
                        THEN COALESCE(numbers[u.line],
                                      after_seq + MIN(u.place) OVER (PARTITION BY u.line)) END AS number
              FROM unnest(kinds, dispositions, entry_lines, claims, beginnings, handles, erasures, bodies, hashes,
                          salts, contents, search_texts, keys, batch_of) WITH ORDINALITY
                AS u (kind, disposition, line, claim, begins, handle, erasure, body, hash, salt, content, search_text,
                      key, batch, place)) AS w;
    IF array_position(numbers, NULL) IS NOT NULL THEN
      INSERT INTO line (agent_id, subject, predicate, first_seq)
        SELECT the_agent, subjects[w.line], predicates[w.line], after_seq + MIN(w.place)
          FROM unnest(entry_lines) WITH ORDINALITY AS w (line, place)
         WHERE w.line IS NOT NULL AND numbers[w.line] IS NULL
         GROUP BY w.line;
    END IF;
  END IF;

  IF cardinality(parents) > 0 THEN
    INSERT INTO derivation (agent_id, parent_id, child_seq)
    SELECT the_agent, w.parent_id, after_seq + w.place
      FROM unnest(parents, child_places) AS w (parent_id, place);
  END IF;
  IF cardinality(served_claims) > 0 THEN
    INSERT INTO served (agent_id, claim_id, stream_seq)
    SELECT the_agent, w.claim_id, after_seq + w.place
      FROM unnest(served_claims, served_places) AS w (claim_id, place);
  END IF;
  -- Primary keys of text_index and posting. An index that is behind, or of another recipe, is left to who extends it.
  IF the_recipe <> '' THEN
    BEGIN
      IF after_seq = 0 THEN
        INSERT INTO text_index (agent_id, recipe, up_to) VALUES (the_agent, the_recipe, size);
      ELSE
        UPDATE text_index AS t
           SET up_to = after_seq + size
         WHERE t.agent_id = the_agent AND t.recipe = the_recipe AND t.up_to = after_seq;
      END IF;
      IF FOUND THEN
        INSERT INTO posting (agent_id, term, stream_seq, count, distances, counts)
          SELECT the_agent, w.term, after_seq + w.place, w.count, w.distances::INTEGER[], w.counts::INTEGER[]
            FROM unnest(terms, term_places, term_counts, distances, other_counts)
              AS w (term, place, count, distances, counts);
      END IF;
    EXCEPTION
      -- Whatever somebody left there: no batch is refused for it, and the index stays behind. ON CONFLICT would take
      -- half as long again, with every batch.
      WHEN unique_violation OR program_limit_exceeded THEN NULL;
    END;
  END IF;
  -- Primary keys of model and embedding.
  IF model_name <> '' THEN
    BEGIN
      UPDATE model AS m
         SET filed = m.filed + cardinality(vectors),
             up_to = CASE WHEN every_vector AND m.up_to = after_seq THEN first - 1 + size ELSE m.up_to END
       WHERE m.agent_id = the_agent AND m.name = model_name AND m.dimensions = model_dimensions
         AND m.fingerprint = model_fingerprint
      RETURNING m.model_no, m.filed, m.compared INTO filed;
      IF NOT FOUND AND cardinality(vectors) > 0 THEN
        INSERT INTO model (agent_id, model_no, name, dimensions, fingerprint, up_to, filed, erased)
          SELECT the_agent, COALESCE(MAX(m.model_no), 0) + 1, model_name, model_dimensions, model_fingerprint,
                 CASE WHEN every_vector AND after_seq = 0 THEN size ELSE 0 END, cardinality(vectors), 0
            FROM model AS m
           WHERE m.agent_id = the_agent
        RETURNING model.model_no, model.filed, model.compared INTO filed;
      END IF;
      IF filed.compared THEN
        BEGIN
          INSERT INTO embedding (agent_id, model_no, filed_no, stream_seq, vector, near)
            SELECT the_agent, filed.model_no, filed.filed - cardinality(vectors) + w.number, after_seq + w.place,
                   w.vector, vector_numbers(w.vector, model_dimensions)
              FROM unnest(vectors, vector_places) WITH ORDINALITY AS w (vector, place, number);
        EXCEPTION
          WHEN unique_violation THEN RAISE;
          -- The extension is gone, or cannot be used: they are compared by their bytes.
          WHEN OTHERS THEN filed.compared := false;
        END;
      END IF;
      IF filed.compared IS NOT TRUE THEN
        INSERT INTO embedding (agent_id, model_no, filed_no, stream_seq, vector)
          SELECT the_agent, filed.model_no, filed.filed - cardinality(vectors) + w.number, after_seq + w.place,
                 w.vector
            FROM unnest(vectors, vector_places) WITH ORDINALITY AS w (vector, place, number);
      END IF;
    EXCEPTION
      -- As with terms: the vectors are filed later.
      WHEN unique_violation THEN NULL;
    END;
  END IF;
  -- The one change that the guards allow; one by one, so that each is found by its key.
  IF array_remove(erasures, NULL) <> '{}' THEN
    FOR erased IN SELECT w.seq, after_seq + w.place AS tombstone
                    FROM unnest(erasures) WITH ORDINALITY AS w (seq, place)
                   WHERE w.seq IS NOT NULL LOOP
      UPDATE entry AS e
         SET erased_by = erased.tombstone, salt = NULL, content = NULL, search_text = NULL, key_digest = NULL
       WHERE e.agent_id = the_agent AND e.stream_seq = erased.seq;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'entry % is not there to be erased', erased.seq USING ERRCODE = 'restrict_violation';
      END IF;
      WITH gone AS (
        DELETE FROM embedding AS v
         WHERE v.agent_id = the_agent AND v.stream_seq = erased.seq
        RETURNING v.model_no, v.filed_no)
      UPDATE model AS m
         SET erased = m.erased + 1
        FROM gone
       WHERE m.agent_id = the_agent AND m.model_no = gone.model_no AND m.filed >= gone.filed_no;
    END LOOP;
    PERFORM append_no_terms_1(the_agent, array_remove(erasures, NULL));
  END IF;
  RETURN QUERY SELECT 'done', 0::BIGINT, NULL::whole_entry;
END
$$;

-- Of what a batch that broke a unique key brings: what is there already. entry_by_batch, entry_by_claim, entry_by_key,
-- entry_by_handle.
CREATE OR REPLACE FUNCTION read_taken_1(the_agent UUID, the_batch UUID, claims UUID[], keys BYTEA[], handles UUID[],
                                        handle_kinds SMALLINT[])
RETURNS TABLE (part TEXT, place BIGINT) LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true);
  RETURN QUERY
    SELECT 'batch', 1::BIGINT FROM entry AS e WHERE e.agent_id = the_agent AND e.batch_id = the_batch
     UNION ALL
    SELECT 'claim', w.place
      FROM unnest(claims) WITH ORDINALITY AS w (claim_id, place)
     CROSS JOIN LATERAL (SELECT FROM entry AS e
                          WHERE e.agent_id = the_agent AND e.claim_id = w.claim_id AND e.begins OFFSET 0) AS f
     UNION ALL
    SELECT 'key', w.place
      FROM unnest(keys) WITH ORDINALITY AS w (key_digest, place)
     CROSS JOIN LATERAL (SELECT FROM entry AS e
                          WHERE e.agent_id = the_agent AND e.key_digest = w.key_digest OFFSET 0) AS f
     UNION ALL
    SELECT 'handle', w.place
      FROM unnest(handles, handle_kinds) WITH ORDINALITY AS w (handle, kind, place)
     CROSS JOIN LATERAL (SELECT FROM entry AS e
                          WHERE e.agent_id = the_agent AND e.handle = w.handle AND e.kind = w.kind OFFSET 0) AS f;
END
$$;

-- SearchIndex::extend. False: the index is not as it was said to be before, or the ledger does not reach that far.
-- Primary keys.
CREATE OR REPLACE FUNCTION append_terms_1(
  the_agent UUID, wait_at_most TEXT, recipe_before TEXT, up_to_before BIGINT, the_recipe TEXT, the_up_to BIGINT,
  terms TEXT[], term_seqs BIGINT[], term_counts INTEGER[], distances TEXT[], other_counts TEXT[], filed BIGINT[])
RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  index   RECORD;
  without BIGINT[];
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', wait_at_most, true),
          pg_advisory_xact_lock(agent_lock(the_agent));
  SELECT t.recipe, t.up_to INTO index FROM text_index AS t WHERE t.agent_id = the_agent;
  IF (COALESCE(index.recipe, ''), COALESCE(index.up_to, 0)) IS DISTINCT FROM (recipe_before, up_to_before)
     OR NOT EXISTS (SELECT FROM entry AS e WHERE e.agent_id = the_agent AND e.stream_seq = GREATEST(the_up_to, 1))
  THEN
    RETURN false;
  END IF;
  IF the_recipe <> recipe_before OR the_up_to <= up_to_before THEN
    DELETE FROM posting AS p WHERE p.agent_id = the_agent;
  END IF;
  INSERT INTO posting (agent_id, term, stream_seq, count, distances, counts)
    SELECT the_agent, w.term, w.seq, w.count, w.distances::INTEGER[], w.counts::INTEGER[]
      FROM unnest(terms, term_seqs, term_counts, distances, other_counts) AS w (term, seq, count, distances, counts)
  ON CONFLICT (agent_id, term, stream_seq) DO UPDATE
     SET count = excluded.count, distances = excluded.distances, counts = excluded.counts;
  -- Content may have been erased since its terms were made.
  without := ARRAY(SELECT w.seq
                     FROM unnest(filed) AS w (seq)
                    WHERE NOT EXISTS (SELECT
                                        FROM entry AS e
                                       WHERE e.agent_id = the_agent AND e.stream_seq = w.seq AND e.content IS NOT NULL
                                      OFFSET 0));
  IF without <> '{}' THEN PERFORM append_no_terms_1(the_agent, without); END IF;
  INSERT INTO text_index (agent_id, recipe, up_to)
  VALUES (the_agent, the_recipe, the_up_to)
  ON CONFLICT (agent_id) DO UPDATE SET recipe = excluded.recipe, up_to = excluded.up_to;
  RETURN true;
END
$$;

-- Vectors::file_vectors. False: the model does not reach as far as was said, or the ledger does not. Primary keys,
-- embedding_by_entry.
CREATE OR REPLACE FUNCTION append_vectors_1(
  the_agent UUID, wait_at_most TEXT, model_name TEXT, model_dimensions INTEGER, model_fingerprint TEXT,
  up_to_before BIGINT, the_up_to BIGINT, vectors BYTEA[], vector_seqs BIGINT[])
RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  model_before RECORD;
  added        BIGINT;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', wait_at_most, true),
          pg_advisory_xact_lock(agent_lock(the_agent));
  SELECT m.model_no, m.up_to, m.filed, m.compared INTO model_before
    FROM model AS m
   WHERE m.agent_id = the_agent AND m.name = model_name AND m.dimensions = model_dimensions
     AND m.fingerprint = model_fingerprint;
  IF COALESCE(model_before.up_to, 0) < up_to_before
     OR NOT EXISTS (SELECT FROM entry AS e WHERE e.agent_id = the_agent AND e.stream_seq = GREATEST(the_up_to, 1))
  THEN
    RETURN false;
  END IF;
  IF model_before.model_no IS NULL THEN
    INSERT INTO model (agent_id, model_no, name, dimensions, fingerprint, up_to, filed, erased)
      SELECT the_agent, COALESCE(MAX(m.model_no), 0) + 1, model_name, model_dimensions, model_fingerprint, 0, 0, 0
        FROM model AS m
       WHERE m.agent_id = the_agent
    RETURNING model.model_no, model.up_to, model.filed, model.compared INTO model_before;
  END IF;
  -- What has a higher number than the last is nobody's, and would be in the way.
  DELETE FROM embedding AS v
   WHERE v.agent_id = the_agent AND v.model_no = model_before.model_no AND v.filed_no > model_before.filed;
  -- Content may have been erased since its vector was made.
  INSERT INTO embedding (agent_id, model_no, filed_no, stream_seq, vector)
    SELECT the_agent, model_before.model_no, model_before.filed + row_number() OVER (ORDER BY n.place), n.seq, n.vector
      FROM (SELECT DISTINCT ON (w.seq) w.*
              FROM unnest(vectors, vector_seqs) WITH ORDINALITY AS w (vector, seq, place)
             CROSS JOIN LATERAL (SELECT FROM entry AS e
                                  WHERE e.agent_id = the_agent AND e.stream_seq = w.seq AND e.content IS NOT NULL
                                 OFFSET 0) AS there
             WHERE NOT EXISTS (SELECT FROM embedding AS v
                                WHERE v.agent_id = the_agent AND v.stream_seq = w.seq
                                  AND v.model_no = model_before.model_no
                               OFFSET 0)
             ORDER BY w.seq, w.place) AS n;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF model_before.compared AND pgvector_schema() IS NOT NULL THEN
    UPDATE embedding AS v
       SET near = vector_numbers(v.vector, model_dimensions)
     WHERE v.agent_id = the_agent AND v.model_no = model_before.model_no AND v.filed_no > model_before.filed;
  END IF;
  UPDATE model AS m
     SET filed = m.filed + added, up_to = GREATEST(m.up_to, the_up_to)
   WHERE m.agent_id = the_agent AND m.model_no = model_before.model_no;
  RETURN true;
END
$$;

-- Vectors::extend_nearest. Gives numbers to some of a model's vectors that have none, after one by its number, and has
-- those that are filed from now on get theirs at once. The number of the last of them; NULL: there are no more, or no
-- column for them. Primary keys of model and embedding.
CREATE OR REPLACE FUNCTION append_nearest_1(
  the_agent UUID, wait_at_most TEXT, model_name TEXT, model_dimensions INTEGER, model_fingerprint TEXT,
  at_least BIGINT, after_number BIGINT, at_most BIGINT)
RETURNS BIGINT LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  number  BIGINT;
  numbers BIGINT[];
BEGIN
  IF pgvector_schema() IS NULL THEN RETURN NULL; END IF;
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', wait_at_most, true),
          pg_advisory_xact_lock(agent_lock(the_agent));
  UPDATE model AS m
     SET compared = true
   WHERE m.agent_id = the_agent AND m.name = model_name AND m.dimensions = model_dimensions
     AND m.fingerprint = model_fingerprint AND m.filed - m.erased >= at_least
  RETURNING m.model_no INTO number;
  numbers := ARRAY(  SELECT v.filed_no
                       FROM embedding AS v
                      WHERE v.agent_id = the_agent AND v.model_no = number AND v.filed_no > after_number
                        AND v.near IS NULL
                      ORDER BY v.filed_no
                      LIMIT at_most);
  UPDATE embedding AS v
     SET near = vector_numbers(v.vector, model_dimensions)
   WHERE v.agent_id = the_agent AND v.model_no = number AND v.filed_no = ANY (numbers);
  RETURN CASE WHEN cardinality(numbers) = at_most THEN numbers[at_most] END;
END
$$;

-- Vectors::drop_vectors. Primary key of embedding.
CREATE OR REPLACE FUNCTION append_no_vectors_1(the_agent UUID, wait_at_most TEXT, model_name TEXT,
                                               model_dimensions INTEGER, model_fingerprint TEXT)
RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  number BIGINT;
BEGIN
  PERFORM set_config('claimledger.agent_id', the_agent::TEXT, true), set_config('lock_timeout', wait_at_most, true),
          pg_advisory_xact_lock(agent_lock(the_agent));
  UPDATE model AS m
     SET erased = m.filed, up_to = 0
   WHERE m.agent_id = the_agent AND m.name = model_name AND m.dimensions = model_dimensions
     AND m.fingerprint = model_fingerprint
  RETURNING m.model_no INTO number;
  DELETE FROM embedding AS v WHERE v.agent_id = the_agent AND v.model_no = number;
END
$$;

-- Gives up a turn that was kept for a batch that does not come.
CREATE OR REPLACE FUNCTION append_nothing_1(the_agent UUID) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_unlock(agent_lock(the_agent)), set_config('idle_session_timeout', '0', false);
END
$$;
