#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shell.hpp"
#include "benchmarks/writers.hpp"

// Durable single claims by many writers, beside pgbench calling the same function with rows of the same sizes.
namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

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
  double lone = 0;
  for (const auto& [writers, agents] : {std::pair{1, 1}, {4, 4}, {16, 16}, {256, 16}, {16, 1}, {32, 1}}) {
    const auto what = writers_on(writers, agents);
    Progress progress(what + ", rounds", static_cast<std::uint64_t>(scale.rounds));
    Rounds ours;
    std::vector<std::vector<double>> theirs(modes.size());
    for (int round = 0; round < scale.rounds; ++round) {
      ours.add(write_at_once(engine, ++run, writers, agents, scale.round_seconds));
      progress.at(static_cast<std::uint64_t>(round));
      for (std::size_t mode = 0; !rival.pgbench.empty() && mode < modes.size(); ++mode) {
        std::ofstream(file, std::ios::trunc) << pgbench_script(rival.schema, ++run);
        theirs[mode].push_back(by_pgbench(rival, file, modes[mode], agents, scale));
      }
    }
    if (lone == 0) lone = median(ours.a_second);
    const auto spread = ours.print(what, lone);
    point("writers",
          agents == 1         ? "one agent"
          : writers == agents ? "an agent each"
                              : "on 16 agents",
          writers, median(ours.a_second));
    if (writers == 32 && agents == 1) goal(what + ", to one caller", median(ours.a_second) / lone, Goal::at_least, 4);
    if (writers == 16 && agents == 1) goal(what + ", p99 of a call to its p50", spread, Goal::at_most, 5);
    for (std::size_t mode = 0; mode < modes.size(); ++mode) {
      if (theirs[mode].empty()) continue;
      const auto by_theirs = median(theirs[mode]);
      const auto name = "pgbench -M " + modes[mode] + ", " + writers_on(agents, agents);
      std::printf("  %-52s %12.1f claims/s;  ours %6.2f x that\n", name.c_str(), by_theirs,
                  median(ours.a_second) / by_theirs);
      const bool prepared = modes[mode] == "prepared";
      if (prepared && writers == agents) point("writers", "pgbench, an agent each", writers, by_theirs);
      if (prepared && agents == 16)
        goal(what + ", to pgbench -M prepared", median(ours.a_second) / by_theirs, Goal::at_least,
             writers == 16 ? 0.9 : 1);
    }
  }
  fs::remove(file);
}

}  // namespace claimledger::benchmarks
