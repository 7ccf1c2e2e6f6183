-- Every statement of the Postgres adapter. A request of the port is one of them: one call of a routine, whose SQL and
-- indexes stand in routines/. One statement, because it is then a transaction without saying so, in one round trip, and
-- what it sets for the transaction holds also where a pooler gives out connections by transaction. :"schema" is the
-- schema of the ledger, as psql would have it. Parameters are unnamed and binary; what may be absent comes as an array
-- of none or one.

-- name: read_snapshot
-- snapshot, begin_write. Primary keys of entry and line, entry_by_line, entry_by_key, entry_by_claim.
SELECT part, place, (found).stream_seq, (found).recorded_at, (found).kind, (found).disposition, (found).claim_id,
       (found).begins, (found).handle, (found).body, (found).hash, (found).salt, (found).content, (found).search_text,
       (found).erased_by, (found).line_no, (found).subject, (found).predicate
  FROM :"schema".read_snapshot_1($1, $2, $3, $4, $5, $6, $7, $8);

-- name: append
-- append, WriteTurn::append: the one statement that writes a ledger. Primary keys, entry_by_line and the unique keys.
SELECT part, place, (found).stream_seq, (found).recorded_at, (found).kind, (found).disposition, (found).claim_id,
       (found).begins, (found).handle, (found).body, (found).hash, (found).salt, (found).content, (found).search_text,
       (found).erased_by, (found).line_no, (found).subject, (found).predicate
  FROM :"schema".append_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                          $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
                          $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52);

