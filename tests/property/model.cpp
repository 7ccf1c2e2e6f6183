#include "model.hpp"

#include <algorithm>
#include <cmath>

// Sections 3 and 4 of the semantics, read literally.
namespace claimledger::model {

Span Claim::window() const {
  Span span;
  if (trusted && said_first.window.from) span.from = said_first.window.from->at;
  if (said_first.window.until) span.until = said_first.window.until->at;
  return span;
}

bool Claim::retracted() const {
  return std::ranges::any_of(
      cuts, [](const Cut& cut) { return cut.in_force && cut.reason == CutReason::retraction && cut.taken == Span{}; });
}

namespace {

bool contains(const Span& span, ValidTime at) { return span.from <= at && at < span.until; }

}  // namespace

std::vector<Number> State::on_line(const LineKey& line) const {
  std::vector<Number> found;
  for (const auto& claim : claims)
    if (claim.line() == line) found.push_back(claim.number);
  return found;
}

const Instants& State::instants(const LineKey& line) const {
  static const Instants none{ValidTime::beginning()};
  const auto found = named.find(line);
  return found == named.end() ? none : found->second;
}

void State::name(const LineKey& line, ValidTime at) {
  auto& all = named[line];
  all.insert(ValidTime::beginning());
  if (at != ValidTime::forever()) all.insert(at);
}

// Validity = window minus the cuts in force.
bool State::holds(const Claim& claim, ValidTime at) const {
  return contains(claim.window(), at) &&
         std::ranges::none_of(claim.cuts, [&](const Cut& cut) { return cut.in_force && contains(cut.taken, at); });
}

bool State::base_holds(const Claim& claim, ValidTime at) const {
  return contains(claim.window(), at) && std::ranges::none_of(claim.cuts, [&](const Cut& cut) {
           return cut.in_force && cut.reason != CutReason::succession && contains(cut.taken, at);
         });
}

std::vector<Span> State::stretches(const Claim& claim, bool (State::*at)(const Claim&, ValidTime) const) const {
  std::vector<Span> found;
  bool inside = false;
  for (const auto instant : instants(claim.line())) {
    const auto now = (this->*at)(claim, instant);
    if (now && !inside) found.push_back({instant, ValidTime::forever()});
    if (!now && inside) found.back().until = instant;
    inside = now;
  }
  return found;
}

std::vector<Span> State::validity(const Claim& claim) const { return stretches(claim, &State::holds); }
std::vector<Span> State::base(const Claim& claim) const { return stretches(claim, &State::base_holds); }

bool State::has_validity(const Claim& claim) const {
  return std::ranges::any_of(instants(claim.line()), [&](ValidTime at) { return holds(claim, at); });
}

bool State::overlap(const Claim& a, const Claim& b) const {
  return std::ranges::any_of(instants(a.line()), [&](ValidTime at) { return holds(a, at) && holds(b, at); });
}

std::optional<ValidTime> State::open_end(const Claim& claim) const {
  const auto all = base(claim);
  if (all.empty() || all.back().until != ValidTime::forever()) return {};
  return all.back().from;
}

bool State::stated_to_hold(const Claim& claim, ValidTime at) const {
  const auto open = open_end(claim);
  const bool presumed = open && *open <= at && as_valid(claim.last_said()) <= at;
  return holds(claim, at) && !presumed;
}

// "A line is a set when all its live first-hand claims that have any validity left are SetValued (with none: all its
// live claims)."
bool State::is_set(const LineKey& line) const {
  bool any_live = false;
  bool all_live = true;
  bool any_deciding = false;
  for (const auto& claim : claims) {
    if (claim.line() != line || !claim.live()) continue;
    const bool set_valued = claim.said_first.cardinality == Cardinality::set_valued;
    any_live = true;
    all_live = all_live && set_valued;
    if (!claim.first_hand() || !has_validity(claim)) continue;
    if (!set_valued) return false;
    any_deciding = true;
  }
  return any_deciding || (any_live && all_live);
}

bool State::comparable(const Claim& a, const Claim& b) const {
  return a.live() && b.live() && a.first_hand() && b.first_hand() && a.line() == b.line() && a.value() != b.value() &&
         !is_set(a.line());
}

// The successor's cut takes away what they would share, so whatever two trusted claims still share makes them rivals.
bool State::rivals(const Claim& a, const Claim& b) const {
  if (!comparable(a, b)) return false;
  if (a.trusted == b.trusted) return overlap(a, b);
  const auto& undated = a.trusted ? b : a;
  return std::ranges::any_of(undated.said,
                             [&](TxTime said) { return holds(a, as_valid(said)) && holds(b, as_valid(said)); });
}

std::vector<Number> State::rivals_of(const Claim& claim) const {
  std::vector<Number> found;
  for (const auto number : on_line(claim.line()))
    if (rivals(claim, claims[number])) found.push_back(number);
  return found;
}

namespace {

bool waits(const Claim& claim) {
  return claim.disposition == Disposition::contested || claim.disposition == Disposition::queued_for_adjudication;
}

}  // namespace

bool State::contests(const Claim& claim) const {
  return std::ranges::any_of(rivals_of(claim), [&](Number rival) {
    const bool newcomer = *claims[rival].counts_since < *claim.counts_since;
    return waits(claim) || (!waits(claims[rival]) && newcomer);
  });
}

bool State::can_be_judged(const Claim& claim) const {
  return std::ranges::any_of(rivals_of(claim), [&](Number rival) {
    return waits(claim) || *claims[rival].counts_since < *claim.counts_since;
  });
}

// "A newcomer whose start is after the incumbent's start and not before the incumbent was last said first-hand, meeting
// only the incumbent's open end, is its successor."
bool State::succeeds(const Claim& newcomer, const Claim& incumbent) const {
  if (!comparable(newcomer, incumbent) || !newcomer.trusted || !incumbent.trusted) return false;
  if (!overlap(newcomer, incumbent)) return false;
  const auto start = newcomer.window().from;
  if (start <= incumbent.window().from || start < as_valid(incumbent.last_said())) return false;
  const auto open = open_end(incumbent);
  return open && std::ranges::all_of(instants(newcomer.line()), [&](ValidTime at) {
           return !contains(newcomer.window(), at) || !holds(incumbent, at) || *open <= at;
         });
}

// "An undated claim first said after another value of its line ended or was superseded holds from that ending on,
// unless the line is a set."
std::optional<State::Ending> State::ending_before(const Claim& undated) const {
  // Where it ends itself: as said, and as it was cut otherwise.
  auto whole = undated;
  std::erase_if(whole.cuts, [](const Cut& cut) { return cut.reason == CutReason::ending; });
  const auto own = base(whole);
  std::optional<Ending> latest;
  for (const auto number : on_line(undated.line())) {
    const auto& other = claims[number];
    if (!comparable(undated, other) || !has_validity(other)) continue;
    const auto end = base(other).back().until;
    if (end == ValidTime::forever() || as_valid(undated.recorded_at) < end) continue;
    if (own.empty() || own.back().until <= end) continue;
    if (!latest || latest->at < end) latest = Ending{end, number};
  }
  return latest;
}

// "A ModelDerived claim contradicts what it would rival were it first-hand." Of two, the later recorded is the
// newcomer.
std::vector<Number> State::contradicted_by(const Claim& derived) const {
  State were = *this;
  auto& claim = were.claims[derived.number];
  claim.said_first.provenance = Provenance::user_asserted;
  claim.disposition = Disposition::committed_cheap;
  for (auto& other : were.claims) {
    if (other.trusted || !other.live() || !other.first_hand() || other.line() != claim.line()) continue;
    if (const auto ending = were.ending_before(other))
      other.cuts.push_back({{ValidTime::beginning(), ending->at}, CutReason::ending, ending->cause, {}});
  }
  std::vector<Number> found;
  for (const auto number : were.rivals_of(claim)) {
    const auto& other = were.claims[number];
    const bool newer = !claim.counts_since || *other.counts_since < *claim.counts_since;
    const bool follows = newer ? were.succeeds(claim, other) : were.succeeds(other, claim);
    if (!follows) found.push_back(number);
  }
  return found;
}

const Question* State::open_question(Number claim) const {
  for (const auto& question : questions)
    if (question.claim == claim && !question.closed) return &question;
  return nullptr;
}

Disposition State::reported(const Claim& claim, TxTime asked_at) const {
  if (!claim.live()) return claim.disposition;
  if (under_review(claim)) return Disposition::pending_review;
  const auto* question = open_question(claim.number);
  return question && question->expired(asked_at) ? Disposition::contested : claim.disposition;
}

Belief State::belief(const LineKey& line, ValidTime valid_at, TxTime asked_at, const Config& config) const {
  Belief belief;
  belief.set = is_set(line);
  // 1. Live claims whose validity contains valid_at.
  std::vector<Number> candidates;
  std::vector<Number> dissent;
  for (const auto number : on_line(line)) {
    if (!holds(claims[number], valid_at)) continue;
    if (claims[number].live()) candidates.push_back(number);
    if (claims[number].disposition == Disposition::pending_conflict) dissent.push_back(number);
  }
  const auto all_candidates = candidates;
  const auto set_aside = [&](const std::vector<Number>& numbers) {
    for (const auto number : numbers) {
      std::erase(candidates, number);
      dissent.push_back(number);
    }
  };
  if (!belief.set) {
    // 2. Beside first-hand candidates inferred ones don't decide.
    const bool any_first_hand =
        std::ranges::any_of(candidates, [&](Number number) { return claims[number].first_hand(); });
    std::vector<Number> aside;
    for (const auto number : candidates)
      if (any_first_hand && !claims[number].first_hand()) aside.push_back(number);
    set_aside(aside);
    // 3. Undated ones that say something else and rival none of the trusted ones are set aside.
    std::vector<Number> trusted;
    for (const auto number : candidates)
      if (claims[number].trusted) trusted.push_back(number);
    aside.clear();
    for (const auto number : candidates) {
      const auto& claim = claims[number];
      if (claim.trusted || trusted.empty()) continue;
      const bool joins = std::ranges::any_of(trusted, [&](Number other) {
        return claims[other].value() == claim.value() || rivals(claim, claims[other]);
      });
      if (!joins) aside.push_back(number);
    }
    set_aside(aside);
  }
  // 4. Group by value.
  std::map<Value, std::vector<Number>> groups;
  for (const auto number : candidates) groups[claims[number].value()].push_back(number);
  const auto slot_of = [&](const std::vector<Number>& group) {
    // 5. The highest value_confidence, then the oldest.
    Slot slot{group.front(), {}, claims[group.front()].last_said(), 0};
    for (const auto number : group) {
      const auto& claim = claims[number];
      if (claim.said_first.value_confidence > claims[slot.claim].said_first.value_confidence) slot.claim = number;
      slot.last_said = std::max(slot.last_said, claim.last_said());
      slot.corroboration_count += claim.corroboration_count;
    }
    slot.disposition = reported(claims[slot.claim], asked_at);
    return slot;
  };
  std::vector<Slot> slots;
  for (const auto& [value, group] : groups) slots.push_back(slot_of(group));
  if (slots.empty()) {
    belief.status = BeliefStatus::no_belief;
  } else if (belief.set) {
    belief.status = BeliefStatus::resolved;
    belief.alternatives = slots;
  } else if (slots.size() == 1) {
    belief.primary = slots.front();
    const bool any_trusted = std::ranges::any_of(candidates, [&](Number number) { return claims[number].trusted; });
    belief.status = any_trusted ? BeliefStatus::resolved : BeliefStatus::timing_uncertain;
  } else {
    belief.status = BeliefStatus::contested;
    belief.alternatives = slots;
  }
  // Dissent never has the answer's value.
  std::ranges::sort(dissent);
  std::erase_if(dissent, [&](Number number) { return groups.contains(claims[number].value()); });
  for (const auto number : dissent) belief.dissent.push_back(slot_of({number}));
  // 6. Currency from when the answer was last said.
  if (!slots.empty()) {
    auto last_said = slots.front().last_said;
    for (const auto& slot : slots) last_said = std::max(last_said, slot.last_said);
    const auto age = std::max(asked_at.value - last_said.value, Instant::duration::zero());
    belief.currency = age < config.aging_after     ? Currency::fresh
                      : age < config.decayed_after ? Currency::aging_unconfirmed
                                                   : Currency::decayed;
    const auto days = static_cast<double>(age.count()) / (24.0 * 3600 * 1e6);
    belief.currency_score = Confidence::from(std::pow(0.95, days), "currency");
    belief.stale = belief.currency == Currency::decayed;
  }
  // 7. Markers and criticality.
  std::vector<Number> shown = all_candidates;
  shown.insert(shown.end(), dissent.begin(), dissent.end());
  const auto any = [&](const std::vector<Number>& of, auto is) {
    return std::ranges::any_of(of, [&](Number number) { return is(claims[number]); });
  };
  const auto mark = [&](Marker marker, bool stands) {
    if (stands) belief.markers.push_back(marker);
  };
  mark(Marker::contested, belief.status == BeliefStatus::contested);
  mark(Marker::pending_conflict,
       any(dissent, [](const Claim& claim) { return claim.disposition == Disposition::pending_conflict; }));
  mark(Marker::pending_review, any(all_candidates, [](const Claim& claim) { return claim.marked; }));
  mark(Marker::recall_tainted,
       any(shown, [](const Claim& claim) { return claim.said_first.provenance == Provenance::recall_reentry; }));
  mark(Marker::low_derivation_anchor, any(shown, [](const Claim& claim) { return claim.depth > 3; }));
  mark(Marker::dissent, !dissent.empty());
  for (const auto number : all_candidates)
    belief.criticality = std::max(belief.criticality.value_or(Criticality::low), claims[number].said_first.criticality);
  return belief;
}

}  // namespace claimledger::model
