#include <filesystem>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

const AgentId agent{"one line"};
constexpr int batch = 100;

// A ledger after some work, and the cost of that work.
struct Line {
  Engine engine;
  std::string path;
  std::uint64_t entries = 0;

  // Prints one line of the table. `work` gives the head after it.
  template <class Work>
  double measure(const std::string& what, Work work) {
    const auto before = entries;
    const auto cpu = cpu_seconds([&] { entries = work().value; });
    std::printf("  %-44s %9.3f s CPU %9llu entries %8.2f MiB file %7.1f MiB peak\n", what.c_str(), cpu,
                static_cast<unsigned long long>(entries - before), database_mib(path), peak_mib());
    return cpu;
  }

  // Statements `from` to `until`; their claims, as far as they were not rejected.
  template <class Make>
  Position say(int from, int until, std::vector<ClaimId>& claims, Progress& progress, Make make) {
    Position head;
    for (int said = from; said < until;) {
      IngestRequest request{.agent = agent, .statements = {}};
      for (int i = 0; i < batch && said < until; ++i) request.statements.push_back(make(said++));
      const auto answer = engine.ingest(request);
      head = answer.position;
      for (const auto& receipt : answer.receipts)
        if (receipt.claim) claims.push_back(*receipt.claim);
      progress.at(static_cast<std::uint64_t>(said));
    }
    return head;
  }

  Position retract(const ClaimId& claim) { return engine.retract({.agent = agent, .claim = claim}).position; }
};

void rivals(const std::string& path, int count) {
  Line line{engine_on_file(path), path};
  std::vector<ClaimId> claims;
  {
    Progress progress("undated rivals", static_cast<std::uint64_t>(count));
    line.measure(std::to_string(count) + " undated rivals", [&] {
      return line.say(0, count, claims, progress, [](int value) { return statement("Ada", value); });
    });
  }
  const Progress progress("retracting one");
  const auto one = line.measure("  retract one", [&] { return line.retract(claims[claims.size() / 2]); });
  goal("2,000 rivals on one line, s of CPU to retract one", one, Goal::at_most, 0.2);
}

void successions(const std::string& path, int count) {
  Line line{engine_on_file(path), path};
  // From 2130 on: an open end said today holds today, so a later value only follows it from then on.
  constexpr int years_from_1980 = 150;
  const auto make = [](int value) { return since("Ada", value, 366 * years_from_1980 + value); };
  std::vector<ClaimId> claims;
  {
    Progress progress("values that follow each other", static_cast<std::uint64_t>(count));
    const int tenth = count / 10;
    const auto part = [&](const char* what, int from, int until) {
      return line.measure("  the " + std::string(what) + " " + std::to_string(until - from),
                          [&] { return line.say(from, until, claims, progress, make); });
    };
    std::printf("  %d open-ended values, each following the last\n", count);
    const auto first = part("first", 0, tenth);
    part("next", tenth, count - tenth);
    const auto last = part("last", count - tenth, count);
    std::printf("  %-44s %9.2f x the first\n", "", last / first);
    goal("successions on one line, CPU of the last tenth to the first", last / first, Goal::at_most, 1.5);
  }
  const Progress progress("retracting, verifying");
  const auto one = line.measure("  retract one", [&] { return line.retract(claims[claims.size() / 2]); });
  goal("10,000 successions on one line, s of CPU to retract one", one, Goal::at_most, 0.1);
  const std::size_t more = std::min<std::size_t>(100, claims.size() / 4 - 1);  // each second one of the later half
  line.measure("  retract " + std::to_string(more) + " more", [&] {
    Position head;
    for (std::size_t i = 1; i <= more; ++i) head = line.retract(claims[claims.size() / 2 + 2 * i]);
    return head;
  });
  line.measure("  verify", [&] {
    const auto verified = line.engine.verify({.agent = agent});
    if (!verified.ok) throw std::runtime_error("verify: " + verified.problem);
    return verified.position;
  });
}

}  // namespace

void one_line(const std::string& folder, const Scale& scale) {
  heading("Thousands of values on one line, in batches of 100, on SQLite");
  const auto path = (std::filesystem::path(folder) / "line.db").string();
  in_child([&] { rivals(path, scale.rivals); });
  remove_database(path);
  in_child([&] { successions(path, scale.successions); });
  remove_database(path);
}

}  // namespace claimledger::benchmarks
