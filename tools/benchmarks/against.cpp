#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/turns.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

// A program that remembers a claim whenever it is told to.
class Agent {
 public:
  Agent(const std::string& program, const std::string& database) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("the system makes no more pipes");
    std::fflush(nullptr);
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      execl(program.c_str(), program.c_str(), database.c_str(), nullptr);
      _exit(2);
    }
    close(in[0]);
    close(out[1]);
    to_ = fdopen(in[1], "w");
    from_ = fdopen(out[0], "r");
    if (process_ < 0 || !to_ || !from_) throw std::runtime_error("the system starts no more processes");
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() {
    std::fclose(to_);  // the end of its input is its end
    std::fclose(from_);
    waitpid(process_, nullptr, 0);
  }

  double remember() {
    long long nanoseconds = 0;
    if (std::fputc('\n', to_) == EOF || std::fflush(to_) != 0 || std::fscanf(from_, "%lld", &nanoseconds) != 1)
      throw std::runtime_error("an agent has gone");
    return static_cast<double>(nanoseconds) * 1e-9;
  }

 private:
  pid_t process_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace

void against(const std::string& older, const std::string& newer, const std::string& folder, const Scale& scale) {
  heading("One claim a batch, " + std::to_string(scale.turns) + " turns each with the older program");
  std::signal(SIGPIPE, SIG_IGN);  // an agent that has gone is reported
  const auto old_database = (fs::path(folder) / "older.db").string();
  const auto new_database = (fs::path(folder) / "newer.db").string();
  {
    Agent old_agent(older, old_database);
    Agent new_agent(newer, new_database);
    Progress progress("against the older program", static_cast<std::uint64_t>(scale.turns));
    const bool filled = warm({old_database, new_database}, scale.warming, [&] {
      old_agent.remember();
      new_agent.remember();
    });
    if (!filled) note_growing_logs();
    std::vector<double> before, now;
    for (int turn = 0; turn < scale.turns; ++turn) {
      // As Turns does; here each agent looks at its own clock, so that the pipes are in neither.
      if (turn % 2 == 0) before.push_back(old_agent.remember());
      now.push_back(new_agent.remember());
      if (turn % 2 != 0) before.push_back(old_agent.remember());
      progress.at(static_cast<std::uint64_t>(turn));
    }
    rows_of_turns("the older program", before, "this one", now);
  }
  for (const auto& path : {old_database, new_database}) remove_database(path);
}

}  // namespace claimledger::benchmarks
