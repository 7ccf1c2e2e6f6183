#include "rules/checked_line.hpp"

#include <utility>
#include <variant>

#include "rules/judge_anew.hpp"

namespace claimledger::rules {

namespace {

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

void CheckedLine::take(Record record) {
  from_the_start_ = from_the_start_ || takes_or_gives_back(record.entry);
  erased_ = erased_ || record.content_state == ContentState::erased;
  const auto statements = told_.statements().size();
  const auto acts = told_.acts().size();
  told_.apply(Record(record));
  if (erased_ || from_the_start_ || wrong_) return;
  if (told_.statements().size() > statements) judge_statement(record);
  if (told_.acts().size() > acts) judge_act(told_.acts().back());
}

void CheckedLine::judge_statement(const Record& record) {
  auto statement = told_.statements().back();
  const auto said = statement.said;
  const auto kept_as = statement.recorded_as;
  statement.claim = nowhere;
  Judge judge(judged_);
  const auto index = judged_.add_statement(std::move(statement));
  const auto* recorded = std::get_if<ClaimRecorded>(&record.entry);
  if (recorded && (!is_first_hand(said.provenance) || kept_as == Disposition::quarantined)) {
    judge.keep(index, said.id, kept_as);
  } else {
    const auto outcome = judge.say(index, false, [&] { return said.id; });
    const auto* again = std::get_if<Corroborated>(&record.entry);
    wrong_ = outcome.recorded != (recorded != nullptr) || judged_[outcome.claim].id != said.id ||
             outcome.rationale != (recorded ? recorded->rationale : again->rationale) ||
             outcome.not_applied != (recorded ? recorded->not_applied : again->not_applied);
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
  if (std::exchange(from_the_start_, false)) {
    judged_ = judge_anew(told_, [] { return ClaimId{}; });
    for (const auto& claim : told_.claims()) changed_.insert(claim.id);
    for (const auto& claim : judged_.claims()) changed_.insert(claim.id);
  }
  for (const auto& claim : std::exchange(changed_, {})) wrong_ = wrong_ || !agree(claim);
  return !wrong_;
}

}  // namespace claimledger::rules