-- name: append_terms
-- SearchIndex::extend. Primary keys.
SELECT :"schema".append_terms_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: append_vectors
-- Vectors::file_vectors. Primary keys, embedding_by_entry.
SELECT :"schema".append_vectors_1($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: append_nearest
-- Vectors::extend_nearest. Primary keys of model and embedding.
SELECT :"schema".append_nearest_1($1, $2, $3, $4, $5, $6, $7, $8);

-- name: drop_vectors
-- Vectors::drop_vectors. Primary key of embedding.
SELECT :"schema".append_no_vectors_1($1, $2, $3, $4, $5);

-- name: append_nothing
-- WriteTurn, when it ends without the append that its turn was kept for.
SELECT :"schema".append_nothing_1($1);

-- name: read_taken
-- append, when a unique key stopped it: entry_by_batch, entry_by_claim, entry_by_key, entry_by_handle.
SELECT part, place FROM :"schema".read_taken_1($1, $2, $3, $4, $5, $6);

-- name: read_dependants
-- dependants. Primary keys of derivation and entry.
SELECT place, child_seq, child_id FROM :"schema".read_dependants_1($1, $2, $3);

-- name: read_open_adjudications
-- open_adjudications. entry_by_kind, entry_by_handle.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, begins, handle, body, hash, salt, content, search_text,
       erased_by, line_no, subject, predicate
  FROM :"schema".read_open_adjudications_1($1, $2, $3, $4, $5, $6);

-- name: read_lines
-- lines of all subjects. Primary key of line.
SELECT subject, predicate FROM :"schema".read_lines_1($1, $2, $3, $4, $5);

-- name: read_lines_of_subject
-- lines of one subject. Primary key of line.
SELECT subject, predicate FROM :"schema".read_lines_of_subject_1($1, $2, $3, $4, $5);

-- name: read_subjects
-- subjects. Primary key of line, once for each.
SELECT read_subjects_1 FROM :"schema".read_subjects_1($1, $2, $3, $4);

-- name: read_batches
-- batches. Primary key.
SELECT first_seq, entries, batch_id, recorded_at, clock, actor, format, (found).stream_seq, (found).recorded_at,
       (found).kind, (found).disposition, (found).claim_id,
       (found).begins, (found).handle, (found).body, (found).hash, (found).salt, (found).content, (found).search_text,
       (found).erased_by, (found).line_no, (found).subject, (found).predicate
  FROM :"schema".read_batches_1($1, $2, $3);

-- name: read_agents
-- agents. agent_by_name, then the primary key of entry for each.
SELECT name, last_seq FROM :"schema".read_agents_1($1, $2);

-- name: read_entries
-- entries. By its key: the primary key, entry_by_kind, entry_by_claim and entry_about_claim, entry_by_line,
-- entry_by_handle, the primary key of served, entry_by_text, entry_by_disposition.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, begins, handle, body, hash, salt, content, search_text,
       erased_by, line_no, subject, predicate
  FROM :"schema".read_entries_1($1, $2, ($3::UUID[])[1], $4, ($5::SMALLINT[])[1], $6, NULLIF($7::SMALLINT[], '{}'),
                                $8, $9, $10, $11);

-- name: read_postings
-- SearchIndex::postings, text_index. Primary keys.
SELECT place, term, seq, seqs, counts, others FROM :"schema".read_postings_1($1, $2, $3, $4, $5, $6);

-- name: read_models
-- Vectors::models. Primary key of model.
SELECT name, dimensions, fingerprint, up_to, filed, erased FROM :"schema".read_models_1($1);

-- name: read_vectors
-- Vectors::read_vectors. Primary keys of model and embedding.
SELECT number, seq, erased, vector FROM :"schema".read_vectors_1($1, $2, $3, $4, $5, $6);

-- name: read_nearest
-- Vectors::nearest. Primary keys of model and embedding, embedding_by_entry.
SELECT number, seq, erased, compared, state, product, vector
  FROM :"schema".read_nearest_1($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: read_vectors_of
-- Vectors::read_vectors_of. Primary key of model, embedding_by_entry.
SELECT number, seq, vector FROM :"schema".read_vectors_of_1($1, $2, $3, $4, $5, $6);

-- name: read_without_vector
-- Vectors::without_vector. Primary key of entry, embedding_by_entry.
SELECT read_without_vector_1 FROM :"schema".read_without_vector_1($1, $2, $3, $4, $5, $6, $7, $8);

-- name: read_size
-- describe.
SELECT agents, entries FROM :"schema".read_size_1();

-- name: read_guards
-- describe.
SELECT :"schema".read_guards_1();

-- name: read_inventory
-- inventory. Primary keys.
SELECT last_seq, batches, entries, contents, lines, claims, keys, derivations, servings, erased, tombstones, problem
  FROM :"schema".read_inventory_1($1);

-- name: server
-- Once for each connection. Another backend than the one connected to: a pooler stands between.
SELECT pg_backend_pid(), current_setting('server_encoding'), current_setting('server_version'), pg_is_in_recovery(),
       current_setting('fsync'), current_setting('synchronous_commit');

-- name: settings
-- Once for each connection that is a session of its own. client_min_messages: a notice would be taken for a warning.
SELECT set_config('statement_timeout', $1, false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('client_min_messages', 'warning', false);

-- name: tenant
-- open, where tenancy is enforced: whether the wall is up and this role has a place behind it.
SELECT EXISTS (SELECT
                 FROM pg_policies AS p
                WHERE p.schemaname = $1 AND p.tablename = 'entry' AND p.policyname = 'tenant_agents'),
       EXISTS (SELECT FROM :"schema".tenant AS t WHERE t.role = session_user);

-- name: describe
-- describe: the server and the role as this session sees them, the size of the schema, its partitions, the tables that
-- row-level security does not guard, and whether this role stands above it.
SELECT current_database(), current_setting('server_version'), session_user, current_setting('fsync'),
       current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
       current_setting('full_page_writes'), pg_is_in_recovery(),
       (SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::BIGINT
          FROM pg_class AS c
         WHERE c.relnamespace = $1::TEXT::REGNAMESPACE AND c.relkind = 'r'),
       (SELECT COUNT(*) FROM pg_inherits AS i WHERE i.inhparent = ($1::TEXT || '.entry')::REGCLASS),
       (SELECT string_agg(c.relname, ', ' ORDER BY c.relname)
          FROM pg_class AS c
         WHERE c.relnamespace = $1::TEXT::REGNAMESPACE AND c.relname = ANY (:"schema".ledger_tables())
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity)),
       (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = session_user);

-- name: identity
-- identity: what no other ledger has, of this server, its copies or another; NULL where there is none, or this role may
-- not know the server's number. Dropped and made anew a schema is another.
SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
            THEN (SELECT system_identifier FROM pg_control_system()) || '/' || d.oid || '/'
                 || to_regnamespace($1::TEXT)::OID
       END
  FROM pg_database AS d
 WHERE d.datname = current_database();

-- name: missing_roles
-- initialise: those of the roles asked for that are not there.
SELECT w.name
  FROM unnest($1::TEXT[]) AS w (name)
 WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = w.name);

-- name: may_act_as
-- initialise: whether this role can become the owner. From 16 on, who made a role is a member that cannot.
SELECT pg_has_role($1::TEXT, CASE WHEN current_setting('server_version_num')::INTEGER < 160000 THEN 'MEMBER'
                                  ELSE 'SET' END);

-- name: strangers
-- initialise: what the schema holds beside a ledger, and would lose its owner; before there is one, whatever it holds.
SELECT c.relname
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::TEXT AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND NOT c.relispartition
   AND (to_regclass(format('%I.entry', $1::TEXT)) IS NULL
        OR c.relname NOT IN ('agent', 'entry', 'line', 'derivation', 'served', 'text_index', 'posting', 'model',
                             'embedding', 'whole_entry', 'tenant', 'schema_migrations', 'schema_routines'))
 UNION ALL
SELECT p.proname
  FROM pg_proc AS p
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = $1::TEXT
   AND (to_regclass(format('%I.entry', $1::TEXT)) IS NULL
        OR p.proname NOT IN ('agent_key', 'agent_lock', 'enforce_tenancy', 'forgets_index', 'forgets_models',
                             'grant_roles', 'guarded_tables', 'ledger_tables', 'only_erases', 'only_forgets',
                             'only_grows', 'pgvector_schema', 'prepare_nearest', 'vector_numbers', 'wanted_guards',
                             'with_partitions')
           AND p.proname !~ ('^(append(_nothing|_terms|_vectors|_nearest|_no_(terms|vectors))?|read_(agents|batch_end|'
                             || 'batches|dependants|entries|guards|inventory|lines|lines_of_subject|models?|nearest|'
                             || 'open_adjudications|position_at|postings|size|snapshot|subjects|taken|vectors|'
                             || 'uncompared|vectors_of|without_vector|wrong_numbers))_[0-9]+$')
        -- Of ours there is one to a name, and few that act for their owner.
        OR p.prosecdef AND p.proname !~ '^append(_terms|_vectors|_nearest|_no_vectors)?_[0-9]+$'
        OR (SELECT count(*) FROM pg_proc AS o WHERE o.pronamespace = p.pronamespace AND o.proname = p.proname) > 1);

-- name: own_schema
-- initialise: what makes over to the owner a schema that somebody else has made.
SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, $2::TEXT)
  FROM pg_namespace AS n
 WHERE n.nspname = $1::TEXT AND n.nspowner <> quote_ident($2::TEXT)::REGROLE
 UNION ALL
