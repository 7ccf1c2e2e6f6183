#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "claimledger/engine.hpp"

// A brute-force reading of the semantics, for one agent: the same requests as Engine, answered by the plainest means
// there are. Nothing is shared with the engine but the vocabulary. Valid time is looked at in samples: everything a
// ledger knows is half-open and bounded by instants somebody named, so what is true at each of these is true
// everywhere.
//
// model.cpp reads sections 3 and 4 of the semantics (where a claim holds, belief), model_ingest.cpp section 5,
// model_verbs.cpp section 6; model_writes.cpp is what both do to a line.
namespace claimledger::model {

// Claims and questions are known by number, in the order they were recorded.
using Number = std::size_t;
using Instants = std::set<ValidTime>;

// Whether a cut of this kind was won by the claim that caused it.
constexpr bool is_win(CutReason reason) {
  return reason == CutReason::verdict || reason == CutReason::policy || reason == CutReason::stated_end;
}

struct Cut {
  Span taken;
  CutReason reason = CutReason::end;
  std::optional<Number> cause = {};
  std::optional<Disposition> disposition = {};
  bool in_force = true;
};

struct Claim {
  Number number = 0;
  Statement said_first;
  bool trusted = false;
  std::vector<Number> derived_from;
  std::uint32_t depth = 0;
  TxTime recorded_at;
  std::vector<TxTime> said;
  std::uint32_t corroboration_count = 0;
  Disposition disposition = Disposition::committed_cheap;
  // In which order claims came to count: recorded or, if parked, promoted. Retraction makes Invalidated also what never
  // did.
  std::optional<std::size_t> counts_since;
  bool marked = false;
  std::vector<Cut> cuts;

  LineKey line() const { return {said_first.subject, said_first.predicate}; }
  const Value& value() const { return said_first.value; }
  bool live() const { return is_live(disposition); }
  bool first_hand() const { return is_first_hand(said_first.provenance); }
  TxTime last_said() const { return said.back(); }
  // Never held, by somebody's word.
  bool retracted() const;
  // The window as it counts: an untrusted start is none.
  Span window() const;
};

struct Question {
  Number claim = 0;
  std::vector<Number> rivals = {};
  std::size_t asked = 0;  // how many claims had come to count
  std::optional<TxTime> expires_at = {};
  std::optional<Closing> closed = {};
  bool expired(TxTime at) const { return expires_at && *expires_at <= at; }
  friend bool operator==(const Question&, const Question&) = default;
};

struct Serving {
  TxTime at;
  std::vector<Number> claims = {};
};

// RecallReEntryDetected and RecallBurst.
struct ReEntry {
  TxTime at;
  Number claim = 0;
  bool burst = false;
};

struct Receipt {
  std::optional<Number> claim = {};
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::first;
  std::vector<Number> contested_with = {};
  bool corroborated = false;
  bool end_not_applied = false;
  std::optional<Number> question = {};  // under which it waits
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

struct Slot {
  Number claim = 0;
  Disposition disposition = Disposition::committed_cheap;
  TxTime last_said;
  std::uint32_t corroboration_count = 0;
  friend bool operator==(const Slot&, const Slot&) = default;
};

struct Belief {
  BeliefStatus status = BeliefStatus::no_belief;
  bool set = false;
  std::optional<Slot> primary = {};
  std::vector<Slot> alternatives = {};
  std::vector<Slot> dissent = {};
  std::optional<Currency> currency = {};
  std::optional<Confidence> currency_score = {};
  bool stale = true;
  std::optional<Criticality> criticality = {};
  std::vector<Marker> markers = {};
  friend bool operator==(const Belief&, const Belief&) = default;
};

// Everything the ledger says at one position. Copied for each batch: a snapshot is a copy.
struct State {
  TxTime recorded_at{earliest_instant};
  std::vector<Claim> claims;
  std::vector<Question> questions;
  std::vector<Serving> servings;
  std::vector<ReEntry> reentries;
  std::size_t counted = 0;
  std::map<LineKey, Instants> named;

  // --- section 3: where a claim holds ---
  // Every instant at which anything on the line can change, and the beginning. More than needed does no harm.
  const Instants& instants(const LineKey& line) const;
  void name(const LineKey& line, ValidTime at);
  bool holds(const Claim& claim, ValidTime at) const;
  // Validity as if no successor had cut.
  bool base_holds(const Claim& claim, ValidTime at) const;
  std::vector<Span> validity(const Claim& claim) const;
  std::vector<Span> base(const Claim& claim) const;
  bool has_validity(const Claim& claim) const;
  bool overlap(const Claim& a, const Claim& b) const;
  // The last stretch of the base, if it reaches forever: where it starts.
  std::optional<ValidTime> open_end(const Claim& claim) const;
  // Holds, and was not only presumed to.
  bool stated_to_hold(const Claim& claim, ValidTime at) const;

  std::vector<Number> on_line(const LineKey& line) const;
  bool is_set(const LineKey& line) const;
  // Live, first-hand, on one line that is no set, and of different values.
  bool comparable(const Claim& a, const Claim& b) const;
  bool rivals(const Claim& a, const Claim& b) const;
  std::vector<Number> rivals_of(const Claim& claim) const;
  // Has a rival, and waits for a verdict or, if none of the two does, came later: the claim that questions are about.
  bool contests(const Claim& claim) const;
  // Has a rival, and waits for a verdict or came later than one: it may be judged by its id.
  bool can_be_judged(const Claim& claim) const;
  bool succeeds(const Claim& newcomer, const Claim& incumbent) const;
  // Up to where an undated claim does not hold because another value ended then; and which claim that was.
  struct Ending {
    ValidTime at;
    Number cause;
  };
  std::optional<Ending> ending_before(const Claim& undated) const;
  // What the claim would rival, were it first-hand and judged as things stand.
  std::vector<Number> contradicted_by(const Claim& derived) const;

