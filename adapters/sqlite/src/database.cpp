#include "database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <thread>

#include "claimledger/adapter/call_check.hpp"
#include "errors.hpp"

namespace claimledger::sqlite {

namespace {

// A running statement checks its deadline every so many steps of the virtual machine, about 50 µs.
constexpr int steps_between_checks = 4'000;

// A path is a path: SQLite reads some names in its own way ("file:…", ":memory:"), but none that begins like this.
std::string plain_name(const std::string& path) {
  return path.starts_with('/') || path == ":memory:" ? path : "./" + path;
}

// Characters that mean something in a URI. The empty host keeps two slashes from being read as one.
std::string uri(const std::string& path) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = path.starts_with('/') ? "file://" : "file:";
  for (const char c : plain_name(path)) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

std::int64_t clamped(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, std::uint64_t{std::numeric_limits<std::int64_t>::max()}));
}

}  // namespace

void Closer::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void Finalizer::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(const std::string& path, Access access, std::chrono::milliseconds busy_timeout)
    : busy_timeout_(busy_timeout) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const bool writes = access == Access::create || access == Access::write;
  flags |= writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
  if (access == Access::immutable) flags |= SQLITE_OPEN_URI;
  sqlite3* opened = nullptr;
  const auto name = access == Access::immutable ? uri(path) : plain_name(path);
  const int result = sqlite3_open_v2(name.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (result != SQLITE_OK) fail(opened, result, operation_);
  if (writes && sqlite3_db_readonly(opened, "main") != 0) fail(nullptr, SQLITE_READONLY, operation_);
  check(sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
  check(sqlite3_wal_autocheckpoint(opened, 0));
  check(sqlite3_busy_handler(opened, &Database::wait, this));
}

void Database::configure(std::size_t cache_kib) {
  execute("PRAGMA synchronous = FULL");
  execute("PRAGMA foreign_keys = ON");
  execute("PRAGMA recursive_triggers = ON");
  execute("PRAGMA temp_store = MEMORY");
  execute("PRAGMA secure_delete = ON");  // overwrite erased content
  execute("PRAGMA cache_size = -" + std::to_string(cache_kib));
  sqlite3_wal_hook(
      connection_.get(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Database*>(self)->log_frames_ = static_cast<std::uint32_t>(frames);
        return SQLITE_OK;
      },
      this);
}

void Database::use_write_ahead_log() {
  if (const auto mode = pragma("journal_mode = WAL"); mode != "wal") {
    throw StoreFailure(FailureKind::unreachable, operation_,
                       "no write-ahead log is possible here; the journal is '" + mode + "'");
  }
  pragma("schema_version");  // the log is opened by the first read
  if (auto* log = log_of(connection_.get())) keep_log_size(log);
}

int Database::wait(void* self, int tries) {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) database.waiting_since_ = now;
  if (now - database.waiting_since_ >= database.busy_timeout_ || over(self) != 0) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 + tries, 20)));
  return 1;
}

int Database::over(void* self) {
  const auto* call = static_cast<Database*>(self)->call_;
  if (!call) return 0;
  const bool late = call->deadline && std::chrono::steady_clock::now() >= *call->deadline;
  return late || call->stop.stop_requested() ? 1 : 0;
}

void Database::set_call(const Call* call, const char* operation) {
  call_ = call;
  operation_ = operation;
  const bool limited = call && (call->deadline || call->stop.stop_possible());
  sqlite3_progress_handler(connection_.get(), limited ? steps_between_checks : 0, limited ? &Database::over : nullptr,
                           this);
}

sqlite3_stmt* Database::prepared(Query query) {
  auto& statement = statements_[static_cast<std::size_t>(query)];
  if (!statement) {
    const auto text = statements[static_cast<std::size_t>(query)];
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v3(connection_.get(), text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                             &made, nullptr));
    statement.reset(made);
  }
  return statement.get();
}

