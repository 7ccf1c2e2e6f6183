#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "claimledger/postgres/postgres_store.hpp"
#include "schema.hpp"
#include "support/postgres_cluster.hpp"

// Many processes start at once where there is nothing yet.
namespace claimledger::postgres::test {

namespace {

constexpr int processes = 10;

// A schema of this test's own on the shared server, gone with it.
class Startup : public testing::Test {
 protected:
  Startup() { drop(); }
  ~Startup() override { drop(); }
  void drop() const {
    tests::ask(tests::shared_server(),
               "SET client_min_messages = error; DROP SCHEMA IF EXISTS \"" + schema_ + "\" CASCADE");
  }
  Options options() const { return {.connection = tests::shared_server(), .schema = schema_}; }
  std::string ask_one(const std::string& sql) const {
    return tests::ask_one(tests::shared_server(), "SET search_path = \"" + schema_ + "\"; " + sql);
  }

  const std::string schema_ = "startup " + std::to_string(getpid());
};

// Runs it in ten processes that wait for each other before they begin; the exit codes.
std::vector<int> at_once(const std::function<int(int)>& work) {
  int ready[2], begin[2];
  if (pipe(ready) != 0 || pipe(begin) != 0) throw std::runtime_error("no pipe");
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    char c = '.';
    close(begin[1]);
    if (write(ready[1], &c, 1) != 1 || read(begin[0], &c, 1) != 0) _exit(99);  // until the other end is closed
    try {
      _exit(work(i));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "process %d: %s\n", i, error.what());
      _exit(100);
    }
  }
  char c = 0;
  for (int i = 0; i < processes; ++i)
    if (read(ready[0], &c, 1) != 1) throw std::runtime_error("a process did not start");
  for (const int end : {begin[0], begin[1], ready[0], ready[1]}) close(end);
  std::vector<int> codes;
  for (const auto child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    codes.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }
  return codes;
}

}  // namespace

TEST_F(Startup, OfTenProcessesThatMigrateAtOnceOneDoes) {
  const auto applied = at_once([&](int) { return static_cast<int>(migrate(options()).pending.size()); });

  const auto all = static_cast<int>(pending_migrations(options()).applied.size());
  EXPECT_GT(all, 0);
  EXPECT_EQ(std::ranges::count(applied, all), 1);
  EXPECT_EQ(std::ranges::count(applied, 0), processes - 1);
  EXPECT_EQ(ask_one("SELECT count(*) FROM schema_migrations"), std::to_string(all));
}

TEST_F(Startup, TenProcessesThatOpenAtOnceAllFindALedger) {
  const auto codes = at_once([&](int i) {
    const auto store = open(options());
    return store->head(AgentId{"agent " + std::to_string(i)}, {}).position == Position{0} ? 0 : 1;
  });

  EXPECT_EQ(std::ranges::count(codes, 0), processes);
  EXPECT_EQ(ask_one("SELECT count(*) - count(DISTINCT version) FROM schema_migrations"), "0");
}

// The time limit of a request does not apply to the migration of a large schema, but it does to the wait for another
// migration.
TEST_F(Startup, AMigrationHasItsTimeAndOthersDoNotWaitBehindItForEver) {
  auto impatient = options();
  impatient.statement_timeout = std::chrono::seconds{9};
  const Database database(impatient);
  const auto expect = [](Migrator& migrator, const std::string& name, const std::string& value) {
    EXPECT_NO_THROW(migrator.execute("DO $$ BEGIN IF current_setting('" + name + "') <> '" + value + "' THEN RAISE '" +
                                     name + " is %', current_setting('" + name + "'); END IF; END $$"));
  };

  Migrator migrator(database, "test");
  migrator.begin();

  expect(migrator, "statement_timeout", "0");
  expect(migrator, "lock_timeout", "10s");

  impatient.connection += " options='-c lock_timeout=3s'";
  const Database with_a_limit(impatient);
  Migrator another(with_a_limit, "test");
  migrator.commit();
  another.begin();

  expect(another, "statement_timeout", "0");
  expect(another, "lock_timeout", "3s");
}

TEST_F(Startup, WhereNothingMayBeWrittenSaysWhy) {
  auto reading = options();
  reading.connection += " options='-c default_transaction_read_only=on'";

  try {
    open(reading);
    FAIL() << "nothing was thrown";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable);
    EXPECT_NE(failure.detail().find("default_transaction_read_only is on"), std::string::npos) << failure.what();
  }
}

TEST_F(Startup, WhoRequiresACurrentSchemaChangesNothing) {
  auto strict = options();
  strict.migrate = Migrate::require_current;

  const auto codes = at_once([&](int) {
    try {
      open(strict);
      return 1;
    } catch (const StoreFailure& failure) {
      return failure.kind() == FailureKind::incompatible ? 0 : 2;
    }
  });

  EXPECT_EQ(std::ranges::count(codes, 0), processes);
  EXPECT_EQ(ask_one("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema_ + "'"), "0");
}

}  // namespace claimledger::postgres::test
