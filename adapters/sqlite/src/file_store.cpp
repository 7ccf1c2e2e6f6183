#include "file_store.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <optional>

#include "claimledger/adapter/append_signal.hpp"
#include "claimledger/adapter/observed_turn.hpp"
#include "ledger_file.hpp"
#include "reading.hpp"
#include "schema.hpp"
#include "term_index.hpp"
#include "vector_table.hpp"

namespace claimledger::sqlite {

namespace {

std::string size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return std::to_string(error ? 0 : size);
}

// Poll interval for appends by other handles; long for a database in memory, which has none.
constexpr std::chrono::milliseconds poll_interval{50};
constexpr std::chrono::milliseconds poll_interval_in_memory{1'000};

class FileStore : public Store, public SearchIndex, public Vectors {
 public:
  explicit FileStore(Options options) : file_(std::move(options)) {}

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return file_.read(call, "snapshot",
                      [&](Database& database) { return reading::snapshot(database, agent, moment, wanted); });
  }

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = file_.append(commits, call);
    appended_.tell();
    return outcomes;
  }

  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    // The one connection of a database in memory is there for its readers, too.
    if (file_.in_memory()) return Store::begin_write(std::move(intents), call);
    return std::make_unique<adapter::ObservedTurn>(file_.begin_write(intents, call), [this] { appended_.tell(); });
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return file_.read(call, "dependants",
                      [&](Database& database) { return reading::dependants(database, agent, parents, at); });
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return file_.read(call, "entries",
                      [&](Database& database) { return reading::entries(database, agent, query, at); });
  }

  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    return file_.read(call, "lines",
                      [&](Database& database) { return reading::lines(database, agent, subject, after, limit, at); });
  }

  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    return file_.read(call, "subjects",
                      [&](Database& database) { return reading::subjects(database, agent, after, limit, at); });
  }

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    return file_.read(call, "batches",
                      [&](Database& database) { return reading::batches(database, agent, after, limit); });
  }

  Inventory inventory(const AgentId& agent, const Call& call) const override {
    return file_.read(call, "inventory", [&](Database& database) {
      auto found = reading::inventory(database, agent);
      if (found.problem.empty()) found.problem = tree_damage_once(database, agent);
      return found;
    });
  }

  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    return file_.read(call, "agents", [&](Database& database) { return reading::agents(database, after, limit); });
  }

  std::uint64_t await_append(const std::optional<AgentId>&, std::uint64_t seen, const Call& call) const override {
    if (seen != 0) file_.require_same("await_append");
    return appended_.wait(seen, file_.in_memory() ? poll_interval_in_memory : poll_interval, call);
  }

  bool agents_share_commits() const override { return true; }
  bool reads_are_near() const override { return true; }
  SearchIndex* search_index() override { return this; }

  TextIndex text_index(const AgentId& agent, const Call& call) const override {
    return file_.read(call, "text_index", [&](Database& database) {
      const auto number = reading::agent_number(database, agent);
      return number ? term_index::read(database, *number) : TextIndex{};
    });
  }

  TextIndex postings(const AgentId& agent, const std::string& recipe, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    return file_.read(call, "postings", [&](Database& database) {
      return term_index::postings(database, agent, recipe, queries, from, to, visit);
    });
  }

  bool extend(const AgentId& agent, const TextIndex& before, const TextIndex& after,
              std::span<const ContentTerms> contents, const Call& call) override {
    return file_.derive(
        [&](Database& database) { return term_index::extend(database, agent, before, after, contents); }, "extend",
        call);
  }

  Vectors* vectors() override { return this; }

  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    return file_.read(call, "models", [&](Database& database) { return vector_table::models(database, agent); });
  }

  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    return file_.read(call, "read_vectors", [&](Database& database) {
      return vector_table::read(database, agent, model, after, limit, visit);
    });
  }

  std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                       std::span<const std::uint8_t> kinds, Position from, Position to,
                                       std::size_t limit, const Call& call) const override {
    return file_.read(call, "without_vector", [&](Database& database) {
      return vector_table::without(database, agent, model, kinds, from, to, limit);
    });
  }

  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    return file_.derive(
        [&](Database& database) { return vector_table::file(database, agent, model, before, up_to, vectors); },
        "file_vectors", call);
  }

  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override {
    file_.derive([&](Database& database) { return vector_table::drop(database, agent, model); }, "drop_vectors", call);
  }

  std::vector<Capability> capabilities() const override {
    const std::string gone = file_.in_memory() ? "the database is in memory" : "";
    return {{"durable", gone.empty(), gone},
            {"reopen", gone.empty(), gone},
            {"second_handle", gone.empty(), gone},
            {"multi_process", gone.empty(), gone},
            {"readers_beside_a_writer", gone.empty(), gone},
            {"parallel_agents", false, "one database has one writer; open a directory for one database per agent"},
            {"erasure", true, ""},
            {"search_index", true, ""},
            {"vectors", true, ""}};
  }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return file_.read(call, "describe", [&](Database& database) { return describe(database); });
  }

 private:
  // The trees are those of all agents. Whoever asks for one agent after the other, as agents() lists them, has them
  // looked at with the first.
  std::string tree_damage_once(Database& database, const AgentId& agent) const {
    const std::scoped_lock lock(mutex_);
    if (whole_before_ && *whole_before_ < agent) {
      whole_before_ = agent;
      return "";
    }
    whole_before_.reset();
    auto damage = tree_damage(database);
    if (damage.empty()) whole_before_ = agent;
    return damage;
  }

  std::vector<std::pair<std::string, std::string>> describe(Database& database) const {
    const auto& path = file_.options().path;
    std::vector<std::pair<std::string, std::string>> lines = {
        {"backend", "sqlite"}, {"path", path}, {"sqlite_version", sqlite3_libversion()}};
    if (const auto& why = file_.read_only(); !why.empty()) lines.emplace_back("access", "read only, because " + why);
    Run schema(database, Query::schema_version);
    schema.next();  // before the first read a connection does not know its journal
    for (const auto* name : {"journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "application_id",
                             "page_size", "cache_size", "wal_autocheckpoint"}) {
      lines.emplace_back(name, database.pragma(name));
    }
    lines.emplace_back("checkpoint_pages", std::to_string(file_.options().checkpoint_pages));
    lines.emplace_back("schema_version", std::to_string(schema.integer(0)));
    const auto damage = schema_damage(database);
    lines.emplace_back("schema", damage.empty() ? "whole" : damage);
    Run count(database, Query::entry_count);
    count.next();
    lines.emplace_back("agents", std::to_string(count.integer(1)));
    lines.emplace_back("entries", std::to_string(count.integer(0)));
    if (!file_.in_memory()) {
      lines.emplace_back("file_bytes", size_of(path));
      lines.emplace_back("wal_bytes", size_of(path + "-wal"));
    }
    return lines;
  }

  LedgerFile file_;
  mutable std::mutex mutex_;
  mutable std::optional<AgentId> whole_before_;  // the last agent whose inventory found all trees whole
  mutable adapter::AppendSignal appended_;
};

}  // namespace

std::unique_ptr<Store> open_file(Options options) { return std::make_unique<FileStore>(std::move(options)); }

}  // namespace claimledger::sqlite
