#pragma once

#include <functional>

#include "rules/line_state.hpp"

namespace claimledger::rules {

// Judges the line again from its first statement, without the statements that are taken back. The result has no
// questions, marks or re-entries. `new_id` gives ids to claims that no statement had begun before.
LineState judge_anew(const LineState& line, const std::function<ClaimId()>& new_id);

}  // namespace claimledger::rules
