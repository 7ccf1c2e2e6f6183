#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

// Writers of one agent take turns within this engine, and no agent waits for another; writers of other engines and
// processes meet at the store's head check.
//
// Threads:  acquire() from any thread; a turn is used and released by one thread at a time.
class WriterQueues {
  struct Queue {
    std::size_t writers = 0;  // the one whose turn it is, and those who wait
    bool taken = false;
    std::condition_variable_any released;
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

 private:
  void leave(Queues::iterator queue);

  mutable std::mutex mutex_;
  Queues queues_;
};

}  // namespace claimledger::application
