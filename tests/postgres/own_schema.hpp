#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "claimledger/engine.hpp"
#include "claimledger/postgres/initialise.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"
#include "support/postgres_cluster.hpp"

namespace claimledger::postgres::test {

// A schema of a test's own on the shared server, gone with it. Names of roles end in `suffix`, so that tests which run
// at once leave each other alone.
class OwnSchema {
 public:
  explicit OwnSchema(const std::string& name) : suffix_(std::to_string(getpid())), schema_(name + " " + suffix_) {
    drop();
  }
  ~OwnSchema() { drop(); }
  OwnSchema(const OwnSchema&) = delete;
  OwnSchema& operator=(const OwnSchema&) = delete;

  const std::string& suffix() const { return suffix_; }
  const std::string& name() const { return schema_; }
  Options options() const { return {.connection = tests::shared_server(), .schema = schema_}; }

  // As the superuser that made the schema; the first column of the last statement.
  std::vector<std::string> ask(const std::string& sql) const {
    return tests::ask(tests::shared_server(), enter() + sql);
  }
  std::string ask_one(const std::string& sql) const { return tests::ask_one(tests::shared_server(), enter() + sql); }
  std::string enter() const { return "SET search_path = \"" + schema_ + "\"; "; }

 private:
  void drop() const {
    tests::ask(tests::shared_server(),
               "SET client_min_messages = error; DROP SCHEMA IF EXISTS \"" + schema_ + "\" CASCADE");
  }

  std::string suffix_;
  std::string schema_;
};

inline Engine engine_over(Options options, const Config& config = {}) {
  return Engine({.store = open(std::move(options)),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()},
                config);
}

// Appends one commit; throws what its outcome names as a failure.
inline Outcome append_one(Store& store, const Commit& commit, const Call& call = {}) {
  auto outcome = store.append(std::span(&commit, 1), call).front();
  if (outcome.outcome == AppendOutcome::failed) throw StoreFailure(outcome.failure, "append", outcome.detail);
  return outcome;
}

// VACUUM leaves what anybody may still look at, and autovacuum looks, and what keeps the server, at moments of their
// own: so it is done again until what it is to do is done, or never comes.
template <class Vacuum, class Done>
void vacuum_until(Vacuum vacuum, Done done) {
  for (int i = 0; i < 100; ++i) {
    vacuum();
    if (done()) return;
  }
}

inline Receipt say(Engine& engine, const AgentId& agent, const std::string& subject, const std::string& word,
                   const std::string& source = "a test") {
  const claimledger::Statement statement{
      .subject = subject, .predicate = "says", .value = Value::parse("\"" + word + "\"", "value"), .source = source};
  return engine.ingest({.agent = agent, .statements = {statement}}).receipts.front();
}

}  // namespace claimledger::postgres::test
