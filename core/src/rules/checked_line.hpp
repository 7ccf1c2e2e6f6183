#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "rules/judge.hpp"
#include "rules/line_state.hpp"

namespace claimledger::rules {

// A line of entries that another engine decided. It is folded and judged in parallel; an entry whose decision differs
// from the judgement, or whose disposition or reason does not fit what it does, is a fault. Not compared: questions,
// what configuration decided (whether a future start is parked, how deep a derivation may be), what a receipt answered
// to an echo, how far a statement is from first hand, and lines with erased content, which cannot be judged any more.
class CheckedLine {
 public:
  CheckedLine() = default;
  // Continues a line whose decisions are trusted.
  explicit CheckedLine(LineState line);

  // Adds the next entry. Failure: StoreFailure{corrupt} for an entry that cannot continue the line.
  void take(const Record& record);
  // After the last entry of a batch: whether its decisions equal the judgement. The cost grows with the change, except
  // that a batch which takes something back or reopens it has the whole line judged. After `false` the object is of no
  // further use.
  bool end_batch();

  const LineState& line() const { return told_; }

 private:
  // `before`: what was decided of its claim before it.
  bool says_what_it_does(const Record& record, const std::optional<Decided>& before);
  bool takes_back_in_its_place(const Record& record);
  bool decides_what_stands(const Entry& entry) const;
  void judge_statement(const Record& record);
  void judge_act(const Act& act);
  bool agree(const ClaimId& claim) const;

  LineState told_;    // as its entries say
  LineState judged_;  // as they should
  std::set<ClaimId> changed_;
  struct Shown {
    ClaimId claim;
    Disposition disposition;
    bool reopened;  // else corrected
  };
  std::vector<Shown> to_show_;  // what entries of the batch in hand say of claims that the whole batch decides
  // What the next entry has to take back, because the last one corrects or denies it.
  std::optional<std::pair<ClaimId, TakenBackReason>> to_take_back_;
  bool erased_ = false;
  bool from_the_start_ = false;  // the batch in hand took something back, or gave it back
  bool wrong_ = false;
};

}  // namespace claimledger::rules
