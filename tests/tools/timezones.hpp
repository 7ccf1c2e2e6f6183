#pragma once

#include <memory>
#include <string>
#include <utility>

#include "claimledger/engine.hpp"
#include "claimledger/system/random_ids.hpp"
#include "wiring/open_store.hpp"

// Fourteen years of time-zone releases, replayed in the order they came out, each correcting what the one before it
// knew of the past and the future; then 8,000 questions with two times each: what was known when, about when.
namespace claimledger::tests {

class StoppedClock : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(TxTime time) { now_ = time.value; }

 private:
  Instant now_ = earliest_instant;
};

struct World {
  World(const std::string& store, OverturnPolicy policy, Oracle* oracle = nullptr,
        std::shared_ptr<IdSource> ids = std::make_shared<system::RandomIds>(),
        const wiring::PostgresSettings& settings = {}) {
    Config config;
    config.overturn_policy = policy;
    Parts parts;
    parts.store = wiring::open_store(store, wiring::Opening::make, nullptr, settings);
    parts.clock = clock;
    parts.ids = std::move(ids);
    parts.clock_source = ClockSource::replay;
    parts.oracle = oracle;
    engine = std::make_unique<Engine>(std::move(parts), config);
  }

  void replay();
  void expect_every_answer_right();

  const AgentId agent{"tz"};
  std::shared_ptr<StoppedClock> clock = std::make_shared<StoppedClock>();
  std::unique_ptr<Engine> engine;
};

}  // namespace claimledger::tests
