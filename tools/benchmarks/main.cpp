#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "benchmarks/sections.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "wiring/logging.hpp"
#include "wiring/open_store.hpp"

int main(int argc, char** argv) {
  using namespace claimledger;
  CLI::App app("Measures the engine over a store and prints medians and ratios.");
  std::string address = "memory:";
  bool quick = false;
  app.add_option("--store", address, "memory: or sqlite:PATH, where nothing is yet")->capture_default_str();
  app.add_flag("--quick", quick, "A tenth of everything");
  CLI11_PARSE(app, argc, argv);
  try {
    if (address != "memory:" && wiring::store_exists(address))
      throw InvalidInput("--store", "there is something already");
    const auto scale = quick ? benchmarks::Scale{10'000, 40} : benchmarks::Scale{};
    const bool sqlite = address.starts_with("sqlite:");
    std::printf("store %s\n", sqlite ? "sqlite:" : address.c_str());
    {
      Engine engine({.store = wiring::open_store(address, wiring::Opening::make, wiring::make_logger()),
                     .clock = std::make_shared<system::SystemClock>(),
                     .ids = std::make_shared<system::RandomIds>()});
      benchmarks::growing_ledger(engine, scale);
      benchmarks::long_lines(engine, scale);
      benchmarks::hard_lines(engine, scale);
    }
    if (sqlite) {
      const auto folder = std::filesystem::path(address.substr(address.find(':') + 1)).parent_path();
      benchmarks::single_remember(folder.empty() ? "." : folder.string(), scale);
    } else {
      benchmarks::nodes(scale);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "claimledger_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
