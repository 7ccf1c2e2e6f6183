#include "claimledger/memory/memory_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "append_signal.hpp"
#include "call_check.hpp"
#include "commit_checks.hpp"
#include "entry_filter.hpp"
#include "ledger.hpp"

namespace claimledger::memory {

namespace {

class MemoryStore : public Store {
 public:
  Head head(const AgentId& agent, const Call& call) const override {
    const auto lock = reading(call, "head");
    return ledger(agent).head(agent);
  }

  Position position_at(const AgentId& agent, TxTime time, const Call& call) const override {
    const auto lock = reading(call, "position_at");
    const auto& batches = ledger(agent).batches;
    const auto after = std::upper_bound(batches.begin(), batches.end(), time,
                                        [](TxTime t, const auto& batch) { return t < batch.header.recorded_at; });
    if (after == batches.begin()) return {};
    const auto& last = *std::prev(after);
    return {last.first.value + last.header.entries - 1};
  }

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    common::check(call, "append");
    const std::unique_lock lock(mutex_);
    common::check(call, "append");
    std::vector<Outcome> outcomes;
    for (const auto& commit : commits) outcomes.push_back(append(commit));
    appended_.tell();
    return outcomes;
  }

  std::vector<StoredEntry> line(const AgentId& agent, const LineKey& key, Position at,
                                const Call& call) const override {
    const auto lock = reading(call, "line");
    const auto& ledger = this->ledger(agent);
    const auto found = ledger.lines.find(key);
    std::vector<StoredEntry> entries;
    if (found == ledger.lines.end()) return entries;
    for (const auto seq : found->second) {
      if (seq > at) break;
      entries.push_back(ledger.at(seq));
    }
    return entries;
  }

  std::vector<std::optional<ClaimPlace>> claims(const AgentId& agent, std::span<const ClaimId> ids, Position at,
                                                const Call& call) const override {
    const auto lock = reading(call, "claims");
    const auto& ledger = this->ledger(agent);
    std::vector<std::optional<ClaimPlace>> places(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto found = ledger.claims.find(ids[i]);
      if (found == ledger.claims.end() || found->second > at) continue;
      const auto& entry = ledger.at(found->second);
      places[i] = ClaimPlace{*entry.line, entry};
    }
    return places;
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    const auto lock = reading(call, "dependants");
    const auto& ledger = this->ledger(agent);
    std::vector<std::pair<Position, Derivation>> found;
    for (const auto& parent : parents) {
      const auto children = ledger.children.find(parent);
      if (children == ledger.children.end()) continue;
      for (const auto& child : children->second) {
        if (child.seq <= at) found.push_back({child.seq, {parent, child.claim}});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Derivation> derivations;
    derivations.reserve(found.size());
    for (const auto& [seq, derivation] : found) derivations.push_back(derivation);
    return derivations;
  }

  std::optional<StoredEntry> by_idempotency_key(const AgentId& agent, const Digest& key, Position at,
                                                const Call& call) const override {
    const auto lock = reading(call, "by_idempotency_key");
    const auto& ledger = this->ledger(agent);
    const auto found = ledger.keys.find(key);
    if (found == ledger.keys.end() || found->second > at) return {};
    return ledger.at(found->second);
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryFilter& filter, Order order, std::size_t limit,
                                   Position at, const Call& call) const override {
    const auto lock = reading(call, "entries");
    const auto& ledger = this->ledger(agent);
    const auto first = std::max<std::uint64_t>(filter.from.value, 1);
    const auto last = std::min({filter.to.value_or(at).value, at.value, std::uint64_t{ledger.entries.size()}});
    std::vector<StoredEntry> page;
    const auto take = [&](Position seq) {
      if (page.size() < limit && common::passes(ledger.at(seq), filter)) page.push_back(ledger.at(seq));
    };
    if (const auto* positions = ledger.candidates(filter)) {
      const auto from = std::lower_bound(positions->begin(), positions->end(), Position{first});
      const auto to = std::upper_bound(from, positions->end(), Position{last});
      if (order == Order::ascending) std::for_each(from, to, take);
      if (order == Order::descending) std::for_each(std::reverse_iterator(to), std::reverse_iterator(from), take);
      return page;
    }
    for (auto i = first; i <= last && page.size() < limit; ++i) {
      take(Position{order == Order::ascending ? i : last - (i - first)});
    }
    return page;
  }

  std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    const auto lock = reading(call, "open_adjudications");
    const auto& ledger = this->ledger(agent);
    std::vector<StoredEntry> open;
    for (auto it = ledger.questions.upper_bound(after); it != ledger.questions.end() && it->first <= at; ++it) {
      if (open.size() >= limit) break;
      if (!it->second || *it->second > at) open.push_back(ledger.at(it->first));
    }
    return open;
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

  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    const auto lock = reading(call, "subjects");
    const auto& all = ledger(agent).lines;
    std::vector<std::string> found;
    for (auto it = after ? all.lower_bound({*after, ""}) : all.begin(); it != all.end() && found.size() < limit; ++it) {
      const auto& subject = it->first.subject;
      if (it->second.front() > at || (after && subject == *after)) continue;
      if (found.empty() || found.back() != subject) found.push_back(subject);
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
    if (known.batch_ids.contains(commit.header.id)) return {AppendOutcome::already_there, ""};
    if (commit.after != known.head(agent)) return {AppendOutcome::conflict, ""};
    if (auto breach = common::CommitChecks(commit, known).breach()) return {AppendOutcome::refused, std::move(*breach)};
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
