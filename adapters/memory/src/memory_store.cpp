#include "claimledger/memory/memory_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "append_signal.hpp"
#include "call_check.hpp"
#include "commit_check.hpp"
#include "ledger.hpp"

namespace claimledger::memory {

namespace {

class MemoryStore : public Store {
 public:
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    const auto lock = reading(call, "snapshot");
    return ledger(agent).snapshot(agent, moment, wanted);
  }

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Outcome> outcomes;
    try {
      common::check(call, "append");
      const std::unique_lock lock(mutex_);
      common::check(call, "append");
      for (const auto& commit : commits) outcomes.push_back(append(commit));
    } catch (const StoreFailure& failure) {
      return {commits.size(), failed(failure)};
    }
    appended_.tell();
    return outcomes;
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    const auto lock = reading(call, "dependants");
    const auto& ledger = this->ledger(agent);
    std::vector<Derivation> found;
    for (const auto& parent : parents) {
      const auto children = ledger.children.find(parent);
      if (children == ledger.children.end()) continue;
      for (const auto& child : children->second) {
        if (child <= at) found.push_back({parent, child, *ledger.at(child).claim});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.child < b.child; });
    return found;
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    const auto lock = reading(call, "entries");
    return ledger(agent).page(query, at);
  }

  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    const auto lock = reading(call, "lines");
    const auto& all = ledger(agent).lines;
    auto it = after ? all.upper_bound(*after) : all.begin();
    if (subject && (!after || after->subject < *subject)) it = all.lower_bound({*subject, ""});
    std::vector<LineKey> found;
    for (; it != all.end() && found.size() < limit; ++it) {
      if (subject && it->first.subject != *subject) break;
      if (it->second.front() <= at) found.push_back(it->first);
    }
    return found;
  }

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    const auto lock = reading(call, "batches");
    const auto& ledger = this->ledger(agent);
    auto it = std::upper_bound(ledger.batches.begin(), ledger.batches.end(), after,
                               [](Position position, const auto& batch) { return position < batch.first; });
    std::vector<StoredBatch> found;
    for (; it != ledger.batches.end() && found.size() < limit; ++it) {
      const auto first = ledger.entries.begin() + static_cast<std::ptrdiff_t>(it->first.value - 1);
      found.push_back({it->header, it->first, {first, first + it->header.entries}});
    }
    return found;
  }

  Inventory inventory(const AgentId& agent, const Call& call) const override {
    const auto lock = reading(call, "inventory");
    return ledger(agent).inventory();
  }

  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    const auto lock = reading(call, "agents");
    std::vector<AgentHead> found;
    for (auto it = after ? ledgers_.upper_bound(*after) : ledgers_.begin();
         it != ledgers_.end() && found.size() < limit; ++it) {
      found.push_back({it->first, it->second.entries.back().seq});
    }
    return found;
  }

  std::uint64_t await_append(const std::optional<AgentId>&, std::uint64_t seen, const Call& call) const override {
    return appended_.wait(seen, std::chrono::seconds{1}, call);
  }

  std::vector<Capability> capabilities() const override {
    const std::string gone = "everything is forgotten with the object";
    return {{"durable", false, gone},
            {"reopen", false, gone},
            {"multi_process", false, "lives in one process"},
            {"second_handle", false, "every open() is a store of its own"},
            {"parallel_agents", false, "one writer at a time"},
            {"erasure", true, ""}};
  }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    const auto lock = reading(call, "describe");
    std::size_t entries = 0;
    for (const auto& [agent, ledger] : ledgers_) entries += ledger.entries.size();
    return {{"backend", "memory"}, {"agents", std::to_string(ledgers_.size())}, {"entries", std::to_string(entries)}};
  }

 private:
  std::shared_lock<std::shared_mutex> reading(const Call& call, const char* operation) const {
    common::check(call, operation);
    std::shared_lock lock(mutex_);
    common::check(call, operation);
    return lock;
  }

  const Ledger& ledger(const AgentId& agent) const {
    static const Ledger empty;
    const auto found = ledgers_.find(agent);
    return found == ledgers_.end() ? empty : found->second;
  }

  Outcome append(const Commit& commit) {
    const auto& agent = commit.header.agent;
    const auto& known = ledger(agent);
    if (known.batch_ids.contains(commit.header.id)) return {AppendOutcome::already_there};
    if (commit.after != known.head(agent)) return {AppendOutcome::conflict};
    auto breach = common::CommitCheck(commit).breach();
    if (!breach) breach = known.reuse(commit);
    if (breach) return {AppendOutcome::refused, std::move(*breach)};
    ledgers_[agent].add(commit);
    return {};
  }

  mutable std::shared_mutex mutex_;
  std::map<AgentId, Ledger> ledgers_;
  mutable common::AppendSignal appended_;
};

}  // namespace

std::unique_ptr<Store> open() { return std::make_unique<MemoryStore>(); }

}  // namespace claimledger::memory
