-- Every statement of the Postgres adapter. A request of the port is one of them: one call of a function that
-- migrations/postgres makes, where the SQL behind it stands with the indexes it relies on. One statement, because it is
-- then a transaction without saying so, in one round trip, and what it sets for the transaction holds also where a
-- pooler gives out connections by transaction. :"schema" is the schema of the ledger, as psql would have it. Parameters
-- are unnamed and binary; what may be absent comes as an array of none or one.

-- name: read_snapshot
-- head, snapshot, line, claims, by_idempotency_key.
SELECT part, place, named_seq, (found).stream_seq, (found).recorded_at, (found).kind, (found).disposition,
       (found).claim_id, (found).handle, (found).body, (found).hash, (found).content_seq, (found).salt, (found).content,
       (found).lookup, (found).line_no, (found).subject, (found).predicate, (found).erased
  FROM :"schema".read_snapshot($1, $2, $3, $4, $5, $6, $7);

-- name: read_position_at
-- position_at. batch_by_time.
SELECT :"schema".read_position_at($1, $2);

-- name: append_batch
-- append: the one statement that writes a ledger. Primary keys, batch_by_id, entry_by_handle, line_by_name.
SELECT outcome, detail
  FROM :"schema".append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                              $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
                              $39, $40, $41, $42, $43);

-- name: read_dependants
-- dependants. Primary key of edge.
SELECT place, child_id FROM :"schema".read_dependants($1, $2, $3);

-- name: read_open_questions
-- open_adjudications. entry_by_kind, entry_by_handle.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_open_questions($1, $2, $3, $4);

-- name: read_lines
-- lines of all subjects. line_by_name.
SELECT subject, predicate FROM :"schema".read_lines($1, $2, $3, $4, $5);

-- name: read_lines_of_subject
-- lines of one subject. line_by_name.
SELECT subject, predicate FROM :"schema".read_lines_of_subject($1, $2, $3, $4, $5);

-- name: read_subjects
-- subjects. line_by_name, once for each.
SELECT read_subjects FROM :"schema".read_subjects($1, $2, $3, $4);

-- name: read_batches
-- batches. Primary keys of batch and entry.
SELECT first_seq, last_seq, batch_id, recorded_at, clock, actor, format, (found).stream_seq, (found).recorded_at,
       (found).kind, (found).disposition, (found).claim_id, (found).handle, (found).body, (found).hash,
       (found).content_seq, (found).salt, (found).content, (found).lookup, (found).line_no, (found).subject,
       (found).predicate, (found).erased
  FROM :"schema".read_batches($1, $2, $3);

-- name: read_agents
-- agents. agent_by_name.
SELECT name, last_seq FROM :"schema".read_agents($1, $2);

