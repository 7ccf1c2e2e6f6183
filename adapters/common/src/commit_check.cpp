#include "claimledger/adapter/commit_check.hpp"

#include <algorithm>
#include <vector>

#include "claimledger/domain/entry_number.hpp"

namespace claimledger::adapter {

namespace {

std::string name(const StoredEntry& entry) { return "entry " + std::to_string(entry.seq.value) + " "; }

bool has_twice(const std::vector<ClaimId>& list) {
  if (list.size() < 2) return false;
  auto claims = list;
  std::sort(claims.begin(), claims.end());
  return std::adjacent_find(claims.begin(), claims.end()) != claims.end();
}

}  // namespace

std::optional<std::string> CommitCheck::breach() {
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

std::string CommitCheck::reused_claim(const StoredEntry& entry) {
  return name(entry) + "begins claim " + to_text(entry.claim->value) + " a second time";
}

std::string CommitCheck::reused_key(const StoredEntry& entry) {
  return name(entry) + "has an idempotency key that is already used";
}

std::string CommitCheck::reused_handle(const StoredEntry& entry) {
  return name(entry) + "is of a kind that question " + to_text(entry.handle->value) + " has already";
}

std::optional<std::string> CommitCheck::breach_of(const StoredEntry& entry) {
  if (entry.recorded_at != commit_.header.recorded_at) return "was not recorded with its batch";
  if (entry.content_state == ContentState::erased) return "was erased before it was written";
  if (entry.begins && (!entry.claim || !entry.line)) return "begins a claim without id or line";
  if (!entry.derived_from.empty() && !entry.claim) return "has parents but is about no claim";
  if (entry.begins && !claims_.insert(*entry.claim).second) return "begins a claim a second time";
  if (entry.idempotency_key && !keys_.insert(*entry.idempotency_key).second) return "repeats an idempotency key";
  if (entry.handle && !handles_.emplace(*entry.handle, entry.kind).second) return "repeats a handle";
  if (entry.erases && (entry.erases->value == 0 || *entry.erases >= entry.seq)) return "erases no earlier entry";
  if (entry.erases && entry.kind != kind_number<Tombstone>) return "erases content, but is no tombstone";
  if (has_twice(entry.derived_from)) return "names a parent twice";
  if (has_twice(entry.served)) return "names a served claim twice";
  return {};
}

}  // namespace claimledger::adapter
