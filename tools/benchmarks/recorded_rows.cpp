#include "benchmarks/recorded_rows.hpp"

#include <algorithm>
#include <stdexcept>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::benchmarks {

namespace {

// Tables of the program's own: neither SQLite's, nor what a virtual table keeps.
std::vector<std::string> tables(sqlite3* database) {
  return column(database,
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                "AND name NOT LIKE 'sqlite_%' AND name <> 'recorded' ORDER BY name");
}

// Those that can be inserted into.
std::vector<std::string> columns(sqlite3* database, const std::string& table) {
  return column(database, "SELECT name FROM pragma_table_xinfo('" + table + "') WHERE hidden = 0 ORDER BY cid");
}

std::string numbered(const char* prefix, std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i == 1 ? "" : ", ") + std::string(prefix) + std::to_string(i);
  return list;
}

std::string joined(const std::vector<std::string>& names, const std::string& prefix) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + prefix + quoted(name);
  return list;
}

// Copies the new row of such a change aside.
void add_copying(sqlite3* database, const std::string& table, const char* change, bool replaces) {
  const auto here = columns(database, table);
  std::string insert = "INSERT INTO recorded (name, replaces, cells, ";
  insert += numbered("v", here.size()) + ") VALUES ('" + table;
  insert += std::string("', ") + (replaces ? "1" : "0") + ", " + std::to_string(here.size()) + ", ";
  insert += joined(here, "NEW.") + ")";
  std::string trigger = "CREATE TRIGGER " + quoted("recorded_" + table + change);
  trigger += std::string(" AFTER ") + change + " ON " + quoted(table);
  trigger += " BEGIN " + insert + "; END";
  execute(database, trigger);
}

// One table takes the rows of all, however wide: `cells` says how many columns of it a row fills.
void add_recording(sqlite3* database) {
  const auto names = tables(database);
  std::size_t widest = 0;
  for (const auto& name : names) widest = std::max(widest, columns(database, name).size());
  execute(database, "CREATE TABLE recorded (number INTEGER PRIMARY KEY, name TEXT, replaces INTEGER, cells INTEGER, " +
                        numbered("v", widest) + ")");
  for (const auto& name : names) {
    add_copying(database, name, "INSERT", false);
    add_copying(database, name, "UPDATE", true);
    execute(database, "CREATE TRIGGER " + quoted("recorded_" + name + "DELETE") + " AFTER DELETE ON " + quoted(name) +
                          " BEGIN SELECT RAISE(ABORT, 'the rival by hand deletes nothing'); END");
  }
}

Database made(const std::string& path) {
  sqlite::open({.path = path});
  auto database = open_database(path);
  add_recording(database.get());
  return database;
}

Cell cell(sqlite3_stmt* row, int place) {
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, place));
  switch (sqlite3_column_type(row, place)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(row, place)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(row, place);
    case SQLITE_TEXT:
      return std::string(reinterpret_cast<const char*>(sqlite3_column_text(row, place)), size);
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, place));
      return size == 0 ? std::vector<char>{} : std::vector<char>(bytes, bytes + size);
    }
    default:
      return std::monostate{};
  }
}

// The cells outlive the statement's step.
struct Bind {
  sqlite3_stmt* statement;
  int place;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, place); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, place, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, place, value); }
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const std::vector<char>& bytes) const {
    return bytes.empty() ? sqlite3_bind_zeroblob(statement, place, 0)
                         : sqlite3_bind_blob64(statement, place, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
};

}  // namespace

Recorder::Recorder(const std::string& path, const Config& config)
    : database_(made(path)), since_(prepare(database_.get(), "SELECT * FROM recorded WHERE number > ?1")) {
  engine_ = std::make_unique<Engine>(engine_on_file(path, config));
}

RecordedRows Recorder::rows() {
  check(sqlite3_bind_int64(since_.get(), 1, last_), database_.get());
  RecordedRows rows;
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(since_.get())) == SQLITE_ROW) {
    last_ = sqlite3_column_int64(since_.get(), 0);
    RecordedRow row{reinterpret_cast<const char*>(sqlite3_column_text(since_.get(), 1)),
                    sqlite3_column_int(since_.get(), 2) != 0,
                    {}};
    const int cells = sqlite3_column_int(since_.get(), 3);
    for (int i = 0; i < cells; ++i) row.cells.push_back(cell(since_.get(), 4 + i));
    rows.push_back(std::move(row));
  }
  check(result, database_.get());
  check(sqlite3_reset(since_.get()), database_.get());
  return rows;
}

// The settings of the adapter's writer: page size, log and encoding are the file's own, which the adapter made.
HandWritten::HandWritten(const std::string& path) {
  const sqlite::Options adapter{.path = path};
  sqlite::open(adapter);
  database_ = open_database(path);
  auto* opened = database_.get();
  for (const auto& setting : {std::string("synchronous = FULL"), std::string("foreign_keys = ON"),
                              std::string("recursive_triggers = ON"), std::string("temp_store = MEMORY"),
                              std::string("secure_delete = ON"), "cache_size = -" + std::to_string(adapter.cache_kib),
                              "wal_autocheckpoint = " + std::to_string(adapter.checkpoint_pages)})
    execute(opened, "PRAGMA " + setting);
  begin_ = prepare(opened, "BEGIN IMMEDIATE");
  commit_ = prepare(opened, "COMMIT");
}

sqlite3_stmt* HandWritten::insert(const RecordedRow& row) {
  for (const auto& known : inserts_)
    if (known.table == row.table && known.replaces == row.replaces) return known.statement.get();
  const auto names = columns(database_.get(), row.table);
  inserts_.push_back(
      {row.table, row.replaces,
       prepare(database_.get(), std::string(row.replaces ? "REPLACE" : "INSERT") + " INTO " + quoted(row.table) + " (" +
                                    joined(names, "") + ") VALUES (" + numbered("?", names.size()) + ")")});
  return inserts_.back().statement.get();
}

void HandWritten::write(const RecordedRows& rows) {
  auto* opened = database_.get();
  run(opened, begin_.get());
  for (const auto& row : rows) {
    auto* statement = insert(row);
    int place = 0;
    for (const auto& value : row.cells) check(std::visit(Bind{statement, ++place}, value), opened);
    run(opened, statement);
  }
  run(opened, commit_.get());
}

std::string row_counts(const std::string& path) {
  const auto database = open_database(path);
  std::string counts;
  for (const auto& name : tables(database.get()))
    counts += name + " " + column(database.get(), "SELECT count(*) FROM " + quoted(name)).front() + ", ";
  return counts;
}

}  // namespace claimledger::benchmarks
