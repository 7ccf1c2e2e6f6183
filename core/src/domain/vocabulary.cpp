#include "claimledger/domain/vocabulary.hpp"

#include <array>
#include <cstddef>

#include "claimledger/domain/time.hpp"
#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

// Every enumerator's spelling, in the order of the enumeration. Never changed once released.
template <std::size_t count>
using Table = std::array<std::string_view, count>;

constexpr Table<3> cardinalities = {"Functional", "SetValued", "Unknown"};
constexpr Table<4> provenances = {"UserAsserted", "ExternalFirstHand", "RecallReEntry", "ModelDerived"};
constexpr Table<4> criticalities = {"Low", "Medium", "High", "Critical"};
constexpr Table<12> dispositions = {"CommittedCheap",
                                    "CommittedInferred",
                                    "QueuedForAdjudication",
                                    "Contested",
                                    "PendingConflict",
                                    "PendingReview",
                                    "PendingLowConfidence",
                                    "Quarantined",
                                    "Superseded",
                                    "Invalidated",
                                    "Reinstated",
                                    "Rejected"};
constexpr Table<35> rationales = {"first",
                                  "succession",
                                  "set_member",
                                  "extends",
                                  "ends",
                                  "restates",
                                  "confirms",
                                  "rivals",
                                  "newest_wins",
                                  "inferred",
                                  "contradicts",
                                  "too_deep",
                                  "below_floor",
                                  "incoherent_window",
                                  "future_start",
                                  "echo",
                                  "recall_reentry",
                                  "recall_burst",
                                  "not_allowed",
                                  "not_applicable",
                                  "promoted",
                                  "uncontested",
                                  "affirmed",
                                  "denied",
                                  "unsettled",
                                  "expired",
                                  "ended",
                                  "retracted",
                                  "reopened",
                                  "reviewed",
                                  "no_longer_contradicted",
                                  "corrected",
                                  "judged_anew",
                                  "holds_now",
                                  "said_by_others"};
constexpr Table<5> cut_reasons = {"stated_end", "verdict", "policy", "end", "taken_back"};
constexpr Table<3> taken_back_reasons = {"retraction", "correction", "denial"};
constexpr Table<2> not_applied = {"end", "cardinality"};
constexpr Table<3> verdicts = {"Affirm", "Deny", "Unknown"};
constexpr Table<5> closings = {"Affirmed", "Denied", "Unknown", "Expired", "Moot"};
constexpr Table<4> ways_of_search = {"words", "meaning", "blend", "ranks"};
constexpr Table<2> review_verdicts = {"keep", "retract"};
constexpr Table<7> verbs = {"state", "end", "retract", "reopen", "review", "adjudicate", "correct"};
constexpr Table<2> overturn_policies = {"contested_first", "newest_first_hand_wins"};
constexpr Table<2> clock_sources = {"engine", "replay"};
constexpr Table<4> belief_statuses = {"NoBelief", "Resolved", "TimingUncertain", "Contested"};
constexpr Table<3> currencies = {"Fresh", "AgingUnconfirmed", "Decayed"};
constexpr Table<6> markers = {"Contested",     "PendingConflict",     "PendingReview",
                              "RecallTainted", "LowDerivationAnchor", "Dissent"};
constexpr Table<6> write_statuses = {"done", "conflict", "not_found", "nothing_to_do", "ambiguous", "dry_run"};
constexpr Table<3> copy_statuses = {"done", "diverged", "conflict"};
constexpr Table<2> directions = {"ancestors", "descendants"};
constexpr Table<2> orders = {"ascending", "descending"};
constexpr Table<4> granularities = {"year", "month", "day", "instant"};
constexpr Table<11> failure_kinds = {"busy",         "conflict", "unreachable", "in_doubt",  "exhausted",  "corrupt",
                                     "incompatible", "refused",  "timeout",     "cancelled", "unsupported"};

// Which table belongs to which enumeration; the last enumerator must be the table's last row.
template <class Enum>
constexpr std::nullptr_t table = nullptr;

