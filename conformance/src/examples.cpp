#include "claimledger/conformance/examples.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace claimledger::conformance {

namespace {

StoredEntry entry_of(std::uint8_t kind, std::string body) {
  StoredEntry entry;
  entry.kind = kind;
  entry.body = std::move(body);
  return entry;
}

}  // namespace

Uuid ExampleIds::next() {
  const auto counted = sha256({std::to_string(seed_), "/", std::to_string(++made_)});
  return make_uuid_v7(example_time(static_cast<std::int64_t>(made_)).value, counted.view().substr(0, 16));
}

Digest ExampleIds::key() { return sha256({"key", to_text(next())}); }

StoredEntry claim_recorded(const LineKey& line, const ClaimId& claim, std::vector<ClaimId> derived_from) {
  auto entry = with_content(entry_of(kind_number<ClaimRecorded>, "claim " + to_text(claim.value)),
                            "said " + to_text(claim.value));
  entry.disposition = disposition_number(Disposition::committed_cheap);
  entry.line = line;
  entry.claim = claim;
  entry.begins = true;
  entry.derived_from = std::move(derived_from);
  return entry;
}

StoredEntry about_claim(std::uint8_t kind, const LineKey& line, const ClaimId& claim) {
  auto entry = entry_of(kind, std::string(kind_text(kind)) + " of " + to_text(claim.value));
  entry.line = line;
  entry.claim = claim;
  return entry;
}

StoredEntry question_opened(const LineKey& line, const ClaimId& claim, const AdjudicationId& handle) {
  auto entry = about_claim(kind_number<AdjudicationOpened>, line, claim);
  entry.handle = handle;
  return entry;
}

StoredEntry question_closed(const LineKey& line, const ClaimId& claim, const AdjudicationId& handle) {
  auto entry = about_claim(kind_number<AdjudicationClosed>, line, claim);
  entry.handle = handle;
  return entry;
}

StoredEntry claims_served(std::vector<ClaimId> claims, std::string_view context) {
  auto entry =
      with_content(entry_of(kind_number<Served>, "served"), "to " + std::string(context), std::string(context));
  entry.served = std::move(claims);
  return entry;
}

StoredEntry attempt_rejected() { return entry_of(kind_number<Rejected>, "rejected"); }

StoredEntry content_erased(Position erased) {
  auto entry = entry_of(kind_number<Tombstone>, "erases " + std::to_string(erased.value));
  entry.erases = erased;
  return entry;
}

StoredEntry with_content(StoredEntry entry, Bytes body, std::string search_text) {
  const auto digest = sha256({"salt", body});
  std::copy_n(digest.bytes.begin(), entry.content.salt.size(), entry.content.salt.begin());
  entry.content.body = std::move(body);
  entry.content.search_text = std::move(search_text);
  entry.content_state = ContentState::present;
  return entry;
}

StoredEntry with_terms(StoredEntry entry, std::string_view terms) {
  std::map<std::string, std::uint32_t> counts;
  std::istringstream in{std::string(terms)};
  for (std::string term; in >> term;) ++counts[term];
  for (const auto& [term, count] : counts) entry.content.terms.push_back({term, count});
  return entry;
}

StoredEntry with_vector(StoredEntry entry, Bytes vector) {
  entry.content.vector = std::move(vector);
  return entry;
}

StoredEntry with_body(StoredEntry entry, Bytes body) {
  entry.body = std::move(body);
  return entry;
}

StoredEntry beginning(StoredEntry entry) {
  entry.begins = true;
  return entry;
}

StoredEntry with_parents(StoredEntry entry, std::vector<ClaimId> parents) {
  entry.derived_from = std::move(parents);
  return entry;
}

StoredEntry with_key(StoredEntry entry, const Digest& key) {
  entry.idempotency_key = key;
  return entry;
}

Commit commit_after(const Head& head, const AgentId& agent, const BatchId& id, TxTime recorded_at,
                    std::vector<StoredEntry> entries) {
  Commit commit;
  commit.after = head;
  commit.header.agent = agent;
  commit.header.id = id;
  commit.header.recorded_at = recorded_at;
  commit.header.actor = "conformance";
  commit.header.entries = static_cast<std::uint32_t>(entries.size());
  auto seq = head.position.value;
  auto previous = head.hash;
  for (auto& entry : entries) {
    entry.seq = Position{++seq};
    entry.recorded_at = recorded_at;
    entry.hash = previous = sha256({previous.view(), entry.body});
  }
  commit.entries = std::move(entries);
  return commit;
}

Head head_of(const Commit& commit) { return end_of(commit); }

StoredBatch batch_of(const Commit& commit) {
  return {commit.header, commit.entries.front().seq, as_read(commit.entries)};
}

StoredEntry as_read(StoredEntry entry) {
  entry.idempotency_key.reset();
  entry.derived_from.clear();
  entry.served.clear();
  entry.erases.reset();
  entry.content.terms.clear();
  entry.content.vector.clear();
  return entry;
}

std::vector<StoredEntry> as_read(std::vector<StoredEntry> entries) {
  for (auto& entry : entries) entry = as_read(std::move(entry));
  return entries;
}

TxTime example_time(std::int64_t microseconds) {
  return {std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + std::chrono::microseconds{microseconds}};
}

std::string entries_text(const std::vector<StoredEntry>& entries) {
  std::ostringstream out;
  for (const auto& entry : entries) {
    out << entry.seq.value << ' ' << kind_text(entry.kind);
    if (entry.claim) out << ' ' << to_text(entry.claim->value);
    out << " body:" << entry.body.size() << " content:" << entry.content.body.size() << ' '
        << entry.hash.hex().substr(0, 12) << '\n';
  }
  return std::move(out).str();
}

}  // namespace claimledger::conformance

namespace claimledger {

// GoogleTest prints an entry as one line for people, not as its bytes.
void PrintTo(const StoredEntry& entry, std::ostream* out) { *out << conformance::entries_text({entry}); }
void PrintTo(const Position& position, std::ostream* out) { *out << position.value; }
void PrintTo(const LineKey& line, std::ostream* out) { *out << '(' << line.subject << ", " << line.predicate << ')'; }

}  // namespace claimledger
