#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "claimledger/domain/claim.hpp"

// Everything that can be appended to a ledger. Entries hold ids, numbers and times; words are in their Content.
namespace claimledger {

// A claim was stored.
struct ClaimRecorded {
  Claim claim = {};
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::first;
  std::vector<ClaimId> contested_with = {};
  bool end_not_applied = false;  // it states an end of what another source left open
  friend bool operator==(const ClaimRecorded&, const ClaimRecorded&) = default;
};

// A first-hand claim was said again. The speaker is the entry's content.
struct Corroborated {
  ClaimId claim = {};
  Provenance provenance = Provenance::user_asserted;
  ValidWindow window = {};
  Confidence valid_time_confidence = {};
  Confidence value_confidence = {};
  bool independent = false;                             // by another source or kind than the claim's
  Disposition answered = Disposition::committed_cheap;  // what the receipt said; carries nothing for the claim
  Rationale rationale = Rationale::restates;
  std::vector<ClaimId> contested_with = {};
  bool end_not_applied = false;
  friend bool operator==(const Corroborated&, const Corroborated&) = default;
};

// Something derived says what already holds. Counts for nothing.
struct Echoed {
  ClaimId claim = {};
  Disposition answered = Disposition::committed_cheap;
  friend bool operator==(const Echoed&, const Echoed&) = default;
};

// Content that this ledger itself had served came back.
struct RecallReEntryDetected {
  ClaimId claim = {};
  Provenance provenance = Provenance::recall_reentry;
  Disposition answered = Disposition::committed_cheap;
  friend bool operator==(const RecallReEntryDetected&, const RecallReEntryDetected&) = default;
};

// … so often that nothing more is recorded until the window has passed.
struct RecallBurst {
  ClaimId claim = {};
  Provenance provenance = Provenance::recall_reentry;
  friend bool operator==(const RecallBurst&, const RecallBurst&) = default;
};

// Takes [from, until) from a claim's validity. Bound: until is forever. Never: everything.
struct Cut {
  ClaimId claim = {};
  CutKind kind = CutKind::bound;
  ValidTime from = ValidTime::beginning();
  ValidTime until = ValidTime::forever();
  CutReason reason = CutReason::end;
  std::optional<ClaimId> cause = {};            // the claim on whose account; absent: the caller's own word
  std::optional<Disposition> disposition = {};  // absent: the claim keeps its own
  friend bool operator==(const Cut&, const Cut&) = default;
};

// Puts one cut out of force.
struct Lifted {
  ClaimId claim = {};
  Position cut = {};
  std::optional<Disposition> disposition = {};
  friend bool operator==(const Lifted&, const Lifted&) = default;
};

// Leaves of every cut in force on the claim only what lies before `at`; without `at` nothing.
struct Reopened {
  ClaimId claim = {};
  std::optional<ValidEnd> at = {};
  Disposition disposition = Disposition::reinstated;
  friend bool operator==(const Reopened&, const Reopened&) = default;
};

// A claim's disposition changed, its validity did not.
struct Settled {
  ClaimId claim = {};
  Disposition disposition = Disposition::committed_cheap;
  Rationale rationale = Rationale::uncontested;
  std::vector<ClaimId> contested_with = {};
  friend bool operator==(const Settled&, const Settled&) = default;
};

// A premise of this claim lost validity: somebody should look again.
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

struct AdjudicationOpened {
  AdjudicationId handle = {};
  ClaimId claim = {};  // the challenger
  std::vector<ClaimId> rivals = {};
  std::optional<TxTime> expires_at = {};  // from this instant on nobody can judge it
  friend bool operator==(const AdjudicationOpened&, const AdjudicationOpened&) = default;
};

struct AdjudicationClosed {
  AdjudicationId handle = {};
  ClaimId claim = {};
  Closing closing = Closing::moot;
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
using Entry = std::variant<ClaimRecorded, Corroborated, Echoed, RecallReEntryDetected, RecallBurst, Cut, Lifted,
                           Reopened, Settled, ReviewMarked, ReviewSettled, AdjudicationOpened, AdjudicationClosed,
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
