#include "benchmarks/counting_disk.hpp"

#include <map>
#include <mutex>

#include "benchmarks/disk_layer.hpp"

namespace claimledger::benchmarks {

namespace {

constexpr int success = 0;  // SQLITE_OK

class Counter : public DiskWatcher {
 public:
  int write(const DiskFile& file, int bytes, int&) override {
    constexpr int smallest_page = 512;  // what is smaller is the header of a frame, or of the log
    auto& use = disk_use(file.database);
    (file.is_log ? use.log_bytes : use.other_bytes) += static_cast<std::uint64_t>(bytes);
    if (file.is_log && bytes >= smallest_page) ++use.log_pages;
    return success;
  }
  int flush(const DiskFile& file) override {
    auto& use = disk_use(file.database);
    ++(file.is_log ? use.log_flushes : use.other_flushes);
    return success;
  }
};

}  // namespace

void count_disk_use() {
  static Counter counter;
  static const DiskLayer layer(counter);
}

DiskUse& disk_use(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, DiskUse> uses;
  const std::scoped_lock lock(mutex);
  return uses[path];
}

}  // namespace claimledger::benchmarks
