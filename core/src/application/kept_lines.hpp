#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "application/folded_line.hpp"
#include "claimledger/domain/ids.hpp"
#include "claimledger/domain/statement.hpp"

namespace claimledger::application {

// Long lines as they were folded last, so that whoever asks next folds only what was added since: a line of 100,000
// claims then costs what one of a hundred does. Derived from the ledger and checked against it at each use, so that
// they change no answer. Those that were used last are kept, as many as there is room for, and the last one in any
// case: to fold it once more would take as much.
//
// Threads: any.
class KeptLines {
 public:
  // `times`: only lines that are so many times as long as a long one.
  explicit KeptLines(std::size_t most_bytes, std::size_t times = 1) : most_bytes_(most_bytes), times_(times) {}

  // Whether a line is worth keeping.
  bool wants(const FoldedLine& line) const;

  struct Kept {
    std::mutex mutex;  // of the line
    FoldedLine line;
  };
  bool has(const AgentId& agent, const LineKey& key);
  // Shared with others who ask; null: it is not kept.
  std::shared_ptr<Kept> find(const AgentId& agent, const LineKey& key);
  // For one who changes it: it is no longer kept.
  std::optional<FoldedLine> take(const AgentId& agent, const LineKey& key);
  // In the place of what is kept of this line; unless it is not wanted.
  void keep(const AgentId& agent, const LineKey& key, FoldedLine line);
  // Notes what one takes in memory since it was found.
  void weigh(const AgentId& agent, const LineKey& key, std::size_t bytes);

 private:
  using Name = std::pair<AgentId, LineKey>;
  struct Place {
    Name name;
    std::shared_ptr<Kept> kept;
    std::size_t bytes;
  };
  using Places = std::list<Place>;  // what was used last is first
  void drop(Places::iterator place);
  void make_room();

  std::size_t most_bytes_;
  std::size_t times_;
  std::mutex mutex_;  // of what follows
  Places places_;
  std::map<Name, Places::iterator> by_name_;
  std::size_t bytes_ = 0;
};

}  // namespace claimledger::application
