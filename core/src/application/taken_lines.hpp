#pragma once

#include <map>
#include <optional>
#include <span>

#include "application/kept_lines.hpp"

namespace claimledger::application {

// The lines of one ledger that a turn goes on from: it takes those that are kept, changes them, and gives back what has
// become of them.
// Threads: one.
class TakenLines {
 public:
  // All of these outlive it.
  TakenLines(KeptLines& kept, const Store& store, const AgentId& agent) : kept_(kept), store_(store), agent_(agent) {}
  ~TakenLines();
  TakenLines(const TakenLines&) = delete;
  TakenLines& operator=(const TakenLines&) = delete;

  // Takes those that are wanted, of which only the end has to be read then.
  void take(Wanted& wanted);

  // Whether one of them was given out: what is read of it from its end on is not enough any more.
  bool is_used() const { return used_; }

  // What was read of a line, behind the position from which it was wanted.
  struct Read {
    std::span<const StoredEntry> entries;
    Position after;
    bool guessed = false;  // it is what the store takes for granted
  };
  // A line as it is at the end `at`, for whoever changes it. Without `read` it is read now. Failure: StoreFailure.
  FoldedLine fold(const LineKey& key, const std::optional<Read>& read, Position at, const Call& call);
  // Keeps a line that was read at the end `at`, if it is long. Since then this turn alone has written, up to `end`, and
  // has erased nothing.
  void give_back(const LineKey& key, FoldedLine line, Position at, Position end, const Call& call);

 private:
  const FoldedLine* find(const LineKey& key);

  KeptLines& kept_;
  const Store& store_;
  const AgentId& agent_;
  std::map<LineKey, FoldedLine> lines_;
  bool used_ = false;
};

}  // namespace claimledger::application
