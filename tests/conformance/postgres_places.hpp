#pragma once

#include <memory>
#include <string>

#include "claimledger/conformance/backend.hpp"

// Where the Postgres stores under test are kept: a schema for each place, in the database that the environment names by
// CLAIMLEDGER_TEST_POSTGRES, whose user may do anything there.
namespace claimledger::conformance {

// Empty: there is no server to test with, and nothing was tested.
std::string postgres_under_test();

// The schema of a place: this process's own.
std::string postgres_schema(const std::string& place);
void remove_postgres(const std::string& place);

// Changes what is stored, past the triggers.
void damage_postgres(const std::string& place, const Damage& damage);

// Something that keeps every writer of the place waiting, until the returned object is destroyed: writers of different
// agents do not wait for each other, but all wait for an operator who has a table locked.
std::shared_ptr<void> hold_postgres_write(const std::string& place);

}  // namespace claimledger::conformance
