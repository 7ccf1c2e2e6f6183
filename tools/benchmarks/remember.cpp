#include <filesystem>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

void compare(const fs::path& folder, const std::string& where, int calls) {
  const auto ours = folder / "remember.db";
  const auto raw = folder / "raw.db";
  std::vector<double> remembering;
  {
    Engine engine({.store = sqlite::open({.path = ours.string()}),
                   .clock = std::make_shared<system::SystemClock>(),
                   .ids = std::make_shared<system::RandomIds>()});
    const AgentId agent{"remember"};
    for (int i = 0; i < calls; ++i) {
      const IngestRequest request{.agent = agent, .statements = {statement("person " + std::to_string(i), i)}};
      remembering.push_back(seconds([&] { engine.ingest(request); }));
    }
  }
  sqlite::open({.path = raw.string()});  // makes the tables
  const auto by_hand = median(raw_sqlite(raw.string(), calls));
  const auto by_engine = median(std::move(remembering));
  row("the rows by hand, " + where, by_hand * 1e6, "us");
  row("remember, " + where, by_engine * 1e6, "us", by_engine / by_hand, "the rows by hand");
  for (const auto& file : {ours, raw}) {
    for (const auto* suffix : {"", "-wal", "-shm", "-lock"}) fs::remove(file.string() + suffix);
  }
}

}  // namespace

void single_remember(const std::string& folder, const Scale& scale) {
  heading("One claim a batch, synchronous=FULL, against hand-written statements for the same rows");
  compare(folder, "on this disk", scale.calls);
  // Where synchronising costs nothing, what is left is computing.
  const fs::path memory = "/dev/shm";
  if (!fs::is_directory(memory)) return;
  const auto scratch = memory / ("claimledger-bench-" + to_text(system::RandomIds().uuid({})));
  fs::create_directory(scratch);
  compare(scratch, "on a disk of memory", scale.calls * 5);
  fs::remove(scratch);
}

}  // namespace claimledger::benchmarks
