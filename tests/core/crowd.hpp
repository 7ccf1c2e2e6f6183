#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "application/use_cases.hpp"
#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"

namespace claimledger::application::test {

// A write, and what its caller is told, as text.
struct Act {
  AgentId agent;
  std::function<std::string(Context&)> run;
};

// All that an answer says.
std::string text_of(const WriteAnswer& answer);
// What a caller is told, be it an answer or a failure.
std::string told(const std::function<WriteAnswer()>& write);

// A store that several engines may have, with its own turns.
class Shared : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    return inner().begin_write(std::move(intents), call);
  }
};

// An engine's parts, and writers that come to it all at once.
class Crowd {
 public:
  // `seed`: of its ids, which are those of no other engine on the same store.
  explicit Crowd(std::shared_ptr<Store> store, const Config& config = {}, Oracle* oracle = nullptr,
                 std::uint64_t seed = 7)
      : store_(std::move(store)),
        context({.store = std::make_unique<Shared>(store_),
                 .clock = clock,
                 .world = clock,
                 .ids = std::make_shared<conformance::SeededIds>(seed),
                 .oracle = oracle},
                config) {}

  // One after the other.
  std::vector<std::string> one_by_one(const std::vector<Act>& acts);
  // In this order, and all of them wait before the first has its turn.
  std::vector<std::string> together(const std::vector<Act>& acts);

 private:
  std::shared_ptr<Store> store_;

 public:
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();
  Context context;
};

}  // namespace claimledger::application::test
