#include <algorithm>
#include <iterator>
#include <utility>

#include "ensure.hpp"
#include "rules/line_state.hpp"

// Derives the validity of claims: the base, less the spans that its followers hide and, for an undated claim, less the
// time before it began. Nothing of it is stored. Only changed claims and those that they affect are derived again.
namespace claimledger::rules {

namespace {

const Validity never;

void remove_cuts(Validity& base, const std::vector<Cut>& cuts) {
  if (cuts.size() < 3) {  // as a rule: nothing to sort, and no list to make
    for (const auto& cut : cuts) base.remove(cut.span);
    return;
  }
  std::vector<Span> spans;
  spans.reserve(cuts.size());
  for (const auto& cut : cuts) spans.push_back(cut.span);
  base.remove(spans);
}

// Keeps a claim in a list by index, or out of it.
void list(std::vector<Index>& claims, Index claim, bool& listed, bool to_list) {
  if (listed == to_list) return;
  listed = to_list;
  const auto place = std::lower_bound(claims.begin(), claims.end(), claim);
  if (to_list) {
    claims.insert(place, claim);
  } else {
    claims.erase(place);
  }
}

}  // namespace

void LineState::touch(Index claim) {
  if (dirty_.empty() || dirty_.back() != claim) dirty_.push_back(claim);
}

// Collects the times at which a claim with this statement was said. A correction was said whenever the statements that
// it corrects were, and when it was made. A restatement whose own window had ended by then does not count.
void LineState::collect_said(Index index, bool first, Times& said) const {
  std::vector<std::pair<Index, bool>> to_do;
  for (std::pair next{index, first};;) {
    const auto& statement = statements_[next.first];
    bool counts = next.second;
    if (statement.correction) {
      const auto place = place_of(next.first);
      for (const auto old : correction_with(next.first).statements) {
        if (!statements_[old].dropped) to_do.emplace_back(old, place_of(old) == place);
      }
      counts = place == statement.seq;
    }
    if (counts || !statement.window_ended()) said.push_back(statement.recorded_at);
    if (to_do.empty()) return;
    next = to_do.back();
    to_do.pop_back();
  }
}

void LineState::set_follows(Index index, const std::vector<ClaimId>& ids) {
  std::vector<Index> follows;
  for (const auto& id : ids) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) {
      follows.push_back(found->second);
    } else {
      follow_later_.insert(index);
    }
  }
  auto& mine = claims_[index].follows;
  if (follows == mine) return;
  for (const auto old : mine) {
    std::erase(claims_[old].followed_by, index);
    cover_dirty_.push_back(old);
  }
  for (const auto now : follows) {
    auto& followers = claims_[now].followed_by;
    followers.insert(std::lower_bound(followers.begin(), followers.end(), index), index);
    cover_dirty_.push_back(now);
  }
  mine = std::move(follows);
}

// Returns whether they are the same as before.
bool LineState::refresh_statements(ClaimState& claim) {
  const auto& seqs = claim.decided.statements;
  const auto index = index_of(claim);
  const bool same = std::equal(seqs.begin(), seqs.end(), claim.statements.begin(), claim.statements.end(),
                               [&](Position seq, Index statement) { return statements_[statement].seq == seq; });
  if (!same) {
    claim.statements.clear();
    for (const auto seq : seqs) {
      claim.statements.push_back(statement_at(seq));
      ensure(claim.statements.back() != nowhere, "a claim has statements of its line");
    }
  }
  for (const auto statement : claim.statements) statements_[statement].claim = index;
  return same;
}

// A correction is said many times while its line is judged: they are collected once.
void LineState::refresh_said(ClaimState& claim, bool same_statements) {
  auto& said = claim.said;
  auto& later = claim.yet_to_be_said;
  const bool ahead = !said.empty() && horizon_ < said.back();
  if (!same_statements || ahead || claim.said_as_of != dropped_changes_) {
    said.clear();
    for (const auto s : claim.statements) collect_said(s, s == claim.statements.front(), said);
    std::sort(said.begin(), said.end());
    const auto end = std::upper_bound(said.begin(), said.end(), horizon_);
    later.clear();
    if (end != said.end()) {
      later.assign(std::make_reverse_iterator(said.end()), std::make_reverse_iterator(end));
      said.erase(end, said.end());
    }
    claim.said_as_of = dropped_changes_;
  }
  for (; !later.empty() && later.back() <= horizon_; later.pop_back()) said.push_back(later.back());
}

