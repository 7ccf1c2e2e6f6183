#include <algorithm>

#include "model.hpp"

// What every write of sections 5 and 6 does to a line: cuts, succession, endings, questions, review marks.
namespace claimledger::model {

namespace {

// "Whatever takes validity from a claim by verdict, policy, end or retraction".
bool marks(CutReason reason) { return is_win(reason) || reason == CutReason::end || reason == CutReason::retraction; }

}  // namespace

// --- a batch -------------------------------------------------------------------------------------------------------

void Model::begin(Instant now) {
  now_ = std::max(TxTime{now}, TxTime{state_.recorded_at.value + std::chrono::microseconds{1}});
  wrote_ = false;
  lost_.clear();
  gained_.clear();
  marked_.clear();
  note_sets();
}

void Model::note_sets() {
  sets_.clear();
  for (const auto& claim : state_.claims)
    if (state_.is_set(claim.line())) sets_.insert(claim.line());
}

Answer Model::finish(Answer answer) {
  mark_dependants();
  answer.wrote = wrote_;
  answer.marked = marked_;
  if (wrote_) state_.recorded_at = now_;
  return answer;
}

Answer Model::rejected(std::optional<Number> claim, Rationale rationale) {
  wrote_ = true;
  return finish({.receipts = {{.claim = claim, .disposition = Disposition::rejected, .rationale = rationale}}});
}

// --- cuts ----------------------------------------------------------------------------------------------------------

void Model::cut(Number claim, Span taken, CutReason reason, std::optional<Number> cause,
                std::optional<Disposition> disposition) {
  state_.name(at(claim).line(), taken.from);
  state_.name(at(claim).line(), taken.until);
  const auto before = state_.validity(at(claim));
  at(claim).cuts.push_back({taken, reason, cause, disposition});
  if (disposition) at(claim).disposition = *disposition;
  if (marks(reason) && state_.validity(at(claim)) != before) lost_.push_back(claim);
  wrote_ = true;
}

void Model::lift(Number claim, Cut& cut) {
  cut.in_force = false;
  gained_.insert(claim);
  wrote_ = true;
}

void Model::shorten(Number claim, Cut& cut, ValidTime until) {
  state_.name(at(claim).line(), until);
  cut.taken.until = until;
  if (until <= cut.taken.from) cut.in_force = false;
  gained_.insert(claim);
  wrote_ = true;
}

// The winner's validity out of each rival, stretch by stretch: bounded where nothing is left after it, else carved.
void Model::carve_out(const std::vector<Span>& won, Number winner, Number rival, CutReason reason) {
  for (const auto& stretch : won) {
    const auto left = state_.validity(at(rival));
    const bool shares = std::ranges::any_of(
        left, [&](const Span& span) { return span.from < stretch.until && stretch.from < span.until; });
    if (!shares) continue;
    // Also what only a successor hides.
    const bool anything_after = stretch.until < state_.base(at(rival)).back().until;
    cut(rival, {stretch.from, anything_after ? stretch.until : ValidTime::forever()}, reason, winner,
        Disposition::superseded);
  }
}

// Whoever comes back only by that, having come to count before it was asked, has lost what it got back.
void Model::carve_winner_out(Number winner, const std::vector<Number>& rivals, CutReason reason, std::size_t asked) {
  const auto before = state_;
  const auto held = state_.validity(at(winner));
  const auto recorded = as_valid(at(winner).recorded_at);
  const bool astride = !held.empty() && held.front().from < recorded && recorded < held.back().until;
  if (!at(winner).trusted && astride) cut(winner, {ValidTime::beginning(), recorded}, reason, winner, {});

  for (const auto rival : rivals) carve_out(state_.validity(at(winner)), winner, rival, reason);
  const auto rivals_before = before.rivals_of(before.claims[winner]);
  std::set<Number> known(rivals_before.begin(), rivals_before.end());
  for (bool more = true; more;) {
    upkeep_validity();
    more = false;
    for (const auto rival : state_.rivals_of(at(winner))) {
      if (*at(rival).counts_since >= asked || !known.insert(rival).second) continue;
      const auto lost = lost_;
      std::vector<Span> returned;
      bool inside = false;
      for (const auto instant : state_.instants(at(winner).line())) {
        const bool now = state_.holds(at(winner), instant) && state_.holds(at(rival), instant) &&
                         !before.holds(before.claims[rival], instant);
        if (now && !inside) returned.push_back({instant, ValidTime::forever()});
        if (!now && inside) returned.back().until = instant;
        inside = now;
      }
      carve_out(returned, winner, rival, reason);
      lost_ = lost;
      more = true;
    }
  }
}

// --- succession and endings ----------------------------------------------------------------------------------------

// Where N holds, or would but for successors of its own (a successor that is succeeded has not ended).
bool Model::succeed(Number newcomer, Number incumbent) {
  if (!state_.succeeds(at(newcomer), at(incumbent))) return false;
  for (const auto& stretch : state_.base(at(newcomer))) cut(incumbent, stretch, CutReason::succession, newcomer, {});
  return true;
}

bool Model::succeed_all(Number newcomer) {
  bool any = false;
  for (const auto incumbent : state_.on_line(at(newcomer).line())) any = succeed(newcomer, incumbent) || any;
  return any;
}

// "The batch that takes the successor's last validity lifts that cut, one that ends the successor shortens it." Members
// of a set do not follow each other.
bool Model::upkeep_successors() {
  bool changed = false;
  for (auto& claim : state_.claims) {
    for (std::size_t i = 0; i < claim.cuts.size(); ++i) {
      auto& cut = claim.cuts[i];
      if (!cut.in_force || cut.reason != CutReason::succession) continue;
      const auto& successor = at(*cut.cause);
      const auto base = state_.base(successor);
      const auto set_valued = [](const Claim& one) { return one.said_first.cardinality == Cardinality::set_valued; };
      const bool members = set_valued(claim) && set_valued(successor) && state_.is_set(claim.line());
      if (!successor.live() || !state_.has_validity(successor) || members) {
        lift(claim.number, cut);
        changed = true;
        continue;
      }
      // What is left of it where the successor has a gap, or has ended.
      std::vector<Span> left;
      for (const auto& stretch : base) {
        const Span both{std::max(stretch.from, cut.taken.from), std::min(stretch.until, cut.taken.until)};
        if (both.from < both.until) left.push_back(both);
      }
      if (left == std::vector<Span>{cut.taken}) continue;
      const auto cause = cut.cause;
      lift(claim.number, cut);
      for (const auto& span : left) this->cut(claim.number, span, CutReason::succession, cause, {});
      changed = true;
    }
  }
  return changed;
}

// The cut that an undated claim has because another value ended: made, renewed or lifted.
bool Model::upkeep_ending(Number undated) {
  auto& claim = at(undated);
  if (claim.trusted || !claim.live() || !claim.first_hand()) return false;
  const auto wanted = state_.ending_before(claim);
  Cut* present = nullptr;
  for (auto& cut : claim.cuts)
    if (cut.in_force && cut.reason == CutReason::ending) present = &cut;
  if (present && wanted && present->taken.until == wanted->at) return false;
  if (!present && !wanted) return false;
  if (present) lift(undated, *present);
  if (wanted) cut(undated, {ValidTime::beginning(), wanted->at}, CutReason::ending, wanted->cause, {});
  return true;
}

void Model::upkeep_endings(Number newcomer) {
  upkeep_ending(newcomer);
  for (const auto other : state_.on_line(at(newcomer).line())) upkeep_ending(other);
}

// Until nothing changes any more: successors' cuts, endings, and succession for what got validity back and for all
// claims when a line stops being a set.
void Model::upkeep_validity() {
  for (const auto& claim : state_.claims)
    if (sets_.contains(claim.line()) && !state_.is_set(claim.line())) gained_.insert(claim.number);
  for (bool changed = true; changed;) {
    changed = upkeep_successors();
    for (const auto& claim : state_.claims) changed = upkeep_ending(claim.number) || changed;
    for (const auto incumbent : gained_)
      for (const auto newcomer : state_.on_line(at(incumbent).line())) {
        if (incumbent == newcomer || !at(incumbent).counts_since || !at(newcomer).counts_since) continue;
        changed = (later(newcomer, incumbent) ? succeed(newcomer, incumbent) : succeed(incumbent, newcomer)) || changed;
      }
  }
}

// --- questions -----------------------------------------------------------------------------------------------------

void Model::close(Question& question, Closing closing) {
  question.closed = closing == Closing::moot && question.expired(now_) ? Closing::expired : closing;
  wrote_ = true;
}

// "A newcomer whose last rival disappears returns to CommittedCheap in the same batch and its open item closes as moot;
// so does the item of a challenger that has no validity left."
void Model::upkeep_questions() {
  for (auto& claim : state_.claims) {
    const bool waits =
        claim.disposition == Disposition::contested || claim.disposition == Disposition::queued_for_adjudication;
    if (!waits || !state_.has_validity(claim) || !state_.rivals_of(claim).empty()) continue;
    claim.disposition = Disposition::committed_cheap;
    wrote_ = true;
  }
  for (auto& question : state_.questions)
    if (!question.closed && state_.rivals_of(at(question.claim)).empty()) close(question, Closing::moot);
}

void Model::mark_dependants() {
  std::set<Number> fallen(lost_.begin(), lost_.end());
  for (auto& claim : state_.claims) {  // parents are recorded before their children
    const bool derived =
        std::ranges::any_of(claim.derived_from, [&](Number parent) { return fallen.contains(parent); });
    if (!derived) continue;
    fallen.insert(claim.number);
    if (!claim.live() || claim.marked || claim.retracted()) continue;
    claim.marked = true;
    marked_.push_back(claim.number);
    wrote_ = true;
  }
  lost_.clear();
}

void Model::upkeep() {
  upkeep_validity();
  upkeep_questions();
  gained_.clear();
}

// The question under which the claim waits: the open one if it names all these rivals, else a new one.
std::optional<Number> Model::ask(Number claim, const std::vector<Number>& rivals,
                                 std::optional<std::chrono::microseconds> ttl) {
  for (auto& question : state_.questions) {
    if (question.claim != claim || question.closed) continue;
    const bool names_all =
        std::ranges::all_of(rivals, [&](Number rival) { return std::ranges::count(question.rivals, rival) > 0; });
    if (names_all && !question.expired(now_)) return static_cast<Number>(&question - state_.questions.data());
    close(question, Closing::moot);
  }
  if (!ttl) ttl = config_.adjudication_ttl;
  Question question{.claim = claim, .rivals = rivals, .asked = state_.counted};
  if (ttl) question.expires_at = TxTime{now_.value + *ttl};
  state_.questions.push_back(question);
  wrote_ = true;
  return state_.questions.size() - 1;
}

}  // namespace claimledger::model
