// The rules of style that a machine can check, over every file of the tree. A rule is a function from a file to what is
// wrong with it, so that each can be shown to fail (see the last test).

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;  // from the top of the tree
  std::string text;
};
using Findings = std::vector<std::string>;

const fs::path root = CLAIMLEDGER_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(prefixes, [&](const auto& prefix) { return text.starts_with(prefix); });
}
bool is_cpp(const File& file) { return file.path.ends_with(".cpp") || file.path.ends_with(".hpp"); }
bool is_header(const File& file) { return file.path.ends_with(".hpp"); }

const std::vector<File>& tree() {
  static const auto files = [] {
    std::vector<File> found;
    for (const auto* top : {"core", "adapters", "conformance", "migrations", "tests", "tools", ".ci"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
        const auto path = fs::relative(entry.path(), root).generic_string();
        const bool ours = path.starts_with("tools/dev/") || entry.path().extension().empty() ||
                          std::regex_search(path, std::regex(R"(\.(cpp|hpp|sql|cmake|txt|in|sh|md|py)$)"));
        if (entry.is_regular_file() && ours && path.find("__pycache__") == std::string::npos)
          found.push_back({path, read(entry.path())});
      }
    }
    std::ranges::sort(found, {}, &File::path);
    return found;
  }();
  return files;
}

// Calls visit(number, line) for each line.
template <class Visit>
void each_line(const File& file, Visit visit) {
  std::istringstream in(file.text);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) visit(number, line);
}

Findings matching(const File& file, const std::regex& pattern, const std::string& why) {
  Findings findings;
  each_line(file, [&](int number, const std::string& line) {
    if (std::regex_search(line, pattern)) findings.push_back(file.path + ":" + std::to_string(number) + ": " + why);
  });
  return findings;
}

// --- Include directions ----------------------------------------------------------------------------------------------

// For files under `folder`: what they may include beyond the standard library. The first row that fits decides.
struct Direction {
  std::string folder;
  std::vector<std::string> may;
};
const std::vector<std::string> domain = {"claimledger/domain/", "claimledger/failure.hpp", "claimledger/limits.hpp"};
const std::vector<std::string> port = {"claimledger/domain/", "claimledger/failure.hpp", "claimledger/limits.hpp",
                                       "claimledger/ports/"};

std::vector<std::string> plus(std::vector<std::string> base, std::initializer_list<std::string> more) {
  base.insert(base.end(), more);
  return base;
}

