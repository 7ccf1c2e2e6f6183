#include "log_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

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

namespace {

// Of memory that all processes share and that somebody may be writing, without a lock for who reads: whoever does looks
// again whether it changed meanwhile, as SQLite itself does, which ThreadSanitizer does not see. To it that is a race.
#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize("thread"), noinline))
#endif
void copy_shared(void* to, const volatile char* from, std::size_t size) {
#ifdef __SANITIZE_THREAD__
  for (std::size_t i = 0; i < size; ++i) static_cast<volatile char*>(to)[i] = from[i];
#else
  std::memcpy(to, const_cast<const char*>(from), size);
#endif
}

}  // namespace

// A block of an index: the pages that some frames are of, and a hash table by which the frames of a page are found. See
// "The WAL-Index File Format" at https://sqlite.org/walformat.html.
class IndexBlock {
 public:
  static constexpr std::size_t size = 32 * 1024;

  // Blocks hold the frames in their order; the first has room for fewer, behind the header. So many frames are in
  // those up to this one.
  static std::uint32_t end(std::size_t block) {
    return static_cast<std::uint32_t>((block + 1) * pages - header / sizeof(Page));
  }

  // Its first frames.
  void read(std::size_t block, const char* bytes, std::size_t frames) {
    frames_ = frames;
    copy_shared(pages_.data(), bytes + (block == 0 ? header : 0), frames * sizeof(Page));
    copy_shared(slots_.data(), bytes + pages * sizeof(Page), sizeof slots_);
  }

  // Whether each of them is found once, and by its page: in the slot that the page leads to, or behind it with no empty
  // slot between. What was overwritten says something else of some.
  bool finds_all() const {
    std::size_t run = 0;  // slots in use before this one; the first comes after the last
    while (run < slots && slots_[slots - 1 - run] != 0) ++run;
    if (run == slots) return false;
    std::bitset<pages> found;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      if (slot % at_once == 0 && nothing_at(slot)) {
        slot += at_once - 1;
        run = 0;
        continue;
      }
      const std::size_t number = slots_[slot];
      if (number != 0 && number <= frames_) {
        const auto page = pages_[number - 1];
        const auto behind = (slot - page * std::size_t{spread}) % slots;
        if (page == 0 || behind > run || found[number - 1]) return false;
        found[number - 1] = true;
      }
      run = number == 0 ? 0 : run + 1;
    }
    return found.count() == frames_;
  }

  // The same for one that is an earlier one, which finds all of its frames, with some more: only these are looked at.
  // No also where it may be another, and then finds_all() tells. On the way of each read.
  bool finds_what_came_after(const IndexBlock& earlier) const {
    if (frames_ < earlier.frames_) return false;
    if (!std::equal(pages_.begin(), pages_.begin() + static_cast<std::ptrdiff_t>(earlier.frames_),
                    earlier.pages_.begin()))
      return false;
    std::bitset<pages> found;
    for (std::size_t some = 0; some < slots; some += at_once_equal) {
      if (std::memcmp(&slots_[some], &earlier.slots_[some], at_once_equal * sizeof(Slot)) == 0) continue;
      for (auto slot = some; slot < some + at_once_equal; ++slot) {
        const std::size_t number = slots_[slot];
        if (number == earlier.slots_[slot]) continue;
        if (earlier.slots_[slot] != 0 || number <= earlier.frames_) return false;
        if (number > frames_) continue;
        if (found[number - 1] || !is_reached(slot, pages_[number - 1])) return false;
        found[number - 1] = true;
      }
    }
    return found.count() == frames_ - earlier.frames_;
  }

  std::uint32_t page(std::size_t frame) const { return pages_[frame]; }

 private:
  using Page = std::uint32_t;
  using Slot = std::uint16_t;  // the number of a frame in its block, from 1; 0: empty
  static constexpr std::size_t header = 136;
  static constexpr std::size_t pages = 4096;
  static constexpr std::size_t slots = 2 * pages;
  static constexpr std::size_t spread = 383;
  static constexpr std::size_t at_once = 4;
  static constexpr std::size_t at_once_equal = 64;

  bool nothing_at(std::size_t slot) const {
    std::uint64_t some = 0;
    static_assert(sizeof some == at_once * sizeof(Slot));
    std::memcpy(&some, &slots_[slot], sizeof some);
    return some == 0;
  }
  // Whether a page leads to a slot, with none that is empty between.
  bool is_reached(std::size_t slot, Page page) const {
    for (auto at = page * std::size_t{spread} % slots; at != slot; at = (at + 1) % slots) {
      if (slots_[at] == 0) return false;
    }
    return page != 0;
  }

  std::size_t frames_ = 0;
  std::array<Page, pages> pages_;
  std::array<Slot, slots> slots_;
};

