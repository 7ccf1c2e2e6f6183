#pragma once

#include <string>

#include "claimledger/sqlite/sqlite_store.hpp"

// Which file a path names. A database has one name: its log, its lock and the index of its log are found by it.
namespace claimledger::sqlite {

// The file that a path leads to through links. The log and the lock lie beside that file, as SQLite has it, so that
// every name of a database shares them. Failure: StoreFailure{unreachable} for a circle of links, and for one that
// leads to nothing.
std::string behind_links(const std::string& path);

// The folder that a path lies in.
std::string folder_of(const std::string& path);

// Makes an empty file with the rights that the process gives to new files. Failure: StoreFailure{unreachable}, also
// where something is there.
void make_file(const std::string& path, const char* operation);

// Gives a file another name, for good, where nothing has that name. False: something has it.
// Failure: StoreFailure{unreachable | exhausted}.
bool put_in_place(const std::string& from, const std::string& to, const char* operation);

}  // namespace claimledger::sqlite
