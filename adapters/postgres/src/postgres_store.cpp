#include "claimledger/postgres/postgres_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "appending.hpp"
#include "claimledger/adapter/append_signal.hpp"
#include "describing.hpp"
#include "errors.hpp"
#include "notifying.hpp"
#include "pgvector.hpp"
#include "reading.hpp"
#include "recent_ledgers.hpp"
#include "schema.hpp"
#include "term_index.hpp"
#include "vector_table.hpp"
#include "write_turn.hpp"

namespace claimledger::postgres {

namespace {

using reading::Reader;

// The poll interval of await_append(), without and with a listener.
constexpr std::chrono::milliseconds poll_interval{100};
constexpr std::chrono::milliseconds poll_interval_with_listener{1'000};

class PostgresStore : public Store, public SearchIndex, public Vectors {
 public:
  // Connects. Failure: StoreFailure.
  explicit PostgresStore(Options options) : database_(std::move(options)) {}

  // Finds the ledger, or makes it where that is allowed. False: there is none. Failure: StoreFailure.
  bool prepare();

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto look = reading::snapshot(reader(call, "snapshot"), agent, moment, wanted);
    if (std::holds_alternative<AtHead>(moment)) {
      recent_.read_if_known(agent, wanted, look.snapshot, look.last_tombstone);
    }
    return std::move(look.snapshot);
  }

  // One transaction for each commit.
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Outcome> outcomes;
    outcomes.reserve(commits.size());
    bool landed = false;
    for (const auto& commit : commits) {
      outcomes.push_back(append_one(commit, call));
      landed = landed || outcomes.back().outcome == AppendOutcome::done;
    }
    if (landed) told_of_append();
    return outcomes;
  }

  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    return postgres::begin_write(database_, recent_, std::move(intents), call, [this] { told_of_append(); });
  }

  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return reading::dependants(reader(call, "dependants"), agent, parents, at);
  }

  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return reading::entries(reader(call, "entries"), agent, query, at);
  }

  std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    return reading::open_adjudications(reader(call, "open_adjudications"), agent, after, limit, at);
  }

  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    return reading::lines(reader(call, "lines"), agent, subject, after, limit, at);
  }

  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    return reading::subjects(reader(call, "subjects"), agent, after, limit, at);
  }

  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    return reading::batches(reader(call, "batches"), agent, after, limit);
  }

  Inventory inventory(const AgentId& agent, const Call& call) const override {
    return reading::inventory(reader(call, "inventory"), agent);
  }

  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    return reading::agents(reader(call, "agents"), after, limit);
  }

  std::uint64_t await_append(const std::optional<AgentId>&, std::uint64_t seen, const Call& call) const override {
    // A standby does not let anybody listen.
    if (!database_.server().bouncer && !database_.server().standby) listener_.start();
    return appended_.wait(seen, listener_.hears() ? poll_interval_with_listener : poll_interval, call);
  }

  SearchIndex* search_index() override { return this; }

  TextIndex text_index(const AgentId& agent, const Call& call) const override {
    return term_index::read(reader(call, "text_index"), agent);
  }

  TextIndex postings(const AgentId& agent, const std::string& recipe, std::span<const TermQuery> queries, Position from,
                     Position to, const std::function<void(const Posting&)>& visit, const Call& call) const override {
    return term_index::postings(reader(call, "postings"), agent, recipe, queries, from, to, visit);
  }

  bool extend(const AgentId& agent, const TextIndex& before, const TextIndex& after,
              std::span<const ContentTerms> contents, const Call& call) override {
    return term_index::extend(reader(call, "extend"), agent, before, after, contents);
  }

  Vectors* vectors() override { return this; }

  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    return vector_table::models(reader(call, "models"), agent);
  }

  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    return vector_table::read(reader(call, "read_vectors"), agent, model, after, limit, visit);
  }

  std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                       std::span<const std::uint8_t> kinds, Position from, Position to,
                                       std::size_t limit, const Call& call) const override {
    return vector_table::without(reader(call, "without_vector"), agent, model, kinds, from, to, limit);
  }

  bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                    std::span<const NewVector> vectors, const Call& call) override {
    return vector_table::file(reader(call, "file_vectors"), agent, model, before, up_to, vectors);
  }

  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query,
                  const std::function<void(const FiledVector&)>& visit, const Call& call) const override {
    return pgvector::nearest(reader(call, "nearest"), agent, model, query, visit);
  }

  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                       std::span<const Position> entries, const std::function<void(const FiledVector&)>& visit,
                       const Call& call) const override {
    pgvector::read_vectors_of(reader(call, "read_vectors_of"), agent, model, among, entries, visit);
  }

  std::optional<std::uint64_t> extend_nearest(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                              const Call& call) override {
    return pgvector::extend(reader(call, "extend_nearest"), agent, model, after);
  }

  std::optional<Comparing> comparing(const AgentId& agent, const EmbeddingModel& model,
                                     const Call& call) const override {
    return pgvector::comparing(reader(call, "comparing"), agent, model);
  }

  void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) override {
    vector_table::drop(reader(call, "drop_vectors"), agent, model);
  }

  std::vector<Capability> capabilities() const override {
    return {{"durable", not_durable_.empty(), not_durable_},
            {"reopen", true, ""},
            {"second_handle", true, ""},
            {"multi_process", true, ""},
            {"readers_beside_a_writer", true, ""},
            {"parallel_agents", true, ""},
            {"erasure", true, ""},
            {"search_index", true, ""},
            {"vectors", true, ""}};
  }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return postgres::describe(reader(call, "describe"));
  }

 private:
  Outcome append_one(const Commit& commit, const Call& call) {
    recent_.forget(commit.header.agent);
    auto decided = recent_.take_in_doubt(commit.header.id);
    if (!decided) return appending::append(database_, commit, nullptr, call).outcome;
    const appending::Basis basis{decided->wanted, decided->last_seqs};
    auto outcome = appending::append(database_, commit, &basis, call).outcome;
    if (outcome.outcome == AppendOutcome::failed) recent_.note_in_doubt(commit.header.id, std::move(*decided));
    return outcome;
  }

  Reader reader(const Call& call, const char* operation) const { return {database_, call, operation}; }

  void told_of_append() {
    appended_.tell();
    if (database_.options().notify) notifier_.tell();
  }

  Database database_;
  std::string not_durable_ = database_.server().not_durable;  // as it was when the store was opened
  mutable RecentLedgers recent_;
  mutable adapter::AppendSignal appended_;
  Notifier notifier_{database_};
  mutable Listener listener_{database_, appended_};
};

