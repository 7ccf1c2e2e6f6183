#pragma once

#include <memory>

#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::conformance {

// A store that hands every call on to another: the base of decorators. Its begin_write() is composed from its own
// snapshot() and append(), so that a decorator which changes one of them changes that too; likewise its defaults of
// open_adjudications() and subjects().
// Threads and failure: those of the store behind it.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::shared_ptr<Store> inner) : inner_(std::move(inner)) {}

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return inner_->snapshot(agent, moment, wanted, call);
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    return inner_->append(commits, call);
  }
  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return inner_->dependants(agent, parents, at, call);
  }
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return inner_->entries(agent, query, at, call);
  }
  std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    return inner_->open_adjudications(agent, after, limit, at, call);
  }
  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    return inner_->lines(agent, subject, after, limit, at, call);
  }
  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    return inner_->subjects(agent, after, limit, at, call);
  }
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    return inner_->batches(agent, after, limit, call);
  }
  Inventory inventory(const AgentId& agent, const Call& call) const override { return inner_->inventory(agent, call); }
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    return inner_->agents(after, limit, call);
  }
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override {
    return inner_->await_append(agent, seen, call);
  }
  bool agents_share_commits() const override { return inner_->agents_share_commits(); }
  bool reads_are_near() const override { return inner_->reads_are_near(); }
  SearchIndex* search_index() override { return inner_->search_index(); }
  Vectors* vectors() override { return inner_->vectors(); }
  std::vector<Capability> capabilities() const override { return inner_->capabilities(); }
  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return inner_->describe(call);
  }

 protected:
  Store& inner() const { return *inner_; }

 private:
  std::shared_ptr<Store> inner_;
};

// The same with its vectors: the base of decorators of these. It compares none, whatever the store behind it does,
// which has to keep vectors.
class ForwardingVectors : public ForwardingStore, public Vectors {
 public:
  using ForwardingStore::ForwardingStore;
  Vectors* vectors() override { return this; }

  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    return behind().models(agent, call);
  }
  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    return behind().read_vectors(agent, model, after, limit, visit, call);
  }
  std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                       std::span<const std::uint8_t> kinds, Position from, Position to,
                                       std::size_t limit, const Call& call) const override {
    return behind().without_vector(agent, model, kinds, from, to, limit, call);
  }
  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    return behind().file_vectors(agent, model, before, up_to, vectors, call);
  }
  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override {
    behind().drop_vectors(agent, model, call);
  }

 protected:
  Vectors& behind() const { return *inner().vectors(); }
};

// Hands out no search index, whatever the store behind it has: the engine reads all that it searches, which is the
// reference for what it finds by an index.
class UnindexedStore : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  SearchIndex* search_index() override { return nullptr; }
};

}  // namespace claimledger::conformance
