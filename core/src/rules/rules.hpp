#pragma once

#include <optional>
#include <span>
#include <vector>

#include "claimledger/domain/config.hpp"
#include "claimledger/domain/statement.hpp"
#include "rules/line_state.hpp"

// The rule book: every question the engine can ask of a line, each a function of values alone. No store, no clock, no
// ids are fetched here; what a decision needs comes in, what it decided goes out as entries of a draft.
namespace claimledger::rules {

// --- What was decided ----------------------------------------------------------------------------------------------

struct DraftEntry {
  Entry entry;
  Content content;
  std::optional<LineKey> line;
};

// The entries of one batch in the making.
struct BatchDraft {
  Position after;  // the head it follows
  TxTime now;      // what the batch will be stamped with
  std::vector<DraftEntry> entries;
  // Claims that lost validity by verdict, policy, end or retraction, and whose dependants have not been marked yet.
  std::vector<ClaimId> weakened;

  Position next() const { return {after.value + entries.size() + 1}; }
};

// One line under decision: what is written to the draft is applied to the line at once, so that what is decided next
// sees it.
class LineDraft {
 public:
  LineDraft(const LineKey& key, LineState& line, BatchDraft& batch);

  void write(Entry entry, Content content = {});
  // What this work takes from a claim, the claim did not have before the batch: nothing derived from it is marked.
  template <class Work>
  void quietly(const Work& work) {
    const auto weakened = batch_.weakened.size();
    work();
    batch_.weakened.resize(weakened);
  }

  const LineKey& key() const { return key_; }
  const LineState& line() const { return line_; }
  const ClaimState& at(const ClaimId& id) const { return line_.at(id); }
  TxTime now() const { return batch_.now; }
  Position next() const { return batch_.next(); }
  // Whether the line was a set before this decision.
  bool was_set() const { return was_set_; }

