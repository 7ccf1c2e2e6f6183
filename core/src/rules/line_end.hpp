#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "rules/rules.hpp"

namespace claimledger::rules {

// The end of a plain line: the claims that hold from some time on for ever, those that hide a part of them, and when
// the others hold. A statement about a time at which none of the others holds meets only these, so the end decides
// about it as the whole line would: what is written is the same, byte for byte. A line is plain where every claim was
// said first-hand with a start, no two contradict each other, and nothing was ended, taken back, corrected or asked
// about. Derived from the line, and stored nowhere.
class LineEnd {
 public:
  // `line` is derived; it may be the state() of an earlier end, with what was said since. Nothing for a line that is
  // not plain, or not worth it.
  static std::optional<LineEnd> of(const LineState& line);

  // Whether the newcomer is decided about on state() as on the whole line.
  bool is_enough_for(const Newcomer& newcomer) const;
  // The line, derived, but for the claims that are left out.
  LineState state() const;
  Position last() const { return last_; }

  // About what it takes, in bytes.
  std::size_t memory() const;

 private:
  struct Kept {
    ClaimId id;
    Decided decided;
    Span window;
    Validity validity;
    TxTime last_said;
    std::vector<StatementState> statements;  // by seq

    bool is_met_plainly(const Newcomer& newcomer) const;
  };

  std::vector<Kept> kept_;
  Validity left_out_;
  Position last_;
};

}  // namespace claimledger::rules
