#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>

#include "appending.hpp"
#include "claimledger/adapter/append_signal.hpp"
#include "claimledger/adapter/call_check.hpp"
#include "claimledger/adapter/observed_turn.hpp"
#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"
#include "file_store.hpp"
#include "ledger_directory.hpp"
#include "open_ledgers.hpp"
#include "poll_interval.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

// Holds the inner pages of the indexes that a batch touches. With a quarter of this, batches of 100 claims slowed down;
// small ones did not.
constexpr std::size_t least_cache_kib = 1024;

Options of_each(Options options) {
  options.max_open = std::max<std::size_t>(options.max_open, 1);
  options.cache_kib = std::min(options.cache_kib, std::max(least_cache_kib, options.cache_kib / options.max_open));
  return options;
}

class DirectoryStore : public Store, public SearchIndex, public Vectors {
 public:
  explicit DirectoryStore(Options options)
      : options_(of_each(std::move(options))),
        open_(options_),
        directory_(options_.path, options_.busy_timeout, [this] { start_over(); }) {
    std::error_code error;
    if (fs::is_directory(options_.path, error)) return;
    if (!options_.create) {
      throw StoreFailure(FailureKind::unreachable, "open",
                         options_.path + ": " + (error ? error.message() : "there is no such directory"));
    }
    make_directory(options_.path, "open");
  }

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    if (const auto store = open_.find(agent, call, "snapshot")) return store->snapshot(agent, moment, wanted, call);
    Snapshot nothing;
    nothing.head.hash = genesis_hash(agent);
    nothing.lines.resize(wanted.lines.size());
    nothing.keys.resize(wanted.keys.size());
    nothing.claims.resize(wanted.claims.size());
    return nothing;
  }

  // One transaction for each run of commits of one agent.
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Outcome> outcomes;
    for (std::size_t begin = 0; begin < commits.size();) {
      std::size_t end = begin + 1;
      while (end < commits.size() && commits[end].header.agent == commits[begin].header.agent) ++end;
      const auto run = commits.subspan(begin, end - begin);
      try {
        adapter::check(call, "append");
        for (auto& outcome : append_run(run, call)) outcomes.push_back(std::move(outcome));
        tell_of_append();
        if (appending::any_done(std::span(outcomes).last(run.size()))) mark();
      } catch (const StoreFailure& failure) {
        outcomes.insert(outcomes.end(), run.size(), failed(failure));
      }
      begin = end;
    }
    return outcomes;
  }

  // A database that is there is written in one transaction. Several have one each, and the first batch makes its own.
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    if (intents.size() == 1) {
      if (auto store = open_.find(intents.front().agent, call, "begin_write")) {
        auto turn = store->begin_write(std::move(intents), call);
        return std::make_unique<adapter::ObservedTurn>(
            std::move(turn), [this] { tell_of_append(), mark(); }, std::move(store));
      }
    }
    return Store::begin_write(std::move(intents), call);
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    const auto store = open_.find(agent, call, "dependants");
    return store ? store->dependants(agent, parents, at, call) : std::vector<Derivation>{};
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    const auto store = open_.find(agent, call, "entries");
    return store ? store->entries(agent, query, at, call) : std::vector<StoredEntry>{};
  }

  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    const auto store = open_.find(agent, call, "lines");
    return store ? store->lines(agent, subject, after, limit, at, call) : std::vector<LineKey>{};
  }

  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    const auto store = open_.find(agent, call, "subjects");
    return store ? store->subjects(agent, after, limit, at, call) : std::vector<std::string>{};
  }

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    const auto store = open_.find(agent, call, "batches");
    return store ? store->batches(agent, after, limit, call) : std::vector<StoredBatch>{};
  }

  Inventory inventory(const AgentId& agent, const Call& call) const override {
    const auto store = open_.find(agent, call, "inventory");
    if (store) return store->inventory(agent, call);
    Inventory nothing;
    nothing.counted = true;
    return nothing;
  }

  // Each page lists the whole directory, since agents may be added between two pages: use large ones.
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    adapter::check(call, "agents");
    auto heads = directory_.heads(after, limit, call);
    const bool more = limit > 0 && heads.size() >= limit;
    if (limit > 0) add_lost(heads, open_.lost(after, more ? std::optional(heads.back().agent) : std::nullopt));
    if (heads.size() > limit) heads.resize(limit);
    return heads;
  }

  // Polls for appends of other handles: one database often, all of them at growing intervals while nothing is found.
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override {
    const bool looks_at_all = !agent && seen != 0;
    return appended_.wait(seen, looks_at_all ? poll_interval() : PollInterval::least, call);
  }

  SearchIndex* search_index() override { return this; }

  TextIndex text_index(const AgentId& agent, const Call& call) const override {
    const auto store = open_.find(agent, call, "text_index");
    return store ? store->search_index()->text_index(agent, call) : TextIndex{};
  }

  TextIndex postings(const AgentId& agent, const std::string& recipe, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    const auto store = open_.find(agent, call, "postings");
    return store ? store->search_index()->postings(agent, recipe, queries, from, to, visit, call) : TextIndex{};
  }

  bool extend(const AgentId& agent, const TextIndex& before, const TextIndex& after,
              std::span<const ContentTerms> contents, const Call& call) override {
    const auto store = open_.find(agent, call, "extend");
    return store && store->search_index()->extend(agent, before, after, contents, call);
  }

  Vectors* vectors() override { return this; }

  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    const auto store = open_.find(agent, call, "models");
    return store ? store->vectors()->models(agent, call) : std::vector<FiledModel>{};
  }

  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    const auto store = open_.find(agent, call, "read_vectors");
    return store ? store->vectors()->read_vectors(agent, model, after, limit, visit, call) : std::nullopt;
  }

  std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                       std::span<const std::uint8_t> kinds, Position from, Position to,
                                       std::size_t limit, const Call& call) const override {
    const auto store = open_.find(agent, call, "without_vector");
    return store ? store->vectors()->without_vector(agent, model, kinds, from, to, limit, call)
                 : std::vector<Position>{};
  }

  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    const auto store = open_.find(agent, call, "file_vectors");
    return store && store->vectors()->file_vectors(agent, model, before, up_to, vectors, call);
  }

  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override {
    if (const auto store = open_.find(agent, call, "drop_vectors")) store->vectors()->drop_vectors(agent, model, call);
  }

  bool reads_are_near() const override { return true; }
  std::vector<Capability> capabilities() const override {
    return {{"durable", true, ""},
            {"reopen", true, ""},
            {"second_handle", true, ""},
            {"multi_process", true, ""},
            {"readers_beside_a_writer", true, ""},
            {"parallel_agents", true, ""},
            {"atomic_across_agents", false, "every agent has a database of its own"},
            {"erasure", true, ""},
            {"search_index", true, ""},
            {"vectors", true, ""}};
  }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    const auto files = directory_.list(call);
    std::uintmax_t bytes = 0;
    for (const auto& [agent, file] : files) {
      std::error_code error;
      const auto size = fs::file_size(file.path, error);
      if (!error) bytes += size;
    }
    std::vector<std::pair<std::string, std::string>> lines = {{"backend", "sqlite"},
                                                              {"layout", "one database for each agent"},
                                                              {"path", options_.path},
                                                              {"databases", std::to_string(files.size())},
                                                              {"databases_open", std::to_string(open_.size())},
                                                              {"max_open", std::to_string(options_.max_open)},
                                                              {"file_bytes", std::to_string(bytes)}};
    for (const auto& [agent, file] : files) {
      if (file.problem.empty() && describe_one(agent, call, lines)) break;
    }
    return lines;
  }

 private:
  // What took the place of a ledger that this store had open, or that nothing did, is said as for its reads.
  static void add_lost(std::vector<AgentHead>& heads, std::vector<AgentHead> lost) {
    for (auto& each : lost) {
      const auto place = std::ranges::lower_bound(heads, each.agent, {}, &AgentHead::agent);
      if (place == heads.end() || place->agent != each.agent) {
        heads.insert(place, std::move(each));
      } else if (place->problem.empty()) {
        *place = std::move(each);
      }
    }
  }

  // The settings are the same in all of them; these are those of one. False: it cannot be read.
  bool describe_one(const AgentId& agent, const Call& call,
                    std::vector<std::pair<std::string, std::string>>& lines) const {
    static const std::set<std::string> of_one = {"backend", "path", "agents", "entries", "file_bytes", "wal_bytes"};
    std::vector<std::pair<std::string, std::string>> found;
    try {
      const auto store = open_.find(agent, call, "describe");
      if (!store) return false;
      found = store->describe(call);
    } catch (const StoreFailure&) {
      adapter::check(call, "describe");
      return false;  // agents() says why
    }
    for (auto& each : found) {
      if (!of_one.contains(each.first)) lines.push_back(std::move(each));
    }
    return true;
  }

  std::chrono::milliseconds poll_interval() const {
    const std::scoped_lock lock(mutex_);
    return poll_interval_.next();
  }

  void mark() {
    if (!marked_.exchange(true)) mark_directory(options_.path);
  }

  void tell_of_append() {
    start_over();
    appended_.tell();
  }

  void start_over() const {
    const std::scoped_lock lock(mutex_);
    poll_interval_.start_over();
  }

  std::vector<Outcome> append_run(std::span<const Commit> commits, const Call& call) {
    const auto& agent = commits.front().header.agent;
    auto store = open_.find(agent, call, "append");
    if (!store) {
      const Head empty{{}, {}, genesis_hash(agent)};
      const bool begins =
          std::any_of(commits.begin(), commits.end(), [&](const Commit& commit) { return commit.after == empty; });
      if (!begins) return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
      if (auto outcomes = open_.begin(commits, call)) return std::move(*outcomes);
      store = open_.find(agent, call, "append");
      if (!store) return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
    }
    return store->append(commits, call);
  }

  Options options_;
  mutable OpenLedgers open_;
  mutable LedgerDirectory directory_;
  mutable std::mutex mutex_;
  mutable PollInterval poll_interval_;  // of await_append() for all agents
  mutable adapter::AppendSignal appended_;
  std::atomic<bool> marked_ = false;
};

}  // namespace

std::unique_ptr<Store> open_directory(Options options) { return std::make_unique<DirectoryStore>(std::move(options)); }

}  // namespace claimledger::sqlite
