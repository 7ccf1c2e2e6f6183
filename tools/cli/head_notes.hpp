#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "claimledger/engine.hpp"
#include "cli/output_file.hpp"

namespace claimledger::cli {

// Where ledgers ended when they were last found whole, in a file of one JSON document a line. Hashes prove that a
// ledger agrees with itself; only what is kept apart from it proves that its end was not cut off, that no older copy is
// in its place, and that it was not written anew as a whole. So the file belongs where nobody who may write the ledger
// may. Failure: as OutputFile; InvalidInput with the line for a file that holds something else.
class HeadNotes {
 public:
  // `accept`: a ledger that is not the one that was noted is noted anew, as long as there is one.
  HeadNotes(const Session& session, const std::string& path, bool accept);

  // What speaks against a ledger that verifies up to `position`; empty: it goes on from what was noted, or is new.
  std::string fault(const Engine& engine, const AgentId& agent, Position position) const;
  // The ledgers that were noted, whether they are still there or not.
  const std::map<AgentId, std::pair<Position, Digest>>& noted() const { return noted_; }
  void note(const AgentId& agent, Position position, const Digest& hash) { found_whole_[agent] = {position, hash}; }
  // Of a ledger that is gone: where that is accepted, its note goes too, save the last one of a file.
  void forget(const AgentId& agent) {
    if (accept_) gone_.insert(agent);
  }
  // Another run may have noted others meanwhile; these stay.
  void save();

 private:
  using Heads = std::map<AgentId, std::pair<Position, Digest>>;

  Heads read() const;

  std::string path_;
  bool accept_;
  OutputFile file_;
  Heads noted_;
  Heads found_whole_;
  std::set<AgentId> gone_;
};

}  // namespace claimledger::cli