 private:
  const LineKey& key_;
  LineState& line_;
  BatchDraft& batch_;
  bool was_set_;
};

// How questions are asked: whether at all, until when, and under which handle.
struct Asking {
  bool queue = false;
  std::optional<TxTime> expires_at;
  std::function<AdjudicationId()> handle;  // the next fresh handle
};

// The part of the configuration that decides; see Config.
struct Policy {
  Confidence confidence_floor;
  std::uint32_t derivation_depth_cap = 3;
  bool quarantine_future_starts = false;
  OverturnPolicy overturn = OverturnPolicy::contested_first;
  Criticality overturn_floor = Criticality::high;
  std::uint32_t recall_burst = 10;
  std::chrono::microseconds recall_burst_window{};
  Asking asking;
};

// --- admit.cpp: may this be said, in this shape? -------------------------------------------------------------------

// Throws InvalidInput; `path` is put before the field ("statements[3].").
void admit(const Statement& statement, const std::string& path);
void admit_text(std::string_view text, std::string_view field, std::size_t most);
void admit_agent(const AgentId& agent);
void admit_line(const LineKey& line);
void admit_caller(const Caller& caller);
// A time that arithmetic is done with.
void admit_time(Instant time, std::string_view field);
void admit_config(const Config& config);

// --- rivals.cpp: what does it contradict? --------------------------------------------------------------------------

enum class Relation { none, rivals, succeeds };

// Between two claims with different values, neither on a set, both taken as first-hand. `newer` is the newcomer.
Relation relation(const ClaimState& newer, const ClaimState& older);

// Whether the line is a set, with the newcomer (taken as first-hand) if there is one.
bool is_set(const LineState& line, const ClaimState* newcomer = nullptr);

// The rivals of a claim, on the line or about to be, among the live first-hand claims; oldest first. Succession is
// judged by which of two was recorded later.
std::vector<ClaimId> rivals(const LineState& line, const ClaimState& claim);
bool has_rival(const LineState& line, const ClaimState& claim);

// Whether a claim on the line is the one to ask about: it has a rival, and waits for a verdict or, if none of the two
// does, is the newcomer. Its disposition alone does not tell: what was ended, or lost elsewhere, can have a rival in
// what is left of it.
bool contests(const LineState& line, const ClaimState& claim);
// Whether its disposition says that its rivals have not been judged.
bool waits(const ClaimState& claim);

// The end from which an undated claim holds because another value ended before it was said; and the claim that ended.
struct Ending {
  ValidTime at;
  ClaimId cause;
};
std::optional<Ending> ending_before(const LineState& line, const ClaimState& undated);

// --- sound.cpp: can this be read? ----------------------------------------------------------------------------------

// What an entry lacks of what everything that reads it relies on; empty for one that is sound. The chain says that a
// ledger was not changed since it was written, not who wrote it: a foreign one can hold anything that decodes. What an
// entry needs of the others on its line is seen to where the line is folded.
std::string_view flaw(const Record& record);
// What is wrong with the spelling of content; costs more than to read it, so it is asked where a ledger is checked
// whole.
std::string_view misspelling(const Content& content);

// --- decide.cpp: what becomes of a statement? ----------------------------------------------------------------------

// A statement on its way: the claim it would be, and what it said.
struct Newcomer {
  Claim claim;
  Content content;
};

Receipt decide(LineDraft& line, const Newcomer& newcomer, const Policy& policy);

// Content that the ledger itself had served came back: recorded at the claim it repeats, on that claim's line.
Receipt decide_reentry(LineDraft& line, const ClaimId& repeated, const Newcomer& newcomer, const Policy& policy);

// The oldest live claim with this value that has any validity.
const ClaimState* live_claim_with(const LineState& line, const Value& value);

// --- judge.cpp: rivals under the overturn policy -------------------------------------------------------------------

// Whether a claim is weighed by when it began to count, or as the newcomer against every other: what is promoted or
// reopened is said anew.
enum class Seniority { by_age, newcomer };

enum class Judgement { uncontested, wins, contested };
// Whether a challenger with these rivals is contested or wins by policy.
Judgement judgement(const LineState& line, const ClaimState& challenger, std::span<const ClaimId> rivals,
                    const Policy& policy);
// Section 5.9 for a claim that stands on the line already: settles it, opens a question or lets it win.
void judge_standing(LineDraft& line, const ClaimId& challenger, Seniority seniority, Rationale uncontested,
                    const Policy& policy);
void open_question(LineDraft& line, const ClaimId& challenger, std::vector<ClaimId> rivals, const Asking& asking);
// Carves the winner's validity out of the named rivals, and mends the line: others may have stood on what they lost.
// Claims that began to count before `asked` and become rivals of the winner only by that lose to it what they got back.
void carve_out(LineDraft& line, const ClaimId& winner, std::span<const ClaimId> named, CutReason reason,
               Position asked);

// --- upkeep.cpp: what follows from any change of validity ----------------------------------------------------------

// Applies succession between the claim and every other.
void succeed(LineDraft& line, const ClaimId& claim, Seniority seniority = Seniority::by_age);
// Makes, renews or lifts the ending from which an undated claim holds. True when something changed.
bool mend_ending(LineDraft& line, const ClaimState& claim);
// Lifts and shortens successors' cuts and renews endings, until nothing changes any more. Idempotent.
void mend(LineDraft& line);
// Mends the line, returns what is uncontested and closes questions that are moot. Idempotent.
void upkeep(LineDraft& line);

// --- verdict.cpp, withdraw.cpp: the verbs on claims ----------------------------------------------------------------

void settle_question(LineDraft& line, const ClaimId& challenger, Closing closing, Content evidence);

// Each writes what the verb does to a claim on the line, and mends the line; whom it is open to was seen to before.
void end(LineDraft& line, const ClaimId& claim, const ValidEnd& at, Content why);
void retract(LineDraft& line, const ClaimId& claim, Content why, const Policy& policy);
// The two halves of it, for when several go at once: the claim never held, and whom it had won from, oldest first;
// then, once all of them are gone, questions without a point are closed and every pair of a loser and a rival is judged
// again.
std::vector<ClaimId> take_back(LineDraft& line, const ClaimId& claim, Content why);
void judge_again(LineDraft& line, const std::vector<ClaimId>& losers, const Policy& policy);
void reopen(LineDraft& line, const ClaimId& claim, const std::optional<ValidEnd>& at, Content why,
            const Policy& policy);
bool retracted_whole(const ClaimState& claim);

// --- reconcile.cpp -------------------------------------------------------------------------------------------------

ReconcileReport reconcile(LineDraft& line, const Policy& policy);

// --- belief.cpp, timeline.cpp: what to believe ---------------------------------------------------------------------

struct Reading {
  Position position;
  TxTime asked_at;
  std::chrono::microseconds aging_after{};
  std::chrono::microseconds decayed_after{};
};

Belief belief(const LineState& line, ValidTime valid_at, const Reading& reading);
std::vector<Segment> timeline(const LineState& line, const Reading& reading);
ClaimHistory claim_history(const LineState& line, const LineKey& key, const ClaimState& claim, const Reading& reading);

// --- receipt.cpp ---------------------------------------------------------------------------------------------------

// The receipt that an entry of ingest gave; position, time and handle are the caller's to fill in.
std::optional<Receipt> receipt_of(const Entry& entry);
// The receipt of a claim that a verb touched.
Receipt receipt_for(const LineState& line, const ClaimState& claim, Rationale rationale, TxTime now);
// The receipt in words.
std::string explain(const Receipt& receipt);

}  // namespace claimledger::rules
