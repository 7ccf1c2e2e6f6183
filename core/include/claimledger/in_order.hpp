#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger {

// Writes that several threads make and that stand in the ledger in one order: for a bulk load, which is faster by two
// threads, since a batch is decided while the one before it is written. Where one fails, or its status is not `done`,
// those behind it fail with StoreFailure{cancelled}, and nothing of them is written.
//
//   InOrder order;
//   // in each of two threads, until there are no more:
//   auto [place, batch] = next();  // under one lock: `order.next()`, and the batch that belongs there
//   engine.ingest({.agent = agent, .statements = batch, .place = &place});
//
// Threads:  any.
class InOrder {
  struct State {
    std::mutex mutex = {};
    std::condition_variable_any moved = {};
    std::size_t given = 0;                 // places
    std::size_t begun = 0;                 // … of which so many, the first ones, had their turn
    std::size_t landed = 0;                // … and are written
    std::size_t failed = std::size_t(-1);  // the first that will not be, nor any behind it
  };

 public:
  // A place in the order, for one write. One that is given up unwritten is a write that failed.
  class Place {
   public:
    ~Place();
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;

    // For the engine.
    // Waits until the one before is decided; until it is written. Failure: StoreFailure{cancelled} where it failed, and
    // where the call is over first, {timeout} too.
    void wait_until_begun(const Call& call);
    void wait_until_landed(const Call& call);
    // Whether the one before is written.
    bool follows_what_landed() const;
    void begin() noexcept;
    void land() noexcept;
    void fail() noexcept;

   private:
    friend class InOrder;
    Place(std::shared_ptr<State> state, std::size_t number) : state_(std::move(state)), number_(number) {}
    void wait(std::size_t State::*reached, const Call& call);

    std::shared_ptr<State> state_;
    std::size_t number_;
  };

  // The place behind all that were given.
  Place next();

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace claimledger
