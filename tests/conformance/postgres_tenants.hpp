#pragma once

#include <memory>

#include "claimledger/postgres/postgres_store.hpp"

// The store as a service has it behind a wall: opened by a login role that owns nothing, with tenancy enforced.
namespace claimledger::conformance {

// Makes the ledger as the operator whose connection `options` has, and opens it as a role that may write and that
// row-level security holds to the agents it was given. The operator gives it each agent before its first entry, since
// the rules make agents up as they go.
// Threads:  as of a Postgres store. Failure: StoreFailure; what pqxx throws where roles can't be made.
std::unique_ptr<Store> open_as_tenant(postgres::Options options);

// Takes the roles of this process away, which no ledger uses any more.
void remove_tenants();

}  // namespace claimledger::conformance
