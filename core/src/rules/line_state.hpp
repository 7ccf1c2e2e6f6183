#pragma once

#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "claimledger/domain/entry.hpp"
#include "rules/time_index.hpp"
#include "rules/validity.hpp"

namespace claimledger::rules {

// The window of a statement; an untrusted start counts as none.
Span window_of(const Claim& said);
// The span that an end takes.
Span from_here_on(const ValidEnd& end);

// The place of a claim or a statement in its line.
using Index = std::uint32_t;
inline constexpr Index nowhere = static_cast<Index>(-1);

// A statement as it was said, and its state now.
struct StatementState {
  Position seq;
  TxTime recorded_at;
  Claim said;  // its id: the claim that its own entry names
  Content content;
  bool erased = false;
  bool began = false;                                      // its own entry began a claim
  Disposition recorded_as = Disposition::committed_cheap;  // where it began one
  Index value = 0;                                         // equal for equal values
  std::optional<Correction> correction;

  bool taken_back = false;  // by a retraction or a denial
  bool dropped = false;     // … with all that its source said: what corrects it was then never said with it
  // What took it from a claim last: from which, by which act, and whether that was a correction or said of its source.
  struct Loss {
    Index claim = nowhere;
    Position by;
    bool corrected = false, by_source = false;
  };
  Loss loss;
  // Reopened in part: what lies before is still taken back. Of a correction that was undone in part, the correction.
  struct Left {
    ValidEnd before;
    Index corrector = nowhere;
  };
  std::vector<Left> left;
  std::optional<ClaimId> given;  // the claim that it began when its line was judged anew
  Index claim = nowhere;         // that has it now

  bool first_hand() const { return is_first_hand(said.provenance); }
  // It speaks of a past that was over when it was made.
  bool window_ended() const { return said.window.until && said.window.until->at <= as_valid(recorded_at); }
};

// An act on a claim of the line.
struct Act {
  enum class Kind { end, affirm, reopen, no_longer_contradicted };
  Kind kind = Kind::end;
  Position seq;
  TxTime recorded_at;
  ClaimId claim;
  std::optional<ValidEnd> at;  // of an end: where; of a reopening: from where on
  Position asked;              // of a verdict: where it was asked for
  bool undoes = false;         // of a reopening: it gives statements back, not ends
};

// A correction as the last of those that lead to it: it corrects what its parent says, if it has one. Does not change.
struct CorrectionPath {
  Position seq;  // its entry
  const CorrectionPath* parent = nullptr;
  const CorrectionPath* jump = nullptr;  // one further back, so that few steps find any of them
  std::uint32_t length = 1;
};
// The order of claims in one place: a correction comes before the claim that it corrects; of two corrections of one
// claim the earlier comes first. A claim that is no correction has no path.
bool stands_before(const CorrectionPath* a, const CorrectionPath* b);

// The statements that a correction took back.
struct CorrectionState {
  Index corrector = nowhere;  // the statement in their place
  ClaimId claim;              // the one they made up
  std::vector<Index> statements;
  bool reopened = false;
  Position place;                              // of the corrector, see LineState::place_of
  std::shared_ptr<const CorrectionPath> path;  // copies of a line share it
};

// A question that waits for a verdict on a claim.
struct OpenQuestion {
  AdjudicationId handle;
  Position seq;
  TxTime opened_at;
  std::optional<TxTime> expires_at;

  bool expired(TxTime now) const { return expires_at && *expires_at <= now; }
  friend bool operator==(const OpenQuestion&, const OpenQuestion&) = default;
};

// Which of two claims began to count first. `from` is the entry with which a claim began to count: the statement that
// began or promoted it or, for a derived claim that contradicts nothing any more, the act that found that out. `place`
// is where the first statement that it has stands. No longer valid than the line that it is of.
struct Rank {
  Position from;
  Position place;
  const CorrectionPath* correction = nullptr;

