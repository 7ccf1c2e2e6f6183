#pragma once

#include <array>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "application/context.hpp"
#include "application/embedding.hpp"
#include "application/view.hpp"
#include "claimledger/writes.hpp"
#include "rules/rules.hpp"

// The course of every write: read at the head, decide purely, append one batch, answer. Several may share the first and
// the third (write_group.hpp).
namespace claimledger::application {

// One attempt at a write: the ledger at its head and the batch in the making.
struct Attempt {
  Attempt(const Context& what, IdSource& drawn, View& at_head, TxTime now)
      : context(what), ids(drawn), view(at_head), draft(view.begin(now)) {}

  const Context& context;
  IdSource& ids;  // of this write
  View& view;
  rules::BatchDraft& draft;  // the view's batch in the making

  rules::LineDraft on(View::LoadedLine& line) { return {line.key, line.state, draft}; }
  rules::Policy policy(std::optional<std::chrono::microseconds> ttl = {}) const;
};

struct WriteRequest {
  const AgentId& agent;
  const Caller& caller;
  const Call& call;
  Wanted wanted = {};  // read together with the head
  // Another head is answered with conflict, before anything is decided.
  std::optional<Position> expected_position = {};
  // Only to see what would be written: asks for no turn, so that a store that may only be read will do.
  bool dry_run = false;
  // It reads or writes so much that it shares its turn with no other write.
  bool alone = false;
  WriteVectors* vectors = nullptr;  // those that are filed with it; absent: those of the embedder
  InOrder::Place* place = nullptr;  // then it is alone, too
};

using Decide = std::function<WriteAnswer(Attempt&)>;

// Runs `decide` until what it drafted is appended, again on every conflict with another writer, limits::attempts times.
// `decide` fills the answer; a draft that stays empty is not appended. It may run in the thread of another writer. The
// receipts' position and time are filled in here if something is appended. Dependants of claims that lost validity are
// marked before the batch is sealed.
WriteAnswer write(Context& context, const WriteRequest& request, const Decide& decide);

// One write, from its call to its answer. Whoever has the turn does it, which need not be the thread that called.
class Write {
 public:
  // All of these outlive it.
  Write(Context& context, const WriteRequest& request, const Decide& decide, WriteVectors& vectors)
      : context_(context),
        request_(request),
        decide_(decide),
        vectors_(vectors),
        ids_(*context.parts.ids),
        alone_(request.alone || request.place) {}

  const WriteRequest& request() const { return request_; }

  // Decides over the ledger as the view has it, which ends with `head`, as if it had never been tried before. Where
  // there is something to write, the draft of the commit is then the view's last batch; otherwise nothing is left of it
  // there. Failure: none; it becomes the write's own.
  std::optional<Commit> decide(View& view, const Head& head);
  // What became of it. Without any of these nothing has to be written, or decide() failed.
  void landed(Position end) { answer_.position = end; }
  void fail(std::exception_ptr why) { failure_ = std::move(why); }
  // Counts that another writer came first. False: too often, and it has failed.
  bool may_try_again() noexcept;

  // How it has to be done from now on: in a turn that it shares with no other, because it or another of its group is
  // not well; on what is read and not on what a store knows.
  void go_alone() noexcept { alone_ = true; }
  bool goes_alone() const { return alone_; }
  void read_afresh() noexcept { afresh_ = true; }
  bool reads_afresh() const { return afresh_; }

  // For the caller, once: the answer, or the failure. Tells the oracle.
  WriteAnswer answer();

 private:
  // The ids and salts of one write. A failed attempt leaves its own to the next one, so that the written bytes do not
  // depend on the number of attempts.
  class Ids final : public IdSource {
   public:
    explicit Ids(IdSource& ids) : ids_(ids) {}
    void start_again() { next_uuid_ = next_salt_ = 0; }
    Uuid uuid(Instant at) override;
    std::array<std::uint8_t, 16> salt() override;

   private:
    IdSource& ids_;
    std::vector<std::pair<Instant, Uuid>> uuids_;
    std::vector<std::array<std::uint8_t, 16>> salts_;
    std::size_t next_uuid_ = 0, next_salt_ = 0;
  };

  std::optional<Commit> try_decide(View& view, const Head& head);

  Context& context_;
  const WriteRequest& request_;
  const Decide& decide_;
  WriteVectors& vectors_;
  Ids ids_;
  int attempts_ = 0;
  bool alone_;
  bool afresh_ = false;

  WriteAnswer answer_;
  std::exception_ptr failure_;
  std::optional<TxTime> drafted_at_;  // absent: there is nothing to write
  std::vector<AdjudicationItem> questions_;
};

// Marks every live claim derived from a weakened claim for review, transitively and once. Called after each decision,
// so that a claim said later in the same batch is not marked for a loss before it.
std::vector<ClaimId> mark_dependants(Attempt& attempt);

// Whether the head is not where the caller expects it, and the answer to that.
bool head_moved(const std::optional<Position>& expected, Position head);
WriteAnswer conflict(Position expected, Position head);

// Failure: StoreFailure for a commit that was refused or failed.
void require_landed(const Outcome& outcome, const char* operation);

// The next transaction time after a head.
TxTime stamp(const Head& head, const Clock& clock);

// The item that an oracle is told about, made from the line as it is now.
std::optional<AdjudicationItem> item_of(const AgentId& agent, const View::LoadedLine& line, const ClaimId& challenger);

}  // namespace claimledger::application
