#include "claimledger/domain/entry.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>

#include "claimledger/domain/digest.hpp"
#include "claimledger/domain/entry_number.hpp"

namespace claimledger {
namespace {

// In the order of the variant.
constexpr std::array<std::string_view, 16> kinds = {
    "ClaimRecorded",
    "Corroborated",
    "Echoed",
    "RecallReEntryDetected",
    "RecallBurst",
    "Ended",
    "TakenBack",
    "Reopened",
    "Judged",
    "ReviewMarked",
    "ReviewSettled",
    "AdjudicationOpened",
    "AdjudicationClosed",
    "Served",
    "Rejected",
    "Tombstone",
};
static_assert(kinds.size() == std::variant_size_v<Entry>);

template <class Kind>
constexpr bool carries_disposition =
    std::is_same_v<Kind, ClaimRecorded> || std::is_same_v<Kind, Ended> || std::is_same_v<Kind, Reopened> ||
    std::is_same_v<Kind, Judged> || std::is_same_v<Kind, AdjudicationClosed>;

}  // namespace

std::string_view kind_text(const Entry& entry) { return kinds.at(entry.index()); }

std::span<const std::string_view> entry_kinds() { return kinds; }

std::optional<ClaimId> claim_of(const Entry& entry) {
  return std::visit(
      []<class Kind>(const Kind& it) -> std::optional<ClaimId> {
        if constexpr (std::is_same_v<Kind, ClaimRecorded>) {
          return it.claim.id;
        } else if constexpr (std::is_same_v<Kind, Corroborated>) {
          return it.stated.id;
        } else if constexpr (std::is_same_v<Kind, Served> || std::is_same_v<Kind, Tombstone>) {
          return std::nullopt;
        } else {
          return it.claim;
        }
      },
      entry);
}

std::optional<Disposition> disposition_of(const Entry& entry) {
  return std::visit(
      []<class Kind>(const Kind& it) -> std::optional<Disposition> {
        if constexpr (carries_disposition<Kind>) {
          return it.disposition;
        } else {
          return std::nullopt;
        }
      },
      entry);
}

std::uint8_t kind_number_of(const Entry& entry) { return static_cast<std::uint8_t>(first_kind + entry.index()); }

std::optional<std::uint8_t> parse_kind(std::string_view text) {
  const auto found = std::find(kinds.begin(), kinds.end(), text);
  if (found == kinds.end()) return std::nullopt;
  return static_cast<std::uint8_t>(first_kind + (found - kinds.begin()));
}

std::string_view kind_text(std::uint8_t kind) {
  const bool known = kind >= first_kind && kind < first_kind + kinds.size();
  return known ? kinds.at(kind - first_kind) : std::string_view();
}

std::optional<std::uint8_t> disposition_number_of(const Entry& entry) {
  const auto disposition = disposition_of(entry);
  return disposition ? std::optional(disposition_number(*disposition)) : std::nullopt;
}

Digest genesis_hash(const AgentId& agent) { return sha256({"claimledger/1 ledger\n", agent.value}); }

}  // namespace claimledger
