#pragma once

#include <boost/container/small_vector.hpp>

#include <optional>

#include "claimledger/domain/belief.hpp"

namespace claimledger::rules {

// A set of instants of valid time: disjoint half-open spans, in order, none touching the next.
class Validity {
 public:
  using Spans = boost::container::small_vector<Span, 2>;

  Validity() = default;  // holds never
  explicit Validity(Span span) {
    if (span.from < span.until) spans_.push_back(span);
  }

  bool empty() const { return spans_.empty(); }
  bool contains(ValidTime instant) const;
  // Every instant of the span; an empty span is covered by anything.
  bool covers(Span span) const;
  bool intersects(const Validity& other) const;
  Validity intersection(const Validity& other) const;
  void remove(Span span);

  const Spans& spans() const { return spans_; }
  // Beginning of the first and end of the last span. Only for a set that is not empty.
  ValidTime start() const { return spans_.front().from; }
  ValidTime end() const { return spans_.back().until; }

  friend bool operator==(const Validity&, const Validity&) = default;

 private:
  Spans spans_;
};

}  // namespace claimledger::rules
