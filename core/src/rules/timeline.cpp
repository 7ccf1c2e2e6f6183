#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// An instant at which some claim begins or ceases to hold, and how each was stated.
struct Turn {
  std::optional<Granularity> begins, ceases;
  std::vector<const ClaimState*> beginning, ceasing;

  Granularity as_start() const { return begins.value_or(ceases.value_or(Granularity::instant)); }
  Granularity as_end() const { return ceases.value_or(as_start()); }
};

void note(std::optional<Granularity>& stated, Granularity as) {
  if (!stated) stated = as;
}

// The live claims that hold from one turn to the next, in the order of the line.
class Holding {
 public:
  void pass(const Turn& turn) {
    for (const auto* claim : turn.ceasing) claims_.erase(place_of(claim));
    for (const auto* claim : turn.beginning) claims_.insert(place_of(claim), claim);
  }
  const std::vector<const ClaimState*>& claims() const { return claims_; }

 private:
  std::vector<const ClaimState*>::const_iterator place_of(const ClaimState* claim) const {
    return std::lower_bound(claims_.begin(), claims_.end(), claim);
  }

  std::vector<const ClaimState*> claims_;
};

}  // namespace

std::vector<Segment> timeline(const LineState& line, const Reading& reading) {
  // Belief changes only where some claim's validity does, or where an undated one was first said.
  std::map<ValidTime, Turn> turns{{ValidTime::beginning(), {}}};
  for (const auto& claim : line.claims()) {
    if (!claim.live() || claim.validity.empty()) continue;
    for (const Span& span : claim.validity.spans()) {
      auto& start = turns[span.from];
      note(start.begins, span.from_as);
      start.beginning.push_back(&claim);
      auto& end = turns[span.until];
      note(end.ceases, span.until_as);
      end.ceasing.push_back(&claim);
    }
    if (!claim.trusted) turns[as_valid(claim.first_said())];
  }
  turns.erase(ValidTime::forever());

  std::vector<Segment> segments;
  Holding holding;
  for (const auto& [start, turn] : turns) {
    holding.pass(turn);
    auto here = answer(line, holding.claims(), start, reading.asked_at);
    Segment segment{
        {start, ValidTime::forever(), turn.as_start(), Granularity::instant}, here.status, std::move(here.values)};
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
