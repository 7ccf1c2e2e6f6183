#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

// Ledgers as somebody with malice writes them: entries of a valid one, changed, and a chain over them that fits.
namespace claimledger::test {

struct ForgedEntry {
  Entry entry;
  std::optional<Content> content;  // absent: none
  std::optional<LineKey> line;
};
struct ForgedBatch {
  BatchHeader header;
  std::vector<ForgedEntry> entries;
};

inline std::vector<ForgedBatch> unsealed(const Store& store, const AgentId& agent) {
  std::vector<ForgedBatch> batches;
  for (const auto& batch : store.batches(agent, {}, 10'000, {})) {
    batches.push_back({batch.header, {}});
    for (const auto& stored : batch.entries) {
      std::optional<Content> content;
      if (stored.content_state == ContentState::present) content = codec::decode_content(stored.content.body);
      batches.back().entries.push_back({codec::decode(stored.body).entry, std::move(content), stored.line});
    }
  }
  return batches;
}

inline std::vector<StoredBatch> sealed(const std::vector<ForgedBatch>& forged, const AgentId& agent) {
  std::vector<StoredBatch> batches;
  auto hash = genesis_hash(agent);
  Position seq;
  std::map<LineKey, Position> last;
  for (const auto& batch : forged) {
    StoredBatch out{batch.header, {seq.value + 1}, {}};
    out.header.entries = static_cast<std::uint32_t>(batch.entries.size());
    for (const auto& entry : batch.entries) {
      StoredEntry stored;
      stored.seq = {++seq.value};
      stored.recorded_at = batch.header.recorded_at;
      stored.line = entry.line;
      codec::Frame frame{stored.seq, stored.recorded_at, {}, {}};
      if (entry.line) frame.previous_on_line = std::exchange(last[*entry.line], stored.seq);
      if (entry.content) {
        stored.content_state = ContentState::present;
        stored.content.body = codec::encode(*entry.content);
        frame.commitment = codec::commitment(stored.content.salt, stored.content.body);
      }
      stored.body = codec::encode(entry.entry, frame);
      stored.hash = hash = codec::chain(hash, out.entries.empty() ? codec::encode(out.header) : Bytes{}, stored.body);
      codec::fill_keys(stored, agent, entry.entry, entry.content.value_or(Content{}));
      out.entries.push_back(std::move(stored));
    }
    batches.push_back(std::move(out));
  }
  return batches;
}

// Puts batches into a store as they are, past everything that an engine would see to; what the store refused, if it
// did.
inline std::optional<std::string> plant(Store& store, const AgentId& agent, const std::vector<StoredBatch>& batches) {
  for (const auto& batch : batches) {
    const Commit commit{store.head(agent, {}), batch.header, batch.entries};
    const auto outcome = store.append(std::span(&commit, 1), {}).front();
    if (outcome.outcome != AppendOutcome::done) return outcome.detail;
  }
  return std::nullopt;
}

}  // namespace claimledger::test
