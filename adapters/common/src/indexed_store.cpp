#include "claimledger/adapter/indexed_store.hpp"

#include "claimledger/adapter/batch_codec.hpp"
#include "claimledger/adapter/call_check.hpp"

namespace claimledger::adapter {

// The right to write, from its beginning to its end.
class IndexedStore::Turn {
 public:
  Turn(IndexedStore& store, const Call& call) : store_(store) {
    check(call, "append");
    std::unique_lock lock(store_.turn_mutex_);
    const auto free = [this] { return !store_.writing_; };
    if (call.deadline) {
      store_.turn_ended_.wait_until(lock, call.stop, *call.deadline, free);
    } else {
      store_.turn_ended_.wait(lock, call.stop, free);
    }
    check(call, "append");
    store_.writing_ = true;
  }
  ~Turn() {
    {
      const std::scoped_lock lock(store_.turn_mutex_);
      store_.writing_ = false;
    }
    store_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  IndexedStore& store_;
};

std::shared_lock<std::shared_mutex> IndexedStore::reading(const char* operation, const Call& call) const {
  check(call, operation);
  std::shared_lock lock(mutex_);
  check(call, operation);
  return lock;
}

template <class Read>
auto IndexedStore::read(const AgentId& agent, const char* operation, const Call& call, Read read) const {
  const auto lock = reading(operation, call);
  const auto found = ledgers_.find(agent);
  if (found == ledgers_.end()) return read(LedgerIndex(agent));
  return read(found->second);
}

Snapshot IndexedStore::snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted,
                                const Call& call) const {
  return read(agent, "snapshot", call, [&](const LedgerIndex& ledger) { return ledger.snapshot(moment, wanted); });
}

std::vector<Outcome> IndexedStore::append(std::span<const Commit> commits, const Call& call) {
  std::vector<Outcome> outcomes;
  try {
    const Turn turn(*this, call);
    for (const auto& commit : commits) outcomes.push_back(append(commit));
  } catch (const StoreFailure& failure) {
    return {commits.size(), failed(failure)};
  }
  appended_.tell();
  return outcomes;
}

Outcome IndexedStore::append(const Commit& commit) {
  const auto& header = commit.header;
  // Only the writer, whose turn this is, changes the indexes.
  const auto known = ledgers_.find(header.agent);
  auto outcome = known == ledgers_.end() ? LedgerIndex(header.agent).check(commit) : known->second.check(commit);
  if (outcome.outcome != AppendOutcome::done) return outcome;
  try {
    keep(commit);
  } catch (const StoreFailure& failure) {
    return failed(failure);
  }
  add(commit);
  return outcome;
}

void IndexedStore::add(const Commit& commit) {
  const std::unique_lock lock(mutex_);
  add(commit.header, commit.entries);
  vectors_[commit.header.agent].add(commit);
}

void IndexedStore::add(const BatchHeader& header, std::span<const StoredEntry> entries) {
  if (const auto known = ledgers_.find(header.agent); known != ledgers_.end()) {
    return known->second.add(header, entries);
  }
  LedgerIndex ledger(header.agent);
  ledger.add(header, entries);
  ledgers_.emplace(header.agent, std::move(ledger));
}

void IndexedStore::restore(const StoredBatch& batch) {
  const std::unique_lock lock(mutex_);
  add(batch.header, batch.entries);
}

std::size_t IndexedStore::restore(std::string_view batches, const std::string& name) {
  std::size_t whole = 0;
  try {
    while (const auto decoded = decode(batches.substr(whole))) {
      restore(decoded->batch);
      whole += decoded->size;
    }
  } catch (const StoreFailure& failure) {
    const auto place = name + ", byte " + std::to_string(whole) + ": ";
    throw StoreFailure(failure.kind(), failure.operation(), place + failure.detail());
  }
  return whole;
}

std::vector<Derivation> IndexedStore::dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                                 const Call& call) const {
  return read(agent, "dependants", call, [&](const LedgerIndex& ledger) { return ledger.dependants(parents, at); });
}

std::vector<StoredEntry> IndexedStore::entries(const AgentId& agent, const EntryQuery& query, Position at,
                                               const Call& call) const {
  return read(agent, "entries", call, [&](const LedgerIndex& ledger) { return ledger.entries(query, at); });
}

std::vector<LineKey> IndexedStore::lines(const AgentId& agent, const std::optional<std::string>& subject,
                                         const std::optional<LineKey>& after, std::size_t limit, Position at,
                                         const Call& call) const {
  return read(agent, "lines", call, [&](const LedgerIndex& ledger) { return ledger.lines(subject, after, limit, at); });
}

