#pragma once

#include <algorithm>
#include <limits>
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
    distances_.add(array_of(block.others, [](const auto& other) { return other.distance; }));
    if (std::ranges::all_of(block.others, [](const auto& other) { return other.count == 1; })) {
      other_counts_.add_null();
    } else {
      other_counts_.add(array_of(block.others, [](const auto& other) { return small(other.count); }));
    }
  }

  static std::string array_of(std::span<const common::PostingBlock::Other> others, const auto& number) {
    std::string text;
    for (const auto& other : others) (text += text.empty() ? '{' : ',') += std::to_string(number(other));
    return text += '}';
  }

  common::PostingBlocks blocks_;
  Array terms_ = Array::texts(), firsts_ = Array::integers(), counts_ = Array::small_integers();
  // Arrays in an array are all of one length, so these are texts.
  Array distances_ = Array::texts(), other_counts_ = Array::texts();
};

}  // namespace claimledger::postgres