const std::vector<Direction> directions = {
    {"core/include/claimledger/domain/", plus(domain, {"boost/uuid/"})},
    {"core/include/claimledger/ports/", port},
    {"core/include/", plus(port, {"claimledger/feed.hpp", "claimledger/in_order.hpp", "claimledger/parts.hpp",
                                  "claimledger/reads.hpp", "claimledger/search.hpp", "claimledger/writes.hpp"})},
    {"core/src/domain/", plus(domain, {"domain/", "ensure.hpp", "boost/", "nlohmann/", "openssl/"})},
    {"core/src/rules/", plus(domain, {"rules/", "domain/", "ensure.hpp", "boost/"})},
    {"core/src/search/",
     plus(domain, {"search/", "domain/", "ensure.hpp", "utf8proc.h", "libstemmer.h", "immintrin.h"})},
    {"core/src/codec/", plus(port, {"codec/", "domain/", "ensure.hpp", "boost/", "nlohmann/", "openssl/"})},
    {"core/src/application/",
     plus(port, {"claimledger/feed.hpp", "claimledger/in_order.hpp", "claimledger/parts.hpp", "claimledger/reads.hpp",
                 "claimledger/search.hpp", "claimledger/writes.hpp", "application/", "codec/", "domain/", "rules/",
                 "search/", "ensure.hpp", "boost/"})},
    {"core/src/", plus(port, {"claimledger/engine.hpp", "claimledger/version.hpp", "application/", "codec/", "domain/",
                              "rules/", "search/", "ensure.hpp", "boost/", "nlohmann/"})},
    {"adapters/common/", plus(port, {"claimledger/adapter/"})},
    {"adapters/memory/", plus(port, {"claimledger/memory/", "claimledger/adapter/"})},
    {"adapters/embedders/include/", plus(port, {"claimledger/embedders/"})},
    {"adapters/embedders/src/",
     plus(port, {"claimledger/embedders/", "claimledger/adapter/", "nlohmann/", "utf8proc.h", "fcntl.h", "poll.h",
                 "pthread.h", "signal.h", "spawn.h", "sys/", "time.h", "unistd.h"})},
    {"adapters/system/",
     plus(port, {"claimledger/system/", "claimledger/engine.hpp", "boost/", "openssl/", "unistd.h", "sys/"})},
    {"adapters/sqlite/include/", plus(port, {"claimledger/sqlite/"})},
    {"adapters/sqlite/src/", plus(port, {"claimledger/sqlite/", "claimledger/adapter/", "claimledger/migrations/",
                                         "sqlite3.h", "spdlog/", "boost/", "openssl/", "unistd.h", "fcntl.h", "sys/"})},
    {"adapters/postgres/include/", plus(port, {"claimledger/postgres/"})},
    {"adapters/postgres/src/", plus(port, {"claimledger/postgres/", "claimledger/adapter/", "claimledger/migrations/",
                                           "pqxx/", "libpq-fe.h", "spdlog/", "boost/", "unistd.h", "fcntl.h", "sys/"})},
    {"adapters/default/",
     {"claimledger/engine.hpp", "claimledger/memory/", "claimledger/sqlite/", "claimledger/system/"}},
    {"migrations/", {"claimledger/migrations/", "claimledger/failure.hpp", "openssl/", "boost/uuid/"}},
    {"conformance/example/", plus(port, {"claimledger/adapter/", "claimledger/conformance/", "fcntl.h", "signal.h",
                                         "stdlib.h", "sys/", "unistd.h"})},
    {"conformance/", plus(port, {"claimledger/engine.hpp", "claimledger/conformance/", "claimledger/memory/", "gtest/",
                                 "boost/uuid/"})},
    // Measures against hand-written statements and in processes of its own, and the nodes and vectors inside core.
    {"tools/benchmarks/",
     {"claimledger/", "benchmarks/", "wiring/", "rules/", "search/", "CLI/", "boost/pool/", "sqlite3.h", "pqxx/",
      "fcntl.h", "unistd.h", "sys/"}},
    {"tools/",
     {"claimledger/", "CLI/", "nlohmann/", "spdlog/", "fmt/", "wiring/", "cli/", "boost/uuid/", "unistd.h", "fcntl.h",
      "sys/"}},
};

Findings includes(const File& file) {
  if (!is_cpp(file) || file.path.starts_with("tests/")) return {};
  const auto row = std::ranges::find_if(directions, [&](const auto& d) { return file.path.starts_with(d.folder); });
  if (row == directions.end()) return {file.path + ": no row says what this folder may include"};
  Findings findings;
  static const std::regex include(R"re(^#include ["<]([^">]+)[">])re");
  each_line(file, [&](int number, const std::string& line) {
    std::smatch match;
    if (!std::regex_search(line, match, include)) return;
    const std::string header = match[1];
    const auto own = fs::path(root / file.path).parent_path() / header;
    const bool standard = header.find_first_of("/.") == std::string::npos;
    const bool common = file.path.starts_with("adapters/") && fs::exists(root / "adapters/common" / header);
    const bool beside = header.find('/') == std::string::npos && (fs::exists(own) || header.ends_with("_sql.hpp"));
    if (!standard && !beside && !common && !starts_with_any(header, row->may))
      findings.push_back(file.path + ":" + std::to_string(number) + ": " + row->folder + " may not include " + header);
  });
  return findings;
}

// nlohmann-json and spdlog cost seconds in every unit that sees them; what splits texts into words is core's own
// affair.
Findings heavy_headers(const File& file) {
  if (!is_header(file)) return {};
  return matching(file, std::regex("#include <(nlohmann/json.hpp|spdlog/|utf8proc.h|libstemmer.h)"),
                  "belongs in a .cpp");
}

// --- Forbidden text --------------------------------------------------------------------------------------------------

