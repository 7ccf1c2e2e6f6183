#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/domain/statement.hpp"
#include "rules/line_draft.hpp"
#include "rules/line_state.hpp"

// The rule book: every decision about a line, each a function of values. The rules know no store and no clock: a
// decision gets all that it needs as arguments, and drafts entries.
namespace claimledger::rules {

// The part of the configuration that decides; see Config.
struct Policy {
  Confidence confidence_floor;
  std::uint32_t derivation_depth_cap = 3;
  bool quarantine_future_starts = false;
  OverturnPolicy overturn = OverturnPolicy::contested_first;
  Criticality overturn_floor = Criticality::high;
  std::uint32_t recall_burst = 10;
  std::chrono::microseconds recall_burst_window{};
  QuestionPolicy questions;
};

// --- admit.cpp: checks of input ------------------------------------------------------------------------------------

// Throws InvalidInput; `path` is put before the field ("statements[3].").
void admit(const Statement& statement, const std::string& path);
void admit_text(std::string_view text, std::string_view field, std::size_t most);
void admit_agent(const AgentId& agent, std::string_view field = "agent");
void admit_line(const LineKey& line);
void admit_caller(const Caller& caller);
// Checks a time that will be used in arithmetic.
void admit_time(Instant time, std::string_view field);
void admit_confidence(Confidence confidence, const std::string& field);
void admit_config(const Config& config);

// --- entry_check.cpp: checks of entries as read --------------------------------------------------------------------

// The structural fault of an entry, such as a missing field that readers rely on; empty for a sound one. The hash chain
// shows that a ledger is unchanged, not who wrote it: a foreign one can hold anything that decodes. References to other
// entries of the line are checked by the fold.
std::string_view structural_error(const Record& record);
// The fault of content that is not in canonical form; empty: none. Costs more than reading the content, so it is called
// only where a whole ledger is checked.
std::string_view non_canonical_field(const Content& content);

// --- decide.cpp: decisions about statements ------------------------------------------------------------------------

// A new statement: the claim that it would begin, and its content.
struct Newcomer {
  Claim claim;
  Content content;
};

Receipt decide(LineDraft& line, const Newcomer& newcomer, const Policy& policy);

// Records a statement that repeats content which the ledger itself had served, on the line of the repeated claim.
Receipt decide_reentry(LineDraft& line, const ClaimId& repeated, const Newcomer& newcomer, const Policy& policy);

// The oldest live claim with this value that has any validity.
const ClaimState* live_claim_with(const LineState& line, const Value& value);

// --- verbs.cpp: acts on claims -------------------------------------------------------------------------------------

// Each drafts the act and its consequences. The caller has already checked permission.

// For people: the reason why the verb would change nothing; empty if it would change something.
std::string why_no_end(const LineState& line, const ClaimState& claim, const ValidEnd& at);
std::string why_no_retraction(const LineState& line, const ClaimState& claim);
// For people: what became of a claim that no statement makes up any more, or whose content was erased, and what to do
// instead; empty for any other.
std::string why_nothing_is_left(const LineState& line, const ClaimState& claim);

void end(LineDraft& line, const ClaimId& claim, const ValidEnd& at, Content why, const Policy& policy);
void retract(LineDraft& line, const ClaimId& claim, TakenBackReason reason, Content why, const Policy& policy);
// Retracts these statements of the line, of one or several claims.
void retract_statements(LineDraft& line, const std::vector<Position>& statements, Content why, const Policy& policy);
// Returns the reason if it would change nothing, and then drafts nothing.
std::string reopen(LineDraft& line, const ClaimId& claim, const std::optional<ValidEnd>& at, Content why,
                   const Policy& policy);
// `correction.claim.correction` is made here.
void correct(LineDraft& line, const ClaimId& claim, Newcomer correction, bool new_window, const Policy& policy);

// Closes an open question, by a verdict or without one.
void close_question(LineDraft& line, const ClaimId& challenger, Closing closing, Content evidence,
                    const Policy& policy);

ReconcileReport reconcile(LineDraft& line, const Policy& policy);

// Whether a claim can be judged by its id: it has a rival, and waits for a verdict or began to count later.
bool is_open_to_verdict(const LineState& line, Index claim);

// --- belief.cpp, timeline.cpp: belief ------------------------------------------------------------------------------

struct Reading {
  Position position;
  TxTime asked_at;
  std::chrono::microseconds aging_after{};
  std::chrono::microseconds decayed_after{};
};

// Whether a claim is looked at for a belief: as a candidate, or as dissent; at any instant at which it holds, or at
// one.
bool takes_part(const ClaimState& claim, ValidTime valid_at);
Belief belief(const LineState& line, ValidTime valid_at, const Reading& reading);
// All that a belief at one instant comes from.
struct TakingPart {
  const LineState& line;  // has the statements of the claims
  bool is_set;
  std::vector<const ClaimState*> claims;  // that take part, in the order of the line
};
TakingPart taking_part(const LineState& line, ValidTime valid_at);
Belief belief(const TakingPart& part, ValidTime valid_at, const Reading& reading);
Slot slot_of(const LineState& line, const ClaimState& claim, TxTime asked_at);
// The part of a belief that a segment shows.
struct Answer {
  BeliefStatus status = BeliefStatus::no_belief;
  std::vector<Slot> values;  // the primary, or every alternative
};
// `live`: the live claims that hold at `valid_at`, in the order of the line.
Answer answer(const LineState& line, std::vector<const ClaimState*> live, ValidTime valid_at, TxTime asked_at);
// A part of the timeline of a line: the segments, and where the next one begins, if there is one.
struct TimelinePart {
  std::vector<Segment> segments;
  std::optional<ValidTime> next;
};
// The segments that meet a span, whole, and at most so many of them.
TimelinePart timeline(const LineState& line, const Reading& reading, const Span& wanted,
                      std::size_t most = std::numeric_limits<std::size_t>::max());
ClaimHistory claim_history(const LineState& line, const LineKey& key, const ClaimState& claim, const Reading& reading);

// --- receipt.cpp ---------------------------------------------------------------------------------------------------

// The receipt that an entry of ingest gave; rivals, position, time and handle are the caller's to fill in.
std::optional<Receipt> receipt_of(const Entry& entry);
// The receipt of a claim that a verb touched.
Receipt receipt_for(const LineState& line, const ClaimState& claim, Rationale rationale, TxTime now);
// Fills in the rivals of the receipt's claim and their number; for one that won by policy, the claims that it won over.
void name_rivals(Receipt& receipt, const Entry& entry, const LineState& line);
// The receipt in words.
std::string explain(const Receipt& receipt);

}  // namespace claimledger::rules
