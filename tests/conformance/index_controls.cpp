#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "controls.hpp"

// Stores whose search index does one thing wrong.
namespace claimledger::conformance {

namespace {

struct ClaimsAnIndex : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Capability> capabilities() const override { return {{"search_index", true, ""}}; }
};

struct FilesUnasked : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    if (commit.recipe.empty()) commit.recipe = "unknown";
  }
};

struct FilesTheFirstBatchAlone : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    if (commit.after.position > Position{}) commit.recipe.clear();
  }
};

struct FilesWhateverTheRecipe : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    const auto index = inner().search_index()->text_index(commit.header.agent, {});
    if (!index.recipe.empty()) commit.recipe = index.recipe;
  }
};

struct FilesTheFirstOfAnAppend : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Commit> spoilt(commits.begin(), commits.end());
    for (std::size_t i = 1; i < spoilt.size(); ++i) spoilt[i].recipe.clear();
    return inner().append(spoilt, call);
  }
};

struct FilesNothing {
  std::vector<TurnOutcome> operator()(WriteTurn& turn, std::span<const Commit> commits) const {
    std::vector<Commit> spoilt(commits.begin(), commits.end());
    for (auto& commit : spoilt) commit.recipe.clear();
    return turn.append(spoilt);
  }
};

// Files the terms of a batch that is there already over those that it had.
struct FilesWhatDoesNotLand : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].outcome != AppendOutcome::already_there) continue;
      std::vector<ContentTerms> terms;
      for (const auto& entry : commits[i].entries) terms.push_back({entry.seq, entry.content.terms});
      const auto index = inner().search_index()->text_index(commits[i].header.agent, call);
      inner().search_index()->extend(commits[i].header.agent, index, index, terms, call);
    }
    return outcomes;
  }
};

// Takes terms out before it knows whether the tombstone lands.
struct TakesTermsEarly : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    for (const auto& commit : commits) {
      const bool erases =
          std::ranges::any_of(commit.entries, [](const auto& entry) { return entry.erases.has_value(); });
      const auto index = inner().search_index()->text_index(commit.header.agent, call);
      if (erases) inner().search_index()->extend(commit.header.agent, index, index, {}, call);
    }
    return inner().append(commits, call);
  }
};

// Hands on the index of the store behind it.
struct ForwardingIndex : ForwardingStore, SearchIndex {
  using ForwardingStore::ForwardingStore;
  SearchIndex* search_index() override { return this; }
  SearchIndex& index() const { return *inner().search_index(); }
  TextIndex text_index(const AgentId& a, const Call& call) const override { return index().text_index(a, call); }
  TextIndex postings(const AgentId& a, const std::string& recipe, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    return index().postings(a, recipe, queries, from, to, visit, call);
  }
  bool extend(const AgentId& a, const TextIndex& before, const TextIndex& after, std::span<const ContentTerms> contents,
              const Call& call) override {
    return index().extend(a, before, after, contents, call);
  }
};

struct FindsByAnyRecipe : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  TextIndex postings(const AgentId& a, const std::string&, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    return index().postings(a, index().text_index(a, call).recipe, queries, from, to, visit, call);
  }
};

struct AlwaysBeginsAnew : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  bool extend(const AgentId& a, const TextIndex& before, const TextIndex& after, std::span<const ContentTerms> contents,
              const Call& call) override {
    const TextIndex empty{after.recipe, {}};
    return index().extend(a, before, empty, {}, call) && index().extend(a, empty, after, contents, call);
  }
};

struct ExtendsWhateverWasBefore : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  bool extend(const AgentId& a, const TextIndex&, const TextIndex& after, std::span<const ContentTerms> contents,
              const Call& call) override {
    return index().extend(a, index().text_index(a, call), after, contents, call);
  }
};

struct ExtendsByNothing : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  bool extend(const AgentId& a, const TextIndex& before, const TextIndex& after, std::span<const ContentTerms>,
              const Call& call) override {
    return index().extend(a, before, after, {}, call);
  }
};

