#include "ledger_file.hpp"

#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <optional>

#include "appending.hpp"
#include "call_check.hpp"
#include "errors.hpp"
#include "reading.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

// Read connections kept for the next reader; more are opened while more read at once.
constexpr std::size_t readers_kept = 8;

// Copies the log into the database. False when somebody still reads an older part of it, or the disk fails.
bool checkpoint(Database& database, int mode) {
  int frames = 0;
  int copied = 0;
  const int result = sqlite3_wal_checkpoint_v2(database.handle(), "main", mode, &frames, &copied);
  return result == SQLITE_OK && frames == copied;
}

}  // namespace

LedgerFile::LedgerFile(Options options) : options_(std::move(options)), lock_(in_memory() ? "" : options_.path) {
  checkpoint_at_ = options_.checkpoint_pages;
  if (in_memory()) {
    writer_ = std::make_unique<Database>(options_.path, Access::create, options_.busy_timeout);
    apply_migrations(*writer_, migrations::sqlite());
    writer_->configure(options_.cache_kib);
    return;
  }
  auto found = inspect(options_.path);
  if (!found.exists && !options_.create) {
    throw StoreFailure(FailureKind::unreachable, "open", options_.path + ": there is no ledger here");
  }
  if (found.exists && !found.pending.empty() && options_.migrate == Migrate::require_current) {
    throw StoreFailure(FailureKind::incompatible, "open",
                       options_.path + ": the schema is older than this program; run `claimledger migrate`");
  }
  if (!found.pending.empty() || !found.write_ahead_log) prepare();
  writer_ = connect();
}

// Makes the database, or brings it up to date. Before it is a ledger it has no write-ahead log, so that a crash in
// between leaves an empty file, and so that the file's own header says from the start what it is. Two that switched to
// the log at once would fail each other, so it is done in the writer's turn, also for a copy that has none.
void LedgerFile::prepare() {
  const auto turn = lock_.take(Call{}, "open", options_.busy_timeout);
  const auto found = inspect(options_.path);
  {
    Database database(options_.path, Access::create, options_.busy_timeout);
    database.execute("PRAGMA synchronous = FULL");
    apply_migrations(database, found.pending);
    database.use_write_ahead_log();
    checkpoint(database, SQLITE_CHECKPOINT_TRUNCATE);
  }
  for (const auto& migration : found.pending) log("applied migration " + label(migration.version, migration.name));
}

LedgerFile::~LedgerFile() {
  readers_.clear();
  if (in_memory() || !writer_) return;
  if (const auto turn = lock_.try_take()) {
    sqlite3_busy_handler(writer_->handle(), nullptr, nullptr);  // waits for nobody
    checkpoint(*writer_, SQLITE_CHECKPOINT_TRUNCATE);
    writer_.reset();
  }
}

std::unique_ptr<Database> LedgerFile::connect() const {
  auto database = std::make_unique<Database>(options_.path, Access::write, options_.busy_timeout);
  database->use_write_ahead_log();
  database->configure(options_.cache_kib);
  return database;
}

void LedgerFile::log(const std::string& message) const {
  if (options_.log) options_.log->info("{}: {}", options_.path, message);
}

LedgerFile::Lease::Lease(const LedgerFile& file, const Call& call, const char* operation)
    : file_(file),
      turn_(file.in_memory() ? file.lock_.take(call, operation, file.options_.busy_timeout)
                             : WriterLock::Turn(nullptr)) {
  common::check(call, operation);
  if (!file.in_memory()) {
    {
      const std::scoped_lock lock(file.readers_mutex_);
      if (!file.readers_.empty()) {
        own_ = std::move(file.readers_.back());
        file.readers_.pop_back();
      }
    }
    if (!own_) {
      own_ = file.connect();
      own_->execute("PRAGMA query_only = ON");
    }
  }
  database().set_call(&call, operation);
}

LedgerFile::Lease::~Lease() {
  if (turn_) file_.writer_->set_call(nullptr, "");
}

void LedgerFile::Lease::give_back() {
  if (!own_) return;
  own_->set_call(nullptr, "");
  const std::scoped_lock lock(file_.readers_mutex_);
  if (file_.readers_.size() < readers_kept) file_.readers_.push_back(std::move(own_));
}

// One transaction from the first read to the commit. The head of each agent is read once.
class LedgerFile::Writing : public WriteTurn {
 public:
  Writing(LedgerFile& file, const Call& call)
      : file_(file), call_(call), turn_(file.lock_.take(call, "append", file.options_.busy_timeout)) {
    if (!file.writer_) file.writer_ = file.connect();
    file.require_certain_log();
    file.writer_->set_call(&call, "append");
    try {
      transaction_.emplace(*file.writer_, Query::begin_write);
    } catch (...) {
      file.writer_->set_call(nullptr, "append");
      throw;
    }
  }
  ~Writing() override { end(); }

  void read(const std::vector<WriteIntent>& intents) {
    for (const auto& intent : intents) {
      snapshots.push_back(reading::snapshot(*file_.writer_, intent.agent, AtHead{}, intent.wanted));
      heads_.insert_or_assign(intent.agent, snapshots.back().head);
    }
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    std::vector<TurnOutcome> results;
    for (auto& outcome : write(commits)) results.push_back({std::move(outcome), std::nullopt});
    return results;
  }

