#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "claimledger/adapter/call_check.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"
#include "file_identity.hpp"
#include "readers.hpp"
#include "writer.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

// One open database: its readers, its writer and the writer's lock.
class LedgerFile {
 public:
  explicit LedgerFile(Options options);
  ~LedgerFile();
  LedgerFile(const LedgerFile&) = delete;
  LedgerFile& operator=(const LedgerFile&) = delete;

  // Runs `work(database)` on a connection of its own, within one snapshot.
  template <class Work>
  auto read(const Call& call, const char* operation, Work work) const {
    if (in_memory()) {
      // There is one connection, and reading is a turn too.
      const auto turn = lock_.acquire(call, operation, options_.busy_timeout);
      return in_snapshot(*writer_.connection(), call, operation, work);
    }
    adapter::check(call, operation);
    std::unique_ptr<Database> reader;
    try {
      reader = readers_.acquire();
      auto answer = in_snapshot(*reader, call, operation, work);
      require_same(*reader, operation);
      readers_.release(std::move(reader));
      return answer;
    } catch (const StoreFailure&) {
      files_.require_same(operation);  // says more
      if (reader) require_same(*reader, operation);
      throw;
    }
  }

  // Takes the writer's turn and reads, on the connection that will write and in the transaction that will be committed.
  // Not for a database in memory, whose readers would wait for it. Failure: StoreFailure.
  std::unique_ptr<WriteTurn> begin_write(const std::vector<WriteIntent>& intents, const Call& call);
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call);
  // As Writer::derive().
  bool derive(const std::function<bool(Database&)>& work, const char* operation, const Call& call);

  // Whether what is read is still what the path names. Failure: StoreFailure{unreachable}.
  void require_same(const char* operation) const { files_.require_same(operation); }

  // Why nothing may be written; empty: it may.
  const std::string& read_only() const { return read_only_; }

  const Options& options() const { return options_; }
  bool in_memory() const { return options_.path == ":memory:"; }

 private:
  template <class Work>
  static auto in_snapshot(Database& database, const Call& call, const char* operation, Work work) {
    const CallScope scope(database, call, operation);
    Transaction snapshot(database, Query::begin_read);
    auto answer = work(database);
    snapshot.commit();
    return answer;
  }

  void require_same(Database& reader, const char* operation) const;
  StoreFailure refused_write(const char* operation) const;
  void prepare();

  Options options_;
  std::string read_only_;
  mutable OpenFiles files_;
  mutable WriterLock lock_;
  Writer writer_;
  mutable Readers readers_;
};

}  // namespace claimledger::sqlite
