#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "application/context.hpp"

namespace claimledger::application {

// Lines at one moment, for reads: long ones go on from where they are kept. Says what to read, and is given it.
class LineReads {
 public:
  // These outlive it.
  LineReads(const Context& context, const AgentId& agent, const std::vector<LineKey>& lines);

  const Wanted& wanted() const { return wanted_; }

  // Whether another reader has gone further meanwhile with a line that is kept: it would have to be read anew.
  bool are_behind(const Snapshot& snapshot) const;
  // Calls `visit` for each line, in their order, as it was at the moment of this snapshot of what is wanted. `now`: the
  // snapshot is of the head. Failure: StoreFailure.
  using Visit = std::function<void(std::size_t place, const rules::LineState& line)>;
  void each(const Snapshot& snapshot, bool now, const Call& call, const Visit& visit);
  // The same for who asks about one instant alone. A long line that is asked about its past more than once is kept with
  // it.
  using VisitInstant = std::function<void(std::size_t place, const rules::TakingPart& part)>;
  void each(const Snapshot& snapshot, bool now, ValidTime valid_at, const Call& call, const VisitInstant& visit);

 private:
  // What a visit of all lines has in common.
  struct Round {
    const Snapshot& snapshot;
    bool now;
    const Call& call;
    std::optional<Position> end = {};  // of the ledger now: contents are as they are there, whatever is asked about
  };
  Position end(Round& round) const;
  // `keep_past`: it is worth keeping as it was at a moment in the past, too.
  void visit_one(Round& round, std::size_t place, bool keep_past, const Visit& visit);
  bool visit_kept(Round& round, std::size_t place, const Visit& visit) const;
  bool visit_past(Round& round, std::size_t place, ValidTime valid_at, const VisitInstant& visit) const;

  const Context& context_;
  const AgentId& agent_;
  Wanted wanted_;
  std::vector<std::shared_ptr<KeptLines::Kept>> kept_;  // of each line; null: none
};

}  // namespace claimledger::application
