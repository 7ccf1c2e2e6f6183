#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

class Write;

// Whether the writers of all agents stand in one queue, since their commits share one durable write, or those of each
// agent in a queue of its own, so that no agent waits for another.
enum class Queueing { by_agent, together };

// Writers take turns within this engine, in the order in which they ask; writers of other engines and processes meet at
// the store. Who has the turn may do the writes of those who wait behind it together with its own.
//
// Threads:  acquire() and its like from any thread; a turn is used and released by one thread at a time.
class WriterQueues {
  enum class State {
    waiting,
    taken,    // another does its write
    written,  // … has done so
    granted,  // it has the turn
  };
  struct Waiter {
    Write* write = nullptr;  // that another may do; null: it needs a turn of its own
    State state = State::waiting;
    bool seen = false;  // by look_ahead() of who has the turn
    std::condition_variable_any woken = {};
  };
  // Behind who has the turn, who hands it to the first when it gives it up.
  struct Queue {
    std::list<Waiter*> waiting = {};
    std::map<const Write*, Waiter*> taken = {};
  };
  using Queues = std::map<AgentId, Queue>;

 public:
  explicit WriterQueues(Queueing queueing = Queueing::by_agent) : queueing_(queueing) {}

  // Released on destruction at the latest.
  class Turn {
   public:
    ~Turn() { release(); }
    Turn(Turn&& other) noexcept : queues_(std::exchange(other.queues_, nullptr)), queue_(other.queue_) {}
    Turn& operator=(Turn&&) = delete;
    // `done`: those of taken writes that are done, too.
    void release(std::span<Write* const> done = {});

    // Shows who waits behind this one, in order, until `visit` says false or one needs a turn of its own. No writer
    // comes or goes meanwhile.
    void look_ahead(const std::function<bool(const Write&)>& visit);
    // Takes the first who waits, if look_ahead() has shown it: it waits, whatever its deadline, until its write is
    // `done` or `put_back`. Null: there is none.
    Write* take();
    void done(std::span<Write* const> writes);
    // To wait again in front of all others, in this order.
    void put_back(std::span<Write* const> writes);

   private:
    friend class WriterQueues;
    Turn(WriterQueues& queues, Queues::iterator queue) : queues_(&queues), queue_(queue) {}

    WriterQueues* queues_;
    Queues::iterator queue_;
  };

  // Waits until nobody else writes for this agent. Failure: StoreFailure{timeout | cancelled} when the call is over
  // first.
  Turn acquire(const AgentId& agent, const Call& call) { return std::move(*wait(agent, call, nullptr)); }
  // The same, or nothing where another has done this write meanwhile.
  std::optional<Turn> acquire_or_be_done(const AgentId& agent, const Call& call, Write& write) {
    return wait(agent, call, &write);
  }

  // Whether nobody has a turn or waits for one; nothing is kept then.
  bool idle() const;
  // How many wait for a turn of this agent.
  std::size_t waiting(const AgentId& agent) const;

 private:
  static void tell_done(Queue& queue, std::span<Write* const> writes);
  std::optional<Turn> wait(const AgentId& agent, const Call& call, Write* write);
  // The agent whose queue it is; one that cannot be where all stand in one.
  AgentId queue_of(const AgentId& agent) const { return queueing_ == Queueing::by_agent ? agent : AgentId{}; }

  Queueing queueing_;
  mutable std::mutex mutex_;
  Queues queues_;
};

}  // namespace claimledger::application
