#include <algorithm>
#include <map>

#include "rules/rules.hpp"

namespace claimledger::rules {

LineDraft::LineDraft(const LineKey& key, LineState& line, BatchDraft& batch)
    : key_(key), line_(line), batch_(batch), was_set_(is_set(line)) {}

void LineDraft::write(Entry entry, Content content) {
  const auto* cut = std::get_if<Cut>(&entry);
  const auto* before = cut ? line_.find(cut->claim) : nullptr;
  const auto held = before ? before->validity : Validity{};

  Record record{batch_.next(), batch_.now, entry, ContentState::present, content};
  line_.apply(std::move(record));

  const bool counts = cut && cut->reason != CutReason::succession && cut->reason != CutReason::ending;
  if (counts && before->validity != held) batch_.weakened.push_back(cut->claim);
  batch_.entries.push_back({std::move(entry), std::move(content), key_});
}

Judgement judgement(const LineState& line, const ClaimState& challenger, std::span<const ClaimId> rivals,
                    const Policy& policy) {
  if (rivals.empty()) return Judgement::uncontested;
  if (policy.overturn == OverturnPolicy::contested_first) return Judgement::contested;
  auto highest = challenger.claim.criticality;
  for (const auto& id : rivals) highest = std::max(highest, line.at(id).claim.criticality);
  return highest < policy.overturn_floor ? Judgement::wins : Judgement::contested;
}

void open_question(LineDraft& line, const ClaimId& challenger, std::vector<ClaimId> rivals, const Asking& asking) {
  line.write(AdjudicationOpened{asking.handle(), challenger, std::move(rivals), asking.expires_at});
}

void judge_standing(LineDraft& line, const ClaimId& challenger, Seniority seniority, Rationale uncontested,
                    const Policy& policy) {
  const auto& claim = line.at(challenger);
  auto weighed = claim;
  if (seniority == Seniority::newcomer) weighed.counts_from = line.next();
  const auto opponents = rivals(line.line(), weighed);
  const auto outcome = judgement(line.line(), claim, opponents, policy);

  // A question that does not name all its rivals can no longer be answered by one verdict.
  const auto named = [&](const ClaimId& rival) {
    return std::find(claim.question->rivals.begin(), claim.question->rivals.end(), rival) !=
           claim.question->rivals.end();
  };
  if (claim.question) {
    const bool expired = claim.question->expired(line.now());
    const bool stale = !std::all_of(opponents.begin(), opponents.end(), named);
    if (expired || stale || outcome != Judgement::contested) {
      line.write(AdjudicationClosed{claim.question->handle, challenger, expired ? Closing::expired : Closing::moot});
    }
  }

  switch (outcome) {
    case Judgement::uncontested:
      if (claim.disposition != Disposition::reinstated) {
        line.write(Settled{challenger, Disposition::committed_cheap, uncontested, {}});
      }
      return;
    case Judgement::wins:
      if (claim.disposition != Disposition::reinstated) {
        line.write(Settled{challenger, Disposition::committed_cheap, Rationale::newest_wins, opponents});
      }
      carve_out(line, challenger, opponents, CutReason::policy, line.next());
      return;
    case Judgement::contested:
      const auto disposition = policy.asking.queue ? Disposition::queued_for_adjudication : Disposition::contested;
      if (claim.disposition != disposition) line.write(Settled{challenger, disposition, Rationale::rivals, opponents});
      if (policy.asking.queue && !claim.question) open_question(line, challenger, opponents, policy.asking);
      return;
  }
}

namespace {

// Takes these stretches from the rival.
void carve(LineDraft& line, const ClaimId& winner, const ClaimId& id, const Validity& won, CutReason reason) {
  const auto& rival = line.at(id);
  for (const Span& span : won.spans()) {
    if (!rival.live() || !rival.validity.intersects(Validity(span))) continue;
    // A tail that only a follower hides comes back when the follower goes: it was not judged.
    const bool last = rival.base.end() <= span.until;
    line.write(Cut{id, last ? CutKind::bound : CutKind::carve, span.from, last ? ValidTime::forever() : span.until,
                   reason, winner, Disposition::superseded});
  }
}

}  // namespace

void carve_out(LineDraft& line, const ClaimId& winner, std::span<const ClaimId> named, CutReason reason,
               Position asked) {
  const auto& victor = line.at(winner);
  auto known = rivals(line.line(), victor);
  std::map<ClaimId, Validity> held;
  for (const auto* claim : line.line().claims()) held.emplace(claim->claim.id, claim->validity);
  if (!victor.claim.trusted) mend_ending(line, victor);
  const auto said = as_valid(victor.recorded_at);
  const bool has_a_past = !victor.validity.empty() && victor.validity.start() < said && said < victor.validity.end();
  if (!victor.claim.trusted && has_a_past) {
    line.write(Cut{winner, CutKind::carve, ValidTime::beginning(), said, reason, winner, std::nullopt});
  }
  for (const auto& id : named) carve(line, winner, id, Validity(victor.validity), reason);
  mend(line);
  // A loser may have been somebody's successor, and whom it had followed is presumed again from where it lost: not
  // against the winner, who was said later. Only what came back is taken, so that nobody loses what it had.
  for (;;) {
    auto back = rivals(line.line(), victor);
    std::erase_if(back, [&](const ClaimId& id) {
      return std::find(known.begin(), known.end(), id) != known.end() || line.at(id).counts_from >= asked;
    });
    if (back.empty()) return;
    known.insert(known.end(), back.begin(), back.end());
    line.quietly([&] {
      for (const auto& id : back) {
        auto returned = line.at(id).validity.intersection(victor.validity);
        for (const Span& span : held.at(id).spans()) returned.remove(span);
        carve(line, winner, id, returned, reason);
      }
    });
    mend(line);
  }
}

}  // namespace claimledger::rules
