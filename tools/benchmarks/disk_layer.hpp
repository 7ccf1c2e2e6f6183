#pragma once

#include <string>

struct sqlite3_vfs;

// A layer between SQLite and its files, to count what it asks of the disk or to make that fail.
namespace claimledger::benchmarks {

struct DiskFile {
  std::string database;  // its path
  bool is_log = false;
};

// Hears of each write and flush before it is done, from any thread.
class DiskWatcher {
 public:
  virtual ~DiskWatcher() = default;
  // A result code of SQLite; with one that is no success, only the first `arriving` bytes are written.
  virtual int write(const DiskFile& file, int bytes, int& arriving) = 0;
  // With a code that is no success nothing is flushed.
  virtual int flush(const DiskFile& file) = 0;
};

// While it lives, each file that a connection of this process opens goes through the layer. One at a time. It outlives
// the connections that were opened meanwhile.
class DiskLayer {
 public:
  explicit DiskLayer(DiskWatcher& watcher);
  ~DiskLayer();
  DiskLayer(const DiskLayer&) = delete;
  DiskLayer& operator=(const DiskLayer&) = delete;
};

}  // namespace claimledger::benchmarks
