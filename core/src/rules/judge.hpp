#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "rules/line_state.hpp"

namespace claimledger::rules {

// Judges statements and acts on a line, one by one, each against the line before it: sections 3 and 5 of the semantics.
// Changes decisions on the line and notes the changes; writes no entries.
class Judge {
 public:
  // Derives the line first.
  explicit Judge(LineState& line);

  // The outcome of a first-hand statement.
  struct Outcome {
    bool recorded = false;  // it began a claim; else it said one again
    Index claim = nowhere;
    Rationale rationale = Rationale::first;
    std::vector<Index> ended;     // claims whose end it states
    std::vector<Index> promoted;  // parked claims that count from now on
    std::vector<NotApplied> not_applied;
  };
  // Judges a statement of the line that no claim has yet. `begins`: its own entry began a claim, so it does so again.
  // `id` names the claim that it begins, if it begins one.
  Outcome say(Index statement, bool begins, const std::function<ClaimId()>& id);
  // Begins a claim that is not judged against others: a derived one, or one with an incoherent window.
  Index keep(Index statement, const ClaimId& id, Disposition as);

  // Applies the act with this seq to a claim. An end after the base, and a verdict without rivals, do nothing.
  void end(Index claim, const Span& span, CutReason reason, const std::optional<ClaimId>& cause, Position act);
  void affirm(Index claim, Position asked, Position act);
  void set_otherwise(Index claim, Disposition otherwise, std::optional<Position> counts_from = {});
  void promote(Index claim, Position act);
  // Notes a repetition of the claim that is no statement of its own.
  void said_again(Index claim);

  // The state of a claim before its first change here.
  struct Before {
    Decided decided;
    Validity base, validity;
  };
  const std::map<Index, Before>& changed() const { return before_; }
  // A span that a winner took of a loser.
  struct Taken {
    Index winner;
    Win win;
  };
  const std::vector<Taken>& taken() const { return taken_; }

 private:
  struct StatedEnd;
  StatedEnd stated_end(const StatementState& said) const;
  Index restated(const StatementState& said, const Span& window) const;
  Index confirmed(const StatementState& said, const Span& window) const;
  void restate(Index statement, Index claim, Outcome& outcome);
  void record(Index statement, const ClaimId& id, Outcome& outcome);
  void say_again(Index claim, const std::function<void()>& how);
  void promote_stated(Index statement, const Span& window, Outcome& outcome);

  Decided& change(Index claim);
  void set_waits(Index claim, bool waits);
  // Repeats until nothing changes: judges each new pair of rivals, and ends the wait of a claim without an older rival.
  void settle();
  void judge(Index claim, std::vector<Index> met);
  void win(Index winner, const std::vector<Index>& losers, CutReason reason);
  void take(Index winner, Index loser, const Validity& won, CutReason reason);

  LineState& line_;
  Position now_;  // the statement or act that is judged
  std::map<Index, Before> before_;
  std::vector<Taken> taken_;
};

}  // namespace claimledger::rules
