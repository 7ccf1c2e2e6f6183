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

// What a file of this name is beside a database, by the end of its name, whether that database is there or not: "the
// log of a database"; empty: nothing.
std::string side_file_named(const std::string& path);

}  // namespace claimledger::wiring
