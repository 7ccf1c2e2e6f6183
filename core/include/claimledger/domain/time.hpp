#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace claimledger {

// Microseconds of UTC since 1970, without leap seconds. Years 0001 to 9999.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr Instant earliest_instant =
    std::chrono::sys_days{std::chrono::year{1} / 1 / 1};  // 0001-01-01T00:00:00Z
inline constexpr Instant latest_instant =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + std::chrono::days{1} - std::chrono::microseconds{1};

// When the ledger learned something. Belongs to a batch; stamped by the engine, never by a caller.
struct TxTime {
  Instant value{};
  friend std::strong_ordering operator<=>(const TxTime& a, const TxTime& b) { return a.value <=> b.value; }
  friend bool operator==(const TxTime&, const TxTime&) = default;
};

// When something holds in the world. Does not compare with TxTime, on purpose.
struct ValidTime {
  Instant value{};
  friend std::strong_ordering operator<=>(const ValidTime& a, const ValidTime& b) { return a.value <=> b.value; }
  friend bool operator==(const ValidTime&, const ValidTime&) = default;

  // Before and after every instant a caller can name: an absent start and an absent end.
  static constexpr ValidTime beginning() { return {Instant::min()}; }
  static constexpr ValidTime forever() { return {Instant::max()}; }
};

// The only place where the two axes meet: a statement speaks about the time it was made.
constexpr ValidTime as_valid(TxTime time) { return {time.value}; }

// How exactly an end was given; for display only.
enum class Granularity { year, month, day, instant };

// One end of a window, as stated.
struct ValidEnd {
  ValidTime at;
  Granularity granularity = Granularity::instant;
  friend bool operator==(const ValidEnd&, const ValidEnd&) = default;
};

// The half-open window [from, until) in which a claim says that it holds. An absent end is not known; whether it is
// unknown or open is the claim's to say (see Claim::trusted).
struct ValidWindow {
  std::optional<ValidEnd> from;
  std::optional<ValidEnd> until;
  friend bool operator==(const ValidWindow&, const ValidWindow&) = default;
};

// A half-open stretch [from, until) of valid time; beginning() and forever() stand for no start and no end. Each end
// keeps how exactly it was stated; that is for display, and two spans are equal where they hold the same instants.
struct Span {
  ValidTime from = ValidTime::beginning();
  ValidTime until = ValidTime::forever();
  Granularity from_as = Granularity::instant;
  Granularity until_as = Granularity::instant;

  bool contains(ValidTime instant) const { return from <= instant && instant < until; }
  friend bool operator==(const Span& a, const Span& b) { return a.from == b.from && a.until == b.until; }
};

// Reads `2026`, `2026-06`, `2026-06-01` (their first instant, UTC) or RFC 3339 with an offset
// ("2026-06-01T08:00:00+02:00"; `T` and `Z` in either case, as RFC 3339 has them). Granularity follows from the form.
// Failure: InvalidInput{field}: not a calendar date, year outside 0001..9999 (after the offset is applied too), more
// digits than microseconds (even zeros), leap second 60, anything else that is not one of the four forms.
ValidEnd parse_valid_time(std::string_view text, std::string_view field);

// The window that one date covers: `2020` is [2020-01-01, 2021-01-01), `2020-03` is [2020-03-01, 2020-04-01), a day is
// that day; an instant is refused: InvalidInput. The ends keep the granularity of the text. 9999's end lies outside the
// calendar and is refused too.
ValidWindow parse_during(std::string_view text, std::string_view field);

// Transaction time is read from the same four forms.
TxTime parse_tx_time(std::string_view text, std::string_view field);

// RFC 3339 in UTC with `Z`; a fraction is printed only where there is one, then with six digits.
std::string to_text(TxTime time);
std::string to_text(ValidTime time);
// As stated, never padded: "2020-03" stays "2020-03".
std::string to_text(const ValidEnd& end);
// The ends of a span as they were stated; not for beginning() and forever().
inline ValidEnd start_of(const Span& span) { return {span.from, span.from_as}; }
inline ValidEnd end_of(const Span& span) { return {span.until, span.until_as}; }

std::string_view text(Granularity granularity);

}  // namespace claimledger
