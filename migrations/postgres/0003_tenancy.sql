-- Tenancy: which role sees which rows, and what a role may do.

-- Which login role may see and write which agent, where tenancy is enforced; no part of the ledger.
CREATE TABLE tenant (
  agent_id UUID             NOT NULL,
  role     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (agent_id, role)
);
CREATE INDEX tenant_by_role ON tenant (role);
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_agents ON tenant FOR SELECT USING (role = session_user);

-- Puts up one of two policies. A net: a statement that forgot to say whose ledger it is about sees none. Or a wall: a
-- login role sees the agents that the table tenant gives it, whatever it says and whatever role it has taken on. Both
-- hold for the owner too, and for partitions that are named.
CREATE FUNCTION enforce_tenancy(enforced BOOLEAN) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT
SET client_min_messages = warning AS $$
DECLARE
  ledger TEXT;
  part   TEXT;
BEGIN
  FOREACH ledger IN ARRAY ledger_tables() LOOP
    FOR part IN SELECT with_partitions(ledger) LOOP
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
      EXECUTE format('DROP POLICY IF EXISTS named_agent ON %I', part);
      EXECUTE format('DROP POLICY IF EXISTS every_agent ON %I', part);
      EXECUTE format('DROP POLICY IF EXISTS tenant_agents ON %I', part);
      IF enforced THEN
        EXECUTE format('CREATE POLICY tenant_agents ON %I USING (agent_id IN '
                       '(SELECT t.agent_id FROM tenant AS t WHERE t.role = session_user))', part);
        CONTINUE;
      END IF;
      EXECUTE format('CREATE POLICY named_agent ON %I USING (agent_id = '
                     '(SELECT NULLIF(current_setting(''claimledger.agent_id'', true), '''')::UUID))', part);
      -- For the list of agents.
      IF ledger = 'agent' THEN
        EXECUTE format('CREATE POLICY every_agent ON %I FOR SELECT USING ('
                       '(SELECT current_setting(''claimledger.every_agent'', true)) = ''on'')', part);
      END IF;
    END LOOP;
  END LOOP;
END
$$;

DO $net$
BEGIN
  PERFORM enforce_tenancy(false);
END
$net$;

-- The rights of writers and readers: to look, and to call routines. Nobody but the owner may change a table by hand,
-- and partitions are reached through their tables only.
CREATE FUNCTION grant_roles(writer TEXT, reader TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  each    TEXT;
  routine RECORD;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', current_schema(), writer, reader);
  FOREACH each IN ARRAY ledger_tables() || ARRAY['whole_entry', 'tenant', 'schema_migrations', 'schema_routines'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO %I, %I', each, writer, reader);
  END LOOP;
  FOR routine IN SELECT p.oid::REGPROCEDURE AS name, starts_with(p.proname, 'append_') AS writes
                   FROM pg_proc AS p
                  WHERE p.pronamespace = quote_ident(current_schema())::REGNAMESPACE
                    AND (starts_with(p.proname, 'append_') OR starts_with(p.proname, 'read_')) LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', routine.name, writer);
    IF NOT routine.writes THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', routine.name, reader);
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION enforce_tenancy, grant_roles FROM PUBLIC;