SELECT format('ALTER TABLE %I.%I OWNER TO %I', n.nspname, c.relname, $2::TEXT)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::TEXT AND c.relkind IN ('r', 'p', 'v') AND c.relowner <> quote_ident($2::TEXT)::REGROLE
 UNION ALL
SELECT format('ALTER FUNCTION %s OWNER TO %I', p.oid::REGPROCEDURE, $2::TEXT)
  FROM pg_proc AS p
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = $1::TEXT AND p.proowner <> quote_ident($2::TEXT)::REGROLE;

-- name: partitions
-- initialise: how many partitions each table has.
SELECT COUNT(*) FROM pg_inherits AS i WHERE i.inhparent = ($1::TEXT || '.entry')::REGCLASS;

-- name: grant_roles
-- initialise: what writer and reader may do.
SELECT :"schema".grant_roles($1, $2);

-- name: enforce_tenancy
-- initialise: the wall between agents, up or down.
SELECT :"schema".enforce_tenancy($1);

-- name: admit_tenant
-- admit_tenant. Primary key of tenant.
INSERT INTO :"schema".tenant (agent_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: dismiss_tenant
-- dismiss_tenant. Primary key of tenant.
DELETE FROM :"schema".tenant WHERE agent_id = $1 AND role = $2;

-- name: tell
-- Of an append, after it, on a connection that tells and does nothing else: a NOTIFY in the append would make every
-- commit of the database wait for one lock.
SELECT pg_notify($1, $2);

-- name: has_migrations
-- Of whoever opens or migrates: whether there is a ledger, whether there is a schema, whether the ledger has routines;
-- into which schema its functions look, where that is another: a schema can be renamed, and they do not notice;
-- whether a crash would empty a table; whether both tables of the words, and both of the vectors, are there; whether
-- vectors could have a column of pgvector's type and do not.
SELECT to_regclass($1::TEXT || '.schema_migrations') IS NOT NULL, to_regnamespace($1::TEXT) IS NOT NULL,
       to_regclass($1::TEXT || '.schema_routines') IS NOT NULL,
       (SELECT regexp_replace(s.setting, '^search_path=|, pg_temp$', '', 'g')
          FROM pg_proc AS p
          JOIN pg_namespace AS n ON n.oid = p.pronamespace
         CROSS JOIN LATERAL unnest(p.proconfig) AS s (setting)
         WHERE n.oid = to_regnamespace($1::TEXT)
           AND p.proname ~ '^((append|read)_.*|only_erases|only_forgets|enforce_tenancy|grant_roles)$'
           AND s.setting LIKE 'search\_path=%' AND s.setting <> 'search_path=' || quote_ident(n.nspname) || ', pg_temp'
         ORDER BY p.proname
         LIMIT 1),
       EXISTS (SELECT
                 FROM pg_class AS c
                WHERE c.relnamespace = to_regnamespace($1::TEXT) AND c.relkind = 'r' AND c.relpersistence = 'u'),
       to_regclass($1::TEXT || '.posting') IS NOT NULL AND to_regclass($1::TEXT || '.text_index') IS NOT NULL,
       to_regclass($1::TEXT || '.embedding') IS NOT NULL AND to_regclass($1::TEXT || '.model') IS NOT NULL,
       NOT EXISTS (SELECT
                     FROM pg_attribute AS a
                    WHERE a.attrelid = to_regclass($1::TEXT || '.embedding') AND a.attname = 'near'
                      AND NOT a.attisdropped)
       AND EXISTS (SELECT
                     FROM pg_extension AS e
                     JOIN pg_namespace AS n ON n.oid = to_regnamespace($1::TEXT)
                    WHERE e.extname = 'vector' AND has_schema_privilege(n.nspowner, e.extnamespace, 'USAGE')
                      AND string_to_array(substring(e.extversion FROM '^[0-9]+[.][0-9]+'), '.')::INTEGER[] >= '{0,8}');

-- name: routines_applied
-- Of whoever migrates: the newest routines. Primary key.
SELECT revision, checksum FROM :"schema".schema_routines ORDER BY revision DESC LIMIT 1;

-- name: migrations_applied
-- Of whoever migrates, and describe.
SELECT version, name, checksum FROM :"schema".schema_migrations ORDER BY version;

-- name: lock_migrations
-- One migrates, the others wait. 0x434C4752: "CLGR".
SELECT pg_advisory_xact_lock(1129072466, hashtext($1));

-- name: take_time
-- Of whoever migrates: what it does may take as long as it takes. For what others hold it waits no longer than any
-- request, since whoever comes after it waits behind it, unless lock_timeout says otherwise.
SELECT set_config('lock_timeout', current_setting('statement_timeout'), true)
 WHERE current_setting('lock_timeout') = '0';
SET LOCAL statement_timeout = 0;

-- name: become_owner
-- The schema's owner owns all that a migration creates.
SELECT set_config('role', r.rolname, true)
  FROM pg_namespace AS n
  JOIN pg_roles AS r ON r.oid = n.nspowner
 WHERE n.oid = $1::TEXT::REGNAMESPACE AND r.rolname <> current_user;

-- name: create_schema
-- Of whoever migrates, where there is none.
CREATE SCHEMA :"schema";

-- name: begin
-- Of whoever migrates.
BEGIN;

-- name: commit
-- Of whoever migrates, and of a turn that a transaction kept.
COMMIT;

-- name: begin_turn
-- WriteTurn behind a pooler, when two guesses were wrong. A client that is gone is waited for only so long.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL idle_in_transaction_session_timeout = '10s';

-- name: rollback
-- WriteTurn, when it ends without the append that its transaction was begun for.
ROLLBACK;

-- name: drop_terms
-- migrate, where one of the two is gone: an index without its postings would say that there is nothing to find. What
-- makes both again makes the functions too.
DROP TABLE IF EXISTS posting, text_index;
DROP FUNCTION IF EXISTS forgets_index(), guarded_tables();

-- name: drop_embeddings
-- migrate, likewise.
DROP TABLE IF EXISTS embedding, model;

-- name: enter_schema
-- Of whoever migrates: migrations name no schema.
SET LOCAL search_path = :"schema", pg_temp;

-- name: pin_functions
-- migrate, where the schema was renamed: its functions look into it again.
DO $pin$
DECLARE
  routine RECORD;
BEGIN
  FOR routine IN SELECT p.oid::REGPROCEDURE AS name
                   FROM pg_proc AS p
                  CROSS JOIN LATERAL unnest(p.proconfig) AS s (setting)
                  WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                    AND p.proname ~ '^((append|read)_.*|only_erases|only_forgets|enforce_tenancy|grant_roles)$'
                    AND s.setting LIKE 'search\_path=%' LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path FROM CURRENT', routine.name);
  END LOOP;
END
$pin$;

-- name: prepare_nearest
-- migrate: a column for the numbers of vectors, where pgvector has come.
SELECT prepare_nearest();

-- name: pgvector
-- status: what there is of pgvector: the version that the server has, that of this database, whether it is new enough,
-- whether this role may use it, whether vectors have a column of its type.
SELECT (SELECT a.default_version FROM pg_available_extensions AS a WHERE a.name = 'vector'), e.extversion,
       COALESCE(string_to_array(substring(e.extversion FROM '^[0-9]+[.][0-9]+'), '.')::INTEGER[] >= '{0,8}', false),
       COALESCE(has_schema_privilege(e.extnamespace, 'USAGE')
                AND has_type_privilege(t.oid, 'USAGE'), false),
       EXISTS (SELECT
                 FROM pg_attribute AS a
                WHERE a.attrelid = to_regclass($1::TEXT || '.embedding') AND a.attname = 'near' AND NOT a.attisdropped)
  FROM (SELECT) AS one
  LEFT JOIN pg_extension AS e ON e.extname = 'vector'
  LEFT JOIN pg_type AS t ON t.typnamespace = e.extnamespace AND t.typname = 'vector';

-- name: uncompared
-- status: how many vectors of a model have no numbers. Primary key of embedding.
SELECT :"schema".read_uncompared_1($1, $2, $3, $4);

-- name: ask_partitions
-- initialise: heard by the first migration.
SELECT set_config('claimledger.partitions', $1, true);

-- name: create_migrations
-- The two tables that no migration makes.
CREATE TABLE IF NOT EXISTS :"schema".schema_migrations (
  version    INTEGER          NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  checksum   TEXT COLLATE "C" NOT NULL,
  applied_at BIGINT           NOT NULL,
  PRIMARY KEY (version)
);
CREATE TABLE IF NOT EXISTS :"schema".schema_routines (
  revision   INTEGER          NOT NULL,
  checksum   TEXT COLLATE "C" NOT NULL,
  applied_at BIGINT           NOT NULL,
  PRIMARY KEY (revision)
);

-- name: add_migration
-- Of whoever migrates, with what it has applied. Primary key.
INSERT INTO :"schema".schema_migrations (version, name, checksum, applied_at)
VALUES ($1, $2, $3, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT);

-- name: add_routines
-- Of whoever migrates, with the routines that it has made. Primary key.
INSERT INTO :"schema".schema_routines (revision, checksum, applied_at)
VALUES ($1, $2, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT);
