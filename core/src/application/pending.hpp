#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "claimledger/ports/store.hpp"
#include "rules/line_draft.hpp"

namespace claimledger::application {

// The batches of a ledger that are decided, or in the making, and not durable yet: one after the other behind its
// durable end. Each entry is filed here under the keys that a store will file it under, once somebody asks for one.
// Threads: one.
class Pending {
 public:
  Pending(const AgentId& agent, Position durable) : agent_(agent), durable_(durable) {}

  // The batch in the making, which is decided as soon as the next one begins. The reference stays good.
  rules::BatchDraft& begin(TxTime now);
  // The end of the last batch that is decided.
  Position decided() const;
  // The end of the batch that is stamped so; nothing where none is.
  std::optional<Position> batch_end(TxTime recorded_at) const;

  struct Filed {
    StoredEntry keys;  // without body, hash and salt, which come when the batch is sealed
    const rules::BatchDraft* batch;
    std::size_t place;

    const Entry& entry() const { return batch->entries[place].entry; }
    Record record() const;
  };
  // All of them, by seq.
  const std::vector<Filed>& entries();
  // Nothing where no entry has the key.
  const Filed* by_key(const Digest& key);
  // The first entry about a claim.
  const Filed* about(const ClaimId& claim);
  // The lines that have an entry.
  const std::set<LineKey>& lines();

 private:
  void catch_up();

  const AgentId& agent_;
  Position durable_;
  std::vector<std::unique_ptr<rules::BatchDraft>> batches_;

  std::vector<Filed> filed_;
  std::size_t next_batch_ = 0;  // what is filed next, …
  std::size_t next_entry_ = 0;  // … and which entry of it
  std::map<Digest, std::size_t> keys_;
  std::map<ClaimId, std::size_t> claims_;
  std::set<LineKey> lines_;
};

}  // namespace claimledger::application
