#pragma once

#include <cstdint>

#include "claimledger/domain/entry_number.hpp"

// Names for the few kinds and dispositions that a store may treat specially. The numbers are those of StoredEntry::kind
// and StoredEntry::disposition; they are part of the stored format and never change.
namespace claimledger::adapter {

// The kind and the disposition of most entries. An index may leave them out: a page of them is found as quickly in the
// ledger itself.
inline constexpr std::uint8_t usual_kind = kind_number<ClaimRecorded>;
inline constexpr std::uint8_t usual_disposition = disposition_number(Disposition::committed_cheap);

// A question is open from the first to the second of these entries, which have its handle. For a store that overrides
// Store::open_adjudications().
inline constexpr std::uint8_t question_opened = kind_number<AdjudicationOpened>;
inline constexpr std::uint8_t question_closed = kind_number<AdjudicationClosed>;

static_assert(usual_kind == 16 && usual_disposition == 0, "migrations and queries name them by number");

}  // namespace claimledger::adapter
