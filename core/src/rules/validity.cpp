#include "rules/validity.hpp"

#include <algorithm>

namespace claimledger::rules {

namespace {

// The later of two starts, the earlier of two ends: each with the way in which it was stated.
Span shared(const Span& a, const Span& b) {
  const auto& from = a.from < b.from ? b : a;
  const auto& until = b.until < a.until ? b : a;
  return {from.from, until.until, from.from_as, until.until_as};
}

}  // namespace

bool Validity::contains(ValidTime instant) const {
  return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) { return span.contains(instant); });
}

bool Validity::covers(const Span& span) const {
  if (span.until <= span.from) return true;
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const Span& mine) { return mine.from <= span.from && span.until <= mine.until; });
}

bool Validity::intersects(const Span& span) const {
  if (span.until <= span.from) return false;
  return std::any_of(spans_.begin(), spans_.end(),
                     [&](const Span& mine) { return mine.from < span.until && span.from < mine.until; });
}

bool Validity::intersects(const Validity& other) const {
  return std::any_of(spans_.begin(), spans_.end(), [&](const Span& mine) { return other.intersects(mine); });
}

Validity Validity::intersection(const Validity& other) const {
  Validity both;
  for (const Span& a : spans_) {
    for (const Span& b : other.spans_) {
      const auto span = shared(a, b);
      if (span.from < span.until) both.spans_.push_back(span);
    }
  }
  return both;
}

void Validity::remove(const Span& span) {
  if (span.until <= span.from || !intersects(span)) return;
  Spans left;
  for (const Span& mine : spans_) {
    auto before = mine, after = mine;
    if (span.from < before.until) {
      before.until = span.from;
      before.until_as = span.from_as;
    }
    if (after.from < span.until) {
      after.from = span.until;
      after.from_as = span.until_as;
    }
    if (before.from < before.until) left.push_back(before);
    if (after.from < after.until) left.push_back(after);
  }
  spans_ = std::move(left);
}

void Validity::remove(const Validity& other) {
  for (const Span& span : other.spans_) remove(span);
}

void Validity::add(const Span& span) {
  if (span.until <= span.from || covers(span)) return;
  auto merged = span;
  Spans all;
  for (const Span& mine : spans_) {
    if (mine.until < span.from || span.until < mine.from) {
      all.push_back(mine);
      continue;
    }
    if (mine.from < merged.from) {
      merged.from = mine.from;
      merged.from_as = mine.from_as;
    }
    if (merged.until < mine.until) {
      merged.until = mine.until;
      merged.until_as = mine.until_as;
    }
  }
  all.insert(std::find_if(all.begin(), all.end(), [&](const Span& other) { return merged.from < other.from; }), merged);
  spans_ = std::move(all);
}

void Validity::add(const Validity& other) {
  for (const Span& span : other.spans_) add(span);
}

Validity without(Validity some, const Validity& other) {
  some.remove(other);
  return some;
}

}  // namespace claimledger::rules