void LineState::refresh_value(Index index, Index value) {
  auto& claim = claims_[index];
  if (claim.valued && claim.value == value) return;
  if (claim.valued) {
    auto& others = by_value_[claim.value];
    others.erase(std::find(others.begin(), others.end(), index));
  }
  by_value_[value].push_back(index);
  claim.value = value;
  claim.valued = true;
}

void LineState::Counted::count(Cardinality cardinality, bool in) {
  const auto by = static_cast<std::uint32_t>(in ? 1 : -1);
  all += by;
  if (cardinality == Cardinality::functional) functional += by;
  if (cardinality == Cardinality::set_valued) set_valued += by;
}

// Whether the claim counts, and what the indexes of the line have of it. `base_before`: empty where it did not count.
void LineState::refresh_indexes(Index index, const Validity& base_before) {
  auto& claim = claims_[index];
  const auto& decided = claim.decided;
  claim.was_live = claim.was_live || decided.counts_from.has_value();
  claim.counts =
      claim.live() && claim.first_hand() && claim.has_statement() && !statements_[claim.statements.front()].erased;
  const auto& base_now = claim.counts ? claim.base : never;
  if (!base_before.empty()) holding_.count(claim.indexed_cardinality, false);
  if (!base_now.empty()) holding_.count(decided.cardinality, true);
  claim.indexed_cardinality = decided.cardinality;
  const bool live = claim.live() && claim.has_statement();
  if (claim.live_cardinality) live_.count(*claim.live_cardinality, false);
  if (live) live_.count(decided.cardinality, true);
  claim.live_cardinality = live ? std::optional(decided.cardinality) : std::nullopt;

  if (base_before != base_now) {
    if (base_before.has_end()) ends_.erase({base_before.end(), index});
    if (base_now.has_end()) ends_.insert({base_now.end(), index});
    ends_changed_ = ends_changed_ || base_before.has_end() || base_now.has_end();
    for (const auto older : claim.follows) cover_dirty_.push_back(older);
  }
  list(undated_, index, claim.undated, claim.counts && !claim.trusted);
}

void LineState::refresh(Index index) {
  auto& claim = claims_[index];
  const auto& decided = claim.decided;
  const auto base_before = claim.counts ? std::move(claim.base) : Validity{};
  const auto window_before = claim.window;
  const auto value_before = claim.value;
  const auto rank_before = claim.rank;

  const bool same_statements = refresh_statements(claim);
  claim.base = {};
  if (claim.has_statement()) {
    const auto& first = statements_[claim.statements.front()];
    claim.lost.clear();
    refresh_value(index, first.value);
    claim.trusted = first.said.trusted;
    claim.provenance = first.said.provenance;
    claim.window = window_of(first.said);
    const auto place = place_of(claim.statements.front());
    claim.rank = {decided.counts_from.value_or(place), place, path_of(claim.statements.front())};
    refresh_said(claim, same_statements);
    if (!first.erased) claim.base = Validity(claim.window);
    remove_cuts(claim.base, decided.cuts);
  } else {
    // As it was said last: a fold may never have seen it with a statement.
    if (!claim.lost.empty()) claim.provenance = statements_[claim.lost.front()].said.provenance;
    claim.window = {};
    claim.said.clear();
    claim.yet_to_be_said.clear();
  }
  // An undated claim begins where one of another value ended, or an older one of its own.
  const bool another = claim.value != value_before || claim.rank != rank_before;
  ends_changed_ = ends_changed_ || (another && claim.base.has_end());
  if (claim.window != window_before) {
    if (!claim.followed_by.empty()) cover_dirty_.push_back(index);
    for (const auto older : claim.follows) cover_dirty_.push_back(older);
  }
  refresh_indexes(index, base_before);
}

