#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "checkpoints.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"
#include "file_identity.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

// The one connection that writes a database, and its work while it has the writer's turn.
class Writer {
 public:
  Writer(const Options& options, WriterLock& lock, OpenFiles& files)
      : options_(options), lock_(lock), files_(files), log_(options, lock, files) {}

  // Opens the connection, as the first turn does. Without a turn only where the database has a log.
  void connect();
  void use(std::unique_ptr<Database> connection) { connection_ = std::move(connection); }

  // As the methods of LedgerFile.
  std::unique_ptr<WriteTurn> begin_write(const std::vector<WriteIntent>& intents, const Call& call);
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call);

  // Writes what is derived from a ledger, in a transaction of its own; it is committed where `work` says true.
  bool derive(const std::function<bool(Database&)>& work, const char* operation, const Call& call);

  // For the holder of the turn. Absent after a failure.
  Database* connection() const { return connection_.get(); }
  // Checkpoints and empties the whole log, if this writer ever had a turn and unless others use the database, and
  // closes the connection.
  void close();

 private:
  class Turn;

  bool in_memory() const { return options_.path == ":memory:"; }
  // Whether a commit landed that the disk failed on.
  bool resolve_unknown_commit(std::span<const Commit> commits, const std::vector<Outcome>& outcomes,
                              const StoreFailure& cause);
  void require_certain_log();
  void erase_from_log(const Call& call);

  const Options& options_;
  WriterLock& lock_;
  OpenFiles& files_;
  std::unique_ptr<Database> connection_;
  Checkpoints log_;
  bool had_turn_ = false;
  bool doubtful_log_ = false;  // a flush of it failed, and it could not be emptied since
};

}  // namespace claimledger::sqlite
