#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/postgres/initialise.hpp"
#include "postgres_places.hpp"
#include "postgres_tenants.hpp"

namespace claimledger::conformance {

namespace {

// How many partitions each table has: CLAIMLEDGER_TEST_PARTITIONS, or none.
std::size_t partitions() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_PARTITIONS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 0;
}

// Whether the store is opened by a role that row-level security holds to its agents: CLAIMLEDGER_TEST_TENANCY=enforced.
bool behind_a_wall() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_TENANCY");
  return given != nullptr && std::string(given) == "enforced";
}

class RemovesTenants : public testing::Environment {
 public:
  void TearDown() override {
    if (behind_a_wall()) remove_tenants();
  }
};
[[maybe_unused]] const auto* const removes_tenants = testing::AddGlobalTestEnvironment(new RemovesTenants);

// Questions that the database compared. With CLAIMLEDGER_TEST_PGVECTOR_FOLDER it has to: from the first vector on.
const auto compared = std::make_shared<std::atomic<std::uint64_t>>(0);
bool has_to_compare() { return std::getenv("CLAIMLEDGER_TEST_PGVECTOR_FOLDER") != nullptr; }

class HasCompared : public testing::Environment {
 public:
  void TearDown() override {
    if (!has_to_compare()) return;
    EXPECT_GT(*compared, 100U) << "questions went to the database";
  }
};
[[maybe_unused]] const auto* const has_compared = testing::AddGlobalTestEnvironment(new HasCompared);

std::vector<Backend> backends() {
  if (postgres_under_test().empty()) return {};
  return {Backend{
      .name = std::string("postgres") + (has_to_compare() ? "_pgvector" : "") + (behind_a_wall() ? "_tenant" : ""),
      .open =
          [](const std::string& place) {
            postgres::Options options{.connection = postgres_under_test(), .schema = postgres_schema(place)};
            if (has_to_compare()) {
              options.pgvector = postgres::Pgvector::required;
              options.pgvector_from = 1;
              options.compared = compared;
            }
            if (partitions() > 0) postgres::initialise(options, {.partitions = partitions()});
            return behind_a_wall() ? open_as_tenant(options) : postgres::open(options);
          },
      .remove = remove_postgres,
      .damage = damage_postgres,
      .hold_write = hold_postgres_write,
  }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, testing::ValuesIn(backends()), BackendName{});

}  // namespace claimledger::conformance
