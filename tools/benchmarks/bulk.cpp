#include <algorithm>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "benchmarks/measure.hpp"
#include "benchmarks/recorded_rows.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

const AgentId agent{"bulk"};
constexpr int batch_size = 1'000;
constexpr int claims_a_line = 100;

struct Order {
  const char* name;
  bool sorted;  // the claims of a line together; otherwise a claim of each line by turns
};

Statement claim(const Order& order, int number, int lines) {
  const int line = order.sorted ? number / claims_a_line : number % lines;
  const int day = order.sorted ? number % claims_a_line : number / lines;
  return dated("person " + std::to_string(line), day, day);
}

IngestRequest batch(const Order& order, int from, int lines) {
  IngestRequest request{.agent = agent, .statements = {}};
  for (int number = from; number < from + batch_size; ++number)
    request.statements.push_back(claim(order, number, lines));
  return request;
}

// By two threads, each batch decided while the one before it is written.
double load(Engine& engine, std::vector<IngestRequest> batches) {
  InOrder order;
  std::mutex mutex;
  std::size_t given = 0;
  const auto write = [&] {
    while (true) {
      std::unique_lock lock(mutex);
      if (given == batches.size()) return;
      auto place = order.next();
      auto& request = batches[given++];
      lock.unlock();
      request.place = &place;
      engine.ingest(request);
    }
  };
  return seconds([&] {
    const std::jthread other(write);
    write();
  });
}

// Batches from one number on, as many as `load` is given at once.
std::vector<IngestRequest> some(const Order& order, int from, const Scale& scale) {
  constexpr int at_once = 10;
  std::vector<IngestRequest> batches;
  for (int i = 0; i < at_once && from < scale.claims; ++i, from += batch_size)
    batches.push_back(batch(order, from, scale.claims / claims_a_line));
  return batches;
}

void compare(const std::string& folder, const Order& order, const Scale& scale) {
  const auto ours = (std::filesystem::path(folder) / "bulk.db").string();
  const auto by_hand = (std::filesystem::path(folder) / "by_hand.db").string();
  const auto recorded = (std::filesystem::path(folder) / "recorded.db").string();
  in_child([&] {
    std::vector<double> loads;
    double all_by_hand = 0;
    {
      auto engine = engine_on_file(ours);
      Recorder recorder(recorded);
      HandWritten floor(by_hand);
      Progress progress("ingesting, " + std::string(order.name), static_cast<std::uint64_t>(scale.claims));
      for (int said = 0; said < scale.claims;) {
        const auto batches = some(order, said, scale);
        loads.push_back(load(engine, batches));
        for (const auto& each : batches) {
          recorder.engine().ingest(each);
          const auto rows = recorder.rows();
          all_by_hand += seconds([&] { floor.write(rows); });
        }
        said += static_cast<int>(batches.size()) * batch_size;
        progress.at(static_cast<std::uint64_t>(said));
      }
    }
    const auto all = std::accumulate(loads.begin(), loads.end(), 0.0);
    const auto each = [&](double time) { return 1e6 * time / scale.claims; };
    const auto ratio = all_by_hand / all;
    row(std::string("rows by hand, ") + order.name, each(all_by_hand), "us a claim");
    row(std::string("ingest, ") + order.name, each(all), "us a claim", ratio, "the speed of those rows");
    const auto tenth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, loads.size() / 10));
    const auto last = median({loads.end() - tenth, loads.end()}) / median({loads.begin(), loads.begin() + tenth});
    row("  the last tenth", last, "x", last, "the time of the first");
    goal(std::string("ingest, ") + order.name + ", to the same rows by hand", ratio, Goal::at_least, 0.9);
    goal(std::string("ingest, ") + order.name + ", the last tenth to the first", last, Goal::at_most, 1.2);
    if (row_counts(ours) != row_counts(by_hand))
      throw std::runtime_error("ours wrote " + row_counts(ours) + "by hand were written " + row_counts(by_hand));
  });
  for (const auto& path : {ours, by_hand, recorded}) remove_database(path);
}

// Of a process that does nothing else.
void peak(const std::string& folder, const Order& order, const Scale& scale) {
  const auto path = (std::filesystem::path(folder) / "peak.db").string();
  in_child([&] {
    auto engine = engine_on_file(path);
    Progress progress("ingesting, " + std::string(order.name), static_cast<std::uint64_t>(scale.claims));
    for (int said = 0; said < scale.claims;) {
      auto batches = some(order, said, scale);
      said += static_cast<int>(batches.size()) * batch_size;
      load(engine, std::move(batches));
      progress.at(static_cast<std::uint64_t>(said));
    }
    row(std::string("most memory at once, ") + order.name, peak_mib(), "MiB");
    goal(std::string("ingest, ") + order.name + ", MiB at once", peak_mib(), Goal::at_most, 64);
  });
  remove_database(path);
}

}  // namespace

void bulk(const std::string& folder, const Scale& scale) {
  heading("Ingest in batches of 1,000, lines of 100, beside the same rows by hand");
  for (const Order& order : {Order{"line by line", true}, Order{"by turns", false}}) {
    compare(folder, order, scale);
    peak(folder, order, scale);
  }
}

}  // namespace claimledger::benchmarks
