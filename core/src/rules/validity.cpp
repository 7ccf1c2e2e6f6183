#include "rules/validity.hpp"

#include <algorithm>

namespace claimledger::rules {

bool Validity::contains(ValidTime instant) const {
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const Span& span) { return span.from <= instant && instant < span.until; });
}

bool Validity::covers(Span span) const {
  if (span.until <= span.from) return true;
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const Span& mine) { return mine.from <= span.from && span.until <= mine.until; });
}

bool Validity::intersects(const Validity& other) const {
  for (const Span& a : spans_) {
    for (const Span& b : other.spans_) {
      if (a.from < b.until && b.from < a.until) return true;
    }
  }
  return false;
}

Validity Validity::intersection(const Validity& other) const {
  Validity both;
  for (const Span& a : spans_) {
    for (const Span& b : other.spans_) {
      const Span shared{std::max(a.from, b.from), std::min(a.until, b.until)};
      if (shared.from < shared.until) both.spans_.push_back(shared);
    }
  }
  return both;
}

void Validity::remove(Span span) {
  if (span.until <= span.from) return;
  Spans left;
  for (const Span& mine : spans_) {
    const Span before{mine.from, std::min(mine.until, span.from)};
    const Span after{std::max(mine.from, span.until), mine.until};
    if (before.from < before.until) left.push_back(before);
    if (after.from < after.until) left.push_back(after);
  }
  spans_ = std::move(left);
}

}  // namespace claimledger::rules