ValidEnd LineState::start_of_undated(Index value, TxTime first_said, ValidTime until, const Rank& rank) const {
  const auto said = as_valid(first_said);
  const auto of_value = value < by_value_.size() ? claims_of_value(value) : std::span<const Index>();
  for (const auto index : of_value) {
    const auto& same = claims_[index];
    const bool ended = same.counts && same.rank < rank && same.base.has_end() && same.base.end() <= said;
    if (ended && said < until) return {said};
  }
  for (auto end = ends_.upper_bound({said, nowhere}); end != ends_.begin();) {
    --end;
    const auto& ended = claims_[end->second];
    if (end->first < until && ended.value != value) return {end->first, ended.base.spans().back().until_as};
  }
  return {ValidTime::beginning()};
}

void LineState::refresh_validity(Index index) {
  auto& claim = claims_[index];
  // A parked claim holds nothing until it counts.
  auto validity = claim.live() || claim.decided.otherwise == Disposition::pending_conflict ? claim.base : Validity{};
  if (!set_ && claim.counts) {
    if (claim.trusted) {
      validity.remove(claim.cover);
    } else {
      const auto start = start_of_undated(claim.value, claim.first_said(), claim.window.until, claim.rank);
      validity.remove({ValidTime::beginning(), start.at, Granularity::instant, start.granularity});
    }
  }
  if (watching_ && claim.validity != validity) watched_.try_emplace(index, claim.validity);
  claim.validity = std::move(validity);
  const auto now = claim.counts ? claim.validity : Validity{};
  const bool dated = claim.counts && claim.trusted;
  list(beside_, index, claim.beside, claim.may_take_part() && !dated && !claim.validity.empty());
  if (claim.indexed == now && claim.dated == dated) return;
  dated_.replace(index, claim.dated ? claim.indexed : never, dated ? now : never);
  claim.dated = dated;
  if (watching_ && claim.indexed != now) changes_.before.try_emplace(index, claim.indexed);
  claim.indexed = now;
}

// Newest start first: a claim starts after those that it follows, so each is derived once.
void LineState::refresh_cover(std::set<std::pair<ValidTime, Index>>& pending) {
  for (const auto index : cover_dirty_) pending.insert({claims_[index].window.from, index});
  cover_dirty_.clear();
}

void LineState::derive() {
  auto& shown = shown_;
  shown.clear();
  while (!dirty_.empty()) {
    auto dirty = std::move(dirty_);
    dirty_.clear();
    if (!std::is_sorted(dirty.begin(), dirty.end())) std::sort(dirty.begin(), dirty.end());
    dirty.erase(std::unique(dirty.begin(), dirty.end()), dirty.end());
    for (const auto index : dirty) refresh(index);
    for (const auto index : dirty) set_follows(index, claims_[index].decided.follows);
    shown.insert(shown.end(), dirty.begin(), dirty.end());
  }
  // An entry may name a claim that a later one begins.
  for (const auto index : std::exchange(follow_later_, {})) set_follows(index, claims_[index].decided.follows);
  if (!changes_begun_) {
    changes_.was_set = set_;
    changes_begun_ = true;
  }
  std::set<std::pair<ValidTime, Index>> pending;
  for (refresh_cover(pending); !pending.empty(); refresh_cover(pending)) {
    const auto index = std::prev(pending.end())->second;
    pending.erase(std::prev(pending.end()));
    Validity cover;
    for (const auto newer : claims_[index].followed_by) {
      // These rules write no other follower, and one could make a circle.
      if (claims_[newer].window.from <= claims_[index].window.from) continue;
      if (claims_[newer].counts) cover.add(claims_[newer].base);
      cover.add(claims_[newer].cover);
    }
    shown.push_back(index);
    if (cover == claims_[index].cover) continue;
    claims_[index].cover = std::move(cover);
    for (const auto older : claims_[index].follows) cover_dirty_.push_back(older);
  }
  // If no first-hand claim holds anything, all live claims count.
  if (const bool set = (holding_.all > 0 ? holding_ : live_).make_a_set(); set != set_) {
    set_ = set;
    for (Index index = 0; index < claims_.size(); ++index) shown.push_back(index);
  } else if (ends_changed_) {
    shown.insert(shown.end(), undated_.begin(), undated_.end());
  }
  ends_changed_ = false;
  for (const auto index : shown) refresh_validity(index);
}

}  // namespace claimledger::rules
