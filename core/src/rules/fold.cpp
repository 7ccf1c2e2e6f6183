#include <algorithm>
#include <string>

#include "claimledger/failure.hpp"
#include "rules/line_state.hpp"

// Folds the entries of a line into statements, acts and decisions, one case for each kind. Decisions are taken as they
// were written; derive.cpp computes their consequences.
namespace claimledger::rules {

namespace {

[[noreturn]] void corrupt(Position seq, const char* what) {
  throw StoreFailure(FailureKind::corrupt, "reading a line", "entry " + std::to_string(seq.value) + " " + what);
}

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;  // clang before 17 does not find this out by itself

bool holds(const std::vector<NotApplied>& list, NotApplied wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

ClaimState& LineState::existing(const ClaimId& id, Position seq) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) corrupt(seq, "names a claim that its line does not have");
  return claims_[found->second];
}

StatementState LineState::statement_of(Claim said, Record& record) {
  StatementState statement;
  statement.seq = record.seq;
  statement.recorded_at = record.recorded_at;
  statement.said = std::move(said);
  statement.content = std::move(record.content);
  statement.erased = record.content_state == ContentState::erased;
  return statement;
}

void LineState::apply_wins(const std::vector<Win>& won, const ClaimId& winner, CutReason reason, Position seq) {
  for (const auto& win : won) lose(change(index_of(existing(win.loser, seq))), win, winner, reason, seq);
}

void LineState::apply(const Promotion& promotion, Position seq) {
  const auto index = index_of(existing(promotion.claim, seq));
  rules::promote(change(index), promotion, seq);
  set_waits(index, claims_[index].decided.waits);
  apply_wins(promotion.won, promotion.claim, CutReason::policy, seq);
}

void LineState::check(const Correction& correction, Position seq) const {
  if (!find(correction.claim)) corrupt(seq, "corrects a claim that its line does not have");
  if (correction.promoted_by && statement_at(*correction.promoted_by) == nowhere) {
    corrupt(seq, "is promoted by what is no statement of its line");
  }
  for (const auto end : correction.ends) {
    const auto statement = statement_at(end);
    const bool stated = statement != nowhere && statements_[statement].said.window.until;
    const bool done = std::any_of(acts_.begin(), acts_.end(),
                                  [&](const Act& act) { return act.seq == end && act.kind == Act::Kind::end; });
    if (!stated && !done) corrupt(seq, "ends with what is no end on its line");
  }
}

void LineState::apply(ClaimRecorded& e, Record& record) {
  const auto seq = record.seq;
  const auto id = e.claim.id;
  if (find(id)) corrupt(seq, "records a claim a second time");
  if (e.correction) check(*e.correction, seq);
  Decided decided;
  decided.waits = waits_in(e.disposition);
  decided.otherwise = decided.waits ? Disposition::committed_cheap : e.disposition;
  decided.cardinality = e.claim.cardinality;
  decided.follows = e.follows;

  auto statement = statement_of(std::move(e.claim), record);
  statement.began = true;
  statement.recorded_as = decided.otherwise;
  statement.correction = e.correction;
  if (e.correction && e.correction->holds_from) statement.left.push_back({*e.correction->holds_from, nowhere});
  const auto until = statement.said.window.until;
  const auto added = add_statement(std::move(statement));
  if (is_live(e.disposition)) decided.counts_from = place_of(added);
  const auto index = begin(added, id, std::move(decided));
  set_waits(index, claims_[index].decided.waits);

  apply_wins(e.won, id, CutReason::policy, seq);
  if (!e.ended.empty() && !until) corrupt(seq, "ends a claim without saying when");
  for (const auto& ended : e.ended) {
    rules::end(change(index_of(existing(ended, seq))), from_here_on(*until), CutReason::stated_end, id, seq);
  }
  for (const auto& promotion : e.promoted) apply(promotion, seq);
}

void LineState::apply(Corroborated& e, Record& record) {
  const auto claim = index_of(existing(e.stated.id, record.seq));
  if (claims_[claim].decided.statements.empty()) {
    corrupt(record.seq, "says a claim again that has been taken back");
  }
  const auto cardinality = e.stated.cardinality;
  const auto statement = add_statement(statement_of(std::move(e.stated), record));
  give_statement(statement, claim);
  if (cardinality != Cardinality::unknown && !holds(e.not_applied, NotApplied::cardinality)) {
    change(claim).cardinality = cardinality;
  }
  for (const auto& promotion : e.promoted) apply(promotion, record.seq);
}

void LineState::apply(const Ended& e, const Record& record) {
  const auto claim = index_of(existing(e.claim, record.seq));
  acts_.push_back({Act::Kind::end, record.seq, record.recorded_at, e.claim, e.at, {}, false});
  rules::end(change(claim), from_here_on(e.at), CutReason::end, std::nullopt, record.seq);
  set_waits(claim, waits_in(e.disposition));
}

void LineState::remove_statement(Index statement, const TakenBack& by, Position seq) {
  const auto index = statements_[statement].claim;
  if (index == nowhere) return;
  auto& claim = claims_[index];
  if (claim.emptied_by != seq) claim.lost.clear();
  claim.emptied_by = seq;
  claim.lost.push_back(statement);
  statements_[statement].loss = {index, seq, by.reason == TakenBackReason::correction, !by.claim};
  statements_[statement].claim = nowhere;
  auto& decided = change(index);
  std::erase(decided.statements, statements_[statement].seq);
  if (!decided.statements.empty()) return;
  decided.otherwise = Disposition::invalidated;
  set_waits(index, false);
}

void LineState::apply(const TakenBack& e, const Record& record) {
  last_act_ = record.seq;
  if (e.reason == TakenBackReason::correction && (corrections_.empty() || corrections_.back().claim != e.claim)) {
    corrupt(record.seq, "corrects with no statement");
  }
  for (const auto position : e.statements) {
    const auto statement = statement_at(position);
    if (statement == nowhere) corrupt(record.seq, "takes back what is no statement of its line");
    statements_[statement].taken_back = statements_[statement].taken_back || e.reason != TakenBackReason::correction;
    statements_[statement].dropped = statements_[statement].dropped || !e.claim;
    remove_statement(statement, e, record.seq);
  }
  if (!e.claim) places_changed();
}

// Undoes what took the statement from its claim, and the corrections of it that stand again. A corrected statement that
// its source took back since stays taken back.
void LineState::give_back(Index index, const std::optional<ValidEnd>& at) {
  auto& statement = statements_[index];
  if (!statement.loss.corrected) {
    statement.taken_back = statement.dropped = false;
    if (at) statement.left.push_back({*at, nowhere});
    return;
  }
  if (!at) return;
  any_correction_of(index, [&](const CorrectionState& correction) {
    if (is_effective(correction)) statement.left.push_back({*at, correction.corrector});
    return false;
  });
}

void LineState::apply(const Reopened& e, const Record& record) {
  auto& claim = existing(e.claim, record.seq);
  last_act_ = record.seq;
  acts_.push_back({Act::Kind::reopen, record.seq, record.recorded_at, e.claim, e.at, {}, e.undoes});
  std::vector<Index> given_back;
  for (const auto position : e.statements) {
    const auto index = statement_at(position);
    if (index == nowhere) corrupt(record.seq, "reopens what is no statement of its line");
    auto& left = statements_[index].left;
    if (e.undoes) {
      give_back(index, e.at);
      given_back.push_back(index);
    } else if (!e.at) {
      left.clear();
    } else {
      for (auto& each : left) {
        if (e.at->at < each.before.at) each.before = *e.at;
      }
    }
  }
  for (const auto statement : given_back) {
    const auto [first, last] = corrections_of(statement);
    for (auto each = first; each != last; ++each) {
      auto& correction = corrections_[each->second];
      if (is_effective(correction)) correction.reopened = true;
    }
  }
  if (e.undoes) places_changed();
  const auto index = index_of(claim);
  change(index).otherwise = Disposition::reinstated;
  set_waits(index, waits_in(e.disposition));
}

void LineState::apply(const Judged& e, const Record& record) {
  if (!find(e.claim)) {
    if (!e.begins || e.statements.empty()) corrupt(record.seq, "judges a claim that its line does not have");
    by_id_.emplace(e.claim, static_cast<Index>(claims_.size()));
    claims_.emplace_back();
    claims_.back().id = e.claim;
    claims_.back().seq = record.seq;
  } else if (e.begins) {
    corrupt(record.seq, "begins a claim that its line has");
  }
  for (const auto position : e.statements) {
    if (statement_at(position) == nowhere) corrupt(record.seq, "gives a claim what is no statement of its line");
  }
  auto& claim = existing(e.claim, record.seq);
  const auto index = index_of(claim);
  const auto had = claim.decided.statements;
  auto& decided = change(index);
  decided = {e.otherwise, waits_in(e.disposition), e.counts_from, e.cardinality, e.follows, {}, e.statements};
  for (const auto& cut : e.cuts) add_cut(decided, cut);
  set_waits(index, decided.waits);
  for (const auto position : had) {
    auto& holder = statements_[statement_at(position)].claim;
    if (holder == index) holder = nowhere;
  }
  for (const auto position : e.statements) statements_[statement_at(position)].claim = index;
  for (const auto position : had) {
    const auto lost = statement_at(position);
    if (statements_[lost].claim != nowhere || corrected_by(lost) == nowhere) continue;
    statements_[lost].loss = {index, last_act_, true, false};  // to a correction that stands again
  }
  if (!e.statements.empty()) {
    auto& first = statements_[statement_at(e.statements.front())];
    if (!first.began && first.said.id != e.claim) first.given = e.claim;
  } else if (!had.empty()) {
    if (claim.emptied_by != last_act_) claim.lost.clear();
    claim.emptied_by = last_act_;
    for (const auto position : had) claim.lost.push_back(statement_at(position));
  }
  if (e.rationale == Rationale::no_longer_contradicted) {
    acts_.push_back({Act::Kind::no_longer_contradicted, record.seq, record.recorded_at, e.claim, {}, {}, false});
  }
}

void LineState::apply(const AdjudicationOpened& e, const Record& record) {
  auto& claim = existing(e.claim, record.seq);
  if (claim.question) corrupt(record.seq, "asks about a claim that waits for an answer already");
  claim.question = OpenQuestion{e.handle, record.seq, record.recorded_at, e.expires_at};
  asked_[e.handle] = record.seq;
}

void LineState::apply(const AdjudicationClosed& e, const Record& record) {
  const auto seq = record.seq;
  auto& claim = existing(e.claim, seq);
  if (!claim.question || claim.question->handle != e.handle) corrupt(seq, "closes a question that is not open");
  if (e.closing == Closing::expired && !claim.question->expires_at) {
    corrupt(seq, "says that a question without a term has expired");
  }
  claim.question.reset();
  const auto index = index_of(claim);
  if (e.closing == Closing::affirmed) {
    acts_.push_back({Act::Kind::affirm, seq, record.recorded_at, e.claim, {}, asked_[e.handle], false});
    if (e.disposition) change(index).otherwise = Disposition::committed_cheap;
    apply_wins(e.won, e.claim, CutReason::verdict, seq);
  }
  if (e.disposition) set_waits(index, waits_in(*e.disposition));
}

void LineState::apply(Record&& record) {
  const auto seq = record.seq;
  std::visit(
      Match{
          [&](ClaimRecorded& e) { apply(e, record); },
          [&](Corroborated& e) { apply(e, record); },
          [&](const Echoed& e) { existing(e.claim, seq); },
          [&](const RecallReEntryDetected& e) { existing(e.claim, seq).reentries.push_back(record.recorded_at); },
          [&](const RecallBurst& e) { existing(e.claim, seq).burst = record.recorded_at; },
          [&](const Ended& e) { apply(e, record); },
          [&](const TakenBack& e) { apply(e, record); },
          [&](const Reopened& e) { apply(e, record); },
          [&](const Judged& e) { apply(e, record); },
          [&](const ReviewMarked& e) { existing(e.claim, seq).marked = true; },
          [&](const ReviewSettled& e) { existing(e.claim, seq).marked = false; },
          [&](const AdjudicationOpened& e) { apply(e, record); },
          [&](const AdjudicationClosed& e) { apply(e, record); },
          [&](const Served&) {},
          [&](const Rejected& e) {
            if (e.claim) existing(*e.claim, seq);
          },
          [&](const Tombstone&) {},
      },
      record.entry);
  last_ = seq;
}

}  // namespace claimledger::rules
