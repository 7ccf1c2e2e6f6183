#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

// Durable single claims by many writers, beside pgbench calling the same function with rows of the same sizes.
namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string out;
  std::array<char, 4096> part{};
  while (pipe && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) out += part.data();
  return out;
}

// Each client of each run has a ledger of its own, whose chain it makes up from the number of the call, so that the
// head check passes without a look. Wrong outcomes divide by zero.
std::string script(const std::string& schema, int run) {
  const auto client = "'pgbench " + std::to_string(run) + " ' || :client_id::TEXT";
  const auto claim = "md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID";
  return R"(\set n :n + 1
SELECT 1 / (part = 'done')::INT FROM ")" +
         schema + R"(".append_1(
  ")" + schema +
         R"(".agent_key()" + client + "), " + client + R"(, sha256(int8send(0)), '5000', false, false,
  :n::BIGINT - 1, :n::BIGINT - 1, sha256(int8send(:n::BIGINT - 1)),
  md5(:client_id::TEXT || ' batch ' || :n::TEXT)::UUID, :n::BIGINT, 0::SMALLINT, '', 1,
  ARRAY['person ' || :n::TEXT], '{lives_in}', '{0}', true, 1, '{0}', '{}', '{}',
  '{16}', '{0}', '{1}', ARRAY[)" +
         claim + R"(], '{t}', ARRAY[NULL]::UUID[], ARRAY[NULL]::BIGINT[],
  ARRAY[decode(repeat('62', 103), 'hex')], ARRAY[sha256(int8send(:n::BIGINT))],
  ARRAY[decode(repeat('73', 16), 'hex')], ARRAY[decode(repeat('63', 80), 'hex')], '{the register of residents}',
  ARRAY[NULL]::BYTEA[], '{}', '{}', '{}', '{}');
)";
}

double by_pgbench(const Rival& rival, const std::string& file, int clients, int seconds) {
  const auto threads = std::to_string(std::min(clients, 4));
  const auto out =
      output_of(rival.pgbench + " -n -M extended -D n=0 -c " + std::to_string(clients) + " -j " + threads + " -T " +
                std::to_string(seconds) + " -f " + shell_word(file) + " " + shell_word(rival.connection) + " 2>&1");
  const auto at = out.find("tps = ");
  if (at == std::string::npos || out.find("aborted") != std::string::npos)
    throw std::runtime_error("pgbench failed: " + out);
  return std::stod(out.substr(at + 6));
}

// Calls a second of `writers`, each in a loop of its own, on ledgers that are this run's.
double by_engine(Engine& engine, int run, int writers, int agents, int seconds) {
  std::atomic<int> written = 0;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(writers));
  const auto begun = steady_clock::now();
  const auto until = begun + std::chrono::seconds{seconds};
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&engine, &written, run, writer, agents, until] {
      const AgentId agent{"run " + std::to_string(run) + ", " + std::to_string(writer % agents)};
      for (int i = 0; steady_clock::now() < until; ++i) {
        const auto subject = "person " + std::to_string(i) + " of " + std::to_string(writer);
        engine.ingest({.agent = agent, .statements = {statement(subject, i)}});
        ++written;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return written / std::chrono::duration<double>(steady_clock::now() - begun).count();
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

// By turns, and the median of each: what else the machine does meets both alike.
void many_writers(Engine& engine, const Rival& rival, const Scale& scale) {
  const int rounds = scale.calls < 100 ? 3 : 5;
  constexpr int seconds = 2;
  heading("One claim a batch, durable, by many writers, against pgbench calling the same function");
  const auto file = (fs::temp_directory_path() / ("claimledger-bench-" + rival.schema + ".sql")).string();
  int run = 0;
  for (const auto& [writers, agents] : {std::pair{1, 1}, {4, 4}, {16, 16}, {16, 1}}) {
    std::vector<double> ours, theirs;
    for (int round = 0; round < rounds; ++round) {
      ours.push_back(by_engine(engine, ++run, writers, agents, seconds));
      if (rival.pgbench.empty()) continue;
      std::ofstream(file, std::ios::trunc) << script(rival.schema, run);
      theirs.push_back(by_pgbench(rival, file, agents, seconds));
    }
    const auto what = std::to_string(writers) + " on " + counted_agents(agents);
    if (theirs.empty()) {
      row(what, median(ours), "claims/s");
      continue;
    }
    row("pgbench, " + std::to_string(agents) + " on " + counted_agents(agents), median(theirs), "claims/s");
    row(what, median(ours), "claims/s", median(ours) / median(theirs), "pgbench");
  }
  fs::remove(file);
}

}  // namespace claimledger::benchmarks
