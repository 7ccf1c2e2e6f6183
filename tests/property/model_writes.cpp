#include <algorithm>

#include "model.hpp"

// Sections 5 and 6 of the semantics, read literally.
namespace claimledger::model {

namespace {

constexpr Span always{};

bool won(CutReason reason) {
  return reason == CutReason::verdict || reason == CutReason::policy || reason == CutReason::stated_end;
}

// "Whatever takes validity from a claim by verdict, policy, end or retraction".
bool marks(CutReason reason) { return won(reason) || reason == CutReason::end || reason == CutReason::retraction; }

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
void Model::carve_winner_out(Number winner, const std::vector<Number>& rivals, CutReason reason) {
  const auto reaches = [&](ValidTime instant) {
    const auto validity = state_.validity(at(winner));
    return !validity.empty() && instant < validity.back().until;
  };
  const auto recorded = as_valid(at(winner).recorded_at);
  if (!at(winner).trusted && reaches(recorded)) cut(winner, {ValidTime::beginning(), recorded}, reason, winner, {});

  for (const auto rival : rivals) {
    for (const auto& stretch : state_.validity(at(winner))) {
      const auto left = state_.validity(at(rival));
      const bool shares = std::ranges::any_of(
          left, [&](const Span& span) { return span.from < stretch.until && stretch.from < span.until; });
      if (!shares) continue;
      const bool anything_after = stretch.until < left.back().until;
      cut(rival, {stretch.from, anything_after ? stretch.until : ValidTime::forever()}, reason, winner,
          Disposition::superseded);
    }
  }
}

// --- succession and endings ----------------------------------------------------------------------------------------

// "Carve from N's start to the end of N's base (a successor that is succeeded has not ended)."
bool Model::succeed(Number newcomer, Number incumbent) {
  if (!state_.succeeds(at(newcomer), at(incumbent))) return false;
  cut(incumbent, {at(newcomer).window().from, state_.base(at(newcomer)).back().until}, CutReason::succession, newcomer,
      {});
  return true;
}

bool Model::succeed_all(Number newcomer) {
  bool any = false;
  for (const auto incumbent : state_.on_line(at(newcomer).line())) any = succeed(newcomer, incumbent) || any;
  return any;
}

// "The batch that takes the successor's last validity lifts that cut, one that ends the successor shortens it."
bool Model::upkeep_successors() {
  bool changed = false;
  for (auto& claim : state_.claims) {
    for (auto& cut : claim.cuts) {
      if (!cut.in_force || cut.reason != CutReason::succession) continue;
      const auto& successor = at(*cut.cause);
      const auto base = state_.base(successor);
      if (!successor.live() || !state_.has_validity(successor)) {
        lift(claim.number, cut);
        changed = true;
      } else if (base.back().until < cut.taken.until) {
        shorten(claim.number, cut, base.back().until);
        changed = true;
      }
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
    claim.rationale = Rationale::uncontested;
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
    if (!claim.live() || claim.marked) continue;
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
  Question question{.claim = claim, .rivals = rivals};
  if (ttl) question.expires_at = TxTime{now_.value + *ttl};
  state_.questions.push_back(question);
  wrote_ = true;
  return state_.questions.size() - 1;
}

// --- section 5: ingest ---------------------------------------------------------------------------------------------

Claim Model::newcomer(const Said& said) const {
  Claim claim;
  claim.number = state_.claims.size();
  claim.said_first = said.statement;
  claim.derived_from = said.derived_from;
  claim.recorded_at = now_;
  claim.said = {now_};
  const auto& window = said.statement.window;
  const auto confidence = said.statement.valid_time_confidence.value_or(
      window.from || window.until ? said.statement.value_confidence : Confidence{0});
  claim.trusted = window.from && confidence >= config_.trust_floor;
  if (!claim.first_hand()) {
    claim.depth = 1;
    for (const auto parent : said.derived_from) claim.depth = std::max(claim.depth, state_.claims[parent].depth + 1);
  }
  return claim;
}

Number Model::store(Claim claim, Disposition disposition, Rationale rationale) {
  claim.disposition = disposition;
  claim.rationale = rationale;
  const auto number = claim.number = state_.claims.size();
  state_.name(claim.line(), claim.window().from);
  state_.name(claim.line(), claim.window().until);
  state_.name(claim.line(), as_valid(now_));
  state_.claims.push_back(std::move(claim));
  if (is_live(disposition)) count(number);
  wrote_ = true;
  return number;
}

void Model::count(Number claim) { at(claim).counts_since = state_.counted++; }

Answer Model::ingest(const std::vector<Said>& batch, Instant now) {
  begin(now);
  Answer answer;
  for (const auto& said : batch) {
    const auto& key = said.statement.idempotency_key;
    if (key && keys_.contains(*key)) {
      answer.receipts.push_back(keys_.at(*key));
      continue;
    }
    const bool wrote_before = std::exchange(wrote_, false);
    auto receipt = ingest_one(said);
    mark_dependants();
    note_sets();
    if (key && wrote_) keys_[*key] = receipt;
    wrote_ = wrote_ || wrote_before;
    answer.receipts.push_back(std::move(receipt));
  }
  return finish(std::move(answer));
}

Receipt Model::ingest_one(const Said& said) {
  auto claim = newcomer(said);
  // 3. What the ledger itself had served.
  if (!claim.first_hand())
    if (auto receipt = recall_guard(claim)) return *receipt;
  // 4. Incoherent windows, and starts in the future where they are parked.
  const auto parked = [&](Rationale why) {
    const auto number = store(claim, Disposition::quarantined, why);
    return Receipt{.claim = number, .disposition = reported(number), .rationale = why};
  };
  if (claim.trusted && claim.window().until <= claim.window().from) return parked(Rationale::incoherent_window);
  if (claim.trusted && config_.quarantine_future_starts && as_valid(now_) < claim.window().from)
    return parked(Rationale::future_start);
  return claim.first_hand() ? first_hand(std::move(claim)) : derived(std::move(claim));
}

std::optional<Receipt> Model::recall_guard(const Claim& claim) {
  const bool served = std::ranges::any_of(state_.servings, [&](const Serving& serving) {
    return now_.value - serving.at.value <= config_.served_window &&
           std::ranges::any_of(serving.claims, [&](Number number) {
             return at(number).line() == claim.line() && at(number).value() == claim.value();
           });
  });
  if (claim.said_first.provenance != Provenance::recall_reentry && !served) return {};
  std::optional<Number> repeated;
  if (!claim.derived_from.empty()) repeated = claim.derived_from.front();
  for (const auto number : state_.on_line(claim.line()))
    if (!repeated && at(number).live() && at(number).value() == claim.value()) repeated = number;
  if (!repeated) return {};

  std::uint32_t recent = 0;
  bool bursting = false;
  for (const auto& entry : state_.reentries) {
    if (entry.claim != *repeated || now_.value - entry.at.value >= config_.recall_burst_window) continue;
    bursting = bursting || entry.burst;
    ++recent;
  }
  const bool burst = bursting || recent >= config_.recall_burst;
  if (!bursting) {
    state_.reentries.push_back({now_, *repeated, burst});
    wrote_ = true;
  }
  if (burst)
    return Receipt{.claim = repeated, .disposition = Disposition::quarantined, .rationale = Rationale::recall_burst};
  return Receipt{.claim = repeated, .disposition = reported(*repeated), .rationale = Rationale::recall_reentry};
}

// Whether the claim says, over all the newcomer's time, that its value holds. Restatement is strict; a newcomer
// promotes what it states, whatever its validity has become.
bool Model::covers(const Claim& claim, const Claim& newcomer, Covering covering) const {
  const auto window = newcomer.window();
  const bool closed = window.until != ValidTime::forever();
  const auto says = [&](ValidTime instant) {
    if (covering == Covering::promoting) return claim.window().from <= instant && instant < claim.window().until;
    if (covering == Covering::strict && newcomer.trusted && closed) return state_.stated_to_hold(claim, instant);
    return state_.holds(claim, instant);
  };
  if (!newcomer.trusted && !closed) return says(as_valid(now_));
  if (!newcomer.trusted && claim.trusted) return false;
  if (newcomer.trusted && !claim.trusted && covering == Covering::strict) return false;
  auto instants = state_.instants(claim.line());
  instants.insert(window.from);
  return std::ranges::all_of(
      instants, [&](ValidTime instant) { return instant < window.from || window.until <= instant || says(instant); });
}

// 5. ModelDerived.
Receipt Model::derived(Claim claim) {
  for (const auto number : state_.on_line(claim.line())) {
    const auto& other = at(number);
    if (!other.live() || other.value() != claim.value() || !covers(other, claim, Covering::relaxed)) continue;
    wrote_ = true;
    return {.claim = number, .disposition = reported(number), .rationale = Rationale::echo};
  }
  const bool too_deep = claim.depth > config_.derivation_depth_cap;
  const auto number = store(std::move(claim), Disposition::pending_conflict, Rationale::contradicts);
  const auto rivals = state_.contradicted_by(at(number));
  if (rivals.empty() && too_deep) at(number).rationale = Rationale::too_deep;
  if (rivals.empty() && !too_deep) {
    at(number).rationale = Rationale::inferred;
    at(number).disposition = Disposition::committed_inferred;
    count(number);
  }
  return {
      .claim = number, .disposition = reported(number), .rationale = at(number).rationale, .contested_with = rivals};
}

// "The same value and source, the same start or none given, with a known end where an open end stood, is an ending."
bool Model::states_end_of(const Claim& newcomer, const Claim& claim) const {
  const auto& said = newcomer.said_first.window;
  const auto& open = claim.said_first.window;
  if (claim.line() != newcomer.line() || claim.value() != newcomer.value() || !claim.live() || !claim.first_hand())
    return false;
  const auto open_end = state_.open_end(claim);
  if (!said.until || !open_end || said.until->at <= *open_end) return false;
  return !said.from || (open.from && open.from->at == said.from->at);
}

std::vector<Number> Model::rivals_if_stored(Claim newcomer) const {
  Model trial = *this;
  const auto number = trial.store(std::move(newcomer), Disposition::committed_cheap, Rationale::first);
  trial.upkeep_endings(number);
  trial.succeed_all(number);
  return trial.state_.rivals_of(trial.at(number));
}

Receipt Model::restated(Number number, const Claim& newcomer, Rationale rationale) {
  auto& claim = at(number);
  claim.said.push_back(now_);
  state_.name(claim.line(), as_valid(now_));
  if (claim.said_first.source != newcomer.said_first.source ||
      claim.said_first.provenance != newcomer.said_first.provenance)
    ++claim.corroboration_count;
  wrote_ = true;
  return {.claim = number,
          .disposition = reported(number),
          .rationale = rationale,
          .contested_with = state_.rivals_of(claim),
          .corroborated = true};
}

Receipt Model::first_hand(Claim claim) {
  const auto line = state_.on_line(claim.line());
  const bool below_floor = claim.said_first.value_confidence < config_.confidence_floor;
  const auto same = [&](Number number) { return at(number).value() == claim.value(); };
  const auto stands = [&](Number number) { return at(number).live() && at(number).first_hand() && same(number); };

  // 6. An ending, looked for before restatement.
  std::optional<Number> ended;
  bool end_not_applied = false;
  for (const auto number : line) {
    if (!states_end_of(claim, at(number))) continue;
    if (at(number).said_first.source != claim.said_first.source)
      end_not_applied = true;
    else if (!ended)
      ended = number;
  }
  if (ended) end_not_applied = below_floor;
  const auto with_end = [&](Receipt receipt) {
    receipt.end_not_applied = end_not_applied;
    return receipt;
  };
  // 6. Restatement.
  const auto needs = rivals_if_stored(claim);
  const auto lacks_no_rival = [&](Number number) {
    const auto has = state_.rivals_of(at(number));
    return std::ranges::all_of(needs, [&](Number rival) { return std::ranges::count(has, rival) > 0; });
  };
  for (const auto number : line)
    if (!ended && stands(number) && covers(at(number), claim, Covering::strict) && lacks_no_rival(number))
      return with_end(restated(number, claim, Rationale::restates));
  // 7. Below the floor: parked, or a confirmation.
  if (below_floor) {
    for (const auto number : line) {
      if (at(number).disposition != Disposition::pending_low_confidence || !same(number)) continue;
      if (!covers(at(number), claim, Covering::relaxed)) continue;
      auto receipt = restated(number, claim, Rationale::confirms);
      const auto judged = promote(number, claim.said_first.adjudication_ttl);
      upkeep();
      receipt.disposition = reported(number);
      receipt.contested_with = judged.rivals;
      receipt.question = judged.question;
      return with_end(receipt);
    }
    for (const auto number : line)
      if (stands(number) && covers(at(number), claim, Covering::relaxed) && lacks_no_rival(number))
        return with_end(restated(number, claim, Rationale::confirms));
    const auto number = store(std::move(claim), Disposition::pending_low_confidence, Rationale::below_floor);
    return with_end({.claim = number, .disposition = reported(number), .rationale = Rationale::below_floor});
  }
  // 8 and 9.
  const auto ttl = claim.said_first.adjudication_ttl;
  const auto until = claim.window().until;
  const auto number = store(std::move(claim), Disposition::committed_cheap, Rationale::first);
  if (ended) {
    cut(*ended, {until, ValidTime::forever()}, CutReason::stated_end, number, Disposition::invalidated);
    upkeep_validity();
  }
  upkeep_endings(number);
  const bool alone = std::ranges::none_of(
      line, [&](Number other) { return at(other).live() && at(other).first_hand() && state_.has_validity(at(other)); });
  const auto judged = judge(number, ttl);
  auto why = judged.rationale;
  if (judged.rivals.empty()) {
    if (ended)
      why = Rationale::ends;
    else if (alone)
      why = Rationale::first;
    else if (state_.is_set(at(number).line()))
      why = Rationale::set_member;
  }
  at(number).rationale = why;
  upkeep();
  // The receipt tells the decision on the newcomer itself, not what it promotes.
  Receipt receipt{.claim = number, .disposition = reported(number), .rationale = why};
  receipt.contested_with = judged.rivals;
  receipt.question = judged.question;
  promote_covered_by(number, ttl);
  upkeep();
  return with_end(receipt);
}

Model::Judged Model::promote(Number parked, std::optional<std::chrono::microseconds> ttl) {
  at(parked).disposition = Disposition::committed_cheap;
  count(parked);
  at(parked).rationale = Rationale::promoted;
  upkeep_endings(parked);
  return judge(parked, ttl);
}

// "A newcomer above the floor also promotes the PendingLowConfidence claims of its value whose whole time it states."
void Model::promote_covered_by(Number newcomer, std::optional<std::chrono::microseconds> ttl) {
  for (const auto number : state_.on_line(at(newcomer).line())) {
    const auto& parked = at(number);
    if (parked.disposition != Disposition::pending_low_confidence || parked.value() != at(newcomer).value()) continue;
    if (!covers(at(newcomer), parked, Covering::promoting)) continue;
    promote(number, ttl);
  }
}

// Succession, then rivals: contested, queued, or won by policy. Without rivals the disposition stays.
Model::Judged Model::judge(Number number, std::optional<std::chrono::microseconds> ttl) {
  Judged judged;
  if (succeed_all(number)) judged.rationale = Rationale::succession;
  judged.rivals = state_.rivals_of(at(number));
  if (judged.rivals.empty()) return judged;

  auto highest = at(number).said_first.criticality;
  for (const auto rival : judged.rivals) highest = std::max(highest, at(rival).said_first.criticality);
  if (config_.overturn_policy == OverturnPolicy::newest_first_hand_wins &&
      highest < config_.criticality_overturn_floor) {
    judged.rationale = Rationale::newest_wins;
    if (at(number).disposition != Disposition::reinstated) at(number).disposition = Disposition::committed_cheap;
    carve_winner_out(number, judged.rivals, CutReason::policy);
    return judged;
  }
  judged.rationale = Rationale::rivals;
  at(number).disposition = Disposition::contested;
  if (config_.queue_for_adjudication) {
    at(number).disposition = Disposition::queued_for_adjudication;
    judged.question = ask(number, judged.rivals, ttl);
  }
  return judged;
}

// --- section 6: other writes ---------------------------------------------------------------------------------------

// How a claim stands after a verb.
Receipt Model::told(Number claim, Rationale rationale) const {
  Receipt receipt{.claim = claim, .disposition = reported(claim), .rationale = rationale};
  receipt.contested_with = state_.rivals_of(state_.claims[claim]);
  if (const auto* open = state_.open_question(claim); open && !open->expired(now_))
    receipt.question = static_cast<Number>(open - state_.questions.data());
  return receipt;
}

Answer Model::end(Number claim, ValidTime instant, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!at(claim).counts_since) return rejected(claim, Rationale::not_applicable);
  cut(claim, {instant, ValidTime::forever()}, CutReason::end, {}, Disposition::invalidated);
  upkeep();
  return finish({.receipts = {told(claim, Rationale::ended)}});
}

// Never for each, what they had won is given back, and its pairs of rivals are judged again.
void Model::take_back(const std::vector<Number>& claims) {
  for (const auto claim : claims) cut(claim, always, CutReason::retraction, {}, Disposition::invalidated);
  std::vector<Number> losers;
  for (auto& loser : state_.claims) {
    bool lifted = false;
    for (auto& cut : loser.cuts) {
      if (!cut.in_force || !won(cut.reason) || !cut.cause || *cut.cause == loser.number) continue;
      if (std::ranges::count(claims, *cut.cause) == 0) continue;
      lift(loser.number, cut);
      lifted = true;
    }
    if (!lifted) continue;
    losers.push_back(loser.number);
    loser.disposition = Disposition::committed_cheap;
    for (const auto& cut : loser.cuts)
      if (cut.in_force && cut.disposition) loser.disposition = *cut.disposition;
  }
  upkeep_validity();
  std::set<Number> newcomers;
  for (const auto loser : losers)
    for (const auto rival : state_.rivals_of(at(loser))) newcomers.insert(later(loser, rival) ? loser : rival);
  for (const auto number : newcomers) judge(number);
  upkeep();
}

namespace {

bool retracted(const Claim& claim) {
  return std::ranges::any_of(claim.cuts, [](const Cut& cut) {
    return cut.in_force && cut.reason == CutReason::retraction && cut.taken == always;
  });
}

}  // namespace

Answer Model::retract(Number claim, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (retracted(at(claim))) return finish({.status = WriteStatus::nothing_to_do});
  take_back({claim});
  return finish({.receipts = {told(claim, Rationale::retracted)}});
}

Answer Model::retract_source(const std::string& source, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected({}, Rationale::not_allowed);
  std::vector<Number> claims;
  for (const auto& claim : state_.claims)
    if (claim.said_first.source == source && claim.live() && !retracted(claim)) claims.push_back(claim.number);
  if (claims.empty()) return finish({.status = WriteStatus::nothing_to_do});
  take_back(claims);
  Answer answer;
  for (const auto claim : claims) answer.receipts.push_back(told(claim, Rationale::retracted));
  return finish(answer);
}

Answer Model::reopen(Number claim, std::optional<ValidTime> instant, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!at(claim).counts_since) return rejected(claim, Rationale::not_applicable);
  for (auto& cut : at(claim).cuts)
    if (cut.in_force && (!instant || *instant < cut.taken.until))
      shorten(claim, cut, instant.value_or(ValidTime::beginning()));
  wrote_ = true;
  at(claim).disposition = Disposition::reinstated;
  upkeep_validity();
  if (at(claim).first_hand()) judge(claim);
  upkeep();
  return finish({.receipts = {told(claim, Rationale::reopened)}});
}

Answer Model::review(Number claim, ReviewVerdict verdict, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  if (!at(claim).marked) return finish({.status = WriteStatus::nothing_to_do});
  at(claim).marked = false;
  wrote_ = true;
  if (verdict == ReviewVerdict::keep) return finish({.receipts = {told(claim, Rationale::reviewed)}});
  take_back({claim});
  return finish({.receipts = {told(claim, Rationale::retracted)}});
}

Answer Model::adjudicate(Number number, Verdict verdict, Provenance by, Instant now) {
  begin(now);
  auto& question = state_.questions[number];
  if (!is_first_hand(by)) return rejected(question.claim, Rationale::not_allowed);
  if (question.closed) return finish({.status = WriteStatus::not_found});
  if (question.expired(now_)) {
    expire(question);
    return finish({.status = WriteStatus::not_found});
  }
  return settle(number, verdict);
}

Answer Model::adjudicate_claim(Number claim, Verdict verdict, Provenance by, Instant now) {
  begin(now);
  if (!is_first_hand(by)) return rejected(claim, Rationale::not_allowed);
  const auto* open = state_.open_question(claim);
  if (open && !open->expired(now_)) return settle(static_cast<Number>(open - state_.questions.data()), verdict);
  if (state_.reported(at(claim), now_) != Disposition::contested) return finish({.status = WriteStatus::not_found});
  return settle(*ask(claim, state_.rivals_of(at(claim)), {}), verdict);
}

Answer Model::settle(Number number, Verdict verdict) {
  const auto [claim, rivals, expires_at, closed] = state_.questions[number];
  auto why = Rationale::affirmed;
  switch (verdict) {
    case Verdict::affirm:
      close(state_.questions[number], Closing::affirmed);
      at(claim).disposition = Disposition::committed_cheap;
      carve_winner_out(claim, rivals, CutReason::verdict);
      break;
    case Verdict::deny:
      close(state_.questions[number], Closing::denied);
      why = Rationale::denied;
      cut(claim, always, CutReason::verdict, {}, Disposition::invalidated);
      break;
    case Verdict::unknown:
      close(state_.questions[number], Closing::unknown);
      at(claim).disposition = Disposition::contested;
      why = Rationale::unsettled;
      break;
  }
  upkeep();
  return finish({.receipts = {told(claim, why)}});
}

void Model::expire(Question& question) {
  close(question, Closing::expired);
  if (at(question.claim).live()) at(question.claim).disposition = Disposition::contested;
}

Answer Model::sweep(Instant now) {
  begin(now);
  Answer answer;
  std::vector<Number> swept;
  for (auto& question : state_.questions) {
    if (question.closed || !question.expired(now_)) continue;
    expire(question);
    swept.push_back(question.claim);
  }
  upkeep();
  for (const auto claim : swept) answer.receipts.push_back(told(claim, Rationale::expired));
  if (swept.empty()) answer.status = WriteStatus::nothing_to_do;
  return finish(answer);
}

// "Inferred claims no longer contradicted return to CommittedInferred; with an oracle, contested lines without an open
// adjudication get one; never picks a winner."
Answer Model::reconcile(Instant now) {
  begin(now);
  for (auto& question : state_.questions)
    if (!question.closed && question.expired(now_)) expire(question);
  for (auto& claim : state_.claims) {
    const bool deep = claim.depth > config_.derivation_depth_cap;
    if (claim.disposition != Disposition::pending_conflict || deep || !state_.contradicted_by(claim).empty()) continue;
    claim.disposition = Disposition::committed_inferred;
    count(claim.number);
    claim.rationale = Rationale::no_longer_contradicted;
    wrote_ = true;
  }
  if (config_.queue_for_adjudication) {
    std::set<LineKey> asked;
    for (const auto& question : state_.questions)
      if (!question.closed) asked.insert(at(question.claim).line());
    for (auto& claim : state_.claims) {
      if (claim.disposition != Disposition::contested || asked.contains(claim.line())) continue;
      const auto rivals = state_.rivals_of(claim);
      if (rivals.empty()) continue;
      asked.insert(claim.line());
      ask(claim.number, rivals, {});
      claim.disposition = Disposition::queued_for_adjudication;
    }
  }
  return finish({});
}

Answer Model::serve(const LineKey& line, std::optional<ValidTime> valid_at, Instant now) {
  begin(now);
  const auto belief = state_.belief(line, valid_at.value_or(ValidTime{now}), TxTime{now}, config_);
  std::vector<Number> claims;
  if (belief.primary) claims.push_back(belief.primary->claim);
  for (const auto& slot : belief.alternatives) claims.push_back(slot.claim);
  for (const auto& slot : belief.dissent) claims.push_back(slot.claim);
  if (!claims.empty()) {
    state_.servings.push_back({now_, claims});
    wrote_ = true;
  }
  return finish({});
}

}  // namespace claimledger::model
