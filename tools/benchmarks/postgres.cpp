#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

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
  return R"(\set n :n + 1
SELECT 1 / (outcome = 'done')::INT FROM ")" +
         schema + R"(".append_batch(
  md5()" +
         client + ")::UUID, " + client + R"(, sha256(int8send(0)),
  :n::BIGINT - 1, :n::BIGINT - 1, sha256(int8send(:n::BIGINT - 1)), true, '5000',
  md5(:client_id::TEXT || ' batch ' || :n::TEXT)::UUID, :n::BIGINT, 'engine', '', 1,
  '{}', ARRAY[md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID], '{1}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', ARRAY['person ' || :n::TEXT], '{lives_in}', '{1}', '{ClaimRecorded}', '{CommittedCheap}', '{1}',
  ARRAY[md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID], ARRAY[NULL]::UUID[],
  ARRAY[decode(repeat('62', 110), 'hex')], ARRAY[sha256(int8send(:n::BIGINT))], '{1}',
  ARRAY[decode(repeat('73', 16), 'hex')], ARRAY[decode(repeat('63', 90), 'hex')], '{the register of residents}', '{}',
  '{}', '{}', '{}', '{}');
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

// Calls a second of `writers`, each in a loop of its own.
double by_engine(Engine& engine, int writers, int agents, int seconds) {
  std::atomic<int> written = 0;
  std::vector<std::thread> threads;
  const auto begun = steady_clock::now();
  const auto until = begun + std::chrono::seconds{seconds};
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&engine, &written, writer, writers, agents, until] {
      const AgentId agent{std::to_string(writers) + " writers, " + std::to_string(writer % agents)};
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

void many_writers(Engine& engine, const Rival& rival, const Scale& scale) {
  const int seconds = std::max(2, scale.calls / 50);
  heading("One claim a batch, durable, by many writers, against pgbench calling the same function");
  const auto file = (fs::temp_directory_path() / ("claimledger-bench-" + rival.schema + ".sql")).string();
  double alone = 0;
  for (const int writers : {1, 4, 16}) {
    const auto what = std::to_string(writers) + (writers == 1 ? " writer" : " writers on as many agents");
    const auto ours = by_engine(engine, writers, writers, seconds);
    if (rival.pgbench.empty()) {
      row(what, ours, "claims/s");
      continue;
    }
    std::ofstream(file, std::ios::trunc) << script(rival.schema, writers);
    const auto theirs = by_pgbench(rival, file, writers, seconds);
    if (writers == 1) alone = theirs;
    row("pgbench, " + what, theirs, "claims/s");
    row(what, ours, "claims/s", ours / theirs, "pgbench");
  }
  const auto together = by_engine(engine, 16, 1, seconds);
  if (alone > 0)
    row("16 writers on one agent", together, "claims/s", together / alone, "pgbench, 1 writer");
  else
    row("16 writers on one agent", together, "claims/s");
  fs::remove(file);
}

}  // namespace claimledger::benchmarks
