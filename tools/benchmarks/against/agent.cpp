#include <chrono>
#include <claimledger/engine.hpp>
#include <cstdio>
#include <exception>
#include <string>

// Remembers one claim for each line of its input, and answers with the nanoseconds that it took. Compiled against older
// versions of the library as well, so it asks no more of it than all of them have.
int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    auto engine = claimledger::open_default(argv[1]);
    int number = 0;
    for (int c = std::getchar(); c != EOF; c = std::getchar()) {
      const auto subject = "person " + std::to_string(number);
      const claimledger::Value value("city number " + std::to_string(number++));
      const auto start = std::chrono::steady_clock::now();
      engine.remember(subject, "lives_in", value);
      const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - start;
      std::printf("%lld\n", static_cast<long long>(taken.count()));
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "agent: %s\n", error.what());
    return 2;
  }
  return 0;
}
