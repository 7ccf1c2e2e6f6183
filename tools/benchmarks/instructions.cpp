#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shell.hpp"
#include "benchmarks/turns.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

constexpr double tolerated = 1.03;
constexpr int line_length = 1'000;

IngestRequest batch_of_new_lines(int number) {
  IngestRequest request{.agent = AgentId{"batches"}, .statements = {}};
  for (int i = 0; i < 1'000; ++i) request.statements.push_back(statement("person " + std::to_string(number++), i));
  return request;
}

// One figure: two lengths of one kind of work, whose difference holds neither start nor end nor preparation.
struct Figure {
  std::string name;
  std::string what;
  int less;
  int more;
  int each;  // claims or entries that one time of it concerns
};

// At the smallest size only one, for starting a program under valgrind takes seconds.
std::vector<Figure> figures(const Scale& scale) {
  if (scale.claims <= smallest_scale().claims) return {{"lone", "remember, alone, a claim", 1, 2, 1}};
  return {{"lone", "remember, alone, a claim", 50, 1'100, 1},
          {"batch", "in a batch of 1,000, a claim", 1, 5, 1'000},
          {"recall", "recall of a line of 1,000, an entry", 1, 21, line_length}};
}

double counted(const std::string& program, const std::string& work, int times, const std::string& folder) {
  const auto scratch = (fs::path(folder) / ("instructions_" + work)).string();
  fs::create_directory(scratch);
  const auto out =
      output_of("valgrind --tool=callgrind --callgrind-out-file=/dev/null " + shell_word(program) + " --repeat " +
                work + " --times " + std::to_string(times) + " --folder " + shell_word(scratch) + " 2>&1");
  fs::remove_all(scratch);
  const std::string_view total = "Collected : ";
  const auto at = out.find(total);
  if (at == std::string::npos) throw std::runtime_error("valgrind counted nothing: " + out);
  return std::stod(out.substr(at + total.size()));
}

// Lines of "name number"; # begins a comment.
std::map<std::string, double> read_baseline(const std::string& path) {
  std::map<std::string, double> numbers;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    double number = 0;
    if (!line.starts_with('#') && words >> name >> number) numbers[name] = number;
  }
  return numbers;
}

void write_baseline(const std::string& path, const std::map<std::string, double>& numbers) {
  std::ofstream out(path, std::ios::trunc);
  out << "# Instructions a claim, or an entry; tools/bench --instructions compares, with --record it writes this "
         "file.\n"
      << "# Counted with GCC " << __VERSION__ << " and SQLite " << sqlite3_libversion() << ".\n";
  for (const auto& [name, number] : numbers) out << name << ' ' << static_cast<long long>(number) << '\n';
  if (!out.flush()) throw std::runtime_error(path + " can't be written");
}

}  // namespace

void repeat(const std::string& work, int times, const std::string& folder) {
  auto engine = engine_on_file((fs::path(folder) / "repeat.db").string());
  if (work == "lone") {
    for (int i = 0; i < times; ++i) engine.ingest(lone(i));
  } else if (work == "batch") {
    for (int i = 0; i < times; ++i) engine.ingest(batch_of_new_lines(i * 1'000));
  } else if (work == "recall") {
    IngestRequest request{.agent = AgentId{"recall"}, .statements = {}};
    for (int day = 0; day < line_length; ++day) request.statements.push_back(dated("probe", day, day));
    engine.ingest(request);
    const RecallRequest asked{.agent = request.agent, .line = {"probe", "lives_in"}};
    for (int i = 0; i < times; ++i) engine.recall(asked);
  } else {
    throw std::runtime_error("no work is called " + work);
  }
}

bool instructions(const Instructions& how, const std::string& folder, const Scale& scale) {
  heading("Instructions, counted by callgrind");
  if (output_of("command -v valgrind").empty()) throw std::runtime_error("valgrind is not there; it counts");
  const auto baseline = how.baseline.empty() ? std::map<std::string, double>{} : read_baseline(how.baseline);
  std::map<std::string, double> found;
  bool good = true;
  for (const auto& figure : figures(scale)) {
    const Progress progress("counting: " + figure.what);
    const auto difference =
        counted(how.program, figure.name, figure.more, folder) - counted(how.program, figure.name, figure.less, folder);
    const auto number = difference / (figure.more - figure.less) / figure.each;
    found[figure.name] = number;
    const auto before = baseline.find(figure.name);
    if (before == baseline.end()) {
      row(figure.what, number, "instructions");
      continue;
    }
    const auto ratio = number / before->second;
    const bool more = ratio > tolerated;
    good = good && (!more || how.record);
    const auto to = "the baseline of " + std::to_string(static_cast<long long>(before->second)) +
                    (more && !how.record ? ": TOO MANY" : "");
    std::printf("  %-40s %12.0f instructions %7.3f x %s\n", figure.what.c_str(), number, ratio, to.c_str());
  }
  if (how.record) write_baseline(how.baseline, found);
  return good;
}

}  // namespace claimledger::benchmarks
