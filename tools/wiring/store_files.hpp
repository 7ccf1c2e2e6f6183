#pragma once

#include <string>
#include <string_view>

namespace claimledger::wiring {

// Each is to be called before a store is opened: a database that another descriptor of the process closes loses its
// locks.

// Whether a file begins as a database does.
bool is_database(const std::string& path);

// What a file that something is about to be written to has to do with a store: "a database", "the log of a database",
// "the lock of a database"; empty: nothing. It is told by its content, by its name beside a database, and, where it is
// one of the files of the store at `address`, by what it is: also a second name of one.
std::string store_file_at(const std::string& path, std::string_view address);

// What the superuser makes in somebody's folder is his who has the folder, and its group's where it is shared by one.
void give_to_owner_of_folder(int file, const std::string& path);
// The folder and those around it that are not there yet, each given so. Failure: StoreFailure{unreachable}.
void make_folders(const std::string& path);

// What a file of this name is beside a database, by the end of its name, whether that database is there or not: "the
// log of a database"; empty: nothing.
std::string side_file_named(const std::string& path);

}  // namespace claimledger::wiring
