#pragma once

#include <atomic>
#include <cstdint>
#include <string>

// SQLite's use of the disk, counted by a layer below it.
namespace claimledger::benchmarks {

struct DiskUse {
  std::atomic<std::uint64_t> log_pages = 0;
  std::atomic<std::uint64_t> log_bytes = 0;
  std::atomic<std::uint64_t> log_flushes = 0;
  std::atomic<std::uint64_t> other_bytes = 0;  // to the database itself: a checkpoint's
  std::atomic<std::uint64_t> other_flushes = 0;
};

// From now on every connection of this process goes through the layer. SQLite flushes by one fdatasync for each flush
// that is counted.
void count_disk_use();
// Of the database at this path, since the process began. The counter lives as long as the process.
DiskUse& disk_use(const std::string& path);

}  // namespace claimledger::benchmarks
