#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "application/view.hpp"
#include "application/write.hpp"
#include "application/writer_queues.hpp"

namespace claimledger::application {

// The writes of one turn. Group commit: who has the turn decides its own write and those that wait behind it, each over
// the batches before it, and appends all in one durable write. A group is what came while the one before was written;
// nobody waits for it to grow. Each write has an outcome of its own, and is decided again where a batch before it is
// not written after all.
// Threads: one, that of the leader.
class WriteGroup {
 public:
  // `turn`: the leader's.
  WriteGroup(Context& context, WriterQueues::Turn& turn, Write& leader)
      : context_(context), turn_(turn), leader_(leader) {}

  // Until the leader's write is done; gives up the turn then. Failure: what kept it from being begun; those of others
  // wait on.
  void run();

 private:
  // A ledger that is written here.
  struct Ledger {
    std::unique_ptr<TakenLines> taken = {};
    Wanted wanted = {};
    Head head = {};                   // the end of what is decided
    std::unique_ptr<View> view = {};  // with what is decided
    bool sound = true;                // all that was decided is written, as far as is known
    bool afresh = false;              // it has to be read
    bool checked = true;              // the view is of what is there, and no guess of the store
    bool doubtful = false;            // a batch stays in doubt: who knows what may still come
  };
  struct Member {
    Write* write;
    Ledger* ledger;
    std::optional<std::size_t> commit = {};  // its place among those of the group
  };

  void begin();
  // Plans for the leader, and for those behind it that may be done with it; returns how many these are.
  std::size_t look_ahead(bool alone);
  void begin_as_planned();
  void read(Ledger& ledger, const AgentId& agent, const Snapshot& snapshot, bool guessed);
  void decide(Member& member);
  void decide_others();
  void append();
  void resolve_doubts();
  void tell_of_what_landed(Observer& observer) const;
  // Tells what became of each member. Those that the store's turn can write in another attempt stay members: true if
  // there are some.
  bool conclude();
  enum class Settled { done, again, conflict };
  Settled settle(const Member& member);
  void give_back_lines();
  void note_done(const Member& member);
  // Lets the others go on that are done, or have to wait again.
  void tell();

  static constexpr std::size_t most_writes = 256;

  Context& context_;
  WriterQueues::Turn& turn_;
  Write& leader_;
  bool leader_is_done_ = false;

  std::map<AgentId, Ledger> ledgers_;
  std::unique_ptr<WriteTurn> store_turn_;
  std::vector<Member> members_;  // as they are decided
  std::vector<Commit> commits_;
  std::vector<TurnOutcome> outcomes_;
  std::vector<Write*> done_, put_back_;
};

}  // namespace claimledger::application
