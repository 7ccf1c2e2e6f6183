#pragma once

#include <string>

#include "claimledger/sqlite/sqlite_store.hpp"

// What tells a directory of ledgers from a place where each database is a store of its own: a file in it, which the
// store of the directory makes with its first batch. Names and contents of databases do not tell it. The rest of this
// is public: is_directory_of_ledgers(), make_directory(), mark_directory().
namespace claimledger::sqlite {

// Takes the mark away where no database is left: what is made there next is a store of its own.
void forget_directory(const std::string& path);

}  // namespace claimledger::sqlite
