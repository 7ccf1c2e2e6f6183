#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "agent_files.hpp"
#include "append_signal.hpp"
#include "call_check.hpp"
#include "database.hpp"
#include "file_store.hpp"
#include "observed_turn.hpp"
#include "patience.hpp"
#include "reading.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

// Holds the inner pages of the indexes that a batch touches. Batches of a hundred claims felt a quarter of it, small
// ones did not.
constexpr std::size_t least_cache_kib = 1024;

class DirectoryStore : public Store {
 public:
  explicit DirectoryStore(Options options) : options_(std::move(options)) {
    options_.max_open = std::max<std::size_t>(options_.max_open, 1);
    options_.cache_kib =
        std::min(options_.cache_kib, std::max(least_cache_kib, options_.cache_kib / options_.max_open));
    std::error_code error;
    if (!fs::is_directory(options_.path, error) && (!options_.create || !fs::create_directory(options_.path, error))) {
      throw StoreFailure(FailureKind::unreachable, "open",
                         options_.path + ": " + (error ? error.message() : "there is no such directory"));
    }
  }

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    if (const auto store = find(agent, call, "snapshot")) return store->snapshot(agent, moment, wanted, call);
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
        common::check(call, "append");
        for (auto& outcome : append_run(run, call)) outcomes.push_back(std::move(outcome));
        tell_of_append();
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
      if (auto store = find(intents.front().agent, call, "begin_write")) {
        auto turn = store->begin_write(std::move(intents), call);
        return std::make_unique<common::ObservedTurn>(
            std::move(turn), [this] { tell_of_append(); }, std::move(store));
      }
    }
    return Store::begin_write(std::move(intents), call);
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    const auto store = find(agent, call, "dependants");
    return store ? store->dependants(agent, parents, at, call) : std::vector<Derivation>{};
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    const auto store = find(agent, call, "entries");
    return store ? store->entries(agent, query, at, call) : std::vector<StoredEntry>{};
  }

  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    const auto store = find(agent, call, "lines");
    return store ? store->lines(agent, subject, after, limit, at, call) : std::vector<LineKey>{};
  }

  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    const auto store = find(agent, call, "subjects");
    return store ? store->subjects(agent, after, limit, at, call) : std::vector<std::string>{};
  }

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    const auto store = find(agent, call, "batches");
    return store ? store->batches(agent, after, limit, call) : std::vector<StoredBatch>{};
  }

  Inventory inventory(const AgentId& agent, const Call& call) const override {
    const auto store = find(agent, call, "inventory");
    if (store) return store->inventory(agent, call);
    Inventory nothing;
    nothing.counted = true;
    return nothing;
  }

  // Each page lists the whole directory, for agents may come between two of them: ask for large ones.
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    common::check(call, "agents");
    std::vector<AgentHead> found;
    for (const auto& [agent, path] : listed(call)) {
      if (found.size() >= limit) break;
      if (after && agent <= *after) continue;
      // A crash can leave a file in which the first batch never landed.
      if (const auto inside = look_inside(path, call)) found.push_back({agent, inside->position});
    }
    return found;
  }

  // For what other handles append, whoever waits looks again: at one database often, at all of them less and less while
  // nothing is found.
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override {
    const bool looks_at_all = !agent && seen != 0;
    return appended_.wait(seen, looks_at_all ? patience() : Patience::least, call);
  }

  std::vector<Capability> capabilities() const override {
    return {{"durable", true, ""},
            {"reopen", true, ""},
            {"second_handle", true, ""},
            {"multi_process", true, ""},
            {"readers_beside_a_writer", true, ""},
            {"parallel_agents", true, ""},
            {"atomic_across_agents", false, "every agent has a database of its own"},
            {"erasure", true, ""}};
  }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    const auto files = listed(call);
    std::uintmax_t bytes = 0;
    for (const auto& [agent, path] : files) {
      std::error_code error;
      const auto size = fs::file_size(path, error);
      if (!error) bytes += size;
    }
    std::vector<std::pair<std::string, std::string>> lines = {{"backend", "sqlite"},
                                                              {"layout", "one database for each agent"},
                                                              {"path", options_.path},
                                                              {"databases", std::to_string(files.size())},
                                                              {"databases_open", std::to_string(open_databases())},
                                                              {"max_open", std::to_string(options_.max_open)},
                                                              {"file_bytes", std::to_string(bytes)}};
    if (files.empty()) return lines;
    // The settings are the same in all of them; these are those of one.
    static const std::set<std::string> of_one = {"backend", "path", "agents", "entries", "file_bytes", "wal_bytes"};
    if (const auto store = find(files.begin()->first, call, "describe")) {
      for (auto& each : store->describe(call)) {
        if (!of_one.contains(each.first)) lines.push_back(std::move(each));
      }
    }
    return lines;
  }

 private:
  // A place in the list of open databases. Its own mutex, so that opening one agent's does not hold up the others.
  struct Slot {
    explicit Slot(std::string of) : agent(std::move(of)) {}
    std::string agent;
    std::mutex mutex;
    std::shared_ptr<Store> store;
  };
  using Slots = std::list<std::shared_ptr<Slot>>;

  std::chrono::milliseconds patience() const {
    const std::scoped_lock lock(mutex_);
    return patience_.next();
  }

  void tell_of_append() {
    {
      const std::scoped_lock lock(mutex_);
      patience_.start_over();
    }
    appended_.tell();
  }

  std::string path_of(const AgentId& agent) const { return (fs::path(options_.path) / file_name(agent)).string(); }

  // Nothing for an agent without a database: asking does not make one.
  std::shared_ptr<Store> find(const AgentId& agent, const Call& call, const char* operation) const {
    common::check(call, operation);
    if (!is_open(agent) && nothing_at(path_of(agent))) return nullptr;
    return open(agent, Making::no, call);
  }

  enum class Making { no, yes };
  // Nothing when there is no database and none is to be made. Only what is open keeps its place.
  std::shared_ptr<Store> open(const AgentId& agent, Making making, const Call& call) const {
    auto slot = take_slot(agent);
    std::unique_lock lock(slot->mutex);
    // Whoever held it may have given it up.
    while (!slot->store && !stands(slot)) {
      lock.unlock();
      slot = take_slot(agent);
      lock = std::unique_lock(slot->mutex);
    }
    if (slot->store) return slot->store;
    try {
      if (making == Making::yes || !nothing_at(path_of(agent))) slot->store = open_its_own(agent, call);
    } catch (...) {
      forget(slot);
      throw;
    }
    if (!slot->store) forget(slot);
    return slot->store;
  }

  std::shared_ptr<Store> open_its_own(const AgentId& agent, const Call& call) const {
    auto options = options_;
    options.path = path_of(agent);
    std::shared_ptr<Store> store = open_file(std::move(options));
    for (const auto& inside : store->agents({}, 2, call)) {
      if (inside.agent != agent) {
        throw StoreFailure(FailureKind::incompatible, "open",
                           path_of(agent) + ": holds the ledger of another agent, '" + inside.agent.value + "'");
      }
    }
    return store;
  }

  bool is_open(const AgentId& agent) const {
    const std::scoped_lock lock(mutex_);
    return by_agent_.contains(agent.value);
  }

  std::size_t open_databases() const {
    const std::scoped_lock lock(mutex_);
    return slots_.size();
  }

  // Puts the agent's slot first; the one used longest ago goes, and its database closes after its last user.
  std::shared_ptr<Slot> take_slot(const AgentId& agent) const {
    std::shared_ptr<Slot> gone;  // closed outside the lock
    const std::scoped_lock lock(mutex_);
    if (const auto found = by_agent_.find(agent.value); found != by_agent_.end()) {
      slots_.splice(slots_.begin(), slots_, found->second);
      return slots_.front();
    }
    slots_.push_front(std::make_shared<Slot>(agent.value));
    by_agent_[agent.value] = slots_.begin();
    if (slots_.size() > options_.max_open) {
      gone = std::move(slots_.back());
      by_agent_.erase(gone->agent);
      slots_.pop_back();
    }
    return slots_.front();
  }

  bool stands(const std::shared_ptr<Slot>& slot) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_agent_.find(slot->agent);
    return found != by_agent_.end() && *found->second == slot;
  }

  void forget(const std::shared_ptr<Slot>& slot) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_agent_.find(slot->agent);
    if (found == by_agent_.end() || *found->second != slot) return;
    slots_.erase(found->second);
    by_agent_.erase(found);
  }

  std::vector<Outcome> append_run(std::span<const Commit> commits, const Call& call) {
    const auto& agent = commits.front().header.agent;
    auto store = find(agent, call, "append");
    if (!store) {
      const Head empty{{}, {}, genesis_hash(agent)};
      const bool begins =
          std::any_of(commits.begin(), commits.end(), [&](const Commit& commit) { return commit.after == empty; });
      if (!begins) return std::vector<Outcome>(commits.size(), {AppendOutcome::conflict});
      store = open(agent, Making::yes, call);
    }
    return store->append(commits, call);
  }

  // Every database of the directory by its agent, bytewise.
  std::map<AgentId, std::string> listed(const Call& call) const {
    std::map<AgentId, std::string> files;
    std::error_code error;
    for (fs::directory_iterator it(options_.path, error), end; !error && it != end; it.increment(error)) {
      const auto name = read_file_name(it->path().filename().string());
      if (!name) continue;
      const auto path = it->path().string();
      if (name->agent) {
        files.emplace(*name->agent, path);
      } else if (const auto inside = look_inside(path, call)) {
        files.emplace(inside->agent, path);
      }
    }
    if (error) throw StoreFailure(FailureKind::unreachable, "agents", options_.path + ": " + error.message());
    return files;
  }

  // Whose ledger a database holds and how far it goes, looked at without giving it a place among the open ones, and
  // only when its files are not those of the last look: a feed asks again and again.
  std::optional<AgentHead> look_inside(const std::string& path, const Call& call) const {
    const auto stamp = stamp_of(path);
    if (stamp.sizes[0] == 0) return {};
    {
      const std::scoped_lock lock(mutex_);
      const auto last = looks_.find(path);
      if (last != looks_.end() && last->second.stamp == stamp) return last->second.seen;
    }
    auto heads = read_heads(path, call);
    if (heads.empty()) return {};
    const std::scoped_lock lock(mutex_);
    patience_.start_over();
    if (stamp.settled) looks_.insert_or_assign(path, Look{stamp, heads.front()});
    return std::move(heads.front());
  }

  // Many files are asked at once: a failure says which it was.
  std::vector<AgentHead> read_heads(const std::string& path, const Call& call) const {
    read_header(path);  // what is not ours is not even recovered
    try {
      Database database(path, Access::write, options_.busy_timeout);
      database.set_call(&call, "agents");
      return reading::agents(database, {}, 1);
    } catch (const StoreFailure& failure) {
      throw StoreFailure(failure.kind(), "agents", path + ": " + failure.detail());
    }
  }

  // Sizes and times of a database and its log.
  struct Stamp {
    std::array<std::uintmax_t, 2> sizes{};
    std::array<std::chrono::nanoseconds, 2> times{};
    // Old enough that a later write has another time: the clock of a file system ticks coarsely.
    bool settled = true;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp_of(const std::string& path) {
    Stamp stamp;
    const auto settled_before = std::chrono::system_clock::now().time_since_epoch() - std::chrono::seconds{1};
    for (std::size_t i = 0; i < 2; ++i) {
      struct stat status {};
      if (stat((i == 0 ? path : path + "-wal").c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      stamp.sizes[i] = static_cast<std::uintmax_t>(status.st_size);
      stamp.times[i] = std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::nanoseconds{status.st_mtim.tv_nsec};
      if (stamp.times[i] > settled_before) stamp.settled = false;
    }
    return stamp;
  }
  struct Look {
    Stamp stamp;
    AgentHead seen;
  };

  Options options_;
  mutable std::mutex mutex_;
  mutable Slots slots_;  // the one used last comes first
  mutable std::unordered_map<std::string, Slots::iterator> by_agent_;
  mutable std::unordered_map<std::string, Look> looks_;  // by path
  mutable Patience patience_;                            // of whoever waits for any agent's append
  mutable common::AppendSignal appended_;
};

}  // namespace

std::unique_ptr<Store> open_directory(Options options) { return std::make_unique<DirectoryStore>(std::move(options)); }

}  // namespace claimledger::sqlite
