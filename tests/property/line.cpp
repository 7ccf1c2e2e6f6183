#include "line.hpp"

namespace claimledger::property {

namespace {

bool among(Cardinality cardinality, const std::vector<const Held*>& claims) {
  return std::ranges::any_of(claims, [&](const Held* claim) { return claim->cardinality == cardinality; });
}

}  // namespace

Held* Line::find(Id id) {
  const auto found = std::ranges::find(claims, id, &Held::id);
  return found == claims.end() ? nullptr : &*found;
}

const Held* Line::with_statement(std::size_t statement) const {
  const auto found = std::ranges::find_if(
      claims, [&](const Held& claim) { return std::ranges::count(claim.statements, statement) > 0; });
  return found == claims.end() ? nullptr : &*found;
}

Instants Line::base(const Held& claim) const {
  auto held = claim.window;
  for (const auto& cut : claim.cuts) held &= ~cut.taken;
  return held;
}

Instants Line::untrimmed(const Held& claim) const {
  auto held = claim.window;
  for (const auto& cut : claim.cuts)
    if (cut.why != Why::trim) held &= ~cut.taken;
  return held;
}

bool Line::is_set() const {
  std::vector<const Held*> live;
  for (const auto& claim : claims)
    if (claim.counts) live.push_back(&claim);
  std::vector<const Held*> standing;
  std::ranges::copy_if(live, std::back_inserter(standing), [&](const Held* claim) { return base(*claim).any(); });
  const auto& members = standing.empty() ? live : standing;
  return among(Cardinality::set_valued, members) && !among(Cardinality::functional, members);
}

std::optional<ValidTime> Line::end(const Held& claim) const {
  const auto last = axis().last_stretch(base(claim));
  return last ? last->until : std::nullopt;
}

Instants Line::open_end(const Held& claim) const {
  const auto last = axis().last_stretch(base(claim));
  return last && !last->until ? axis().from(last->from) : Instants();
}

// A claim hides those it follows, and whom these follow.
bool Line::hides(const Held& hider, const Held& hidden) const {
  return std::ranges::any_of(hider.follows, [&](Id id) {
    const auto* followed = find(id);
    return followed != nullptr && (id == hidden.id || hides(*followed, hidden));
  });
}

// Where an undated claim does not hold, because a value had ended there before it was first said.
Instants Line::before_ending(const Held& claim) const {
  const auto said = as_valid(claim.first_said);
  const auto own_end = claim.word.window.until ? claim.word.window.until->at : ValidTime::forever();
  Instants before;
  for (const auto& other : claims) {
    if (&other == &claim || !other.counts) continue;
    const auto ended = end(other);
    if (!ended || *ended > said) continue;
    if (other.word.value != claim.word.value) {
      if (*ended < own_end) before |= axis().until(*ended);
    } else if (older(other, claim) && said < own_end) {
      before |= axis().until(said);
    }
  }
  return before;
}

Instants Line::validity(const Held& claim) const {
  if (!claim.counts) return {};
  auto held = base(claim);
  if (is_set()) return held;
  for (const auto& other : claims)
    if (hides(other, claim)) held &= ~base(other);
  if (!claim.trusted) held &= ~before_ending(claim);
  return held;
}

Instants Line::stated(const Held& claim) const {
  const auto presumed = open_end(claim) & axis().from(as_valid(last_said(claim, std::size_t(-1))));
  return validity(claim) & ~presumed;
}

TxTime Line::last_said(const Held& claim, std::size_t up_to_step) const {
  auto last = claim.first_said;
  for (const auto& saying : claim.said)
    if (saying.step <= up_to_step) last = std::max(last, saying.time);
  return last;
}

// An undated statement speaks about the time it was made, or that it ended.
bool Line::speaks_within(const Held& undated, const Instants& instants) const {
  const auto& until = undated.word.window.until;
  if (until && instants[axis().cell(until->at) - 1]) return true;
  return std::ranges::any_of(undated.said,
                             [&](const Saying& saying) { return axis().has(instants, as_valid(saying.time)); });
}

// Whether they contradict each other, holding both at these instants.
bool Line::meet(const Held& a, const Held& b, const Instants& both) const {
  if (!a.counts || !b.counts || a.word.value == b.word.value) return false;
  if (a.trusted == b.trusted) return both.any();
  return speaks_within(a.trusted ? b : a, both);
}

bool Line::rivals(const Held& a, const Held& b) const { return !is_set() && meet(a, b, validity(a) & validity(b)); }

bool Line::succeeds(const Held& newcomer, const Held& incumbent) const {
  if (!newcomer.trusted || !incumbent.trusted || is_set()) return false;
  const auto start = newcomer.word.window.from->at;
  if (start <= incumbent.word.window.from->at) return false;
  if (start < as_valid(last_said(incumbent, newcomer.counts->step))) return false;
  return (base(newcomer) & validity(incumbent) & ~open_end(incumbent)).none();
}

std::vector<Id> Line::rivals_of(const Held& claim) const {
  std::vector<Id> found;
  for (const auto& other : claims)
    if (&other != &claim && rivals(claim, other)) found.push_back(other.id);
  return found;
}

bool Line::waits(const Held& claim) const {
  return std::ranges::any_of(
      claims, [&](const Held& other) { return &other != &claim && rivals(claim, other) && older(other, claim); });
}

Line::Pairs Line::rivalries() const {
  Pairs found;
  if (is_set()) return found;
  std::vector<Instants> held;
  for (const auto& claim : claims) held.push_back(validity(claim));
  for (std::size_t a = 0; a < claims.size(); ++a)
    for (std::size_t b = 0; b < claims.size(); ++b)
      if (a != b && meet(claims[a], claims[b], held[a] & held[b]) && older(claims[a], claims[b]))
        found.insert({claims[a].id, claims[b].id});
  return found;
}

Answer Line::belief(ValidTime at) const {
  std::vector<const Held*> candidates;
  for (const auto& claim : claims)
    if (axis().has(validity(claim), at)) candidates.push_back(&claim);
  Answer answer{.set = is_set()};

  if (!answer.set) {
    const auto all = candidates;
    const auto dated_value = [&](const Held* claim) {
      return std::ranges::any_of(
          all, [&](const Held* other) { return other->trusted && other->word.value == claim->word.value; });
    };
    const bool any_dated = std::ranges::any_of(all, &Held::trusted);
    std::erase_if(candidates, [&](const Held* claim) {
      if (claim->trusted || !any_dated || dated_value(claim)) return false;
      const auto& until = claim->word.window.until;
      const bool about_the_past = until && until->at <= as_valid(claim->first_said);
      const bool early = at < as_valid(claim->first_said) && !about_the_past;
      const bool rival =
          std::ranges::any_of(all, [&](const Held* other) { return other->trusted && rivals(*claim, *other); });
      if (rival && !early) return false;
      answer.dissent.push_back(claim->id);
      return true;
    });
  }

  std::map<Value, const Held*> groups;
  for (const auto* claim : candidates) {
    auto& best = groups[claim->word.value];
    if (best == nullptr || claim->confidence > best->confidence) best = claim;
  }
  for (const auto& [value, best] : groups) answer.values.push_back(value);
  if (groups.empty()) return answer;
  answer.status = BeliefStatus::resolved;
  if (answer.set) return answer;
  if (groups.size() > 1) {
    answer.status = BeliefStatus::contested;
    return answer;
  }
  if (std::ranges::none_of(candidates, &Held::trusted)) answer.status = BeliefStatus::timing_uncertain;
  answer.primary = groups.begin()->second->id;
  return answer;
}

}  // namespace claimledger::property
