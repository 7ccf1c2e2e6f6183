#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "story.hpp"

// Stories made up by a seed, the same on every machine, and the shortest of those in which something goes wrong.
namespace claimledger::property {

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  T any_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

 private:
  std::mt19937_64 generator_;
};

struct Taste {
  bool verbs = true;    // else statements alone
  bool partial = true;  // reopen from a day on
  bool corrections = true;
  std::size_t most_steps = 14;
};
Story random_story(std::uint64_t seed, const Taste& taste = {});

// The fault of a story; absent: none.
using Check = std::function<std::optional<std::string>(const Story&)>;
// The smallest story found that still fails the check: no step or word can be left out.
Story shrunk(Story story, const Check& check);
// The story as a script, and what is wrong with it.
std::string report(const Story& story, const Check& check);

struct Run {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
};
// CLAIMLEDGER_SEED=n runs that one alone; CLAIMLEDGER_LONG=1 runs `often`, from CLAIMLEDGER_FROM on.
Run run_of(std::uint64_t seldom, std::uint64_t often);
// Checks each story; the first that fails is shrunk and told, with its seed. CLAIMLEDGER_SHOW=n: the first n.
void expect_all(const Run& run, const Taste& taste, const Check& check);

}  // namespace claimledger::property
