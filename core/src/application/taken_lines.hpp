#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>

#include "application/kept_lines.hpp"
#include "application/line_ends.hpp"

namespace claimledger::application {

// The lines of one ledger that a turn goes on from: it takes those that are kept, changes them, and gives back what has
// become of them.
// Threads: one.
class TakenLines {
 public:
  // All of these outlive it.
  TakenLines(KeptLines& kept, LineEnds& ends, const Store& store, const AgentId& agent)
      : kept_(kept), ends_(ends), store_(store), agent_(agent) {}
  ~TakenLines();
  TakenLines(const TakenLines&) = delete;
  TakenLines& operator=(const TakenLines&) = delete;

  // Takes those that are wanted, of which only the end has to be read then; those of which an end is kept are wanted no
  // longer.
  void take(Wanted& wanted);
  // The ledger as it was read; from then on as it was decided, and is durable.
  void begin(const Head& head) { ends_.begin(agent_, head); }
  void end(const Head& head) { ends_.end(agent_, head); }

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

  // The end of a line, if it is kept and the line is not. Whoever takes it keeps what becomes of it.
  bool has_end(const LineKey& key) const {
    return ends_.has(agent_, key) && !lines_.contains(key) && !kept_.has(agent_, key);
  }
  std::optional<rules::LineEnd> take_end(const LineKey& key) { return ends_.take(agent_, key); }
  void keep_end(const LineKey& key, rules::LineEnd end) { ends_.keep(agent_, key, std::move(end)); }

 private:
  const FoldedLine* find(const LineKey& key);

  KeptLines& kept_;
  LineEnds& ends_;
  const Store& store_;
  const AgentId& agent_;
  std::map<LineKey, FoldedLine> lines_;
  bool used_ = false;
};

}  // namespace claimledger::application
