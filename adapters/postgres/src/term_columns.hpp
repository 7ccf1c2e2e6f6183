#pragma once

#include <algorithm>
#include <limits>
#include <span>

#include "claimledger/domain/term.hpp"
#include "parameters.hpp"

namespace claimledger::postgres {

// Terms of contents as array parameters, one element for each: the term, its content's number, how often it is there.
class TermColumns {
 public:
  void add(std::int64_t content, std::span<const TermCount> terms) {
    constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
    for (const auto& [term, count] : terms) {
      terms_.add(term);
      contents_.add(content);
      counts_.add_small(static_cast<std::int32_t>(std::min(count, most)));
    }
  }

  void lend_to(Parameters& parameters) const {
    for (const auto* column : {&terms_, &contents_, &counts_}) parameters.borrow(*column);
  }

 private:
  Array terms_ = Array::texts(), contents_ = Array::integers(), counts_ = Array::small_integers();
};

}  // namespace claimledger::postgres