Findings impure_core(const File& file) {
  if (!file.path.starts_with("core/src/") || !is_cpp(file)) return {};
  static const std::regex world(
      R"((_clock::now|<random>|random_device|mt19937|std::j?thread|<thread>|sleep_|<iostream>|\brand\(|getenv|fopen))");
  return matching(file, world, "core asks no clock, generator, thread, terminal or environment");
}

Findings own_descriptors(const File& file) {
  if (!file.path.starts_with("adapters/sqlite/src/") || !is_cpp(file)) return {};
  return matching(file, std::regex(R"(<fstream>|<cstdio>|\b[io]?fstream\b|\bfopen\(|\bcopy_file\()"),
                  "whoever closes a descriptor of a database loses this process's locks on it; ask SQLite");
}

Findings unfinished(const File& file) {
  static const std::regex words(R"([D]ISABLED_|^ *// *[T]EST(_F|_P)?\(|[T]ODO(?!\([a-z])|[F]IXME|\b[X]XX\b)");
  return matching(file, words, "a test switched off, or something left to do that nobody's name stands at");
}

Findings machine_paths(const File& file) {
  static const std::regex absolute(R"((^|[ "'=(`])/(home|root|Users|mnt|srv|opt|workspaces?|media)/[A-Za-z])");
  auto findings = matching(file, absolute, "a path of somebody's machine");
  if (file.text.find(root.generic_string() + "/") != std::string::npos)
    findings.push_back(file.path + ": the path of this very checkout");
  return findings;
}

// --- Size ----------------------------------------------------------------------------------------------------------

Findings long_lines(const File& file) {
  if (file.path.ends_with(".md")) return {};
  Findings findings;
  each_line(file, [&](int number, const std::string& line) {
    const auto characters = std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; });
    if (characters > 120) findings.push_back(file.path + ":" + std::to_string(number) + ": longer than 120 characters");
  });
  return findings;
}

// As clang-format lays it out, a function at namespace level starts in column 0 and ends with a lone brace there.
// Tests are spared: a decision table is data.
Findings long_functions(const File& file) {
  if (!is_cpp(file) || file.path.starts_with("tests/")) return {};
  Findings findings;
  int start = 0;
  each_line(file, [&](int number, const std::string& line) {
    if (line == "}" && number - start + 1 > 70)
      findings.push_back(file.path + ":" + std::to_string(start) + ": a function longer than 70 lines");
    if (!line.empty() && (std::isalpha(static_cast<unsigned char>(line[0])) || line[0] == '_' || line[0] == '['))
      start = number;
  });
  return findings;
}

// --- Nothing lies around -------------------------------------------------------------------------------------------

Findings unlisted(const File& file) {
  if (!file.path.ends_with(".cpp") && !file.path.ends_with(".sql")) return {};
  fs::path folder = file.path;
  do {
    folder = folder.parent_path();
    if (!fs::exists(root / folder / "CMakeLists.txt")) continue;
    const auto name = folder.empty() ? file.path : fs::relative(file.path, folder).generic_string();
    if (read(root / folder / "CMakeLists.txt").find(name) != std::string::npos) return {};
  } while (!folder.empty());
  return {file.path + ": in no CMakeLists.txt above it"};
}

// A statement that does not exist fails to compile; one that nobody picks is found here.
Findings unused_statements(const File& file) {
  if (!file.path.ends_with("/queries.sql")) return {};
  std::string sources;
  for (const auto& other : tree())
    if (other.path.starts_with(fs::path(file.path).parent_path().generic_string() + "/src/")) sources += other.text;
  Findings findings;
  static const std::regex heading("^-- name: *([a-z0-9_]+)");
  each_line(file, [&](int number, const std::string& line) {
    std::smatch match;
    if (std::regex_search(line, match, heading) && sources.find('"' + match[1].str() + '"') == std::string::npos)
      findings.push_back(file.path + ":" + std::to_string(number) + ": nobody picks " + match[1].str());
  });
  return findings;
}

