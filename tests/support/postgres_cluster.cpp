#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>

namespace claimledger::tests {

namespace {

constexpr int not_run = 77;
const std::string script_path = CLAIMLEDGER_SOURCE_DIR "/tests/support/postgres_cluster.sh";

// The last line that a command prints, and its exit code.
std::pair<std::string, int> last_line(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string last;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) last = line.data();
  const int status = pclose(pipe);
  if (!last.empty() && last.back() == '\n') last.pop_back();
  return {last, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace

Cluster::Cluster(const std::string& options) {
  const auto [folder, code] = last_line(script_path + " start --parent " + std::to_string(getpid()) + " " + options);
  if (code == not_run) return;
  if (code != 0) throw std::runtime_error("no cluster: " + script_path + " start " + options);
  folder_ = folder;
}

Cluster::~Cluster() {
  if (folder_.empty()) return;
  if (testing::Test::HasFailure())
    last_line("for log in " + folder_ + "/*.log; do echo \"== $log\"; tail -n 25 \"$log\"; done >&2");
  last_line(script_path + " stop " + folder_);
}

std::string Cluster::connection(const std::string& road) const {
  std::ifstream file(folder_ + "/connection" + (road.empty() ? "" : "." + road));
  std::string text;
  if (!std::getline(file, text)) throw std::runtime_error("the cluster has no road " + road);
  return text;
}

void Cluster::script(const std::string& verb, const std::string& node) const {
  const auto command = script_path + " " + verb + " " + folder_ + " " + node;
  if (last_line(command).second != 0) throw std::runtime_error("failed: " + command);
}

std::string shared_server() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_POSTGRES");
  return given != nullptr ? given : "";
}

std::vector<std::string> ask(const std::string& connection, const std::string& sql) {
  pqxx::connection session(connection);
  pqxx::nontransaction work(session);
  std::vector<std::string> answers;
  for (const auto& row : work.exec(sql)) answers.emplace_back(row[0].c_str());
  return answers;
}

std::string ask_one(const std::string& connection, const std::string& sql) {
  const auto answers = ask(connection, sql);
  return answers.empty() ? "" : answers.front();
}

}  // namespace claimledger::tests
