#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "wiring/logging.hpp"
#include "wiring/open_store.hpp"

namespace claimledger::benchmarks {
namespace {

namespace fs = std::filesystem;

// Everything that the command line says.
struct Asked {
  std::string address = "memory:";
  std::string folder;
  Scale scale = {};
  std::vector<std::string> sections;
  Instructions counting;
  std::string older;
  std::string newer;
  std::string work;
  int times = 1;
  int rows = 0;  // 0: as many as the scale has; likewise dimensions
  int dimensions = 0;
};

// Where a section is measured.
enum class On { any_store, memory, sqlite, postgres };

// The arguments of all sections.
struct Place {
  Engine* engine;
  std::string folder;
  Rival rival;
  Scale scale;
};
struct Section {
  const char* name;
  On on;
  void (*run)(const Place&);
  bool with_words = false;  // filed, whatever was asked
};
const Section sections[] = {
    {"writers", On::postgres, [](const Place& at) { many_writers(*at.engine, at.rival, at.scale); }},
    {"nearest", On::postgres, [](const Place& at) { nearest(at.rival, at.scale); }},
    {"growing", On::any_store, [](const Place& at) { growing_ledger(*at.engine, at.scale); }},
    {"lengths", On::any_store, [](const Place& at) { long_lines(*at.engine, at.scale); }},
    {"values", On::any_store, [](const Place& at) { hard_lines(*at.engine, at.scale); }},
    {"calls", On::any_store, [](const Place& at) { calls(*at.engine, at.scale); }, true},
    {"lone", On::sqlite, [](const Place& at) { single_remember(at.folder, at.scale); }},
    {"writers", On::sqlite, [](const Place& at) { writers_of_a_file(at.folder, at.scale); }},
    {"log", On::sqlite, [](const Place& at) { log_of_commits(at.folder, at.scale); }},
    {"lines", On::sqlite, [](const Place& at) { one_line(at.folder, at.scale); }},
    {"bulk", On::sqlite, [](const Place& at) { bulk(at.folder, at.scale); }},
    {"service", On::sqlite, [](const Place& at) { service(at.folder, at.scale); }},
    {"memory", On::sqlite, [](const Place& at) { whole_ledger(at.folder, at.scale); }},
    {"search", On::sqlite, [](const Place& at) { text_search(at.folder, at.scale); }},
    {"search", On::postgres, [](const Place& at) { text_search_on_postgres(at.rival, at.scale); }},
    {"meaning", On::sqlite, [](const Place& at) { meaning_search(at.folder, at.scale); }},
    {"nodes", On::memory, [](const Place& at) { nodes(at.scale); }},
    {"vectors", On::memory, [](const Place& at) { vectors(at.scale); }},
};

bool is_section(const std::string& name) {
  return std::ranges::any_of(sections, [&](const auto& section) { return section.name == name; });
}

std::string scheme_of(const std::string& address) { return address.substr(0, address.find(':')); }

// The sections asked for, of those that this store has.
std::vector<const Section*> chosen(const Asked& asked) {
  const auto scheme = scheme_of(asked.address);
  const On here = scheme.starts_with("postgres") ? On::postgres : scheme == "sqlite" ? On::sqlite : On::memory;
  std::vector<const Section*> found;
  for (const auto& section : sections) {
    const bool wanted = asked.sections.empty() || std::ranges::count(asked.sections, section.name) > 0;
    if (wanted && (section.on == On::any_store || section.on == here)) found.push_back(&section);
  }
  return found;
}

Engine engine_over(const std::string& address, const wiring::PostgresSettings& settings, const Config& config) {
  return Engine({.store = wiring::open_store(address, wiring::Opening::make, wiring::make_logger(), settings),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()},
                config);
}

// Each section in a process of its own: none finds the memory, the threads or the disk of another's making.
void run(const Asked& asked) {
  const auto todo = chosen(asked);
  if (todo.empty()) return;
  const auto scheme = scheme_of(asked.address);
  const bool postgres = scheme.starts_with("postgres");
  wiring::PostgresSettings settings;
  settings.schema = "claimledger_bench_" + to_text(system::RandomIds().uuid({})).substr(24);
  settings.pool_size = 16;
  in_child([&] {
    if (asked.address != "memory:" && wiring::store_exists(asked.address, settings))
      throw InvalidInput("--store", "there is something already");
  });
  std::printf("store %s%s:\n", scheme.c_str(), files_words ? ", words filed" : "");
  const auto connection =
      asked.address.find("://") == std::string::npos ? asked.address.substr(scheme.size() + 1) : asked.address;
  const auto beside = fs::path(connection).parent_path().string();
  for (const auto* section : todo) {
    in_child([&] {
      Place place{nullptr, beside.empty() ? "." : beside, {find_pgbench(), connection, settings.schema}, asked.scale};
      if (section->on == On::sqlite || section->on == On::memory) return section->run(place);
      auto engine = engine_over(asked.address, settings, section->with_words ? Config{} : configuration());
      place.engine = &engine;
      section->run(place);
    });
  }
  if (postgres) std::printf("\nleft behind: schema %s\n", settings.schema.c_str());
}

int answer(const Asked& asked) {
  for (const auto& name : asked.sections)
    if (!is_section(name)) throw InvalidInput("section", "there is none called " + name);
  if (!asked.work.empty()) {
    repeat(asked.work, asked.times, asked.folder);
  } else if (!asked.counting.program.empty()) {
    return instructions(asked.counting, asked.folder, asked.scale) ? 0 : 1;
  } else if (!asked.older.empty()) {
    against(asked.older, asked.newer, asked.folder, asked.scale);
  } else {
    run(asked);
  }
  return 0;
}

}  // namespace
}  // namespace claimledger::benchmarks

