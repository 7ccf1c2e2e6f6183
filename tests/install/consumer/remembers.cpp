#include <claimledger/engine.hpp>
#include <claimledger/version.hpp>
#include <cstdio>

// Says one thing, closes the ledger, opens it again and asks.
int main(int, char** arguments) {
  claimledger::open_default(arguments[1]).remember("ada", "lives in", "London", {.since = "1828"});
  const auto belief = claimledger::open_default(arguments[1]).recall("ada", "lives in");

  const bool remembered = belief.primary && belief.primary->value == claimledger::Value("London");
  std::printf("claimledger %s %s\n", claimledger::version.data(), remembered ? "remembers" : "has forgotten");
  return remembered ? 0 : 1;
}
