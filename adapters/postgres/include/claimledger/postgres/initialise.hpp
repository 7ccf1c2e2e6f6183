#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "claimledger/postgres/postgres_store.hpp"

// What an operator does once for a database: roles, partitions, tenancy.
namespace claimledger::postgres {

// Three roles that nobody logs in as. Grant `writer` or `reader` to the login roles of services.
struct Roles {
  std::string owner = "claimledger_owner";    // has schema, tables and functions; for migrations
  std::string writer = "claimledger_writer";  // may read, and append by the one function that does
  std::string reader = "claimledger_reader";
};

struct Initialisation {
  bool roles = false;  // make them where they are not there, give the schema to the owner and the others their grants
  Roles names = {};
  // Of each table, by hash of the agent; 0: none. A ledger that is there keeps what it has.
  std::size_t partitions = 0;
  // Put the wall up, or take it down; absent: leave it. Needs no roles of ours, but is little worth without.
  std::optional<Tenancy> tenancy = {};
};

// Makes the ledger, or brings it up to date, all in one transaction. May be repeated; what is there stays.
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
