#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "claimledger/ports/store.hpp"

// The rules of a ledger that a commit can break, the same in every store and in the same words.
namespace claimledger::common {

// Kinds of entries that a store has to tell apart to keep its keys.
inline constexpr std::string_view claim_recorded = "ClaimRecorded";
inline constexpr std::string_view adjudication_opened = "AdjudicationOpened";
inline constexpr std::string_view adjudication_closed = "AdjudicationClosed";

// What a store knows of one agent's ledger before a commit lands. Asked only for what the commit names.
class LedgerFacts {
 public:
  virtual ~LedgerFacts() = default;
  virtual bool has_claim(const ClaimId& claim) const = 0;
  virtual bool has_key(const Digest& key) const = 0;
  // Whether this handle has an AdjudicationOpened, or an AdjudicationClosed, entry.
  virtual bool has_question(const AdjudicationId& handle, std::string_view kind) const = 0;
  // Whether the entry at this position has content that is not erased.
  virtual bool has_content(Position entry) const = 0;
};

// Looks a commit through against a ledger whose head it follows.
class CommitChecks {
 public:
  CommitChecks(const Commit& commit, const LedgerFacts& ledger) : commit_(commit), ledger_(ledger) {}

  // Which rule it breaks and where; nothing if it may land.
  std::optional<std::string> breach() {
    if (auto why = header_breach()) return why;
    auto expected = commit_.after.position.value;
    for (const auto& entry : commit_.entries) {
      const auto here = "entry " + std::to_string(++expected);
      if (entry.seq.value != expected) return here + " is numbered " + std::to_string(entry.seq.value);
      if (auto why = entry_breach(entry)) return here + " " + *why;
    }
    return {};
  }

 private:
  using Breach = std::optional<std::string>;

  Breach header_breach() const {
    const auto& header = commit_.header;
    if (commit_.entries.empty()) return "a batch has at least one entry";
    if (header.entries != commit_.entries.size()) {
      return "the header counts " + std::to_string(header.entries) + " entries, there are " +
             std::to_string(commit_.entries.size());
    }
    if (commit_.after.position.value != 0 && header.recorded_at <= commit_.after.recorded_at) {
      return "recorded_at is not later than that of the batch before";
    }
    return {};
  }

  Breach entry_breach(const StoredEntry& entry) {
    if (entry.recorded_at != commit_.header.recorded_at) return "was not recorded with its batch";
    const auto kinds = entry_kinds();
    if (std::find(kinds.begin(), kinds.end(), entry.kind) == kinds.end())
      return "is of no known kind: '" + entry.kind + "'";
    if (!entry.disposition.empty() && !parse<Disposition>(entry.disposition)) {
      return "carries no known disposition: '" + entry.disposition + "'";
    }
    if (entry.content_state == ContentState::erased) return "was erased before it was written";
    for (const auto* claims : {&entry.derived_from, &entry.served}) {
      for (const auto& claim : *claims) {
        if (auto why = unknown(claim)) return why;
      }
    }
    if (auto why = claim_breach(entry)) return why;
    if (auto why = question_breach(entry)) return why;
    if (entry.idempotency_key &&
        (ledger_.has_key(*entry.idempotency_key) || !keys_.insert(*entry.idempotency_key).second)) {
      return "has an idempotency key that is already used";
    }
    if (entry.erases && !erasable(*entry.erases)) {
      return "erases entry " + std::to_string(entry.erases->value) + ", which has no content";
    }
    if (entry.content_state == ContentState::present) with_content_.insert(entry.seq);
    return {};
  }

  Breach claim_breach(const StoredEntry& entry) {
    if (entry.kind != claim_recorded) {
      if (!entry.derived_from.empty()) return "has parents but records no claim";
      return entry.claim ? unknown(*entry.claim) : Breach{};
    }
    if (!entry.claim || !entry.line) return "records a claim without id or line";
    if (ledger_.has_claim(*entry.claim) || !claims_.insert(*entry.claim).second) {
      return "records claim " + to_text(entry.claim->value) + " a second time";
    }
    return {};
  }

  Breach unknown(const ClaimId& claim) const {
    if (claims_.contains(claim) || ledger_.has_claim(claim)) return {};
    return "names claim " + to_text(claim.value) + ", which this ledger does not have";
  }

  Breach question_breach(const StoredEntry& entry) {
    const bool opens = entry.kind == adjudication_opened;
    if (!opens && entry.kind != adjudication_closed) return {};
    if (!entry.handle) return "is about a question without a handle";
    const auto name = to_text(entry.handle->value);
    if (opens) {
      if (has(opened_, *entry.handle, adjudication_opened)) return "opens question " + name + " a second time";
      opened_.insert(*entry.handle);
      return {};
    }
    if (!has(opened_, *entry.handle, adjudication_opened))
      return "closes question " + name + ", which was never opened";
    if (has(closed_, *entry.handle, adjudication_closed)) return "closes question " + name + " a second time";
    closed_.insert(*entry.handle);
    return {};
  }

  bool has(const std::set<AdjudicationId>& here, const AdjudicationId& handle, std::string_view kind) const {
    return here.contains(handle) || ledger_.has_question(handle, kind);
  }

  bool erasable(Position entry) {
    if (!erased_.insert(entry).second) return false;
    return entry <= commit_.after.position ? ledger_.has_content(entry) : with_content_.contains(entry);
  }

  const Commit& commit_;
  const LedgerFacts& ledger_;
  // What this commit brings.
  std::set<ClaimId> claims_;
  std::set<Digest> keys_;
  std::set<AdjudicationId> opened_;
  std::set<AdjudicationId> closed_;
  std::set<Position> with_content_;
  std::set<Position> erased_;
};

}  // namespace claimledger::common
