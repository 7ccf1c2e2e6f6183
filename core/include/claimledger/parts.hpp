#pragma once

#include <memory>

#include "claimledger/domain/vocabulary.hpp"
#include "claimledger/ports/clock.hpp"
#include "claimledger/ports/id_source.hpp"
#include "claimledger/ports/oracle.hpp"
#include "claimledger/ports/store.hpp"

namespace claimledger {

// The parts of an engine. The store is owned; the clocks and the ids are shared; an oracle must outlive the engine.
// `clock` gives transaction times. `world` gives the real time, which differs in a replay; ledgers are kept from
// running ahead of it. An absent `world` is `clock`.
struct Parts {
  std::unique_ptr<Store> store;
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Clock> world = {};
  std::shared_ptr<IdSource> ids = {};
  ClockSource clock_source = ClockSource::engine;
  Oracle* oracle = nullptr;
};

}  // namespace claimledger
