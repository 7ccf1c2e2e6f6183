#pragma once

#include <set>

#include "rules/judge.hpp"
#include "rules/line_state.hpp"

namespace claimledger::rules {

// A line of entries that somebody else wrote: folded, and beside it judged again, so that an entry which decides
// something else than its line gives is found. Not looked at: whether a question was asked, the dispositions of what is
// derived or quarantined, and anything on a line with erased content, of which there is nothing left to judge.
class CheckedLine {
 public:
  CheckedLine() = default;
  // Goes on with a line whose decisions are taken as they are.
  explicit CheckedLine(LineState line);

  // Takes the line one on. Failure: StoreFailure{corrupt} for an entry that the line cannot go on with.
  void take(Record record);
  // After the last entry of a batch: whether the batch decided what its line gives. Costs what the batch changed; where
  // it took something back or gave it back, the line is judged from its first entry. After an answer of no the line is
  // of no further use.
  bool end_batch();

  const LineState& line() const { return told_; }

 private:
  void judge_statement(const Record& record);
  void judge_act(const Act& act);
  bool agree(const ClaimId& claim) const;

  LineState told_;    // as its entries say
  LineState judged_;  // as they should
  std::set<ClaimId> changed_;
  bool erased_ = false;
  bool from_the_start_ = false;  // the batch in hand took something back, or gave it back
  bool wrong_ = false;
};

}  // namespace claimledger::rules
