#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rules/validity.hpp"

namespace claimledger::rules {

// Finds the claims that hold something within a span, without looking at all of them: spans by start, each with the
// latest end of those before it. A search costs a binary search and the spans that it comes by on its way back to the
// latest end: few where spans follow each other in time, as on most lines, and all where one of them lasts the longest.
// A change also moves the spans that start later.
class TimeIndex {
 public:
  // What the claim holds now, in the place of what it held before.
  void replace(std::uint32_t claim, const Validity& before, const Validity& now);

  bool empty() const { return items_.empty(); }

  // Calls `visit(claim)` for each claim with an instant in the span; more than once where it has several spans there.
  // Stops when `visit` returns true, and returns whether it did.
  template <class Visit>
  bool any(const Span& span, const Visit& visit) const {
    for (auto i = first_from(span.until); i-- > 0 && span.from < items_[i].latest_end;) {
      if (span.from < items_[i].until && visit(items_[i].claim)) return true;
    }
    return false;
  }

  // The same for those that hold at an instant.
  template <class Visit>
  bool any(ValidTime instant, const Visit& visit) const {
    return any(only_at(instant), visit);
  }

  // When the nth span that begins after `time` does; forever where there are not so many.
  ValidTime nth_start_after(ValidTime time, std::size_t nth) const;
  // The same for those before it; beginning.
  ValidTime nth_start_before(ValidTime time, std::size_t nth) const;

 private:
  struct Item {
    ValidTime from, until;
    ValidTime latest_end;  // of this one and all before it
    std::uint32_t claim;
  };
  // The first item that starts at or after `time`.
  std::size_t first_from(ValidTime time) const;
  void refresh_ends(std::size_t from);
  void add(std::uint32_t claim, const Span& span);
  void remove(std::uint32_t claim, const Span& span);

  std::vector<Item> items_;
};

}  // namespace claimledger::rules
