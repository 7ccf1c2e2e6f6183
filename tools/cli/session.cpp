#include "cli/session.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "cli/common.hpp"
#include "cli/typed_word.hpp"
#include "wiring/embedders.hpp"
#include "wiring/logging.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void set_duration(std::chrono::microseconds& target, const std::string& text, const char* field) {
  if (!text.empty()) target = parse_duration(text, field);
}

}  // namespace

std::string default_store() {
  auto base = environment("XDG_DATA_HOME");
  // The specification says to pass over what is not absolute.
  if (base.empty() || base.front() != '/') {
    const auto home = environment("HOME");
    if (home.empty()) throw InvalidInput("--store", "is needed where neither XDG_DATA_HOME nor HOME is set");
    base = home + "/.local/share";
  }
  return "sqlite:" + base + "/claimledger/agent.db";
}

std::chrono::microseconds parse_duration(const std::string& text, const std::string& field) {
  using std::chrono::microseconds;
  constexpr std::pair<std::string_view, microseconds> units[] = {{"ms", std::chrono::milliseconds{1}},
                                                                 {"s", std::chrono::seconds{1}},
                                                                 {"m", std::chrono::minutes{1}},
                                                                 {"h", std::chrono::hours{1}},
                                                                 {"d", std::chrono::days{1}}};
  constexpr microseconds longest = std::chrono::days{100 * 366};  // a century
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && number > 0)
    for (const auto& [letters, unit] : units)
      if (std::string_view(rest, end) == letters && number <= longest / unit) return number * unit;
  throw InvalidInput(field,
                     "must be a whole number from 1 with ms, s, m, h or d, at most a century: 90s, 15m, 24h, 7d");
}

Session::Session(Settings settings, std::shared_ptr<spdlog::logger> logger)
    : settings_(std::move(settings)), logger_(std::move(logger)) {
  system::Metrics::Slow slow;
  if (!settings_.log_slow.empty()) {
    slow.at_least = std::chrono::ceil<std::chrono::milliseconds>(parse_duration(settings_.log_slow, "--log-slow"));
    slow.tell = [warn = wiring::warnings_to(logger_)](std::string_view name, std::chrono::milliseconds took) {
      warn(std::string(name) + " took " + std::to_string(took.count()) + " ms");
    };
  }
  metrics_ = std::make_shared<system::Metrics>(std::move(slow));
}

std::string Session::store_address() const { return settings_.store.empty() ? default_store() : settings_.store; }

Config Session::config() const {
  Config config;
  config.agent = agent();
  if (!settings_.overturn.empty())
    config.overturn_policy = typed_word<OverturnPolicy>(settings_.overturn, "--overturn");
  if (!settings_.overturn_floor.empty())
    config.criticality_overturn_floor = typed_word<Criticality>(settings_.overturn_floor, "--overturn-floor");
  config.queue_for_adjudication = settings_.queue;
  if (!settings_.ttl.empty()) config.adjudication_ttl = parse_duration(settings_.ttl, "--ttl");
  if (settings_.trust_floor) config.trust_floor = Confidence::from(*settings_.trust_floor, "--trust-floor");
  if (settings_.confidence_floor)
    config.confidence_floor = Confidence::from(*settings_.confidence_floor, "--confidence-floor");
  if (settings_.depth_cap) config.derivation_depth_cap = *settings_.depth_cap;
  config.quarantine_future_starts = settings_.quarantine_future;
  set_duration(config.served_window, settings_.served_window, "--served-window");
  set_duration(config.aging_after, settings_.aging_after, "--aging-after");
  set_duration(config.decayed_after, settings_.decayed_after, "--decayed-after");
  if (!settings_.search_language.empty()) config.search_language = settings_.search_language;
  config.index_words = !settings_.no_word_index;
  if (settings_.no_accelerators) config.line_cache_bytes = 0;
  return config;
}

