#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

// The number of batches that a reader of a whole ledger reads at a time: about bytes_at_once of them, judged by the
// size of the last ones.
class BatchSizer {
 public:
  static constexpr std::size_t bytes_at_once = std::size_t{4} << 20U;

  explicit BatchSizer(std::size_t batches = 1) : batches_(batches) {}

  std::size_t batches() const { return batches_; }

  void adapt_to(std::span<const StoredBatch> read) {
    constexpr std::size_t most = 64;
    if (read.empty()) return;
    batches_ = std::clamp<std::size_t>(read.size() * bytes_at_once / (1 + bytes_of(read)), 1, most);
  }

  // Of a reader of entries: a value may have a mebibyte, so as many are read at a time as the entries before let
  // expect.
  static std::size_t entries_after(std::span<const StoredEntry> read, std::size_t most) {
    return std::clamp<std::size_t>(read.size() * bytes_at_once / (1 + bytes_of(read)), 1, most);
  }

  static std::size_t bytes_of(std::span<const StoredBatch> batches) {
    std::size_t bytes = 0;
    for (const auto& batch : batches) bytes += bytes_of(batch.entries);
    return bytes;
  }
  static std::size_t bytes_of(std::span<const StoredEntry> entries) {
    std::size_t bytes = 0;
    for (const auto& entry : entries) bytes += entry.body.size() + entry.content.body.size();
    return bytes;
  }

 private:
  std::size_t batches_;
};

}  // namespace claimledger::application
