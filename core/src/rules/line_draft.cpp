#include "rules/line_draft.hpp"

#include <algorithm>

#include "ensure.hpp"
#include "rules/judge_anew.hpp"

namespace claimledger::rules {

void LineDraft::write(Entry entry, Content content) {
  line_.apply({batch_.next(), batch_.now, entry, ContentState::present, content});
  line_.derive();
  batch_.entries.push_back({std::move(entry), std::move(content), key_});
}

void LineDraft::append(Entry entry, Content content) {
  line_.set_last(batch_.next());
  batch_.entries.push_back({std::move(entry), std::move(content), key_});
}

Index LineDraft::add(const Claim& said, const Content& content) {
  StatementState statement;
  statement.seq = batch_.next();
  statement.recorded_at = batch_.now;
  statement.said = said;
  statement.content = content;
  return line_.add_statement(std::move(statement));
}

Disposition LineDraft::shown(Index index, bool waited_before, const QuestionPolicy& questions) const {
  const auto& claim = line_[index];
  if (!claim.decided.waits) return claim.decided.otherwise;
  const bool open = claim.question ? !claim.question->expired(batch_.now) : questions.queue && !waited_before;
  return open ? Disposition::queued_for_adjudication : Disposition::contested;
}

void LineDraft::draft_judged(Index index, bool waited_before, Rationale rationale, const QuestionPolicy& questions) {
  const auto& claim = line_[index];
  Judged entry;
  entry.claim = claim.id;
  entry.disposition = shown(index, waited_before, questions);
  entry.otherwise = claim.decided.otherwise;
  entry.rationale = rationale;
  entry.cardinality = claim.decided.cardinality;
  entry.counts_from = claim.decided.counts_from;
  entry.follows = claim.decided.follows;
  entry.cuts = claim.decided.cuts;
  entry.statements = claim.decided.statements;
  write(std::move(entry));
}

void LineDraft::ask_and_close(Index index, bool waited_before, const QuestionPolicy& questions) {
  const auto& claim = line_[index];
  if (claim.question && (!claim.decided.waits || claim.question->expired(batch_.now))) {
    const auto closing = claim.question->expired(batch_.now) ? Closing::expired : Closing::moot;
    const auto disposition = claim.decided.waits ? std::optional(Disposition::contested) : std::nullopt;
    write(AdjudicationClosed{claim.question->handle, claim.id, closing, disposition, {}});
  }
  if (questions.queue && line_[index].decided.waits && !waited_before && !line_[index].question) {
    write(AdjudicationOpened{questions.new_handle(), line_[index].id, questions.expires_at});
  }
}

// Notes a claim that lost validity by verdict, policy, end or because something was taken back. Validity that a
// successor hides, or that an undated winner gives up of its own past, is not counted.
void LineDraft::weaken(Index index, const Judge::Before& before) {
  const auto& claim = line_[index];
  auto lost = without(before.base, claim.base).intersection(without(before.validity, claim.validity));
  std::optional<ClaimId> winner;
  for (const auto& cut : claim.decided.cuts) {
    if (has_cut(before.decided, cut)) continue;
    if (cut.cause == claim.id) lost.remove(cut.span);
    if (cut.cause && cut.reason != CutReason::stated_end) winner = cut.cause;
  }
  if (!lost.empty()) batch_.weakened.push_back({claim.id, winner});
}

void LineDraft::follow_up(const Judge& judge, const std::map<Index, Decided>& told, const QuestionPolicy& questions) {
  const auto& changed = judge.changed();
  for (const auto& [index, before] : changed) {
    const auto said = told.find(index);
    const auto& known = said == told.end() ? before.decided : said->second;
    const auto& now = line_[index].decided;
    if (known == now) continue;
    const auto rationale = known.waits && !now.waits   ? Rationale::uncontested
                           : !known.waits && now.waits ? Rationale::rivals
                                                       : Rationale::judged_anew;
    draft_judged(index, before.decided.waits, rationale, questions);
  }
  for (const auto& [index, before] : changed) {
    weaken(index, before);
    ask_and_close(index, before.decided.waits, questions);
  }
}

LineState LineDraft::apply_all(const std::vector<DraftEntry>& acts, LineState line) const {
  auto seq = batch_.next();
  for (const auto& act : acts) {
    line.apply({seq, batch_.now, act.entry, ContentState::present, act.content});
    ++seq.value;
  }
  line.derive();
  return line;
}

LineState LineDraft::preview(const std::vector<DraftEntry>& acts, const QuestionPolicy& questions) const {
  return rules::judge_anew(apply_all(acts, line_), questions.new_claim);
}

void LineDraft::take_back(std::vector<DraftEntry> acts, const QuestionPolicy& questions,
                          std::optional<LineState> foreseen) {
  std::vector<Judge::Before> before(line_.claims().size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto& claim = line_.claims()[i];
    before[i].decided = claim.decided;
    before[i].base = claim.base;
    before[i].validity = claim.validity;
  }
  for (auto& act : acts) write(std::move(act.entry), std::move(act.content));
  const auto anew = foreseen ? std::move(*foreseen) : rules::judge_anew(line_, questions.new_claim);

  const auto waited = [&](Index index) { return index < before.size() && before[index].decided.waits; };
  std::vector<ClaimId> different;
  for (const auto& claim : line_.claims()) {
    const auto* now = anew.find(claim.id);
    if (now ? now->decided != claim.decided : !claim.decided.statements.empty()) different.push_back(claim.id);
  }
  for (const auto& claim : anew.claims()) {
    if (!line_.find(claim.id)) different.push_back(claim.id);
  }
  for (const auto& id : different) {
    Judged entry;
    entry.claim = id;
    const auto* known = line_.find(id);
    entry.begins = known == nullptr;
    const auto* now = anew.find(id);
    // A claim whose statements have all moved holds nothing.
    Decided decided = now ? now->decided : known->decided;
    if (!now) {
      decided.statements.clear();
      decided.waits = false;
      decided.otherwise = Disposition::invalidated;
    }
    entry.otherwise = decided.otherwise;
    entry.cardinality = decided.cardinality;
    entry.counts_from = decided.counts_from;
    entry.follows = decided.follows;
    entry.cuts = decided.cuts;
    entry.statements = decided.statements;
    const bool asked = known && known->question && !known->question->expired(batch_.now);
    const bool to_ask = questions.queue && !(known && waited(line_.index_of(*known)));
    entry.disposition = !decided.waits    ? decided.otherwise
                        : asked || to_ask ? Disposition::queued_for_adjudication
                                          : Disposition::contested;
    write(std::move(entry));
  }
  for (Index index = 0; index < line_.claims().size(); ++index) {
    if (index < before.size()) weaken(index, before[index]);
    ask_and_close(index, waited(index), questions);
  }
}

}  // namespace claimledger::rules
