#include "application/search_filter.hpp"

#include <algorithm>

#include "application/use_cases.hpp"
#include "domain/value_text.hpp"

namespace claimledger::application {

namespace {

bool contains(const auto& list, const auto& one) { return std::ranges::find(list, one) != list.end(); }

bool is_said_by(const rules::LineState& line, const rules::ClaimState& claim, const std::string& source) {
  return std::ranges::any_of(claim.statements,
                             [&](auto statement) { return line.statement(statement).content.source == source; });
}

}  // namespace

bool Filter::takes(const LineKey& line) const {
  return (!filter_.subject || line.subject == *filter_.subject) &&
         (!filter_.predicate || line.predicate == *filter_.predicate) &&
         (!filter_.subject_prefix || line.subject.starts_with(*filter_.subject_prefix)) &&
         (!filter_.predicate_prefix || line.predicate.starts_with(*filter_.predicate_prefix));
}

bool Filter::takes(const Belief& belief) const {
  if (!filter_.statuses.empty()) return contains(filter_.statuses, belief.status);
  return history_ || filter_.valid_during || belief.status != BeliefStatus::no_belief;
}

bool Filter::takes(const rules::LineState& line, const rules::ClaimState& claim, ValidTime valid_at) const {
  const auto& content = line.content(claim);
  return in_time(claim, valid_at) && (filter_.provenances.empty() || contains(filter_.provenances, claim.provenance)) &&
         (!filter_.source || is_said_by(line, claim, *filter_.source)) &&
         (!filter_.least_confidence || line.value_confidence(claim) >= *filter_.least_confidence) &&
         (!filter_.least_criticality || line.criticality(claim) >= *filter_.least_criticality) &&
         (!filter_.metadata || (content.metadata && has_members(*content.metadata, *filter_.metadata)));
}

bool Filter::in_time(const rules::ClaimState& claim, ValidTime valid_at) const {
  if (filter_.valid_during && !claim.validity.intersects(span_of(*filter_.valid_during))) return false;
  if (history_) return true;
  return filter_.valid_during ? claim.may_take_part() : rules::takes_part(claim, valid_at);
}

}  // namespace claimledger::application
