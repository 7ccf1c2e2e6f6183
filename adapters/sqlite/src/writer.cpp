#include "writer.hpp"

#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <optional>

#include "appending.hpp"
#include "log_file.hpp"
#include "reading.hpp"

namespace claimledger::sqlite {

void Writer::connect() {
  files_.require_same("append");
  connection_ = open_to_write(options_.path, options_.busy_timeout, options_.cache_kib);
  files_.note_log();
  files_.require_same("append");
}

void Writer::close() {
  log_.stop();
  if (in_memory() || !connection_) return;
  if (!had_turn_) return connection_.reset();
  const auto turn = lock_.try_acquire();
  try {
    if (turn && (log_in_use(options_.path) || log_.overwrites_next())) {
      sqlite3_busy_handler(connection_->handle(), nullptr, nullptr);
      connection_->execute("PRAGMA synchronous = NORMAL");  // the checkpoint flushes
      log_.empty(*connection_, std::chrono::milliseconds{0});
    }
  } catch (const StoreFailure&) {
    // The log stays, and the next connection to the database reads it.
  }
  connection_.reset();
}

// One transaction from the first read to the commit. The head of each agent is read once, and each line looked up once.
class Writer::Turn : public WriteTurn {
 public:
  Turn(Writer& writer, const Call& call)
      : writer_(writer), call_(call), turn_(writer.lock_.acquire(call, "append", writer.options_.busy_timeout)) {
    writer.had_turn_ = true;
    if (!writer.connection_) writer.connect();
    writer.files_.require_same("append");
    writer.require_certain_log();
    database().set_call(&call, "append");
    try {
      transaction_.emplace(database(), Query::begin_write);
    } catch (...) {
      database().set_call(nullptr, "append");
      throw;
    }
  }
  ~Turn() override { end(); }

  void read(const std::vector<WriteIntent>& intents) try {
    for (const auto& intent : intents) {
      const auto& snapshot =
          snapshots.emplace_back(reading::snapshot(database(), intent.agent, AtHead{}, intent.wanted));
      auto& known = known_.try_emplace(intent.agent).first->second;
      known.head = snapshot.head;
      for (std::size_t i = 0; i < snapshot.lines.size(); ++i) {
        const auto& [key, after] = intent.wanted.lines[i];
        const auto& entries = snapshot.lines[i];
        if (after != Position{}) continue;  // these need not be the first
        known.lines.try_emplace(key, entries.empty() ? std::nullopt : std::optional(entries.front().seq));
      }
    }
  } catch (const StoreFailure&) {
    writer_.log_.require_own_files(database());  // says more
    throw;
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    std::vector<TurnOutcome> results;
    for (auto& outcome : write(commits)) results.push_back({std::move(outcome), std::nullopt});
    return results;
  }

  // What is derived is in no doubt: it is there or made again.
  bool derive(const std::function<bool(Database&)>& work, const char* operation) {
    if (!work(database())) return false;
    if (!writer_.in_memory()) writer_.log_.begin(database());
    transaction_->commit();
    transaction_.reset();
    database().set_call(nullptr, operation);
    if (!writer_.in_memory()) writer_.log_.committed(database());
    return true;
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
    std::vector<Outcome> outcomes;
    bool committing = false;
    try {
      outcomes = rows_of(commits, appending::Refused::ends_transaction);
      // A savepoint for each costs a copy of every page that it changes, so they come where one is refused.
      if (has_ended() && commits.size() > 1) {
        begin_again();
        outcomes = rows_of(commits, appending::Refused::undone_alone);
      }
      if (!appending::any_done(outcomes)) {
        writer_.log_.require_own_files(database());
        if (erases(commits, outcomes)) erase();
        return outcomes;
      }
      if (!writer_.in_memory()) writer_.log_.begin(database());
      committing = true;
      transaction_->commit();
    } catch (const StoreFailure& failure) {
      if (!committing) writer_.log_.require_own_files(database());  // says more
      transaction_.reset();
      database().set_call(nullptr, "append");
      if (!committing || writer_.in_memory() || failure.kind() == FailureKind::busy) throw;
      if (database().ran_out_of_room()) throw;  // on a full disk nothing could be read, and nothing is in doubt
      if (!writer_.resolve_unknown_commit(commits, outcomes, failure)) throw;
    }
    transaction_.reset();
    database().set_call(nullptr, "append");
    if (writer_.in_memory()) return outcomes;
    // It landed in the files that are open, whatever their names are now.
    writer_.files_.require_same("append", FailureKind::in_doubt,
                                database().log_index().bytes_of(database().log_frames()));
    if (erases(commits, outcomes)) {
      erase();
    } else {
      writer_.log_.committed(database());
    }
    return outcomes;
  }