constexpr std::size_t salts_at = 32;  // in the index

LogIndex::~LogIndex() = default;

// The places are those of WalIndexHdr at https://sqlite.org/walformat.html, its numbers those of this machine.
LogIndex::LogIndex(sqlite3* connection) : log_(log_of(connection)) {
  if (!log_) return;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &database_) != SQLITE_OK) return;
  bytes_ = block(0);
}

const char* LogIndex::block(std::size_t number) const {
  volatile void* bytes = nullptr;
  const auto place = static_cast<int>(number);
  if (database_->pMethods->xShmMap(database_, place, IndexBlock::size, 0, &bytes) != SQLITE_OK) return nullptr;
  return static_cast<const char*>(const_cast<void*>(bytes));
}

bool LogIndex::read_block(std::size_t number, std::size_t frames) const {
  const auto* bytes = block(number);
  if (!bytes) return false;
  if (!block_) block_ = std::make_unique_for_overwrite<IndexBlock>();
  block_->read(number, bytes, frames);
  return true;
}

template <class Number>
Number LogIndex::get(std::size_t place) const {
  Number number = 0;
  if (bytes_) copy_shared(&number, bytes_ + place, sizeof number);
  return number;
}

bool LogIndex::has_places() const {
  constexpr std::size_t initialized_at = 12;
  if (get<char>(initialized_at) == 0) return false;
  const auto count = frames();
  std::uint32_t before = 0;
  for (std::size_t number = 0; before < count; ++number) {
    const auto end = std::min(count, IndexBlock::end(number));
    if (!read_block(number, end - before)) return false;
    if (number == blocks_.size()) blocks_.emplace_back();
    auto& earlier = blocks_[number];
    if (!(earlier && block_->finds_what_came_after(*earlier)) && !block_->finds_all()) return false;
    std::swap(earlier, block_);
    before = end;
  }
  return true;
}

// Each log has salts of its own, also one that starts over.
bool LogIndex::is_of_log(const Seen& said) const {
  constexpr std::int64_t at = 16;
  if (said.frames == 0) return true;
  std::array<char, sizeof said.salts> of_log{};
  return log_->pMethods->xRead(log_, of_log.data(), of_log.size(), at) == SQLITE_OK &&
         std::memcmp(of_log.data(), &said.salts, sizeof said.salts) == 0;
}

IndexState LogIndex::state_as_said(const Seen& said) const {
  if (!has_places()) return IndexState::overwritten;
  if (!is_of_log(said)) return IndexState::of_another_log;
  const bool of_earlier = said.salts == seen_.salts && said.frames < seen_.frames;
  return of_earlier || !has_copied(said) ? IndexState::overwritten : IndexState::sound;
}

template <class Visit>
bool LogIndex::each_frame(std::uint32_t from, std::uint32_t count, Visit visit) const {
  std::uint32_t before = 0;
  for (std::uint32_t frame = from, number = 0; frame < count; ++number) {
    const auto end = std::min(count, IndexBlock::end(number));
    if (frame < end) {
      if (!read_block(number, end - before)) return false;
      for (; frame < end; ++frame)
        if (!visit(frame, block_->page(frame - before))) return false;
    }
    before = end;
  }
  return true;
}

