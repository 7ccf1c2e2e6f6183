#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

void in_child(const std::function<void()>& work) {
  std::fflush(nullptr);  // or both would print what is waiting
  const auto child = fork();
  if (child < 0) throw std::runtime_error("the system starts no more processes");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // the end of the benchmark ends this too
    int status = 0;
    try {
      work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "claimledger_bench: %s\n", error.what());
      status = 2;
    }
    std::fflush(nullptr);
    _exit(status);  // what the parent would do at its end is the parent's to do
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("a part of the benchmark failed");
}

}  // namespace claimledger::benchmarks