  bool under_review(const Claim& claim) const { return claim.marked && claim.live() && has_validity(claim); }
  Disposition reported(const Claim& claim, TxTime asked_at) const;
  const Question* open_question(Number claim) const;

  // --- section 4 ---
  Belief belief(const LineKey& line, ValidTime valid_at, TxTime asked_at, const Config& config) const;

 private:
  std::vector<Span> stretches(const Claim& claim, bool (State::*at)(const Claim&, ValidTime) const) const;
};

// What a write came to.
struct Answer {
  WriteStatus status = WriteStatus::done;
  std::vector<Receipt> receipts = {};
  std::vector<Number> marked = {};
  bool wrote = false;
};

// One statement, the claims it derives from by number.
struct Said {
  Statement statement;
  std::vector<Number> derived_from;
};

class Model {
 public:
  explicit Model(Config config) : config_(std::move(config)) {}

  // Requests, at the clock's `now`.
  Answer ingest(const std::vector<Said>& batch, Instant now);
  Answer end(Number claim, ValidTime at, Provenance by, Instant now);
  Answer retract(Number claim, Provenance by, Instant now);
  Answer retract_source(const std::string& source, Provenance by, Instant now);
  Answer reopen(Number claim, std::optional<ValidTime> at, Provenance by, Instant now);
  Answer review(Number claim, ReviewVerdict verdict, Provenance by, Instant now);
  Answer adjudicate(Number question, Verdict verdict, Provenance by, Instant now);
  Answer adjudicate_claim(Number claim, Verdict verdict, Provenance by, Instant now);
  Answer sweep(Instant now);
  Answer reconcile(Instant now);
  Answer serve(const LineKey& line, std::optional<ValidTime> valid_at, Instant now);

  const State& state() const { return state_; }
  const Config& config() const { return config_; }

 private:
  struct Judged {
    Rationale rationale = Rationale::extends;  // or succession, rivals, newest_wins
    std::vector<Number> rivals;
    std::optional<Number> question;
  };

  void begin(Instant now);
  Answer finish(Answer answer);
  Claim& at(Number claim) { return state_.claims[claim]; }
  Disposition reported(Number claim) const { return state_.reported(state_.claims[claim], now_); }
  Receipt told(Number claim, Rationale rationale) const;
  Answer rejected(std::optional<Number> claim, Rationale rationale);

  Receipt ingest_one(const Said& said);
  Claim newcomer(const Said& said) const;
  Number store(Claim claim, Disposition disposition);
  std::optional<Receipt> recall_guard(const Claim& claim);
  Receipt derived(Claim claim);
  Receipt first_hand(Claim claim);
  Receipt restated(Number claim, const Claim& newcomer, Rationale rationale);
  enum class Covering { strict, relaxed, promoting };
  bool covers(const Claim& claim, const Claim& newcomer, Covering covering) const;
  bool states_end_of(const Claim& newcomer, const Claim& claim) const;
  std::vector<Number> rivals_if_stored(Claim newcomer) const;
  Judged judge(Number newcomer, std::optional<std::chrono::microseconds> ttl = {});
  std::optional<Number> ask(Number claim, const std::vector<Number>& rivals,
                            std::optional<std::chrono::microseconds> ttl = {});
  Judged promote(Number parked, std::optional<std::chrono::microseconds> ttl);
  void promote_covered_by(Number claim, std::optional<std::chrono::microseconds> ttl);

  void cut(Number claim, Span taken, CutReason reason, std::optional<Number> cause,
           std::optional<Disposition> disposition);
  void lift(Number claim, Cut& cut);
  void shorten(Number claim, Cut& cut, ValidTime until);
  void carve_winner_out(Number winner, const std::vector<Number>& rivals, CutReason reason, std::size_t asked);
  void carve_out(const std::vector<Span>& won, Number winner, Number rival, CutReason reason);
  bool succeed(Number newcomer, Number incumbent);
  bool succeed_all(Number newcomer);
  void count(Number claim);
  bool later(Number claim, Number other) const {
    return *state_.claims[claim].counts_since > *state_.claims[other].counts_since;
  }
  void take_back(const std::vector<Number>& claims);
  void note_sets();
  void upkeep_validity();
  bool upkeep_successors();
  bool upkeep_ending(Number undated);
  void upkeep_endings(Number newcomer);
  void upkeep();
  void upkeep_questions();
  void mark_dependants();
  void close(Question& question, Closing closing);
  void expire(Question& question);
  Answer settle(Number question, Verdict verdict);

  Config config_;
  State state_;
  std::map<std::string, Receipt> keys_;

  // Of the batch being decided.
  TxTime now_;
  bool wrote_ = false;
  std::vector<Number> lost_;  // claims that lost validity in a way that marks
  std::set<LineKey> sets_;    // lines that were sets before
  std::set<Number> gained_;   // claims that got validity back
  std::vector<Number> marked_;
};

}  // namespace claimledger::model
