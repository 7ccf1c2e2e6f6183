#include <set>

#include "rules/rules.hpp"

namespace claimledger::rules {

std::vector<Segment> timeline(const LineState& line, const Reading& reading) {
  // Belief changes only where some claim's validity does.
  std::set<ValidTime> starts{ValidTime::beginning()};
  for (const auto* claim : line.claims()) {
    if (!claim->live()) continue;
    for (const Span& span : claim->validity.spans()) {
      starts.insert(span.from);
      starts.insert(span.until);
    }
  }
  starts.erase(ValidTime::forever());

  std::vector<Segment> segments;
  for (const auto start : starts) {
    auto here = belief(line, start, reading);
    Segment segment{{start, ValidTime::forever()}, here.status, std::move(here.alternatives)};
    if (here.primary) segment.values.push_back(std::move(*here.primary));
    if (!segments.empty()) {
      auto& last = segments.back();
      if (last.status == segment.status && last.values == segment.values) continue;
      last.span.until = start;
    }
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace claimledger::rules
