#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "claimledger/conformance/forwarding_store.hpp"

namespace claimledger::conformance {

// Which call fails, and how. Shared by the test that sets it and the store that obeys it.
struct Fault {
  enum class Side { before_effect, after_effect };

  std::atomic<int> calls_left = 0;  // the call that brings this to 0 fails; 0 from the start: none does
  Side side = Side::before_effect;
  FailureKind kind = FailureKind::unreachable;  // of a call that failed before its effect; after it: in_doubt
  std::atomic<bool> fired = false;
  std::atomic<bool> wrote = false;  // the call that failed after its effect was an append

  void arm(int nth_call, Side which) {
    side = which;
    fired = false;
    wrote = false;
    calls_left = nth_call;
  }
};

// Fails the n-th call, before or after its effect, and every other call goes through; those of its search index and of
// its vectors count.
// What writes and fails after its effect is in doubt; everything else that fails has written nothing.
// Threads: as the store behind it; the fault fires once.
class FaultyStore : public ForwardingStore {
 public:
  FaultyStore(std::shared_ptr<Store> inner, std::shared_ptr<Fault> fault)
      : ForwardingStore(std::move(inner)), fault_(std::move(fault)) {
    if (auto* index = this->inner().search_index()) index_ = std::make_unique<FaultyIndex>(*this, *index);
    if (auto* vectors = this->inner().vectors()) vectors_ = std::make_unique<FaultyVectors>(*this, *vectors);
  }

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return guarded("snapshot", [&] { return inner().snapshot(agent, moment, wanted, call); });
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (!fires()) return inner().append(commits, call);
    const bool writes = fault_->side == Fault::Side::after_effect;
    if (writes) inner().append(commits, call);
    fault_->wrote = writes;
    return {commits.size(), Outcome{AppendOutcome::failed, writes ? "injected after effect" : "injected before effect",
                                    writes ? FailureKind::in_doubt : fault_->kind}};
  }
  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return guarded("dependants", [&] { return inner().dependants(agent, parents, at, call); });
  }
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return guarded("entries", [&] { return inner().entries(agent, query, at, call); });
  }
  std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    return guarded("open_adjudications", [&] { return inner().open_adjudications(agent, after, limit, at, call); });
  }
  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    return guarded("lines", [&] { return inner().lines(agent, subject, after, limit, at, call); });
  }
  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    return guarded("subjects", [&] { return inner().subjects(agent, after, limit, at, call); });
  }
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    return guarded("batches", [&] { return inner().batches(agent, after, limit, call); });
  }
  Inventory inventory(const AgentId& agent, const Call& call) const override {
    return guarded("inventory", [&] { return inner().inventory(agent, call); });
  }
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    return guarded("agents", [&] { return inner().agents(after, limit, call); });
  }
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override {
    return guarded("await_append", [&] { return inner().await_append(agent, seen, call); });
  }
  SearchIndex* search_index() override { return index_.get(); }
  Vectors* vectors() override { return vectors_.get(); }

 private:
  class FaultyIndex : public SearchIndex {
   public:
    FaultyIndex(const FaultyStore& store, SearchIndex& inner) : store_(store), inner_(inner) {}

    TextIndex text_index(const AgentId& agent, const Call& call) const override {
      return store_.guarded("text_index", [&] { return inner_.text_index(agent, call); });
    }
    TextIndex postings(const AgentId& agent, const std::string& recipe, std::span<const TermQuery> queries,
                       Position from, Position to, const std::function<void(const Posting&)>& visit,
                       const Call& call) const override {
      return store_.guarded("postings", [&] { return inner_.postings(agent, recipe, queries, from, to, visit, call); });
    }
    bool extend(const AgentId& agent, const TextIndex& before, const TextIndex& after,
                std::span<const ContentTerms> contents, const Call& call) override {
      const auto work = [&] { return inner_.extend(agent, before, after, contents, call); };
      return store_.guarded("extend", work, FailureKind::in_doubt);
    }

   private:
    const FaultyStore& store_;
    SearchIndex& inner_;
  };

  class FaultyVectors : public Vectors {
   public:
    FaultyVectors(const FaultyStore& store, Vectors& inner) : store_(store), inner_(inner) {}

    std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
      return store_.guarded("models", [&] { return inner_.models(agent, call); });
    }
    std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                           std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                           const Call& call) const override {
      const auto work = [&] { return inner_.read_vectors(agent, model, after, limit, visit, call); };
      return store_.guarded("read_vectors", work);
    }
    std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                         std::span<const std::uint8_t> kinds, Position from, Position to,
                                         std::size_t limit, const Call& call) const override {
      const auto work = [&] { return inner_.without_vector(agent, model, kinds, from, to, limit, call); };
      return store_.guarded("without_vector", work);
    }
    bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                      std::span<const NewVector> vectors, const Call& call) override {
      const auto work = [&] { return inner_.file_vectors(agent, model, before, up_to, vectors, call); };
      return store_.guarded("file_vectors", work, FailureKind::in_doubt);
    }
    Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query,
                    const std::function<void(const FiledVector&)>& visit, const Call& call) const override {
      return store_.guarded("nearest", [&] { return inner_.nearest(agent, model, query, visit, call); });
    }
    void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                         std::span<const Position> entries, const std::function<void(const FiledVector&)>& visit,
                         const Call& call) const override {
      store_.guarded("read_vectors_of", [&] { inner_.read_vectors_of(agent, model, among, entries, visit, call); });
    }
    std::optional<std::uint64_t> extend_nearest(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                                const Call& call) override {
      const auto work = [&] { return inner_.extend_nearest(agent, model, after, call); };
      return store_.guarded("extend_nearest", work, FailureKind::in_doubt);
    }
    std::optional<Comparing> comparing(const AgentId& agent, const EmbeddingModel& model,
                                       const Call& call) const override {
      return store_.guarded("comparing", [&] { return inner_.comparing(agent, model, call); });
    }
    void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override {
      store_.guarded(
          "drop_vectors", [&] { inner_.drop_vectors(agent, model, call); }, FailureKind::in_doubt);
    }

   private:
    const FaultyStore& store_;
    Vectors& inner_;
  };

  // Whether this call is the one that fails.
  bool fires() const {
    const bool fails = fault_->calls_left.load() > 0 && fault_->calls_left.fetch_sub(1) == 1;
    if (fails) fault_->fired = true;
    return fails;
  }

  template <class Work>
  std::invoke_result_t<Work> guarded(const char* operation, Work work, std::optional<FailureKind> after = {}) const {
    if (!fires()) return work();
    if (fault_->side == Fault::Side::before_effect)
      throw StoreFailure(fault_->kind, operation, "injected before effect");
    work();
    throw StoreFailure(after.value_or(fault_->kind), operation, "injected after effect");
  }

  std::shared_ptr<Fault> fault_;
  std::unique_ptr<FaultyIndex> index_;
  std::unique_ptr<FaultyVectors> vectors_;
};

}  // namespace claimledger::conformance
