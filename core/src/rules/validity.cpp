#include "rules/validity.hpp"

#include <algorithm>
#include <iterator>

namespace claimledger::rules {

namespace {

// The later of two starts, the earlier of two ends: each with the way in which it was stated.
Span shared(const Span& a, const Span& b) {
  const auto& from = a.from < b.from ? b : a;
  const auto& until = b.until < a.until ? b : a;
  return {from.from, until.until, from.from_as, until.until_as};
}

}  // namespace

Validity::Spans::const_iterator Validity::ending_after(ValidTime time) const {
  return std::partition_point(spans_.begin(), spans_.end(), [&](const Span& mine) { return mine.until <= time; });
}

bool Validity::contains(ValidTime instant) const {
  const auto mine = ending_after(instant);
  return mine != spans_.end() && mine->from <= instant;
}

bool Validity::covers(const Span& span) const {
  if (span.until <= span.from) return true;
  const auto mine = ending_after(span.from);
  return mine != spans_.end() && mine->from <= span.from && span.until <= mine->until;
}

bool Validity::intersects(const Span& span) const {
  if (span.until <= span.from) return false;
  const auto mine = ending_after(span.from);
  return mine != spans_.end() && mine->from < span.until;
}

bool Validity::intersects(const Validity& other) const {
  const auto& fewer = spans_.size() < other.spans_.size() ? *this : other;
  const auto& more = &fewer == this ? other : *this;
  return std::any_of(fewer.spans_.begin(), fewer.spans_.end(), [&](const Span& span) { return more.intersects(span); });
}

Validity Validity::intersection(const Validity& other) const {
  Validity both;
  auto theirs = other.spans_.begin();
  for (const Span& mine : spans_) {
    while (theirs != other.spans_.end() && theirs->until <= mine.from) ++theirs;
    for (auto each = theirs; each != other.spans_.end() && each->from < mine.until; ++each) {
      both.spans_.push_back(shared(mine, *each));
    }
  }
  return both;
}

void Validity::remove(const Span& span) {
  if (span.until <= span.from) return;
  const auto first = spans_.begin() + (ending_after(span.from) - spans_.cbegin());
  auto last = first;
  while (last != spans_.end() && last->from < span.until) ++last;
  if (first == last) return;
  Spans left;
  if (first->from < span.from) left.push_back({first->from, span.from, first->from_as, span.from_as});
  const auto& end = *std::prev(last);
  if (span.until < end.until) left.push_back({span.until, end.until, span.until_as, end.until_as});
  const auto place = spans_.erase(first, last);
  spans_.insert(place, left.begin(), left.end());
}

void Validity::remove(const Validity& other) {
  if (other.spans_.size() < 2) {
    for (const Span& span : other.spans_) remove(span);
    return;
  }
  Spans left;
  auto cut = other.spans_.begin();
  for (Span mine : spans_) {
    while (cut != other.spans_.end() && cut->until <= mine.from) ++cut;
    for (auto each = cut; each != other.spans_.end() && each->from < mine.until; ++each) {
      if (mine.from < each->from) left.push_back({mine.from, each->from, mine.from_as, each->from_as});
      mine.from = each->until;
      mine.from_as = each->until_as;
    }
    if (mine.from < mine.until) left.push_back(mine);
  }
  spans_ = std::move(left);
}

void Validity::remove(const std::vector<Span>& spans) {
  std::vector<std::size_t> by_start;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].from < spans[i].until) by_start.push_back(i);
  }
  const auto before = [&](std::size_t a, std::size_t b) { return spans[a].from < spans[b].from; };
  if (!std::is_sorted(by_start.begin(), by_start.end(), before)) {
    std::stable_sort(by_start.begin(), by_start.end(), before);
  }
  Validity all;
  std::size_t ended_by = 0;  // the first of those that make the last end
  for (const auto i : by_start) {
    const Span& span = spans[i];
    if (all.empty() || all.end() < span.from) {
      all.spans_.push_back(span);
      ended_by = i;
      continue;
    }
    auto& last = all.spans_.back();
    if (span.until < last.until || (span.until == last.until && ended_by < i)) continue;
    last.until = span.until;
    last.until_as = span.until_as;
    ended_by = i;
  }
  remove(all);
}

void Validity::add(const Span& span) {
  if (span.until <= span.from || covers(span)) return;
  // Those that touch it become one with it.
  const auto first =
      std::partition_point(spans_.begin(), spans_.end(), [&](const Span& mine) { return mine.until < span.from; });
  auto last = first;
  while (last != spans_.end() && last->from <= span.until) ++last;
  if (first == last) {
    spans_.insert(first, span);
    return;
  }
  auto merged = span;
  if (first->from < span.from) {
    merged.from = first->from;
    merged.from_as = first->from_as;
  }
  const auto& end = *std::prev(last);
  if (span.until < end.until) {
    merged.until = end.until;
    merged.until_as = end.until_as;
  }
  *first = merged;
  spans_.erase(std::next(first), last);
}

void Validity::add(const Validity& other) {
  for (const Span& span : other.spans_) add(span);
}

Validity without(Validity some, const Validity& other) {
  some.remove(other);
  return some;
}

}  // namespace claimledger::rules
