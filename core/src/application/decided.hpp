#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "application/context.hpp"
#include "application/view.hpp"

namespace claimledger::application {

// A ledger as it will be once all that is decided is written.
struct DecidedLedger {
  DecidedLedger(Context& context, AgentId its_agent)
      : agent(std::move(its_agent)), taken(context.written_lines, context.line_ends, context.store(), agent) {}

  const AgentId agent;
  TakenLines taken;
  std::optional<View> view = {};  // with what is decided; present once it was read
  Head durable = {};              // the end of what whoever decides on this does not have to write
  Head head = {};                 // the end of what is decided
};

// What one group appends, and what has become of it: for the next one, which was decided on it.
struct Appended {
  std::vector<Commit> commits = {};
  bool landed = false;  // all of them; nobody looks before the append is over
};

// What a group that appends leaves to the one that decides meanwhile.
struct Decided {
  std::map<AgentId, std::unique_ptr<DecidedLedger>> ledgers = {};
  std::shared_ptr<const Appended> by = {};  // what it appends
  // What has landed before, and the ledgers were not told of; null: nothing.
  std::shared_ptr<const Appended> before = {};
};

}  // namespace claimledger::application
