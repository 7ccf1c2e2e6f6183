#include "sqlite_places.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

namespace claimledger::conformance {

namespace {

namespace fs = std::filesystem;

// A folder of this process, removed at its end.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "claimledger-conformance-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) throw std::runtime_error("no temporary folder at " + path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A connection that knows nothing of ledgers.
class Raw {
 public:
  explicit Raw(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) fail();
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  ~Raw() { sqlite3_close_v2(connection_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  // The first column of the first row; empty if there is none.
  std::string value(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) fail();
    std::string found;
    if (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      found.assign(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_finalize(statement);
    return found;
  }
  void set(const std::string& sql, const std::string& bytes) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) fail();
    sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_changes(connection_) != 1) fail();
    sqlite3_finalize(statement);
  }

 private:
  [[noreturn]] void fail() { throw std::runtime_error(std::string("damaging: ") + sqlite3_errmsg(connection_)); }

  sqlite3* connection_ = nullptr;
};

void drop_guards(Raw& raw) {
  raw.run("PRAGMA foreign_keys = OFF");
  for (;;) {
    const auto trigger = raw.value("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1");
    if (trigger.empty()) return;
    raw.run("DROP TRIGGER \"" + trigger + "\"");
  }
}

void flip(Raw& raw, const std::string& column, const std::string& where) {
  auto bytes = raw.value("SELECT " + column + " FROM entry" + where);
  if (bytes.empty()) throw std::runtime_error("nothing to damage in " + column);
  bytes[bytes.size() / 2] ^= 1;
  raw.set("UPDATE entry SET " + column + " = ?1" + where, bytes);
}

// The database at `path`, or the only one in the folder there.
std::string database_at(const std::string& path) {
  if (!fs::is_directory(path)) return path;
  for (const auto& file : fs::directory_iterator(path)) {
    if (file.path().extension() == ".db") return file.path().string();
  }
  throw std::runtime_error("no database in " + path);
}

}  // namespace

std::string sqlite_path(const std::string& place) {
  static const Folder folder;
  return folder.path() + "/" + place + ".db";
}

void remove_sqlite(const std::string& place) {
  for (const auto ending : {"", "-wal", "-shm", "-lock"}) fs::remove_all(sqlite_path(place) + ending);
}

void damage_sqlite(const std::string& path, const Damage& damage) {
  Raw raw(database_at(path));
  drop_guards(raw);
  const auto seq = std::to_string(damage.entry.value);
  const auto where = " WHERE agent_id = (SELECT agent_id FROM agent WHERE name = '" + damage.agent.value +
                     "') AND stream_seq = " + seq;
  switch (damage.kind) {
    case DamageKind::flip_body:
      return flip(raw, "body", where);
    case DamageKind::flip_content:
      return flip(raw, "content", where);
    case DamageKind::flip_hash:
      return flip(raw, "hash", where);
    case DamageKind::unknown_kind:
      return raw.run("UPDATE entry SET kind = 250" + where);
    case DamageKind::unknown_disposition:
      return raw.run("UPDATE entry SET disposition = 250" + where);
    case DamageKind::remove_entry:
      return raw.run("DELETE FROM entry" + where);
    case DamageKind::remove_content:
      return raw.run("UPDATE entry SET salt = NULL, content = NULL, search_text = NULL" + where);
  }
}

std::shared_ptr<void> hold_sqlite_write(const std::string& path) {
  auto writer = std::make_shared<Raw>(path);
  writer->run("BEGIN IMMEDIATE; INSERT INTO agent (name) VALUES ('somebody else')");
  return writer;
}

}  // namespace claimledger::conformance
