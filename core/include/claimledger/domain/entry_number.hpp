#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "claimledger/domain/entry.hpp"

// Kinds and dispositions as the small numbers that stand in a body (core/FORMAT.md) and in the rows of a store.
//
// Threads:  any function from any thread.
// Failure:  none; an unknown number or text gives nothing.
namespace claimledger {

// The number of the first kind; the others follow in the order of the variant.
inline constexpr std::uint8_t first_kind = 16;

namespace detail {
template <class Kind, std::size_t... places>
constexpr std::uint8_t place_of(std::index_sequence<places...>) {
  std::size_t found = 0;
  ((std::is_same_v<Kind, std::variant_alternative_t<places, Entry>> ? (found = places, 0) : 0), ...);
  return static_cast<std::uint8_t>(first_kind + found);
}
}  // namespace detail

// kind_number<ClaimRecorded> is 16.
template <class Kind>
inline constexpr std::uint8_t kind_number =
    detail::place_of<Kind>(std::make_index_sequence<std::variant_size_v<Entry>>{});

// The number of an entry's kind.
std::uint8_t kind_number_of(const Entry& entry);
// The number of the kind that has this name, such as "ClaimRecorded".
std::optional<std::uint8_t> parse_kind(std::string_view text);
// The name of a kind; empty for an unknown number.
std::string_view kind_text(std::uint8_t kind);

// The number of a disposition, counted from 0 in the order of the enumeration.
constexpr std::uint8_t disposition_number(Disposition disposition) { return static_cast<std::uint8_t>(disposition); }
// The number of the disposition that an entry carries for its claim.
std::optional<std::uint8_t> disposition_number_of(const Entry& entry);

}  // namespace claimledger