std::shared_ptr<Embedder> Session::embedder(const Call& starting) const {
  if (!settings_.embed_command.empty() && !settings_.embedder.empty())
    throw InvalidInput("--embed-cmd", "stands for --embedder; give one of the two");
  if (!settings_.embed_command.empty()) {
    std::optional<std::chrono::milliseconds> answer_within;
    if (!settings_.embed_timeout.empty())
      answer_within =
          std::chrono::ceil<std::chrono::milliseconds>(parse_duration(settings_.embed_timeout, "--embed-timeout"));
    return wiring::embedder_of_command(settings_.embed_command, answer_within, starting);
  }
  return settings_.embedder.empty() ? wiring::embedder_that_comes_with_us() : wiring::embedder_of(settings_.embedder);
}

bool Session::on_a_server() const { return wiring::is_on_a_server(store_address()); }

std::string Session::store_name() const { return wiring::display_name(store_address(), settings_.postgres); }

std::filesystem::path Session::default_folder() const {
  const auto address = default_store();
  return std::filesystem::path(address.substr(address.find(':') + 1)).parent_path();
}

void Session::make_default_folder() const {
  if (settings_.store.empty()) wiring::make_folders(default_folder().string());
}

// The folder of the default store is made with the store. A folder that somebody typed is missing, or not mounted, and
// so is one that a link leads to.
bool Session::store_exists() const {
  if (settings_.store.empty()) {
    std::error_code error;
    auto folder = default_folder();
    while (folder.has_parent_path() && folder != folder.parent_path() &&
           std::filesystem::symlink_status(folder, error).type() == std::filesystem::file_type::not_found)
      folder = folder.parent_path();
    if (folder != default_folder() && std::filesystem::is_directory(folder, error)) return false;
  }
  return wiring::store_exists(store_address(), settings_.postgres);
}

void Session::refuse_absent_store() const {
  throw StoreFailure(FailureKind::unreachable, "open",
                     "there is no ledger at " + store_name() + " yet; remember, ingest and init make one");
}

void Session::require_ledger_of(const AgentId& agent, const char* option) const {
  if (const auto why = wiring::refusal_of(store_address(), agent); !why.empty())
    throw InvalidInput(option, store_name() + ": " + why);
}

void Session::require_store() const {
  if (!store_exists()) refuse_absent_store();
}

std::unique_ptr<Store> Session::open_store(Access access) const {
  const auto address = store_address();
  if (access == Access::write) {
    make_default_folder();
    return wiring::open_store(address, wiring::Opening::make, logger_, settings_.postgres);
  }
  const bool may_be_there = !settings_.store.empty() || store_exists();
  auto store =
      may_be_there ? wiring::open_store(address, wiring::Opening::existing, logger_, settings_.postgres) : nullptr;
  if (store) return store;
  if (access == Access::operate) refuse_absent_store();
  remark(json(), "there is no ledger at " + store_name() + " yet");
  return wiring::open_store("memory:", wiring::Opening::make, logger_);
}

Engine Session::open(Access access, const Call& starting, std::shared_ptr<Clock> replay) const {
  config();  // refused before a store is asked
  return engine_on(open_store(access), starting, std::move(replay));
}

Engine Session::open_nothing(const Call& starting) const {
  return engine_on(wiring::open_store("memory:", wiring::Opening::make, logger_), starting);
}

Engine Session::engine_on(std::unique_ptr<Store> store, const Call& starting, std::shared_ptr<Clock> replay) const {
  Parts parts;
  parts.store = std::move(store);
  parts.world = std::make_shared<system::SystemClock>();
  parts.clock_source = replay ? ClockSource::replay : ClockSource::engine;
  parts.clock = replay ? std::move(replay) : parts.world;
  parts.ids = std::make_shared<system::RandomIds>();
  parts.warn = wiring::warnings_to(logger_);
  parts.observer = metrics_;
  parts.embedder = embedder(starting);
  return Engine(std::move(parts), config());
}

}  // namespace claimledger::cli
