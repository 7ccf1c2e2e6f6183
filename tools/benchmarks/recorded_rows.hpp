#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "benchmarks/database.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/engine.hpp"

// The rival of a write on SQLite: the very rows that the program wrote for the same statement, written by hand into a
// database of the program's own schema. Nothing here knows a table or a column: both are read from the catalogue, so
// that a new schema changes the rival along with the program.
namespace claimledger::benchmarks {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<char>>;  // text, then bytes
struct RecordedRow {
  std::string table;
  bool replaces = false;  // a row of the same key
  std::vector<Cell> cells;
};
using RecordedRows = std::vector<RecordedRow>;

// A ledger that tells which rows a write made. Triggers of the benchmark's own copy them aside in the order in which
// they were inserted; those cost time, so nothing is measured on this one.
// Failure:  runtime_error for a write that deletes a row.
class Recorder {
 public:
  explicit Recorder(const std::string& path, const Config& config = configuration());
  Engine& engine() { return *engine_; }
  // The rows inserted and changed since the last call.
  RecordedRows rows();

 private:
  std::unique_ptr<Engine> engine_;
  Database database_;
  Prepared since_;
  std::int64_t last_ = 0;
};

// A program that writes such rows in one transaction a call, as a person would who knew the schema: statements prepared
// once, every guard of the schema on, and the settings of the adapter's own writer. What it replaces is deleted and
// inserted again, which no guard of the ledger lets pass.
class HandWritten {
 public:
  // Makes the database by the adapter.
  explicit HandWritten(const std::string& path);
  void write(const RecordedRows& rows);

 private:
  struct Insert {
    std::string table;
    bool replaces;
    Prepared statement;
  };
  sqlite3_stmt* insert(const RecordedRow& row);

  Database database_;
  Prepared begin_;
  Prepared commit_;
  std::vector<Insert> inserts_;
};

// How many rows each table of a database holds, in words, to compare two databases by.
std::string row_counts(const std::string& path);

}  // namespace claimledger::benchmarks
