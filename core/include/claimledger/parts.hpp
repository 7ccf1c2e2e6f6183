#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "claimledger/domain/vocabulary.hpp"
#include "claimledger/ports/clock.hpp"
#include "claimledger/ports/embedder.hpp"
#include "claimledger/ports/id_source.hpp"
#include "claimledger/ports/observer.hpp"
#include "claimledger/ports/oracle.hpp"
#include "claimledger/ports/store.hpp"

namespace claimledger {

// The parts of an engine. The store is owned; the clocks, the ids, the embedder and the observer are shared; an oracle
// must outlive the engine. `clock` gives transaction times. `world` gives the real time, which differs in a replay;
// ledgers are kept from running ahead of it. An absent `world` is `clock`. `warn` takes what an operator has to know to
// the log, one sentence that holds no value of a claim: that a write was stamped ahead of the clock. It is called by
// any thread, while others write too, and must not throw.
struct Parts {
  std::unique_ptr<Store> store;
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Clock> world = {};
  std::shared_ptr<IdSource> ids = {};
  ClockSource clock_source = ClockSource::engine;
  Oracle* oracle = nullptr;
  std::shared_ptr<Embedder> embedder = {};  // absent: things are found by words, or by vectors that the caller brings
  std::function<void(std::string_view)> warn = {};
  std::shared_ptr<Observer> observer = {};  // of each call; system::Metrics is one
};

}  // namespace claimledger
