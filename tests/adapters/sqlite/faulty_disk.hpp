#pragma once

#include <functional>
#include <memory>

namespace claimledger::sqlite::test {

// How the disk fails.
enum class DiskFault {
  full,         // a write finds no room
  filled_up,    // half of a write finds room
  short_write,  // half of a write arrives, then an error
  sync_error,   // a flush fails; what it should have kept may be there or not
};

// Makes every database of this process live on a disk that fails when told. One at a time.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The n-th write or flush from now on fails, and with `broken` every later one too.
  void fail(DiskFault fault, int n, bool broken = false);
  void mend();
  bool failed() const;
  // Runs before the next flush, which goes well.
  void before_next_flush(std::function<void()> work);

  // Makes writes to a database wait until let_go(); writes to its log go through.
  void hold_database();
  void await_held_write();
  void let_go();

 private:
  class Watcher;
  std::unique_ptr<Watcher> watcher_;
};

}  // namespace claimledger::sqlite::test