  std::vector<Outcome> write(std::span<const Commit> commits) {
    std::vector<Outcome> outcomes;
    if (!transaction_) {
      const StoreFailure ended(FailureKind::refused, "append", "this turn has appended already");
      return {commits.size(), failed(ended)};
    }
    try {
      outcomes = append_all(commits);
    } catch (const StoreFailure& failure) {
      outcomes.assign(commits.size(), failed(failure));
    }
    end();
    return outcomes;
  }

 private:
  std::vector<Outcome> append_all(std::span<const Commit> commits) {
    auto& writer = file_.writer_;
    std::vector<Outcome> outcomes;
    outcomes.reserve(commits.size());
    bool committing = false;
    try {
      for (const auto& commit : commits) {
        outcomes.push_back(appending::append(*writer, commit, head_of(commit.header.agent), commits.size() == 1));
      }
      const bool writes = std::any_of(outcomes.begin(), outcomes.end(),
                                      [](const auto& each) { return each.outcome == AppendOutcome::done; });
      if (!writes) return outcomes;
      committing = true;
      transaction_->commit();
    } catch (const StoreFailure& failure) {
      transaction_.reset();
      writer->set_call(nullptr, "append");
      if (!committing || file_.in_memory() || failure.kind() == FailureKind::busy) throw;
      if (writer->ran_out_of_room()) throw;  // on a full disk nothing could be read, and nothing is in doubt
      if (!file_.resolve_unknown_commit(commits, outcomes)) throw;
    }
    transaction_.reset();
    writer->set_call(nullptr, "append");
    file_.checkpoint_if_long();
    return outcomes;
  }

  Head& head_of(const AgentId& agent) {
    const auto known = heads_.find(agent);
    return known != heads_.end() ? known->second
                                 : heads_.emplace(agent, reading::head(*file_.writer_, agent)).first->second;
  }

  // Rolls back what is not committed and lets the next writer in.
  void end() {
    transaction_.reset();
    if (turn_ && *turn_ && file_.writer_) file_.writer_->set_call(nullptr, "append");
    turn_.reset();
  }

  LedgerFile& file_;
  const Call& call_;
  std::optional<WriterLock::Turn> turn_;
  std::optional<Transaction> transaction_;
  std::map<AgentId, Head> heads_;
};

std::unique_ptr<WriteTurn> LedgerFile::begin_write(const std::vector<WriteIntent>& intents, const Call& call) {
  auto turn = std::make_unique<Writing>(*this, call);
  turn->read(intents);
  return turn;
}

std::vector<Outcome> LedgerFile::append(std::span<const Commit> commits, const Call& call) {
  try {
    return Writing(*this, call).write(commits);
  } catch (const StoreFailure& failure) {
    return {commits.size(), failed(failure)};
  }
}

// A commit whose flush failed may still stand in the log, and whoever recovers the log would find it. A fresh
// connection copies what did land into the database and empties the log: then nothing is in doubt.
bool LedgerFile::resolve_unknown_commit(std::span<const Commit> commits, const std::vector<Outcome>& outcomes) {
  const auto in_doubt = [](const std::string& why) {
    return StoreFailure(FailureKind::in_doubt, "append", why + "; append the same batch again");
  };
  writer_.reset();
  try {
    writer_ = connect();
    const bool certain = checkpoint(*writer_, SQLITE_CHECKPOINT_TRUNCATE);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].outcome != AppendOutcome::done) continue;
      const auto& header = commits[i].header;
      if (!certain) break;  // seen or not: whoever recovers the log may find something else
      return appending::has_batch(*writer_, header.agent, header.id);  // all are there, or none
    }
  } catch (const StoreFailure& failure) {
    doubtful_log_ = true;
    throw in_doubt(failure.detail());
  }
  doubtful_log_ = true;
  throw in_doubt("the disk failed while the batch was committed");
}

// What stands in a log that could not be flushed may be read and gone after a crash, or not be read and there after
// one: nothing is built on it, and nobody is told that it is there, before the database has it.
void LedgerFile::require_certain_log() {
  if (doubtful_log_ && !checkpoint(*writer_, SQLITE_CHECKPOINT_TRUNCATE)) {
    throw StoreFailure(FailureKind::in_doubt, "append",
                       "the disk failed while a batch was committed and has not been seen to work since; append the "
                       "same batch again once it does");
  }
  doubtful_log_ = false;
}

// After a commit, with the turn held. A reader of an older part keeps the log from starting over; then the next attempt
// waits for as many frames again.
void LedgerFile::checkpoint_if_long() {
  const auto frames = writer_->log_frames();
  if (frames + options_.checkpoint_pages < checkpoint_at_)
    checkpoint_at_ = options_.checkpoint_pages;  // it started over
  if (frames < checkpoint_at_ || in_memory()) return;
  checkpoint(*writer_, SQLITE_CHECKPOINT_PASSIVE);
  checkpoint_at_ = frames + options_.checkpoint_pages;
}

}  // namespace claimledger::sqlite
