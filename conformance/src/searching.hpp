#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "claimledger/ports/embedder.hpp"
#include "story.hpp"

// Ledgers to search and questions about them, drawn at random.
namespace claimledger::conformance {

// Of texts and questions, such as are hard to take apart and to quote.
const std::vector<std::string>& searched_words();

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& any_of(const std::vector<std::string>& choices) { return choices[below(choices.size())]; }

 private:
  std::mt19937_64 generator_;
};

Statement some_statement(Random& random);

// A model. Models of other names know other directions.
std::shared_ptr<Embedder> embedder_of_words(const std::string& name);

// Says things and takes some of them back; the same for the same seed, whatever store holds it and whichever engines.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {}

  void go_on(Engine& engine, ManualClock& clock, const AgentId& agent, int steps);

 private:
  Statement say_something();
  void take_back(Engine& engine, const AgentId& agent, const ClaimId& claim);

  Random random_;
  int lived_ = 0;
  std::vector<Statement> said_;
  std::vector<ClaimId> claims_;
};

SearchRequest some_search(Random& random, const AgentId& agent, Position head, Instant now);

}  // namespace claimledger::conformance
