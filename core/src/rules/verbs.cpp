#include <algorithm>

#include "ensure.hpp"
#include "rules/judge.hpp"
#include "rules/rivals.hpp"
#include "rules/rules.hpp"

// Acts on claims: end, retract, reopen, correct, verdicts.
namespace claimledger::rules {

namespace {

std::string name(const ClaimState& claim) { return "claim " + to_text(claim.id.value); }

constexpr std::string_view all_taken_back = "all that was said of it has been taken back already";

std::string without_statements(const LineState& line, const ClaimState& claim) {
  for (const auto statement : claim.lost) {
    const auto corrector = line.corrected_by(statement);
    if (corrector == nowhere || line.statement(statement).taken_back) continue;
    return "it was corrected: claim " + to_text(line.statement(corrector).said.id.value) +
           " stands in its place; name that one";
  }
  const auto moved = statements_went_to(line, claim);
  if (moved.empty()) return std::string(all_taken_back);
  std::string text = "what was said of it now makes up";
  for (const auto& id : moved) text += " claim " + to_text(id.value);
  return text + (moved.size() == 1 ? "; name that one" : "; name one of these");
}

std::vector<DraftEntry> acts(Entry entry, Content content = {}) { return {{std::move(entry), std::move(content), {}}}; }

}  // namespace

std::string why_no_end(const LineState& line, const ClaimState& claim, const ValidEnd& at) {
  if (auto why = why_nothing_is_left(line, claim); !why.empty()) return why;
  if (claim.parked()) return "it counts no longer until it is said again, so it holds at no time";
  if (claim.base.intersects(Span{at.at, ValidTime::forever()})) return {};
  for (const auto& cut : claim.decided.cuts) {
    if (cut.span.until <= at.at) continue;
    if (cut.reason == CutReason::verdict || cut.reason == CutReason::policy) {
      return "what follows was won by claim " + to_text(cut.cause->value);
    }
    return "it ends at " + to_text(start_of(cut.span)) + " already; reopen it first";
  }
  if (claim.base.empty()) return "it holds at no time";
  return "it ends at " + to_text(end_of(claim.base.spans().back())) + " already";
}

std::string why_no_retraction(const LineState& line, const ClaimState& claim) {
  return claim.has_statement() ? std::string() : without_statements(line, claim);
}

std::string why_nothing_is_left(const LineState& line, const ClaimState& claim) {
  if (line.erased(claim)) return "its content was erased, and nothing brings it back";
  if (claim.has_statement()) return {};
  auto why = without_statements(line, claim);
  // A reopening is for claims that were live; it takes back the act that took the statements.
  if (claim.was_live && why == all_taken_back) why += "; reopen it first";
  return why;
}

void end(LineDraft& line, const ClaimId& id, const ValidEnd& at, Content why, const Policy& policy) {
  const auto index = line.line().index_of(id);
  const bool waited = line.line()[index].decided.waits;
  const auto seq = line.next();
  Judge judge(line.mutable_line());
  judge.end(index, from_here_on(at), CutReason::end, std::nullopt, seq);
  auto told = judge.changed().at(index).decided;
  end(told, from_here_on(at), CutReason::end, std::nullopt, seq);
  const Ended entry{id, at, waited ? line.shown(index, waited, policy.questions) : Disposition::invalidated};
  told.waits = waits_in(entry.disposition);
  line.write(entry, std::move(why));
  line.follow_up(judge, {{index, told}}, policy.questions);
}

void retract(LineDraft& line, const ClaimId& id, TakenBackReason reason, Content why, const Policy& policy) {
  TakenBack entry{id, line.at(id).decided.statements, reason};
  line.take_back(acts(std::move(entry), std::move(why)), policy.questions);
}

void retract_statements(LineDraft& line, const std::vector<Position>& statements, Content why, const Policy& policy) {
  TakenBack entry{std::nullopt, statements, TakenBackReason::retraction};
  line.take_back(acts(std::move(entry), std::move(why)), policy.questions);
}

namespace {

// What an act took from a claim.
struct Lost {
  Position by;
  std::vector<Position> statements;
};

// The last of what was taken from the claim and that no claim has again. What was taken with its source counts only
// where that left the claim without a statement.
Lost last_lost(const LineState& line, const ClaimState& claim) {
  Lost lost;
  for (const auto& statement : line.statements()) {
    const auto& loss = statement.loss;
    if (statement.claim != nowhere || loss.claim != line.index_of(claim) || loss.by < lost.by) continue;
    if (loss.by_source && (claim.has_statement() || loss.by != claim.emptied_by)) continue;
    if (lost.by < loss.by) lost = {loss.by, {}};
    lost.statements.push_back(statement.seq);
  }
  return lost;
}

// An end of the claim, or what a partial reopening left taken back, that was said after this entry.
bool has_an_end(const ClaimState& claim, Position after) {
  return std::any_of(claim.decided.cuts.begin(), claim.decided.cuts.end(), [&](const Cut& cut) {
    return after < cut.seq &&
           (cut.reason == CutReason::end || cut.reason == CutReason::stated_end || cut.reason == CutReason::taken_back);
  });
}

// The entry that reopens the claim. It gives back what was taken from the claim or, where the claim was ended since or
// nothing was taken, undoes its ends and the rest of a partial reopening.
Reopened reopening(const LineState& line, const ClaimState& claim, const std::optional<ValidEnd>& at) {
  auto lost = last_lost(line, claim);
  Reopened entry{claim.id, at, {}, !claim.has_statement(), Disposition::reinstated};
  entry.undoes = entry.undoes || (!lost.statements.empty() && !has_an_end(claim, lost.by));
  if (entry.undoes) {
    entry.statements = std::move(lost.statements);
    return entry;
  }
  for (const auto statement : claim.statements) {
    if (line.holds_from(statement)) entry.statements.push_back(line.statement(statement).seq);
  }
  std::sort(entry.statements.begin(), entry.statements.end());
  return entry;
}

// Whether the claim has again what was given back.
bool comes_back(const LineState& after, const Reopened& entry) {
  return std::any_of(entry.statements.begin(), entry.statements.end(), [&](Position seq) {
    const auto claim = after.statement(after.statement_at(seq)).claim;
    return claim != nowhere && after[claim].id == entry.claim;
  });
}

// For people: the reason why it has not.
std::string why_it_does_not(const LineState& after, const Reopened& entry) {
  for (const auto seq : entry.statements) {
    const auto claim = after.statement(after.statement_at(seq)).claim;
    if (claim != nowhere) return "what was said of it would only say " + name(after[claim]) + " again";
  }
  return "what was said of it was retracted with its source after it had been corrected";
}

// For people: the reason why a reopening gives nothing back.
std::string why_not_reopened(const LineState& line, const ClaimState& claim) {
  for (const auto& cut : claim.decided.cuts) {
    if (cut.cause && cut.cause != claim.id && cut.reason != CutReason::stated_end) {
      return "what it held was won by claim " + to_text(cut.cause->value);
    }
  }
  if (!claim.followed_by.empty()) return "it is followed by " + name(line[claim.followed_by.back()]);
  return "nothing of it was ended or taken back";
}

}  // namespace

std::string reopen(LineDraft& line, const ClaimId& id, const std::optional<ValidEnd>& at, Content why,
                   const Policy& policy) {
  const auto& claim = line.at(id);
  const auto& state = line.line();
  auto entry = reopening(state, claim, at);
  if (!claim.has_statement() && entry.statements.empty()) return without_statements(state, claim);
  if (!entry.undoes && !has_an_end(claim, {})) return why_not_reopened(state, claim);
  auto anew = line.preview(acts(entry), policy.questions);
  const auto* after = anew.find(id);
  if (entry.undoes && !comes_back(anew, entry)) return why_it_does_not(anew, entry);
  if (!entry.undoes && after && after->base == claim.base) return why_not_reopened(state, claim);
  if (entry.undoes && at) {
    const auto& last = state.statement(state.statement_at(entry.statements.front())).said.window.until;
    if (last && last->at <= at->at) return "nothing of its window lies from " + to_text(*at) + " on";
  }
  if (after && after->decided.waits) {
    const auto queued = policy.questions.queue && !claim.decided.waits;
    entry.disposition = queued || claim.question ? Disposition::queued_for_adjudication : Disposition::contested;
  }
  line.take_back(acts(std::move(entry), std::move(why)), policy.questions, std::move(anew));
  return {};
}

void correct(LineDraft& line, const ClaimId& id, Newcomer correction, bool new_window, const Policy& policy) {
  const auto& old = line.at(id);
  const auto& state = line.line();
  Correction place{id, new_window, {}, {}, {}};
  if (old.rank.from != old.rank.place) place.promoted_by = old.rank.from;
  if (!new_window) {
    place.holds_from = state.holds_from(old.statements.front());
    for (const auto& cut : old.decided.cuts) {
      if (cut.reason == CutReason::stated_end || cut.reason == CutReason::end) place.ends.push_back(cut.seq);
    }
    std::sort(place.ends.begin(), place.ends.end());
    place.ends.erase(std::unique(place.ends.begin(), place.ends.end()), place.ends.end());
  }

  ClaimRecorded recorded;
  recorded.claim = correction.claim;
  recorded.rationale = Rationale::corrected;
  recorded.correction = place;
  const TakenBack taken{id, old.decided.statements, TakenBackReason::correction};
  std::vector<DraftEntry> both{{recorded, correction.content, {}}, {taken, {}, {}}};
  auto anew = line.preview(both, policy.questions);
  const auto& decided = anew.at(correction.claim.id).decided;
  recorded.disposition = !decided.waits           ? decided.otherwise
                         : policy.questions.queue ? Disposition::queued_for_adjudication
                                                  : Disposition::contested;
  recorded.follows = decided.follows;
  both.front().entry = recorded;
  line.take_back(std::move(both), policy.questions, std::move(anew));
}

void close_question(LineDraft& line, const ClaimId& challenger, Closing closing, Content evidence,
                    const Policy& policy) {
  const auto index = line.line().index_of(challenger);
  const auto question = line.line()[index].question;
  ensure(question.has_value(), "an open question is closed");
  AdjudicationClosed entry{question->handle, challenger, closing, std::nullopt, {}};
  if (closing == Closing::affirmed) {
    const auto seq = line.next();
    Judge judge(line.mutable_line());
    judge.affirm(index, question->seq, seq);
    std::map<Index, Decided> told;
    const auto before = judge.changed().find(index);
    auto& mine =
        told.emplace(index, before == judge.changed().end() ? line.line()[index].decided : before->second.decided)
            .first->second;
    for (const auto& [who, win] : judge.taken()) {
      if (who != index) continue;
      entry.won.push_back(win);
      const auto loser = line.line().index_of(win.loser);
      const auto known = told.try_emplace(loser, judge.changed().at(loser).decided).first;
      lose(known->second, win, challenger, CutReason::verdict, seq);
    }
    // The verdict does not cover rivals that began to count after the question: the claim may go on waiting, now
    // without a question.
    entry.disposition = line.line()[index].decided.waits ? Disposition::contested : Disposition::committed_cheap;
    mine.otherwise = Disposition::committed_cheap;
    mine.waits = waits_in(*entry.disposition);
    line.write(entry, std::move(evidence));
    line.follow_up(judge, told, policy.questions);
    return;
  }
  const bool waits = line.line()[index].decided.waits;
  if (waits && (closing == Closing::unknown || closing == Closing::expired)) entry.disposition = Disposition::contested;
  line.write(entry, std::move(evidence));
  if (closing == Closing::denied) retract(line, challenger, TakenBackReason::denial, {}, policy);
}

bool is_open_to_verdict(const LineState& line, Index index) {
  const auto& claim = line[index];
  return claim.counts && (claim.decided.waits || has_older_rival(line, index));
}

ReconcileReport reconcile(LineDraft& line, const Policy& policy) {
  ReconcileReport report{line.key(), {}, {}, 0};
  std::vector<ClaimId> pending, expired;
  for (const auto& claim : line.line().claims()) {
    if (claim.question && claim.question->expired(line.now())) expired.push_back(claim.id);
    if (claim.decided.otherwise == Disposition::pending_conflict && claim.has_statement()) pending.push_back(claim.id);
  }
  for (const auto& id : expired) close_question(line, id, Closing::expired, {}, policy);
  for (const auto& id : pending) {
    const auto& state = line.line();
    const auto& claim = state.at(id);
    const auto& said = state.said(claim);
    if (said.depth > policy.derivation_depth_cap || state.erased(claim)) continue;
    const Probe probe{claim.value, claim.window, claim.trusted, claim.first_said(), claim.decided.cardinality};
    if (!rivals_of(state, probe).empty()) continue;
    Judged entry;
    entry.claim = id;
    entry.disposition = entry.otherwise = Disposition::committed_inferred;
    entry.rationale = Rationale::no_longer_contradicted;
    entry.cardinality = claim.decided.cardinality;
    entry.counts_from = line.next();
    entry.cuts = claim.decided.cuts;
    entry.statements = claim.decided.statements;
    line.write(std::move(entry));
    report.returned.push_back(id);
  }
  std::vector<Index> waiting(line.line().waiting().begin(), line.line().waiting().end());
  report.contested = static_cast<std::uint32_t>(waiting.size());
  const bool asked =
      std::any_of(waiting.begin(), waiting.end(), [&](Index index) { return line.line()[index].question.has_value(); });
  if (policy.questions.queue && !asked && !waiting.empty()) {
    sort_oldest_first(line.line(), waiting);
    const auto handle = policy.questions.new_handle();
    line.write(AdjudicationOpened{handle, line.line()[waiting.front()].id, policy.questions.expires_at});
    report.opened.push_back(handle);
  }
  return report;
}

}  // namespace claimledger::rules
