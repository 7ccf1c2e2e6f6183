#include "faulty_disk.hpp"

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "benchmarks/disk_layer.hpp"

namespace claimledger::sqlite::test {

class FaultyDisk::Watcher : public benchmarks::DiskWatcher {
 public:
  int write(const benchmarks::DiskFile& file, int bytes, int& arriving) override {
    {
      std::unique_lock lock(mutex);
      if (held && !file.is_log) {
        reached = true;
        changed.notify_all();
        changed.wait(lock, [&] { return !held; });
      }
    }
    if (!strikes(kind != DiskFault::sync_error)) return SQLITE_OK;
    if (kind == DiskFault::full) return SQLITE_FULL;
    arriving = bytes / 2;
    return kind == DiskFault::filled_up ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  int flush(const benchmarks::DiskFile&) override {
    if (const auto work = std::exchange(before_flush, nullptr)) work();
    return strikes(kind == DiskFault::sync_error) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }

  std::atomic<DiskFault> kind = DiskFault::full;
  std::atomic<int> left = 0;  // calls until one fails; 0: none will
  std::atomic<bool> stays_broken = false;
  std::atomic<bool> fired = false;
  std::function<void()> before_flush;
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;     // writes to a database wait
  bool reached = false;  // one does

 private:
  bool strikes(bool concerned) {
    if (!concerned) return false;
    if (fired && stays_broken) return true;
    if (left == 0 || --left > 0) return false;
    fired = true;
    return true;
  }

  benchmarks::DiskLayer layer_{*this};
};

FaultyDisk::FaultyDisk() : watcher_(std::make_unique<Watcher>()) {}
FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::fail(DiskFault fault, int n, bool broken) {
  watcher_->kind = fault;
  watcher_->fired = false;
  watcher_->stays_broken = broken;
  watcher_->left = n;
}

void FaultyDisk::before_next_flush(std::function<void()> work) { watcher_->before_flush = std::move(work); }

void FaultyDisk::mend() {
  watcher_->left = 0;
  watcher_->stays_broken = false;
}

bool FaultyDisk::failed() const { return watcher_->fired; }

void FaultyDisk::hold_database() {
  const std::scoped_lock lock(watcher_->mutex);
  watcher_->held = true;
  watcher_->reached = false;
}

void FaultyDisk::await_held_write() {
  std::unique_lock lock(watcher_->mutex);
  watcher_->changed.wait(lock, [&] { return watcher_->reached; });
}

void FaultyDisk::let_go() {
  const std::scoped_lock lock(watcher_->mutex);
  watcher_->held = false;
  watcher_->changed.notify_all();
}

}  // namespace claimledger::sqlite::test
