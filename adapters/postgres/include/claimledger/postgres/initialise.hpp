#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/postgres/postgres_store.hpp"

// Set-up of a database by its operator: roles, partitions, tenancy.
namespace claimledger::postgres {

// Three roles without a login. Grant `writer` or `reader` to the login roles of services.
struct Roles {
  std::string owner = "claimledger_owner";    // has schema, tables and functions; for migrations
  std::string writer = "claimledger_writer";  // may read, and append by the one function that does
  std::string reader = "claimledger_reader";
};

struct Initialisation {
  bool roles = false;  // create missing roles, make the owner own the schema, grant the other two their rights
  Roles names = {};
  // Of each table, by hash of the agent; 0: none. A ledger that is there keeps what it has.
  std::size_t partitions = 0;
  // Sets the tenancy of the database; absent: unchanged. Enforced tenancy works without these roles, but protects
  // little without them.
  std::optional<Tenancy> tenancy = {};
  // Login roles, each with an agent whose ledger it may see and write where tenancy is enforced: see admit_tenant().
  std::vector<std::pair<std::string, AgentId>> tenants = {};
};

// Makes the ledger, or brings it up to date, all in one transaction. May be repeated; existing objects and rows stay.
// Needs a login role that may create roles and schemas.
// Threads:  any; of several at once, in whatever process, one does it and the others wait.
// Failure:  StoreFailure; nothing was changed, unless the connection was lost at the very end: do it again then.
//           {unreachable}: no server, or a right is missing. {refused}: partitions were asked for and the ledger that
//           is there has others, or the schema holds what is no ledger's. {incompatible}: a newer schema. {busy}:
//           somebody else migrates, or holds what is to be changed, for longer than statement_timeout.
MigrationReport initialise(const Options& options, const Initialisation& what);

// Lets a login role see and write an agent's ledger, where tenancy is enforced; takes that back. Done by the owner; may
// be repeated.
// Threads:  any.
// Failure:  StoreFailure. {unreachable}: no server, or this role can't become the owner. {incompatible}: no ledger.
void admit_tenant(const Options& options, const std::string& role, const AgentId& agent);
void dismiss_tenant(const Options& options, const std::string& role, const AgentId& agent);

}  // namespace claimledger::postgres
