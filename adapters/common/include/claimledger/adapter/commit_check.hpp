#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "claimledger/ports/store.hpp"

// Checks of commits, and the reasons for refusing one. Every store uses the same words.
namespace claimledger::adapter {

// Checks the rules that a commit can break by itself. Made for one commit, which has to outlive it.
// Threads: one.
class CommitCheck {
 public:
  explicit CommitCheck(const Commit& commit) : commit_(commit) {}

  // The rule that the commit breaks, and the entry; nothing if it may be appended after its head. Call it once.
  std::optional<std::string> breach();

  // The reason to refuse an entry that reuses a unique key of its ledger.
  static std::string reused_claim(const StoredEntry& entry);   // `begins` a claim that began before
  static std::string reused_key(const StoredEntry& entry);     // its idempotency key is an earlier entry's
  static std::string reused_handle(const StoredEntry& entry);  // an entry of its kind has this handle already

 private:
  std::optional<std::string> breach_of(const StoredEntry& entry);

  const Commit& commit_;
  std::set<ClaimId> claims_;
  std::set<Digest> keys_;
  std::set<std::pair<AdjudicationId, std::uint8_t>> handles_;
};

}  // namespace claimledger::adapter
