#pragma once

#include <memory>

#include "claimledger/domain/vocabulary.hpp"
#include "claimledger/ports/clock.hpp"
#include "claimledger/ports/id_source.hpp"
#include "claimledger/ports/oracle.hpp"
#include "claimledger/ports/store.hpp"

namespace claimledger {

// What an engine is made of. The store is owned; the clocks and the ids are shared; an oracle must outlive
// the engine. `clock` stamps. `world` says what time it really is, which a replay's clock does not: no ledger must run
// ahead of it. Absent: `clock`.
struct Parts {
  std::unique_ptr<Store> store;
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Clock> world = {};
  std::shared_ptr<IdSource> ids = {};
  ClockSource clock_source = ClockSource::engine;
  Oracle* oracle = nullptr;
};

}  // namespace claimledger