std::vector<StoredBatch> IndexedStore::batches(const AgentId& agent, Position after, std::size_t limit,
                                               const Call& call) const {
  return read(agent, "batches", call, [&](const LedgerIndex& ledger) { return ledger.batches(after, limit); });
}

Inventory IndexedStore::inventory(const AgentId& agent, const Call& call) const {
  return read(agent, "inventory", call, [&](const LedgerIndex& ledger) { return ledger.inventory(); });
}

std::vector<AgentHead> IndexedStore::agents(const std::optional<AgentId>& after, std::size_t limit,
                                            const Call& call) const {
  const auto lock = reading("agents", call);
  std::vector<AgentHead> found;
  for (auto it = after ? ledgers_.upper_bound(*after) : ledgers_.begin(); it != ledgers_.end() && found.size() < limit;
       ++it) {
    found.push_back({it->first, it->second.head().position});
  }
  return found;
}

std::uint64_t IndexedStore::await_append(const std::optional<AgentId>&, std::uint64_t seen, const Call& call) const {
  return appended_.wait(seen, std::chrono::seconds{1}, call);
}

const LedgerVectors* IndexedStore::vectors_of(const AgentId& agent) const {
  const auto found = vectors_.find(agent);
  return found == vectors_.end() ? nullptr : &found->second;
}

bool IndexedStore::has_content(const AgentId& agent, Position seq) const {
  const auto ledger = ledgers_.find(agent);
  if (ledger == ledgers_.end()) return false;
  const auto found = ledger->second.entries({.from = seq, .limit = 1}, seq);
  return !found.empty() && found.front().content_state == ContentState::present;
}

std::vector<FiledModel> IndexedStore::models(const AgentId& agent, const Call& call) const {
  const auto lock = reading("models", call);
  const auto* vectors = vectors_of(agent);
  return vectors == nullptr ? std::vector<FiledModel>{} : vectors->models();
}

std::optional<FiledModel> IndexedStore::read_vectors(const AgentId& agent, const EmbeddingModel& model,
                                                     std::uint64_t after, std::size_t limit,
                                                     const std::function<void(const FiledVector&)>& visit,
                                                     const Call& call) const {
  const auto lock = reading("read_vectors", call);
  const auto* vectors = vectors_of(agent);
  return vectors == nullptr ? std::nullopt : vectors->read(model, after, limit, visit);
}

std::vector<Position> IndexedStore::without_vector(const AgentId& agent, const EmbeddingModel& model,
                                                   std::span<const std::uint8_t> kinds, Position from, Position to,
                                                   std::size_t limit, const Call& call) const {
  const auto lock = reading("without_vector", call);
  std::vector<Position> without;
  const auto ledger = ledgers_.find(agent);
  if (ledger == ledgers_.end() || kinds.empty()) return without;  // a query for entries of no kind finds all
  const auto* vectors = vectors_of(agent);
  const EntryQuery all{
      .kinds = {kinds.begin(), kinds.end()}, .from = from, .limit = ledger->second.head().position.value};
  for (const auto& entry : ledger->second.entries(all, to)) {
    if (without.size() == limit) break;
    if (entry.content_state != ContentState::present) continue;
    if (vectors == nullptr || !vectors->has(model, entry.seq)) without.push_back(entry.seq);
  }
  return without;
}

bool IndexedStore::file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                                std::span<const NewVector> vectors, const Call& call) {
  const Turn turn(*this, call);
  const std::unique_lock lock(mutex_);
  const auto ledger = ledgers_.find(agent);
  if (ledger == ledgers_.end() || ledger->second.head().position < up_to) return false;
  return vectors_[agent].file(model, before, up_to, vectors, [&](Position seq) { return has_content(agent, seq); });
}

void IndexedStore::drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) {
  const Turn turn(*this, call);
  const std::unique_lock lock(mutex_);
  if (const auto found = vectors_.find(agent); found != vectors_.end()) found->second.drop(model);
}

std::vector<std::pair<std::string, std::string>> IndexedStore::described(
    std::vector<std::pair<std::string, std::string>> first, const Call& call) const {
  const auto lock = reading("describe", call);
  std::uint64_t entries = 0;
  for (const auto& [agent, ledger] : ledgers_) entries += ledger.head().position.value;
  first.emplace_back("agents", std::to_string(ledgers_.size()));
  first.emplace_back("entries", std::to_string(entries));
  return first;
}

}  // namespace claimledger::adapter
