#include "judge.hpp"

#include <limits>
#include <utility>

namespace claimledger::property {

namespace {

bool within(const Instants& inner, const Instants& outer) { return (inner & ~outer).none(); }

}  // namespace

bool Judge::below_floor(const Statement& word) const {
  return word.value_confidence < model_.story_.config.confidence_floor;
}

bool Judge::window_has_ended(const Statement& word) const {
  return word.window.until && word.window.until->at <= as_valid(now());
}

Line Judge::run() {
  for (now_ = 0; now_ < steps_; ++now_) {
    order_ = 0;
    place_corrections({});
    if (model_.outcomes_[now_].done) {
      if (step().what == Step::What::say) say();
      if (step().what == Step::What::end) end();
      if (step().what == Step::What::affirm) affirm();
    }
    apply_to_corrections();
  }
  return std::move(line_);
}

// --- Statements ------------------------------------------------------------------------------------------------------

Held Judge::heard(std::size_t statement, const Statement& word, TxTime first_said) const {
  Held claim{.begun_by = statement, .stands = {}, .word = word, .first_said = first_said};
  const bool dated = word.window.from || word.window.until;
  const auto timing = word.valid_time_confidence.value_or(dated ? word.value_confidence : Confidence{0});
  claim.trusted = word.window.from && timing >= model_.story_.config.trust_floor;
  claim.statements = {statement};
  claim.cardinality = word.cardinality;
  claim.criticality = word.criticality;
  claim.confidence = word.value_confidence;
  std::optional<ValidTime> from;
  std::optional<ValidTime> until;
  if (claim.trusted) from = word.window.from->at;
  if (word.window.until) until = word.window.until->at;
  claim.window = axis().between(from, until);
  claim.quarantined = claim.trusted && until && *until <= *from;
  const auto holds_from = model_.holds_from(statement, steps_);
  if (holds_from && *holds_from != ValidTime::beginning())
    claim.cuts.push_back({axis().until(*holds_from), Why::left_back, statement, now_});
  return claim;
}

void Judge::say() {
  if (!model_.holds_from(now_, steps_)) return;
  const auto before = line_.rivalries();
  auto newcomer = heard(now_, step().word, now());
  const bool faint = below_floor(newcomer.word);
  const bool begins = !first_time() && model_.outcomes_[now_].began;

  const auto ended = newcomer.quarantined ? std::vector<Id>() : ended_by(newcomer);
  if (ended.empty() && !begins && !newcomer.quarantined) {
    if (const auto* claim = restated_by(newcomer)) return restate(*line_.find(claim->id), newcomer);
  }
  if (faint && !begins && !newcomer.quarantined) {
    if (const auto* claim = confirmed_by(newcomer)) return restate(*line_.find(claim->id), newcomer);
  }
  if (!faint) state_ends(now_, newcomer, ended);
  newcomer.id = id_for(now_);
  const bool parked = faint || newcomer.quarantined;
  begin(newcomer, parked);
  settle(before);
  if (!parked) promote_others(newcomer);
}

void Judge::state_ends(std::size_t statement, const Held& newcomer, const std::vector<Id>& ended) {
  for (const auto id : ended) {
    auto& claim = *line_.find(id);
    const auto taken = axis().from(newcomer.word.window.until->at) & ~model_.reopened(id, statement, steps_);
    claim.cuts.push_back({taken, Why::stated_end, statement, now_});
    claim.last = Disposition::invalidated;
  }
}

// A statement whose own entry began a claim still begins it; another one takes the id that it was given before, else
// that of the claim it restated, if that is free, else a new one.
Id Judge::id_for(std::size_t statement) {
  auto& outcome = model_.outcomes_[statement];
  if (first_time()) {
    outcome.began = true;
    outcome.claim = statement;
  }
  if (outcome.began) return statement;
  if (outcome.given && line_.find(*outcome.given) == nullptr) return *outcome.given;
  if (line_.find(*outcome.claim) == nullptr) return *outcome.claim;
  outcome.given = first_new_id + model_.new_ids_++;
  return *outcome.given;
}

void Judge::begin(Held claim, bool parked) {
  const auto id = claim.id;
  claim.stands = {now_, order_++};
  claim.said.push_back({now_, now()});
  if (parked) claim.last = claim.quarantined ? Disposition::quarantined : Disposition::pending_low_confidence;
  line_.claims.push_back(std::move(claim));
  if (!parked) count(id);
}

void Judge::count(Id claim) {
  auto& held = *line_.find(claim);
  held.counts = Place{now_, order_++};
  held.last = Disposition::committed_cheap;
}

void Judge::restate(Held& claim, const Held& newcomer) {
  const auto before = line_.rivalries();
  if (first_time()) model_.outcomes_[now_].claim = claim.id;
  claim.statements.push_back(now_);
  if (!window_has_ended(newcomer.word)) claim.said.push_back({now_, now()});
  claim.criticality = std::max(claim.criticality, newcomer.criticality);
  claim.confidence = std::max(claim.confidence, newcomer.confidence);
  const bool another_member = line_.is_set() && std::ranges::any_of(line_.claims, [&](const Held& other) {
                                return other.counts && other.word.value != claim.word.value && line_.base(other).any();
                              });
  const bool applies = newcomer.cardinality == Cardinality::set_valued ||
                       (newcomer.cardinality == Cardinality::functional && !another_member);
  if (applies) claim.cardinality = newcomer.cardinality;
  settle(before);
  if (!claim.counts) promote(claim.id);
  if (!below_floor(newcomer.word)) promote_others(newcomer);
}

void Judge::promote_others(const Held& newcomer) {
  std::vector<Id> parked;
  for (const auto& claim : line_.claims) {
    if (!claim.counts && !claim.quarantined && claim.word.value == newcomer.word.value &&
        claim.trusted == newcomer.trusted && within(line_.base(claim), line_.base(newcomer)))
      parked.push_back(claim.id);
  }
  for (const auto id : parked) promote(id);
}

// Whatever stands in its place counts before it.
void Judge::promote(Id id) {
  for (const auto heir : heirs(id)) {
    const auto* claim = line_.find(heir);
    if (heir != id && claim != nullptr && !claim->counts && claim->promoted_by == now_) promote(heir);
  }
  const auto before = line_.rivalries();
  line_.find(id)->promoted_by = now_;
  count(id);
  settle(before);
}

std::vector<Id> Judge::ended_by(const Held& newcomer) const {
  const auto& window = newcomer.word.window;
  std::vector<Id> found;
  if (!window.until) return found;
  for (const auto& claim : line_.claims) {
    if (!claim.counts || claim.word.value != newcomer.word.value || claim.word.source != newcomer.word.source) continue;
    const auto& start = claim.word.window.from;
    if (window.from && (!start || start->at != window.from->at)) continue;
    const auto last = axis().last_stretch(line_.base(claim));
    const auto end = window.until->at;
    if (last && last->from < end && (!last->until || end < *last->until)) found.push_back(claim.id);
  }
  return found;
}

bool Judge::covers(const Held& claim, const Held& newcomer) const {
  const auto stated = line_.base(newcomer);  // its window, less what a partial reopening left taken back
  if (newcomer.trusted) {
    if (!claim.trusted) return false;
    return within(stated, newcomer.word.window.until ? line_.stated(claim) : line_.validity(claim));
  }
  if (!newcomer.word.window.until && axis().has(line_.validity(claim), as_valid(now()))) return true;
  return !claim.trusted && within(stated, line_.untrimmed(claim));
}

const Held* Judge::restated_by(const Held& newcomer) const {
  for (const auto& claim : line_.claims) {
    if (claim.counts && claim.word.value == newcomer.word.value && covers(claim, newcomer) &&
        !lacks_a_rival(claim, newcomer))
      return &claim;
  }
  return nullptr;
}

const Held* Judge::confirmed_by(const Held& newcomer) const {
  const auto& until = newcomer.word.window.until;
  Instants time = line_.base(newcomer);
  if (!newcomer.trusted && !until) {
    time.reset();
    time.set(axis().cell(as_valid(now())));
  }
  const auto fits = [&](const Instants& held) {
    return within(time, held) && (!until || (held & axis().from(until->at)).none());
  };
  for (const auto& claim : line_.claims) {
    if (!claim.counts && !claim.quarantined && claim.word.value == newcomer.word.value && fits(claim.window))
      return &claim;
  }
  for (const auto& claim : line_.claims) {
    if (claim.counts && claim.word.value == newcomer.word.value && fits(line_.validity(claim)) &&
        !lacks_a_rival(claim, newcomer))
      return &claim;
  }
  return nullptr;
}

// Whether the newcomer, stored now with its successions and endings in place, would have a rival that the claim has
// not. It is weighed with the cardinality of the line: a word that restates sets no members against each other.
bool Judge::lacks_a_rival(const Held& claim, const Held& newcomer) const {
  Line with = line_;
  auto added = newcomer;
  added.id = std::numeric_limits<Id>::max();
  added.counts = Place{now_, std::numeric_limits<std::size_t>::max()};
  added.said = {{now_, now()}};
  added.cardinality = Cardinality::unknown;
  with.claims.push_back(added);
  const auto& stored = with.claims.back();
  std::set<Id> followed;
  for (const auto id : with.rivals_of(stored))
    if (with.succeeds(stored, *with.find(id))) followed.insert(id);
  with.claims.back().follows = followed;

  const auto has = line_.rivals_of(claim);
  return std::ranges::any_of(with.rivals_of(stored), [&](Id id) {
    const bool undated_beside_dated = !newcomer.trusted && claim.trusted && !with.find(id)->trusted;
    return std::ranges::count(has, id) == 0 && !undated_beside_dated && !claim.won_over.contains(id);
  });
}

// --- Rivals ----------------------------------------------------------------------------------------------------------

// Of two claims that became rivals, the one that began to count later is judged: it follows, or wins, or waits.
void Judge::settle(Line::Pairs known) {
  for (;;) {
    const Held* later = nullptr;
    const auto pairs = line_.rivalries();
    for (const auto& pair : pairs) {
      const auto* candidate = line_.find(pair.second);
      if (!known.contains(pair) && (later == nullptr || line_.older(*candidate, *later))) later = candidate;
    }
    if (later == nullptr) return;
    const auto id = later->id;
    std::vector<Id> fresh;
    for (const auto& [older, younger] : pairs)
      if (younger == id && known.insert({older, younger}).second) fresh.push_back(older);

    std::set<Id> followed;
    for (const auto older : fresh)
      if (line_.succeeds(*later, *line_.find(older))) followed.insert(older);
    line_.find(id)->follows.insert(followed.begin(), followed.end());

    std::vector<Id> against;
    auto highest = later->criticality;
    for (const auto other : line_.rivals_of(*later)) {
      if (!line_.older(*line_.find(other), *later)) continue;
      against.push_back(other);
      highest = std::max(highest, line_.find(other)->criticality);
    }
    const bool still = std::ranges::any_of(against, [&](Id other) { return std::ranges::count(fresh, other) > 0; });
    const auto& config = model_.story_.config;
    if (still && config.overturn_policy == OverturnPolicy::newest_first_hand_wins &&
        highest < config.criticality_overturn_floor)
      wins(id, against);
  }
}

void Judge::wins(Id id, const std::vector<Id>& rivals) {
  auto& winner = *line_.find(id);
  const auto held = line_.validity(winner);
  const auto since_said = held & axis().from(as_valid(winner.first_said));
  const bool whole = winner.trusted || since_said.none();
  const auto had = line_.rivals_of(winner);
  std::map<Id, Instants> held_before;
  for (const auto& claim : line_.claims) held_before[claim.id] = line_.validity(claim);
  bool trimmed = false;
  const auto take = [&](Id loser, const Instants& taken) {
    line_.find(loser)->cuts.push_back({taken, Why::lost, now_, now_});
    line_.find(loser)->last = Disposition::superseded;
    winner.won_over.insert(loser);
  };
  for (const auto rival : rivals) {
    const bool older = line_.older(*line_.find(rival), winner);
    take(rival, whole || !older ? held : since_said);
    trimmed = trimmed || (older && !whole);
  }
  if (trimmed) winner.cuts.push_back({axis().until(as_valid(winner.first_said)), Why::trim, now_, now_});
  winner.last = Disposition::committed_cheap;

  // A claim that would come back there only because one of these lost the span loses it too.
  for (bool again = true; std::exchange(again, false);) {
    for (const auto other : line_.rivals_of(winner)) {
      if (std::ranges::count(had, other) > 0 || !line_.older(*line_.find(other), winner)) continue;
      const auto back = line_.validity(*line_.find(other)) & ~held_before[other];
      take(other, (whole ? held : since_said) & back);
      again = true;
      break;
    }
  }
}

// --- Verbs -----------------------------------------------------------------------------------------------------------

void Judge::end() {
  const auto id = *model_.outcomes_[now_].claim;
  auto* claim = line_.find(id);
  if (claim == nullptr) return;
  const auto before = line_.rivalries();
  claim->cuts.push_back({axis().from(*step().at) & ~model_.reopened(id, now_, steps_), Why::end, now_, now_});
  claim->last = Disposition::invalidated;
  settle(before);
}

void Judge::affirm() {
  const auto& outcome = model_.outcomes_[now_];
  for (const auto id : heirs(*outcome.claim)) {
    const auto before = line_.rivalries();
    std::vector<Id> about;
    for (const auto rival : line_.rivals_of(*line_.find(id)))
      if (*line_.find(rival)->counts <= outcome.asked) about.push_back(rival);
    if (about.empty()) continue;
    wins(id, about);
    settle(before);
  }
}

// The claim that was meant by what is done now, and whatever stands in its place since.
std::vector<Id> Judge::heirs(Id claim) const {
  std::vector<Id> found;
  if (line_.find(claim) != nullptr) found.push_back(claim);
  for (std::size_t later = now_ + 1; later < steps_; ++later) {
    const auto& outcome = model_.outcomes_[later];
    if (model_.story_.steps[later].what != Step::What::correct || !outcome.done || outcome.claim != claim) continue;
    const auto more = heirs(later);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

// --- Corrections -----------------------------------------------------------------------------------------------------

// When the corrected claim was said, and now, unless the window has ended.
std::set<std::size_t> Judge::said_at(std::size_t correction) const {
  std::set<std::size_t> found;
  const auto ended = [&](std::size_t statement) {
    const auto& until = model_.story_.steps[statement].word.window.until;
    return until && until->at <= as_valid(model_.times_[statement]);
  };
  if (!ended(correction)) found.insert(correction);
  for (const auto old : model_.outcomes_[correction].took) {
    if (model_.dropped(old, steps_)) continue;
    if (model_.story_.steps[old].what == Step::What::correct) {
      found.merge(said_at(old));
    } else if (!ended(old)) {
      found.insert(old);
    }
  }
  return found;
}

// Of a correction and the claim that it corrected, reopened since, that one counts as the later: a correction comes
// before what it corrects, after the corrections of the same claim that were made before it.
void Judge::place_corrections(std::optional<Id> of) {
  const auto placed_here = [&](Id id) {
    return id < steps_ && model_.story_.steps[id].what == Step::What::correct && model_.outcomes_[id].done &&
           model_.place_of(id, steps_) == now_;
  };
  for (auto later = now_; later < steps_; ++later) {
    if (!placed_here(later)) continue;
    const auto corrected = *model_.outcomes_[later].claim;
    if (of ? corrected != *of : placed_here(corrected)) continue;
    place_corrections(later);
    if (model_.holds_from(later, steps_)) place_correction(later);
  }
}

void Judge::place_correction(std::size_t correction) {
  const auto before = line_.rivalries();
  const auto& outcome = model_.outcomes_[correction];
  auto claim = heard(correction, model_.story_.steps[correction].word, now());
  claim.id = correction;
  const auto left = outcome.left_back & ~model_.reopened(correction, correction, steps_);
  if (left.any()) claim.cuts.push_back({left, Why::left_back, correction, now_});
  claim.promoted_by = outcome.promoted_by;
  const bool parked = below_floor(claim.word) || (outcome.promoted_by && *outcome.promoted_by > now_ &&
                                                  model_.still_decides(*outcome.promoted_by, correction, steps_));
  begin(claim, parked);
  settle(before);
}

// Decisions about corrected claims apply to the corrections in their places.
void Judge::apply_to_corrections() {
  std::vector<Id> corrections;
  for (const auto& claim : line_.claims)
    if (claim.id < steps_ && model_.story_.steps[claim.id].what == Step::What::correct) corrections.push_back(claim.id);
  for (const auto id : corrections) {
    const auto before = line_.rivalries();
    auto& claim = *line_.find(id);
    if (claim.begun_by != id) continue;
    const auto& outcome = model_.outcomes_[id];
    if (now_ != claim.stands.step && said_at(id).contains(now_)) claim.said.push_back({now_, now()});
    for (const auto& cut : outcome.inherited) {
      if (std::max(cut.place, claim.stands.step) != now_) continue;
      if (cut.why == Why::stated_end && !model_.still_decides(cut.step, id, steps_)) continue;
      claim.cuts.push_back({cut.taken & ~model_.reopened(id, cut.step, steps_), cut.why, cut.step, now_});
      claim.last = Disposition::invalidated;
    }
    if (!claim.counts && claim.promoted_by == now_ && model_.still_decides(now_, id, steps_)) count(id);
    settle(before);
  }
}

}  // namespace claimledger::property
