#pragma once

#include <span>
#include <string>

#include "claimledger/domain/term.hpp"
#include "parameters.hpp"
#include "posting_blocks.hpp"

namespace claimledger::postgres {

// Terms of contents as array parameters, one element for each block of postings. The terms have to outlive it.
class TermColumns {
 public:
  void add(std::int64_t content, std::span<const TermCount> terms) { blocks_.add(content, terms); }

  // Once, when all are added.
  void lend_to(Parameters& parameters) {
    blocks_.visit([&](const common::PostingBlock& block) { add(block); });
    for (const auto* column : {&terms_, &firsts_, &counts_, &distances_, &other_counts_}) parameters.borrow(*column);
  }

 private:
  // As much as the column takes.
  static std::int32_t small(std::uint32_t count) {
    constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::min(count, most));
  }

  void add(const common::PostingBlock& block) {
    terms_.add(block.term);
    firsts_.add(block.first);
    counts_.add_small(small(block.count));
    if (block.others.empty()) {
      distances_.add_null();
      other_counts_.add_null();
      return;
    }
    std::string distances, counts;
    bool once = true;
    for (const auto& [distance, count] : block.others) {
      (distances += distances.empty() ? '{' : ',') += std::to_string(distance);
      (counts += counts.empty() ? '{' : ',') += std::to_string(small(count));
      once = once && count == 1;
    }
    distances_.add(distances += '}');
    if (once) {
      other_counts_.add_null();
    } else {
      other_counts_.add(counts += '}');
    }
  }

  common::PostingBlocks blocks_;
  Array terms_ = Array::texts(), firsts_ = Array::integers(), counts_ = Array::small_integers();
  // Arrays in an array are all of one length, so these are texts.
  Array distances_ = Array::texts(), other_counts_ = Array::texts();
};

}  // namespace claimledger::postgres
