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

// The batches of a ledger that are decided or in the making and not durable yet, in order after its durable end.
// Indexes each entry by the keys that a store will index it by, when a read first asks for one.
// Threads: one.
class Pending {
 public:
  Pending(const AgentId& agent, Position durable) : agent_(agent), durable_(durable) {}

  // Begins a batch. The reference stays valid.
  rules::BatchDraft& begin(TxTime now);
  // It is decided: it grows no more.
  void finish() { making_ = false; }
  std::size_t batches() const { return batches_.size(); }
  // Forgets all but the first so many, which are decided.
  void keep(std::size_t batches);
  // Forgets those that end at `durable` or before: they are.
  void advance(Position durable);
  // The end of the last batch that is decided.
  Position decided() const;
  // The end of the batch with this transaction time; nothing if there is none.
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
  void index_anew();

  const AgentId& agent_;
  Position durable_;
  std::vector<std::unique_ptr<rules::BatchDraft>> batches_;
  bool making_ = false;  // the last one

  std::vector<Filed> filed_;
  std::size_t next_batch_ = 0;  // the batch to index next, …
  std::size_t next_entry_ = 0;  // … and its entry
  std::map<Digest, std::size_t> keys_;
  std::map<ClaimId, std::size_t> claims_;
  std::set<LineKey> lines_;
};

}  // namespace claimledger::application
