#include "rules/checked_line.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "rules/judge_anew.hpp"
#include "rules/rivals.hpp"

namespace claimledger::rules {

namespace {

// An entry says more than the fold needs: the disposition and the reason that a receipt gave. Each of these looks
// whether they fit what the entry does.

bool fits(const ClaimRecorded& it, const Record& record) {
  const auto& said = it.claim;
  const auto& window = said.window;
  const bool incoherent = said.trusted && window.until && window.until->at <= window.from->at;
  const bool future = said.trusted && as_valid(record.recorded_at) < window.from->at;
  if ((it.rationale == Rationale::corrected) != it.correction.has_value()) return false;
  if (incoherent || it.disposition == Disposition::quarantined) {
    return it.disposition == Disposition::quarantined && !it.correction &&
           (incoherent ? it.rationale == Rationale::incoherent_window
                       : it.rationale == Rationale::future_start && future);
  }
  if (is_first_hand(said.provenance)) return true;  // it is judged
  const bool dissents = it.rationale == Rationale::contradicts || it.rationale == Rationale::too_deep;
  return it.disposition == Disposition::committed_inferred
             ? it.rationale == Rationale::inferred
             : it.disposition == Disposition::pending_conflict && dissents;
}

// Whether a disposition is the one of a claim that waits so, and is this otherwise.
bool is_that_of(const Decided& decided, Disposition shown) {
  return waits_in(shown) == decided.waits && (decided.waits || shown == decided.otherwise);
}

// `before`: the claim as the entries before it left it; nothing for a claim that it begins.
bool fits(const Judged& it, const std::optional<Decided>& before, bool anew) {
  const bool waits = waits_in(it.disposition), waited = before && before->waits;
  if (!waits && it.disposition != it.otherwise) return false;
  if (it.rationale == Rationale::no_longer_contradicted) {
    return before && before->otherwise == Disposition::pending_conflict &&
           it.disposition == Disposition::committed_inferred;
  }
  if (anew || waits == waited) return it.rationale == Rationale::judged_anew;
  return it.rationale == (waits ? Rationale::rivals : Rationale::uncontested);
}

bool fits(const AdjudicationClosed& it, const std::optional<Decided>& before, const Decided& now) {
  const bool affirmed = it.closing == Closing::affirmed, denied = it.closing == Closing::denied;
  if (!affirmed && !it.won.empty()) return false;
  // A denied claim waits until it is taken back; a question is moot because its claim does not wait.
  if (!it.disposition) return !affirmed && (denied || !now.waits);
  if (denied || it.closing == Closing::moot) return false;
  return it.disposition == Disposition::contested ? before && before->waits
                                                  : affirmed && it.disposition == Disposition::committed_cheap;
}

// The claims of which an entry decides something beside the one that it is about.
std::vector<ClaimId> decided_beside(const Entry& entry) {
  std::vector<ClaimId> ids;
  const auto lost = [&](const std::vector<Win>& won) {
    for (const auto& win : won) ids.push_back(win.loser);
  };
  const auto promoted = [&](const std::vector<Promotion>& promotions) {
    for (const auto& promotion : promotions) {
      ids.push_back(promotion.claim);
      lost(promotion.won);
    }
  };
  if (const auto* it = std::get_if<ClaimRecorded>(&entry)) {
    lost(it->won);
    ids.insert(ids.end(), it->ended.begin(), it->ended.end());
    promoted(it->promoted);
  }
  if (const auto* it = std::get_if<Corroborated>(&entry)) promoted(it->promoted);
  if (const auto* it = std::get_if<AdjudicationClosed>(&entry)) lost(it->won);
  return ids;
}

bool takes_or_gives_back(const Entry& entry) {
  const auto* recorded = std::get_if<ClaimRecorded>(&entry);
  return std::holds_alternative<TakenBack>(entry) || std::holds_alternative<Reopened>(entry) ||
         (recorded && recorded->correction);
}

}  // namespace

CheckedLine::CheckedLine(LineState line) : told_(std::move(line)) {
  told_.derive();
  judged_ = told_;
  for (const auto& statement : told_.statements()) erased_ = erased_ || statement.erased;
}

void CheckedLine::take(const Record& record) {
  from_the_start_ = from_the_start_ || takes_or_gives_back(record.entry);
  erased_ = erased_ || record.content_state == ContentState::erased;
  const auto statements = told_.statements().size();
  const auto acts = told_.acts().size();
  const auto about = claim_of(record.entry);
  const auto* known = about ? told_.find(*about) : nullptr;
  const auto before = known ? std::optional(known->decided) : std::nullopt;
  told_.apply(Record(record));
  if (erased_ || wrong_) return;
  wrong_ = !says_what_it_does(record, before) || !takes_back_in_its_place(record) || !decides_what_stands(record.entry);
  if (from_the_start_ || wrong_) return;
  if (told_.statements().size() > statements) judge_statement(record);
  if (told_.acts().size() > acts) judge_act(told_.acts().back());
}

bool CheckedLine::says_what_it_does(const Record& record, const std::optional<Decided>& before) {
  const auto& entry = record.entry;
  if (const auto* it = std::get_if<ClaimRecorded>(&entry)) {
    if (it->correction) to_show_.push_back({it->claim.id, it->disposition, false});
    return fits(*it, record);
  }
  if (const auto* it = std::get_if<Ended>(&entry)) return is_that_of(told_.at(it->claim).decided, it->disposition);
  if (const auto* it = std::get_if<Reopened>(&entry)) {
    to_show_.push_back({it->claim, it->disposition, true});
    return waits_in(it->disposition) || it->disposition == Disposition::reinstated;
  }
  if (const auto* it = std::get_if<Judged>(&entry)) return fits(*it, before, from_the_start_);
  if (const auto* it = std::get_if<AdjudicationClosed>(&entry)) return fits(*it, before, told_.at(it->claim).decided);
  return true;
}

// What was taken back neither loses, ends nor is promoted: nothing of it is left to decide.
bool CheckedLine::decides_what_stands(const Entry& entry) const {
  const auto ids = decided_beside(entry);
  return std::all_of(ids.begin(), ids.end(),
                     [&](const ClaimId& id) { return !told_.at(id).decided.statements.empty(); });
}

// The entry that takes back what is corrected or denied stands next to the one that does that.
bool CheckedLine::takes_back_in_its_place(const Record& record) {
  const auto& entry = record.entry;
  const auto due = std::exchange(to_take_back_, std::nullopt);
  const auto* recorded = std::get_if<ClaimRecorded>(&entry);
  const auto* closed = std::get_if<AdjudicationClosed>(&entry);
  if (recorded && recorded->correction) {
    to_take_back_.emplace(recorded->correction->claim, TakenBackReason::correction);
  }
  if (closed && closed->closing == Closing::denied) to_take_back_.emplace(closed->claim, TakenBackReason::denial);
  const auto* taken = std::get_if<TakenBack>(&entry);
  if (due) return taken && taken->claim == due->first && taken->reason == due->second;
  return !taken || taken->reason == TakenBackReason::retraction;
}

void CheckedLine::judge_statement(const Record& record) {
  auto statement = told_.statements().back();
  const auto said = statement.said;
  const auto kept_as = statement.recorded_as;
  statement.claim = nowhere;
  const auto* recorded = std::get_if<ClaimRecorded>(&record.entry);
  const bool contradicts = recorded && !is_first_hand(said.provenance) && kept_as != Disposition::quarantined &&
                           !rivals_of(judged_, {judged_.value_of(statement.content), window_of(said), said.trusted,
                                                record.recorded_at, said.cardinality})
                                .empty();
  Judge judge(judged_);
  const auto index = judged_.add_statement(std::move(statement));
  if (recorded && (!is_first_hand(said.provenance) || kept_as == Disposition::quarantined)) {
    judge.keep(index, said.id, kept_as);
    wrong_ = wrong_ || contradicts != (recorded->rationale == Rationale::contradicts);
  } else {
    const auto outcome = judge.say(index, false, [&] { return said.id; });
    const auto* again = std::get_if<Corroborated>(&record.entry);
    wrong_ = outcome.recorded != (recorded != nullptr) || judged_[outcome.claim].id != said.id ||
             outcome.rationale != (recorded ? recorded->rationale : again->rationale) ||
             outcome.not_applied != (recorded ? recorded->not_applied : again->not_applied);
    if (again && again->answered != Disposition::pending_review) {
      wrong_ = wrong_ || !is_that_of(judged_[outcome.claim].decided, again->answered);
    } else if (again) {
      wrong_ = wrong_ || !told_.at(said.id).marked;
    }
  }
  for (const auto& [claim, before] : judge.changed()) changed_.insert(judged_[claim].id);
}

void CheckedLine::judge_act(const Act& act) {
  judged_.add_act(act);
  const auto* claim = judged_.find(act.claim);
  wrong_ = wrong_ || !claim || !claim->has_statement();
  if (wrong_) return;
  const auto index = judged_.index_of(*claim);
  Judge judge(judged_);
  switch (act.kind) {
    case Act::Kind::end:
      judge.end(index, from_here_on(*act.at), CutReason::end, std::nullopt, act.seq);
      break;
    case Act::Kind::affirm:
      judge.affirm(index, act.asked, act.seq);
      break;
    case Act::Kind::no_longer_contradicted:
      judge.set_otherwise(index, Disposition::committed_inferred, act.seq);
      break;
    case Act::Kind::reopen:
      break;  // gives something back: the line is judged from its first entry
  }
  for (const auto& [changed, before] : judge.changed()) changed_.insert(judged_[changed].id);
}

bool CheckedLine::agree(const ClaimId& claim) const {
  const auto* told = told_.find(claim);
  const auto* judged = judged_.find(claim);
  if (told && judged) return told->decided == judged->decided;
  return told && !told->has_statement();
}

bool CheckedLine::end_batch() {
  for (const auto claim : told_.touched()) changed_.insert(told_[claim].id);
  told_.derive();
  if (erased_) return true;
  wrong_ = wrong_ || to_take_back_.has_value();
  for (const auto& [claim, disposition, reopened] : std::exchange(to_show_, {})) {
    const auto& decided = told_.at(claim).decided;
    wrong_ = wrong_ || (reopened ? waits_in(disposition) != decided.waits : !is_that_of(decided, disposition));
  }
  if (std::exchange(from_the_start_, false)) {
    judged_ = judge_anew(told_, [] { return ClaimId{}; });
    for (const auto& claim : told_.claims()) changed_.insert(claim.id);
    for (const auto& claim : judged_.claims()) changed_.insert(claim.id);
  }
  for (const auto& claim : std::exchange(changed_, {})) wrong_ = wrong_ || !agree(claim);
  return !wrong_;
}

}  // namespace claimledger::rules
