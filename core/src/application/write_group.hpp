#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "application/decided.hpp"
#include "application/write.hpp"
#include "application/writer_queues.hpp"

namespace claimledger::application {

// The writes of one turn. Group commit: who has the turn decides its own write and those that wait behind it, each over
// the batches before it, and appends all in one durable write. A group is what came while the one before was written;
// nobody waits for it to grow. Each write has an outcome of its own, and is decided again where a batch before it is
// not written after all.
//
// Where reads are near, a group is decided while the one before it is appended, over what that one has decided; where
// any of that is not written, or another process was faster, it is decided again, in the store's turn. Elsewhere its
// reads would cost more than they save.
// Threads: one, that of the leader.
class WriteGroup {
 public:
  // `turn`: the leader's.
  WriteGroup(Context& context, WriterQueues::Turn& turn, Write& leader)
      : context_(context), turn_(turn), leader_(leader) {}

  // Until the leader's write is done; gives up the turn then. False: it has a place in an order, and the one before it
  // is not written yet. Failure: what kept it from being begun; those of others wait on.
  bool run();

 private:
  // A ledger that is written here.
  struct Ledger {
    bool planned = false;                         // for a member, or for who may become one
    Wanted wanted = {};                           // by these
    std::unique_ptr<DecidedLedger> decided = {};  // absent: it was not read yet, or it was passed on
    bool sound = true;                            // all that was decided is written, as far as is known
    bool afresh = false;                          // it has to be read
    bool checked = true;                          // the view is of what is there, and no guess of the store
    bool doubtful = false;                        // a batch stays in doubt: who knows what may still come
  };
  struct Member {
    Write* write;
    Ledger* ledger;
    std::optional<std::size_t> commit = {};  // its place among those of the group
  };

  // --- In the store's turn

  void begin();
  void begin_as_planned();
  void read(Ledger& ledger, const Snapshot& snapshot, bool guessed);

  // --- While another appends

  // Decides all, waits until it may append, and begins the store's turn. False: it did not come to that, and all of it
  // waits still. Failure: what kept it from being begun; those of others wait on.
  bool decide_ahead();
  void decide_over(Decided& decided);
  // Reads what is wanted and not there yet.
  void read_ahead();
  // Begins the store's turn, if that ends each ledger where this group begins.
  bool follow();
  void put_back_others();
  void pass_on();
  // False: another has taken it.
  bool take_back();
  void note_durable(const std::vector<Commit>& commits);

  // --- All of them

  void start_again();
  // Whether what comes before the leader, if it has a place in an order, is written.
  bool follows_what_landed() const;
  void plan(const Write& write);
  // Plans for those who wait and may be done with the leader. Returns whether others could join them.
  bool look_ahead(bool alone);
  void decide(Write& write);
  void decide(Member& member);
  // False: there was no time or room for all of those that were shown.
  bool decide_others();
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
  std::vector<Commit>& commits() { return mine_->commits; }
  const std::vector<Commit>& commits() const { return mine_->commits; }

  static constexpr std::size_t most_writes = 256;

  Context& context_;
  WriterQueues::Turn& turn_;
  Write& leader_;
  bool leader_is_done_ = false;

  std::map<AgentId, Ledger> ledgers_;
  std::size_t planned_ = 0;                 // writes, the leader's among them, …
  std::size_t wanted_ = 0;                  // … and what they want
  std::shared_ptr<const Appended> before_;  // on which this group is decided; null: on what is durable
  std::unique_ptr<WriteTurn> store_turn_;
  bool passed_on_ = false;
  std::vector<Member> members_;  // as they are decided
  std::shared_ptr<Appended> mine_ = std::make_shared<Appended>();
  std::vector<TurnOutcome> outcomes_;
  std::vector<Write*> done_, put_back_;
};

}  // namespace claimledger::application
