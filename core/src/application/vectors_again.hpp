#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "application/context.hpp"
#include "claimledger/ports/vectors.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::application {

// Makes vectors that are filed again, of the texts that they are of, and tells which point elsewhere: those of other
// texts, and those by another model of that name.
class VectorsAgain {
 public:
  // About `wanted` of the vectors of the engine's embedder, spread over them evenly.
  VectorsAgain(const Context& context, const AgentId& agent, Position end, std::uint64_t wanted, const Call& call)
      : context_(context), agent_(agent), end_(end), wanted_(wanted), call_(call) {}

  // The vectors that follow are by this model.
  void begin(const FiledModel& filed);
  // Notes one that is filed, if it is to be made again.
  void note(const FiledVector& filed, const search::UnitVector& vector);
  // Makes those that were noted, forgets them, and gives the entries whose vectors point elsewhere.
  std::set<Position> make();

  std::uint64_t made() const { return made_; }
  // Why the embedder made none, or no more of them; empty: it made all.
  const std::string& failed() const { return failed_; }

 private:
  std::vector<StoredEntry> entries_of_noted() const;
  void ask(const std::function<void(Embedder&)>& question);

  const Context& context_;
  const AgentId& agent_;
  Position end_;
  std::uint64_t wanted_;
  const Call& call_;
  std::uint64_t every_ = 0;  // of the model's vectors is noted; 0: none
  std::map<Position, search::UnitVector> noted_;
  std::uint64_t made_ = 0;
  std::string failed_;
};

}  // namespace claimledger::application