void expect_clean(const std::function<Findings(const File&)>& rule) {
  ASSERT_GT(tree().size(), 20U) << "is this the tree? " << root;
  for (const auto& file : tree())
    for (const auto& finding : rule(file)) ADD_FAILURE() << finding;
}

TEST(Tidy, IncludesPointInwards) { expect_clean(includes); }
TEST(Tidy, HeadersDoNotPullInHeavyLibraries) { expect_clean(heavy_headers); }
TEST(Tidy, CoreAsksNothingOfTheWorld) { expect_clean(impure_core); }
TEST(Tidy, OnlySqliteOpensItsFiles) { expect_clean(own_descriptors); }
TEST(Tidy, NothingIsSwitchedOffOrLeftToDo) { expect_clean(unfinished); }
TEST(Tidy, NoPathOfAMachineIsWrittenDown) { expect_clean(machine_paths); }
TEST(Tidy, LinesFitAScreen) { expect_clean(long_lines); }
TEST(Tidy, FunctionsFitAScreen) { expect_clean(long_functions); }
TEST(Tidy, EverySourceIsListed) { expect_clean(unlisted); }
TEST(Tidy, EveryStatementIsUsed) { expect_clean(unused_statements); }

TEST(Tidy, EveryRuleFindsItsBreach) {
  const auto breaches = [](auto rule, const std::string& path, const std::string& text) {
    return rule(File{path, text}).size();
  };

  EXPECT_EQ(breaches(includes, "core/src/rules/x.cpp", "#include \"claimledger/ports/clock.hpp\"\n"), 1U);
  EXPECT_EQ(breaches(includes, "adapters/memory/src/x.cpp", "#include <sqlite3.h>\n"), 1U);
  EXPECT_EQ(breaches(includes, "tools/cli/x.cpp", "#include \"rules/rules.hpp\"\n"), 1U);
  EXPECT_EQ(breaches(includes, "elsewhere/x.cpp", ""), 1U);
  EXPECT_EQ(breaches(includes, "core/src/rules/x.cpp", "#include <map>\n#include \"rules/rules.hpp\"\n"), 0U);
  EXPECT_EQ(breaches(heavy_headers, "tools/wiring/x.hpp", "#include <nlohmann/json.hpp>\n"), 1U);
  EXPECT_EQ(breaches(heavy_headers, "core/src/search/x.hpp", "#include <utf8proc.h>\n"), 1U);
  EXPECT_EQ(breaches(includes, "core/src/search/x.cpp", "#include \"codec/codec.hpp\"\n"), 1U);
  EXPECT_EQ(breaches(impure_core, "core/src/engine.cpp", "auto t = std::chrono::system_clock::now();\n"), 1U);
  EXPECT_EQ(breaches(own_descriptors, "adapters/sqlite/src/x.cpp", "#include <fstream>\nfs::copy_file(a, b);\n"), 2U);
  EXPECT_EQ(breaches(unfinished, "tests/x.cpp",
                     "TEST(A, DISA"
                     "BLED_B) {}\n  // TES"
                     "T(A, B) {\n// TO"
                     "DO\n"),
            3U);
  EXPECT_EQ(breaches(machine_paths, "tools/x.cpp",
                     "open(\"/ho"
                     "me/me/agent.db\");\n"),
            1U);
  EXPECT_EQ(breaches(machine_paths, "tools/x.cpp", root.generic_string() + "/agent.db\n"), 1U);
  EXPECT_EQ(breaches(long_lines, "core/x.hpp", std::string(121, 'x') + "\n" + std::string(120, 'x') + "\n"), 1U);
  std::string body;
  for (int line = 0; line < 69; ++line) body += "  x();\n";
  EXPECT_EQ(breaches(long_functions, "core/x.cpp", "void f() {\n" + body + "}\n"), 1U);
  EXPECT_EQ(breaches(long_functions, "core/x.cpp", "void f() {\n" + body.substr(7) + "}\n"), 0U);
  EXPECT_EQ(breaches(unlisted, "core/src/nowhere.cpp", ""), 1U);
  EXPECT_EQ(breaches(unused_statements, "adapters/sqlite/queries.sql", "-- name: nobody_picks_me\n"), 1U);
}

}  // namespace
