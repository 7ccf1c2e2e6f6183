#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "application/view.hpp"
#include "claimledger/ports/store.hpp"

namespace claimledger::application {

// The first misfit found in a ledger; `at` names its first entry, where it lies in one.
struct Misfit {
  std::optional<Position> at;
  std::string problem;
};

// As read_entry(). Failure: Misfit for an entry that cannot be read.
ReadEntry readable(const StoredEntry& stored);

// Checks the entries of a ledger line by line: each entry has to continue its line and decide as the rules do.
class LineWalk {
 public:
  LineWalk(const Store& store, const AgentId& agent, Position at, const Call& call)
      : store_(store), agent_(agent), at_(at), call_(call) {}

  // Calls `progress` with the number of entries taken. Failure: Misfit for an entry that cannot be read.
  void run(const std::function<void(std::uint64_t)>& progress);

  std::uint64_t lines() const { return lines_; }
  std::uint64_t entries() const { return entries_; }
  // The first misfit on any line.
  const std::optional<Misfit>& misfit() const { return misfit_; }

 private:
  std::size_t take(std::span<const LineKey> keys, const std::function<void(std::uint64_t)>& progress);
  void check(std::span<const StoredEntry> entries);
  void found(Position at, std::string problem) { misfit_ = Misfit{at, std::move(problem)}; }

  const Store& store_;
  const AgentId& agent_;
  Position at_;
  const Call& call_;
  std::size_t at_once_ = 1;
  std::uint64_t lines_ = 0;
  std::uint64_t entries_ = 0;
  std::optional<Misfit> misfit_;
};

}  // namespace claimledger::application
