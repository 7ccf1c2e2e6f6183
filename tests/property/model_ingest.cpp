#include <algorithm>

#include "model.hpp"

// Section 5 of the semantics, read literally.
namespace claimledger::model {

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

Number Model::store(Claim claim, Disposition disposition) {
  claim.disposition = disposition;
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
    const auto number = store(claim, Disposition::quarantined);
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
    if (!repeated && at(number).live() && at(number).value() == claim.value() && state_.has_validity(at(number)))
      repeated = number;
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
  const auto number = store(std::move(claim), Disposition::pending_conflict);
  const auto rivals = state_.contradicted_by(at(number));
  auto why = rivals.empty() ? Rationale::too_deep : Rationale::contradicts;
  if (rivals.empty() && !too_deep) {
    why = Rationale::inferred;
    at(number).disposition = Disposition::committed_inferred;
    count(number);
  }
  return {.claim = number, .disposition = reported(number), .rationale = why, .contested_with = rivals};
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
  const auto number = trial.store(std::move(newcomer), Disposition::committed_cheap);
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
  std::vector<Number> ended;
  bool end_not_applied = false;
  for (const auto number : line) {
    if (!states_end_of(claim, at(number))) continue;
    if (at(number).said_first.source != claim.said_first.source)
      end_not_applied = true;
    else
      ended.push_back(number);
  }
  if (!ended.empty()) end_not_applied = below_floor;
  const auto with_end = [&](Receipt receipt) {
    receipt.end_not_applied = end_not_applied;
    return receipt;
  };
  // 6. Restatement.
  const auto lacks_no_rival = [&](Number number) {
    // Restated it adds no claim to the line: what it is said to be decides about none.
    auto as_restated = claim;
    as_restated.said_first.cardinality = at(number).said_first.cardinality;
    const auto needs = rivals_if_stored(as_restated);
    const auto has = state_.rivals_of(at(number));
    return std::ranges::all_of(needs, [&](Number rival) { return std::ranges::count(has, rival) > 0; });
  };
  for (const auto number : line)
    if (ended.empty() && stands(number) && covers(at(number), claim, Covering::strict) && lacks_no_rival(number))
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
    const auto number = store(std::move(claim), Disposition::pending_low_confidence);
    return with_end({.claim = number, .disposition = reported(number), .rationale = Rationale::below_floor});
  }
  // 8 and 9.
  const auto ttl = claim.said_first.adjudication_ttl;
  const auto until = claim.window().until;
  const auto number = store(std::move(claim), Disposition::committed_cheap);
  for (const auto incumbent : ended)
    cut(incumbent, {until, ValidTime::forever()}, CutReason::stated_end, number, Disposition::invalidated);
  if (!ended.empty()) upkeep_validity();
  upkeep_endings(number);
  const bool alone = std::ranges::none_of(
      line, [&](Number other) { return at(other).live() && at(other).first_hand() && state_.has_validity(at(other)); });
  const auto judged = judge(number, ttl);
  auto why = judged.rationale;
  if (judged.rivals.empty()) {
    if (!ended.empty())
      why = Rationale::ends;
    else if (alone)
      why = Rationale::first;
    else if (state_.is_set(at(number).line()))
      why = Rationale::set_member;
  }
  // The receipt tells the decision on the newcomer itself, not what it promotes.
  Receipt receipt{.claim = number, .disposition = reported(number), .rationale = why};
  receipt.contested_with = judged.rivals;
  receipt.question = judged.question;
  promote_covered_by(number, ttl);
  upkeep();
  return with_end(receipt);
}

Model::Judged Model::promote(Number parked, std::optional<std::chrono::microseconds> ttl) {
  upkeep_validity();
  at(parked).disposition = Disposition::committed_cheap;
  count(parked);
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
    carve_winner_out(number, judged.rivals, CutReason::policy, state_.counted);
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

}  // namespace claimledger::model
