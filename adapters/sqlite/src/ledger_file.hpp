#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

// One database: a connection that writes, connections that read, and the turn of the writer.
//
// Only the holder of the turn checkpoints: SQLite before 3.51.3 can damage a write-ahead log when one connection
// checkpoints while another writes. That is why no connection does it by itself, not even when it is closed.
class LedgerFile {
 public:
  explicit LedgerFile(Options options);
  ~LedgerFile();
  LedgerFile(const LedgerFile&) = delete;
  LedgerFile& operator=(const LedgerFile&) = delete;

  // Runs `work(database)` on a connection of its own, within one snapshot.
  template <class Work>
  auto read(const Call& call, const char* operation, Work work) const {
    Lease lease(*this, call, operation);
    Transaction snapshot(lease.database(), Query::begin_read);
    auto answer = work(lease.database());
    snapshot.commit();
    lease.give_back();
    return answer;
  }

  // Takes the writer's turn and reads, on the connection that will write and in the transaction that will be committed.
  // Not for a database in memory, whose readers would wait for it. Failure: StoreFailure.
  std::unique_ptr<WriteTurn> begin_write(const std::vector<WriteIntent>& intents, const Call& call);
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call);

  const Options& options() const { return options_; }
  bool in_memory() const { return options_.path == ":memory:"; }

 private:
  class Writing;

  // A connection for one read. One that is not given back had a failure and is closed.
  class Lease {
   public:
    Lease(const LedgerFile& file, const Call& call, const char* operation);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Database& database() { return own_ ? *own_ : *file_.writer_; }
    void give_back();

   private:
    const LedgerFile& file_;
    WriterLock::Turn turn_;  // in memory there is one connection, and reading is a turn too
    std::unique_ptr<Database> own_;
  };

  void prepare();
  std::unique_ptr<Database> connect() const;
  void log(const std::string& message) const;
  // What became of a commit that the disk failed on. True: it landed.
  bool resolve_unknown_commit(std::span<const Commit> commits, const std::vector<Outcome>& outcomes);
  void require_certain_log();
  void checkpoint_if_long();

  Options options_;
  mutable WriterLock lock_;
  std::unique_ptr<Database> writer_;
  std::uint32_t checkpoint_at_ = 0;  // frames in the log
  bool doubtful_log_ = false;        // a flush of it failed, and it could not be emptied since
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<Database>> readers_;
};

}  // namespace claimledger::sqlite
