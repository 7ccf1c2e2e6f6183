#include "claimledger/domain/score.hpp"

#include <cmath>
#include <string>

#include "claimledger/failure.hpp"

namespace claimledger {

Score Score::from(double number, std::string_view field) {
  // Written so that NaN fails it too.
  if (!(number >= 0.0 && number <= 1.0)) throw InvalidInput(std::string(field), "a score is a number from 0 to 1");
  return {static_cast<std::uint32_t>(std::lround(number * 1'000'000.0))};
}

}  // namespace claimledger
