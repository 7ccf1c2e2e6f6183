#include "log_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>

#include "database.hpp"
#include "errors.hpp"
#include "file_identity.hpp"
#include "log_frames.hpp"

namespace claimledger::sqlite {

namespace {

std::string path_of_log(const std::string& path) { return behind_links(path) + "-wal"; }

// The parts of a log that its check reads. Two equal looks mean an unchanged log.
struct Look {
  std::string header;
  std::string mark;
  bool belongs = true;
};

Look look(const std::string& path, const std::string& log_path) {
  const Bytes log(log_path);
  const auto header = log_header(log);
  Look found{header.is_one() ? header.bytes : "", mark_of_database(Bytes(path))};
  if (!header.is_whole()) return found;
  LogFrames frames(log, header.page_size());
  auto before = header.sum();
  while (const auto frame = frames.next()) {
    if (!frame->follows(header.salts(), before, header.first_byte_first())) break;
    before = frame->sum();
    if (frame->page_number() != 1) {
      if (frame->number == 1) break;  // another program began this log: nothing is known
      continue;
    }
    found.belongs = mark_in(frame->page) == found.mark;
    if (found.belongs) break;
  }
  return found;
}

// The methods of a log whose size is kept. It begins with a copy of those that it had, save one.
struct KeptSize {
  sqlite3_io_methods methods;
  const sqlite3_io_methods* original;
};

// Within SQLite's locks, after everything was copied: nobody reads the log, and nobody writes.
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const auto* original = reinterpret_cast<const KeptSize*>(file->pMethods)->original;
  if (size != 0) return original->xTruncate(file, size);
  if (log_size(file) == 0) return SQLITE_OK;
  static constexpr std::array<char, log_header_size> nothing{};
  return original->xWrite(file, nothing.data(), log_header_size, 0);
}

// Never destroyed: a store that was not closed may use it while the process ends.
const sqlite3_io_methods* with_kept_size(const sqlite3_io_methods* original) {
  static auto& mutex = *new std::mutex;
  static auto& all = *new std::list<KeptSize>;
  const std::scoped_lock lock(mutex);
  for (const auto& known : all) {
    if (known.original == original) return &known.methods;
  }
  auto& made = all.emplace_back(KeptSize{*original, original});
  made.methods.xTruncate = truncate;
  return &made.methods;
}

// Writes zeros from a place up to another.
bool write_zeros(sqlite3_file* log, std::int64_t from, std::int64_t to) {
  static constexpr std::array<char, 64 * 1024> zeros{};
  while (from < to) {
    const auto step = std::min<std::int64_t>(to - from, zeros.size());
    if (log->pMethods->xWrite(log, zeros.data(), static_cast<int>(step), from) != SQLITE_OK) return false;
    from += step;
  }
  return true;
}

}  // namespace

bool log_in_use(const std::string& path) {
  const auto name = path_of_log(path);
  const Bytes log(name);
  if (log.error() != 0 && log.error() != ENOENT) cannot_open(log.error(), "open", name);
  return log_header(log).is_one();
}

bool log_belongs(const std::string& path) { return log_belongs(path, path_of_log(path)); }

bool log_belongs(const std::string& path, const std::string& log) {
  constexpr int tries = 100;  // each fails only when a log is emptied or begun at that moment
  for (int i = 0; i < tries; ++i) {
    const auto found = look(path, log);
    if (found.belongs) return true;
    const auto again = look(path, log);
    if (again.header == found.header && again.mark == found.mark) return false;
  }
  return true;  // it is in use
}

sqlite3_file* log_of(sqlite3* connection) {
  sqlite3_file* log = nullptr;
  const int result = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return result == SQLITE_OK && log && log->pMethods ? log : nullptr;
}

bool log_is_empty(sqlite3_file* log) {
  std::array<char, 4> first{};
  return log->pMethods->xRead(log, first.data(), first.size(), 0) != SQLITE_OK ||
         !begins_log({first.data(), first.size()});
}

// The places are those of WalIndexHdr at https://sqlite.org/walformat.html, its numbers those of this machine.
LogIndex::LogIndex(sqlite3* connection) : log_(log_of(connection)) {
  constexpr int region = 32 * 1024;
  volatile void* bytes = nullptr;
  if (!log_) return;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &database_) != SQLITE_OK) return;
  if (database_->pMethods->xShmMap(database_, 0, region, 0, &bytes) != SQLITE_OK) return;
  bytes_ = static_cast<const char*>(const_cast<void*>(bytes));
}

