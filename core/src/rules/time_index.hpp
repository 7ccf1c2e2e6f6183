#pragma once

#include <cstdint>
#include <vector>

#include "rules/validity.hpp"

namespace claimledger::rules {

// Finds the claims that hold something within a span, without looking at all of them: spans by start, each with the
// latest end of those before it. Spans that follow each other in time, as most lines have them, cost a binary search.
class TimeIndex {
 public:
  void add(std::uint32_t claim, const Validity& validity);
  void remove(std::uint32_t claim, const Validity& validity);

  // Calls `visit(claim)` for each claim with an instant in the span; more than once where it has several spans there.
  // Stops when `visit` returns true, and returns whether it did.
  template <class Visit>
  bool any(const Span& span, const Visit& visit) const {
    for (auto i = first_from(span.until); i-- > 0 && span.from < items_[i].latest_end;) {
      if (span.from < items_[i].until && visit(items_[i].claim)) return true;
    }
    return false;
  }

 private:
  struct Item {
    ValidTime from, until;
    ValidTime latest_end;  // of this one and all before it
    std::uint32_t claim;
  };
  // The first item that starts at or after `time`.
  std::size_t first_from(ValidTime time) const;
  void refresh_ends(std::size_t from);

  std::vector<Item> items_;
};

}  // namespace claimledger::rules