template <class Enum, Enum last, std::size_t count>
constexpr std::span<const std::string_view> whole(const Table<count>& rows) {
  static_assert(count == static_cast<std::size_t>(last) + 1);
  return rows;
}

template <>
constexpr auto table<Cardinality> = whole<Cardinality, Cardinality::unknown>(cardinalities);
template <>
constexpr auto table<Provenance> = whole<Provenance, Provenance::model_derived>(provenances);
template <>
constexpr auto table<Criticality> = whole<Criticality, Criticality::critical>(criticalities);
template <>
constexpr auto table<Disposition> = whole<Disposition, Disposition::rejected>(dispositions);
template <>
constexpr auto table<Rationale> = whole<Rationale, Rationale::said_by_others>(rationales);
template <>
constexpr auto table<CutReason> = whole<CutReason, CutReason::taken_back>(cut_reasons);
template <>
constexpr auto table<TakenBackReason> = whole<TakenBackReason, TakenBackReason::denial>(taken_back_reasons);
template <>
constexpr auto table<NotApplied> = whole<NotApplied, NotApplied::cardinality>(not_applied);
template <>
constexpr auto table<Verdict> = whole<Verdict, Verdict::unknown>(verdicts);
template <>
constexpr auto table<Closing> = whole<Closing, Closing::moot>(closings);
template <>
constexpr auto table<SearchBy> = whole<SearchBy, SearchBy::ranks>(ways_of_search);
template <>
constexpr auto table<ReviewVerdict> = whole<ReviewVerdict, ReviewVerdict::retract>(review_verdicts);
template <>
constexpr auto table<Verb> = whole<Verb, Verb::correct>(verbs);
template <>
constexpr auto table<OverturnPolicy> = whole<OverturnPolicy, OverturnPolicy::newest_first_hand_wins>(overturn_policies);
template <>
constexpr auto table<ClockSource> = whole<ClockSource, ClockSource::replay>(clock_sources);
template <>
constexpr auto table<BeliefStatus> = whole<BeliefStatus, BeliefStatus::contested>(belief_statuses);
template <>
constexpr auto table<Currency> = whole<Currency, Currency::decayed>(currencies);
template <>
constexpr auto table<Marker> = whole<Marker, Marker::dissent>(markers);
template <>
constexpr auto table<WriteStatus> = whole<WriteStatus, WriteStatus::dry_run>(write_statuses);
template <>
constexpr auto table<CopyStatus> = whole<CopyStatus, CopyStatus::conflict>(copy_statuses);
template <>
constexpr auto table<Direction> = whole<Direction, Direction::descendants>(directions);
template <>
constexpr auto table<Order> = whole<Order, Order::descending>(orders);
template <>
constexpr auto table<Granularity> = whole<Granularity, Granularity::instant>(granularities);
template <>
constexpr auto table<FailureKind> = whole<FailureKind, FailureKind::unsupported>(failure_kinds);

template <class Enum>
std::string_view spelling(Enum value) {
  return table<Enum>[static_cast<std::size_t>(value)];
}

}  // namespace

template <class Enum>
std::span<const std::string_view> spellings() {
  return table<Enum>;
}

template <class Enum>
std::optional<Enum> parse(std::string_view text) {
  const auto rows = table<Enum>;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row] == text) return static_cast<Enum>(row);
  }
  return std::nullopt;
}

std::string_view text(Cardinality value) { return spelling(value); }
template std::optional<Cardinality> parse(std::string_view);
template std::span<const std::string_view> spellings<Cardinality>();

std::string_view text(Provenance value) { return spelling(value); }
template std::optional<Provenance> parse(std::string_view);
template std::span<const std::string_view> spellings<Provenance>();

std::string_view text(Criticality value) { return spelling(value); }
template std::optional<Criticality> parse(std::string_view);
template std::span<const std::string_view> spellings<Criticality>();

