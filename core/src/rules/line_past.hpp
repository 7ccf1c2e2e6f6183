#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "rules/rules.hpp"

namespace claimledger::rules {

// What the claims of a line were before later entries changed them, so that a belief as of a position in the past costs
// what one of the present does: each version of a claim by the time that it held and the entries between which it
// stood. Belongs to one line, folded entry by entry; derived from the entries, and stored nowhere.
class LinePast {
 public:
  LinePast();
  ~LinePast();
  LinePast(LinePast&&) noexcept;
  LinePast& operator=(LinePast&&) noexcept;

  // Notes what an entry changed. `line` is as the entry left it, derived; `changed`: the claims that may be others than
  // before, in any order.
  void note(const LineState& line, Position entry, std::span<const Index> changed);
  // Whether it takes more memory or time than it may save: on a line where single entries change many claims, or a
  // claim with thousands of statements.
  bool is_too_much() const;

  // The claims that took part in a belief.
  class Claims {
   public:
    TakingPart on(const LineState& line) const;

   private:
    friend class LinePast;
    bool is_set_ = false;
    std::vector<ClaimState> claims_;
  };
  // As of a position; `line` is as it was noted last.
  Claims taking_part(const LineState& line, Position position, ValidTime valid_at) const;

  // About what it takes, in bytes.
  std::size_t memory() const;

 private:
  struct Versions;
  std::unique_ptr<Versions> versions_;
};

}  // namespace claimledger::rules
