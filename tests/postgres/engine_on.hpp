#pragma once

#include <functional>
#include <memory>
#include <string>

#include "claimledger/engine.hpp"
#include "claimledger/postgres/postgres_store.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger::postgres::test {

// An engine over a store, with the system's clock and entropy.
inline Engine engine_on(const std::string& connection) {
  return Engine({.store = open({.connection = connection}),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()});
}

// The same, for many processes: opens it in each.
inline std::function<std::unique_ptr<Store>()> opening(const std::string& connection) {
  return [connection] { return open({.connection = connection}); };
}

}  // namespace claimledger::postgres::test