struct RemembersItsIndex : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  TextIndex text_index(const AgentId& a, const Call& call) const override {
    const std::scoped_lock lock(mutex);
    return seen.try_emplace(a, index().text_index(a, call)).first->second;
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    const std::scoped_lock lock(mutex);
    for (const auto& commit : commits) seen.erase(commit.header.agent);
    return inner().append(commits, call);
  }
  mutable std::mutex mutex;
  mutable std::map<AgentId, TextIndex> seen;
};

struct ForgetsItsIndexWhenClosed : ForwardingIndex {
  explicit ForgetsItsIndexWhenClosed(std::shared_ptr<Store> inner) : ForwardingIndex(std::move(inner)) {
    for (const auto& each : this->inner().agents({}, 1'000, {})) {
      const auto before = index().text_index(each.agent, {});
      index().extend(each.agent, before, {before.recipe, {}}, {}, {});
    }
  }
};

// Says how far the index reaches, and looks into it once it has moved.
struct LooksTwice : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  TextIndex postings(const AgentId& a, const std::string& recipe, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    const auto reach = index().text_index(a, call);
    for (int left = 2'000; left > 0 && index().text_index(a, call) == reach; --left) std::this_thread::yield();
    index().postings(a, recipe, queries, from, to, visit, call);
    return reach;
  }
};

struct IgnoresDeadlinesOfItsIndex : ForwardingIndex {
  using ForwardingIndex::ForwardingIndex;
  TextIndex text_index(const AgentId& a, const Call&) const override { return index().text_index(a, {}); }
};

}  // namespace

std::vector<Control> index_controls() {
  return {
      broken<ClaimsAnIndex>("claims_an_index", "memory", "a search index is claimed and not there", "U01"),
      broken<FilesUnasked>("files_unasked", "sqlite_memory", "a batch without a recipe begins an index", "U02"),
      broken<FilesTheFirstBatchAlone>("files_first_batch", "sqlite_memory", "the index does not go on", "U04"),
      broken<FilesWhateverTheRecipe>("files_any_recipe", "sqlite_memory", "terms of another recipe are filed", "U05"),
      broken<FilesWhatDoesNotLand>("files_unlanded", "sqlite_memory", "a batch that is there already is filed again",
                                   "U06"),
      broken<FilesTheFirstOfAnAppend>("files_first_commit", "sqlite_memory", "the first commit of an append is filed",
                                      "U07"),
      broken<TurnsAppend<FilesNothing>>("files_no_turn", "sqlite_memory", "a turn files no terms", "U08"),
      broken<FindsByAnyRecipe>("finds_any_recipe", "sqlite_memory", "postings of another recipe are found", "U12"),
      broken<TakesTermsEarly>("takes_terms_early", "sqlite_memory", "a tombstone takes terms before it lands", "U15"),
      broken<AlwaysBeginsAnew>("begins_anew", "sqlite_memory", "whatever extends the index begins it anew", "U16"),
      broken<ExtendsWhateverWasBefore>("extends_anything", "sqlite_memory", "nobody looks what the index was before",
                                       "U18"),
      broken<RemembersItsIndex>("caches_index", "sqlite_file", "a handle trusts the index it saw last", "U21"),
      broken<ForgetsItsIndexWhenClosed>("forgets_index", "sqlite_file", "the index lasts as long as its handle", "U22"),
      broken<LooksTwice>("looks_twice", "sqlite_memory", "reach and postings are of two moments", "U23"),
      broken<IgnoresDeadlinesOfItsIndex>("index_ignores_deadlines", "sqlite_memory",
                                         "text_index() does not look at its deadline", "U24"),
      broken<ExtendsByNothing>("reindexes_nothing", "sqlite_memory", "an extension moves the index and files nothing",
                               "F15"),
      broken<ExtendsByNothing>("finds_no_reindexed", "sqlite_memory", "the same, seen through a search", "H08"),
      broken<FilesWhateverTheRecipe>("finds_other_words", "sqlite_memory",
                                     "terms of another recipe are filed, seen through a search", "H08"),
      broken<FilesTheFirstBatchAlone>("imports_unfiled", "sqlite_memory", "the same, seen through an import", "H10"),
  };
}

}  // namespace claimledger::conformance
