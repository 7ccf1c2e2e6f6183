#pragma once

#include <memory>
#include <string>

#include "claimledger/conformance/backend.hpp"

// Where the SQLite stores under test are kept, and how their files are changed behind their backs.
namespace claimledger::conformance {

// The path of a place inside a folder that is this program's own and goes away with it.
std::string sqlite_path(const std::string& place);
void remove_sqlite(const std::string& place);

// Changes what is stored in the database at `path`; in a folder of databases, in the only one.
void damage_sqlite(const std::string& path, const Damage& damage);

// A write of another connection, open until the returned object is destroyed.
std::shared_ptr<void> hold_sqlite_write(const std::string& path);

}  // namespace claimledger::conformance
