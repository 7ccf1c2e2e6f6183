#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "claimledger/ports/store.hpp"
#include "rules/line_end.hpp"

namespace claimledger::application {

// The ends of the lines that were written last, so that a plain statement on one of them is decided without reading it:
// an ingest by turns over more lines than there is memory for then costs what one line by line does. Derived from the
// ledgers; all those of one are of the same head of it, and are forgotten where it has another. Those that were used
// last are kept, as many as there is room for.
//
// Threads: any. Of one ledger only whoever has the turn to decide.
class LineEnds {
 public:
  explicit LineEnds(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  bool has_room() const { return most_bytes_ > 0; }
  // Forgets those of a ledger that are not of this head.
  void begin(const AgentId& agent, const Head& head);
  // The ledger has grown by nothing but what was decided on these since; those of lines that it grew by were kept anew,
  // or taken.
  void end(const AgentId& agent, const Head& head);

  bool has(const AgentId& agent, const LineKey& key) const;
  // It is kept no longer.
  std::optional<rules::LineEnd> take(const AgentId& agent, const LineKey& key);
  void keep(const AgentId& agent, const LineKey& key, rules::LineEnd end);

 private:
  using Name = std::pair<AgentId, LineKey>;
  struct Place {
    Name name;
    rules::LineEnd end;
    std::size_t bytes;
  };
  using Places = std::list<Place>;  // what was used last is first
  using ByName = std::map<Name, Places::iterator>;
  ByName::iterator drop(ByName::iterator place);

  std::size_t most_bytes_;
  mutable std::mutex mutex_;  // of what follows
  Places places_;
  ByName by_name_;
  std::map<AgentId, Head> heads_;  // of ledgers that have ends
  std::size_t bytes_ = 0;
};

}  // namespace claimledger::application
