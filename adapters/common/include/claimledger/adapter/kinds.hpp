#pragma once

#include <cstdint>

#include "claimledger/domain/entry_number.hpp"

// What a store may have to know by name of entries whose meaning it otherwise never looks at. The numbers are those of
// StoredEntry::kind and StoredEntry::disposition; they are part of the stored format and never change.
namespace claimledger::adapter {

// What most entries are. An index by kind, or by disposition, may leave these out: a page of them is as quickly found
// in the ledger itself.
inline constexpr std::uint8_t usual_kind = kind_number<ClaimRecorded>;
inline constexpr std::uint8_t usual_disposition = disposition_number(Disposition::committed_cheap);

// A question is open between these two entries, which carry its handle: for a store with its own
// Store::open_adjudications().
inline constexpr std::uint8_t question_opened = kind_number<AdjudicationOpened>;
inline constexpr std::uint8_t question_closed = kind_number<AdjudicationClosed>;

static_assert(usual_kind == 16 && usual_disposition == 0, "migrations and queries name them by number");

}  // namespace claimledger::adapter
