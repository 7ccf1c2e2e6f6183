#include "wiring/reports.hpp"

#include <array>

namespace claimledger::wiring {

ShortAnswer short_answer(const Belief& belief) {
  ShortAnswer answer{.status = belief.status, .position = belief.position};
  if (belief.primary) answer.value = belief.primary->value;
  for (const auto& slot : belief.alternatives) answer.alternatives.push_back(slot.value);
  return answer;
}

Failure failure_of(const InvalidInput& bad) {
  return {.kind = "invalid_input", .field = bad.field(), .why = bad.why()};
}

Failure failure_of(const StoreFailure& failure) {
  return {.kind = std::string(text(failure.kind())), .operation = failure.operation(), .why = failure.detail()};
}

std::span<const std::string_view> failure_kinds() {
  static const auto kinds = [] {
    std::vector<std::string_view> all{"invalid_input"};
    const auto of_stores = spellings<FailureKind>();
    all.insert(all.end(), of_stores.begin(), of_stores.end());
    all.insert(all.end(), {"not_found", "output", "interrupted", "failed"});
    return all;
  }();
  return kinds;
}

}  // namespace claimledger::wiring
