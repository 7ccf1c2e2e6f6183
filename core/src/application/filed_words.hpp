#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "application/context.hpp"

namespace claimledger::application {

// What a store has filed for searches, beside what its contents say: for verify(). A number for each entry is kept.
class FiledWords {
 public:
  // Reads all that is filed up to a position. Nothing is compared where nothing is filed, or by another recipe.
  FiledWords(const Context& context, const AgentId& agent, Position end, const Call& call);

  // Whether an entry has these words filed, and no others. True behind the end of the index.
  bool are(Position seq, const std::vector<TermCount>& terms) const;

  // Why what is filed cannot be read, and so is not compared; empty: it can.
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
  std::vector<std::uint64_t> sums_;  // by position from 1; of the hashes of an entry's terms
};

}  // namespace claimledger::application
