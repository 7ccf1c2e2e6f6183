#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shell.hpp"

// Durable single claims by many writers, beside pgbench calling the same function with rows of the same sizes.
namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Calls a second. `mode` is pgbench's word for how it sends them: "extended" has each planned anew, "prepared" once a
// connection.
double by_pgbench(const Rival& rival, const std::string& file, const std::string& mode, int clients,
                  const Scale& scale) {
  const auto threads = std::to_string(std::min(clients, 4));
  // pgbench knows whole seconds only; a shorter round is counted in calls.
  const auto length =
      scale.round_seconds < 1 ? std::string("-t 10") : "-T " + std::to_string(std::lround(scale.round_seconds));
  const auto out =
      output_of(rival.pgbench + " -n -M " + mode + " -D n=0 -c " + std::to_string(clients) + " -j " + threads + " " +
                length + " -f " + shell_word(file) + " " + shell_word(rival.connection) + " 2>&1");
  const auto at = out.find("tps = ");
  if (at == std::string::npos || out.find("aborted") != std::string::npos)
    throw std::runtime_error("pgbench failed: " + out);
  return std::stod(out.substr(at + 6));
}

// The rates and times of writers that each run a loop of their own, on ledgers of this run.
struct Written {
  double a_second = 0;
  std::vector<double> seconds = {};  // of each call
};

Written by_engine(Engine& engine, int run, int writers, int agents, double length) {
  std::vector<std::vector<double>> taken(static_cast<std::size_t>(writers));
  std::vector<std::thread> threads;
  threads.reserve(taken.size());
  const auto begun = steady_clock::now();
  const auto until = begun + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(length));
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&engine, &mine = taken[static_cast<std::size_t>(writer)], run, writer, agents, until] {
      const AgentId agent{"run " + std::to_string(run) + ", " + std::to_string(writer % agents)};
      for (int i = 0; steady_clock::now() < until; ++i) {
        const auto subject = "person " + std::to_string(i) + " of " + std::to_string(writer);
        const IngestRequest request{.agent = agent, .statements = {statement(subject, i)}};
        mine.push_back(seconds([&] { engine.ingest(request); }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  Written written;
  for (const auto& each : taken) written.seconds.insert(written.seconds.end(), each.begin(), each.end());
  written.a_second =
      static_cast<double>(written.seconds.size()) / std::chrono::duration<double>(steady_clock::now() - begun).count();
  return written;
}

std::string counted_agents(int agents) { return std::to_string(agents) + (agents == 1 ? " agent" : " agents"); }

}  // namespace

std::string find_pgbench() {
  const auto in_path = output_of("command -v pgbench");
  if (!in_path.empty()) return shell_word(in_path.substr(0, in_path.find('\n')));
  std::error_code none;
  fs::path newest;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const auto program = version.path() / "bin/pgbench";
    if (fs::exists(program, none) && (newest.empty() || program > newest)) newest = program;
  }
  return newest.empty() ? "" : shell_word(newest.string());
}

// By turns, and the median of each: what else the machine does meets all alike.
void many_writers(Engine& engine, const Rival& rival, const Scale& scale) {
  heading("One claim a batch, durable, by many writers, against pgbench calling the same function");
  const auto file = (fs::temp_directory_path() / ("claimledger-bench-" + rival.schema + ".sql")).string();
  const std::vector<std::string> modes = {"extended", "prepared"};
  int run = 0;
  for (const auto& [writers, agents] : {std::pair{1, 1}, {4, 4}, {16, 16}, {16, 1}}) {
    const auto what = std::to_string(writers) + " on " + counted_agents(agents);
    Progress progress(what + ", rounds", static_cast<std::uint64_t>(scale.rounds));
    std::vector<double> ours, calls;
    std::vector<std::vector<double>> theirs(modes.size());
    for (int round = 0; round < scale.rounds; ++round) {
      auto written = by_engine(engine, ++run, writers, agents, scale.round_seconds);
      ours.push_back(written.a_second);
      calls.insert(calls.end(), written.seconds.begin(), written.seconds.end());
      progress.at(static_cast<std::uint64_t>(round));
      for (std::size_t mode = 0; !rival.pgbench.empty() && mode < modes.size(); ++mode) {
        std::ofstream(file, std::ios::trunc) << pgbench_script(rival.schema, ++run);
        theirs[mode].push_back(by_pgbench(rival, file, modes[mode], agents, scale));
      }
    }
    row(what, median(ours), "claims/s");
    for (std::size_t mode = 0; mode < modes.size(); ++mode) {
      if (theirs[mode].empty()) continue;
      const auto by_theirs = median(theirs[mode]);
      const auto name = "pgbench -M " + modes[mode] + ", " + std::to_string(agents) + " on " + counted_agents(agents);
      std::printf("  %-52s %12.1f claims/s;  ours %6.2f x that\n", name.c_str(), by_theirs, median(ours) / by_theirs);
    }
    const auto each = quantiles(std::move(calls));
    std::printf("  %-52s p10 %.0f  p50 %.0f  p99 %.0f us   p99/p50 %.2f\n", "  each call of ours", each.p10 * 1e6,
                each.p50 * 1e6, each.p99 * 1e6, each.p99 / each.p50);
  }
  fs::remove(file);
}

}  // namespace claimledger::benchmarks
