#include <cstdlib>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/postgres/initialise.hpp"
#include "postgres_places.hpp"

namespace claimledger::conformance {

namespace {

// How many partitions each table has: CLAIMLEDGER_TEST_PARTITIONS, or none.
std::size_t partitions() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_PARTITIONS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 0;
}

std::vector<Backend> backends() {
  if (postgres_under_test().empty()) return {};
  return {Backend{
      .name = "postgres",
      .open =
          [](const std::string& place) {
            const postgres::Options options{.connection = postgres_under_test(), .schema = postgres_schema(place)};
            if (partitions() > 0) postgres::initialise(options, {.partitions = partitions()});
            return postgres::open(options);
          },
      .remove = remove_postgres,
      .damage = damage_postgres,
      .hold_write = hold_postgres_write,
  }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, testing::ValuesIn(backends()), BackendName{});

}  // namespace claimledger::conformance
