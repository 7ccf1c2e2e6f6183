#pragma once

#include <boost/container/small_vector.hpp>
#include <vector>

#include "claimledger/domain/time.hpp"

namespace claimledger::rules {

// The span of one instant; nothing lies at forever.
inline Span only_at(ValidTime instant) {
  const auto none_follows = instant == ValidTime::forever();
  return {instant, none_follows ? instant : ValidTime{instant.value + std::chrono::microseconds{1}}};
}

// A set of instants of valid time: disjoint half-open spans, in order, none touching the next.
class Validity {
 public:
  using Spans = boost::container::small_vector<Span, 2>;

  Validity() = default;  // holds never
  explicit Validity(const Span& span) {
    if (span.from < span.until) spans_.push_back(span);
  }

  bool empty() const { return spans_.empty(); }
  bool contains(ValidTime instant) const;
  // Every instant of the span; an empty span is covered by anything.
  bool covers(const Span& span) const;
  bool intersects(const Span& span) const;
  bool intersects(const Validity& other) const;
  Validity intersection(const Validity& other) const;
  void remove(const Span& span);
  void remove(const Validity& other);
  // One after the other. Where several make the same end, the first says how it was stated.
  void remove(const std::vector<Span>& spans);
  void add(const Span& span);
  void add(const Validity& other);

  const Spans& spans() const { return spans_; }
  // Beginning of the first and end of the last span. Only for a set that is not empty.
  ValidTime start() const { return spans_.front().from; }
  ValidTime end() const { return spans_.back().until; }
  bool has_end() const { return !spans_.empty() && end() != ValidTime::forever(); }

  friend bool operator==(const Validity&, const Validity&) = default;

 private:
  // The first span that ends after this.
  Spans::const_iterator ending_after(ValidTime time) const;

  Spans spans_;
};

// The part of `some` that is not in `other`.
Validity without(Validity some, const Validity& other);

}  // namespace claimledger::rules