void Database::execute(const std::string& sql) {
  check(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::string Database::pragma(const std::string& name) {
  const auto text = "PRAGMA " + name;
  sqlite3_stmt* made = nullptr;
  check(sqlite3_prepare_v2(connection_.get(), text.c_str(), -1, &made, nullptr));
  const std::unique_ptr<sqlite3_stmt, Finalizer> statement(made);
  const int result = sqlite3_step(made);
  if (result != SQLITE_ROW) {
    check(result);
    return {};
  }
  const auto* value = sqlite3_column_text(made, 0);
  return value ? reinterpret_cast<const char*>(value) : "";
}

void Database::check(int result_code) {
  if (result_code == SQLITE_OK || result_code == SQLITE_DONE || result_code == SQLITE_ROW) return;
  failed_with_ = result_code;
  const int primary = result_code & 0xFF;
  if (call_ && (primary == SQLITE_BUSY || primary == SQLITE_INTERRUPT)) adapter::check(*call_, operation_);
  fail(connection_.get(), result_code, operation_);
}

// The frame that commits is the last to be written, and the flush comes after it. Only where a sector can be damaged by
// a write beside it does SQLite go on writing, to fill the sector.
bool Database::ran_out_of_room() const {
  int nothing_follows = -1;  // asks instead of setting
  return is_out_of_room(failed_with_) &&
         sqlite3_file_control(handle(), "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &nothing_follows) == SQLITE_OK &&
         nothing_follows == 1;
}

std::unique_ptr<Database> open_to_write(const std::string& path, std::chrono::milliseconds busy_timeout,
                                        std::size_t cache_kib) {
  auto database = std::make_unique<Database>(path, Access::write, busy_timeout);
  database->use_write_ahead_log();
  database->configure(cache_kib);
  return database;
}

Bytes::Bytes(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) {  // it would wait for somebody to write into it
    error_ = EINVAL;
    return;
  }
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(plain_name(path).c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (result == SQLITE_OK) sqlite3_file_control(opened, "main", SQLITE_FCNTL_FILE_POINTER, &file_);
  if (!file_) error_ = opened && sqlite3_system_errno(opened) != 0 ? sqlite3_system_errno(opened) : EIO;
}

std::optional<std::string> Bytes::read(std::int64_t at, std::size_t count) const {
  if (!file_) return std::nullopt;
  std::string bytes(count, '\0');
  const int read = file_->pMethods->xRead(file_, bytes.data(), static_cast<int>(count), at);
  if (read == SQLITE_IOERR_SHORT_READ) return std::string();
  return read == SQLITE_OK ? std::optional(std::move(bytes)) : std::nullopt;
}

Run::~Run() { sqlite3_reset(statement_); }

bool Run::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) database_.check(result);
  return false;
}

std::int64_t Run::integer(int column) const { return sqlite3_column_int64(statement_, column); }
bool Run::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string_view Run::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Run::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Run::bind(int place, std::int64_t value) { database_.check(sqlite3_bind_int64(statement_, place, value)); }
void Run::bind(int place, Position value) { bind(place, clamped(value.value)); }
void Run::bind(int place, TxTime value) { bind(place, std::int64_t{value.value.time_since_epoch().count()}); }
void Run::bind(int place, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();  // a null pointer would bind NULL
  database_.check(sqlite3_bind_text64(statement_, place, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}
void Run::bind(int place, Blob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  database_.check(sqlite3_bind_blob64(statement_, place, data, blob.bytes.size(), SQLITE_STATIC));
}
void Run::bind(int place, const Uuid& id) {
  bind(place, Blob{{reinterpret_cast<const char*>(id.data), sizeof id.data}});
}
void Run::bind(int place, const Digest& digest) { bind(place, Blob{digest.view()}); }
void Run::bind(int place, std::nullopt_t) { database_.check(sqlite3_bind_null(statement_, place)); }

Transaction::~Transaction() {
  if (!open_) return;
  database_.set_call(nullptr, database_.operation());  // a rollback is not interrupted
  database_.agents.clear();                            // they may have been numbered in vain
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    sqlite3_stmt* rollback = nullptr;
    try {
      rollback = database_.prepared(Query::rollback);
    } catch (const StoreFailure&) {
      return;  // the connection is beyond use; closing it rolls back
    }
    sqlite3_step(rollback);
    sqlite3_reset(rollback);
  }
}

void Transaction::commit() {
  database_.set_call(nullptr, database_.operation());  // from here on it lands
  Run(database_, Query::commit).once();
  open_ = false;
}

}  // namespace claimledger::sqlite