-- name: read_entries_up
-- entries, when no key narrows them down. Primary key of entry.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_served_up
-- entries that serve a claim. Primary key of served.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_served_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_served_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_served_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_handle_up
-- entries of a question. entry_by_handle.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_handle_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_handle_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_handle_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_claim_up
-- entries about a claim. entry_by_claim, primary key of claim.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_claim_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_claim_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_claim_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_line_up
-- entries of a line. line_by_name, entry_by_line.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_line_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_line_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_line_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_lookup_up
-- entries of a source or a context. content_by_lookup.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_lookup_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_lookup_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_lookup_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_disposition_up
-- entries that carry a disposition. entry_by_disposition.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_disposition_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_disposition_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_disposition_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_kinds_up
-- entries of some kinds. entry_by_kind.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_kinds_up($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_entries_of_kinds_down
-- … newest first, along the same.
SELECT stream_seq, recorded_at, kind, disposition, claim_id, handle, body, hash, content_seq, salt, content, lookup,
       line_no, subject, predicate, erased
  FROM :"schema".read_entries_of_kinds_down($1, $2, $3, $4, NULLIF($5::TEXT[], '{}'), ($6::TEXT[])[1],
       ($7::UUID[])[1], ($8::TEXT[])[1], ($9::TEXT[])[1], ($10::UUID[])[1], ($11::UUID[])[1], ($12::TEXT[])[1]);

-- name: read_size
-- describe.
SELECT agents, entries FROM :"schema".read_size();

-- name: read_guards
-- describe.
SELECT :"schema".read_guards();

-- name: read_inventory
-- inventory. Primary keys, entry_by_line.
SELECT part, amount, tombstone, problem FROM :"schema".read_inventory($1);

-- name: server
-- Once for each connection. Another backend than the one connected to: a pooler stands between.
SELECT pg_backend_pid(), current_setting('server_encoding'), current_setting('server_version'), pg_is_in_recovery(),
       current_setting('fsync'), current_setting('synchronous_commit');

-- name: settings
-- Once for each connection that is a session of its own. What is less than a warning would be taken for one.
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
-- describe: the server and the role as this session sees them, the size of the schema, its partitions.
SELECT current_database(), current_setting('server_version'), session_user, current_setting('fsync'),
       current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
       current_setting('full_page_writes'), pg_is_in_recovery(),
       (SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::BIGINT
          FROM pg_class AS c
         WHERE c.relnamespace = $1::TEXT::REGNAMESPACE AND c.relkind = 'r'),
       (SELECT COUNT(*) FROM pg_inherits AS i WHERE i.inhparent = ($1::TEXT || '.entry')::REGCLASS);

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
        OR c.relname NOT IN ('agent', 'batch', 'line', 'claim', 'entry', 'content', 'edge', 'idempotency', 'served',
                             'erased', 'tenant', 'schema_migrations', 'whole_entry'))
 UNION ALL
SELECT p.proname
  FROM pg_proc AS p
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = $1::TEXT
   AND (to_regclass(format('%I.entry', $1::TEXT)) IS NULL
        OR p.proname NOT IN ('agent_key', 'agent_lock', 'append_batch', 'enforce_tenancy', 'entry_at', 'grant_roles',
                             'ledger_tables', 'only_erases_content', 'only_erases_name', 'only_grows',
                             'only_tombstones_erase', 'read_agents', 'read_batches', 'read_dependants',
                             'read_guards', 'read_inventory', 'read_lines', 'read_lines_of_subject',
                             'read_open_questions', 'read_position_at', 'read_size', 'read_snapshot',
                             'read_subjects', 'with_partitions')
           AND p.proname !~ '^read_entries(_of_(served|handle|claim|line|lookup|disposition|kinds))?_(up|down)$'
        -- Of ours there is one to a name, and one that acts for its owner.
        OR p.prosecdef AND p.proname <> 'append_batch'
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
 WHERE n.nspname = $1::TEXT AND c.relkind IN ('r', 'p') AND c.relowner <> quote_ident($2::TEXT)::REGROLE
 UNION ALL
SELECT format('ALTER TYPE %I.%I OWNER TO %I', n.nspname, c.relname, $2::TEXT)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::TEXT AND c.relkind = 'c' AND c.relowner <> quote_ident($2::TEXT)::REGROLE
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
-- Of whoever migrates: whether there is a ledger, whether there is a schema.
SELECT to_regclass($1::TEXT || '.schema_migrations') IS NOT NULL, to_regnamespace($1::TEXT) IS NOT NULL;

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
-- What a migration makes belongs to whom the schema belongs to.
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
-- Of whoever migrates.
COMMIT;

-- name: enter_schema
-- Of whoever migrates: migrations name no schema.
SET LOCAL search_path = :"schema", pg_temp;

-- name: ask_partitions
-- initialise: heard by the first migration.
SELECT set_config('claimledger.partitions', $1, true);

-- name: create_migrations
-- The one table that no migration makes.
CREATE TABLE IF NOT EXISTS :"schema".schema_migrations (
  version    INTEGER          NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  checksum   TEXT COLLATE "C" NOT NULL,
  applied_at BIGINT           NOT NULL,
  PRIMARY KEY (version)
);

-- name: add_migration
-- Of whoever migrates, with what it has applied. Primary key.
INSERT INTO :"schema".schema_migrations (version, name, checksum, applied_at)
VALUES ($1, $2, $3, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT);
