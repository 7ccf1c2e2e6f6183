#pragma once

#include "claimledger/domain/statement.hpp"
#include "claimledger/limits.hpp"
#include "wiring/shapes/shape.hpp"

// Shapes that answers and requests have in common.
namespace claimledger::wiring {

inline constexpr auto clock_behind =
    "Microseconds by which the clock lies behind the last entry; null: by no more than is tolerated";
inline constexpr Bounds text_bounds{.longest = limits::text_bytes, .shortest = 1};

template <A<LineKey> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Line", "A line: the claims of one agent with the same subject and predicate");
  visit.required("subject", it.subject, "What it is about", text_bounds);
  visit.required("predicate", it.predicate, "What is said of it", text_bounds);
}

template <A<ValidWindow> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Window", "When a claim says that it holds");
  visit("valid_from", it.from,
        "It holds from then on: RFC 3339, or a date, 2026, 2026-06 or 2026-06-01: its first instant in UTC");
  visit("valid_until", it.until, "It holds no longer from then on: likewise");
  visit.template instead<StatedDuring>(
      "valid_during", {"valid_from", "valid_until"},
      [&](const StatedDuring& during) {
        if constexpr (!std::is_const_v<Self>) it = during.window;
      },
      "It holds for this year, month or day");
}

template <A<Receipt> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Receipt", "What became of one statement, or of one claim that a write touched");
  visit("claim_id", it.claim, "The new claim, or the one that was restated or judged");
  visit("disposition", it.disposition, "What the claim is now; Rejected is only ever a receipt's");
  visit("rationale", it.rationale, "Why it came out so");
  visit("contested_with", it.contested_with, "Its rivals, oldest first; the first hundred",
        Bounds{.longest = limits::rivals_shown});
  visit("rivals", it.rivals, "How many rivals there are");
  visit("corroborated", it.corroborated, "It was said before, by another source or another kind of source");
  visit("replayed", it.replayed, "Its idempotency key was used for the same before; nothing was written");
  visit("not_applied", it.not_applied, "What the statement says that could not be applied");
  visit("handle", it.handle, "The open question about it");
  visit("also_said_by", it.also_said_by,
        "Where a source is taken back: the others that said the same, sorted; the first hundred",
        Bounds{.longest = limits::rivals_shown});
  visit("others", it.others, "How many others; those without a name are one. Where there are none the claim falls");
  const bool written = it.position != Position{};
  visit.derived("position", written ? std::optional<Position>(it.position) : std::nullopt,
                "The end of the batch that holds it; null where nothing was written");
  visit.derived("recorded_at", written ? std::optional<TxTime>(it.recorded_at) : std::nullopt,
                "When the ledger recorded it; null where nothing was written");
  visit("reason", it.reason, "The same for people");
}

template <A<ReconcileReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReconcileReport", "The outcome of reconcile on one line");
  describe(it.line, visit);
  visit("returned", it.returned, "Inferred claims that nothing contradicts any more");
  visit("opened", it.opened, "Questions that were opened");
  visit("contested", it.contested, "How many claims still wait for a verdict or a person");
}

}  // namespace claimledger::wiring
