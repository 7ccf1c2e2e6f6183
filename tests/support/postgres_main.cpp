#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

// The main function of tests that need a Postgres server. The server is the one that CLAIMLEDGER_TEST_POSTGRES names,
// else the one CTest started in CLAIMLEDGER_TEST_POSTGRES_FOLDER. Without one nothing was tested, and that is what the
// program says: 77, which CTest counts as not run.
namespace {

constexpr int not_run = 77;

bool find_server() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_POSTGRES");
  if (given != nullptr && *given != '\0') return true;
  const char* folder = std::getenv("CLAIMLEDGER_TEST_POSTGRES_FOLDER");
  if (folder == nullptr) return false;
  std::ifstream file(std::string(folder) + "/connection");
  std::string connection;
  return std::getline(file, connection) && setenv("CLAIMLEDGER_TEST_POSTGRES", connection.c_str(), 1) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool found = find_server();  // first: what the tests are made of may depend on it
  testing::InitGoogleTest(&argc, argv);
  if (!found && !testing::GTEST_FLAG(list_tests)) {
    std::puts("NOT RUN: there is no Postgres server to test with");
    return not_run;
  }
  return RUN_ALL_TESTS();
}