[[noreturn]] void incompatible(const Options& options, const std::string& why) {
  throw StoreFailure(FailureKind::incompatible, "open", "schema " + quoted(options.schema) + ": " + why);
}

bool PostgresStore::prepare() {
  const auto& options = database_.options();
  auto found = Migrator(database_, "open").look();
  if (found.unlogged) {
    not_durable_ += std::string(not_durable_.empty() ? "" : "; ") +
                    "tables of this ledger are UNLOGGED, and a crash of the server empties them";
  }
  if (!found.made_as.empty()) {
    incompatible(options, "was made as schema " + found.made_as +
                              " and renamed since, and its functions still look there; run `claimledger migrate` as "
                              "its owner, so that they look into " +
                              quoted(options.schema) + ", or rename it back");
  }
  if (!found.current()) {
    if (options.migrate == Migrate::require_current) {
      if (!found.exists) return false;
      incompatible(options, "is older than this program; run `claimledger migrate`");
    }
    apply_migrations(database_, "open");
    found = Migrator(database_, "open").look();
  } else if (!found.lost.empty() && options.migrate == Migrate::apply) {
    apply_migrations(database_, "open");
    found = Migrator(database_, "open").look();
  }
  pgvector::require(reader({}, "open"));
  if (options.tenancy == Tenancy::scoped) return true;
  auto wall = database_.ask(Query::tenant, Parameters(options.schema), {}, "open");
  wall.next();
  if (!wall.flag(0)) incompatible(options, "enforces no tenancy; run `claimledger init --roles --tenancy enforced`");
  if (!wall.flag(1))
    incompatible(options, "no agent belongs to this login role; add one with `claimledger init --tenant`");
  return true;
}

}  // namespace

std::unique_ptr<Store> open(const Options& options) {
  auto store = std::make_unique<PostgresStore>(options);
  if (!store->prepare()) incompatible(options, "holds no ledger; run `claimledger init`");
  return store;
}

std::unique_ptr<Store> open_existing(Options options) {
  options.migrate = Migrate::require_current;
  auto store = std::make_unique<PostgresStore>(std::move(options));
  return store->prepare() ? std::move(store) : nullptr;
}

std::string identity(const Options& options) {
  const Database database(options);
  auto row = database.ask(Query::identity, Parameters(quoted(options.schema)), {}, "open");
  return row.next() && !row.null(0) ? std::string(row.text(0)) : "";
}

MigrationReport pending_migrations(const Options& options) {
  return report(Migrator(Database(options), "migrate").look());
}

MigrationReport migrate(const Options& options) {
  const Database database(options);
  auto found = Migrator(database, "migrate").look();
  found.pending = apply_migrations(database, "migrate");
  return report(found);
}

}  // namespace claimledger::postgres
