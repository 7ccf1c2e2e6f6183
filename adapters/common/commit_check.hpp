#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "claimledger/ports/store.hpp"

// What a store says of a commit that it refuses: the same words in every store.
namespace claimledger::common {

// The rules that a commit can break by itself, and that every store checks.
class CommitCheck {
 public:
  explicit CommitCheck(const Commit& commit) : commit_(commit) {}

  // Which rule the commit breaks and where; nothing if it may be appended after its head.
  std::optional<std::string> breach() {
    const auto& header = commit_.header;
    if (commit_.entries.empty()) return "a batch has at least one entry";
    if (header.entries != commit_.entries.size()) {
      return "the header counts " + std::to_string(header.entries) + " entries, there are " +
             std::to_string(commit_.entries.size());
    }
    if (commit_.after.position.value != 0 && header.recorded_at <= commit_.after.recorded_at) {
      return "recorded_at is not later than that of the batch before";
    }
    auto expected = commit_.after.position.value;
    for (const auto& entry : commit_.entries) {
      if (entry.seq.value != ++expected) {
        return "entry " + std::to_string(expected) + " is numbered " + std::to_string(entry.seq.value);
      }
      if (auto why = breach_of(entry)) return name(entry) + *why;
    }
    return {};
  }

  static std::string reused_claim(const StoredEntry& entry) {
    return name(entry) + "begins claim " + to_text(entry.claim->value) + " a second time";
  }
  static std::string reused_key(const StoredEntry& entry) {
    return name(entry) + "has an idempotency key that is already used";
  }
  static std::string reused_handle(const StoredEntry& entry) {
    return name(entry) + "is of a kind that question " + to_text(entry.handle->value) + " has already";
  }

 private:
  static std::string name(const StoredEntry& entry) { return "entry " + std::to_string(entry.seq.value) + " "; }

  std::optional<std::string> breach_of(const StoredEntry& entry) {
    if (entry.recorded_at != commit_.header.recorded_at) return "was not recorded with its batch";
    if (entry.content_state == ContentState::erased) return "was erased before it was written";
    if (entry.begins && (!entry.claim || !entry.line)) return "begins a claim without id or line";
    if (!entry.derived_from.empty() && !entry.claim) return "has parents but is about no claim";
    if (entry.begins && !claims_.insert(*entry.claim).second) return "begins a claim a second time";
    if (entry.idempotency_key && !keys_.insert(*entry.idempotency_key).second) return "repeats an idempotency key";
    if (entry.handle && !handles_.emplace(*entry.handle, entry.kind).second) return "repeats a handle";
    if (entry.erases && *entry.erases >= entry.seq) return "erases no earlier entry";
    return {};
  }

  const Commit& commit_;
  std::set<ClaimId> claims_;
  std::set<Digest> keys_;
  std::set<std::pair<AdjudicationId, std::uint8_t>> handles_;
};

}  // namespace claimledger::common
