#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/engine.hpp"
#include "claimledger/system/metrics.hpp"
#include "wiring/open_store.hpp"

namespace claimledger::cli {

// The options of every command, as typed.
struct Settings {
  std::string store;  // empty: default_store()
  std::string agent = "default";
  bool agent_given = false;  // typed, or in the environment
  bool agent_typed = false;
  std::string actor;
  bool json = false;
  std::string log_slow;
  wiring::PostgresSettings postgres;

  std::string overturn;
  std::string overturn_floor;
  bool queue = false;
  std::string ttl;
  std::optional<double> trust_floor;
  std::optional<double> confidence_floor;
  std::optional<std::uint32_t> depth_cap;
  bool quarantine_future = false;
  std::string served_window;
  std::string aging_after;
  std::string decayed_after;
  std::string search_language;
  bool no_word_index = false;
  bool no_accelerators = false;
  std::string embedder;       // "none", or a file; empty: the one that comes with us, where it is installed
  std::string embed_command;  // instead
  std::string embed_timeout;
};

// The state of the store that a command needs.
enum class Access {
  write,    // made if absent
  query,    // a store that is not there yet answers as an empty one
  operate,  // must be there
};

// "sqlite:" in the user's data directory, after the XDG base directory specification.
std::string default_store();

// "90s", "15m", "24h", "7d". InvalidInput{field}.
std::chrono::microseconds parse_duration(const std::string& text, const std::string& field);

// Everything between the command line and an engine: one for each run of the program.
class Session {
 public:
  // Failure: InvalidInput for --log-slow.
  Session(Settings settings, std::shared_ptr<spdlog::logger> logger);

  const Settings& settings() const { return settings_; }
  // The same run with other settings: for a command that needs two stores.
  Session with(Settings settings) const { return {std::move(settings), logger_}; }
  bool json() const { return settings_.json; }
  AgentId agent() const { return AgentId::parse(settings_.agent); }
  Caller caller() const { return {settings_.actor, true, true}; }
  std::string store_address() const;

  // Whether the store is one that may be away for a while and come back.
  bool on_a_server() const;

  // What the engines of this run did, and how long it took.
  const system::Metrics& metrics() const { return *metrics_; }

  // The store's address as it may be shown.
  std::string store_name() const;

  // A default store may need its folder; a path that somebody typed is taken at its word.
  void make_default_folder() const;

  // Failure: StoreFailure{unreachable} where there is no store at the address yet.
  void require_store() const;

  // Failure: InvalidInput with the option that named the store, where it takes no batch of this agent.
  void require_ledger_of(const AgentId& agent, const char* option = "--store") const;

  // The engine, on the wall clock or on `replay`, which then marks its batches as replayed. `starting`: for what the
  // engine starts when it needs it first, the command of an embedder; its stop also for what that is asked.
  Engine open(Access access, const Call& starting = {}, std::shared_ptr<Clock> replay = nullptr) const;
  // The same on a store that is open already.
  Engine engine_on(std::unique_ptr<Store> store, const Call& starting = {},
                   std::shared_ptr<Clock> replay = nullptr) const;
  // The same without any ledger, for what needs none.
  Engine open_nothing(const Call& starting = {}) const;

 private:
  std::unique_ptr<Store> open_store(Access access) const;
  std::filesystem::path default_folder() const;
  bool store_exists() const;
  [[noreturn]] void refuse_absent_store() const;
  Config config() const;
  std::shared_ptr<Embedder> embedder(const Call& starting) const;

  Settings settings_;
  std::shared_ptr<spdlog::logger> logger_;
  std::shared_ptr<system::Metrics> metrics_;
};

}  // namespace claimledger::cli
