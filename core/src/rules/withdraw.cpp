#include <algorithm>
#include <map>
#include <set>

#include "rules/rules.hpp"

// What takes validity back, and what gives it back: end, retract, reopen.
namespace claimledger::rules {

namespace {

bool won(const CutState& cut, const ClaimId& winner) {
  const bool as_winner = cut.cut.reason == CutReason::verdict || cut.cut.reason == CutReason::policy ||
                         cut.cut.reason == CutReason::stated_end;
  return cut.in_force && as_winner && cut.cut.cause == winner && cut.cut.claim != winner;
}

// What a claim counts as once a cut of its is lifted: as its latest cut still in force says.
Disposition standing_without(const ClaimState& claim, Position lifted) {
  auto disposition = Disposition::committed_cheap;
  for (const CutState& cut : claim.cuts) {
    if (cut.in_force && cut.seq != lifted && cut.cut.disposition) disposition = *cut.cut.disposition;
  }
  return disposition;
}

// Lifts what the claim had won, and returns the losers, oldest first.
std::vector<ClaimId> give_back(LineDraft& line, const ClaimId& winner) {
  std::vector<ClaimId> losers;
  for (const auto* claim : line.line().claims()) {
    std::vector<Position> lifted;
    for (const CutState& cut : claim->cuts) {
      if (won(cut, winner)) lifted.push_back(cut.seq);
    }
    for (const auto cut : lifted) line.write(Lifted{claim->claim.id, cut, standing_without(*claim, cut)});
    if (!lifted.empty()) losers.push_back(claim->claim.id);
  }
  return losers;
}

}  // namespace

bool retracted_whole(const ClaimState& claim) {
  return claim.disposition == Disposition::invalidated &&
         std::any_of(claim.cuts.begin(), claim.cuts.end(), [](const CutState& cut) {
           return cut.in_force && cut.cut.reason == CutReason::retraction &&
                  cut.span == Span{ValidTime::beginning(), ValidTime::forever()};
         });
}

void end(LineDraft& line, const ClaimId& claim, const ValidEnd& at, Content why) {
  line.write(
      Cut{claim, CutKind::bound, at.at, ValidTime::forever(), CutReason::end, std::nullopt, Disposition::invalidated},
      std::move(why));
  upkeep(line);
}

std::vector<ClaimId> take_back(LineDraft& line, const ClaimId& claim, Content why) {
  line.write(Cut{claim, CutKind::never, ValidTime::beginning(), ValidTime::forever(), CutReason::retraction,
                 std::nullopt, Disposition::invalidated},
             std::move(why));
  auto losers = give_back(line, claim);
  for (const auto& loser : losers) succeed(line, loser);
  mend(line);
  return losers;
}

void judge_again(LineDraft& line, const std::vector<ClaimId>& losers, const Policy& policy) {
  upkeep(line);
  std::map<Position, ClaimId> newcomers;
  for (const auto& id : losers) {
    const auto& loser = line.at(id);
    if (!loser.live_first_hand()) continue;
    for (const auto& rival_id : rivals(line.line(), loser)) {
      const auto& rival = line.at(rival_id);
      const auto& newer = rival.counts_from > loser.counts_from ? rival : loser;
      newcomers.emplace(newer.counts_from, newer.claim.id);
    }
  }
  for (const auto& [seq, id] : newcomers) {
    if (!rivals(line.line(), line.at(id)).empty()) {
      judge_standing(line, id, Seniority::by_age, Rationale::uncontested, policy);
    }
  }
  upkeep(line);
}

void retract(LineDraft& line, const ClaimId& claim, Content why, const Policy& policy) {
  judge_again(line, take_back(line, claim, std::move(why)), policy);
}

void reopen(LineDraft& line, const ClaimId& claim, const std::optional<ValidEnd>& at, Content why,
            const Policy& policy) {
  line.write(Reopened{claim, at, Disposition::reinstated}, std::move(why));
  succeed(line, claim);
  upkeep(line);
  if (!line.at(claim).live_first_hand()) return;
  // What followed it follows it again; then it is weighed as if it were said now.
  succeed(line, claim, Seniority::newcomer);
  judge_standing(line, claim, Seniority::newcomer, Rationale::reopened, policy);
  upkeep(line);
}

}  // namespace claimledger::rules
