#include "rules/judge.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "rules/rivals.hpp"

namespace claimledger::rules {

namespace {

// The part of a window that a partial reopening left.
Span rest_of(Span window, const std::optional<ValidEnd>& holds_from) {
  if (!holds_from || holds_from->at <= window.from) return window;
  window.from = holds_from->at;
  window.from_as = holds_from->granularity;
  return window;
}

bool undated_without_end(const StatementState& s) { return !s.said.trusted && !s.said.window.until; }

bool contains(const std::vector<Index>& list, Index wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// The validity of a claim without the presumed part of an open end.
Validity stated(const ClaimState& claim) {
  auto validity = claim.validity;
  if (const auto* open_end = claim.open_end()) {
    validity.remove({std::max(open_end->from, as_valid(claim.last_said())), ValidTime::forever()});
  }
  return validity;
}

// The base of a claim but for its own past, which it gave up when it won.
Validity base_before_winning(const ClaimState& claim) {
  Validity base(claim.window);
  for (const auto& cut : claim.decided.cuts) {
    if (cut.cause != claim.id) base.remove(cut.span);
  }
  return base;
}

// Whether a claim says all that the statement would.
bool says(const ClaimState& claim, const StatementState& s, const Span& window) {
  if (undated_without_end(s) && claim.validity.contains(as_valid(s.recorded_at))) return true;
  if (claim.trusted != s.said.trusted) return false;
  if (!s.said.trusted) return base_before_winning(claim).covers(window);
  return (s.said.window.until ? stated(claim) : claim.validity).covers(window);
}

}  // namespace

Judge::Judge(LineState& line) : line_(line) {
  line_.derive();
  line_.watch();
}

Decided& Judge::change(Index claim) {
  if (const auto [known, first] = before_.try_emplace(claim); first) {
    auto& before = known->second;
    before.decided = line_[claim].decided;
    before.base = line_[claim].base;
    before.validity = line_.validity_before(claim);
  }
  return line_.change(claim);
}

void Judge::set_waits(Index claim, bool waits) {
  if (line_[claim].decided.waits == waits) return;
  change(claim);
  line_.set_waits(claim, waits);
}

// --- Statements ----------------------------------------------------------------------------------------------------

// Claims of the same value that the statement bounds: by the same source and with the same start, or none given.
struct Judge::StatedEnd {
  std::vector<Index> by_same_source;
  bool by_another = false;
};

Judge::StatedEnd Judge::stated_end(const StatementState& s) const {
  StatedEnd found;
  if (!s.said.window.until) return found;
  const auto until = s.said.window.until->at;
  for (const auto index : line_.claims_of_value(s.value)) {
    const auto& claim = line_[index];
    if (!claim.counts || claim.base.empty()) continue;
    const auto& last = claim.base.spans().back();
    if (until <= last.from || last.until <= until) continue;
    const auto& first = line_.first_statement(claim);
    const auto& start = s.said.window.from;
    if (start && (!first.said.window.from || first.said.window.from->at != start->at)) continue;
    if (first.content.source == s.content.source) {
      found.by_same_source.push_back(index);
    } else {
      found.by_another = true;
    }
  }
  sort_oldest_first(line_, found.by_same_source);
  return found;
}

namespace {

// Whether the statement would have a rival that the claim lacks: a restatement would then hide a contradiction. Beside
// a dated claim an undated statement speaks about now alone. A claim that the claim has won over is no rival of it.
bool would_have_another_rival(const LineState& line, Index index, const StatementState& s, const Span& window) {
  const auto& claim = line[index];
  const auto cardinality = claim.decided.cardinality;
  const auto met = rivals_of(line, {s.value, window, s.said.trusted, s.recorded_at, cardinality});
  return std::any_of(met.begin(), met.end(), [&](Index other) {
    if (!s.said.trusted && claim.trusted && !line[other].trusted) return false;
    const auto& cuts = line[other].decided.cuts;
    const bool beaten = std::any_of(cuts.begin(), cuts.end(), [&](const Cut& cut) {
      return cut.cause == claim.id && (cut.reason == CutReason::verdict || cut.reason == CutReason::policy);
    });
    return !beaten && !are_rivals(line, index, other);
  });
}

}  // namespace

Index Judge::restated(const StatementState& s, const Span& window) const {
  std::vector<Index> found;
  for (const auto index : line_.claims_of_value(s.value)) {
    if (line_[index].counts && says(line_[index], s, window)) found.push_back(index);
  }
  sort_oldest_first(line_, found);
  const auto first = std::find_if(found.begin(), found.end(),
                                  [&](Index index) { return !would_have_another_rival(line_, index, s, window); });
  return first == found.end() ? nowhere : *first;
}

// The parked claim that a statement below the floor confirms, else the live one.
Index Judge::confirmed(const StatementState& s, const Span& window) const {
  const auto now = as_valid(s.recorded_at);
  const auto ends_in_time = [&](ValidTime end) { return !s.said.window.until || end <= window.until; };
  std::vector<Index> parked, live;
  for (const auto index : line_.claims_of_value(s.value)) {
    const auto& claim = line_[index];
    if (!claim.first_hand() || !claim.has_statement()) continue;
    const auto covers = [&](const Validity& held) {
      return undated_without_end(s) ? held.contains(now) : held.covers(window);
    };
    if (claim.parked()) {
      if (covers(Validity(claim.window)) && ends_in_time(claim.window.until)) parked.push_back(index);
    } else if (claim.counts && !claim.validity.empty() && covers(claim.validity) &&
               ends_in_time(claim.validity.end())) {
      live.push_back(index);
    }
  }
  sort_oldest_first(line_, parked);
  if (!parked.empty()) return parked.front();
  sort_oldest_first(line_, live);
  const auto first = std::find_if(live.begin(), live.end(),
                                  [&](Index index) { return !would_have_another_rival(line_, index, s, window); });
  return first == live.end() ? nowhere : *first;
}

void Judge::restate(Index statement, Index claim, Outcome& outcome) {
  outcome.claim = claim;
  const auto cardinality = line_.statement(statement).said.cardinality;
  const auto& claims = line_.claims();
  const bool would_end_set = cardinality == Cardinality::functional && line_.is_set() &&
                             std::any_of(claims.begin(), claims.end(), [&](const ClaimState& other) {
                               return other.counts && !other.base.empty() && other.value != line_[claim].value;
                             });
  if (would_end_set) outcome.not_applied.push_back(NotApplied::cardinality);
  say_again(claim, [&] {
    if (cardinality != Cardinality::unknown && !would_end_set) change(claim).cardinality = cardinality;
    line_.give_statement(statement, claim);
  });
}

void Judge::record(Index statement, const ClaimId& id, Outcome& outcome) {
  const auto& s = line_.statement(statement);
  outcome.recorded = true;
  const auto& claims = line_.claims();
  const bool first = line_.left_out().empty() && std::none_of(claims.begin(), claims.end(), [](const auto& claim) {
                       return claim.counts && !claim.validity.empty();
                     });
  for (const auto ended : outcome.ended) {
    auto span = from_here_on(*s.said.window.until);
    if (const auto reopened = line_.reopened_from(line_[ended].id, s.seq, line_.beyond())) {
      span.until = std::max(span.from, reopened->at);
      span.until_as = reopened->granularity;
    }
    if (span.from < span.until) rules::end(change(ended), span, CutReason::stated_end, id, s.seq);
  }
  Decided decided;
  decided.counts_from = line_.place_of(statement);
  decided.cardinality = s.said.cardinality;
  if (const auto from = line_.holds_from(statement)) {
    add_cut(decided, {{ValidTime::beginning(), from->at, Granularity::instant, from->granularity},
                      CutReason::taken_back,
                      std::nullopt,
                      s.seq});
  }
  outcome.claim = line_.begin(statement, id, decided);
  const auto index = outcome.claim;
  before_.try_emplace(index);
  const auto taken = taken_.size();
  settle();
  const bool won = std::any_of(taken_.begin() + static_cast<std::ptrdiff_t>(taken), taken_.end(),
                               [&](const Taken& t) { return t.winner == index; });
  outcome.rationale = line_[index].decided.waits              ? Rationale::rivals
                      : won                                   ? Rationale::newest_wins
                      : !outcome.ended.empty()                ? Rationale::ends
                      : first                                 ? Rationale::first
                      : line_.is_set()                        ? Rationale::set_member
                      : !line_[index].decided.follows.empty() ? Rationale::succession
                                                              : Rationale::extends;
}

// Promotes parked claims of the statement's value, both dated or both undated, whose base lies within the effective
// part of its window.
void Judge::promote_stated(Index statement, const Span& window, Outcome& outcome) {
  const auto& s = line_.statement(statement);
  std::vector<Index> parked;
  for (const auto index : line_.claims_of_value(s.value)) {
    const auto& claim = line_[index];
    if (!claim.parked() || !claim.has_statement() || claim.trusted != s.said.trusted) continue;
    if (without(claim.base, Validity(window)).empty()) parked.push_back(index);
  }
  sort_oldest_first(line_, parked);
  for (const auto index : parked) {
    promote(index, s.seq);
    outcome.promoted.push_back(index);
  }
}

Judge::Outcome Judge::say(Index statement, bool begins, const std::function<ClaimId()>& id) {
  const auto& s = line_.statement(statement);
  now_ = s.seq;
  const auto window = rest_of(window_of(s.said), line_.holds_from(statement));
  Outcome outcome;

  // A correction says what another claim should have said: it ends and promotes nobody.
  auto ends = s.correction ? StatedEnd{} : stated_end(s);
  const bool states_end = !ends.by_same_source.empty();
  if (states_end ? s.said.below_floor : ends.by_another) outcome.not_applied.push_back(NotApplied::end);

  if (!begins && !states_end) {
    if (const auto claim = restated(s, window); claim != nowhere) {
      outcome.rationale = Rationale::restates;
      restate(statement, claim, outcome);
      if (!s.said.below_floor) promote_stated(statement, window, outcome);
      return outcome;
    }
  }
  if (s.said.below_floor) {
    const auto claim = begins ? nowhere : confirmed(s, window);
    if (claim == nowhere) {
      outcome.recorded = true;
      outcome.rationale = Rationale::below_floor;
      outcome.claim = keep(statement, id(), Disposition::pending_low_confidence);
      return outcome;
    }
    outcome.rationale = Rationale::confirms;
    const bool parked = line_[claim].parked();
    restate(statement, claim, outcome);
    if (parked) {
      promote(claim, s.seq);
      outcome.promoted.push_back(claim);
    }
    return outcome;
  }
  outcome.ended = std::move(ends.by_same_source);
  record(statement, id(), outcome);
  if (!s.correction) promote_stated(statement, window, outcome);
  return outcome;
}

Index Judge::keep(Index statement, const ClaimId& id, Disposition as) {
  const auto& s = line_.statement(statement);
  now_ = s.seq;
  Decided decided;
  decided.otherwise = as;
  decided.cardinality = s.said.cardinality;
  if (is_live(as)) decided.counts_from = s.seq;
  if (const auto from = line_.holds_from(statement)) {
    add_cut(decided, {{ValidTime::beginning(), from->at, Granularity::instant, from->granularity},
                      CutReason::taken_back,
                      std::nullopt,
                      s.seq});
  }
  const auto index = line_.begin(statement, id, decided);
  before_.try_emplace(index);
  settle();
  return index;
}

// --- Acts ----------------------------------------------------------------------------------------------------------

void Judge::promote(Index claim, Position act) {
  now_ = act;
  auto& decided = change(claim);
  decided.otherwise = Disposition::committed_cheap;
  decided.counts_from = act;
  settle();
}

void Judge::end(Index claim, const Span& span, CutReason reason, const std::optional<ClaimId>& cause, Position act) {
  now_ = act;
  if (!line_[claim].base.intersects(span)) return;
  if (line_[claim].parked()) {
    add_cut(change(claim), {span, reason, cause, act});  // it stays parked
  } else {
    rules::end(change(claim), span, reason, cause, act);
  }
  settle();
}

void Judge::affirm(Index claim, Position asked, Position act) {
  now_ = act;
  auto losers = rivals(line_, claim);
  std::erase_if(losers, [&](Index rival) { return asked < line_[rival].rank.from; });
  if (losers.empty()) return;
  win(claim, losers, CutReason::verdict);
  settle();
  // The verdict does not cover a rival that began to count after the question and before the claim.
  set_waits(claim, has_older_rival(line_, claim));
}

void Judge::set_otherwise(Index claim, Disposition otherwise, std::optional<Position> counts_from) {
  auto& decided = change(claim);
  decided.otherwise = otherwise;
  if (counts_from) decided.counts_from = counts_from;
  settle();
}

void Judge::said_again(Index claim) {
  say_again(claim, [] {});
}

// An undated claim that is said again speaks about one more time, and may have a rival there.
void Judge::say_again(Index claim, const std::function<void()>& how) {
  const auto before = line_[claim].trusted ? std::vector<Index>() : rivals(line_, claim);
  change(claim);
  how();
  settle();
  if (line_[claim].trusted) return;
  for (const auto other : rivals(line_, claim)) {
    if (contains(before, other)) continue;
    const auto later = line_[claim].rank < line_[other].rank ? other : claim;
    judge(later, {later == claim ? other : claim});
  }
  settle();
}

// --- Consequences --------------------------------------------------------------------------------------------------

void Judge::settle() {
  for (;;) {
    line_.derive();
    const auto changes = line_.take_changes();
    const bool set_ended = changes.was_set && !line_.is_set();
    if (changes.before.empty() && changes.was_set == line_.is_set()) return;

    const auto by_rank = [&](Index a, Index b) { return line_[a].rank < line_[b].rank; };
    std::map<Index, std::vector<Index>, decltype(by_rank)> met(by_rank);  // claims that became rivals of an older one
    const auto meet = [&](Index a, Index b) {
      const auto later = by_rank(a, b) ? b : a;
      met[later].push_back(later == a ? b : a);
    };
    const auto held = [&](Index claim) -> const Validity& {
      const auto before = changes.before.find(claim);
      return before == changes.before.end() ? line_[claim].indexed : before->second;
    };
    if (set_ended) {
      for (Index claim = 0; claim < line_.claims().size(); ++claim) {
        for (const auto older : older_rivals(line_, claim)) meet(claim, older);
      }
    } else {
      for (const auto& [claim, before] : changes.before) {
        if (without(line_[claim].indexed, before).empty()) continue;
        for (const auto other : rivals_unordered(line_, claim)) {
          if (!may_be_rivals(line_[claim], before, line_[other], held(other))) meet(claim, other);
        }
      }
    }
    const std::vector<Index> waiting(line_.waiting().begin(), line_.waiting().end());
    for (const auto claim : waiting) {
      // As a rule the rival that it had the last time is one still. A search looks at every claim of a long line.
      const auto seen = line_[claim].rival_seen;
      if (seen != nowhere && is_older_rival(line_, claim, seen)) continue;
      const auto rival = an_older_rival(line_, claim);
      line_.see_rival(claim, rival);
      if (rival == nowhere) set_waits(claim, false);
    }
    for (const auto& [claim, older] : met) judge(claim, older);
  }
}

// Steps 8 and 9 for a claim that counts and meets older ones.
void Judge::judge(Index claim, std::vector<Index> met) {
  const bool still = std::any_of(met.begin(), met.end(), [&](Index older) { return are_rivals(line_, claim, older); });
  if (!still) return;  // a decision since then separated them
  std::erase_if(met, [&](Index older) { return !succeeds(line_, claim, older) || !are_rivals(line_, claim, older); });
  sort_oldest_first(line_, met);
  for (const auto older : met) {
    change(claim);
    line_.follow(claim, older);
  }
  if (!met.empty()) line_.derive();

  const auto& policy = line_.first_statement(line_[claim]).said;
  if (policy.overturn != OverturnPolicy::newest_first_hand_wins) {
    set_waits(claim, has_older_rival(line_, claim));
    return;
  }
  const auto opponents = older_rivals(line_, claim);
  if (opponents.empty()) {
    set_waits(claim, false);
    return;
  }
  auto highest = line_.criticality(line_[claim]);
  for (const auto rival : opponents) highest = std::max(highest, line_.criticality(line_[rival]));
  if (highest < policy.overturn_floor) {
    win(claim, opponents, CutReason::policy);
  } else {
    set_waits(claim, true);
  }
}

void Judge::take(Index winner, Index loser, const Validity& won, CutReason reason) {
  for (const Span& span : won.spans()) {
    if (!line_[loser].base.intersects(span)) continue;
    const Win win{line_[loser].id, span};
    lose(change(loser), win, line_[winner].id, reason, now_);
    taken_.push_back({winner, win});
  }
}

namespace {

// Claims that could be presumed again where others lose, each with what it held when it was found.
using Hidden = std::unordered_map<Index, Validity>;

// Adds the claims that this one follows, directly or not.
void add_hidden(const LineState& line, Index claim, Hidden& hidden) {
  for (std::vector<Index> to_do{claim}; !to_do.empty();) {
    const auto next = to_do.back();
    to_do.pop_back();
    for (const auto older : line[next].follows) {
      if (hidden.try_emplace(older, line[older].validity).second) to_do.push_back(older);
    }
  }
}

}  // namespace

void Judge::win(Index winner, const std::vector<Index>& losers, CutReason reason) {
  set_waits(winner, false);
  change(winner).otherwise = Disposition::committed_cheap;
  const auto whole = line_[winner].validity;
  const auto rank = line_[winner].rank;
  const Span past{ValidTime::beginning(), as_valid(line_[winner].first_said())};
  auto since = whole;
  if (!line_[winner].trusted) since.remove(past);
  const bool gives_up_past = !line_[winner].trusted && !since.empty();
  if (since.empty()) since = whole;
  Hidden hidden;
  for (const auto index : line_.undated()) hidden.emplace(index, line_[index].validity);
  for (const auto loser : losers) add_hidden(line_, loser, hidden);

  auto beaten = losers;
  std::sort(beaten.begin(), beaten.end());
  bool over_older = false;
  for (const auto loser : losers) {
    const bool older = line_[loser].rank < rank;
    over_older = over_older || older;
    take(winner, loser, older ? since : whole, reason);
  }
  if (over_older && gives_up_past) take(winner, winner, Validity(past), reason);
  // A loser may have hidden others. An older rival that is presumed again only because of that loses what came back.
  std::set<Index> derived;  // all that may hold more than when they were found
  auto held = whole;
  for (bool more = true; std::exchange(more, false);) {
    line_.derive();
    std::set<Index> to_check(line_.derived().begin(), line_.derived().end());
    derived.insert(to_check.begin(), to_check.end());
    // A claim that was looked at already, and holds what it held then, has lost what came back.
    if (line_[winner].validity != held) to_check = derived;
    held = line_[winner].validity;
    std::vector<Index> taken;
    for (const auto index : to_check) {
      const auto found = hidden.find(index);
      if (found == hidden.end() || std::binary_search(beaten.begin(), beaten.end(), index)) continue;
      if (!(line_[index].rank < rank) || !are_rivals(line_, winner, index)) continue;
      const auto returned = without(line_[index].validity.intersection(line_[winner].validity), found->second);
      if (returned.empty()) continue;
      take(winner, index, returned, reason);
      taken.push_back(index);
      more = true;
    }
    for (const auto index : taken) add_hidden(line_, index, hidden);
  }
}

}  // namespace claimledger::rules