std::string_view text(Disposition value) { return spelling(value); }
template std::optional<Disposition> parse(std::string_view);
template std::span<const std::string_view> spellings<Disposition>();

std::string_view text(Rationale value) { return spelling(value); }
template std::optional<Rationale> parse(std::string_view);
template std::span<const std::string_view> spellings<Rationale>();

std::string_view text(CutReason value) { return spelling(value); }
template std::optional<CutReason> parse(std::string_view);
template std::span<const std::string_view> spellings<CutReason>();

std::string_view text(TakenBackReason value) { return spelling(value); }
template std::optional<TakenBackReason> parse(std::string_view);
template std::span<const std::string_view> spellings<TakenBackReason>();

std::string_view text(NotApplied value) { return spelling(value); }
template std::optional<NotApplied> parse(std::string_view);
template std::span<const std::string_view> spellings<NotApplied>();

std::string_view text(Verdict value) { return spelling(value); }
template std::optional<Verdict> parse(std::string_view);
template std::span<const std::string_view> spellings<Verdict>();

std::string_view text(Closing value) { return spelling(value); }
template std::optional<Closing> parse(std::string_view);
template std::span<const std::string_view> spellings<Closing>();

std::string_view text(SearchBy value) { return spelling(value); }
template std::optional<SearchBy> parse(std::string_view);
template std::span<const std::string_view> spellings<SearchBy>();
std::string_view text(ReviewVerdict value) { return spelling(value); }
template std::optional<ReviewVerdict> parse(std::string_view);
template std::span<const std::string_view> spellings<ReviewVerdict>();

std::string_view text(Verb value) { return spelling(value); }
template std::optional<Verb> parse(std::string_view);
template std::span<const std::string_view> spellings<Verb>();

std::string_view text(OverturnPolicy value) { return spelling(value); }
template std::optional<OverturnPolicy> parse(std::string_view);
template std::span<const std::string_view> spellings<OverturnPolicy>();

std::string_view text(ClockSource value) { return spelling(value); }
template std::optional<ClockSource> parse(std::string_view);
template std::span<const std::string_view> spellings<ClockSource>();

std::string_view text(BeliefStatus value) { return spelling(value); }
template std::optional<BeliefStatus> parse(std::string_view);
template std::span<const std::string_view> spellings<BeliefStatus>();

std::string_view text(Currency value) { return spelling(value); }
template std::optional<Currency> parse(std::string_view);
template std::span<const std::string_view> spellings<Currency>();

std::string_view text(Marker value) { return spelling(value); }
template std::optional<Marker> parse(std::string_view);
template std::span<const std::string_view> spellings<Marker>();

std::string_view text(WriteStatus value) { return spelling(value); }
template std::optional<WriteStatus> parse(std::string_view);
template std::span<const std::string_view> spellings<WriteStatus>();

std::string_view text(CopyStatus value) { return spelling(value); }
template std::optional<CopyStatus> parse(std::string_view);
template std::span<const std::string_view> spellings<CopyStatus>();

std::string_view text(Direction value) { return spelling(value); }
template std::optional<Direction> parse(std::string_view);
template std::span<const std::string_view> spellings<Direction>();

std::string_view text(Order value) { return spelling(value); }
template std::optional<Order> parse(std::string_view);
template std::span<const std::string_view> spellings<Order>();

std::string_view text(Granularity value) { return spelling(value); }
template std::optional<Granularity> parse(std::string_view);
template std::span<const std::string_view> spellings<Granularity>();

std::string_view text(FailureKind value) { return spelling(value); }
template std::optional<FailureKind> parse(std::string_view);
template std::span<const std::string_view> spellings<FailureKind>();

std::optional<Provenance> parse_provenance(std::string_view text) {
  constexpr std::string_view external = "External";
  if (!text.starts_with("External/") && !text.starts_with("External:")) return parse<Provenance>(text);
  const auto kind = parse<Provenance>(text.substr(external.size() + 1));
  return kind && is_first_hand(*kind) ? kind : std::nullopt;
}

}  // namespace claimledger
