#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "claimledger/domain/claim.hpp"

// Everything that can be appended to a ledger. Entries hold ids, numbers and times; words are in their Content.
namespace claimledger {

// A span that a winner took of a rival. A winner that is undated takes its own past too: `loser` is then the winner.
struct Win {
  ClaimId loser = {};
  Span span = {};
  friend bool operator==(const Win&, const Win&) = default;
};

// The decision about a parked claim that counts from now on.
struct Promotion {
  ClaimId claim = {};
  Disposition disposition = Disposition::committed_cheap;
  std::vector<ClaimId> follows = {};
  std::vector<Win> won = {};
  friend bool operator==(const Promotion&, const Promotion&) = default;
};

// A statement that takes the place of a claim which never was so.
struct Correction {
  ClaimId claim = {};                        // the one that is corrected
  bool new_window = false;                   // it states a window: what had ended the other does not end it
  std::optional<ValidEnd> holds_from = {};   // what a partial reopening had left of the other
  std::optional<Position> promoted_by = {};  // the statement with which the other began to count, where that was parked
  std::vector<Position> ends = {};           // entries that had ended the other, and end this one
  friend bool operator==(const Correction&, const Correction&) = default;
};

// A statement that began a claim.
struct ClaimRecorded {
  Claim claim = {};
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::first;
  std::vector<ClaimId> follows = {};  // the claims that it succeeds
  std::vector<Win> won = {};          // by policy
  std::vector<ClaimId> ended = {};    // claims of its value and source whose end it states
  std::vector<Promotion> promoted = {};
  std::vector<NotApplied> not_applied = {};
  std::optional<Correction> correction = {};
  friend bool operator==(const ClaimRecorded&, const ClaimRecorded&) = default;
};

// A statement that said a claim again. `stated.id` is that claim.
struct Corroborated {
  Claim stated = {};
  Disposition answered = Disposition::committed_cheap;  // what the receipt said; carries nothing for the claim
  Rationale rationale = Rationale::restates;
  std::vector<Promotion> promoted = {};
  std::vector<NotApplied> not_applied = {};
  friend bool operator==(const Corroborated&, const Corroborated&) = default;
};

// A derived statement that repeats what already holds. It counts for nothing.
struct Echoed {
  ClaimId claim = {};
  Disposition answered = Disposition::committed_cheap;
  friend bool operator==(const Echoed&, const Echoed&) = default;
};

// A statement that repeats content which this ledger itself had served.
struct RecallReEntryDetected {
  ClaimId claim = {};
  Provenance provenance = Provenance::recall_reentry;
  Disposition answered = Disposition::committed_cheap;
  friend bool operator==(const RecallReEntryDetected&, const RecallReEntryDetected&) = default;
};

// The same, so often that no more are recorded until the window has passed.
struct RecallBurst {
  ClaimId claim = {};
  Provenance provenance = Provenance::recall_reentry;
  friend bool operator==(const RecallBurst&, const RecallBurst&) = default;
};

// The claim no longer holds from `at` on.
struct Ended {
  ClaimId claim = {};
  ValidEnd at = {};
  Disposition disposition = Disposition::invalidated;
  friend bool operator==(const Ended&, const Ended&) = default;
};

// These statements never counted. Its line is judged anew without them.
struct TakenBack {
  std::optional<ClaimId> claim = {};  // the claim that all of them made up; absent where a source was taken back
  std::vector<Position> statements = {};
  TakenBackReason reason = TakenBackReason::retraction;
  friend bool operator==(const TakenBack&, const TakenBack&) = default;
};

// The claim holds again: the acts that had ended it, or taken its statements back, count no longer. With `at`: from
// then on. Its line is judged anew.
struct Reopened {
  ClaimId claim = {};
  std::optional<ValidEnd> at = {};
  std::vector<Position> statements = {};  // that stand again, from `at` on
  bool undoes = false;  // what took these from it is undone. Else its ends until now count no longer, from `at` on
  Disposition disposition = Disposition::reinstated;
  friend bool operator==(const Reopened&, const Reopened&) = default;
};

// A span taken from a claim's window, the reason, and the entry that took it.
struct Cut {
  Span span = {};
  CutReason reason = CutReason::end;
  std::optional<ClaimId> cause = {};  // the winner or the claim that states the end; absent: a verb
  Position seq = {};
  friend bool operator==(const Cut&, const Cut&) = default;
};

// A decision about a claim that replaces all earlier ones from here on.
struct Judged {
  ClaimId claim = {};
  bool begins = false;  // its line did not have this claim before
  Disposition disposition = Disposition::committed_cheap;
  Disposition otherwise = Disposition::committed_cheap;  // what it is when it does not wait for a verdict
  Rationale rationale = Rationale::judged_anew;
  Cardinality cardinality = Cardinality::unknown;  // the last one that was applied
  // The statement or act with which it began to count; absent where it does not.
  std::optional<Position> counts_from = {};
  std::vector<ClaimId> follows = {};
  std::vector<Cut> cuts = {};
  std::vector<Position> statements = {};  // that make it up; the first is the one that began it
  friend bool operator==(const Judged&, const Judged&) = default;
};

// A premise of this claim lost validity, so the claim needs a review.
struct ReviewMarked {
  ClaimId claim = {};
  ClaimId cause = {};  // the claim that lost validity
  friend bool operator==(const ReviewMarked&, const ReviewMarked&) = default;
};

struct ReviewSettled {
  ClaimId claim = {};
  ReviewVerdict verdict = ReviewVerdict::keep;
  friend bool operator==(const ReviewSettled&, const ReviewSettled&) = default;
};

// A verdict is asked for. It is about the rivals of the claim that began to count before this entry.
struct AdjudicationOpened {
  AdjudicationId handle = {};
  ClaimId claim = {};                     // the challenger
  std::optional<TxTime> expires_at = {};  // from this instant on nobody can judge it
  friend bool operator==(const AdjudicationOpened&, const AdjudicationOpened&) = default;
};

struct AdjudicationClosed {
  AdjudicationId handle = {};
  ClaimId claim = {};
  Closing closing = Closing::moot;
  std::optional<Disposition> disposition = {};  // absent where the claim keeps its own
  std::vector<Win> won = {};                    // where it was affirmed
  friend bool operator==(const AdjudicationClosed&, const AdjudicationClosed&) = default;
};

// These claims were handed to a model; the context they went to is the entry's content.
struct Served {
  std::vector<ClaimId> claims = {};
  friend bool operator==(const Served&, const Served&) = default;
};

// An attempt that is not open to this provenance, this caller or this claim.
struct Rejected {
  Verb verb = Verb::end;
  std::optional<ClaimId> claim = {};
  Provenance provenance = Provenance::user_asserted;
  Rationale rationale = Rationale::not_allowed;
  friend bool operator==(const Rejected&, const Rejected&) = default;
};

// The content of the named entry is gone; the chain still verifies.
struct Tombstone {
  Position erased = {};
  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

// The order is part of the stored format: append, never reorder.
using Entry = std::variant<ClaimRecorded, Corroborated, Echoed, RecallReEntryDetected, RecallBurst, Ended, TakenBack,
                           Reopened, Judged, ReviewMarked, ReviewSettled, AdjudicationOpened, AdjudicationClosed,
                           Served, Rejected, Tombstone>;

// "ClaimRecorded", "Corroborated" … the type's own name, in JSON and SQL.
std::string_view kind_text(const Entry& entry);
std::span<const std::string_view> entry_kinds();
// The claim an entry is about; absent for Served, Tombstone and a Rejected without one.
std::optional<ClaimId> claim_of(const Entry& entry);
// The disposition an entry carries for its claim; attempts carry none.
std::optional<Disposition> disposition_of(const Entry& entry);

// The header of a batch, hashed with its first entry.
struct BatchHeader {
  std::uint32_t format = 1;
  AgentId agent = {};
  BatchId id = {};
  TxTime recorded_at = {};
  ClockSource clock = ClockSource::engine;
  std::string actor = {};     // who called, as the host says; may be empty
  std::uint32_t entries = 0;  // how many follow
  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

// The hash before the first entry of an agent's ledger; what the head of an empty one says.
Digest genesis_hash(const AgentId& agent);

// The state of an entry's content.
enum class ContentState { none, present, erased };

// An entry as it stands in the ledger.
struct Record {
  Position seq = {};
  TxTime recorded_at = {};
  Entry entry = {};
  ContentState content_state = ContentState::none;
  Content content = {};  // empty unless present
};

}  // namespace claimledger
