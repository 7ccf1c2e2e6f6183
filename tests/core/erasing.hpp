#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <span>

#include "claimledger/ports/id_source.hpp"
#include "claimledger/ports/store.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

namespace claimledger::test {

// Takes the content of an entry as a ledger does it, a second after its last batch and beside all engines; returns
// when.
inline TxTime erase_content(Store& store, const AgentId& agent, Position entry, IdSource& ids) {
  const auto head = store.head(agent, {});
  Commit commit;
  commit.after = head;
  commit.header = {.agent = agent, .id = {ids.uuid({})}};
  commit.header.recorded_at = TxTime{head.recorded_at.value + std::chrono::seconds{1}};
  commit.header.entries = 1;
  StoredEntry stored;
  stored.seq = {head.position.value + 1};
  stored.recorded_at = commit.header.recorded_at;
  const Tombstone tombstone{entry};
  codec::fill_keys(stored, agent, tombstone, {});
  stored.body = codec::encode(tombstone, codec::Frame{stored.seq, stored.recorded_at, {}, {}});
  stored.hash = codec::chain(head.hash, codec::encode(commit.header), stored.body);
  commit.entries.push_back(std::move(stored));
  const auto outcome = store.append(std::span(&commit, 1), {}).front();
  EXPECT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
  return commit.header.recorded_at;
}

}  // namespace claimledger::test