// A frame stands as it is until the log starts over, with other salts.
bool LogIndex::read_pages() const {
  const auto salts = get<std::uint64_t>(salts_at);
  if (std::exchange(salts_of_pages_, salts) != salts) pages_.clear();
  const auto count = frames();
  std::array<char, 4> said{};
  while (pages_.size() < count) {
    const auto at = bytes_of(static_cast<std::uint32_t>(pages_.size()));
    if (log_->pMethods->xRead(log_, said.data(), said.size(), at) != SQLITE_OK) return false;
    pages_.push_back(number_at({said.data(), said.size()}, 0));
  }
  if (get<std::uint64_t>(salts_at) != salts) pages_.clear();  // it started over meanwhile
  return true;
}

bool LogIndex::knows_pages() const {
  const auto all_agree = [&] {
    return read_pages() && each_frame(0, frames(), [&](auto frame, auto page) { return pages_.at(frame) == page; });
  };
  if (all_agree()) return true;
  pages_.clear();  // a recovery may have cut off frames that were read, and others stand there now
  return all_agree();
}

// So many frames count as copied: they are read in the database, written over in the log, and never copied again. So
// the database has to have each that is the last of its page, or one after it, which somebody may be copying.
bool LogIndex::has_copied(const Seen& said) const {
  constexpr std::size_t pages_at = 20;
  if (said.frames == 0) return true;
  if (said.copied > said.frames) return false;
  const auto known = said.salts == seen_.salts ? seen_.copied : 0;
  const auto from = said.copied < known ? 0 : known;
  std::unordered_map<std::uint32_t, std::uint32_t> last;
  if (from == said.copied) return true;
  if (!each_frame(from, said.frames, [&](auto frame, auto page) { return last.insert_or_assign(page, frame), true; }))
    return false;
  const auto pages = get<std::uint32_t>(pages_at);
  return std::ranges::all_of(last, [&](const auto& each) {
    const auto& [page, frame] = each;
    return page > pages || frame >= said.copied || is_in_database(page, frame);
  });
}

bool LogIndex::is_in_database(std::uint32_t page, std::uint32_t frame) const {
  constexpr int tries = 100;  // somebody may be writing the page
  const std::int64_t header = frame_header_size;
  const auto size = static_cast<std::size_t>(bytes_of(1) - bytes_of(0) - header);
  std::string in_database(size, '\0');
  std::string in_log(size, '\0');
  const auto read = [&](sqlite3_file* file, std::string& bytes, std::int64_t at) {
    return file->pMethods->xRead(file, bytes.data(), static_cast<int>(size), at) == SQLITE_OK;
  };
  for (int i = 0; i < tries; ++i) {
    if (!read(database_, in_database, static_cast<std::int64_t>(size) * (page - 1))) continue;
    const bool other = each_frame(frame, frames(), [&](std::uint32_t later, std::uint32_t of) {
      return of != page || !read(log_, in_log, bytes_of(later) + header) || in_log != in_database;
    });
    if (!other) return true;
  }
  return false;
}

// A log that starts over gets another header first.
IndexState LogIndex::state() const {
  using Header = std::array<char, 48>;
  constexpr std::size_t copied_at = 96;
  constexpr int tries = 100;
  for (int i = 0; bytes_ && i < tries; ++i) {
    Header before{};
    Header after{};
    copy_shared(before.data(), bytes_, sizeof before);
    database_->pMethods->xShmBarrier(database_);
    const Seen said{get<std::uint64_t>(salts_at), frames(), get<std::uint32_t>(copied_at)};
    const auto found = state_as_said(said);
    database_->pMethods->xShmBarrier(database_);
    copy_shared(after.data(), bytes_, sizeof after);
    if (found == IndexState::sound && before == after) seen_ = said;
    if (found == IndexState::sound || before == after) return found;
  }
  return IndexState::sound;
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
