#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model.hpp"

// Histories: what is done, in order, to the engine and to the model alike.
namespace claimledger::property {

enum class Act {
  ingest,
  end,
  retract,
  retract_source,
  reopen,
  review,
  adjudicate,
  adjudicate_claim,
  sweep,
  reconcile,
  serve,
};

// One write. Claims and questions are picked by number modulo how many there are then, so that a history from which
// steps were dropped still runs.
struct Step {
  Act act = Act::ingest;
  std::chrono::microseconds later{0};  // how far the clock goes on before; may be negative
  std::vector<model::Said> statements = {};
  std::size_t pick = 0;
  std::optional<ValidEnd> at = {};
  Provenance by = Provenance::user_asserted;
  Verdict verdict = Verdict::affirm;
  ReviewVerdict review = ReviewVerdict::keep;
  std::string source = {};
  LineKey line = {};
};

struct History {
  Config config;
  std::vector<Step> steps;
};

inline const Instant start_of_time = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

std::string text(const Step& step);
std::string text(const History& history);

// Fixed by the seed on every machine.
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

History random_history(std::uint64_t seed);

}  // namespace claimledger::property
