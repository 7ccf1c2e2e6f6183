#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "application/context.hpp"
#include "claimledger/reads.hpp"
#include "search/question.hpp"

namespace claimledger::application {

// A statement that has something that a question wants.
struct Candidate {
  Position seq;
  std::uint32_t score = 0;  // in millionths
  // Of two the better one: by score, then the newer.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.seq > b.seq;
  }
};

// The statements of a ledger that may answer a question, the best first, each with how often it has each lookup.
class Candidates {
 public:
  using Counts = std::span<const std::uint32_t>;

  // Those of at least this score up to a position. Statements whose content is erased have no words. Failure:
  // StoreFailure.
  Candidates(const Context& context, const AgentId& agent, Position at, const search::Question& question,
             std::uint32_t least_score, const Progress& progress, const Call& call);

  // The next ones in their order, each once; fewer where there are no more.
  std::vector<Candidate> next(std::size_t most);
  // The best of those that next() has not given.
  const Candidate* best_left() const { return left_.empty() ? nullptr : &found_[left_.front()]; }

  // How many next() has not given.
  std::size_t left() const { return left_.size(); }

  // A statement that is one, given or not.
  const Candidate* find(Position statement) const;
  Counts counts(const Candidate& candidate) const;

  // Statements that have each lookup, whether they are candidates or not, and its weight.
  const std::vector<std::uint64_t>& statements() const { return statements_; }
  const std::vector<std::uint32_t>& weights() const { return weights_; }
  // Statements whose terms were made for this question: those that no index has.
  std::uint64_t scanned() const { return scanned_; }

 private:
  // Answers from the index of the store, and returns the end of what that has.
  Position look_up(const Context& context, const AgentId& agent, Position at, const search::Question& question,
                   const Call& call);
  void scan(const Context& context, const AgentId& agent, Position after, Position at, const search::Question& question,
            const Progress& progress, const Call& call);
  void add(Position seq, Counts counts, const search::Question& question);
  void rank(Position at, const search::Question& question);

  std::size_t lookups_;
  std::uint32_t least_score_;
  std::vector<Candidate> found_;       // by seq
  std::vector<std::uint32_t> counts_;  // of each in turn, one for each lookup
  std::vector<std::uint32_t> left_;    // places in found_; a heap with the best at its top
  std::vector<std::uint64_t> statements_;
  std::vector<std::uint32_t> weights_;
  std::uint64_t scanned_ = 0;
};

}  // namespace claimledger::application