  bool older_than(const Rank& other) const {
    return place != other.place ? place < other.place : stands_before(correction, other.correction);
  }
  friend bool operator<(const Rank& a, const Rank& b) {
    if (a.from != b.from) return a.from < b.from;
    const bool a_promoted = a.from != a.place, b_promoted = b.from != b.place;
    return a_promoted != b_promoted ? b_promoted : a.older_than(b);
  }
  friend bool operator==(const Rank&, const Rank&) = default;
};

// The decision about a claim. Everything else about it is derived.
struct Decided {
  Disposition otherwise = Disposition::committed_cheap;  // when it does not wait
  bool waits = false;                                    // for a verdict: it has a rival that counted before it
  std::optional<Position> counts_from;
  Cardinality cardinality = Cardinality::unknown;
  std::vector<ClaimId> follows;
  std::vector<Cut> cuts;             // by entry, then by start
  std::vector<Position> statements;  // by place: the first one began it
  friend bool operator==(const Decided&, const Decided&) = default;
};
void add_cut(Decided& decided, const Cut& cut);
bool has_cut(const Decided& decided, const Cut& cut);
// Each applies one part of an entry to the decision about a claim that it names.
void lose(Decided& loser, const Win& win, const ClaimId& winner, CutReason reason, Position seq);
void end(Decided& claim, const Span& span, CutReason reason, const std::optional<ClaimId>& cause, Position seq);
void promote(Decided& claim, const Promotion& promotion, Position seq);
// Whether it says that a claim waits for a verdict.
bool waits_in(Disposition disposition);

using Times = boost::container::small_vector<TxTime, 1>;

// What a belief asks of a claim, beside the decision about it and its statements.
struct Standing {
  bool marked = false;  // for review
  std::optional<OpenQuestion> question;

  // Derived.
  bool counts = false;  // live, first-hand, and has a statement
  Index value = 0;
  Span window;
  bool trusted = false;
  Provenance provenance = Provenance::user_asserted;
  Rank rank;
  Validity validity;  // the time that it holds
  friend bool operator==(const Standing&, const Standing&) = default;
};

// A claim as the entries about it, up to some position, leave it.
struct ClaimState : Standing {
  ClaimState() = default;
  ClaimState(const ClaimState&) = default;
  ClaimState& operator=(const ClaimState&) = default;
  // A small_vector does not say that numbers move without fail, and a vector of claims would copy them.
  ClaimState(ClaimState&&) noexcept = default;
  ClaimState& operator=(ClaimState&&) noexcept = default;
  ~ClaimState() = default;

  ClaimId id;
  Position seq;  // the entry with which it came to be
  Decided decided;
  bool was_live = false;          // it counts, or counted once
  std::vector<TxTime> reentries;  // of its own content, as recorded
  std::optional<TxTime> burst;    // the last one

  // Derived from these and from the rest of the line.
  boost::container::small_vector<Index, 1> statements;
  std::vector<Index> lost;  // what the act took back, or moved, that left it without a statement
  Position emptied_by;
  std::vector<Index> follows, followed_by;
  Times said;                          // ascending; empty without a statement
  std::vector<TxTime> yet_to_be_said;  // descending: after the horizon, see LineState::set_horizon
  std::uint32_t said_as_of = 0;        // the number of changes to what is dropped
  Validity base;                       // the window less the cuts
  Validity cover;                      // hidden by the claims that follow it, directly or not
  Index rival_seen = nowhere;          // an older one, when the claim that waits was looked at last
  // As the indexes of the line have it.
  Validity indexed;  // empty where it does not count
  Cardinality indexed_cardinality = Cardinality::unknown;
  std::optional<Cardinality> live_cardinality;  // where it is live and has a statement
  bool dated = false, undated = false, beside = false, valued = false;

  TxTime first_said() const { return said.front(); }
  TxTime last_said() const { return said.back(); }
  bool first_hand() const { return is_first_hand(provenance); }
  bool has_statement() const { return !statements.empty(); }
  Disposition disposition() const;
  bool live() const { return is_live(decided.otherwise); }
  // Whether it is believed, or dissents, at some time that it holds.
  bool may_take_part() const { return live() || disposition() == Disposition::pending_conflict; }
  bool parked() const { return decided.otherwise == Disposition::pending_low_confidence; }
  // A claim that holds at no time needs no review until it is reopened.
  bool under_review() const { return marked && live() && !validity.empty(); }
  // The last stretch of the base, where it has no end; absent where it has one.
  const Span* open_end() const;
  // As answers show it: under review, expired.
  Disposition reported(TxTime asked_at) const;
};

// The validity of claims before a change of the line.
struct Changes {
  bool was_set = false;
  std::map<Index, Validity> before;  // of each claim that holds something else now, or counts no longer or at last
};

// One line: its statements and acts, the decisions about its claims, and the state derived from these. A value.
// Reading applies entries, one by one, oldest first. Deciding changes decisions through `Judge` and writes entries that
// say the same. `derive` updates the derived state after changes.
class LineState {
 public:
  // Makes room for this many entries.
  void reserve(std::size_t entries);
  // Folds a sound entry. Failure: StoreFailure{corrupt} for one that refers to something the line does not have.
  void apply(Record&& record);
  // Updates the validity of every claim. Idempotent; the cost grows with the changes.
  void derive();
  // The claims whose decisions changed since derive() was last called.
  std::span<const Index> touched() const { return dirty_; }
  // The claims that derive() looked at last, some more than once: the others hold what they held before it.
  std::span<const Index> derived() const { return shown_; }

