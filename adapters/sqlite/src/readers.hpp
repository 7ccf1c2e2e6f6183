#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"

namespace claimledger::sqlite {

// The connections that read a database in a file. There are as many as there are reads at once; some are kept for the
// next ones. Used from any thread.
class Readers {
 public:
  explicit Readers(const Options& options) : options_(options) {}

  // A connection for one read. Failure: StoreFailure.
  std::unique_ptr<Database> acquire();
  // Keeps it for the next read. A connection that had a failure is not released but closed.
  void release(std::unique_ptr<Database> reader);
  void close();

 private:
  const Options& options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace claimledger::sqlite
