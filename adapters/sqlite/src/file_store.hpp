#pragma once

#include <memory>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::sqlite {

// A store in one database. The path is a file or ":memory:".
std::unique_ptr<Store> open_file(Options options);

// One database for each agent, in files of a directory.
std::unique_ptr<Store> open_directory(Options options);

}  // namespace claimledger::sqlite