  std::vector<Outcome> rows_of(std::span<const Commit> commits, appending::Refused refused) {
    std::vector<Outcome> outcomes;
    outcomes.reserve(commits.size());
    for (const auto& commit : commits) {
      outcomes.push_back(appending::append(database(), commit, known_of(commit.header.agent), refused));
      if (has_ended()) break;
    }
    return outcomes;
  }
  bool has_ended() const { return sqlite3_get_autocommit(database().handle()) != 0; }

  // True also for a batch that was there already: its writer may have died before it overwrote the log.
  static bool erases(std::span<const Commit> commits, const std::vector<Outcome>& outcomes) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!has_landed(outcomes[i])) continue;
      if (std::any_of(commits[i].entries.begin(), commits[i].entries.end(),
                      [](const StoredEntry& entry) { return entry.erases.has_value(); })) {
        return true;
      }
    }
    return false;
  }

  void erase() {
    transaction_.reset();
    if (!writer_.in_memory()) writer_.erase_from_log(call_);
  }

  appending::Known& known_of(const AgentId& agent) {
    const auto found = known_.find(agent);
    if (found != known_.end()) return found->second;
    return known_.emplace(agent, appending::Known{reading::head(database(), agent), {}}).first->second;
  }

  // With the lock still held, so that other processes have changed nothing.
  void begin_again() {
    transaction_.reset();
    database().set_call(&call_, "append");
    transaction_.emplace(database(), Query::begin_write);
    known_.clear();
  }

  // Rolls back what is not committed and lets the next writer in.
  void end() {
    transaction_.reset();
    if (turn_ && *turn_ && writer_.connection_) database().set_call(nullptr, "append");
    turn_.reset();
  }

  Database& database() const { return *writer_.connection_; }

  Writer& writer_;
  const Call& call_;
  std::optional<WriterLock::Turn> turn_;
  std::optional<Transaction> transaction_;
  std::map<AgentId, appending::Known> known_;
};

std::unique_ptr<WriteTurn> Writer::begin_write(const std::vector<WriteIntent>& intents, const Call& call) {
  auto turn = std::make_unique<Turn>(*this, call);
  turn->read(intents);
  return turn;
}

std::vector<Outcome> Writer::append(std::span<const Commit> commits, const Call& call) {
  try {
    return Turn(*this, call).write(commits);
  } catch (const StoreFailure& failure) {
    return {commits.size(), failed(failure)};
  }
}

bool Writer::derive(const std::function<bool(Database&)>& work, const char* operation, const Call& call) {
  return Turn(*this, call).derive(work, operation);
}

// Overwrites the log, which still holds erased content, after a checkpoint has moved its pages to the database.
void Writer::erase_from_log(const Call& call) {
  auto timeout = options_.busy_timeout;
  if (call.deadline) {
    const auto left = *call.deadline - std::chrono::steady_clock::now();
    timeout = std::min(timeout, std::chrono::duration_cast<std::chrono::milliseconds>(left));
  }
  const CallScope scope(*connection_, call, "append");
  log_.overwrite_next();
  if (!log_.empty(*connection_, timeout) && options_.log) {
    options_.log->warn("{}: what was erased stands in the log until nobody reads an older state", options_.path);
  }
}

// A commit whose flush failed may still be in the log, where a recovery would find it. A fresh connection checkpoints
// the commits that did land and empties the log: then nothing is in doubt.
bool Writer::resolve_unknown_commit(std::span<const Commit> commits, const std::vector<Outcome>& outcomes,
                                    const StoreFailure& cause) {
  const auto in_doubt = [](const std::string& why) {
    return StoreFailure(FailureKind::in_doubt, "append", why + "; append the same batch again");
  };
  log_.require_sound_index(*connection_, FailureKind::in_doubt);
  connection_.reset();
  try {
    connect();
    const bool certain = log_.empty(*connection_, std::chrono::milliseconds{0});
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].outcome != AppendOutcome::done) continue;
      const auto& header = commits[i].header;
      if (!certain) break;  // seen or not: recovery of the log may find another state
      return appending::has_batch(*connection_, header.agent, header.id);  // all are there, or none
    }
  } catch (const StoreFailure& failure) {
    doubtful_log_ = true;
    throw in_doubt(failure.detail());
  }
  doubtful_log_ = true;
  throw in_doubt("the disk failed while the batch was committed: " + cause.detail());
}

// After a failed flush, a crash may lose frames of the log that can be read now, or bring back frames that cannot. So
// nothing is appended after them, and none is acknowledged, before a checkpoint has put them in the database.
void Writer::require_certain_log() {
  if (doubtful_log_ && !log_.empty(*connection_, std::chrono::milliseconds{0})) {
    throw StoreFailure(FailureKind::in_doubt, "append",
                       "the disk failed while a batch was committed and has not been seen to work since; append the "
                       "same batch again once it does");
  }
  doubtful_log_ = false;
}

}  // namespace claimledger::sqlite
