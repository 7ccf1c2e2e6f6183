#pragma once

#include <vector>

#include "rules/line_state.hpp"

// Contradictions: section 3 of the semantics, "Rivals". Only claims that count have rivals, and none on a set.
namespace claimledger::rules {

// Whether two claims are rivals as the line stands.
bool are_rivals(const LineState& line, Index a, Index b);
// Whether two claims are rivals on a line that is no set; also with these validities, where both count.
bool may_be_rivals(const ClaimState& one, const ClaimState& other);
bool may_be_rivals(const ClaimState& one, const Validity& held_by_one, const ClaimState& other,
                   const Validity& held_by_other);

// The rivals of a claim, oldest first; of those that began to count before it, all or any.
std::vector<Index> rivals(const LineState& line, Index claim);
std::vector<Index> oldest_rivals(const LineState& line, Index claim, std::size_t most);
// The same, in no order, for callers that do not need one.
std::vector<Index> rivals_unordered(const LineState& line, Index claim);
std::vector<Index> older_rivals(const LineState& line, Index claim);
bool has_older_rival(const LineState& line, Index claim);
Index an_older_rival(const LineState& line, Index claim);  // whichever is found first; nowhere: it has none
bool is_older_rival(const LineState& line, Index claim, Index other);

// Whether the newer claim succeeds the older one, judged when the newer one began to count: it starts later, not before
// the other was last said, and meets only the open end of it.
bool succeeds(const LineState& line, Index newer, Index older);

// A statement that is no first-hand claim of the line, as if it were said first-hand at its own time.
struct Probe {
  Index value = 0;
  Span window;
  bool trusted = false;
  TxTime said;
  Cardinality cardinality = Cardinality::unknown;
};
// Oldest first.
std::vector<Index> rivals_of(const LineState& line, const Probe& probe);

// Which of two claims is the older: by the first statement that each has, a correction by that of what it corrects.
inline bool is_older(const ClaimState& a, const ClaimState& b) { return a.rank.older_than(b.rank); }
void sort_oldest_first(const LineState& line, std::vector<Index>& claims);
// Sorts and keeps so many.
void keep_oldest(const LineState& line, std::vector<Index>& claims, std::size_t most);

}  // namespace claimledger::rules
