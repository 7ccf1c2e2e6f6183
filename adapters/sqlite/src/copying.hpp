#pragma once

#include <string>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::sqlite {

// Copies a ledger that inspect() has found, and that may be in use, into an empty file that nobody else uses, as it was
// when the copy began. The copy is one file, without a log, and has a mark of its own. Failure: StoreFailure. What
// `progress` throws is passed on.
void copy_database(const std::string& from, const std::string& to, const char* operation,
                   const BackupProgress& progress);

// tree_damage() of a closed database, or why it cannot be read.
std::string integrity_fault(const std::string& path);

// Brings a database that nobody else uses into one file: its log, if it has one, is copied into it and goes away.
// Failure: StoreFailure.
void make_one_file(const std::string& path, const char* operation);

}  // namespace claimledger::sqlite
