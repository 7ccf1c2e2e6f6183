#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// SQLite by hand: no more of it than the rivals need.
namespace claimledger::benchmarks {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

// Failure of each: runtime_error.
Database open_database(const std::string& path);
Prepared prepare(sqlite3* database, const std::string& sql);
void execute(sqlite3* database, const std::string& sql);
void check(int result, sqlite3* database);
// Runs a statement that answers nothing, and makes it ready for the next time.
void run(sqlite3* database, sqlite3_stmt* statement);
// The first column of each row.
std::vector<std::string> column(sqlite3* database, const std::string& sql);
std::string quoted(std::string_view name);  // as SQL quotes a name

}  // namespace claimledger::benchmarks
