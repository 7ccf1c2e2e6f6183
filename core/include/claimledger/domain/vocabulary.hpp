#pragma once

#include <optional>
#include <span>
#include <string_view>

// The closed sets of the domain. Every enumerator has one spelling, the same in JSON, SQL and text, never changed once
// released: text(e) gives it, parse<E>(text) reads it back, spellings<E>() lists all in order.
namespace claimledger {

enum class Cardinality { functional, set_valued, unknown };  // "Functional", "SetValued", "Unknown" (as its line)

// Where a statement comes from. The first two are first-hand.
enum class Provenance { user_asserted, external_first_hand, recall_reentry, model_derived };
constexpr bool is_first_hand(Provenance provenance) {
  return provenance == Provenance::user_asserted || provenance == Provenance::external_first_hand;
}

enum class Criticality { low, medium, high, critical };  // in this order

enum class Disposition {
  committed_cheap,
  committed_inferred,
  queued_for_adjudication,
  contested,
  pending_conflict,
  pending_review,  // never stored: reported while a review mark stands on a live claim
  pending_low_confidence,
  quarantined,
  superseded,
  invalidated,
  reinstated,
  rejected,  // never a claim's: only a receipt's
};
// Live claims are the candidates of belief. Parked ones (low confidence, quarantined) and dissent (pending_conflict)
// are not.
constexpr bool is_live(Disposition disposition) {
  switch (disposition) {
    case Disposition::committed_cheap:
    case Disposition::committed_inferred:
    case Disposition::queued_for_adjudication:
    case Disposition::contested:
    case Disposition::pending_review:
    case Disposition::superseded:
    case Disposition::invalidated:
    case Disposition::reinstated:
      return true;
    case Disposition::pending_conflict:
    case Disposition::pending_low_confidence:
    case Disposition::quarantined:
    case Disposition::rejected:
      return false;
  }
  return false;
}

// Why a receipt, or a change of disposition, came out as it did.
enum class Rationale {
  first,                   // nothing else stood on the line
  succession,              // follows an incumbent whose open end was only presumed
  set_member,              // the line is a set
  extends,                 // another window, or timing that meets no rival
  ends,                    // states the end of what the same source had left open
  restates,                // said again: no new claim
  confirms,                // said again, below the floor or over a parked claim: that one counts now
  rivals,                  // contradicts first-hand claims
  newest_wins,             // contradicted first-hand claims; policy let the newcomer win
  inferred,                // derived, contradicts nothing first-hand
  contradicts,             // derived, contradicts a live first-hand claim
  too_deep,                // derived over too many steps
  below_floor,             // value_confidence under the floor
  incoherent_window,       // the end is not after the start
  future_start,            // starts in the future, and configuration parks that
  echo,                    // derived, says what already holds
  recall_reentry,          // content that this ledger itself had served came back
  recall_burst,            // … too often, too fast
  not_allowed,             // the verb is not open to this provenance or caller
  not_applicable,          // the verb is not open to this claim
  promoted,                // a parked claim was stated again
  uncontested,             // its last rival is gone
  affirmed,                // verdict
  denied,                  // verdict
  unsettled,               // verdict Unknown
  expired,                 // nobody judged in time
  ended,                   // no longer holds
  retracted,               // never held
  reopened,                // holds again
  reviewed,                // looked at again after a premise fell
  no_longer_contradicted,  // reconciled
  corrected,               // takes the place of a claim that never was so
  judged_anew,             // its line was judged anew
  holds_now,               // one of several that hold on the line that a verb named
  said_by_others,          // stays when a source is taken back: others said the same
};

// Why a claim holds less than its window.
enum class CutReason {
  stated_end,  // the same source stated the end
  verdict,     // an adjudication
  policy,      // newest_first_hand_wins
  end,         // end_validity
  taken_back,  // a reopening left this taken back
};

// Why statements were taken back.
enum class TakenBackReason { retraction, correction, denial };

// A part of a statement that could not be applied.
enum class NotApplied {
  end,          // the end that it states of a claim that goes on: said by another source, or too unsure
  cardinality,  // Functional, on a set that has another member
};

enum class Verdict { affirm, deny, unknown };  // "Affirm", "Deny", "Unknown"

// How an adjudication was closed: by a verdict, or without one.
enum class Closing { affirmed, denied, unknown, expired, moot };

// By what something is found: its words, its meaning, or both. Of both either the scores are added (blend) or what the
// places in two lists are worth (ranks).
enum class SearchBy { words, meaning, blend, ranks };

enum class ReviewVerdict { keep, retract };

// The verbs that can be refused to a caller.
enum class Verb { state, end, retract, reopen, review, adjudicate, correct };

enum class OverturnPolicy { contested_first, newest_first_hand_wins };

// The source of transaction times: the engine's own clock, or a replay of history that names them.
enum class ClockSource { engine, replay };  // "engine", "replay"

enum class BeliefStatus { no_belief, resolved, timing_uncertain, contested };
enum class Currency { fresh, aging_unconfirmed, decayed };
enum class Marker { contested, pending_conflict, pending_review, recall_tainted, low_derivation_anchor, dissent };

// The outcome of a write.
enum class WriteStatus {
  done,           // see the receipts; Rejected is one of them
  conflict,       // expected_position is not the head; nothing was written
  not_found,      // no such claim, or no open question under this handle; nothing was written but its expiry
  nothing_to_do,  // there was nothing to change; nothing was written
  ambiguous,      // none or several claims hold on the line; the receipts name them; nothing was written
  dry_run,        // the receipts say what would be touched; nothing was written
};

// The outcome of copying a ledger from one store to another.
enum class CopyStatus {
  done,      // the target holds all that the source held when the copy came to its end
  diverged,  // the target holds another history, or one that goes on beyond the source; nothing was written to it
  conflict,  // somebody else wrote to the target meanwhile; the batches copied before stay
};

enum class Direction { ancestors, descendants };  // of a lineage
enum class Order { ascending, descending };       // of a page of entries, by position

// Unknown text gives nothing: at the edge that is InvalidInput, in a store it is corrupt.
template <class Enum>
std::optional<Enum> parse(std::string_view text);
template <class Enum>
std::span<const std::string_view> spellings();

std::string_view text(Cardinality);
std::string_view text(Provenance);  // "UserAsserted", "ExternalFirstHand", "RecallReEntry", "ModelDerived"
std::string_view text(Criticality);
std::string_view text(Disposition);
std::string_view text(Rationale);        // snake_case, as above
std::string_view text(CutReason);        // snake_case
std::string_view text(TakenBackReason);  // "retraction", "correction", "denial"
std::string_view text(NotApplied);       // "end", "cardinality"
std::string_view text(Verdict);
std::string_view text(Closing);         // "Affirmed", "Denied", "Unknown", "Expired", "Moot"
std::string_view text(SearchBy);        // "words", "meaning" …
std::string_view text(ReviewVerdict);   // "keep", "retract"
std::string_view text(Verb);            // "state", "end", "retract" …
std::string_view text(OverturnPolicy);  // snake_case
std::string_view text(ClockSource);
std::string_view text(BeliefStatus);  // "NoBelief", "Resolved", "TimingUncertain", "Contested"
std::string_view text(Currency);      // "Fresh", "AgingUnconfirmed", "Decayed"
std::string_view text(Marker);        // "Contested", "PendingConflict", "PendingReview", "RecallTainted", …
std::string_view text(WriteStatus);   // snake_case
std::string_view text(CopyStatus);    // "done", "diverged", "conflict"
std::string_view text(Direction);
std::string_view text(Order);

// Also reads "External/UserAsserted" and "External:UserAsserted" (likewise ExternalFirstHand).
std::optional<Provenance> parse_provenance(std::string_view text);

}  // namespace claimledger
