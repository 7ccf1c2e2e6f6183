#pragma once

#include <cstdint>
#include <vector>

#include "application/context.hpp"
#include "claimledger/reads.hpp"
#include "search/question.hpp"

namespace claimledger::application {

// A statement that has something that a question wants, with how often it has each lookup.
struct Candidate {
  Position seq;
  std::uint32_t line = 0;   // by number, in Candidates::lines
  std::uint32_t score = 0;  // in millionths
  std::vector<std::uint32_t> counts;
};

// Everything in a ledger that may answer a question.
struct Candidates {
  std::vector<LineKey> lines;
  std::vector<Candidate> found;           // the best first, of equal ones the newest
  std::vector<std::uint64_t> statements;  // that have each lookup, whether they are candidates or not
  std::vector<std::uint32_t> weights;     // of each lookup
  std::uint64_t scanned = 0;              // statements whose terms were made now
};

// Reads every statement up to a position. Statements whose content is erased have no words. Failure: StoreFailure.
Candidates find_candidates(const Context& context, const AgentId& agent, Position at, const search::Question& question,
                           const Progress& progress, const Call& call);

}  // namespace claimledger::application
