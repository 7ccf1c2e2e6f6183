#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "controls.hpp"

// Stores that do one thing wrong with vectors.
namespace claimledger::conformance {

namespace {

struct ClaimsVectors : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Vectors* vectors() override { return nullptr; }
};

struct FilesVectorsUnasked : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    if (!commit.model) commit.model = EmbeddingModel{"small", 1, "weights 1"};
  }
};

// Notes a model as soon as a batch names it.
struct NotesModelsEarly : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (const auto& commit : commits)
      if (commit.model) inner().vectors()->file_vectors(commit.header.agent, *commit.model, {}, {}, {}, call);
    return outcomes;
  }
};

struct NotesWhatDoesNotLand : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& commit = commits[i];
      if (outcomes[i].outcome == AppendOutcome::done || !commit.model) continue;
      inner().vectors()->file_vectors(commit.header.agent, *commit.model, {}, {}, {}, call);
    }
    return outcomes;
  }
};

struct ReachesFromAnywhere : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& commit = commits[i];
      if (outcomes[i].outcome == AppendOutcome::done && commit.model && commit.every_vector)
        inner().vectors()->file_vectors(commit.header.agent, *commit.model, {}, commit.entries.back().seq, {}, call);
    }
    return outcomes;
  }
};

struct TakesEveryBatchForWhole : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override { commit.every_vector = true; }
};

struct FilesByTheFirstModel : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    const auto models = inner().vectors()->models(commit.header.agent, {});
    if (commit.model && !models.empty()) commit.model = models.front().model;
  }
};

struct FilesVectorsOfTheFirstCommit : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Commit> spoilt(commits.begin(), commits.end());
    for (std::size_t i = 1; i < spoilt.size(); ++i) spoilt[i].model.reset();
    return inner().append(spoilt, call);
  }
};

struct FilesNoVector {
  std::vector<TurnOutcome> operator()(WriteTurn& turn, std::span<const Commit> commits) const {
    std::vector<Commit> spoilt(commits.begin(), commits.end());
    for (auto& commit : spoilt) commit.model.reset();
    return turn.append(spoilt);
  }
};

// Takes vectors out before it knows whether the tombstone lands.
struct TakesVectorsEarly : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    for (const auto& commit : commits) {
      const bool erases =
          std::ranges::any_of(commit.entries, [](const auto& entry) { return entry.erases.has_value(); });
      if (erases && commit.model) inner().vectors()->drop_vectors(commit.header.agent, *commit.model, call);
    }
    return inner().append(commits, call);
  }
};

// Gives the vector of a batch back with its entry.
struct GivesVectorsBack : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    auto all = inner().batches(agent, after, limit, call);
    for (auto& batch : all)
      for (auto& entry : batch.entries)
        if (entry.content_state == ContentState::present) entry.content.vector = "ashe";
    return all;
  }
};

struct NeverFilesLater : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector>, const Call& call) override {
    return behind().file_vectors(agent, model, before, up_to, {}, call);
  }
};

struct FilesBehindAGap : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    return behind().file_vectors(agent, model, {}, up_to, vectors, call);
  }
};

struct FilesPastTheHead : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    const auto head = inner().head(agent, call).position;
    return behind().file_vectors(agent, model, before, std::min(up_to, head), vectors, call);
  }
};

struct RemembersItsModels : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    const std::scoped_lock lock(mutex);
    return seen.try_emplace(agent, behind().models(agent, call)).first->second;
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    const std::scoped_lock lock(mutex);
    for (const auto& commit : commits) seen.erase(commit.header.agent);
    return inner().append(commits, call);
  }
  mutable std::mutex mutex;
  mutable std::map<AgentId, std::vector<FiledModel>> seen;
};

struct ForgetsVectorsWhenClosed : ForwardingVectors {
  explicit ForgetsVectorsWhenClosed(std::shared_ptr<Store> inner) : ForwardingVectors(std::move(inner)) {
    for (const auto& each : this->inner().agents({}, 1'000, {}))
      for (const auto& filed : behind().models(each.agent, {})) behind().drop_vectors(each.agent, filed.model, {});
  }
};

// Says how a model stands, and reads its vectors once it has moved.
struct LooksAtVectorsTwice : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    const auto look = [&] { return behind().read_vectors(agent, model, 0, 0, visit, call); };
    const auto before = look();
    for (int left = 2'000; left > 0 && look() == before; --left) std::this_thread::yield();
    behind().read_vectors(agent, model, after, limit, visit, call);
    return before;
  }
};

struct ReadsAHundredVectors : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    return behind().read_vectors(agent, model, after, std::min<std::size_t>(limit, 100), visit, call);
  }
};

struct DropsPastItsDeadline : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call&) override {
    behind().drop_vectors(agent, model, {});
  }
};

}  // namespace

std::vector<Control> vector_controls() {
  return {
      broken<ClaimsVectors>("claims_vectors", "memory", "vectors are claimed and not there", "V01"),
      broken<FilesVectorsUnasked>("files_of_no_model", "sqlite_memory", "a vector of no model is filed", "V02"),
      broken<GivesVectorsBack>("gives_vectors", "memory", "a read of the ledger gives vectors back", "V03"),
      broken<NotesModelsEarly>("notes_early", "memory", "a model is noted before it has a vector", "V04"),
      broken<TakesEveryBatchForWhole>("takes_for_whole", "sqlite_memory", "a model reaches over what it left out",
                                      "V06"),
      broken<ReachesFromAnywhere>("reaches_over_gaps", "memory", "a model that is behind reaches on", "V07"),
      broken<FilesByTheFirstModel>("files_first_model", "sqlite_memory", "every vector is filed by the first model",
                                   "V07"),
      broken<NotesWhatDoesNotLand>("notes_unlanded", "sqlite_memory", "a batch that does not land notes its model",
                                   "V09"),
      broken<FilesVectorsOfTheFirstCommit>("files_first_vectors", "sqlite_memory",
                                           "the first commit of an append has its vectors filed", "V10"),
      broken<TurnsAppend<FilesNoVector>>("files_no_vector", "sqlite_memory", "a turn files no vectors", "V11"),
      broken<TakesVectorsEarly>("takes_vectors_early", "memory", "a tombstone takes vectors before it lands", "V16"),
      broken<NeverFilesLater>("files_none_later", "memory", "what is filed later moves the model and files nothing",
                              "V17"),
      broken<FilesBehindAGap>("files_behind_gap", "sqlite_memory", "nobody looks where the model reached", "V20"),
      broken<FilesPastTheHead>("files_past_head", "sqlite_memory", "nobody looks whether the ledger reaches so far",
                               "V20"),
      broken<RemembersItsModels>("caches_models", "sqlite_file", "a handle trusts the models it saw last", "V23"),
      broken<ForgetsVectorsWhenClosed>("forgets_vectors", "sqlite_file", "vectors last as long as their handle", "V24"),
      broken<LooksAtVectorsTwice>("looks_twice_at_vectors", "sqlite_memory",
                                  "how a model stands and its vectors are of two moments", "V25"),
      broken<ReadsAHundredVectors>("reads_a_hundred", "memory", "a page of vectors ends early", "V26"),
      broken<NeverFilesLater>("embeds_nothing", "sqlite_memory", "filing moves the model and files nothing", "F16"),
      broken<DropsPastItsDeadline>("drops_late", "sqlite_memory", "drop_vectors() does not look at its deadline",
                                   "V27"),
  };
}

}  // namespace claimledger::conformance
