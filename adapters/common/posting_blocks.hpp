#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "claimledger/domain/term.hpp"

// Postings as our databases keep them. A row costs some microseconds and a place in two pages, whatever is in it; so
// those of a term that are filed together stand together, in blocks. A term that is filed alone is a block of one.
namespace claimledger::common {

struct PostingBlock {
  // Few enough for a row that stays in its page.
  static constexpr std::size_t most = 128;

  // A content behind the first, which is no further away than a 32-bit integer can say.
  struct Other {
    std::uint32_t distance;  // from the first, and so from 1 on
    std::uint32_t count;
  };

  std::string_view term;
  std::int64_t first;             // the number of the first content that has it
  std::uint32_t count;            // how often that has it
  std::span<const Other> others;  // ascending
};

// Gathers the terms of some contents. They have to outlive it.
class PostingBlocks {
 public:
  void add(std::int64_t content, std::span<const TermCount> terms) {
    for (const auto& [term, count] : terms) add(content, term, count);
  }
  void add(std::int64_t content, std::string_view term, std::uint32_t count) {
    postings_.push_back({term, content, count});
  }

  // The blocks, by term and then by content: in the order of the table, so that a page of it is met once. What a
  // content said twice of a term counts as said last.
  void visit(const auto& visitor) {
    std::ranges::stable_sort(postings_, {}, [](const Posting& it) { return std::tie(it.term, it.content); });
    std::vector<PostingBlock::Other> others;
    for (std::size_t at = 0; at < postings_.size();) {
      const auto& term = postings_[at].term;
      const auto first = postings_[at].content;
      auto count = postings_[at].count;
      others.clear();
      for (++at; at < postings_.size() && postings_[at].term == term; ++at) {
        const auto& [_, content, its_count] = postings_[at];
        const auto distance = content - first;
        if (content == postings_[at - 1].content) {
          (others.empty() ? count : others.back().count) = its_count;
        } else if (others.size() + 1 < PostingBlock::most && distance <= std::numeric_limits<std::int32_t>::max()) {
          others.push_back({static_cast<std::uint32_t>(distance), its_count});
        } else {
          break;
        }
      }
      visitor(PostingBlock{term, first, count, others});
    }
  }

 private:
  struct Posting {
    std::string_view term;
    std::int64_t content;
    std::uint32_t count;
  };
  std::vector<Posting> postings_;
};

}  // namespace claimledger::common
