#include "claimledger/postgres/initialise.hpp"

#include <algorithm>

#include "schema.hpp"

namespace claimledger::postgres {

namespace {

constexpr const char* operation = "init";

// Rows of one statement, each a statement that the database has spelled.
std::vector<std::string> spelled(Rows row) {
  std::vector<std::string> statements;
  while (row.next()) statements.emplace_back(row.text(0));
  return statements;
}

bool has_role(Migrator& migrator, const std::string& name) {
  auto wanted = Array::texts();
  wanted.add(name);
  return spelled(migrator.run(Query::missing_roles, Parameters(wanted))).empty();
}

// All databases of a server share their roles, so that somebody may make the same one for another ledger meanwhile.
void make_role(Migrator& migrator, const std::string& name) {
  if (has_role(migrator, name)) return;
  migrator.execute("SAVEPOINT before_role");
  try {
    migrator.execute("CREATE ROLE " + quoted(name) + " NOLOGIN");
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::conflict && failure.kind() != FailureKind::refused) throw;
    migrator.execute("ROLLBACK TO before_role");
    if (!has_role(migrator, name)) throw;
  }
}

void make_roles(Migrator& migrator, const Roles& names) {
  for (const auto* name : {&names.owner, &names.writer, &names.reader}) make_role(migrator, *name);
  auto may = migrator.run(Query::may_act_as, Parameters(names.owner));
  may.next();
  if (!may.flag(0)) migrator.execute("GRANT " + quoted(names.owner) + " TO CURRENT_USER");
}

// Makes the owner role own the schema and the ledger in it. A schema with other objects is refused: they would get
// another owner, and somebody's function could then do whatever the owner may.
void give_to_owner(Migrator& migrator, const std::string& schema, const std::string& owner) {
  if (!migrator.look().schema_exists) {
    migrator.execute("CREATE SCHEMA " + quoted(schema) + " AUTHORIZATION " + quoted(owner));
    return;
  }
  const auto strangers = spelled(migrator.run(Query::strangers, Parameters(schema)));
  if (!strangers.empty()) {
    throw StoreFailure(FailureKind::refused, operation,
                       "schema " + quoted(schema) + " holds " + quoted(strangers.front()) +
                           ", which is no part of a ledger and would get another owner; name a schema of its own");
  }
  for (const auto& statement : spelled(migrator.run(Query::own_schema, Parameters(schema, owner)))) {
    migrator.execute(statement);
  }
}

void check_partitions(Migrator& migrator, const Options& options, std::size_t wanted) {
  auto row = migrator.run(Query::partitions, Parameters(quoted(options.schema)));
  row.next();
  const auto there = static_cast<std::size_t>(row.integer(0));
  if (wanted == 0 || wanted == there) return;
  throw StoreFailure(FailureKind::refused, operation,
                     "the ledger in schema " + quoted(options.schema) + " has " + std::to_string(there) +
                         " partitions; copy it into a new one to have others");
}

void change_tenant(const Options& options, Query query, const std::string& role, const AgentId& agent) {
  const Database database(options);
  Migrator migrator(database, "tenant");
  migrator.begin();
  migrator.run(Query::become_owner, Parameters(quoted(options.schema)));
  migrator.run(query, Parameters(agent_key(agent), role));
  migrator.commit();
}

}  // namespace

MigrationReport initialise(const Options& options, const Initialisation& what) {
  const Database database(options);
  Migrator migrator(database, operation);
  migrator.begin();
  auto found = migrator.look();
  if (what.roles) {
    make_roles(migrator, what.names);
    give_to_owner(migrator, options.schema, what.names.owner);
  }
  found.pending = migrator.apply(what.partitions);
  check_partitions(migrator, options, what.partitions);
  migrator.run(Query::become_owner, Parameters(quoted(options.schema)));
  if (what.roles) migrator.run(Query::grant_roles, Parameters(what.names.writer, what.names.reader));
  if (what.tenancy) migrator.run(Query::enforce_tenancy, Parameters(*what.tenancy == Tenancy::enforced));
  for (const auto& [role, agent] : what.tenants) migrator.run(Query::admit_tenant, Parameters(agent_key(agent), role));
  migrator.commit();
  return report(found);
}

void admit_tenant(const Options& options, const std::string& role, const AgentId& agent) {
  change_tenant(options, Query::admit_tenant, role, agent);
}

void dismiss_tenant(const Options& options, const std::string& role, const AgentId& agent) {
  change_tenant(options, Query::dismiss_tenant, role, agent);
}

}  // namespace claimledger::postgres
