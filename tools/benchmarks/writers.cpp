#include "benchmarks/writers.hpp"

#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

using std::chrono::steady_clock;

Written write_at_once(Engine& engine, int run, int writers, int agents, double length) {
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

std::string writers_on(int writers, int agents) {
  return std::to_string(writers) + " on " + std::to_string(agents) + (agents == 1 ? " agent" : " agents");
}

void Rounds::add(Written written) {
  a_second.push_back(written.a_second);
  calls.insert(calls.end(), written.seconds.begin(), written.seconds.end());
}

double Rounds::print(const std::string& what, double lone) const {
  row(what, median(a_second), "claims/s", median(a_second) / lone, "the lone writer");
  const auto each = quantiles(calls);
  std::printf("  %-52s p10 %.0f  p50 %.0f  p99 %.0f us   p99/p50 %.2f\n", "  each call of ours", each.p10 * 1e6,
              each.p50 * 1e6, each.p99 * 1e6, each.p99 / each.p50);
  return each.p99 / each.p50;
}

// By turns, and the median of each: what else the machine does meets all alike.
void writers_of_a_file(const std::string& folder, const Scale& scale) {
  heading("One claim a batch, synchronous=FULL, by many writers of one file");
  const auto path = (std::filesystem::path(folder) / "writers.db").string();
  const std::vector<std::pair<int, int>> cases = {{1, 1}, {4, 1}, {16, 1}, {64, 1}, {16, 16}, {64, 64}};
  std::vector<Rounds> measured(cases.size());
  {
    auto engine = engine_on_file(path);
    int run = 0;
    Progress progress("rounds", static_cast<std::uint64_t>(scale.rounds));
    for (int round = 0; round < scale.rounds; ++round) {
      for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto [writers, agents] = cases[i];
        measured[i].add(write_at_once(engine, ++run, writers, agents, scale.round_seconds));
      }
      progress.at(static_cast<std::uint64_t>(round));
    }
  }
  remove_database(path);
  const auto lone = median(measured.front().a_second);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto what = writers_on(cases[i].first, cases[i].second);
    const auto spread = measured[i].print(what, lone);
    const auto threads = cases[i].first;
    const auto ratio = median(measured[i].a_second) / lone;
    point("writers", cases[i].second == 1 ? "one agent" : "an agent each", threads, median(measured[i].a_second));
    if (threads < 16) continue;
    goal(what + " of a file, to the lone writer", ratio, Goal::at_least, threads == 16 ? 4 : 6);
    goal(what + " of a file, p99 of a call to its p50, which is a group's commit", spread, Goal::at_most, 3);
  }
}

}  // namespace claimledger::benchmarks
