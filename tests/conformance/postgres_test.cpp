#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/postgres/postgres_store.hpp"
#include "postgres_places.hpp"

namespace claimledger::conformance {

namespace {

std::vector<Backend> backends() {
  if (postgres_under_test().empty()) return {};
  return {Backend{
      .name = "postgres",
      .open =
          [](const std::string& place) {
            return postgres::open({.connection = postgres_under_test(), .schema = postgres_schema(place)});
          },
      .remove = remove_postgres,
      .damage = damage_postgres,
      .hold_write = hold_postgres_write,
  }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, testing::ValuesIn(backends()), BackendName{});

}  // namespace claimledger::conformance
