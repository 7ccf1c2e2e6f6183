#pragma once

#include <functional>

#include "rules/line_state.hpp"

namespace claimledger::rules {

// The line as its statements and acts make it, judged from the first one on as though what is taken back had never
// been. Questions, marks and re-entries are not part of it. `new_id` names claims that no statement had begun before.
LineState judge_anew(const LineState& line, const std::function<ClaimId()>& new_id);

}  // namespace claimledger::rules