  std::span<const ClaimState> claims() const { return claims_; }
  std::span<const StatementState> statements() const { return statements_; }
  std::span<const Act> acts() const { return acts_; }
  std::span<const CorrectionState> corrections() const { return corrections_; }
  const ClaimState& operator[](Index claim) const { return claims_[claim]; }
  const StatementState& statement(Index index) const { return statements_[index]; }
  const StatementState& first_statement(const ClaimState& claim) const { return statements_[claim.statements.front()]; }
  const ClaimState* find(const ClaimId& id) const;
  const ClaimState& at(const ClaimId& id) const;
  Index index_of(const ClaimState& claim) const { return static_cast<Index>(&claim - claims_.data()); }
  Index index_of(const ClaimId& id) const { return index_of(at(id)); }
  // Where a statement stands among those of its line: a correction in the place of the first that it corrects, as far
  // as these are not taken back.
  Position place_of(Index statement) const;
  // The correction that this statement is, as a path; null: it is none.
  const CorrectionPath* path_of(Index statement) const;
  // The correction that this statement is.
  const CorrectionState& correction_with(Index corrector) const;
  // The start of the part that partial reopenings left of a statement; nothing where it is whole.
  std::optional<ValidEnd> holds_from(Index statement) const;
  // From where on an end of the claim counts no longer that was said after `after` and before `before`, because the
  // claim was reopened in between; nothing where it was not.
  std::optional<ValidEnd> reopened_from(const ClaimId& claim, Position after, Position before) const;
  // Nowhere for a seq that is no statement of the line.
  Index statement_at(Position seq) const;
  // When the entry with this seq, a statement or an act, was recorded.
  TxTime time_of(Position seq) const;
  Position last() const { return last_; }
  // After every entry.
  static Position beyond() { return {~std::uint64_t{0}}; }
  void set_last(Position seq) { last_ = seq; }
  // A line that lacks some claims knows when they hold.
  void leave_out(Validity held) { left_out_ = std::move(held); }
  const Validity& left_out() const { return left_out_; }

  // The facts that a claim shows of its statements; a claim without any shows those it had last.
  const Content& content(const ClaimState& claim) const;
  const Claim& said(const ClaimState& claim) const;
  Criticality criticality(const ClaimState& claim) const;
  Confidence value_confidence(const ClaimState& claim) const;
  std::uint32_t corroborations(const ClaimState& claim) const;
  TxTime recorded_at(const ClaimState& claim) const;
  bool erased(const ClaimState& claim) const;

  bool is_set() const { return set_; }
  std::span<const Index> claims_of_value(Index value) const {
    return {by_value_[value].data(), by_value_[value].size()};
  }
  // The index of a value on this line; one that no claim has for an unknown value.
  Index value_of(const Content& content) const;
  const std::vector<Index>& undated() const { return undated_; }
  const std::set<Index>& waiting() const { return waiting_; }
  const TimeIndex& dated() const { return dated_; }
  // The claims that take part in what is believed at some instant of a span, and some that do not; by index, each once.
  std::vector<Index> may_take_part_in(const Span& span) const;
  // From when an undated statement of this value holds that is first said then and states this end: since another value
  // had ended, as that end was stated, or, where its own had, since it is said. `rank` tells which claims of its own
  // value counted before it.
  ValidEnd start_of_undated(Index value, TxTime first_said, ValidTime until, const Rank& rank) const;
  // Starts noting changes.
  void watch();
  // The validity of a claim when watching began.
  const Validity& validity_before(Index claim) const;
  // Returns the changes since the last call, and starts anew.
  Changes take_changes();

  // Deciding. Each changes a decision; `derive` updates the rest.
  Index add_statement(StatementState&& statement);
  void add_act(Act act) { acts_.push_back(act); }
  Index begin(Index statement, const ClaimId& id, Decided decided);
  void give_statement(Index statement, Index claim);
  // Notes what the entry that is written of a statement says: its claim, and as what it began that; nothing: it was
  // there.
  void note_entry(Index statement, const ClaimId& claim, std::optional<Disposition> began_as);
  Decided& change(Index claim);
  void set_waits(Index claim, bool waits);
  void follow(Index newer, Index older);
  // Remembers where to look first for an older rival of a claim that waits.
  void see_rival(Index claim, Index rival) { claims_[claim].rival_seen = rival; }
  // Times after this have not come yet: a correction that is judged in its place is not said again before its own.
  // Moves forward only, as long as the line has claims.
  void set_horizon(TxTime now) { horizon_ = now; }
  // The statements, acts and corrections alone, without claims, questions, marks and re-entries.
  LineState facts() const;
  // False for a statement that is taken back, erased, or corrected by an effective one.
  bool is_effective(Index statement) const;
  // The corrections of a statement, oldest first: calls `visit(correction)` until it returns true, and returns whether
  // it did.
  template <class Visit>
  bool any_correction_of(Index statement, const Visit& visit) const {
    const auto [first, last] = corrections_of(statement);
    return std::any_of(first, last, [&](const auto& each) { return visit(corrections_[each.second]); });
  }
  // The effective statement in the place of a corrected one, if any.
  Index corrected_by(Index statement) const;

