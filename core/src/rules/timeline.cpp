#include <map>

#include "rules/rules.hpp"

namespace claimledger::rules {

std::vector<Segment> timeline(const LineState& line, const Reading& reading) {
  // Belief changes only where some claim's validity does, or where an undated one was first said. Each such instant
  // keeps how it was stated.
  std::map<ValidTime, Granularity> starts{{ValidTime::beginning(), Granularity::instant}};
  for (const auto& claim : line.claims()) {
    if (!claim.live() || claim.validity.empty()) continue;
    for (const Span& span : claim.validity.spans()) {
      starts.try_emplace(span.from, span.from_as);
      starts.try_emplace(span.until, span.until_as);
    }
    if (!claim.trusted) starts.try_emplace(as_valid(claim.first_said()), Granularity::instant);
  }
  starts.erase(ValidTime::forever());

  std::vector<Segment> segments;
  for (const auto& [start, as] : starts) {
    auto here = belief(line, start, reading);
    Segment segment{{start, ValidTime::forever(), as, Granularity::instant}, here.status, std::move(here.alternatives)};
    if (here.primary) segment.values.push_back(std::move(*here.primary));
    if (!segments.empty()) {
      auto& last = segments.back();
      if (last.status == segment.status && last.values == segment.values) continue;
      last.span.until = start;
      last.span.until_as = as;
    }
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace claimledger::rules
