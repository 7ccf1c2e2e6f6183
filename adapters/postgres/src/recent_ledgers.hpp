#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace claimledger::postgres {

// A snapshot from memory that a write is decided on before the server is asked.
struct Guess {
  Snapshot snapshot;
  // For each line that is wanted the last entry known of it; 0: taken for a new line.
  std::vector<Position> last_seqs;
};

// The reads that a commit was decided on.
struct Decided {
  Wanted wanted;
  std::vector<Position> last_seqs;
};

// The heads and lines that this process last wrote or read, of the agents that it writes to: the assumptions of its
// next write. They are guesses, since other processes write too, and append() checks them. Bounded: the least recently
// used are dropped first; a line that is not here is taken for new.
// Threads:  any method from any thread.
class RecentLedgers {
 public:
  // Absent where the head is not known, or claims are wanted: those can't be guessed.
  std::optional<Guess> guess(const AgentId& agent, const Wanted& wanted);

  // A snapshot at the head. `last_tombstone`: lines read before it may show content that it took.
  void read(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, Position last_tombstone);
  // The same, of an agent that is not written to unless it is here already.
  void read_if_known(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, Position last_tombstone);
  // Batches that landed one behind the other, decided on this snapshot of these lines.
  void note_written(std::span<const Commit> commits, const Wanted& wanted, const Snapshot& before);
  // After a commit with an unknown outcome.
  void forget(const AgentId& agent);

  // Keeps the reads that an in-doubt commit was decided on, until take_in_doubt(): the same commit will be appended
  // again, without a turn, and must be checked against the same guess.
  void note_in_doubt(const BatchId& batch, Decided on);
  std::optional<Decided> take_in_doubt(const BatchId& batch);

 private:
  struct Name {
    AgentId agent;
    LineKey line;
    friend auto operator<=>(const Name&, const Name&) = default;
  };
  struct Line {
    Name name;
    std::vector<StoredEntry> entries;
  };
  using Lines = std::list<Line>;  // most recently used first
  struct Ledger {
    Head head;
    std::map<LineKey, Lines::iterator> lines;
  };

  void take(const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, Position last_tombstone);
  void extend(Ledger& ledger, const AgentId& agent, const WantedLine& wanted, const std::vector<StoredEntry>& before,
              std::vector<StoredEntry>& written);
  void keep(Ledger& ledger, const Name& name, std::vector<StoredEntry> entries);
  void drop_line(Ledger& ledger, const LineKey& key);
  void drop_lines(Ledger& ledger);
  void make_room();

  std::mutex mutex_;
  std::map<AgentId, Ledger> ledgers_;
  Lines lines_;
  std::size_t kept_ = 0;  // entries, and one for each line
  std::map<BatchId, Decided> doubted_;
};

}  // namespace claimledger::postgres
