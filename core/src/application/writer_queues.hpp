#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::application {

class Write;
struct Decided;

// Whether the writers of all agents stand in one queue, since their commits share one durable write, or those of each
// agent in a queue of its own, so that no agent waits for another.
enum class Queueing { by_agent, together };

// Writers take turns within this engine, in the order in which they ask; writers of other engines and processes meet at
// the store. There are two turns: to decide, and to append. Who decides may do the writes of those who wait behind it
// together with its own; it needs the turn to append before it ends, and may let the next one decide while it appends.
//
// Threads:  acquire() and its likes from any thread; a turn is used and released by one thread at a time.
class WriterQueues {
  enum class State {
    waiting,
    taken,    // another does its write
    written,  // … has done so
    granted,  // it may decide
  };
  struct Waiter {
    explicit Waiter(Write* its_write) : write(its_write) {}
    Write* write;       // that another may do; null: it needs a turn of its own
    bool seen = false;  // by look_ahead() of who decides
    // Its own, so that those who are woken do not meet at that of all queues.
    std::mutex mutex = {};
    std::condition_variable woken = {};
    State state = State::waiting;  // changed under both
  };
  // They pass from one list to the next, so that nothing is allocated where somebody is told.
  using Waiters = std::list<std::shared_ptr<Waiter>>;
  // Woken after the locks are given up: who wakes first would only wait for them.
  using Woken = Waiters;
  // Nobody waits unless somebody decides, who hands that turn to the first when it gives it up.
  struct Queue {
    Waiters waiting = {}, taken = {};
    std::map<const Write*, Waiters::iterator> taken_by_write = {};
    std::size_t turns = 0;                  // how many there are, be it that they may neither decide nor append
    bool decides = false, appends = false;  // whether somebody may
    std::shared_ptr<Decided> decided = {};  // what who appends has left to who decides
    // For who decides: another waits, or nobody appends any more.
    std::shared_ptr<std::condition_variable_any> moved = std::make_shared<std::condition_variable_any>();
  };
  using Queues = std::map<AgentId, Queue>;

 public:
  explicit WriterQueues(Queueing queueing = Queueing::by_agent) : queueing_(queueing) {}

  // That to decide, at first. Released on destruction at the latest.
  class Turn {
   public:
    ~Turn() { release(); }
    Turn(Turn&& other) noexcept
        : queues_(std::exchange(other.queues_, nullptr)),
          queue_(other.queue_),
          decides_(other.decides_),
          appends_(other.appends_) {}
    Turn& operator=(Turn&&) = delete;
    // Both. `done`: those of taken writes that are done, too.
    void release(std::span<Write* const> done = {});

    // --- Who waits

    // Shows who waits behind this one, in order, until `visit` says false or one needs a turn of its own. No writer
    // comes or goes meanwhile. Returns whether all were shown.
    bool look_ahead(const std::function<bool(const Write&)>& visit);
    // Takes the first who waits, if look_ahead() has shown it: it waits, whatever its deadline, until its write is
    // `done` or `put_back`. Null: there is none.
    Write* take();
    void done(std::span<Write* const> writes);
    // To wait again in front of all others, in this order.
    void put_back(std::span<Write* const> writes);

    // --- To append

    // Whether it has that turn, too; takes it unless another has it.
    bool may_append();
    // Waits until it may, or, if asked to, until somebody waits. Failure: StoreFailure{timeout | cancelled} when the
    // call is over first.
    void wait_to_append(const Call& call, bool or_somebody_waits = false);
    // For who may append: lets the next one decide, on this.
    void pass_on(std::shared_ptr<Decided> decided);
    // What who appends has passed on: for who decides meanwhile, and for itself, if nobody did. Null: another has taken
    // it, or there was nothing.
    std::shared_ptr<Decided> take_decided();
    // For who has passed it on: lets another append.
    void end_append();
    // Likewise, and waits, in front of all others, until it may decide once more. `put_back`: of taken writes those
    // that wait again, right behind it. Failure: as above.
    void wait_to_decide(const Call& call, std::span<Write* const> put_back = {});

   private:
    friend class WriterQueues;
    // The queues are locked.
    Turn(WriterQueues& queues, Queues::iterator queue) : queues_(&queues), queue_(queue) { ++queue_->second.turns; }

    WriterQueues* queues_;
    Queues::iterator queue_;
    bool decides_ = true, appends_ = false;
  };

  // Both turns: waits until nobody else writes for this agent. Failure, here and below: StoreFailure{timeout |
  // cancelled} when the call is over first.
  Turn acquire(const AgentId& agent, const Call& call) {
    auto turn = acquire_to_decide(agent, call);
    turn.wait_to_append(call);
    return turn;
  }
  // Waits until nobody else decides for this agent.
  Turn acquire_to_decide(const AgentId& agent, const Call& call) { return std::move(*wait(agent, call, nullptr)); }
  // The same, or nothing where another has done this write meanwhile.
  std::optional<Turn> acquire_or_be_done(const AgentId& agent, const Call& call, Write& write) {
    return wait(agent, call, &write);
  }

  // Whether nobody has a turn or waits for one; nothing is kept then.
  bool idle() const;
  // How many turns were asked for so far: each of them was given or waits.
  std::size_t asked() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  static void let_decide_next(Queue& queue, Woken& woken);
  static void tell_done(Queue& queue, std::span<Write* const> writes, Woken& woken);
  static void put_in_front(Queue& queue, std::span<Write* const> writes);
  // Until it may decide, or its write is done. Gives up the lock.
  static void wait_in(Queue& queue, const std::shared_ptr<Waiter>& me, Lock& lock, const Call& call);
  std::optional<Turn> wait(const AgentId& agent, const Call& call, Write* write);
  // The agent whose queue it is; one that cannot be where all stand in one.
  AgentId queue_of(const AgentId& agent) const { return queueing_ == Queueing::by_agent ? agent : AgentId{}; }

  Queueing queueing_;
  mutable std::mutex mutex_;
  Queues queues_;
  std::size_t asked_ = 0;
};

}  // namespace claimledger::application
