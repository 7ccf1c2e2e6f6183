#include "checkpoints.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <system_error>

#include "log_file.hpp"

namespace claimledger::sqlite {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t frame_size = 4096 + 24;
// A log is made longer by so much at a time, once fewer frames than these are left of it.
constexpr std::int64_t step = 1024 * 1024;
constexpr std::uint32_t frames_left = 64;
// While the thread has the turn, writers wait for it: so long at most for readers, and to copy so many frames.
constexpr milliseconds readers_timeout{5};
constexpr std::uint32_t few_frames = 400;
constexpr int rounds = 3;
constexpr std::size_t cache_kib = 64;

int checkpoint(Database& database, int mode) {
  return sqlite3_wal_checkpoint_v2(database.handle(), "main", mode, nullptr, nullptr);
}

bool flush_database(Database& database) {
  sqlite3_file* file = nullptr;
  return sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
         file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

// The thread starts with all signals blocked: the program's signals are for its own threads.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

void write_mark(Database& database, const std::string& mark) { database.execute("PRAGMA user_version = " + mark); }

}  // namespace

void repeat_mark(Database& database) { write_mark(database, database.pragma("user_version")); }

// If this begins a log, that has to begin with the mark which the database has.
void set_mark(Database& database) {
  repeat_mark(database);
  std::int32_t mark = 0;
  sqlite3_randomness(sizeof mark, &mark);
  write_mark(database, std::to_string(mark));
}

Checkpoints::Checkpoints(const Options& options, WriterLock& lock, const OpenFiles& files)
    : options_(options), lock_(lock), files_(files), copy_at_(options.checkpoint_pages), lengthen_at_(frames_left) {}

void Checkpoints::stop() {
  if (!thread_.joinable()) return;
  if (process_ != getpid()) return thread_.detach();
  thread_.request_stop();
  thread_.join();
  copier_.reset();
  reader_.reset();
}

void Checkpoints::require_sound_index(Database& writer, FailureKind kind) const {
  files_.require_sound(writer.log_index(), writer.operation(), kind);
}

void Checkpoints::require_whole_log(Database& writer) const {
  require_sound_index(writer, FailureKind::unreachable);
  if (!writer.log_index().agrees_with_log()) files_.fail(writer.operation());
}

// Where the log is empty, all is in the database.
std::string Checkpoints::mark_of_both(Database& writer) const {
  auto mark = writer.pragma("user_version");
  const auto in_file = writer.log_index().mark_in_file();
  if (in_file && std::to_string(*in_file) != mark) files_.fail(writer.operation());
  return mark;
}

void Checkpoints::require_own_files(Database& writer) const {
  require_whole_log(writer);
  if (writer.log_index().frames() == 0) mark_of_both(writer);
}

void Checkpoints::begin(Database& writer) {
  require_whole_log(writer);
  if (writer.log_index().frames() == 0) write_mark(writer, mark_of_both(writer));
}

bool Checkpoints::may_copy(Database& database) const {
  const auto& index = database.log_index();
  if (!files_.same() || index.state() != IndexState::sound || !index.agrees_with_log()) return false;
  if (!index.knows_pages()) files_.give_up_index();
  if (!index.builds_on_database() && !log_belongs(options_.path)) files_.give_up();
  return files_.same();
}

void Checkpoints::committed(Database& writer) {
  const auto frames = writer.log_frames();
  frames_ = frames;
  if (running_) return;
  if (frames + options_.checkpoint_pages < copy_at_) copy_at_ = options_.checkpoint_pages;  // it started over
  if (frames >= copy_at_) return start(Work::copy, writer);
  if (frames >= lengthen_at_) start(Work::lengthen, writer);
}

void Checkpoints::start(Work work, Database& writer) {
  if (thread_.joinable()) thread_.join();  // it has ended
  running_ = true;
  process_ = getpid();
  const NoSignals no_signals;
  try {
    thread_ = std::jthread([this, work](const std::stop_token& stop) { run(work, stop); });
  } catch (const std::system_error&) {
    running_ = false;
    if (work == Work::copy) empty(writer, milliseconds{0});
  }
}

// Other writers or readers, or a full disk, may prevent the copy. The next attempt follows when the log has grown by
// checkpoint_pages frames again.
void Checkpoints::run(Work work, const std::stop_token& stop) noexcept {
  try {
    const Call call{.stop = stop};
    connect();
    work == Work::copy ? copy(call) : lengthen(call);
  } catch (...) {
    copier_.reset();
    reader_.reset();
    if (work == Work::copy) copy_at_ = frames_ + options_.checkpoint_pages;
    if (work == Work::lengthen) lengthen_at_ = frames_ + frames_left;
  }
  running_ = false;
}

std::int64_t Checkpoints::kept_size() const {
  const auto frames = std::int64_t{options_.checkpoint_pages} * 5 / 4;  // some come while it is copied
  return (frames * frame_size / step + 2) * step;
}

void Checkpoints::connect() {
  for (auto* connection : {&copier_, &reader_}) {
    if (*connection) continue;
    *connection = open_to_write(options_.path, readers_timeout, cache_kib);
    // Nobody is told of these writes, so they may wait for a later flush.
    (*connection)->execute("PRAGMA synchronous = NORMAL");
  }
  files_.require_same("checkpoint");
}

void Checkpoints::lengthen(const Call& call) {
  auto* log = log_of(copier_->handle());
  if (!log) throw StoreFailure(FailureKind::unreachable, "checkpoint", "there is no log");
  std::int64_t size = 0;
  {
    const auto turn = lock_.acquire(call, "checkpoint", options_.busy_timeout);
    files_.require_same("checkpoint");
    size = log_size(log);
    const auto used = std::int64_t{frames_} * frame_size;
    if (size < kept_size() && size < used + frames_left * frame_size) {
      size = std::min(kept_size(), ((used + frames_left * frame_size) / step + 1) * step);
      if (!lengthen_log(log, size)) throw StoreFailure(FailureKind::exhausted, "checkpoint", "no room for the log");
    }
  }
  log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  lengthen_at_ = size >= kept_size() ? ~std::uint32_t{0} : static_cast<std::uint32_t>(size / frame_size) - frames_left;
}

void Checkpoints::copy(const Call& call) {
  Run(*copier_, Query::schema_version).once();  // so that it has the index as it is
  copier_->log_index().read_pages();
  for (int round = 0; round < rounds && !copy_beside_writers(call); ++round) {
  }
  const auto turn = lock_.acquire(call, "checkpoint", options_.busy_timeout);
  const bool emptied = empty(*copier_, readers_timeout);
  copy_at_ = emptied ? options_.checkpoint_pages : frames_ + options_.checkpoint_pages;
}

// A snapshot keeps the log from starting over as long as it lasts, so that the log can be copied up to there without
// the turn. It is begun behind one frame that the database lacks and before another: behind one, since a snapshot of a
// log that is copied already would be read from the database alone and keep nothing; before another, since otherwise
// the log could be copied as a whole. True: there is little left to copy.
bool Checkpoints::copy_beside_writers(const Call& call) {
  std::uint32_t first_left = 0;
  {
    auto turn = std::optional(lock_.acquire(call, "checkpoint", options_.busy_timeout));
    files_.require_same("checkpoint");
    if (log_is_empty(log_of(copier_->handle())) || !may_copy(*copier_)) return true;
    set_mark(*copier_);
    first_left = copier_->log_frames();
    Transaction snapshot(*reader_, Query::begin_read);
    Run(*reader_, Query::schema_version).once();
    repeat_mark(*copier_);
    turn.reset();
    checkpoint(*copier_, SQLITE_CHECKPOINT_PASSIVE);
    snapshot.commit();
  }
  flush_database(*copier_);
  return frames_ < first_left + few_frames;
}

bool Checkpoints::empty(Database& database, milliseconds timeout) try {
  const auto until = steady_clock::now() + timeout;
  auto* log = log_of(database.handle());
  if (!log || !may_copy(database)) return false;
  if (!log_is_empty(log)) set_mark(database);
  int result = checkpoint(database, SQLITE_CHECKPOINT_TRUNCATE);
  // Its busy handler waits for readers. For another checkpoint SQLite doesn't wait.
  for (int tries = 0; result == SQLITE_BUSY && steady_clock::now() < until; ++tries) {
    std::this_thread::sleep_for(milliseconds(std::min(1 + tries, 20)));
    result = checkpoint(database, SQLITE_CHECKPOINT_TRUNCATE);
  }
  // It may have been copied as a whole: then it does not stay so, or it starts over with the mark of its database.
  if (result == SQLITE_BUSY) repeat_mark(database);
  if (result != SQLITE_OK) return false;
  frames_ = 0;
  if (overwrite_ && overwrite_log(log)) overwrite_ = false;
  shorten_log(log, kept_size());
  return !overwrite_;
} catch (const StoreFailure&) {
  return false;
}

}  // namespace claimledger::sqlite
