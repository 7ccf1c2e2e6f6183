#include "application/line_walk.hpp"

#include <algorithm>
#include <utility>

#include "rules/checked_line.hpp"

namespace claimledger::application {

ReadEntry readable(const StoredEntry& stored) {
  try {
    return read_entry(stored);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    throw Misfit{stored.seq, "cannot be read: " + failure.detail()};
  }
}

void LineWalk::run(const std::function<void(std::uint64_t)>& progress) {
  constexpr std::size_t lines_at_once = 256;
  std::optional<LineKey> after;
  for (;;) {
    const auto keys = store_.lines(agent_, {}, after, lines_at_once, at_, call_);
    if (keys.empty()) return;
    for (std::size_t i = 0; i < keys.size();) i += take(std::span(keys).subspan(i), progress);
    after = keys.back();
  }
}

// Reads some of these lines together, fewer if they are long, and returns their number.
std::size_t LineWalk::take(std::span<const LineKey> keys, const std::function<void(std::uint64_t)>& progress) {
  constexpr std::size_t entries_at_once = 2'000;
  const auto count = std::clamp<std::size_t>(at_once_, 1, keys.size());
  const Wanted wanted{.lines = {keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count)}};
  const auto snapshot = store_.snapshot(agent_, at_, wanted, call_);
  std::size_t read = 0;
  for (const auto& entries : snapshot.lines) {
    check(entries);
    read += entries.size();
    ++lines_;
  }
  entries_ += read;
  at_once_ = std::max<std::size_t>(1, count * entries_at_once / (1 + read));
  progress(entries_);
  return count;
}

void LineWalk::check(std::span<const StoredEntry> entries) {
  rules::CheckedLine line;
  Position last, first_of_batch;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& stored = entries[i];
    if (misfit_ && misfit_->at <= stored.seq) return;
    if (i == 0 || entries[i - 1].recorded_at != stored.recorded_at) first_of_batch = stored.seq;
    auto read = readable(stored);
    if (read.previous_on_line != last) return found(stored.seq, "does not follow the entry before it on its line");
    last = stored.seq;
    try {
      line.take(read.record);
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::corrupt) throw;
      return found(stored.seq, "cannot follow on its line: " + failure.detail());
    }
    const bool ends_batch = i + 1 == entries.size() || entries[i + 1].recorded_at != stored.recorded_at;
    if (ends_batch && !line.end_batch()) return found(first_of_batch, "decides what its line does not give");
  }
}

}  // namespace claimledger::application
