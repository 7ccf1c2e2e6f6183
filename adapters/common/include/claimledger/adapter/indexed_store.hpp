#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "claimledger/adapter/append_signal.hpp"
#include "claimledger/adapter/ledger_index.hpp"
#include "claimledger/adapter/ledger_vectors.hpp"

namespace claimledger::adapter {

// A base for stores that hold all ledgers in memory, each as an index, and share their storage with no other process.
// An adapter adds three methods: keep(), capabilities() and describe(). Vectors are kept in memory alone; an adapter
// that forgets everything anyway may hand them out. Threads: as the port says. Readers share; a writer excludes them
// only while its batch enters the index. One commit is kept at a time, whatever its agent.
class IndexedStore : public Store, protected Vectors {
 public:
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override;
  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override;
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override;
  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override;
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override;
  Inventory inventory(const AgentId& agent, const Call& call) const override;
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override;
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override;

 protected:
  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override;
  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override;
  std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                       std::span<const std::uint8_t> kinds, Position from, Position to,
                                       std::size_t limit, const Call& call) const override;
  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override;
  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override;

  // Makes a checked commit durable. Reads see it once this has returned.
  // Threads: called by one at a time.
  // Failure: StoreFailure becomes the outcome of the commit. Unless it is in_doubt, nothing of the commit may be left.
  // After in_doubt the same commit is passed again, and may be stored already.
  virtual void keep(const Commit& commit) = 0;

  // Loads a batch that was kept before, when a store opens; the batches of a ledger in their order.
  // Failure: StoreFailure{corrupt}, see LedgerIndex::add().
  void restore(const StoredBatch& batch);
  // Loads batches made by encode(), one after the other. Returns the bytes of the whole batches; the rest is the start
  // of an incomplete one. Failure: as decode() and above, with the place: `name` and the offset.
  std::size_t restore(std::string_view batches, const std::string& name);

  // An answer for describe(): `first`, then the numbers of agents and entries.
  std::vector<std::pair<std::string, std::string>> described(std::vector<std::pair<std::string, std::string>> first,
                                                             const Call& call) const;

 private:
  class Turn;
  template <class Read>
  auto read(const AgentId& agent, const char* operation, const Call& call, Read read) const;
  std::shared_lock<std::shared_mutex> reading(const char* operation, const Call& call) const;
  Outcome append(const Commit& commit);
  void add(const Commit& commit);
  void add(const BatchHeader& header, std::span<const StoredEntry> entries);
  const LedgerVectors* vectors_of(const AgentId& agent) const;
  bool has_content(const AgentId& agent, Position seq) const;

  std::mutex turn_mutex_;
  std::condition_variable_any turn_ended_;
  bool writing_ = false;

  mutable std::shared_mutex mutex_;  // of what follows
  std::map<AgentId, LedgerIndex> ledgers_;
  std::map<AgentId, LedgerVectors> vectors_;

  mutable AppendSignal appended_;
};

}  // namespace claimledger::adapter