int main(int argc, char** argv) {
  using namespace claimledger;
  wiring::prepare_process();
  CLI::App app("Measures the engine over a store and prints figures and ratios.");
  benchmarks::Asked asked;
  std::string size = "full";
  bool count = false;
  std::string names;
  for (const auto& section : benchmarks::sections)
    if (names.find(section.name) == std::string::npos) names += (names.empty() ? "" : ", ") + std::string(section.name);
  app.add_option("section", asked.sections, names + "; those that the store has; all without one");
  app.add_flag("--words", benchmarks::files_words, "File the words of what is written, for searches");
  bool points = false;
  app.add_flag("--points", points, "Print the points of the figures, too");
  app.add_option("--store", asked.address,
                 "memory:, sqlite:PATH, where nothing is yet, or postgres:CONNECTION, in a schema of its own")
      ->capture_default_str();
  app.add_option("--size", size, "How much of everything")
      ->check(CLI::IsMember({"full", "quick", "smallest"}))
      ->capture_default_str();
  app.add_option("--rows", asked.rows, "So many vectors; usually 100,000 at full size")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--dimensions", asked.dimensions, "… of so many dimensions; usually 384")
      ->check(CLI::Range(1, static_cast<int>(claimledger::limits::dimensions)));
  app.add_option("--folder", asked.folder, "An empty folder, for what is asked with the options below");
  app.add_flag("--instructions", count, "Count instructions by callgrind; exit code 1 for more than the baseline");
  app.add_option("--baseline", asked.counting.baseline, "The file that they are compared with");
  app.add_flag("--record", asked.counting.record, "Write that file");
  app.add_option("--older", asked.older, "Turn by turn with this agent …");
  app.add_option("--newer", asked.newer, "… run this one");
  app.add_option("--repeat", asked.work, "Only do what callgrind counts: lone, batch or recall …");
  app.add_option("--times", asked.times, "… so many times");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a line is seen when it is known, in a file too
  const auto name = benchmarks::scheme_of(asked.address);
  if (points) benchmarks::curves_of = name == "memory" ? "memory" : name == "sqlite" ? "SQLite" : "Postgres";
  if (size == "quick") asked.scale = benchmarks::quick_scale();
  if (size == "smallest") asked.scale = benchmarks::smallest_scale();
  if (asked.rows > 0) asked.scale.rows = asked.rows;
  if (asked.dimensions > 0) asked.scale.dimensions = asked.dimensions;
  try {
    if (count) asked.counting.program = std::filesystem::read_symlink("/proc/self/exe").string();
    return benchmarks::answer(asked);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "claimledger_bench: %s\n", error.what());
    return 2;
  }
}
