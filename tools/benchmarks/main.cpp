#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "benchmarks/sections.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "wiring/logging.hpp"
#include "wiring/open_store.hpp"

namespace claimledger::benchmarks {
namespace {

Engine engine_over(const std::string& address, const wiring::PostgresSettings& settings) {
  return Engine({.store = wiring::open_store(address, wiring::Opening::make, wiring::make_logger(), settings),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()});
}

void run(const std::string& address, const Scale& scale) {
  const auto scheme = address.substr(0, address.find(':'));
  const bool postgres = scheme.starts_with("postgres");
  wiring::PostgresSettings settings;
  settings.schema = "claimledger_bench_" + to_text(system::RandomIds().uuid({})).substr(24);
  settings.pool_size = 16;
  if (address != "memory:" && wiring::store_exists(address, settings))
    throw InvalidInput("--store", "there is something already");
  std::printf("store %s:\n", scheme.c_str());
  {
    auto engine = engine_over(address, settings);
    if (postgres) {
      const auto connection = address.find("://") == std::string::npos ? address.substr(scheme.size() + 1) : address;
      many_writers(engine, {find_pgbench(), connection, settings.schema}, scale);
    }
    growing_ledger(engine, scale);
    long_lines(engine, scale);
    hard_lines(engine, scale);
  }
  if (scheme == "sqlite") {
    const auto folder = std::filesystem::path(address.substr(scheme.size() + 1)).parent_path();
    single_remember(folder.empty() ? "." : folder.string(), scale);
  } else if (postgres) {
    std::printf("\nleft behind: schema %s\n", settings.schema.c_str());
  } else {
    nodes(scale);
  }
}

}  // namespace
}  // namespace claimledger::benchmarks

int main(int argc, char** argv) {
  using namespace claimledger;
  CLI::App app("Measures the engine over a store and prints medians and ratios.");
  std::string address = "memory:";
  bool quick = false;
  app.add_option("--store", address,
                 "memory:, sqlite:PATH, where nothing is yet, or postgres:CONNECTION, in a schema of its own")
      ->capture_default_str();
  app.add_flag("--quick", quick, "A tenth of everything");
  CLI11_PARSE(app, argc, argv);
  try {
    benchmarks::run(address, quick ? benchmarks::Scale{10'000, 40} : benchmarks::Scale{});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "claimledger_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
