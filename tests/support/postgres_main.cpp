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
// Where CLAIMLEDGER_TEST_PGVECTOR_FOLDER is set it is the server that CTest started there, whatever the others say.
// CLAIMLEDGER_SERVERS_ARE_THERE=1, by whoever has installed them, makes a failure of "not run".
//
// CLAIMLEDGER_EVERYDAY_FILTER names the tests of a run with neither CLAIMLEDGER_LONG=1 nor CLAIMLEDGER_EVERY_RULE=1.
namespace {

constexpr int not_run = 77;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The connection string that a cluster left in its folder.
bool take_connection(const std::string& file_name) {
  std::ifstream file(file_name);
  std::string connection;
  return std::getline(file, connection) && setenv("CLAIMLEDGER_TEST_POSTGRES", connection.c_str(), 1) == 0;
}

bool find_server() {
  if (const auto folder = environment("CLAIMLEDGER_TEST_PGVECTOR_FOLDER"); !folder.empty())
    return take_connection(folder + "/connection");
  const auto road = environment("CLAIMLEDGER_TEST_POSTGRES_ROAD");
  if (road.empty() && !environment("CLAIMLEDGER_TEST_POSTGRES").empty()) return true;
  return take_connection(environment("CLAIMLEDGER_TEST_POSTGRES_FOLDER") + "/connection" +
                         (road.empty() ? "" : "." + road));
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
    return environment("CLAIMLEDGER_SERVERS_ARE_THERE").empty() ? not_run : EXIT_FAILURE;
  }
  return RUN_ALL_TESTS();
}
