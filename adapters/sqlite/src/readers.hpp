#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"
#include "file_identity.hpp"

namespace claimledger::sqlite {

// The connections that read a database in a file: one for each concurrent read, some of which are kept for later reads.
// Threads: any method from any thread.
class Readers {
 public:
  Readers(const Options& options, const OpenFiles& files) : options_(options), files_(files) {}
  // How connections are opened from now on. Called before any is.
  void use(Access access) { access_ = access; }

  // A connection for one read. Failure: StoreFailure.
  std::unique_ptr<Database> acquire();
  // Keeps the connection for the next read. Do not release one that failed: close it.
  void release(std::unique_ptr<Database> reader);
  void close();

 private:
  const Options& options_;
  const OpenFiles& files_;
  Access access_ = Access::write;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace claimledger::sqlite
