#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "axis.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/domain/statement.hpp"

// One line as it stands: section 3 and 4 of the semantics as predicates over (claim, instant), each worked out anew
// whenever it is asked.
namespace claimledger::property {

// The steps that began the claim, or, for a claim that judging anew began under a new id, numbers from here on.
using Id = std::size_t;
inline constexpr Id first_new_id = 1'000'000;

// In which order claims came to count: at which step, and as which there.
struct Place {
  std::size_t step = 0;
  std::size_t order = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Saying {
  std::size_t step = 0;
  TxTime time;
};

enum class Why { end, stated_end, left_back, lost, trim };
struct Cut {
  Instants taken;
  Why why = Why::end;
  std::size_t step = 0;   // the end; the statement that states it
  std::size_t place = 0;  // where that stands in the line
};

struct Held {
  Id id = 0;
  std::size_t begun_by = 0;          // the statement
  Place stands;                      // where it stands in the order of the line: what it corrects decides
  std::optional<Place> counts = {};  // absent: parked
  bool quarantined = false;
  Statement word;  // of the statement that began it
  bool trusted = false;
  TxTime first_said;
  std::vector<std::size_t> statements = {};
  std::vector<Saying> said = {};
  Cardinality cardinality = Cardinality::unknown;
  Criticality criticality = Criticality::medium;
  Confidence confidence = {};
  Instants window = {};
  std::vector<Cut> cuts = {};
  std::set<Id> follows = {};
  std::set<Id> won_over = {};
  std::optional<std::size_t> promoted_by = {};
  Disposition last = Disposition::committed_cheap;  // of the last thing done about it, as if it did not wait
};

struct Answer {
  BeliefStatus status = BeliefStatus::no_belief;
  bool set = false;
  std::vector<Value> values = {};  // in order
  std::optional<Id> primary = {};
  std::vector<Id> dissent = {};
  friend bool operator==(const Answer&, const Answer&) = default;
};

class Line {
 public:
  explicit Line(const Axis* axis) : axis_(axis) {}

  std::vector<Held> claims;  // in the order in which their first statements stand
  const Axis& axis() const { return *axis_; }
  Held* find(Id id);
  const Held* find(Id id) const { return const_cast<Line*>(this)->find(id); }
  const Held* with_statement(std::size_t statement) const;

  Instants base(const Held& claim) const;
  // Its trim as a winner aside.
  Instants untrimmed(const Held& claim) const;
  bool is_set() const;
  // Where the base ends, if it does.
  std::optional<ValidTime> end(const Held& claim) const;
  // The open end of its base: the last stretch, if it reaches forever.
  Instants open_end(const Held& claim) const;
  Instants validity(const Held& claim) const;
  // Validity without what is only presumed.
  Instants stated(const Held& claim) const;
  TxTime last_said(const Held& claim, std::size_t up_to_step) const;

  bool rivals(const Held& a, const Held& b) const;
  bool older(const Held& a, const Held& b) const { return *a.counts < *b.counts; }
  // Whether `newcomer` succeeds `incumbent`, judged as at the time of the newcomer's statement.
  bool succeeds(const Held& newcomer, const Held& incumbent) const;
  std::vector<Id> rivals_of(const Held& claim) const;
  bool waits(const Held& claim) const;
  using Pairs = std::set<std::pair<Id, Id>>;  // the older first
  Pairs rivalries() const;

  Answer belief(ValidTime at) const;

 private:
  bool hides(const Held& hider, const Held& hidden) const;
  Instants before_ending(const Held& claim) const;
  bool meet(const Held& a, const Held& b, const Instants& both) const;
  bool speaks_within(const Held& undated, const Instants& instants) const;
  const Axis* axis_;
};

}  // namespace claimledger::property
