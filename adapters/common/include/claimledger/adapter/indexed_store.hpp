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

namespace claimledger::adapter {

// A store that has all its ledgers in memory, each as an index, and is alone with what it keeps of them elsewhere. All
// of the port is done but what only the adapter knows: where a batch is kept, what it can do, how it describes itself.
// Threads: as the port says. Readers share; a writer excludes them only while its batch enters the index. One commit is
// kept at a time, whatever its agent.
class IndexedStore : public Store {
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
  // Makes a commit durable that may be appended. Nobody reads it before this returns; then everybody does.
  // Threads: called by one at a time.
  // Failure: StoreFailure, and the commit has failed with it. Unless it is in_doubt nothing of the commit may be left.
  // After in_doubt the same commit comes again, and may be there already.
  virtual void keep(const Commit& commit) = 0;

  // Takes in a batch that was kept before; each ledger's batches come in their order. For the opening of a store.
  // Failure: StoreFailure{corrupt}, see LedgerIndex::add().
  void restore(const StoredBatch& batch);
  // Takes in batches that encode() made, one after the other. Gives how many bytes were whole batches; what follows is
  // the beginning of one. Failure: as decode() and above, with the place: `name` and the offset.
  std::size_t restore(std::string_view batches, const std::string& name);

  // An answer for describe(): it begins with these, and goes on with how many agents and entries there are.
  std::vector<std::pair<std::string, std::string>> described(std::vector<std::pair<std::string, std::string>> first,
                                                             const Call& call) const;

 private:
  class Turn;
  template <class Read>
  auto read(const AgentId& agent, const char* operation, const Call& call, Read read) const;
  std::shared_lock<std::shared_mutex> reading(const char* operation, const Call& call) const;
  Outcome append(const Commit& commit);
  void add(const BatchHeader& header, std::span<const StoredEntry> entries);

  std::mutex turn_mutex_;
  std::condition_variable_any turn_ended_;
  bool writing_ = false;

  mutable std::shared_mutex mutex_;  // of what follows
  std::map<AgentId, LedgerIndex> ledgers_;

  mutable AppendSignal appended_;
};

}  // namespace claimledger::adapter
