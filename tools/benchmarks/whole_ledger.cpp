#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

const AgentId agent{"whole ledger"};
const std::string poisoned = "a poisoned feed";

// One claim of each line comes from the poisoned feed; each fiftieth line ends in a contradiction.
void fill(const std::string& path, const Scale& scale) {
  auto engine = engine_on_file(path);
  Progress progress("filling the ledger, lines", static_cast<std::uint64_t>(scale.lines));
  IngestRequest request{.agent = agent, .statements = {}};
  for (int line = 0; line < scale.lines; ++line) {
    const auto subject = "person " + std::to_string(line);
    for (int day = 0; day < scale.claims_a_line; ++day) {
      const bool contradicts = line % 50 == 0 && day == scale.claims_a_line - 1;
      request.statements.push_back(dated(subject, day, contradicts ? day - 1 : day));
      if (day == scale.claims_a_line / 2) request.statements.back().source = poisoned;
    }
    if (request.statements.size() >= 1'000 || line == scale.lines - 1) {
      engine.ingest(request);
      request.statements.clear();
    }
    progress.at(static_cast<std::uint64_t>(line));
  }
}

// One line of the table, of work in a process of its own; `work` says what came of it. `most_mib`: the goal; 0: none.
void measure(const std::string& what, const std::function<std::string()>& work, double most_mib = 64) {
  const Progress progress(what);
  in_child([&] {
    std::string outcome;
    const auto cpu = cpu_seconds([&] { outcome = work(); });
    std::printf("  %-40s %9.2f s CPU %8.1f MiB peak   %s\n", what.c_str(), cpu, peak_mib(), outcome.c_str());
    if (most_mib > 0)
      goal(what.substr(what.find_first_not_of(' ')) + " of a large ledger, MiB", peak_mib(), Goal::at_most, most_mib);
  });
}

std::string counted(std::uint64_t count, const char* of) { return std::to_string(count) + " " + of; }

void looks(const std::string& path) {
  measure("verify", [&] {
    const auto verified = engine_on_file(path).verify({.agent = agent});
    if (!verified.ok) throw std::runtime_error("verify: " + verified.problem);
    return counted(verified.entries, "entries");
  });
  measure("contested, first page", [&] {
    const auto page = engine_on_file(path).contested({.agent = agent});
    return counted(page.items.size(), "lines");
  });
  measure("retract --source --dry-run", [&] {
    const auto answer = engine_on_file(path).retract_source({.agent = agent, .source = poisoned, .dry_run = true});
    return counted(answer.receipts.size(), "claims");
  });
}

Position head(Engine& engine) { return engine.head({.agent = agent}).position; }

// The ledger as it was before is kept in `copy`, to import into.
void take_back(const std::string& path, const std::string& copy, const std::string& batches) {
  sqlite::backup(path, copy);
  measure(
      "retract --source",
      [&] {
        auto engine = engine_on_file(path);
        const auto before = head(engine);
        const auto answer = engine.retract_source({.agent = agent, .source = poisoned, .expected_position = before});
        if (answer.status != WriteStatus::done) throw std::runtime_error("retract --source: " + answer.reason);
        return counted(answer.position.value - before.value, "entries");
      },
      256);
  measure("  export of that batch", [&] {
    const auto position = [&] {
      auto engine = engine_on_file(copy);
      return head(engine);
    }();
    auto engine = engine_on_file(path);
    std::ofstream out(batches, std::ios::trunc);
    ExportRequest request{.agent = agent, .after = position, .limit = 1};
    for (auto some = engine.export_batches(request); !some.lines.empty(); some = engine.export_batches(request)) {
      for (const auto& line : some.lines) out << line << '\n';
      request.after = some.last;
    }
    return counted(static_cast<std::uint64_t>(out.tellp()), "bytes");
  });
  measure("  import of that batch", [&] {
    auto engine = engine_on_file(copy);
    std::ifstream in(batches);
    std::uint64_t imported = 0;
    for (std::string line; std::getline(in, line);) imported += engine.import_batch({.line = line}) ? 1U : 0U;
    return counted(imported, "batches");
  });
  measure("  verify of the ledger with it", [&] {
    const auto verified = engine_on_file(path).verify({.agent = agent});
    if (!verified.ok) throw std::runtime_error("verify: " + verified.problem);
    return counted(verified.entries, "entries");
  });
  measure("reconcile", [&] {
    const auto answer = engine_on_file(path).reconcile({.agent = agent});
    return counted(answer.lines.size(), "lines");
  });
}

}  // namespace

void whole_ledger(const std::string& folder, const Scale& scale) {
  heading(std::to_string(scale.lines) + " lines of " + std::to_string(scale.claims_a_line) +
          " claims, on SQLite; each line of the table in a process of its own");
  const auto path = (fs::path(folder) / "whole.db").string();
  const auto copy = (fs::path(folder) / "whole_copy.db").string();
  const auto batches = (fs::path(folder) / "whole.jsonl").string();
  measure(
      "ingest, in batches of 1,000",
      [&] {
        fill(path, scale);
        return std::to_string(static_cast<int>(database_mib(path) * 1.048576)) + " MB file";
      },
      0);
  looks(path);
  take_back(path, copy, batches);
  for (const auto& database : {path, copy}) remove_database(database);
  fs::remove(batches);
}

}  // namespace claimledger::benchmarks