 private:
  ClaimState& existing(const ClaimId& id, Position seq);
  bool is_effective(const CorrectionState& correction) const;
  void remove_statement(Index statement, const TakenBack& by, Position seq);
  void give_back(Index statement, const std::optional<ValidEnd>& at);
  // A statement with the number of each of its corrections, oldest first.
  using Corrected = boost::container::flat_set<std::pair<Index, Index>>;
  std::pair<Corrected::const_iterator, Corrected::const_iterator> corrections_of(Index statement) const {
    return {corrected_.lower_bound({statement, 0}), corrected_.upper_bound({statement, nowhere})};
  }
  // Nothing where no correction that is effective corrects the statement.
  const CorrectionState* effective_correction_of(Index statement) const;
  void set_place(CorrectionState& correction);
  void places_changed();
  StatementState statement_of(Claim said, Record& record);
  void check(const Correction& correction, Position seq) const;
  void apply(ClaimRecorded& e, Record& record);
  void apply(Corroborated& e, Record& record);
  void apply(const Ended& e, const Record& record);
  void apply(const TakenBack& e, const Record& record);
  void apply(const Reopened& e, const Record& record);
  void apply(const Judged& e, const Record& record);
  void apply(const AdjudicationOpened& e, const Record& record);
  void apply(const AdjudicationClosed& e, const Record& record);
  void apply(const Promotion& promotion, Position seq);
  void apply_wins(const std::vector<Win>& won, const ClaimId& winner, CutReason reason, Position seq);

  void touch(Index claim);
  void collect_said(Index statement, bool first, Times& said) const;
  bool refresh_statements(ClaimState& claim);
  void refresh_said(ClaimState& claim, bool same_statements);
  void refresh_value(Index claim, Index value);
  void refresh_indexes(Index claim, const Validity& base_before);
  void refresh(Index claim);
  void set_follows(Index claim, const std::vector<ClaimId>& ids);
  void refresh_cover(std::set<std::pair<ValidTime, Index>>& pending);
  void refresh_validity(Index claim);
  Index intern(const Content& content);

  std::vector<StatementState> statements_;
  std::vector<Act> acts_;
  std::vector<CorrectionState> corrections_;
  Corrected corrected_;
  std::uint32_t dropped_changes_ = 0;
  std::vector<ClaimState> claims_;
  std::map<AdjudicationId, Position> asked_;
  struct Hash {
    std::size_t operator()(const ClaimId& id) const;
  };
  std::unordered_map<ClaimId, Index, Hash> by_id_;
  std::unordered_map<std::string, Index> values_;
  std::vector<boost::container::small_vector<Index, 1>> by_value_;
  std::vector<Index> undated_;                                    // claims that may hold at any time, first-hand
  std::set<Index> waiting_;                                       // claims that wait for a verdict
  TimeIndex dated_;                                               // the validity of trusted claims that count
  std::vector<Index> beside_;                                     // others that may take part in a belief
  boost::container::flat_set<std::pair<ValidTime, Index>> ends_;  // of bases, where they have one
  // Claims of each cardinality, and all of them.
  struct Counted {
    std::uint32_t all = 0, functional = 0, set_valued = 0;
    void count(Cardinality cardinality, bool in);
    bool make_a_set() const { return functional == 0 && set_valued > 0; }
  };
  Counted holding_;  // those that count, with something in the base
  Counted live_;     // those that are live and have a statement
  bool set_ = false;

  std::vector<Index> dirty_;
  std::vector<Index> cover_dirty_;
  boost::container::flat_set<Index> follow_later_;  // claims that follow one that is not here, or has not begun yet
  std::vector<Index> shown_;
  bool ends_changed_ = false;
  bool watching_ = false;  // a fold is not: nobody asks what it changed
  Changes changes_;
  std::map<Index, Validity> watched_;  // of claims that hold something else since watching began
  bool changes_begun_ = false;
  Position last_;
  Validity left_out_;
  Position last_act_;  // that took something back or gave it back
  TxTime horizon_{latest_instant};
};

// The claims that have now what a claim without statements had; none for one that has some.
std::vector<ClaimId> statements_went_to(const LineState& line, const ClaimState& claim);

}  // namespace claimledger::rules
