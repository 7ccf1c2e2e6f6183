#pragma once

#include <chrono>
#include <cstdint>

#include "claimledger/domain/time.hpp"

namespace claimledger::search {

// What of a score is how lately a claim began to hold, in integers throughout: no floating point and nothing of libm,
// as in score.hpp. Scores and freshness are millionths, shares too.
class Recency {
 public:
  // A share of 0 … 1,000,000, with 0 of which every score stays what it is; a half-life of at least 1.
  Recency(std::uint32_t share, std::chrono::microseconds half_life, ValidTime at)
      : share_(share), half_life_(half_life), at_(at) {}

  bool counts() const { return share_ > 0; }

  // 2^(-age / half-life) of what began then: a million where that is not before `at`, half of it a half-life earlier,
  // 0 twenty earlier. Never rises with age. Rounded down, wrong by less than a fifth of a millionth before: of the
  // exponent 22 binary digits count, of what it gives 32.
  std::uint32_t freshness(ValidTime began) const;

  // The score of a claim with its freshness: (1 - share) * score + share * freshness, rounded down.
  std::uint32_t with(std::uint32_t score, std::uint32_t freshness) const;
  // No claim of this score gets more.
  std::uint32_t most(std::uint32_t score) const;
  // The least score of which a claim may get at least this.
  std::uint32_t needed_for(std::uint32_t least) const;

 private:
  std::uint32_t share_;
  std::chrono::microseconds half_life_;
  ValidTime at_;
};

}  // namespace claimledger::search
