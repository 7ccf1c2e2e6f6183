#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/domain/statement.hpp"

// Stories of one line: what is said and done, in order, told in words. The model and the engine play the same story.
//
//   # free text
//   DAY say VALUE [WINDOW] [words]
//   & say …                                         one more of the same batch
//   DAY correct CLAIM VALUE [WINDOW] [words]
//   DAY end CLAIM DAY
//   DAY reopen CLAIM [DAY]
//   DAY retract|affirm|deny|unknown CLAIM
//   DAY drop SOURCE
//
// Words: by SOURCE, world, set, functional, low, high, critical, faint, untimed.
// Days count from 2026-01-01: "5", or "5+1h". A window is "-9..5", "..5" or "-9.."; with a start it is trusted, unless
// it is untimed. A statement is called by its value, the second of the same value "Berlin2", and so on. CLAIM is the
// claim that the receipt of that statement named; ~CLAIM the one that has the statement now, where some claim does.
namespace claimledger::property {

struct Step {
  enum class What { say, correct, end, retract, drop, reopen, affirm, deny, unknown };
  What what = What::say;
  Instant when;
  bool joins = false;                // the batch of the step before
  std::string name = {};             // of the statement: say, correct
  Statement word = {};               // say, correct: all that was typed
  bool given_window = false;         // correct
  std::string about = {};            // of a statement: every verb but drop
  bool present = false;              // ~: the claim that has it now
  std::string source = {};           // drop
  std::optional<ValidTime> at = {};  // end, reopen
  bool speaks() const { return what == What::say || what == What::correct; }
};

struct Story {
  Config config = {};
  std::vector<Step> steps = {};
};

// The line every story is about.
inline const LineKey story_line{"me", "lives in"};

Instant day(std::int64_t days);
std::string in_days(ValidTime time);
std::string in_days(const Span& span);

// Failure: std::invalid_argument for what is no story.
Step step_of(std::string_view line, const std::vector<Step>& before);
Story story_of(std::string_view lines, const Config& config = {});
std::string text(const Step& step);
std::string text(const Story& story);

}  // namespace claimledger::property
