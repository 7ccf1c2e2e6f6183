#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/store.hpp"

// Batches shaped as an engine shapes them. The bodies mean nothing: a store must not look into them.
namespace claimledger::conformance {

// Ids that count up from a seed, all different and the same in every run. Threads: one.
class ExampleIds {
 public:
  explicit ExampleIds(std::uint64_t seed = 1) : seed_(seed) {}
  ClaimId claim() { return {next()}; }
  BatchId batch() { return {next()}; }
  AdjudicationId handle() { return {next()}; }
  Digest key();
  Uuid next();

 private:
  std::uint64_t seed_;
  std::uint64_t made_ = 0;
};

// Entries without place or time; commit_after() gives them both.
StoredEntry claim_recorded(const LineKey& line, const ClaimId& claim, std::vector<ClaimId> derived_from = {});
StoredEntry about_claim(std::uint8_t kind, const LineKey& line, const ClaimId& claim);
StoredEntry question_opened(const LineKey& line, const ClaimId& claim, const AdjudicationId& handle);
StoredEntry question_closed(const LineKey& line, const ClaimId& claim, const AdjudicationId& handle);
StoredEntry claims_served(std::vector<ClaimId> claims, std::string_view context);
StoredEntry attempt_rejected();
StoredEntry content_erased(Position entry);

// Gives an entry content: 16 bytes of salt made from the body, the body, and the text it is looked up by.
StoredEntry with_content(StoredEntry entry, Bytes body, std::string search_text = {});
// The terms of its content, by their bytes: "b a b" has a once and b twice.
StoredEntry with_terms(StoredEntry entry, std::string_view terms);
// The vector of its content.
StoredEntry with_vector(StoredEntry entry, Bytes vector);
StoredEntry with_body(StoredEntry entry, Bytes body);
// Makes an entry the one that its claim begins with.
StoredEntry beginning(StoredEntry entry);
StoredEntry with_parents(StoredEntry entry, std::vector<ClaimId> parents);
StoredEntry with_key(StoredEntry entry, const Digest& key);

// The commit that puts these entries after `head`, numbered and chained.
Commit commit_after(const Head& head, const AgentId& agent, const BatchId& id, TxTime recorded_at,
                    std::vector<StoredEntry> entries);
// The head once the commit has landed.
Head head_of(const Commit& commit);
// The batch as batches() gives it back.
StoredBatch batch_of(const Commit& commit);
// An entry as a read gives it back: of its keys only line, claim, whether it begins the claim, and handle; no terms
// and no vector.
StoredEntry as_read(StoredEntry entry);
std::vector<StoredEntry> as_read(std::vector<StoredEntry> entries);

// 2026-01-01T00:00:00Z and so many microseconds.
TxTime example_time(std::int64_t microseconds = 0);

// For messages: position, kind, claim, sizes and hash of entries, one a line.
std::string entries_text(const std::vector<StoredEntry>& entries);

}  // namespace claimledger::conformance
