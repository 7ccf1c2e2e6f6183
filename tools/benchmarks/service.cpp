#include <atomic>
#include <filesystem>
#include <iterator>
#include <random>
#include <thread>

#include "benchmarks/measure.hpp"
#include "benchmarks/scratch.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/turns.hpp"
#include "claimledger/system/metrics.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

const AgentId agent{"service"};
constexpr int days = 10;  // claims of a line

std::string subject(int line) { return "person " + std::to_string(line); }

void fill(Engine& engine, int lines, int claims_a_line) {
  Progress progress("filling the ledger, lines", static_cast<std::uint64_t>(lines));
  IngestRequest request{.agent = agent, .statements = {}};
  for (int line = 0; line < lines; ++line) {
    for (int day = 0; day < claims_a_line; ++day) request.statements.push_back(dated(subject(line), day, day));
    if (request.statements.size() < 1'000 && line < lines - 1) continue;
    engine.ingest(request);
    request.statements.clear();
    progress.at(static_cast<std::uint64_t>(line));
  }
}

class Reader {
 public:
  Reader(Engine& engine, int lines) : engine_(engine), lines_(lines) {}
  void recall() {
    const auto line = static_cast<int>(random_() % static_cast<std::uint64_t>(lines_));
    engine_.recall({.agent = agent, .line = {subject(line), "lives_in"}});
  }

 private:
  Engine& engine_;
  int lines_;
  std::mt19937_64 random_{7};
};

// Another thread writes one claim after the other meanwhile, on the lines that are read.
void reads_beside_writes(const std::string& path, const Scale& scale) {
  const int lines = scale.claims / (10 * days);
  auto engine = engine_on_file(path);
  fill(engine, lines, days);
  Reader reader(engine, lines);
  const auto reads = [&] {
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(10 * scale.calls));
    for (int call = 0; call < 10 * scale.calls; ++call) times.push_back(seconds([&] { reader.recall(); }));
    return quantiles(std::move(times));
  };
  reads();
  const auto idle = reads();
  std::atomic<bool> done = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (; !done; ++written)
      engine.ingest({.agent = agent, .statements = {dated(subject(written % lines), written, days + written)}});
  });
  Quantiles beside;
  const auto took = seconds([&] { beside = reads(); });
  done = true;
  writer.join();
  row("recall, p50", idle.p50 * 1e6, "us");
  row("  p99", idle.p99 * 1e6, "us");
  row("  beside a writer, p50", beside.p50 * 1e6, "us", beside.p50 / idle.p50, "that without");
  row("  p99", beside.p99 * 1e6, "us", beside.p99 / idle.p99, "that without");
  row("  claims that it wrote meanwhile", written / took, "claims/s");
  goal("recall beside a writer, p99, to that without", beside.p99 / idle.p99, Goal::at_most, 2);
}

void opening(const std::string& path, const Scale& scale) {
  const int claims = scale.lines * scale.claims_a_line;
  in_child([&] {
    auto engine = engine_on_file(path);
    fill(engine, scale.lines, scale.claims_a_line);
  });
  const auto time = median_seconds(20, [&] { engine_on_file(path).head({.agent = agent}); });
  row("opening a store of " + std::to_string(claims) + " claims, to its head", time * 1e3, "ms");
  goal("opening a store of " + std::to_string(claims) + " claims, ms", time * 1e3, Goal::at_most, 20);
}

// Recalls of a service that counts them and of one that does not, turn by turn.
void observed(const std::string& path, const Scale& scale) {
  auto without = engine_on_file(path);
  auto with = engine_on_file(path, configuration(), std::make_shared<system::Metrics>());
  fill(without, 100, days);
  Reader one(without, 100), other(with, 100);
  Turns turns;
  for (int turn = 0; turn < 10 * scale.turns; ++turn) turns.take([&] { one.recall(); }, [&] { other.recall(); });
  const auto ratios = rows_of_turns("recall", turns.first, "recall, counted", turns.second);
  goal("recall that is counted, p50, to one that is not", ratios.of.p50, Goal::at_most, 1.02);
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

void many_agents(const std::string& folder, int agents) {
  in_child([&] {
    const auto before = open_descriptors();
    auto engine = engine_on_file(folder);
    std::vector<double> times;
    {
      Progress progress("ledgers of their own", static_cast<std::uint64_t>(agents));
      for (int number = 0; number < agents; ++number) {
        engine.ingest({.agent = AgentId{"agent " + std::to_string(number)}, .statements = {statement("Ada", number)}});
        progress.at(static_cast<std::uint64_t>(number));
      }
    }
    std::mt19937_64 random(7);
    for (int call = 0; call < agents; ++call) {
      const AgentId someone{"agent " + std::to_string(random() % static_cast<std::uint64_t>(agents))};
      times.push_back(seconds([&] { engine.recall({.agent = someone, .line = {"Ada", "lives_in"}}); }));
    }
    const auto recall = quantiles(std::move(times));
    row("recall of any of " + std::to_string(agents) + " agents in a folder, p50", recall.p50 * 1e6, "us");
    row("  p99", recall.p99 * 1e6, "us");
    row("  descriptors that it holds", static_cast<double>(open_descriptors() - before), "");
    row("  most memory at once", peak_mib(), "MiB");
  });
}

}  // namespace

void service(const std::string& folder, const Scale& scale) {
  heading("A service that keeps its store open");
  const auto path = (fs::path(folder) / "service.db").string();
  reads_beside_writes(path, scale);
  remove_database(path);
  observed(path, scale);
  remove_database(path);
  opening(path, scale);
  remove_database(path);
  const Scratch scratch(folder);
  many_agents(scratch.folder.string() + "/agents/", scale.lines);
}

}  // namespace claimledger::benchmarks
