#include <map>
#include <optional>

#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// An instant at which some claim begins or ceases to hold, and how each was stated.
struct Turn {
  std::optional<Granularity> begins, ceases;

  Granularity as_start() const { return begins.value_or(ceases.value_or(Granularity::instant)); }
  Granularity as_end() const { return ceases.value_or(as_start()); }
};

void note(std::optional<Granularity>& stated, Granularity as) {
  if (!stated) stated = as;
}

}  // namespace

std::vector<Segment> timeline(const LineState& line, const Reading& reading) {
  // Belief changes only where some claim's validity does, or where an undated one was first said.
  std::map<ValidTime, Turn> turns{{ValidTime::beginning(), {}}};
  for (const auto& claim : line.claims()) {
    if (!claim.live() || claim.validity.empty()) continue;
    for (const Span& span : claim.validity.spans()) {
      note(turns[span.from].begins, span.from_as);
      note(turns[span.until].ceases, span.until_as);
    }
    if (!claim.trusted) turns[as_valid(claim.first_said())];
  }
  turns.erase(ValidTime::forever());

  std::vector<Segment> segments;
  for (const auto& [start, turn] : turns) {
    auto here = belief(line, start, reading);
    Segment segment{{start, ValidTime::forever(), turn.as_start(), Granularity::instant},
                    here.status,
                    std::move(here.alternatives)};
    if (here.primary) segment.values.push_back(std::move(*here.primary));
    if (!segments.empty()) {
      auto& last = segments.back();
      if (last.status == segment.status && last.values == segment.values) continue;
      last.span.until = start;
      last.span.until_as = turn.as_end();
    }
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace claimledger::rules
