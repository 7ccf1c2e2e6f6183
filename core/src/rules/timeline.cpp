#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
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
  explicit Holding(std::vector<const ClaimState*> claims) : claims_(std::move(claims)) {}

  void pass(const Turn& turn) { replace(turn.ceasing, turn.beginning); }
  void pass_back(const Turn& turn) { replace(turn.beginning, turn.ceasing); }
  const std::vector<const ClaimState*>& claims() const { return claims_; }

 private:
  void replace(const std::vector<const ClaimState*>& old, const std::vector<const ClaimState*>& fresh) {
    for (const auto* claim : old) claims_.erase(place_of(claim));
    for (const auto* claim : fresh) claims_.insert(place_of(claim), claim);
  }
  std::vector<const ClaimState*>::const_iterator place_of(const ClaimState* claim) const {
    return std::lower_bound(claims_.begin(), claims_.end(), claim);
  }

  std::vector<const ClaimState*> claims_;
};

// The turns of a stretch of valid time, its beginning among them. Belief changes only where some claim's validity does,
// or where an undated one was first said.
class Turns {
 public:
  Turns(const LineState& line, const Span& stretch) : stretch_(stretch) {
    turns_[stretch.from];
    auto with_those_that_cease = stretch;  // at its beginning
    if (stretch.from != ValidTime::beginning()) with_those_that_cease.from.value -= std::chrono::microseconds{1};
    for (const auto index : line.may_take_part_in(with_those_that_cease)) {
      const auto& claim = line[index];
      if (claim.live() && !claim.validity.empty()) add(claim);
    }
  }

  const std::map<ValidTime, Turn>& all() const { return turns_; }
  const std::vector<const ClaimState*>& holding_at_first() const { return holding_; }

 private:
  void add(const ClaimState& claim) {
    for (const Span& span : claim.validity.spans()) {
      if (span.contains(stretch_.from)) holding_.push_back(&claim);
      if (auto* start = turn_at(span.from)) {
        note(start->begins, span.from_as);
        start->beginning.push_back(&claim);
      }
      if (auto* end = turn_at(span.until)) {
        note(end->ceases, span.until_as);
        end->ceasing.push_back(&claim);
      }
    }
    if (!claim.trusted) turn_at(as_valid(claim.first_said()));
  }
  Turn* turn_at(ValidTime time) { return stretch_.contains(time) ? &turns_[time] : nullptr; }

  Span stretch_;
  std::map<ValidTime, Turn> turns_;
  std::vector<const ClaimState*> holding_;
};

bool say_the_same(const auto& a, const auto& b) { return a.status == b.status && a.values == b.values; }

// Where the segment begins that an instant lies in. It looks further back as long as all that it saw says the same.
ValidTime start_of_segment(const LineState& line, const Reading& reading, ValidTime instant) {
  if (instant == ValidTime::beginning()) return instant;
  for (std::size_t starts = 16;; starts *= 8) {
    const auto from = line.dated().nth_start_before(instant, starts);
    const Turns turns(line, {from, only_at(instant).until});
    Holding holding(turns.holding_at_first());
    auto turn = turns.all().begin();
    while (std::next(turn) != turns.all().end()) holding.pass((++turn)->second);
    const auto here = answer(line, holding.claims(), turn->first, reading.asked_at);
    while (turn != turns.all().begin()) {
      holding.pass_back(turn->second);
      const auto before = std::prev(turn);
      if (!say_the_same(answer(line, holding.claims(), before->first, reading.asked_at), here)) return turn->first;
      turn = before;
    }
    if (from == ValidTime::beginning()) return from;
  }
}

// Puts segments together, turn by turn, until enough are whole.
class Part {
 public:
  Part(const Span& wanted, std::size_t most) : wanted_(wanted), most_(most) {}

  // False: no more turns are needed.
  bool take(ValidTime start, const Turn& turn, Answer&& here) {
    if (last_ && say_the_same(*last_, here)) return true;
    if (last_) {
      last_->span.until = start;
      last_->span.until_as = turn.as_end();
      part_.segments.push_back(std::move(*last_));
      last_.reset();
    }
    if (wanted_.until <= start) return false;
    if (part_.segments.size() == most_) {
      part_.next = start;
      return false;
    }
    last_ = Segment{
        {start, ValidTime::forever(), turn.as_start(), Granularity::instant}, here.status, std::move(here.values)};
    return true;
  }

  TimelinePart finish() {
    if (last_) part_.segments.push_back(std::move(*last_));
    return std::move(part_);
  }

 private:
  Span wanted_;
  std::size_t most_;
  TimelinePart part_;
  std::optional<Segment> last_;  // until the next turn that says something else
};

}  // namespace

TimelinePart timeline(const LineState& line, const Reading& reading, const Span& wanted, std::size_t most) {
  Part part(wanted, most);
  auto from = start_of_segment(line, reading, wanted.from);
  // As many turns at a time as may be needed: a page of a long line costs no more than it shows.
  while (from != ValidTime::forever()) {
    const auto until = line.dated().nth_start_after(from, most);
    const Turns turns(line, {from, until});
    Holding holding(turns.holding_at_first());
    for (const auto& [start, turn] : turns.all()) {
      if (start != from) holding.pass(turn);
      if (!part.take(start, turn, answer(line, holding.claims(), start, reading.asked_at))) return part.finish();
    }
    from = until;
  }
  return part.finish();
}

}  // namespace claimledger::rules
