#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "known_leaks.hpp"

// The main function of tests that need a Postgres server. The server is the one that CLAIMLEDGER_TEST_POSTGRES names,
// else the one CTest started in CLAIMLEDGER_TEST_POSTGRES_FOLDER; by the road CLAIMLEDGER_TEST_POSTGRES_ROAD, if one is
// named, and then it is always the latter. Without a server nothing was tested, and that is what the program says: 77,
// which CTest counts as not run.
//
// CLAIMLEDGER_EVERYDAY_FILTER names the tests of a run with neither CLAIMLEDGER_LONG=1 nor CLAIMLEDGER_EVERY_RULE=1.
namespace {

constexpr int not_run = 77;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool find_server() {
  const auto road = environment("CLAIMLEDGER_TEST_POSTGRES_ROAD");
  if (road.empty() && !environment("CLAIMLEDGER_TEST_POSTGRES").empty()) return true;
  const auto folder = environment("CLAIMLEDGER_TEST_POSTGRES_FOLDER");
  std::ifstream file(folder + "/connection" + (road.empty() ? "" : "." + road));
  std::string connection;
  return std::getline(file, connection) && setenv("CLAIMLEDGER_TEST_POSTGRES", connection.c_str(), 1) == 0;
}

}  // namespace

#ifdef __SANITIZE_ADDRESS__
extern "C" const char* __lsan_default_suppressions() { return claimledger::tests::known_leaks; }
#endif

int main(int argc, char** argv) {
  const bool found = find_server();  // first: what the tests are made of may depend on it
  const auto everyday = environment("CLAIMLEDGER_EVERYDAY_FILTER");
  const bool whole = !environment("CLAIMLEDGER_LONG").empty() || !environment("CLAIMLEDGER_EVERY_RULE").empty();
  if (!everyday.empty() && !whole) testing::GTEST_FLAG(filter) = everyday;
  testing::InitGoogleTest(&argc, argv);
  if (!found && !testing::GTEST_FLAG(list_tests)) {
    std::puts("NOT RUN: there is no Postgres server to test with");
    return not_run;
  }
  return RUN_ALL_TESTS();
}