template <class Number>
Number LogIndex::get(std::size_t place) const {
  Number number = 0;
  if (bytes_) std::memcpy(&number, bytes_ + place, sizeof number);
  return number;
}

// Of the first frames, which the first block of the index has: their pages, and a slot of its hash table for each.
bool LogIndex::has_places() const {
  constexpr std::size_t initialized_at = 12;
  constexpr std::size_t pages_at = 136;
  constexpr std::size_t most = 4062;
  constexpr std::size_t slots_at = 16 * 1024;
  constexpr std::size_t slots = 8192;
  if (bytes_[initialized_at] == 0) return false;
  const auto count = std::min<std::size_t>(frames(), most);
  std::array<std::uint32_t, most> pages{};
  std::array<std::uint16_t, slots> taken{};
  std::memcpy(pages.data(), bytes_ + pages_at, count * sizeof pages[0]);
  std::memcpy(taken.data(), bytes_ + slots_at, sizeof taken);
  return std::find(pages.begin(), pages.begin() + count, 0U) == pages.begin() + count &&
         std::count(taken.begin(), taken.end(), 0U) <= static_cast<std::ptrdiff_t>(slots - count);
}

// A log that starts over gets another header first.
bool LogIndex::is_whole() const {
  using Header = std::array<char, 48>;
  constexpr int tries = 100;
  for (int i = 0; bytes_ && i < tries; ++i) {
    Header before{};
    Header after{};
    std::memcpy(before.data(), bytes_, sizeof before);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (has_places()) return true;
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::memcpy(after.data(), bytes_, sizeof after);
    if (before == after) return false;
  }
  return true;
}

std::uint32_t LogIndex::frames() const { return get<std::uint32_t>(16); }

std::int64_t LogIndex::bytes_of(std::uint32_t frames) const {
  const auto page = get<std::uint16_t>(14);  // 1: of 65,536 bytes
  const auto size = std::int64_t{frame_header_size} + (page == 1 ? 65'536 : page);
  return std::int64_t{log_header_size} + std::int64_t{frames} * size;
}

bool LogIndex::agrees_with_log() const {
  const auto count = frames();
  if (count == 0) return true;
  std::array<char, 8> sum{};
  if (log_->pMethods->xRead(log_, sum.data(), sum.size(), bytes_of(count - 1) + 16) != SQLITE_OK) return false;
  const std::string_view bytes(sum.data(), sum.size());
  return number_at(bytes, 0) == get<std::uint32_t>(24) && number_at(bytes, 4) == get<std::uint32_t>(28);
}

namespace {

std::optional<std::int32_t> mark_of(sqlite3_file* file, std::int64_t at) {
  std::array<char, 4> mark{};
  if (!file || file->pMethods->xRead(file, mark.data(), mark.size(), at) != SQLITE_OK) return std::nullopt;
  return static_cast<std::int32_t>(number_at({mark.data(), mark.size()}, 0));
}

}  // namespace

std::optional<std::int32_t> LogIndex::mark_in_file() const { return mark_of(database_, mark_at); }

bool LogIndex::builds_on_database() const {
  const auto mark = mark_in_file();
  return frames() == 0 || (mark && mark == mark_of(log_, log_header_size + frame_header_size + mark_at));
}

void keep_log_size(sqlite3_file* log) {
  if (log->pMethods->xTruncate != truncate) log->pMethods = with_kept_size(log->pMethods);
}

std::int64_t log_size(sqlite3_file* log) {
  sqlite3_int64 size = 0;
  return log->pMethods->xFileSize(log, &size) == SQLITE_OK ? std::int64_t{size} : 0;
}

bool lengthen_log(sqlite3_file* log, std::int64_t bytes) { return write_zeros(log, log_size(log), bytes); }

bool shorten_log(sqlite3_file* log, std::int64_t bytes) {
  return log_size(log) <= bytes || log->pMethods->xTruncate(log, bytes) == SQLITE_OK;
}

bool overwrite_log(sqlite3_file* log) {
  // From its end: its first frame tells an emptied log from a damaged one.
  constexpr std::int64_t part = 64 * 1024;
  for (auto end = log_size(log); end > 0; end -= part) {
    if (!write_zeros(log, std::max(end - part, std::int64_t{0}), end)) return false;
  }
  return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

}  // namespace claimledger::sqlite
