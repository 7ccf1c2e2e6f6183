#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

// Writers of one agent take turns within this engine, in the order in which they ask, and no agent waits for another;
// writers of other engines and processes meet at the store's head check.
//
// Threads:  acquire() from any thread; a turn is used and released by one thread at a time.
class WriterQueues {
  struct Waiter {
    bool granted = false;
    std::condition_variable_any woken;
  };
  // Of an agent of whom somebody has the turn: whoever gives it up hands it to the first.
  struct Queue {
    std::list<Waiter*> waiting = {};
  };
  using Queues = std::map<AgentId, Queue>;

 public:
  // Released on destruction at the latest.
  class Turn {
   public:
    ~Turn() { release(); }
    Turn(Turn&& other) noexcept : queues_(std::exchange(other.queues_, nullptr)), queue_(other.queue_) {}
    Turn& operator=(Turn&&) = delete;
    void release();

   private:
    friend class WriterQueues;
    Turn(WriterQueues& queues, Queues::iterator queue) : queues_(&queues), queue_(queue) {}

    WriterQueues* queues_;
    Queues::iterator queue_;
  };

  // Waits until nobody else writes for this agent. Failure: StoreFailure{timeout | cancelled} when the call is over
  // first.
  Turn acquire(const AgentId& agent, const Call& call);

  // Whether nobody has a turn or waits for one; nothing is kept then.
  bool idle() const;
  // How many wait for this agent's turn.
  std::size_t waiting(const AgentId& agent) const;

 private:
  mutable std::mutex mutex_;
  Queues queues_;
};

}  // namespace claimledger::application
